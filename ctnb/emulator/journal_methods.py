"""The vendor's journal methods: calls in pages, requests in one array, both in the vendor's nested form."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ctnb.emulator.refusals import ACCESS, TOKEN, Refusal
from ctnb.emulator.vendor import vendor_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnb.emulator.journal_rows import Lead, LeadComment
    from ctnb.emulator.vendor import Vendor

CALLS_PATH: Final = "/calls-service/RestAPI/{site_id}/calls-diary/calls"
REQUESTS_PATH: Final = "/calls-service/RestAPI/requests"

DIALLED: Final = "74950000000"
"""The tracked number, which the vendor calls ``phoneNumber`` in a call."""

USUAL_LIMIT: Final = 100
MOST_LIMIT: Final = 1000
MOST_MONTHS: Final = 3

DATE: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})")
TRUE_WORDS: Final = frozenset({"true", "1"})


class WrongQueryError(ValueError):
    """A query that the vendor refuses; its text is what the answer says."""


class Span(NamedTuple):
    """Moments from the first to before the last, in seconds since 1970; and the days that they lie in."""

    since: float
    until: float
    first_day: datetime
    last_day: datetime


class JournalMethods:
    """Answers the journal methods over the vendor's journals."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._zone = vendor.journals.zone

    def calls(self, site_id: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """Return calls: with ``page`` an object of one page, without it the array of a single day."""
        return self._refusal(query, site_id) or self._answered(self._calls, query)

    def requests(self, query: Mapping[str, str]) -> tuple[int, Any]:
        """Return requests: always a bare array."""
        return self._refusal(query, query.get("siteId", "")) or self._answered(self._requests, query)

    def _refusal(self, query: Mapping[str, str], site_id: str) -> Refusal | None:
        if query.get("clientApiId") != self._vendor.token:
            return TOKEN
        return None if site_id == str(self._vendor.site_id) else ACCESS

    def _answered(self, method: Any, query: Mapping[str, str]) -> tuple[int, Any]:
        try:
            return 200, method(query)
        except WrongQueryError as error:
            return 400, {"errorCode": "400", "message": str(error)}

    def _calls(self, query: Mapping[str, str]) -> Any:
        span = self._span(query, "dd/mm/yyyy")
        paged = "page" in query
        if not paged and span.first_day != span.last_day:
            raise WrongQueryError("Without page only one day may be asked for")
        found = between(self._timed_calls, span)
        with_tags, with_comments = (is_true(query, name) for name in ("withCallTags", "withComments"))

        def records(leads: Sequence[Lead]) -> list[dict[str, Any]]:
            return [self._call(lead, with_tags=with_tags, with_comments=with_comments) for lead in leads]

        if not paged:
            return records(found)
        page = whole(query, "page", 1, math.inf)
        limit = whole(query, "limit", 1, MOST_LIMIT) if "limit" in query else USUAL_LIMIT
        return {
            "page": page,
            "pageTotal": math.ceil(len(found) / limit),
            "pageSize": limit,
            "recordsTotal": len(found),
            "records": records(found[(page - 1) * limit : page * limit]),
        }

    def _requests(self, query: Mapping[str, str]) -> Any:
        span = self._span(query, "mm/dd/yyyy")
        with_tags = is_true(query, "withRequestTags")
        return [self._request(lead, with_tags=with_tags) for lead in between(self._timed_requests, span)]

    def _span(self, query: Mapping[str, str], form: str) -> Span:
        first, last = (self._day(query, name, form) for name in ("dateFrom", "dateTo"))
        if last < first:
            raise WrongQueryError("dateTo is before dateFrom")
        if last >= months_later(first, MOST_MONTHS):
            raise WrongQueryError(f"At most {MOST_MONTHS} months may be asked for")
        begin, end = first, last + timedelta(days=1)
        if "timeFrom" in query:
            begin = first + time_of_day(query, "timeFrom")
        if "timeTo" in query:
            end = last + time_of_day(query, "timeTo") + timedelta(seconds=1)
        # Of a wall clock that is shown twice, a day begins with the first and ends with the second.
        return Span(begin.timestamp(), end.replace(fold=1).timestamp(), first, last)

    def _day(self, query: Mapping[str, str], name: str, form: str) -> datetime:
        parts = DATE.fullmatch(query.get(name, ""))
        first, second, year = map(int, parts.groups()) if parts else (0, 0, 0)
        month, day = (second, first) if form.startswith("dd") else (first, second)
        try:
            return datetime(year, month, day, tzinfo=self._zone)
        except ValueError:
            raise WrongQueryError(f"{name}: expected {form}") from None

    @cached_property
    def _timed_calls(self) -> list[Lead]:
        return by_time(self._vendor.journals.calls)

    @cached_property
    def _timed_requests(self) -> list[Lead]:
        return by_time(self._vendor.journals.requests)

    def _call(self, lead: Lead, *, with_tags: bool, with_comments: bool) -> dict[str, Any]:
        call_id, reference_id, sip_id = lead.ids
        return {
            "callId": vendor_id(call_id),
            "callReferenceId": reference_id,
            "sipCallId": sip_id,
            "date": self._clock(lead),
            "timestamp": math.floor(lead.at or 0),
            "callerNumber": ", ".join(lead.phones) or None,
            "phoneNumber": DIALLED,
            "uniqueCall": lead.unique,
            "targetCall": lead.target,
            "uniqTargetCall": lead.unique_target,
            "callTags": tags_of(lead) if with_tags else None,
            "comments": self._comments(lead, "callId") if with_comments else None,
            "city": "<не указано>",
            "sessionId": None,
        }

    def _request(self, lead: Lead, *, with_tags: bool) -> dict[str, Any]:
        request_id, number = lead.ids
        record: dict[str, Any] = {
            "requestId": vendor_id(request_id),
            # Where the site sent none, the vendor shows its own id.
            "requestNumber": request_id if number is None else number,
            "date": round((lead.at or 0) * 1000),
            "dateStr": self._clock(lead),
            "client": {
                "clientId": None,
                "fio": None,
                "phones": [{"phoneNumber": phone, "phoneType": "MOBILE"} for phone in lead.phones],
                "contacts": [{"contactType": "EMAIL", "contactValue": email} for email in lead.emails],
            },
            "uniqueRequest": lead.unique,
            "targetRequest": lead.target,
            "uniqTargetRequest": lead.unique_target,
            "comments": self._comments(lead, "requestId"),
            "session": None,
        }
        return {**record, "RequestTags": tags_of(lead)} if with_tags else record

    def _clock(self, lead: Lead) -> str:
        return datetime.fromtimestamp(lead.at or 0, self._zone).strftime("%d/%m/%Y %H:%M:%S")

    def _comments(self, lead: Lead, id_name: str) -> list[dict[str, Any]] | None:
        own_id = vendor_id(lead.ids[0])
        found = [shown(comment, id_name, own_id) for comment in self._vendor.comments_on(lead)]
        return found or None


def by_time(leads: Sequence[Lead]) -> list[Lead]:
    """Return the leads that have a time, in order of it: no other is in any day."""
    return sorted((lead for lead in leads if lead.at is not None), key=at)


def at(lead: Lead) -> float:
    """Return the time of a lead that has one."""
    return lead.at or 0


def between(leads: list[Lead], span: Span) -> list[Lead]:
    """Return the leads of a span, of leads in order of time."""
    return leads[bisect_left(leads, span.since, key=at) : bisect_left(leads, span.until, key=at)]


def tags_of(lead: Lead) -> list[dict[str, Any]]:
    """Return tags as the vendor shows those that people set."""
    return [{"category": "", "type": "MANUAL", "names": sorted(lead.tags)}] if lead.tags else []


def shown(comment: LeadComment, id_name: str, own_id: int | str | None) -> dict[str, Any]:
    """Return a comment as the vendor shows it."""
    return {
        "commentId": comment.number,
        id_name: own_id,
        "comment": comment.text,
        "partyId": None,
        "partyName": comment.party,
    }


def is_true(query: Mapping[str, str], name: str) -> bool:
    """Tell whether a flag is set."""
    return query.get(name, "").casefold() in TRUE_WORDS


def whole(query: Mapping[str, str], name: str, least: float, most: float) -> int:
    """Return a whole number of the query."""
    text = query.get(name, "")
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise WrongQueryError(f"{name}: expected a whole number from {least} to {most}")
    return int(text)


def time_of_day(query: Mapping[str, str], name: str) -> timedelta:
    """Return a time of the query, ``hh:mm:ss``."""
    parts = TIME.fullmatch(query[name])
    if parts is None:
        raise WrongQueryError(f"{name}: expected hh:mm:ss")
    hours, minutes, seconds = map(int, parts.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def months_later(day: datetime, months: int) -> datetime:
    """Return the same day some months later, the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    begin = day.replace(year=day.year + years, month=month + 1, day=1)
    last = (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return begin.replace(day=min(day.day, last.day))
