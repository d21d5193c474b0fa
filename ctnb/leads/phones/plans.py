"""Numbering plans as tables: what a digit string is, by its length and its first digits."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ctnb.leads.phones.digit_patterns import Known, Unsettled
from ctnb.leads.phones.one_cell import valid_phone
from ctnb.leads.phones.reading import NO_NUMBER, DigitReader

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 7
"""First digits that a table may be looked up by; what more of them would settle is left to the library."""

FEWEST_DIGITS: Final = 3  # Two digits are a number only without punctuation.
MOST_DIGITS: Final = 15
LENGTHS: Final = range(FEWEST_DIGITS, MOST_DIGITS + 1)
PAIR: Final = 2
PAIRS: Final = 10**PAIR
WIDEST: Final = 10 ** (DEEPEST - PAIR)
NO_KIND: Final = 2 * len(LENGTHS) * PAIRS
"""Kind of the strings that have no page ever."""

KINDS: Final = NO_KIND + 1
SHIFT: Final = 40
MOST_OUTCOMES: Final = 1 << 16
LEFT: Final = 0
"""Code of the outcome that is not known."""


class Outcome(NamedTuple):
    """What comes of a digit string.

    Attributes
    ----------
    country : str
        Digits to be written before the number; blank when there is no valid number.
    dropped : int
        Digits that are not of the number, from the first one.
    reason : str
        Why there is no valid number; else blank.
    """

    country: str
    dropped: int
    reason: str


class Pages(NamedTuple):
    """Pages of digit strings.

    Attributes
    ----------
    table : ndarray of uint16
        The pages, one behind the other; each entry is a place in ``Plan.outcomes``.
    bases : ndarray of int64, shape (kinds,)
        Where each kind's page begins in `table`; 0, a page of one unknown, where none has been made.
    scales : ndarray of int64, shape (kinds,)
        What the number of the digits from the third to the last of `DEEPEST` is multiplied by, in units of
        ``2**-SHIFT``, to be a place in the page.
    """

    table: npt.NDArray[np.uint16]
    bases: npt.NDArray[np.int64]
    scales: npt.NDArray[np.int64]

    @classmethod
    def none(cls) -> Pages:
        """Know nothing of any kind."""
        return cls(np.zeros(1, dtype=np.uint16), np.zeros(KINDS, dtype=np.int64), np.zeros(KINDS, dtype=np.int64))


@dataclass(slots=True)
class Plan:
    """What digit strings are for one region.

    A kind of strings is those of one length and of the same first two digits, that have a plus or have none.
    Its page has a place for each run of further digits, and says what every string that begins so comes to.
    Pages are made when they are first wanted, and all stand in one table.

    Attributes
    ----------
    outcomes : list of Outcome
        What can come of a string; the first stands for "not known".
    pages : Pages
        Those that have been made; put in place whole, for other threads look things up meanwhile.
    """

    reader: DigitReader
    outcomes: list[Outcome] = field(default_factory=lambda: [Outcome("", 0, "")])
    places: dict[Outcome, int] = field(default_factory=dict)
    pages: Pages = field(default_factory=Pages.none)
    lock: Lock = field(default_factory=Lock)

    def has(self, kind: int) -> bool:
        """Tell whether a kind of strings has its page."""
        return bool(self.pages.bases[kind])

    def look_up(self, kinds: npt.NDArray[np.int16], firsts: npt.NDArray[np.int32]) -> npt.NDArray[np.uint16]:
        """Return the codes of what strings come to, shape (n,).

        Parameters
        ----------
        kinds : ndarray of int16, shape (n,)
            See `kinds_of`.
        firsts : ndarray of int32, shape (n,)
            The first `DEEPEST` digits as a number; whatever stands behind a shorter string counts for nothing.
        """
        table, bases, scales = self.pages
        return np.take(table, np.take(bases, kinds) + (firsts % WIDEST * np.take(scales, kinds) >> SHIFT))

    def learn(self, kind: int) -> None:
        """Make the page of a kind of strings, unless it is there."""
        with self.lock:
            if not self.has(kind):
                self._learn(kind)

    def _learn(self, kind: int) -> None:
        signed, length, pair = described(kind)
        settled = list(self._settled(pair, length, signed=signed, most=min(DEEPEST, length)))
        depth = max((len(digits) for digits, _ in settled), default=PAIR)
        page = np.zeros(10 ** (depth - PAIR), dtype=np.uint16)
        for digits, outcome in settled:
            width = 10 ** (depth - len(digits))
            begin = int(digits[PAIR:] or "0") * width
            page[begin : begin + width] = self._code(outcome)
        table, bases, scales = self.pages
        bases, scales = bases.copy(), scales.copy()
        bases[kind] = len(table)
        # Rounded up, it gives what a division gives: the number has far fewer bits than the fraction.
        scales[kind] = (1 << SHIFT) // 10 ** (DEEPEST - depth) + 1
        self.pages = Pages(np.concatenate([table, page]), bases, scales)

    def ask(self, number: str) -> int:
        """Return the code of what one digit string, with or without a plus, comes to, in the library's word."""
        phone, reason = valid_phone(number, self.reader.region)
        digits = number.lstrip("+")
        # A country code stands before the digits that both have in common, as a blank one means no number.
        lengths = range(min(len(phone), len(digits) + 1))
        kept = max((length for length in lengths if phone.endswith(digits[len(digits) - length :])), default=0)
        with self.lock:
            return self._code(Outcome(phone[: len(phone) - kept], len(digits) - kept if phone else 0, reason))

    def _settled(self, digits: str, length: int, *, signed: bool, most: int) -> Iterator[tuple[str, Outcome]]:
        """Yield the shortest runs of first digits that settle a string, and the outcome."""
        try:
            reading = self.reader.read(Known(digits, length - len(digits)), signed=signed)
        except Unsettled:
            if len(digits) < most:
                for digit in "0123456789":
                    yield from self._settled(digits + digit, length, signed=signed, most=most)
            return
        # One word of the library for each run guards against a version that reads otherwise than the reader.
        sample = digits + "".join(random.Random(digits).choices("0123456789", k=length - len(digits)))  # noqa: S311
        phone, reason = valid_phone("+" * signed + sample, self.reader.region)
        if phone == (reading.country + sample[reading.dropped :] if reading != NO_NUMBER else ""):
            yield digits, Outcome(*reading, reason)

    def _code(self, outcome: Outcome) -> int:
        code = self.places.setdefault(outcome, len(self.outcomes))
        if code == len(self.outcomes):
            self.outcomes.append(outcome)
        return code if code < MOST_OUTCOMES else LEFT


def kinds_of(
    signed: npt.NDArray[np.bool_], lengths: npt.NDArray[np.integer[Any]], firsts: npt.NDArray[np.int32]
) -> npt.NDArray[np.int16]:
    """Return the kinds of digit strings by plus, length and the number of the first digits, shape (n,)."""
    kinds = (signed * len(LENGTHS) + (lengths - FEWEST_DIGITS)) * PAIRS + firsts // WIDEST
    return np.where((lengths >= FEWEST_DIGITS) & (lengths <= MOST_DIGITS), kinds, NO_KIND).astype(np.int16)


def described(kind: int) -> tuple[bool, int, str]:
    """Return whether strings of a kind have a plus, their length, and their first two digits."""
    place, pair = divmod(kind, PAIRS)
    signed, place = divmod(place, len(LENGTHS))
    return bool(signed), LENGTHS[place], f"{pair:02}"


@lru_cache(maxsize=16)
def plan_of(region: str) -> Plan:
    """Return the plan of a region; what it has learnt is kept for the next column."""
    return Plan(DigitReader(region))
