"""Bytes of a column of texts as strings of digits, where nothing but digits can matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ctnb.leads.phones.plans import DEEPEST, NO_KIND, kinds_of

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags, Strings

CHUNK: Final = 1 << 15
"""Cells that are worked on at once, so that what is worked with stays in the processor's cache."""

LONGEST: Final = 250
"""Bytes of a cell that is looked at; the library refuses a text of more characters."""

EIGHT: Final = 8
"""Digits that are read at once."""

FEWEST_FLOAT_DIGITS: Final = 6
ZERO, PLUS, DOT, MARK, BLANK, DASH, STAR = b"0+.' -*"

# As `ctnb.masking.masked` hides a cell of a column of phones.
FEWEST_WITH_HEAD, FEWEST_WITH_TAIL, HEAD_SHOWN, TAIL_SHOWN = 10, 7, 4, 2

# What the library skips inside a number, drops before it and cuts off behind it; C2 A0 is the no-break space.
# A text is Unicode, so C2 and A0 stand for nothing else where no other byte above 7F is.
SKIPPED: Final = b" -()\xc2\xa0"

# Dashes from U+2010 to U+2015 are E2 80 90 to E2 80 95.
DASH_START, DASH_MIDDLE, DASH_ENDS = 0xE2, 0x80, (0x90, 0x95)


EXTENSION: Final = "доб".encode()
MOST_EXTENSION_DIGITS: Final = 9
EXPONENT: Final = b"E+10"
EXPONENT_DIGITS: Final = 11


def weights_of_bytes() -> npt.NDArray[np.uint32]:
    """Return for each byte a one in the digit count, plus count, dot count or count of others, eight bits each."""
    weights = np.full(256, 1 << 24, dtype=np.uint32)
    weights[list(SKIPPED)] = 0
    weights[list(b"0123456789")] = 1
    weights[PLUS], weights[DOT] = 1 << 8, 1 << 16
    return weights


WEIGHTS: Final = weights_of_bytes()


@dataclass(frozen=True, slots=True)
class DigitRuns:
    """The digits of n cells.

    Attributes
    ----------
    digits : ndarray of uint8, shape (total + 8,)
        ASCII digits of all cells, one cell behind the other, and zeros, so that eight may be read from each place.
    starts : ndarray of int64, shape (n,)
        Where each cell's digits begin in `digits`.
    counts : ndarray of uint8, shape (n,)
        How many digits stand in the cell, 0 in a cell that is too long.
    lengths : ndarray of uint8, shape (n,)
        How many of them are the number's: a spreadsheet's final ``.0`` is not.
    kinds : ndarray of int16, shape (n,)
        Kind of the digit string for `Plan`; `NO_KIND` where more than its digits may matter.
    firsts : ndarray of int32, shape (n,)
        The first digits for `Plan`.
    signed : ndarray of bool, shape (n,)
        True where a plus stands before the digits; means nothing where the kind is `NO_KIND`.
    spaced : ndarray of bool, shape (n,)
        True where something may stand between two digits.
    lettered : ndarray of bool, shape (n,)
        True where there was an extension or an exponent, so that what is no valid number is left.
    """

    digits: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.uint8]
    lengths: npt.NDArray[np.uint8]
    kinds: npt.NDArray[np.int16]
    firsts: npt.NDArray[np.int32]
    signed: Flags
    spaced: Flags
    lettered: Flags

    def text(self, row: int) -> str:
        """Return one cell's number, with its plus."""
        begin = self.starts[row]
        return "+" * bool(self.signed[row]) + self.digits[begin : begin + self.lengths[row]].tobytes().decode()


def digit_runs(texts: Strings, *, raw: bool) -> DigitRuns:
    """Find the digits of a column of texts.

    Parameters
    ----------
    texts : LargeStringArray of length n
        A null has no digits.
    raw : bool
        Whether the texts are as they stood in the cells. Otherwise something was taken off already, so that
        ``79157771122.0`` is not a spreadsheet's number and a second extension is none: such a text is of no kind.
    """
    letters, bounds = bytes_of(texts) if len(texts) else (np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64))
    # One chunk at least, so that there is something to put together.
    begins = range(0, len(texts) or 1, CHUNK)
    runs = [chunk_runs(letters, bounds[begin : begin + CHUNK + 1], raw=raw) for begin in begins]
    shifts = np.cumsum([0, *(len(run.digits) - EIGHT for run in runs)])
    whole = DigitRuns(
        # Nothing may stand between the digits of two cells; the last chunk keeps its zeros.
        np.concatenate([*(run.digits[:-EIGHT] for run in runs[:-1]), runs[-1].digits]),
        np.concatenate([run.starts + shift for run, shift in zip(runs, shifts, strict=False)]),
        *(np.concatenate([getattr(run, name) for run in runs]) for name in DigitRuns.__slots__[2:]),
    )
    if texts.null_count:
        whole.kinds[texts.is_null().to_numpy(zero_copy_only=False)] = NO_KIND
    return whole


