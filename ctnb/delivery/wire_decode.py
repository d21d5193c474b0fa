"""The vendor's answer, decoded and never trusted (contract, Answers).

The decoder goes by the body, whatever the HTTP status (contract, ours).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from ctnb.outcomes import Reason


class Item(msgspec.Struct, frozen=True, gc=False):
    """The vendor's answer to one lead; ids are strings, whatever the vendor wrote."""

    commented: bool
    error: str | None = None
    call_id: str | None = None
    call_reference_id: str | None = None
    sip_call_id: str | None = None
    request_id: str | None = None
    request_number: str | None = None


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A refusal of the vendor's validator; ``position`` is the lead's in the request (0-based), None when not named."""

    position: int | None
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """The request was carried out; items answer the leads by position."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class Violations:
    """The request was refused whole by the validator; nothing was commented."""

    violations: list[FieldViolation]


@dataclass(frozen=True, slots=True)
class Refused:
    """The request was refused whole for its token or its account; nothing was commented."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The body is none of the contract's answers: what was done is unknown."""

    detail: str


Reply: TypeAlias = Done | Violations | Refused | Unreadable

_Id = int | str | None


class _CallInfo(msgspec.Struct):
    callId: _Id = None  # noqa: N815  the vendor's name
    callReferenceId: _Id = None  # noqa: N815  the vendor's name
    sipCallId: _Id = None  # noqa: N815  the vendor's name


class _RequestInfo(msgspec.Struct):
    requestId: _Id = None  # noqa: N815  the vendor's name
    requestNumber: _Id = None  # noqa: N815  the vendor's name


class _Item(msgspec.Struct):
    commented: bool
    error: str | None = None
    callInfo: _CallInfo | None = None  # noqa: N815  the vendor's name
    requestInfo: _RequestInfo | None = None  # noqa: N815  the vendor's name


class _Violation(msgspec.Struct):
    fieldPath: str = ""  # noqa: N815  the vendor's name
    message: str = ""


class _ViolationList(msgspec.Struct):
    violations: list[_Violation]


class _Data(msgspec.Struct):
    comments: list[_Item] | msgspec.UnsetType = msgspec.UNSET
    type: str | None = None
    validationErrorData: _ViolationList | None = None  # noqa: N815  the vendor's name
    message: str | None = None


class _Envelope(msgspec.Struct):
    data: _Data | None = None
    message: str | None = None


_NO_CALL: Final = (None, None, None)
_NO_REQUEST: Final = (None, None)

_decoder = msgspec.json.Decoder(_Envelope)
_REFUSALS = {
    Reason.TOKEN_REFUSED: re.compile(r"token|токен", re.IGNORECASE),
    Reason.ACCESS_DENIED: re.compile(r"доступ|access", re.IGNORECASE),
}
_LEAD = re.compile(r"comments\[(\d{1,9})\]", re.ASCII)


def decode(body: bytes) -> Reply:
    """Read an answer.

    Parameters
    ----------
    body : bytes
        What the server sent, whole.

    Returns
    -------
    Done, Violations, Refused or Unreadable
        Unknown fields are passed over; a wrong type or shape makes the whole answer unreadable.
    """
    try:
        envelope = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as problem:
        # The vendor's text is not repeated: it may be a whole page, and it is not trusted.
        return Unreadable(f"not an answer of the contract ({type(problem).__name__})")
    data = envelope.data
    if data is None:
        return _refusal(Reason.TOKEN_REFUSED, envelope.message)
    if data.comments is not msgspec.UNSET:
        if data.type is not None or data.validationErrorData is not None or data.message is not None:
            return Unreadable("both comments and a refusal")
        return Done([_item(item) for item in data.comments])
    if data.validationErrorData is not None:
        return Violations([_violation(violation) for violation in data.validationErrorData.violations])
    return _refusal(Reason.ACCESS_DENIED, data.message)


def _refusal(reason: Reason, message: str | None) -> Refused | Unreadable:
    """Take a message for a refusal only when it speaks of what the contract's refusals speak of.

    A gateway in between answers with messages too, and those do not tell what was applied.
    """
    if message and _REFUSALS[reason].search(message):
        return Refused(reason, message)
    return Unreadable("neither comments nor a refusal that the contract knows")


def _item(item: _Item) -> Item:
    """Flatten an item, ids as strings."""
    call, request = item.callInfo, item.requestInfo
    return Item(
        item.commented,
        item.error,
        *(_NO_CALL if call is None else (_text(call.callId), _text(call.callReferenceId), _text(call.sipCallId))),
        *(_NO_REQUEST if request is None else (_text(request.requestId), _text(request.requestNumber))),
    )


def _text(value: _Id) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _violation(violation: _Violation) -> FieldViolation:
    """Read the lead's position out of the field path, when it names one."""
    found = _LEAD.match(violation.fieldPath)
    return FieldViolation(int(found[1]) if found else None, violation.fieldPath, violation.message)
