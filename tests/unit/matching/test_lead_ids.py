"""Which lead an id names, and whether it names several."""

import numpy as np
import pyarrow as pa
import pytest

from ctnb.matching.lead_ids import LeadIds


def texts(*values):
    return pa.array(values, pa.large_string())


IDS = LeadIds(
    (texts("11", "12", None, "12", "15"), texts("a", "b", "11", "b", "a"), texts(None, "12", "c", None, "c")), 100
)


@pytest.mark.parametrize(
    ("text", "numeric", "lead"),
    [
        ("12", True, 101),
        ("12", False, 101),
        # The vendor's own ids are tried before the others.
        ("11", False, 100),
        ("b", False, 101),
        ("c", False, 102),
        ("c", True, -1),
        ("x", False, -1),
    ],
)
def test_a_number_is_the_vendors_own_id_and_a_text_is_tried_as_every_kind(text, numeric, lead):
    assert IDS.find(texts(text), np.array([numeric])).tolist() == [lead]


@pytest.mark.parametrize(
    ("text", "numeric", "several"),
    [
        ("a", False, True),
        # Two rows of one call, read twice.
        ("b", False, False),
        ("11", False, True),
        ("11", True, False),
        ("12", False, False),
        ("c", False, True),
        ("x", False, False),
    ],
)
def test_a_text_may_name_several_leads(text, numeric, several):
    assert IDS.name_several(texts(text), np.array([numeric])).tolist() == [several]


def test_rows_with_one_id_of_the_vendors_are_one_lead():
    assert IDS.same_as.tolist() == [100, 101, 102, 101, 104]


def test_an_empty_journal_has_no_lead():
    empty = LeadIds((texts(), texts()), 0)
    assert empty.find(texts("1"), np.array([False])).tolist() == [-1]
    assert empty.name_several(texts("1"), np.array([False])).tolist() == [False]
