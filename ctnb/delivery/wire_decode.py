"""The body of an answer, decoded and never trusted (contract, Answers).

Here a body is read for what it says; `ctnb.delivery.verdict` decides with the HTTP status what that is worth.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

import msgspec

from ctnb.i18n.outcome_texts import OutcomeText
from ctnb.outcomes import Reason

T = TypeVar("T")


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
    """Answers to the leads, by position."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class Violations:
    """A refusal by the vendor's validator."""

    violations: list[FieldViolation]


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """A whole sentence with which the vendor refuses a token or an account."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class ApiError:
    """An error with a code of the vendor's."""

    code: int | str
    message: str


@dataclass(frozen=True, slots=True)
class ServerMessage:
    """A text of the server's that the contract does not know."""

    text: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """None of the above; ``answers`` where the body may still hold answers to leads."""

    detail: str
    answers: bool


Reply: TypeAlias = Done | Violations | KnownRefusal | ApiError | ServerMessage | Unreadable

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


class _Data(msgspec.Struct):
    comments: msgspec.Raw


class _Envelope(msgspec.Struct):
    data: _Data


class _Violation(msgspec.Struct):
    fieldPath: str = ""  # noqa: N815  the vendor's name
    message: str = ""


class _ViolationList(msgspec.Struct):
    violations: list[_Violation]


class _ApiError(msgspec.Struct):
    errorCode: int | str  # noqa: N815  the vendor's name
    errorMessage: str  # noqa: N815  the vendor's name


class _RepeatedFieldError(ValueError):
    """A field comes twice in an object: readers of JSON do not agree on which of the two counts."""


_NO_CALL: Final = (None, None, None)
_TOKEN_SENTENCE: Final = "access token не найден"  # noqa: S105  the vendor's sentence, not a token
_ACCESS_SENTENCE: Final = "ошибка доступа"
_VALIDATION: Final = "validationError"
_NOT_BESIDE_ANSWERS: Final = ("message", "apiErrorData", "validationErrorData")

_envelopes = msgspec.json.Decoder(_Envelope)
_items = msgspec.json.Decoder(list[_Item])
_COMMENTS = re.compile(rb'"comments"\s*:\s*')
_LEAD = re.compile(r"comments\[(\d{1,9})\]", re.ASCII)


def decode(body: bytes) -> Reply:
    """Read what a body says, whatever its HTTP status.

    Parameters
    ----------
    body : bytes
        What the server sent, whole.

    Returns
    -------
    Done, Violations, KnownRefusal, ApiError, ServerMessage or Unreadable
        `Done` is answers and nothing else; of several refusals it is the one that is worth something under the most
        statuses. Unknown fields are passed over. A wrong type or shape, a field of the envelope that comes twice, or
        answers beside something else make the whole body unreadable.
    """
    try:
        comments = bytes(_envelopes.decode(body).data.comments)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return _refusal(body)
    return _answers(body, comments)


def _answers(body: bytes, comments: bytes) -> Done | Unreadable:
    """Read a body that holds answers, when it holds nothing beside them."""
    found = _COMMENTS.search(body)
    begin = found.end() if found is not None else 0
    # A slower reader looks for fields that come twice; it need not read the items, which are no part of the envelope.
    spared = found is not None and body.startswith(comments, begin)
    try:
        envelope = _read(body[:begin] + b"[]" + body[begin + len(comments) :] if spared else body, set())
        items = _items.decode(comments)
        if comments.count(b'"commented"') > len(items):
            _read(comments, set())
    except _RepeatedFieldError as problem:
        return Unreadable(str(problem), answers=True)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Unreadable(OutcomeText.OTHER_FORM_OF_ANSWERS, answers=True)
    data = envelope["data"]
    beside = [part.get(name) for part in (envelope, data) for name in _NOT_BESIDE_ANSWERS]
    if "comments" in envelope or data.get("type") or any(beside):
        return Unreadable(OutcomeText.BOTH, answers=True)
    return Done([_item(item) for item in items])


