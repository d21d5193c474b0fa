"""The answers of a run: outcomes in columns, by position in the plan, so that a lead takes no object of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec.structs import astuple

from ctnb.outcome import Attribution, Kind, Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ENUMS", "NONE", "NO_MOMENT", "TEXTS", "Answers"]

ENUMS: Final = {"status": Status, "matched_by": Kind, "attribution": Attribution, "reason": Reason}
"""Columns of codes: the place of the value in its enum, `NONE` where there is none."""

NUMBERS: Final = ("rule", "batch", "attempts")
TEXTS: Final = ("call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "error")

NONE: Final = -1
NO_MOMENT: Final = np.iinfo(np.int64).min
"""NumPy's own way to say that there is no time."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

_MEMBERS: Final = {name: list(values) for name, values in ENUMS.items()}
_CODES: Final[dict[str, dict[Any, int]]] = {
    name: {**{member: code for code, member in enumerate(members)}, None: NONE} for name, members in _MEMBERS.items()
}

Places: TypeAlias = Sequence[int] | npt.NDArray[np.int64]


class Answers(Mapping[int, Outcome]):
    """Outcomes by position in the plan; as a mapping it holds the positions that have one.

    Parameters
    ----------
    length : int
        Rows of the plan, n.

    Attributes
    ----------
    codes : dict of str to ndarray of int8, shape (n,)
        See `ENUMS`; ``codes["status"]`` is `NONE` where there is no outcome yet.
    numbers : dict of str to ndarray of int64, shape (n,)
        ``rule``, ``batch`` and ``attempts``; `NONE` where there is none.
    replayed : ndarray of bool, shape (n,)
    answered_at : ndarray of int64, shape (n,)
        Microseconds since 1970 in UTC, `NO_MOMENT` where there is none.
    texts : dict of str to ndarray of object, shape (n,)
        Those of `TEXTS` that any outcome has; None where there is none.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self.codes = {name: np.full(length, NONE, dtype=np.int8) for name in ENUMS}
        self.numbers = {name: np.full(length, NONE, dtype=np.int64) for name in NUMBERS}
        self.replayed = np.zeros(length, dtype=bool)
        self.answered_at = np.full(length, NO_MOMENT, dtype=np.int64)
        self.texts: dict[str, npt.NDArray[np.object_]] = {}

    def __repr__(self) -> str:
        # No outcome: a traceback that shows locals shows it.
        return f"<Answers: {len(self)} of {self._length}>"

    def put(self, places: Places, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes, one for each of some positions that have none yet."""
        if not outcomes:
            return
        at = np.asarray(places, dtype=np.int64)
        for name, values in zip(Outcome.__struct_fields__, zip(*map(astuple, outcomes), strict=True), strict=True):
            # Most columns of a batch hold one value.
            self._fill(name, at, values[:1] if values.count(values[0]) == len(values) else values)

    def put_all(self, places: Places, outcome: Outcome) -> None:
        """Keep one outcome for all of some positions that have none yet."""
        at = np.asarray(places, dtype=np.int64)
        for name, value in zip(Outcome.__struct_fields__, astuple(outcome), strict=True):
            self._fill(name, at, (value,))

    def _fill(self, name: str, at: npt.NDArray[np.int64], values: Sequence[Any]) -> None:
        """Write a column's values, or one value for all; a text that is not there takes no column."""
        if name in _CODES:
            codes = _CODES[name]
            self.codes[name][at] = [codes[value] for value in values]
        elif name in self.numbers:
            self.numbers[name][at] = [NONE if value is None else value for value in values]
        elif name == "replayed":
            self.replayed[at] = values
        elif name == "answered_at":
            self.answered_at[at] = [microseconds(value) for value in values]
        elif name in self.texts or values != (None,):
            if name not in self.texts:
                self.texts[name] = np.full(self._length, None, dtype=object)
            self.texts[name][at] = values

    def without(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return those of some positions that have no outcome yet."""
        missing: npt.NDArray[np.int64] = places[self.codes["status"][places] == NONE]
        return missing

    def __getitem__(self, place: int) -> Outcome:
        code = self.codes["status"][place] if 0 <= place < self._length else NONE
        if code == NONE:
            raise KeyError(place)
        numbers = {name: int(column[place]) for name, column in self.numbers.items()}
        moment = int(self.answered_at[place])
        fields: dict[str, Any] = {
            **{name: self._member(name, place) for name in ENUMS},
            **{name: None if number == NONE else number for name, number in numbers.items()},
            **{name: column[place] for name, column in self.texts.items()},
        }
        return Outcome(
            **fields,
            replayed=bool(self.replayed[place]),
            answered_at=None if moment == NO_MOMENT else EPOCH + moment * MICROSECOND,
        )

    def _member(self, name: str, place: int) -> Any:
        code = int(self.codes[name][place])
        return None if code == NONE else _MEMBERS[name][code]

    def __iter__(self) -> Iterator[int]:
        settled: Iterable[int] = np.flatnonzero(self.codes["status"] != NONE).tolist()
        return iter(settled)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.codes["status"] != NONE))


def microseconds(moment: datetime | None) -> int:
    """Return an aware moment as microseconds since 1970 in UTC."""
    return NO_MOMENT if moment is None else (moment - EPOCH) // MICROSECOND
