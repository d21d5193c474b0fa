"""What became of a row: statuses, kinds and reasons; one row as an `Outcome`, a run as `Answers` in columns.

The values of the enums are the values of the ``ct_`` columns. `ctnb.i18n` has the words for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain
from sys import intern
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import astuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Status(StrEnum):
    """The seven values of ``ct_status``; every input row is in exactly one."""

    COMMENTED = "commented"
    UNMATCHED = "unmatched"
    INVALID = "invalid"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    UNSENT = "unsent"
    BUSY = "busy"


class Kind(StrEnum):
    """The four matching types, in the contract's order; the values of ``ct_matched_by``."""

    CALL = "call"
    REQUEST = "request"
    CALL_CONTACT = "callContact"
    REQUEST_CONTACT = "requestContact"


class Attribution(StrEnum):
    """How sure ``ct_matched_by`` and ``ct_rule`` are."""

    EXACT = "exact"
    INFERRED = "inferred"
    AMBIGUOUS = "ambiguous"


class Reason(StrEnum):
    """The values of ``ct_error_code``: stable, for grouping and advice."""

    # Found while planning; nothing was sent.
    NO_IDENTIFIER = "no_identifier"
    BAD_IDENTIFIER = "bad_identifier"
    BAD_DATE = "bad_date"
    BAD_POLICY = "bad_policy"
    BLANK_COMMENT = "blank_comment"
    LONG_COMMENT = "long_comment"
    BAD_TEXT = "bad_text"
    REPEATED_KEY = "repeated_key"
    # Answered by the vendor.
    LEAD_NOT_FOUND = "lead_not_found"
    VENDOR_ERROR = "vendor_error"
    VIOLATION = "violation"
    TOKEN_REFUSED = "token_refused"  # noqa: S105  a code, not a token
    ACCESS_DENIED = "access_denied"
    REFUSED = "refused"
    # Sent, and no answer that can be trusted.
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"
    SERVER_ERROR = "server_error"
    REDIRECTED = "redirected"
    UNREADABLE_ANSWER = "unreadable_answer"
    WRONG_COUNT = "wrong_count"
    # Answered, and the ledger could not keep the answer.
    CONTRADICTED = "contradicted"
    NOT_RECORDED = "not_recorded"
    # The run stopped before the row.
    NO_CONNECTION = "no_connection"
    RATE_LIMITED = "rate_limited"
    WRONG_ADDRESS = "wrong_address"
    LEDGER_FAILED = "ledger_failed"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    # Left for another run.
    LIMITED = "limited"
    NOT_NEW = "not_new"
    # Somebody else's.
    BUSY = "busy"


class End(StrEnum):
    """How a run ended."""

    DONE = "done"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    # Of runs that have written no end, dead or alive.
    KILLED = "killed"
    RUNNING = "running"


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one lead: enough to fill its ``ct_`` columns, now or from the ledger.

    ``rule`` is 1-based in the rule list; ``offered`` is the types offered in the request that it came from, in order,
    joined by ``>``, None where there was none; ``batch`` is 1-based in the run that sent it; ``attempts`` counts the
    requests that carried the lead; ``answered_at`` is aware, in UTC.
    """

    status: Status
    matched_by: Kind | None = None
    rule: int | None = None
    attribution: Attribution | None = None
    offered: str | None = None
    call_id: str | None = None
    call_reference_id: str | None = None
    sip_call_id: str | None = None
    request_id: str | None = None
    request_number: str | None = None
    error: str | None = None
    reason: Reason | None = None
    replayed: bool = False
    batch: int | None = None
    attempts: int | None = None
    answered_at: datetime | None = None


ENUMS: Final = {"status": Status, "matched_by": Kind, "attribution": Attribution, "reason": Reason}
"""Columns of codes: the 0-based position of the value in its enum, `NONE` where there is none."""

NUMBERS: Final = ("rule", "batch", "attempts")
TEXTS: Final = ("call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "offered", "error")

NONE: Final = -1
NO_MOMENT: Final = np.iinfo(np.int64).min
"""NumPy's own way to say that there is no time."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_MEMBERS: Final = {name: list(values) for name, values in ENUMS.items()}
_CODES: Final[dict[str, dict[Any, int]]] = {
    name: {**{member: code for code, member in enumerate(members)}, None: NONE} for name, members in _MEMBERS.items()
}