def _refusal(body: bytes) -> Reply:
    """Read a body that holds no answers that can be read."""
    names: set[str] = set()
    try:
        envelope = _read(body, names)
    except (RecursionError, ValueError) as problem:
        # The text is not repeated: it may be a whole page, and it is not trusted.
        detail = str(problem) if isinstance(problem, _RepeatedFieldError) else OutcomeText.NOT_JSON
        broken_off = body.lstrip()[:1] in {b"{", b"["} and _COMMENTS.search(body) is not None
        return Unreadable(detail, answers=broken_off or "comments" in names)
    if not isinstance(envelope, dict) or "comments" in names:
        return Unreadable(OutcomeText.OTHER_FORM, answers="comments" in names)
    data = envelope.get("data")
    fields: dict[str, Any] = data if isinstance(data, dict) else {}
    known = _known_refusal(envelope.get("message"), fields.get("message"))
    return known or _violations(fields) or _api_error(fields) or _message(envelope, fields)


def _read(text: bytes, names: set[str]) -> Any:
    """Read JSON, and note the names of all its fields."""

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        names.update(found)
        if len(found) < len(pairs):
            raise _RepeatedFieldError(OutcomeText.REPEATED_FIELD)
        return found

    return json.loads(text, object_pairs_hook=fields, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(f"{name} is not a JSON value")


def _known_refusal(at_top: object, in_data: object) -> KnownRefusal | None:
    """Take a message for a refusal when it is the vendor's whole sentence, never for a word that occurs in it."""
    if isinstance(at_top, str) and _sentence(at_top) == _TOKEN_SENTENCE:
        return KnownRefusal(Reason.TOKEN_REFUSED, at_top)
    if isinstance(in_data, str) and _sentence(in_data) == _ACCESS_SENTENCE:
        return KnownRefusal(Reason.ACCESS_DENIED, in_data)
    return None


def _sentence(text: str) -> str:
    """Return a text as known sentences are compared: trimmed, in lower case, without its final full stop."""
    return text.strip().removesuffix(".").rstrip().casefold()


def _violations(data: dict[str, Any]) -> Violations | None:
    """Read violations; an empty list refuses something only when the type says so."""
    listed = _converted(data.get("validationErrorData"), _ViolationList)
    named = data.get("type")
    if listed is None or data.get("apiErrorData") is not None or (named is not None and named != _VALIDATION):
        return None
    found = [_violation(violation) for violation in listed.violations]
    return Violations(found) if found or named is not None else None


def _api_error(data: dict[str, Any]) -> ApiError | None:
    error = _converted(data.get("apiErrorData"), _ApiError)
    return None if error is None else ApiError(error.errorCode, error.errorMessage)


def _message(envelope: dict[str, Any], data: dict[str, Any]) -> ServerMessage | Unreadable:
    """Read the text of a server that says something else."""
    for text in (envelope.get("message"), data.get("message")):
        if isinstance(text, str) and text.strip():
            return ServerMessage(text)
    return Unreadable(OutcomeText.NEITHER, answers=False)


def _converted(value: object, form: type[T]) -> T | None:
    """Return a value in the contract's form, None where it has another."""
    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError:
        return None


def _item(item: _Item) -> Item:
    """Flatten an item, ids as strings. What is usual is spelled out: this is the dearest step of an answer."""
    call, request = item.callInfo, item.requestInfo
    if request is None:
        if call is None:
            return Item(item.commented, item.error)
        return Item(item.commented, item.error, _text(call.callId), _text(call.callReferenceId), _text(call.sipCallId))
    ids = _NO_CALL if call is None else (_text(call.callId), _text(call.callReferenceId), _text(call.sipCallId))
    return Item(item.commented, item.error, *ids, _text(request.requestId), _text(request.requestNumber))


def _text(value: _Id) -> str | None:
    return str(value) if isinstance(value, int) else value


def _violation(violation: _Violation) -> FieldViolation:
    """Read the lead's position out of the field path, when it names one."""
    found = _LEAD.match(violation.fieldPath)
    return FieldViolation(int(found[1]) if found else None, violation.fieldPath, violation.message)
