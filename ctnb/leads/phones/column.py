"""A column of phones: what is plain by the numbering plan's tables, the rest cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_lists import gathered, lengths_of, rows_of, without_repeats
from ctnb.leads.columns.arrow_text import TEXT, joined, matching, mended, strings_of, text, texts_of
from ctnb.leads.columns.cells import LONGEST_SHOWN, plain_text, shown
from ctnb.leads.columns.problems import Problems, first_of
from ctnb.leads.contacts import Contacts, read_contacts
from ctnb.leads.phones.digits import digit_runs, masked
from ctnb.leads.phones.one_cell import read_cell
from ctnb.leads.phones.plans import LEFT, NO_KIND, Plan, plan_of
from ctnb.leads.phones.reading import shortest_pair
from ctnb.leads.phones.spellings import Spellings, plainer, split
from ctnb.leads.phones.writing import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Lists, Parts, Rows
    from ctnb.leads.columns.arrow_text import Strings

FEWEST_CELLS: Final = 100
"""Cells of one kind for which a page of the plan is made; fewer are sooner read with the library."""

FEWEST_DIGITS: Final = 7
"""Digits of a text that is looked at for another spelling than the plain one."""

LARGEST_EXACT: Final = 1 << 53
"""Bound under which every whole float64 is itself and not a neighbour."""

PLAIN: Final = r"^[0-9*+().-]+(?: [0-9*+().-]+)*$"
"""Texts that are shown as they are, RE2, unless they are long."""

KINDS: Final = {str: 1, int: 2, float: 3}
DTYPES: Final = ("", "object", "int64", "float64")
"""For each of these kinds of objects, and for the others before them, the column that they are read as."""

NUMBERS: Final = (pd.Int64Dtype, pd.UInt64Dtype, pd.Int32Dtype, pd.Float64Dtype)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of n texts.

    Attributes
    ----------
    phones : list of (rows, numbers)
        Texts that are one valid number each, and those numbers, in parts for `gathered`.
    refused : ndarray of intp, shape (k,)
        Texts that are no valid number, and in which none can be found, ascending.
    codes : ndarray of uint16, shape (k,)
        Why, as a place in ``plan.outcomes``.
    left : ndarray of intp
        Texts of which nothing is known but that they have digits enough, ascending.
    rest : ndarray of intp
        The other texts that are not empty, ascending.
    short : ndarray of intp
        Texts, read or not, that have few digits, ascending.
    """

    phones: Parts
    refused: Rows
    codes: npt.NDArray[np.uint16]
    left: Rows
    rest: Rows
    short: Rows


