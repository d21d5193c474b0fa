"""A column of texts with phones: by the digits alone, then by the usual spellings, the rest text by text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_lists import gathered, lengths_of, without_repeats
from ctnb.leads.columns.arrow_text import matching
from ctnb.leads.columns.problems import Problems
from ctnb.leads.contacts import Contacts, read_contacts
from ctnb.leads.phones.asides import FEWEST_WITH_DATE
from ctnb.leads.phones.digit_reader import shortest_pair
from ctnb.leads.phones.digits import digit_runs
from ctnb.leads.phones.numbering_plan import DEEPEST, UNKNOWN, plan_of
from ctnb.leads.phones.one_cell import read_cell
from ctnb.leads.phones.refusals import refusals
from ctnb.leads.phones.spellings import Signs, plainer, split

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.leads.columns.arrow_lists import Lists, Rows
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.phones.digits import DigitRuns
    from ctnb.leads.phones.numbering_plan import NumberingPlan

# What `ctnb.leads.phones.notes` and its `asides` look for in texts that are read one by one, and somewhat more.
SHORT_GROUP: Final = r"^[^0-9+]*[0-9]{1,2}[^0-9]"
LIST_MARK: Final = r"^[^0-9+]*[0-9]{1,2}[.)]"
DATE: Final = r"[0-9]{2}[.][0-9]{2}[.]|[0-9]{4}-[0-9]{2}-"
DOTTED: Final = r"[.][^0-9]+[0-9]{1,2}[^0-9]*$|1[0-9]{9}[.][0-9]"
DIALLED: Final = (7, 8)
FIRST_DIGIT: Final = 10 ** (DEEPEST - 1)

FEWEST_PHONE_DIGITS: Final = 7
"""Digits of a text that is looked at for another spelling than the plain one."""


@dataclass(frozen=True, slots=True)
class DigitsRead:
    """Result of reading n texts by their digits alone.

    Attributes
    ----------
    rows : ndarray of intp, shape (m,)
        Texts that are one valid number each, ascending.
    numbers : LargeStringArray of length m
        Those numbers.
    refused : ndarray of intp, shape (k,)
        Texts that are no valid number, and in which none can be found, ascending.
    codes : ndarray of uint16, shape (k,)
        Why, as an index in ``plan.conversions``.
    unread : ndarray of intp
        The other texts that are not empty, ascending.
    is_short : ndarray of bool, shape (n,)
        Whether a text, read or not, has few digits.
    """

    rows: Rows
    numbers: Strings
    refused: Rows
    codes: npt.NDArray[np.uint16]
    unread: Rows
    is_short: Flags


def read_texts(texts: Strings, cells: pd.Series[Any], region: str) -> Contacts:
    """Read a column whose cells hold nothing but their texts.

    Parameters
    ----------
    texts : LargeStringArray of length n
        Null where the cell is missing.
    cells : Series, shape (n,)
        The same cells, for those that are read one by one.
    region : str
        Country whose numbers are written without a country code, checked.
    """
    plan = plan_of(region)
    read = read_digits(texts, plan)
    problems = refusals(texts.take(pa.array(read.refused)), read.codes, plan)
    parts = [(read.rows, Contacts.one_each(read.numbers)), (read.refused, Contacts.none(problems))]
    rest = read.unread
    left = rest[~read.is_short[rest]]
    if len(left):
        spelled = [(left[rows], found) for rows, found in read_spellings(texts.take(pa.array(left)), plan)]
        parts += spelled
        rest = np.setdiff1d(rest, np.concatenate([rows for rows, _ in spelled]), assume_unique=True)
    if len(rest):
        parts.append((rest, read_each(cells.iloc[rest], region)))
    return Contacts.gathered(parts, len(texts))


def read_each(cells: pd.Series[Any], region: str) -> Contacts:
    """Read each distinct cell by itself."""
    return read_contacts(cells, partial(read_cell, region=region))


def read_digits(texts: Strings, plan: NumberingPlan) -> DigitsRead:
    """Read texts in which nothing but the digits, and a plus before them, can matter.

    Parameters
    ----------
    texts : LargeStringArray of length n
    plan : NumberingPlan
        It learns the kinds of digit strings that are many.
    """
    runs = digit_runs(texts)
    codes = plan.codes_of(runs.kinds, runs.firsts, runs.text)
    is_valid = np.take(np.array([bool(each.country) for each in plan.conversions]), codes)
    # The library looks for two numbers in what is none, and may find them where the digits are parted.
    is_paired = runs.spaced & (runs.lengths >= shortest_pair(plan.reader.region))
    is_refused = (codes != UNKNOWN) & ~(is_valid | is_paired)
    odd = unclear(texts, runs, codes, plan, is_valid=is_valid, is_refused=is_refused)
    is_valid[odd] = is_refused[odd] = False
    is_empty = pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False) == 0
    rows, refused = np.flatnonzero(is_valid), np.flatnonzero(is_refused)
    return DigitsRead(
        rows,
        runs.numbers(rows, codes[rows], plan.conversions),
        refused,
        codes[refused],
        np.flatnonzero(~(is_valid | is_refused | is_empty)),
        runs.lengths < FEWEST_PHONE_DIGITS,
    )


def unclear(
    texts: Strings,
    runs: DigitRuns,
    codes: npt.NDArray[np.uint16],
    plan: NumberingPlan,
    *,
    is_valid: Flags,
    is_refused: Flags,
) -> Rows:
    """Return the texts in which the gaps between the digits may matter, too."""
    dated = np.flatnonzero(is_valid & runs.spaced & (runs.lengths >= FEWEST_WITH_DATE))
    unsigned = runs.spaced & ~runs.signed
    # A trunk prefix that stands alone, or a list mark, may have been taken for a part of the number.
    dropped = np.take(np.array([each.dropped for each in plan.conversions]), codes)
    firsts = runs.firsts // FIRST_DIGIT
    is_dialled = (dropped > 0) & ((firsts == DIALLED[0]) | (firsts == DIALLED[1]))
    whole, refused = np.flatnonzero(is_valid & unsigned & ~is_dialled), np.flatnonzero(is_refused & unsigned)
    dotted = np.flatnonzero((is_valid | is_refused) & runs.dotted)
    looked_at = ((dotted, DOTTED), (dated, DATE), (whole, SHORT_GROUP), (refused, LIST_MARK))
    return np.concatenate([rows[found_in(texts, rows, pattern)] for rows, pattern in looked_at])


def found_in(texts: Strings, rows: Rows, pattern: str) -> Flags:
    """Tell in which of some texts an RE2 pattern is found."""
    return matching(texts.take(pa.array(rows)), pattern) if len(rows) else np.zeros(0, dtype=bool)


def read_spellings(texts: Strings, plan: NumberingPlan) -> list[tuple[Rows, Contacts]]:
    """Read texts, none null or empty, in the usual spellings of one number or of several.

    Returns
    -------
    list of (rows, contacts)
        Texts that could be read, ascending in each part, and their numbers; the others stay unread.
    """
    signs = Signs.of(texts)
    single, numbers = read_single(texts, np.flatnonzero(signs.may_be_single), plan)
    may_be_several = signs.may_be_several
    may_be_several[single] = False
    several, lists = read_several(texts, np.flatnonzero(may_be_several), plan)
    return [(single, Contacts.one_each(numbers)), (several, Contacts(lists, Problems.none(len(several))))]


def read_single(texts: Strings, rows: Rows, plan: NumberingPlan) -> tuple[Rows, Strings]:
    """Read some of n texts as one number each.

    Returns
    -------
    rows : ndarray of intp, shape (m,)
        Texts that are a valid number, ascending.
    numbers : LargeStringArray of length m
    """
    plain = plainer(texts.take(pa.array(rows)))
    # Where something was taken off before a final .0, the text is not the spreadsheet's number that it looks like.
    is_sure = ~pc.ends_with(plain, ".0").to_numpy(zero_copy_only=False)
    rows, plain = rows[is_sure], plain.filter(pa.array(is_sure))
    read = read_digits(plain, plan)
    return rows[read.rows], read.numbers


def read_several(texts: Strings, rows: Rows, plan: NumberingPlan) -> tuple[Rows, Lists]:
    """Read some of n texts as two valid numbers or more, with separators between them.

    Returns
    -------
    rows : ndarray of intp, shape (m,)
        Texts that consist of such, ascending.
    numbers : large_list of large_string, length m
        In the order of the text, without repeats.
    """
    owners, pieces = split(texts.take(pa.array(rows)))
    counts = np.bincount(owners, minlength=len(rows))
    read = read_digits(pieces, plan)
    single, numbers = read_single(pieces, read.unread[~read.is_short[read.unread]], plan)
    found = gathered([(read.rows, read.numbers), (single, numbers)], len(pieces))
    # Digits, a comma and a few zeros may be one number with a fraction of nothing.
    is_known = (counts > 1) & (np.bincount(owners, weights=read.is_short, minlength=len(rows)) == 0)
    is_known &= np.bincount(owners, weights=lengths_of(found), minlength=len(rows)) == counts
    known = np.cumsum(is_known) - 1
    kept = np.flatnonzero(is_known[owners])
    numbers = found.take(pa.array(kept)).flatten()
    return rows[is_known], without_repeats(gathered([(known[owners[kept]], numbers)], int(is_known.sum())))
