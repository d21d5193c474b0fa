"""Valid numbers of a column of digit strings, written as texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Parts, Rows
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.phones.digits import DigitRuns
    from ctnb.leads.phones.plans import Outcome, Plan

LONGEST_CODE: Final = 3
"""Digits of a country code; what the library writes before a number may be more."""


def written(runs: DigitRuns, codes: npt.NDArray[np.uint16], plan: Plan) -> Parts:
    """Write the valid numbers of n cells as texts.

    Parameters
    ----------
    runs : DigitRuns
        Of n cells.
    codes : ndarray of uint16, shape (n,)
        Places of what the cells come to in ``plan.outcomes``.

    Returns
    -------
    list of (rows, texts)
        Country code and national number, digits only, for `gathered`; each valid cell is in one part.
    """
    outcomes = tuple(plan.outcomes)  # Another thread may learn more of them meanwhile.
    lengths = np.array([len(outcome.country) for outcome in outcomes])
    dropped = np.array([outcome.dropped for outcome in outcomes])
    is_valid, as_long = lengths > 0, (lengths > 0) & (lengths <= LONGEST_CODE) & (lengths == dropped)
    # Most cells have the very digits that are wanted, or an 8 in the place of the country code's 7.
    is_own = np.take(as_long, codes) & (runs.lengths == runs.counts)
    others = np.flatnonzero(np.take(is_valid, codes) & ~is_own)
    return [
        (np.flatnonzero(is_own), recoded(runs, is_own, codes, outcomes)),
        (others, composed(runs, others, codes[others], outcomes)),
    ]


def recoded(runs: DigitRuns, is_own: Flags, codes: npt.NDArray[np.uint16], outcomes: Sequence[Outcome]) -> Strings:
    """Write those of n numbers, in order, as the digits of their cells, the country code in the place of as many."""
    lengths = np.array([len(outcome.country) for outcome in outcomes])
    heads = [outcome.country[:LONGEST_CODE].ljust(LONGEST_CODE) for outcome in outcomes]
    countries = np.frombuffer("".join(heads).encode(), dtype=np.uint8).reshape(-1, LONGEST_CODE)
    digits, rows = runs.digits.copy(), np.flatnonzero(is_own)
    for place in range(LONGEST_CODE):
        rows = rows[lengths[codes[rows]] > place] if place else rows
        digits[runs.starts[rows] + place] = countries[codes[rows], place]
    bounds = np.append(runs.starts, runs.starts[-1:] + runs.counts[-1:])
    texts = pa.LargeStringArray.from_buffers(len(runs.starts), pa.py_buffer(bounds), pa.py_buffer(digits))
    return texts.filter(pa.array(is_own))


def composed(runs: DigitRuns, rows: Rows, codes: npt.NDArray[np.uint16], outcomes: Sequence[Outcome]) -> Strings:
    """Write m of n numbers as the country code and what stands behind the first digits of the cell; m codes."""
    countries = [outcome.country for outcome in outcomes]
    code_lengths = np.array([len(country) for country in countries])[codes]
    dropped = np.array([outcome.dropped for outcome in outcomes])[codes]
    begins, national = runs.starts[rows] + dropped, runs.lengths[rows] - dropped
    ends = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(code_lengths + national, out=ends[1:])
    letters = np.empty(ends[-1], dtype=np.uint8)
    for length, some in by_value(code_lengths):
        heads = np.array([country[:length] for country in countries], dtype=f"S{length}")
        spans(letters, length)[ends[:-1][some]] = heads[codes[some]]
    for length, some in by_value(national):
        spans(letters, length)[(ends[:-1] + code_lengths)[some]] = spans(runs.digits, length)[begins[some]]
    return pa.LargeStringArray.from_buffers(len(rows), pa.py_buffer(ends), pa.py_buffer(letters))


def by_value(values: npt.NDArray[np.signedinteger[Any]]) -> list[tuple[int, Flags | slice]]:
    """Return each value that occurs with the places of it; all places when there is but one value."""
    found = np.flatnonzero(np.bincount(values)).tolist()
    return [(value, slice(None) if len(found) == 1 else values == value) for value in found]


def spans(letters: npt.NDArray[np.uint8], length: int) -> npt.NDArray[np.bytes_]:
    """Return a view in which place i is the `length` bytes from byte i on; writing to it writes to the bytes."""
    return np.ndarray((len(letters) - length + 1,), f"S{length}", letters, strides=(1,))
