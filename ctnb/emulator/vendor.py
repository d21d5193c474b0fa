"""The vendor: refuses a request or carries it out, and keeps the comments that it applied. No sockets here."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from ctnb.emulator.checks import CheckFailure, read_date
from ctnb.emulator.journal_rows import LeadComment
from ctnb.emulator.journals import ContactSearch, Journals
from ctnb.emulator.records import Applied
from ctnb.emulator.refusals import ACCESS, TOKEN
from ctnb.emulator.request_body import read_body, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnb.emulator.journal_rows import Kind, Lead

ENDPOINT: Final = "/lead-service/v1/api/comment/lead/add"
NOT_FOUND: Final = "Лид не найден"


class Vendor:
    """Answers requests as the vendor does, and keeps what was applied. Safe to ask from several threads.

    Parameters
    ----------
    journals : Journals
        The calls and requests that there are.
    token, site_id : str, int
        The only access there is.
    undocumented : bool
        Whether a match value outside the documented three is allowed; it means ``nearest``.
    """

    def __init__(self, journals: Journals, *, token: str, site_id: int, undocumented: bool = False) -> None:
        self.journals = journals
        self.token = token
        self.site_id = site_id
        self.undocumented = undocumented
        self._applied: list[Applied] = []
        self._posted: dict[tuple[Any, ...], list[LeadComment]] = {}
        given = (comment.number for lead in chain(journals.calls, journals.requests) for comment in lead.comments)
        self._last_comment = max(given, default=0)
        self._accepted = 0
        self._lock = Lock()

    def applied(self) -> list[Applied]:
        """Return the comments applied so far, in order."""
        with self._lock:
            return list(self._applied)

    def comments_on(self, lead: Lead) -> list[LeadComment]:
        """Return the comments of a lead: the journal's, and those that were applied."""
        with self._lock:
            return [*lead.comments, *self._posted.get((lead.kind, *lead.ids), ())]

    def answer(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Carry out a request, or refuse it whole; return the HTTP status and the answer."""
        given = {name.lower(): value for name, value in headers.items()}
        if given.get("access-token") != self.token:
            return TOKEN.status, dict(TOKEN.body)
        if given.get("siteid") != str(self.site_id):
            return ACCESS.status, dict(ACCESS.body)
        if given.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return 415, {"message": "Content-Type should be application/json"}
        try:
            request = read_body(body)
        except ValueError as error:
            return refusal([CheckFailure("comments", f"The body is not JSON in UTF-8: {error}.")])
        failures = validate(request, undocumented=self.undocumented)
        return refusal(failures) if failures else self.carry_out(request["comments"])

    def carry_out(self, leads: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        """Comment the leads that are found; the same lead twice takes two comments."""
        found = [self.find(lead["matching"]) for lead in leads]
        received_at = datetime.now(UTC)
        with self._lock:
            self._accepted += 1
            for position, (lead, hit) in enumerate(zip(leads, found, strict=True)):
                if hit is not None:
                    rank, kind, match = hit
                    comment = (self._accepted, position, lead["addComment"], rank, kind)
                    self._applied.append(Applied(*comment, *ids_of(match), received_at))
                    self._last_comment += 1
                    # Whom the vendor's journals name as the author is not known: nobody, here.
                    posted = LeadComment(self._last_comment, lead["addComment"])
                    self._posted.setdefault((match.kind, *match.ids), []).append(posted)
        return 200, {"meta": [], "data": {"comments": [item(hit and hit[2]) for hit in found]}}

    def find(self, matching: list[dict[str, Any]]) -> tuple[int, str, Lead] | None:
        """Return the rank and the type of the first rule that finds a lead with its tags, and the lead."""
        for rank, rule in enumerate(matching, start=1):
            params = rule[f"{rule['type']}Params"]
            lead = self.look_up(rule["type"], params)
            if lead is not None and carries(lead, params):
                return rank, rule["type"], lead
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


def refusal(failures: list[CheckFailure]) -> tuple[int, dict[str, Any]]:
    """Refuse a request whole, in the vendor's form."""
    violations = [{"fieldPath": failure.path, "message": failure.message} for failure in failures]
    errors = {"violations": violations}
    return 400, {"meta": [], "data": {"type": "validationError", "apiErrorData": None, "validationErrorData": errors}}