Rows: TypeAlias = Sequence[int] | npt.NDArray[np.int64]


class Answers(Mapping[int, Outcome]):
    """Outcomes by row of the plan; as a mapping it holds the rows that have one.

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
        ``offered`` and those of `TEXTS` that any outcome has; None where there is none.
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

    def put(self, rows: Rows, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes, one for each of some rows that have none yet."""
        if not outcomes:
            return
        at = np.asarray(rows, dtype=np.int64)
        names = Outcome.__struct_fields__
        # Twice as fast as zip, which goes from lead to lead for each column.
        cells = list(chain.from_iterable(map(astuple, outcomes)))
        for number, name in enumerate(names):
            values = cells[number :: len(names)]
            # Most columns of a batch hold one value.
            self._fill(name, at, (values[0],) if values.count(values[0]) == len(values) else values)

    def put_all(self, rows: Rows, outcome: Outcome) -> None:
        """Keep one outcome for all of some rows that have none yet."""
        at = np.asarray(rows, dtype=np.int64)
        for name, value in zip(Outcome.__struct_fields__, astuple(outcome), strict=True):
            self._fill(name, at, (value,))

    def mark(self, rows: Rows, reason: Reason) -> None:
        """Give rows that have an outcome another reason; all else of it stays."""
        self._fill("reason", np.asarray(rows, dtype=np.int64), (reason,))

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
            self.answered_at[at] = [
                NO_MOMENT if value is None else (value - _EPOCH) // _MICROSECOND for value in values
            ]
        elif name in self.texts or values != (None,):
            if name not in self.texts:
                self.texts[name] = np.full(self._length, None, dtype=object)
            # Few distinct texts say what was offered: one copy of each.
            self.texts[name][at] = [value and intern(value) for value in values] if name == "offered" else values

    def rows_by_status(self, first: npt.NDArray[np.int64], ready: npt.NDArray[np.bool_]) -> dict[str, int]:
        """Count the rows of the plan by status; those that have none yet are unsent, and 0 is left out.

        Parameters
        ----------
        first : ndarray of int, shape (n,)
            The row whose outcome each row shares.
        ready : ndarray of bool, shape (n,)
            False for the rows that are invalid.
        """
        codes = self.codes["status"][first]
        codes[codes == NONE] = _CODES["status"][Status.UNSENT]
        codes[~ready] = _CODES["status"][Status.INVALID]
        counts = np.bincount(codes, minlength=len(Status))
        return {status.value: int(count) for status, count in zip(Status, counts, strict=True) if count}

    def without(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return those of some rows that have no outcome yet."""
        missing: npt.NDArray[np.int64] = rows[self.codes["status"][rows] == NONE]
        return missing

    def __getitem__(self, row: int) -> Outcome:
        code = self.codes["status"][row] if 0 <= row < self._length else NONE
        if code == NONE:
            raise KeyError(row)
        numbers = {name: int(column[row]) for name, column in self.numbers.items()}
        moment = int(self.answered_at[row])
        fields: dict[str, Any] = {
            **{name: self._member(name, row) for name in ENUMS},
            **{name: None if number == NONE else number for name, number in numbers.items()},
            **{name: column[row] for name, column in self.texts.items()},
        }
        return Outcome(
            **fields,
            replayed=bool(self.replayed[row]),
            answered_at=None if moment == NO_MOMENT else _EPOCH + moment * _MICROSECOND,
        )

    def _member(self, name: str, row: int) -> Any:
        code = int(self.codes[name][row])
        return None if code == NONE else _MEMBERS[name][code]

    def __iter__(self) -> Iterator[int]:
        settled: Iterable[int] = np.flatnonzero(self.codes["status"] != NONE).tolist()
        return iter(settled)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.codes["status"] != NONE))
