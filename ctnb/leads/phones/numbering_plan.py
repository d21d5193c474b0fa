"""A region's numbering plan as a table: what a digit string is, by its length and its first digits."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ctnb.leads.phones.digit_patterns import DIGITS, Known, Unsettled
from ctnb.leads.phones.digit_reader import Conversion, DigitReader
from ctnb.leads.phones.library import valid_phone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FEWEST_STRINGS: Final = 100
"""Digit strings of one kind for which a page is made; fewer are sooner read with the library."""

DEEPEST: Final = 7
"""First digits that a page may be looked up by; what more of them would settle is left to the library."""

FEWEST_DIGITS: Final = 3  # Two digits are a number only without punctuation.
MOST_DIGITS: Final = 15
LENGTHS: Final = range(FEWEST_DIGITS, MOST_DIGITS + 1)
PAIR: Final = 2
PAIRS: Final = 10**PAIR
WIDEST: Final = 10 ** (DEEPEST - PAIR)
NO_KIND: Final = 2 * len(LENGTHS) * PAIRS
"""Kind of the strings that never have a page."""

KINDS: Final = NO_KIND + 1
SHIFT: Final = 40
MOST_CONVERSIONS: Final = 1 << 16
UNKNOWN: Final = 0
"""Code of the strings of which nothing is known."""


class Pages(NamedTuple):
    """Pages of digit strings.

    Attributes
    ----------
    table : ndarray of uint16
        The pages, one behind the other; each entry is a code, an index in ``NumberingPlan.conversions``.
    bases : ndarray of int64, shape (kinds,)
        Where each kind's page begins in `table`; 0, a page of one `UNKNOWN`, where none has been made.
    scales : ndarray of int64, shape (kinds,)
        Factor, in units of ``2**-SHIFT``, that turns the number of the digits from the third to the last of
        `DEEPEST` into an index in the page.
    """

    table: npt.NDArray[np.uint16]
    bases: npt.NDArray[np.int64]
    scales: npt.NDArray[np.int64]

    @classmethod
    def none(cls) -> Pages:
        """Return pages that know nothing of any kind."""
        return cls(np.zeros(1, dtype=np.uint16), np.zeros(KINDS, dtype=np.int64), np.zeros(KINDS, dtype=np.int64))


@dataclass(slots=True)
class NumberingPlan:
    """What digit strings are for one region.

    A kind of strings is those of one length and of the same first two digits, that have a plus or have none.
    Its page has an entry for each run of further digits: the conversion of every string that begins so.
    Pages are made when they are first needed, and all stand in one table.

    Attributes
    ----------
    conversions : list of Conversion
        By code; the first stands for `UNKNOWN`. It grows: another thread may learn more at any moment.
    pages : Pages
        Those that have been made; replaced as a whole, for other threads look strings up meanwhile.
    """

    reader: DigitReader
    conversions: list[Conversion] = field(default_factory=lambda: [Conversion()])
    codes: dict[Conversion, int] = field(default_factory=dict)
    pages: Pages = field(default_factory=Pages.none)
    lock: Lock = field(default_factory=Lock)

    def codes_of(
        self, kinds: npt.NDArray[np.int16], firsts: npt.NDArray[np.int32], text: Callable[[int], str]
    ) -> npt.NDArray[np.uint16]:
        """Return the codes of n digit strings, `UNKNOWN` for those of `NO_KIND`.

        Parameters
        ----------
        kinds, firsts : ndarray, shape (n,)
            As for `look_up`.
        text : callable
            Gives one of the strings, with its plus: those that no page settles are read with the library.
        """
        counts = np.bincount(kinds, minlength=KINDS)[:NO_KIND]
        for kind in np.flatnonzero(counts >= FEWEST_STRINGS).tolist():
            self.learn(kind)
        codes = self.look_up(kinds, firsts)
        asked = np.flatnonzero((codes == UNKNOWN) & (kinds != NO_KIND))
        codes[asked] = [self.ask(text(row)) for row in asked.tolist()]
        return codes

    def look_up(self, kinds: npt.NDArray[np.int16], firsts: npt.NDArray[np.int32]) -> npt.NDArray[np.uint16]:
        """Return the codes that the pages have for n digit strings, shape (n,).

        Parameters
        ----------
        kinds : ndarray of int16, shape (n,)
            See `kinds_of`.
        firsts : ndarray of int32, shape (n,)
            The first `DEEPEST` digits as a number; whatever stands behind a shorter string counts for nothing.
        """
        table, bases, scales = self.pages
        return np.take(table, np.take(bases, kinds) + (firsts % WIDEST * np.take(scales, kinds) >> SHIFT))

    def ask(self, number: str) -> int:
        """Return the code of one digit string, with or without a plus, as the library reads it."""
        phone, reason = valid_phone(number, self.reader.region)
        digits = number.lstrip("+")
        # A country code stands before the digits that both have in common, as a blank one means no number.
        lengths = range(min(len(phone), len(digits) + 1))
        kept = max((length for length in lengths if phone.endswith(digits[len(digits) - length :])), default=0)
        with self.lock:
            return self._code(Conversion(phone[: len(phone) - kept], len(digits) - kept if phone else 0, reason))

    def learn(self, kind: int) -> None:
        """Make the page of a kind of strings, unless it is there."""
        with self.lock:
            if not self.pages.bases[kind]:
                self._learn(kind)

    def _learn(self, kind: int) -> None:
        """Make a page and put it behind the others."""
        signed, length, pair = described(kind)
        settled = list(self._settled(pair, length, signed=signed, most=min(DEEPEST, length)))
        depth = max((len(digits) for digits, _ in settled), default=PAIR)
        page = np.zeros(10 ** (depth - PAIR), dtype=np.uint16)
        for digits, conversion in settled:
            width = 10 ** (depth - len(digits))
            begin = int(digits[PAIR:] or "0") * width
            page[begin : begin + width] = self._code(conversion)
        table, bases, scales = self.pages
        bases, scales = bases.copy(), scales.copy()
        bases[kind] = len(table)
        # Rounded up, it gives what a division gives: the number has far fewer bits than the fraction.
        scales[kind] = (1 << SHIFT) // 10 ** (DEEPEST - depth) + 1
        self.pages = Pages(np.concatenate([table, page]), bases, scales)

    def _settled(self, digits: str, length: int, *, signed: bool, most: int) -> Iterator[tuple[str, Conversion]]:
        """Yield the shortest runs of first digits that settle a string, and its conversion."""
        try:
            found = self.reader.read(Known(digits, length - len(digits)), signed=signed)
        except Unsettled:
            if len(digits) < most:
                for digit in DIGITS:
                    yield from self._settled(digits + digit, length, signed=signed, most=most)
            return
        # The library reads one string of each run: a version that reads otherwise than the reader is found out.
        sample = digits + "".join(random.Random(digits).choices(DIGITS, k=length - len(digits)))  # noqa: S311
        phone, reason = valid_phone("+" * signed + sample, self.reader.region)
        if phone == found.applied(sample):
            yield digits, found._replace(reason=reason)

    def _code(self, conversion: Conversion) -> int:
        """Return the code of a conversion, a new one where it has none yet."""
        code = self.codes.setdefault(conversion, len(self.conversions))
        if code == len(self.conversions):
            self.conversions.append(conversion)
        return code if code < MOST_CONVERSIONS else UNKNOWN


def kinds_of(
    signed: npt.NDArray[np.bool_], lengths: npt.NDArray[np.integer[Any]], firsts: npt.NDArray[np.int32]
) -> npt.NDArray[np.int16]:
    """Return the kinds of digit strings by plus, length and the number of the first digits, shape (n,)."""
    kinds = (signed * len(LENGTHS) + (lengths - FEWEST_DIGITS)) * PAIRS + firsts // WIDEST
    return np.where((lengths >= FEWEST_DIGITS) & (lengths <= MOST_DIGITS), kinds, NO_KIND).astype(np.int16)


def described(kind: int) -> tuple[bool, int, str]:
    """Return whether strings of a kind have a plus, their length, and their first two digits."""
    form, pair = divmod(kind, PAIRS)
    signed, length = divmod(form, len(LENGTHS))
    return bool(signed), LENGTHS[length], f"{pair:02}"


@lru_cache(maxsize=16)
def plan_of(region: str) -> NumberingPlan:
    """Return the plan of a region; what it has learnt is kept for the next column."""
    return NumberingPlan(DigitReader(region))