def read_column(cells: pd.Series[Any], region: str) -> Contacts:
    """Find the phones of a column; what `read_cell` finds in each cell.

    Parameters
    ----------
    cells : Series, shape (n,)
        Any dtype.
    region : str
        Country whose numbers are written without a country code, checked.
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return read_categories(cells, region)
    if cells.dtype.kind in "iuf" and isinstance(cells.dtype, (np.dtype, pd.ArrowDtype, *NUMBERS)):
        return read_numbers(cells, region)
    texts = texts_of(cells)
    if texts is not None:
        return read_texts(texts, cells, region)
    return read_objects(cells, region) if cells.dtype == object else read_distinct(cells, region)


def read_distinct(cells: pd.Series[Any], region: str) -> Contacts:
    """Read each distinct cell by itself."""
    return read_contacts(cells, partial(read_cell, region=region))


def read_categories(cells: pd.Series[Any], region: str) -> Contacts:
    """Read each category that occurs once."""
    cells = cells.cat.remove_unused_categories()
    read = read_column(pd.Series(cells.cat.categories), region)
    # A place more, for the cells that have no category.
    known = np.arange(len(read.values))
    whole = placed([(known, read)], len(known) + 1)
    codes = cells.cat.codes.to_numpy().astype(np.intp)
    return Contacts(whole.values.take(pa.array(codes % len(whole.values))), whole.problems.take(codes))


def read_objects(cells: pd.Series[Any], region: str) -> Contacts:
    """Read a column of mixed objects: texts together, plain numbers together, and the others one by one."""
    kinds = np.array([KINDS.get(type(cell), 0) for cell in cells], dtype=np.int8)
    parts = []
    for kind, dtype in enumerate(DTYPES):
        rows = np.flatnonzero(kinds == kind)
        if len(rows):
            some = cells.iloc[rows]
            parts.append((rows, read_as(some, dtype, region) if dtype else read_distinct(some, region)))
    return placed(parts, len(cells)) if parts else read_distinct(cells, region)


def read_as(cells: pd.Series[Any], dtype: str, region: str) -> Contacts:
    """Read objects of one type as a column of it, if it can hold them."""
    try:
        column = pd.Series(cells.to_numpy(), dtype=dtype)
    except OverflowError:
        return read_distinct(cells, region)
    return read_numbers(column, region) if dtype != "object" else read_strings(column, region)


def read_strings(cells: pd.Series[Any], region: str) -> Contacts:
    """Read objects that are all of type str, some of which may be no Unicode."""
    texts = texts_of(cells)
    return read_distinct(cells, region) if texts is None else read_texts(texts, cells, region)


def read_numbers(cells: pd.Series[Any], region: str) -> Contacts:
    """Read a column of integers or floats by their digits, as far as these are sure."""
    numbers = pa.array(cells.to_numpy() if isinstance(cells.dtype, np.dtype) else cells.array, from_pandas=True)
    numbers = numbers.combine_chunks() if isinstance(numbers, pa.ChunkedArray) else numbers
    if cells.dtype.kind in "iu":
        return read_texts(numbers.cast(TEXT), cells, region)
    if not pa.types.is_float64(numbers.type):
        return read_distinct(cells, region)
    floats = numbers.to_numpy(zero_copy_only=False)
    is_whole = (np.abs(floats) < LARGEST_EXACT) & (floats == np.trunc(floats))
    whole, rest = np.flatnonzero(is_whole), np.flatnonzero(~is_whole & ~np.isnan(floats))
    texts = pa.array(floats[whole].astype(np.int64)).cast(TEXT)
    read = read_texts(texts, cells.iloc[whole], region)
    return placed([(whole, read), (rest, read_distinct(cells.iloc[rest], region))], len(cells))


def placed(parts: Sequence[tuple[Rows, Contacts]], length: int) -> Contacts:
    """Put the contacts of some rows each into a column of n rows; the other rows are empty."""
    values = gathered([(rows[rows_of(read.values)], read.values.flatten()) for rows, read in parts], length)
    return Contacts(values, first_of([read.problems.spread(rows, length) for rows, read in parts]))


def read_texts(texts: Strings, cells: pd.Series[Any], region: str) -> Contacts:
    """Read a column whose cells say no more than their texts do.

    Parameters
    ----------
    texts : LargeStringArray of length n
        Null where the cell is missing.
    cells : Series, shape (n,)
        The same cells, for those that are read one by one.
    """
    plan = plan_of(region)
    whole = read_plain(texts, plan)
    left = texts.take(pa.array(whole.left))
    spelt = Spellings.of(left)
    single = read_single(left, np.flatnonzero(spelt.may_be_single), plan)
    is_left = np.ones(len(left), dtype=bool)
    for rows, _ in single:
        is_left[rows] = False
    paired, several = read_several(left, np.flatnonzero(spelt.may_be_several & is_left), plan)
    is_left[paired] = False
    rest = np.sort(np.concatenate([whole.left[is_left], whole.rest]))
    read = read_distinct(cells.iloc[rest], region)
    parts = [
        *whole.phones,
        *((whole.left[rows], phones) for rows, phones in single),
        (whole.left[paired][rows_of(several)], several.flatten()),
        (rest[rows_of(read.values)], read.values.flatten()),
    ]
    problems = refusals(texts.take(pa.array(whole.refused)), whole.codes, plan).spread(whole.refused, len(texts))
    return Contacts(gathered(parts, len(texts)), first_of([problems, read.problems.spread(rest, len(texts))]))


def read_plain(texts: Strings, plan: Plan, *, raw: bool = True) -> Read:
    """Read texts in which nothing but the digits, and a plus before them, can matter.

    Parameters
    ----------
    texts : LargeStringArray of length n
    plan : Plan
        Learns what it is asked often.
    raw : bool
        Whether the texts are as they stood in the cells; see `digit_runs`.
    """
    runs = digit_runs(texts, raw=raw)
    counts = np.bincount(runs.kinds, minlength=NO_KIND + 1)[:NO_KIND]
    for kind in np.flatnonzero(counts >= FEWEST_CELLS).tolist():
        plan.learn(kind)
    codes = plan.look_up(runs.kinds, runs.firsts)
    asked = np.flatnonzero((codes == LEFT) & (runs.kinds != NO_KIND))
    codes[asked] = [plan.ask(runs.text(row)) for row in asked.tolist()]
    is_valid = np.take(np.array([bool(outcome.country) for outcome in plan.outcomes]), codes)
    # The library looks for two numbers in what is none, and may find them where the digits are parted.
    is_paired = runs.spaced & (runs.lengths >= shortest_pair(plan.reader.region))
    is_refused = (codes != LEFT) & ~(is_valid | is_paired | runs.lettered)
    empty = pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False) == 0
    refused = np.flatnonzero(is_refused)
    is_left = ~(is_valid | is_refused | empty)
    is_long = runs.counts >= FEWEST_DIGITS
    left, rest = np.flatnonzero(is_left & is_long), np.flatnonzero(is_left & ~is_long)
    return Read(written(runs, codes, plan), refused, codes[refused], left, rest, np.flatnonzero(~is_long))


def read_single(texts: Strings, rows: Rows, plan: Plan) -> Parts:
    """Read some of n texts that may be one number, each in one of its usual spellings.

    Returns
    -------
    list of (rows, numbers)
        Texts that are a valid number, and those numbers, in parts; nothing is said of the others.
    """
    read = read_plain(plainer(texts.take(pa.array(rows))), plan, raw=False)
    return [(rows[some], phones) for some, phones in read.phones]


def read_several(texts: Strings, rows: Rows, plan: Plan) -> tuple[Rows, Lists]:
    """Read some of n texts that may be two valid numbers or more, with separators between them.

    Returns
    -------
    rows : ndarray of intp, shape (m,)
        Texts that consist of such, ascending; nothing is said of the others.
    phones : large_list of large_string, length m
        Their numbers, in the order of the text, without repeats.
    """
    owners, pieces = split(texts.take(pa.array(rows)))
    counts = np.bincount(owners, minlength=len(rows))
    whole = read_plain(pieces, plan)
    found = gathered([*whole.phones, *read_single(pieces, whole.left, plan)], len(pieces))
    # Digits, a comma and a few zeros may be one number with a fraction of nothing.
    is_short = np.zeros(len(rows), dtype=bool)
    is_short[owners[whole.short]] = True
    is_known = (counts > 1) & ~is_short
    is_known &= np.bincount(owners, weights=lengths_of(found), minlength=len(rows)) == counts
    places = np.cumsum(is_known) - 1
    kept = np.flatnonzero(is_known[owners])
    numbers = found.take(pa.array(kept)).flatten()
    return rows[is_known], without_repeats(gathered([(places[owners[kept]], numbers)], int(is_known.sum())))


def refusals(texts: Strings, codes: npt.NDArray[np.uint16], plan: Plan) -> Problems:
    """Say why each of some texts is no phone, contacts masked.

    Parameters
    ----------
    texts : LargeStringArray of length k
    codes : ndarray of uint16, shape (k,)
        Places in ``plan.outcomes``; the same text has the same everywhere.
    """
    if not len(texts):
        return Problems.none(0)
    outcomes = tuple(plan.outcomes)  # Another thread may learn more of them meanwhile.
    coded = masked(texts).dictionary_encode()
    pairs, places = np.unique(coded.indices.to_numpy() * np.int64(len(outcomes)) + codes, return_inverse=True)
    words = coded.dictionary.take(pa.array(pairs // len(outcomes)))
    reasons = strings_of([outcome.reason for outcome in outcomes]).take(pa.array(pairs % len(outcomes)))
    # Stripped twice, as the reference strips the whole text and then its only piece.
    plain = matching(words, PLAIN) & (pc.binary_length(words).to_numpy() <= LONGEST_SHOWN)
    short = mended(words, ~plain, lambda word: shown(plain_text(plain_text(word))))
    return Problems(places.astype(np.int32), joined(text("'"), short, text("': "), reasons).to_pylist())
