"""The interval of the difference of paired proportions, and rates of pairs by group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.results.paired_rates import newcombe
from ctnb.results.rates import wilson

CELLS = st.tuples(*[st.integers(0, 3_000_000)] * 4)
SMALL = st.tuples(*[st.integers(0, 12)] * 4)


def bounds(*cells):
    low, high = newcombe(*cells)
    return float(low), float(high)


def by_hand(a, b, c, d):
    """The paper's formulas, one table at a time."""
    n = a + b + c + d
    p, q = (a + b) / n, (a + c) / n
    (l1, u1), (l2, u2) = [tuple(map(float, wilson(successes, n))) for successes in (a + b, a + c)]
    margins, excess = (a + b) * (c + d) * (a + c) * (b + d), a * d - b * c
    if excess > n / 2:
        excess -= n / 2
    elif excess >= 0:
        excess = 0
    phi = excess / margins**0.5 if margins else 0
    low = ((p - l1) ** 2 - 2 * phi * (p - l1) * (u2 - q) + (u2 - q) ** 2) ** 0.5
    high = ((u1 - p) ** 2 - 2 * phi * (u1 - p) * (q - l2) + (q - l2) ** 2) ** 0.5
    return p - q - low, p - q + high


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        # Complete response before and after consolidation therapy (Cavo et al., 2012), as R's contingencytables has it
        # in Newcombe_square_and_add_CI_paired_2x2 and its tests: the correlation is corrected for continuity.
        ((59, 6, 16, 80), -0.1186, -0.0046),
        # Reckoned from the paper's formulas: a small excess, so no correlation; a negative one, uncorrected.
        ((1, 1, 7, 12), -0.5069, -0.0256),
        ((36, 12, 2, 0), 0.0569, 0.3404),
    ],
)
def test_it_gives_the_published_intervals(cells, low, high):
    assert bounds(*cells) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(SMALL.filter(any))
def test_it_is_the_formula_of_the_paper(cells):
    low, high = by_hand(*cells)
    assert bounds(*cells) == (pytest.approx(max(low, -1), abs=1e-9), pytest.approx(min(high, 1), abs=1e-9))


@given(CELLS.filter(any))
def test_it_holds_the_difference_and_stays_within_one(cells):
    low, high = bounds(*cells)
    assert -1 <= low <= (cells[1] - cells[2]) / sum(cells) <= high <= 1


@given(CELLS.filter(any))
def test_before_and_after_in_each_others_place_mirror_it(cells):
    a, b, c, d = cells
    low, high = bounds(a, b, c, d)
    assert bounds(a, c, b, d) == (pytest.approx(-high, abs=1e-9), pytest.approx(-low, abs=1e-9))


def test_no_pairs_have_no_interval():
    assert np.isnan(bounds(0, 0, 0, 0)).all()


@pytest.mark.parametrize("cells", [(10, 0, 0, 0), (0, 0, 0, 10), (5, 0, 0, 5)])
def test_pairs_that_all_agree_have_an_interval_around_0(cells):
    low, high = bounds(*cells)
    assert low == pytest.approx(-high)
    assert 0 < high < 1


def test_all_gained_ends_at_1():
    low, high = bounds(0, 10, 0, 0)
    assert high == 1
    assert 0 < low < 1


def test_a_column_of_tables_is_each_of_them():
    tables = [(59, 6, 16, 80), (0, 0, 0, 0), (10, 0, 0, 0)]
    found = np.transpose(newcombe(*zip(*tables, strict=True)))
    np.testing.assert_array_equal(found, [bounds(*table) for table in tables])
