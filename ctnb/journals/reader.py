"""The reader: asks a journal method over the delivery's client, at the shared pace, and again where that helps."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ctnb.delivery.caution import Caution
from ctnb.delivery.gate import Gate
from ctnb.delivery.safe_texts import SafeTexts
from ctnb.exceptions import JournalError
from ctnb.i18n.journal_names import journal_name
from ctnb.i18n.language import gettext
from ctnb.i18n.message import LazyMessage, lazy_gettext
from ctnb.journals.answer import LATER, AskAgain, Refused, TooLarge, judge_reading
from ctnb.journals.columns import CALL_FORM, REQUEST_FORM
from ctnb.journals.days import LAST_SECOND, clock_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Mapping

    from ctnb.connection import Connection
    from ctnb.delivery.client import Client, Exchange
    from ctnb.delivery.gate import Look
    from ctnb.delivery.pace.choose import Limiter
    from ctnb.journals.answer import Reading
    from ctnb.journals.columns import FlatForm
    from ctnb.journals.days import DaySpan
    from ctnb.journals.download_counts import DownloadCounts
    from ctnb.journals.records import Page

CALLS_PATH: Final = "/calls-service/RestAPI/{site_id}/calls-diary/calls"
REQUESTS_PATH: Final = "/calls-service/RestAPI/requests"

LARGEST_ANSWER: Final = 32 << 20
"""Bytes of one answer; a page of 1000 calls takes a few millions."""

LARGEST_PAGE: Final = 1000

TRIES: Final = 5
FIRST_BACKOFF: Final = 0.5
PAUSES_IN_A_ROW: Final = 5


class JournalReader:
    """Reads the two journal methods of an account.

    Parameters
    ----------
    client : Client
    connection : Connection
    limiter : Limiter
        The connection's.
    counts : DownloadCounts
        Updated with each request.
    sleep : callable
        Awaitable pause in seconds.
    now : callable
        Aware current time.
    """

    def __init__(
        self,
        client: Client,
        connection: Connection,
        limiter: Limiter,
        counts: DownloadCounts,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._connection, self._counts = client, connection, counts
        self._limiter = limiter
        self._safe_texts = SafeTexts(connection.token)
        self._sleep, self._now = sleep, now

    async def page_of_calls(self, first: dt.date, last: dt.date, page: int, limit: int) -> Page | TooLarge:
        """Return one page of the calls from a first to a last day, both of them too."""
        query = {
            "dateFrom": f"{first:%d/%m/%Y}",
            "dateTo": f"{last:%d/%m/%Y}",
            "page": str(page),
            "limit": str(limit),
            "withCallTags": "true",
            "withComments": "true",
        }
        path = CALLS_PATH.format(site_id=self._connection.site_id)
        return await self._ask(CALL_FORM, path, query, journal_of(CALL_FORM, span_text(first, last)))

    async def page_of_requests(self, span: DaySpan, page: int) -> Page | TooLarge:
        """Return the requests of a day, or of a part of it.

        No paging of them is known: a page beyond the first is asked for only where the answer says that there is one.
        """
        query = {
            "siteId": str(self._connection.site_id),
            "dateFrom": f"{span.day:%m/%d/%Y}",
            "dateTo": f"{span.day:%m/%d/%Y}",
            "withRequestTags": "true",
        }
        if span.since:
            query["timeFrom"] = clock_text(span.since)
        if span.until < LAST_SECOND:
            query["timeTo"] = clock_text(span.until)
        if page > 1:
            query |= {"page": str(page), "limit": str(LARGEST_PAGE)}
        return await self._ask(REQUEST_FORM, REQUESTS_PATH, query, journal_of(REQUEST_FORM, str(span.day)))

    async def _ask(self, form: FlatForm, path: str, query: Mapping[str, str], what: LazyMessage) -> Page | TooLarge:
        """Ask until there is an answer, or a reason to give up.

        Raises
        ------
        JournalError
            When the vendor refuses, or none of several tries succeeds.
        """
        tries = pauses = 0
        while True:
            match self._safe(judge_reading(await self._exchange(path, query), form, self._now())):
                case Refused(text, advice):
                    raise unreadable(what, text, advice)
                case AskAgain(text, float(pause)):
                    pauses += 1
                    if pauses > PAUSES_IN_A_ROW:
                        raise unreadable(what, text, LATER)
                    self._limiter.pause(pause)
                case AskAgain(text):
                    tries, pauses = tries + 1, 0
                    if tries == TRIES:
                        raise unreadable(what, gettext("{problem}, in {tries} tries", problem=text, tries=TRIES), LATER)
                    await self._sleep(FIRST_BACKOFF * 2 ** (tries - 1))
                case page:
                    return page

    async def _exchange(self, path: str, query: Mapping[str, str]) -> Exchange:
        """Carry out one exchange."""
        gate = Gate(self._limiter, Caution(), self._look_once_more, asyncio.Event())
        try:
            # No name here holds the token's text: its repr is masked, and the address is made in aiohttp's frames.
            exchange = await self._client.fetch(
                path, {"clientApiId": self._connection.token, **query}, gate, limit=LARGEST_ANSWER
            )
        finally:
            gate.close()
        if gate.failure is not None:
            raise gate.failure
        return exchange

    async def _look_once_more(self, alive: Look) -> bool:
        """Let a request through whose connection is alive; it leaves no mark, for it changes nothing."""
        self._counts.requests += 1
        return await alive()

    def _safe(self, reading: Reading) -> Reading:
        """Take the token and contacts out of what a server says, before anything is raised with it at hand."""
        if isinstance(reading, AskAgain | Refused):
            return replace(reading, text=self._safe_texts(reading.text))
        return reading


def unreadable(what: LazyMessage, text: str, advice: str) -> JournalError:
    """Return the error of a journal that cannot be read; the advice is a message of the catalogue."""
    return JournalError(
        "The {what}: {problem}. {advice}.", what=what, problem=text.rstrip("."), advice=lazy_gettext(advice)
    )


def journal_of(form: FlatForm, span: object) -> LazyMessage:
    """Name a journal and the days of it that are asked for."""
    return lazy_gettext("{journal}, {span}", journal=journal_name(form.journal), span=span)


def span_text(first: dt.date, last: dt.date) -> str | LazyMessage:
    """Write a span of days."""
    return str(first) if first == last else lazy_gettext("{since} to {until}", since=first, until=last)
