"""Digit strings of a column of texts in which nothing but the digits can matter, and the numbers that they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ctnb.leads.columns.arrow_text import bytes_of, strings_of_bytes
from ctnb.leads.phones.numbering_plan import DEEPEST, NO_KIND, kinds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Rows
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.phones.digit_reader import Conversion

CHUNK: Final = 1 << 15
"""Texts that are read at once, so that the arrays of one step stay in the processor's cache."""

LONGEST: Final = 250
"""Bytes of a text that is read here; the library refuses a text of more characters."""

EIGHT: Final = 8
"""Digits that are read at once."""

FEWEST_FLOAT_DIGITS: Final = 6
ZERO, PLUS, DOT, MARK, BLANK, DASH = b"0+.' -"

# What the library skips inside a number, drops before it and cuts off behind it; C2 A0 is the no-break space.
# A text is Unicode, so C2 and A0 stand for nothing else where no other byte above 7F is.
SKIPPED: Final = b" -()\xc2\xa0"

# Dashes from U+2010 to U+2015 are E2 80 90 to E2 80 95.
DASH_START, DASH_MIDDLE, DASH_ENDS = 0xE2, 0x80, (0x90, 0x95)


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
    """The digit strings of n texts.

    Attributes
    ----------
    digits : ndarray of uint8, shape (total + 8,)
        ASCII digits of all texts, one text behind the other, and eight zeros, so that eight may be read from each.
    starts : ndarray of int64, shape (n,)
        Index in `digits` of each text's first digit.
    lengths : ndarray of uint8, shape (n,)
        Digits of the text, less a spreadsheet's final ``.0``; 0 for a text that is too long.
    kinds : ndarray of int16, shape (n,)
        Kind of the digit string, see `kinds_of`; `NO_KIND` where more than the digits may matter.
    firsts : ndarray of int32, shape (n,)
        The first digits as a number, see `NumberingPlan.look_up`.
    signed : ndarray of bool, shape (n,)
        True where a plus stands before the digits; means nothing where the kind is `NO_KIND`.
    spaced : ndarray of bool, shape (n,)
        True where something may stand between two digits.
    dotted : ndarray of bool, shape (n,)
        True where more than one dot stands in the text.
    """

    digits: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.uint8]
    kinds: npt.NDArray[np.int16]
    firsts: npt.NDArray[np.int32]
    signed: Flags
    spaced: Flags
    dotted: Flags

    def text(self, row: int) -> str:
        """Return one digit string, with its plus."""
        begin = self.starts[row]
        return "+" * bool(self.signed[row]) + self.digits[begin : begin + self.lengths[row]].tobytes().decode()

    def numbers(self, rows: Rows, codes: npt.NDArray[np.uint16], conversions: Sequence[Conversion]) -> Strings:
        """Return m of the digit strings as numbers in E.164, without the plus.

        Parameters
        ----------
        rows, codes : ndarray, shape (m,)
            Strings that are a valid number, and the index of each one's conversion.
        conversions : sequence of Conversion
        """
        countries = np.array([each.country for each in conversions], dtype=np.bytes_)
        code_lengths = np.char.str_len(countries)[codes]
        dropped = np.array([each.dropped for each in conversions])[codes]
        begins, national = self.starts[rows] + dropped, self.lengths[rows] - dropped
        bounds = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(code_lengths + national, out=bounds[1:])
        letters = np.empty(bounds[-1], dtype=np.uint8)
        for length, some in by_value(code_lengths):
            spans(letters, length)[bounds[:-1][some]] = countries.astype(f"S{length}")[codes[some]]
        for length, some in by_value(national):
            spans(letters, length)[(bounds[:-1] + code_lengths)[some]] = spans(self.digits, length)[begins[some]]
        return strings_of_bytes(letters, bounds)


def digit_runs(texts: Strings) -> DigitRuns:
    """Find the digits of a column of texts; a null has none.

    Parameters
    ----------
    texts : LargeStringArray of length n
    """
    letters, bounds = bytes_of(texts)
    # One chunk at least, so that there is something to join.
    begins = range(0, len(texts) or 1, CHUNK)
    runs = [chunk_runs(letters, bounds[begin : begin + CHUNK + 1]) for begin in begins]
    shifts = np.cumsum([0, *(len(run.digits) - EIGHT for run in runs)])
    whole = DigitRuns(
        # Nothing may stand between the digits of two texts; the last chunk keeps its zeros.
        np.concatenate([*(run.digits[:-EIGHT] for run in runs[:-1]), runs[-1].digits]),
        np.concatenate([run.starts + shift for run, shift in zip(runs, shifts, strict=False)]),
        *(np.concatenate([getattr(run, name) for run in runs]) for name in DigitRuns.__slots__[2:]),
    )
    if texts.null_count:
        whole.kinds[texts.is_null().to_numpy(zero_copy_only=False)] = NO_KIND
    return whole


