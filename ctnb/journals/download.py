"""A download: the days that the cache has not are read from the vendor, several requests at a time, at the shared pace.

Calls are asked for in runs of days and in pages, requests by the day; each is cut into days, and what is final is kept
at once. So a download that is broken off, however it ends, goes on where it was.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctnb.delivery.client import open_client
from ctnb.delivery.pace.choose import open_limiter
from ctnb.exceptions import JournalError
from ctnb.i18n.journal_names import journal_name
from ctnb.journals.answer import TooLarge
from ctnb.journals.columns import CALL_FORM, FORMS, REQUEST_FORM
from ctnb.journals.days import ONE_DAY, DaySpan, days_of, runs_of
from ctnb.journals.flat import FlatJournal, joined_journals
from ctnb.journals.pages import INSTEAD, TooManyPages, all_pages
from ctnb.journals.reader import LARGEST_PAGE, JournalReader, journal_of, span_text
from ctnb.journals.records import flat_records
from ctnb.leads.moments.wall_clock import account_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from ctnb.connection import Connection
    from ctnb.i18n.message import LazyMessage
    from ctnb.journals.cache import DayCache
    from ctnb.journals.columns import FlatForm
    from ctnb.journals.download_counts import DownloadCounts

FINAL_AFTER: Final = dt.timedelta(days=10)
"""After the end of a day: clients read the last ten days anew each night, for tags and comments arrive late."""

LONGEST_RUN: Final = 89
"""Days of one request for calls: the shortest three months (vendor-facts, 5.1)."""

MOST_PAGES: Final = 10
"""Pages of one run of days: what each worker of a download that is broken off has to read again at the most."""

_MINUTE: Final = 60_000_000
_DAY: Final = 1440 * _MINUTE
_EPOCH: Final = dt.date(1970, 1, 1)


class Download:
    """The days of an account's journals, found in a cache or read from the vendor.

    Parameters
    ----------
    connection : Connection
    first, last : date
        Both of them are read too.
    cache : DayCache or None
    refresh : bool
        Whether the days that are kept are read again.
    counts : DownloadCounts
        Set to what is to be done, and updated as the download goes on.
    now : callable
        Aware current time.
    """

    def __init__(
        self,
        connection: Connection,
        first: dt.date,
        last: dt.date,
        *,
        cache: DayCache | None,
        refresh: bool,
        counts: DownloadCounts,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._connection, self._cache, self._counts, self._now = connection, cache, counts, now
        self._zone = account_zone(connection.timezone)
        self._days = days_of(first, last)
        self._found: dict[tuple[str, dt.date], FlatJournal] = {}
        self._missing = {form.journal: self._days if refresh else self._not_kept(form) for form in FORMS}
        counts.days = sum(map(len, self._missing.values()))
        self._room = asyncio.Semaphore(connection.concurrency)
        self._limit = LARGEST_PAGE

    async def run(self) -> list[FlatJournal]:
        """Return the calls and the requests.

        Raises
        ------
        JournalError
            When a day cannot be read; those that are final and were read are kept.
        """
        missing = self._missing
        if self._counts.days:
            with open_limiter(self._connection) as limiter:
                async with open_client(self._connection) as client:
                    reader = JournalReader(client, self._connection, limiter, self._counts, now=self._now)
                    calls = runs_of(missing[CALL_FORM.journal], LONGEST_RUN)
                    await together(
                        [
                            *(self._read_calls(reader, run) for run in calls),
                            *(self._read_requests(reader, day) for day in missing[REQUEST_FORM.journal]),
                        ]
                    )
        return [joined_journals(form, [self._found[form.journal, day] for day in self._days]) for form in FORMS]

    def _not_kept(self, form: FlatForm) -> list[dt.date]:
        """Return the days that are to be read, and take the others from the cache."""
        if self._cache is None:
            return self._days
        kept = {day: self._cache.find(form, day) for day in self._days}
        self._found |= {(form.journal, day): flat for day, flat in kept.items() if flat is not None}
        self._counts.kept += sum(flat is not None for flat in kept.values())
        return [day for day, flat in kept.items() if flat is None]

    async def _read_calls(self, reader: JournalReader, days: Sequence[dt.date]) -> None:
        """Read the calls of a run of days; one that has too many pages, or too large ones, in parts."""
        what = journal_of(CALL_FORM, span_text(days[0], days[-1]))
        several = len(days) > 1
        limit = self._limit
        async with self._room:
            asked = self._now()
            try:
                records = await all_pages(
                    lambda page: reader.page_of_calls(days[0], days[-1], page, limit),
                    what,
                    arrays_are_pages=True,
                    most=MOST_PAGES if several else None,
                )
            except TooManyPages as more:
                records, longest = None, max(1, len(days) * MOST_PAGES // more.pages)
            if isinstance(records, TooLarge):
                if limit == 1:
                    raise too_large(what)
                # A page is as large with fewer days: it has fewer calls only by its limit.
                self._limit, records, longest = max(1, min(self._limit, limit // 2)), None, len(days)
            if records is not None:
                self._keep(CALL_FORM, days, records, asked)
                return
        await together([self._read_calls(reader, run) for run in runs_of(days, longest)])

    async def _read_requests(self, reader: JournalReader, day: dt.date) -> None:
        """Read the requests of a day, in halves where its answer is too large."""
        async with self._room:
            asked, records = self._now(), []
            spans = [DaySpan(day)]
            while spans:
                span = spans.pop()
                what = journal_of(REQUEST_FORM, day)
                found = await all_pages(partial(reader.page_of_requests, span), what, arrays_are_pages=False)
                if isinstance(found, TooLarge):
                    halves = span.halves()
                    if halves is None:
                        raise too_large(what)
                    spans.extend(reversed(halves))
                else:
                    records += found
            self._keep(REQUEST_FORM, [day], records, asked)

    def _keep(self, form: FlatForm, days: Sequence[dt.date], records: Sequence[Any], asked: dt.datetime) -> None:
        """Cut what was read into days, and keep those that are final."""
        flat = flat_records(records, form, self._connection.timezone).without_repeats(form.vendor_id)
        for day, part in zip(days, self._cut(form, days, flat), strict=True):
            self._found[form.journal, day] = part
            if self._cache is not None and asked >= self._end_of(day) + FINAL_AFTER:
                self._cache.keep(form, day, part)
        self._counts.read += len(days)
        self._counts.leads += len(flat)

    def _cut(self, form: FlatForm, days: Sequence[dt.date], flat: FlatJournal) -> list[FlatJournal]:
        """Return the leads of each day, by the account's clock as the vendor shows it; without a moment, of the first.

        Raises
        ------
        JournalError
            When a lead is of another time than was asked for.
        """
        moments = flat.frame[form.columns.date]
        local = (
            moments.dt.tz_convert(self._zone).dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
        )
        utc = moments.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
        shown = np.where(np.isnan(flat.offsets), local, utc + (np.nan_to_num(flat.offsets) * _MINUTE).astype(np.int64))
        first, last = ((day - _EPOCH).days for day in (days[0], days[-1]))
        numbers = np.where(moments.isna().to_numpy(), first, shown // _DAY)
        strangers = np.flatnonzero((numbers < first - 1) | (numbers > last + 1))
        if len(strangers):
            day = _EPOCH + int(numbers[strangers[0]]) * ONE_DAY
            raise JournalError(
                "The {journal}, {span}: {count} leads are of other days, such as {day}. {advice}.",
                journal=journal_name(form.journal),
                span=span_text(days[0], days[-1]),
                count=len(strangers),
                day=day,
                advice=INSTEAD,
            )
        # The vendor may count its days in another zone than its clock shows.
        of_day = np.clip(numbers, first, last) - first
        order = np.argsort(of_day, kind="stable")
        bounds = np.searchsorted(of_day[order], np.arange(len(days) + 1))
        return [flat.part(order[begin:end]) for begin, end in pairwise(bounds)]

    def _end_of(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day + ONE_DAY, dt.time(), tzinfo=self._zone)


def too_large(what: LazyMessage) -> JournalError:
    """Return the error of an answer that no smaller request makes small enough."""
    return JournalError(
        "The {what}: the answer is too large, however little is asked for. {advice}.", what=what, advice=INSTEAD
    )


async def together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Carry out several coroutines; the first that fails ends the others, and is raised."""
    tasks = [asyncio.create_task(each) for each in work]
    if not tasks:
        return
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled():
            task.result()
