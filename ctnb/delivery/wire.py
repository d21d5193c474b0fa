"""The vendor's JSON: leads are encoded, answers are decoded and never trusted.

This module and the emulator are the only ones that spell the vendor's field names. The decoder
goes by the body, whatever the HTTP status (contract, ours).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec
import numpy as np

from ctnb.outcome import Kind, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.offers import Offer
    from ctnb.leads.plan import Plan

__all__ = [
    "PATH",
    "Done",
    "Encoder",
    "Item",
    "Refused",
    "Reply",
    "Unreadable",
    "Violation",
    "Violations",
    "decode",
    "encode",
    "lead_dicts",
]

PATH: Final = "/lead-service/v1/api/comment/lead/add"
TOKEN_HEADER: Final = "Access-Token"  # noqa: S105  a name, not a token
SITE_HEADER: Final = "SiteId"

_PARAMETERS: Final = {
    Kind.CALL: "callParams",
    Kind.REQUEST: "requestParams",
    Kind.CALL_CONTACT: "callContactParams",
    Kind.REQUEST_CONTACT: "requestContactParams",
}
_ID: Final = {Kind.CALL: "callId", Kind.REQUEST: "requestId"}
_MATCH: Final = {Kind.CALL_CONTACT: "callTypeToMatch", Kind.REQUEST_CONTACT: "requestTypeToMatch"}

_encoder = msgspec.json.Encoder()


class Encoder:
    """Writes the bodies of a plan's requests.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def body(self, places: Sequence[int]) -> bytes:
        """Return the UTF-8 body of one request that carries the leads at these positions of the plan."""
        return encode(self._plan, places)


def encode(plan: Plan, places: Sequence[int]) -> bytes:
    """Return the UTF-8 body of one request that carries the leads at these positions of the plan."""
    return _encoder.encode({"comments": lead_dicts(plan, places)})


def lead_dicts(plan: Plan, places: Sequence[int]) -> list[dict[str, Any]]:
    """Return the leads at these positions of the plan as the dicts of the vendor's JSON."""
    dates = [_dates(offer, places) for offer in plan.offers]
    return [
        {
            "matching": [
                {"type": offer.kind.value, _PARAMETERS[offer.kind]: _parameters(offer, place, column[turn])}
                for offer, column in zip(plan.offers, dates, strict=True)
                if offer.present[place]
            ],
            "addComment": plan.texts[place],
        }
        for turn, place in enumerate(places)
    ]


def _dates(offer: Offer, places: Sequence[int]) -> list[str]:
    """Return the dates of some rows as the vendor writes them: dd-mm-YYYY HH:MM:SS."""
    if offer.dates is None:
        return [""] * len(places)
    iso = np.datetime_as_string(offer.dates[np.asarray(places, dtype=np.int64)], unit="s")
    return [f"{text[8:10]}-{text[5:7]}-{text[:4]} {text[11:]}" for text in iso.tolist()]


def _parameters(offer: Offer, place: int, date: str) -> dict[str, Any]:
    """Return the parameter object of one rule in one row."""
    found: dict[str, Any] = {}
    if offer.ids is not None:
        found[_ID[offer.kind]] = offer.ids[place]
    else:
        if offer.phones is not None and offer.phones[place]:
            found["phones"] = list(offer.phones[place])
        if offer.emails is not None and offer.emails[place]:
            found["emails"] = list(offer.emails[place])
        found["date"] = date
        found[_MATCH[offer.kind]] = offer.match[place] if offer.match is not None else None
        found["searchDepth"] = offer.depth[place] if offer.depth is not None else None
    if offer.tags[place]:
        found["tags"] = list(offer.tags[place])
        found["tagsLogic"] = offer.tags_logic[place]
    return found


@dataclass(frozen=True, slots=True)
class Item:
    """The vendor's answer to one lead; ids are strings, whatever the vendor wrote."""

    commented: bool
    error: str | None = None
    call_id: str | None = None
    call_reference_id: str | None = None
    sip_call_id: str | None = None
    request_id: str | None = None
    request_number: str | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """A refusal of the vendor's validator; ``lead`` is the 0-based position in the request, if it is told."""

    lead: int | None
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """The request was carried out; items answer the leads by position."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class Violations:
    """The request was refused whole by the validator; nothing was commented."""

    violations: list[Violation]


@dataclass(frozen=True, slots=True)
class Refused:
    """The request was refused whole for its token or its account; nothing was commented."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The body is none of the contract's answers, so it tells nothing about what was done."""

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
        # The vendor's text is not repeated: it may be a page, and it is not to be trusted.
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
    call, request = item.callInfo or _CallInfo(), item.requestInfo or _RequestInfo()
    return Item(
        commented=item.commented,
        error=item.error,
        call_id=_text(call.callId),
        call_reference_id=_text(call.callReferenceId),
        sip_call_id=_text(call.sipCallId),
        request_id=_text(request.requestId),
        request_number=_text(request.requestNumber),
    )


def _text(value: _Id) -> str | None:
    return None if value is None else str(value)


def _violation(violation: _Violation) -> Violation:
    """Read the lead's position out of the field path, when it names one."""
    found = _LEAD.match(violation.fieldPath)
    return Violation(int(found[1]) if found else None, violation.fieldPath, violation.message)
