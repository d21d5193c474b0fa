"""The vendor's side of the contract: what it refuses, how it matches and what it answers. No sockets here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ctnb.emulator.checks import (
    MISSING,
    Check,
    Violation,
    depth,
    email,
    identifier,
    moment,
    one_of,
    phone,
    read_date,
    record,
    several,
    text,
    within,
)
from ctnb.emulator.journals import MATCHES, ContactSearch, Journals, Kind, Lead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENDPOINT: Final = "/lead-service/v1/api/comment/lead/add"
MOST_LEADS: Final = 100
MOST_RULES: Final = 20
NOT_FOUND: Final = "Лид не найден"


def tagged(params: Check) -> Check:
    """Want a logic where there are tags for it to join."""

    def check(path: str, value: Any) -> Iterator[Violation]:
        yield from params(path, value)
        if isinstance(value, dict) and "tagsLogic" not in value:
            tags = value.get("tags")
            if isinstance(tags, list) and len(tags) > 1:
                yield Violation(within(path, "tagsLogic"), MISSING)

    return check


def reachable(params: Check) -> Check:
    """Want phones or e-mails."""

    def check(path: str, value: Any) -> Iterator[Violation]:
        yield from params(path, value)
        if isinstance(value, dict) and not value.keys() & {"phones", "emails"}:
            yield Violation(within(path, "phones"), MISSING)

    return check


def rule(params: Mapping[str, Check]) -> Check:
    """Want a known type, and the parameter object of that type alone."""
    forms = {kind: record({"type": text, f"{kind}Params": check}) for kind, check in params.items()}

    def check(path: str, value: Any) -> Iterator[Violation]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            yield Violation(path, "This value should be of type object.")
        elif isinstance(kind, str) and kind in forms:
            yield from forms[kind](path, value)
        elif "type" in value:
            yield from one_of(*forms)(within(path, "type"), kind)
        else:
            yield Violation(within(path, "type"), MISSING)

    return check


def payload(match: Check) -> Check:
    """Want the whole body of a request; ``match`` judges the match values."""
    tags = {"tags": several(text), "tagsLogic": one_of("and", "or")}
    phones = several(phone, least=1)
    emails = several(email, least=1)
    search = {"date": moment, "searchDepth": depth}
    rules = rule(
        {
            "request": tagged(record({"requestId": identifier}, tags)),
            "call": tagged(record({"callId": identifier}, tags)),
            "requestContact": tagged(
                reachable(record({**search, "requestTypeToMatch": match}, {"phones": phones, "emails": emails, **tags}))
            ),
            "callContact": tagged(record({"phones": phones, **search, "callTypeToMatch": match}, tags)),
        }
    )
    lead = record({"matching": several(rules, least=1, most=MOST_RULES), "addComment": text})
    return record({"comments": several(lead, least=1, most=MOST_LEADS)})


DOCUMENTED: Final = payload(one_of(*MATCHES))
UNDOCUMENTED: Final = payload(text)


def validate(payload: Any, *, undocumented: bool = False) -> list[dict[str, str]]:
    """Return everything in a request's body that the contract does not allow.

    Parameters
    ----------
    payload : object
        The body, as JSON gives it.
    undocumented : bool
        Whether a match value outside the documented three is taken.

    Returns
    -------
    list of dict
        ``fieldPath`` (``comments[0].matching[1].callParams.callId``; places are 0-based) and ``message``;
        empty when the body may be carried out.
    """
    if not isinstance(payload, dict):
        return [told(Violation("comments", "The body should be an object with the field comments."))]
    return [told(violation) for violation in (UNDOCUMENTED if undocumented else DOCUMENTED)("", payload)]


def told(violation: Violation) -> dict[str, str]:
    """Put a violation in the vendor's form."""
    return {"fieldPath": violation.path, "message": violation.message}


class Applied(NamedTuple):
    """A comment that was put on a lead; ``request`` and ``rule`` are 1-based, ``lead`` 0-based."""

    request: int
    lead: int
    comment: str
    rule: int
    matched_by: str
    call_id: str | None
    call_reference_id: str | None
    sip_call_id: str | None
    request_id: str | None
    request_number: str | None
    received_at: datetime