def chunk_runs(letters: npt.NDArray[np.uint8], bounds: npt.NDArray[np.int64]) -> DigitRuns:
    """Find the digits of some texts.

    Parameters
    ----------
    letters : ndarray of uint8
        Bytes of all texts.
    bounds : ndarray of int64, shape (n + 1,)
        Where the n texts begin, and where the last one ends.
    """
    starts, widths = bounds[:-1] - bounds[0], np.diff(bounds)
    # Two bytes more, so that what follows an empty text may be looked at.
    letters = np.concatenate([letters[bounds[0] : bounds[-1]], np.full(2, BLANK, dtype=np.uint8)])
    ends = starts + widths
    blank_dashes(letters)
    for row in np.flatnonzero(widths > LONGEST):
        letters[starts[row] : ends[row]] = BLANK
    # Running sums may wrap around: no text has so many bytes that its own sum does.
    sums = np.zeros(len(letters) + 1, dtype=np.uint32)
    np.cumsum(np.take(WEIGHTS, letters), out=sums[1:])
    totals = sums[ends] - sums[starts]
    counts, pluses, dots, others = totals.astype("<u4").view(np.uint8).reshape(-1, 4).T

    full = widths > 0
    marked = full & (letters[starts] == MARK)
    signed = full & (letters[starts + marked] == PLUS)
    bare = counts + signed + marked
    # One dot may make the text a float; that is certain where nothing else stands in it.
    final = np.maximum(ends - 1, 1)
    is_float = (dots == 1) & (widths == bare + 1) & (letters[final - 1] == DOT) & (letters[final] == ZERO)
    is_float &= counts >= FEWEST_FLOAT_DIGITS
    plain = (widths <= LONGEST) & (others == marked) & (pluses == signed) & (is_float | (dots != 1))
    lengths = counts - is_float

    digits = np.concatenate([letters[np.flatnonzero(is_digit(letters))], np.full(EIGHT, ZERO, dtype=np.uint8)])
    begins = np.cumsum(counts, dtype=np.int64) - counts
    firsts = (eight_digits(digits, begins) // 10 ** (EIGHT - DEEPEST)).astype(np.int32)
    kinds = np.where(plain, kinds_of(signed, lengths.astype(np.int32), firsts), np.int16(NO_KIND))
    return DigitRuns(digits, begins, lengths, kinds, firsts, signed, (widths > bare) & ~is_float, dots > 1)


def eight_digits(digits: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the number that stands in the eight ASCII digits from each of n indices on, shape (n,)."""
    # Eight bytes are one integer, the first digit lowest: neighbours are joined to pairs, to fours, to eight.
    lanes = np.ndarray((len(digits) - EIGHT + 1,), "<u8", digits, strides=(1,))[begins]
    lanes &= np.uint64(0x0F0F0F0F0F0F0F0F)
    lanes = lanes * np.uint64(10) + (lanes >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    lanes = lanes * np.uint64(100) + (lanes >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    return lanes * np.uint64(10_000) + (lanes >> np.uint64(32)) & np.uint64(0xFFFFFFFF)


def blank_dashes(letters: npt.NDArray[np.uint8]) -> None:
    """Replace each dash that is punctuation to the library by a hyphen and two blanks, three bytes as before."""
    begins = np.flatnonzero(letters[:-2] == DASH_START)
    if len(begins):
        ends = letters[begins + 2]
        is_dash = (letters[begins + 1] == DASH_MIDDLE) & (ends >= DASH_ENDS[0]) & (ends <= DASH_ENDS[1])
        dashes = begins[is_dash]
        letters[dashes] = DASH
        letters[dashes + 1] = letters[dashes + 2] = BLANK


def is_digit(letters: npt.NDArray[np.uint8]) -> Flags:
    """Tell which bytes are ASCII digits."""
    return letters - np.uint8(ZERO) < 10


def by_value(values: npt.NDArray[np.signedinteger[Any]]) -> list[tuple[int, Rows | slice]]:
    """Return each value that occurs with the indices where it does; a slice of all when there is but one value."""
    found = np.flatnonzero(np.bincount(values)).tolist()
    return [(value, slice(None) if len(found) == 1 else np.flatnonzero(values == value)) for value in found]


def spans(letters: npt.NDArray[np.uint8], length: int) -> npt.NDArray[np.bytes_]:
    """Return a view whose element i is the `length` bytes from byte i on; writing to it writes to the bytes."""
    return np.ndarray((len(letters) - length + 1,), f"S{length}", letters, strides=(1,))
