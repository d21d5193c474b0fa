"""Pages of one journal, read to the last: a server that ignores the page that is asked for makes no loop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from ctnb.exceptions import JournalError
from ctnb.i18n.message import lazy_gettext
from ctnb.journals.answer import LATER, TooLarge
from ctnb.journals.records import SEVERAL, CallRecord

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ctnb.i18n.message import LazyMessage
    from ctnb.journals.records import Page

INSTEAD: Final = lazy_gettext("Read an export of the account instead: Journal(calls=..., requests=...)")

MOST_LEADS: Final = 2_000_000
"""Leads of one answer, over all of its pages; a server that makes up new ones without end is left at that."""


class TooManyPages(Exception):  # noqa: N818  not an error: less is asked for at once
    """More pages than are read in one run.

    Attributes
    ----------
    pages : int
    """

    def __init__(self, pages: int) -> None:
        super().__init__(pages)
        self.pages = pages


async def all_pages(
    ask: Callable[[int], Awaitable[Page | TooLarge]],
    what: LazyMessage,
    *,
    arrays_are_pages: bool,
    most: int | None = None,
) -> list[Any] | TooLarge:
    """Read all pages of an answer.

    Parameters
    ----------
    ask : callable
        Asks for a page by its number, from 1.
    what : LazyMessage
        The journal and its days, for messages.
    arrays_are_pages : bool
        Whether a bare array may be one page of several: an object of pages says how many there are, an array does not.
        Then the next page is asked for until one brings no new id.
    most : int, optional
        Pages that are read; where the first says that there are more, nothing else is asked for.

    Returns
    -------
    list of CallRecord or RequestRecord, or TooLarge
        Each id once, as it was read last.

    Raises
    ------
    TooManyPages
    JournalError
        When pages come again, do not end, or records are missing.
    """
    found: dict[str, Any] = {}
    received, total, number = 0, math.inf, 0
    while True:
        number += 1
        page = await ask(number)
        if isinstance(page, TooLarge):
            return page
        before = len(found)
        # Those without an id stand for one, and are refused with their row.
        found.update((_id_of(record), record) for record in page.records)
        fresh = len(found) > before
        if len(found) > MOST_LEADS:
            raise JournalError(
                "The {what}: expected {most:n} leads at the most, got more, and no end. {advice}.",
                what=what,
                most=MOST_LEADS,
                advice=INSTEAD,
            )
        if page.pages is None and page.total is None:
            if not fresh or not arrays_are_pages:
                return list(found.values())
            continue
        if number == 1 and most is not None and (page.pages or 0) > most:
            raise TooManyPages(page.pages or 0)
        received += len(page.records)
        # The least of all: a lead that came between two pages may be on none of them.
        total = total if page.total is None else min(total, page.total)
        is_last = received >= total if page.pages is None else number >= page.pages
        if number > 1 and not fresh and (page.records or not is_last):
            raise JournalError(
                "The {what}: expected new leads on page {page} of {pages}, got {got}. {later}. {instead}.",
                what=what,
                page=number,
                pages=page.pages or SEVERAL,
                got=lazy_gettext("those of earlier pages") if page.records else lazy_gettext("none"),
                later=lazy_gettext(LATER),
                instead=INSTEAD,
            )
        if is_last and received < total < math.inf:
            raise JournalError(
                "The {what}: expected {total:n} leads, as the answer says, got {received:n}. {later}. {instead}.",
                what=what,
                total=total,
                received=received,
                later=lazy_gettext(LATER),
                instead=INSTEAD,
            )
        if is_last:
            return list(found.values())


def _id_of(record: Any) -> str:
    """Return the vendor's id of a record, however it is written; blank where it has none."""
    own = record.call_id if isinstance(record, CallRecord) else record.request_id
    return "" if own is None else str(own).strip()