class Vendor:
    """Answers requests as the vendor does, and keeps what was applied. Safe to ask from several threads.

    Parameters
    ----------
    journals : Journals
        The calls and requests that there are.
    token, site_id : str, int
        The only access there is.
    undocumented : bool
        Whether a match value outside the documented three is taken, as ``nearest``.
    """

    def __init__(self, journals: Journals, *, token: str, site_id: int, undocumented: bool = False) -> None:
        self.journals = journals
        self.token = token
        self.site_id = site_id
        self.undocumented = undocumented
        self._applied: list[Applied] = []
        self._accepted = 0
        self._lock = Lock()

    def applied(self) -> list[Applied]:
        """Return the comments applied so far, in order."""
        with self._lock:
            return list(self._applied)

    def answer(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Carry out a request, or refuse it whole; return the HTTP status and the answer."""
        given = {name.lower(): value for name, value in headers.items()}
        if given.get("access-token") != self.token:
            return 401, {"message": "Access token не найден"}
        if given.get("siteid") != str(self.site_id):
            return 403, {"meta": [], "data": {"message": "Ошибка доступа"}}
        if given.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return 415, {"message": "Content-Type should be application/json"}
        try:
            payload = read_body(body)
        except ValueError as error:
            return refusal([told(Violation("comments", f"The body is not JSON in UTF-8: {error}."))])
        violations = validate(payload, undocumented=self.undocumented)
        return refusal(violations) if violations else self.carry_out(payload["comments"])

    def carry_out(self, leads: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        """Comment the leads that are found; the same lead twice takes two comments."""
        found = [self.find(lead["matching"]) for lead in leads]
        received_at = datetime.now(UTC)
        with self._lock:
            self._accepted += 1
            for place, (lead, hit) in enumerate(zip(leads, found, strict=True)):
                if hit is not None:
                    rule, kind, match = hit
                    said = (self._accepted, place, lead["addComment"], rule, kind)
                    self._applied.append(Applied(*said, *ids_of(match), received_at))
        return 200, {"meta": [], "data": {"comments": [item(hit and hit[2]) for hit in found]}}

    def find(self, matching: list[dict[str, Any]]) -> tuple[int, str, Lead] | None:
        """Return the 1-based place and the type of the first rule that finds a lead with its tags, and the lead."""
        for place, rule in enumerate(matching, start=1):
            params = rule[f"{rule['type']}Params"]
            lead = self.look_up(rule["type"], params)
            if lead is not None and carries(lead, params):
                return place, rule["type"], lead
        return None

    def look_up(self, kind: str, params: dict[str, Any]) -> Lead | None:
        """Return the lead that a rule names, whatever its tags."""
        match kind:
            case "call":
                return self.journals.by_id("call", params["callId"])
            case "request":
                return self.journals.by_id("request", params["requestId"])
            case "callContact":
                return self.journals.by_contact(contact_search("call", params["callTypeToMatch"], params))
            case _:
                return self.journals.by_contact(contact_search("request", params["requestTypeToMatch"], params))


def contact_search(kind: Kind, match: str, params: dict[str, Any]) -> ContactSearch:
    """Read a contact rule that is known to be valid."""
    sought = read_date(params["date"])
    if sought is None:
        raise ValueError(f"The date {params['date']!r} was not validated.")
    phones, emails = tuple(params.get("phones", ())), tuple(params.get("emails", ()))
    return ContactSearch(kind, match, sought, params["searchDepth"], phones, emails)


def carries(lead: Lead, params: dict[str, Any]) -> bool:
    """Tell whether a lead has the tags that a rule asks for."""
    tags = set(params.get("tags", ()))
    if not tags:
        return True
    return bool(tags & lead.tags) if params.get("tagsLogic") == "or" else tags <= lead.tags


def item(lead: Lead | None) -> dict[str, Any]:
    """Answer one lead."""
    call = request = None
    if lead is not None:
        call_id, reference_id, sip_id, request_id, number = ids_of(lead)
        if lead.kind == "call":
            call = {"callId": vendor_id(call_id), "callReferenceId": reference_id, "sipCallId": sip_id}
        else:
            request = {"requestId": vendor_id(request_id), "requestNumber": number}
    error = NOT_FOUND if lead is None else None
    return {"commented": lead is not None, "error": error, "callInfo": call, "requestInfo": request}


def ids_of(lead: Lead) -> tuple[str | None, str | None, str | None, str | None, str | None]:
    """Return the three ids of a call and the two of a request, None for those of the other kind."""
    if lead.kind == "call":
        call_id, reference_id, sip_id = lead.ids
        return call_id, reference_id, sip_id, None, None
    request_id, number = lead.ids
    return None, None, None, request_id, number


def vendor_id(text: str | None) -> int | str | None:
    """Show an id of the vendor as an integer where it is one."""
    if text is None or not (text.isascii() and text.isdigit()) or str(int(text)) != text:
        return text
    return int(text)


def refusal(violations: list[dict[str, str]]) -> tuple[int, dict[str, Any]]:
    """Refuse a request whole."""
    errors = {"violations": violations}
    return 400, {"meta": [], "data": {"type": "validationError", "apiErrorData": None, "validationErrorData": errors}}


def read_body(body: bytes) -> Any:
    """Read JSON as its standard says: UTF-8, no NaN, no name twice in an object; ValueError otherwise."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse_constant, object_pairs_hook=unique_names)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def refuse_constant(name: str) -> None:
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(f"{name} is no JSON value")


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; readers of JSON do not agree on what a second field of the same name means."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field comes twice in one object")
    return fields


def count_leads(body: bytes) -> int:
    """Return how many leads a body carries, refused or not; 0 where that cannot be read."""
    try:
        leads = read_body(body)["comments"]
    except (ValueError, KeyError, TypeError):
        return 0
    return len(leads) if isinstance(leads, list) else 0