def chunk_runs(letters: npt.NDArray[np.uint8], bounds: npt.NDArray[np.int64], *, raw: bool) -> DigitRuns:
    """Do the work of `digit_runs` for some cells.

    Parameters
    ----------
    letters : ndarray of uint8
        Bytes of all cells.
    bounds : ndarray of int64, shape (n + 1,)
        Where the cells begin, and where the last one ends.
    """
    starts, widths = bounds[:-1] - bounds[0], np.diff(bounds)
    # Two bytes more, so that what follows an empty cell may be looked at.
    letters = np.concatenate([letters[bounds[0] : bounds[-1]], np.full(2, BLANK, dtype=np.uint8)])
    ends = starts + widths
    blank_dashes(letters)
    extended = blank_extensions(letters, ends) if raw else np.empty(0, dtype=np.intp)
    exponents = blank_exponents(letters, starts, widths) if raw else extended
    for row in np.flatnonzero(widths > LONGEST):
        letters[starts[row] : starts[row] + widths[row]] = BLANK
    # Running sums may wrap around: no cell has so many bytes that its own sum does.
    sums = np.zeros(len(letters) + 1, dtype=np.uint32)
    np.cumsum(np.take(WEIGHTS, letters), out=sums[1:])
    totals = sums[ends] - sums[starts]
    counts, pluses, dots, others = totals.astype("<u4").view(np.uint8).reshape(-1, 4).T

    full = widths > 0
    marked = full & (letters[starts] == MARK)
    signed = full & (letters[starts + marked] == PLUS)
    plain = (widths <= LONGEST) & (others == marked) & (pluses == signed)
    bare = counts + signed + marked
    # One dot may make the text a float; that is certain where nothing else stands in it.
    final = np.maximum(ends - 1, 1)
    whole = (dots == 1) & (widths == bare + 1) & (letters[final - 1] == DOT) & (letters[final] == ZERO)
    whole &= raw & (counts >= FEWEST_FLOAT_DIGITS)
    plain &= whole | (dots != 1)
    plain[exponents[counts[exponents] != EXPONENT_DIGITS]] = False
    lengths = counts - whole
    lettered = np.zeros(len(widths), dtype=bool)
    lettered[extended] = lettered[exponents] = True

    digits = np.concatenate([letters[np.flatnonzero(is_digit(letters))], np.full(EIGHT, ZERO, dtype=np.uint8)])
    begins = np.cumsum(counts, dtype=np.int64) - counts
    firsts = (eight_digits(digits, begins) // 10 ** (EIGHT - DEEPEST)).astype(np.int32)
    kinds = np.where(plain, kinds_of(signed, lengths.astype(np.int32), firsts), np.int16(NO_KIND))
    return DigitRuns(
        digits,
        begins,
        counts.copy(),
        lengths,
        kinds,
        firsts,
        signed,
        (widths > bare) & ~whole,
        lettered,
    )


def eight_digits(digits: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the number that stands in eight ASCII digits from each of some places on, shape (n,)."""
    # Eight bytes are one integer, the first digit lowest: neighbours are joined to pairs, to fours, to eight.
    lanes = np.ndarray((len(digits) - EIGHT + 1,), "<u8", digits, strides=(1,))[begins]
    lanes &= np.uint64(0x0F0F0F0F0F0F0F0F)
    lanes = lanes * np.uint64(10) + (lanes >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    lanes = lanes * np.uint64(100) + (lanes >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    return lanes * np.uint64(10_000) + (lanes >> np.uint64(32)) & np.uint64(0xFFFFFFFF)


def blank_dashes(letters: npt.NDArray[np.uint8]) -> None:
    """Put a hyphen and two blanks in the place of each dash that is punctuation to the library."""
    begins = np.flatnonzero(letters[:-2] == DASH_START)
    if len(begins):
        ends = letters[begins + 2]
        dashes = (letters[begins + 1] == DASH_MIDDLE) & (ends >= DASH_ENDS[0]) & (ends <= DASH_ENDS[1])
        places = begins[dashes]
        letters[places] = DASH
        letters[places + 1] = letters[places + 2] = BLANK


def blank_extensions(letters: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Blank `` доб. 12`` at the end of cells: to the library it is no part of the number.

    Parameters
    ----------
    letters : ndarray of uint8
        Bytes of n cells, and two more.
    ends : ndarray of int64, shape (n,)
        Where the cells end.

    Returns
    -------
    ndarray of intp
        Cells in which an extension was blanked.
    """
    seconds = np.flatnonzero(letters == EXTENSION[1])
    seconds = seconds[(seconds > 0) & (seconds < len(letters) - len(EXTENSION))]
    for place, sign in enumerate(EXTENSION, -1):
        seconds = seconds[letters[seconds + place] == sign]
    begins = seconds - 1
    rows = np.searchsorted(ends, begins, side="right")
    ends = ends[rows]
    digits = begins + len(EXTENSION)
    digits += letters[digits] == DOT
    digits += letters[digits] == BLANK
    is_known = (digits < ends) & (ends <= digits + MOST_EXTENSION_DIGITS)
    for place in range(MOST_EXTENSION_DIGITS):
        places = np.minimum(digits + place, ends - 1)
        is_known &= is_digit(letters[places])
    begins, ends = begins[is_known], ends[is_known]
    for place in range(len(EXTENSION) + MOST_EXTENSION_DIGITS + 2):
        letters[np.minimum(begins + place, ends - 1)] = BLANK
    return np.compress(is_known, rows)


def blank_exponents(
    letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], widths: npt.NDArray[np.int64]
) -> npt.NDArray[Any]:
    """Blank what is no digit of the number in cells like ``7.9157771122E+10``.

    Parameters
    ----------
    letters : ndarray of uint8
        Bytes of n cells, and two more.
    starts, widths : ndarray of int64, shape (n,)
        Where the cells begin, and how many bytes they have.

    Returns
    -------
    ndarray of intp
        Cells that were of this form, provided that their other signs are all digits.
    """
    places = np.flatnonzero(letters == EXPONENT[0])
    rows = np.searchsorted(starts + widths, places, side="right")
    # The byte that stands behind the last cell is no cell's, and is no E.
    heads = starts[rows]
    is_known = (places - heads == EXPONENT_DIGITS + 1) & (widths[rows] == EXPONENT_DIGITS + 1 + len(EXPONENT))
    places, heads, rows = places[is_known], heads[is_known], rows[is_known]
    is_known = letters[heads + 1] == DOT
    for place, sign in enumerate(EXPONENT):
        is_known &= letters[places + place] == sign
    for dropped in (heads + 1, *(places + place for place in range(len(EXPONENT)))):
        letters[dropped[is_known]] = BLANK
    return np.compress(is_known, rows)


def is_digit(letters: npt.NDArray[np.uint8]) -> Flags:
    """Tell which bytes are ASCII digits."""
    return letters - np.uint8(ZERO) < 10


def bytes_of(texts: Strings) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of n texts, and the n + 1 places where they begin and where the last one ends."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data or b"", dtype=np.uint8)[bounds[0] : bounds[-1]], bounds - bounds[0]


def masked(texts: Strings) -> Strings:
    """Hide digits as `ctnb.masking.masked` does in a column of phones.

    Parameters
    ----------
    texts : LargeStringArray of length k
        Without nulls, with a digit in each, and with no digits but ASCII ones.
    """
    letters, bounds = bytes_of(texts)
    letters = letters.copy()
    digits = is_digit(letters)
    counts = np.add.reduceat(digits, bounds[:-1], dtype=np.int64)
    ranks = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    of_text = np.repeat(counts, counts)
    shown = (of_text >= FEWEST_WITH_HEAD) & (ranks < HEAD_SHOWN)
    shown |= (of_text >= FEWEST_WITH_TAIL) & (ranks >= of_text - TAIL_SHOWN)
    letters[np.flatnonzero(digits)[~shown]] = STAR
    return pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(bounds), pa.py_buffer(letters))
