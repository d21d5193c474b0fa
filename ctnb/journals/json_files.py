"""Files of JSON: a journal as the vendor's methods answer, one page or several of them, or flat."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pandas as pd

from ctnb.exceptions import JournalError
from ctnb.i18n.language import gettext
from ctnb.journals.columns import CALL_FORM
from ctnb.journals.flat import flat_journal
from ctnb.journals.records import SEVERAL, AnswerFault, Page, flat_records, read_page, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.journals.columns import FlatForm
    from ctnb.journals.flat import FlatJournal

_BETWEEN: Final = re.compile(r"[\s,]*")


def read_json(content: bytes, what: str, form: FlatForm, timezone: str) -> FlatJournal:
    """Read a journal from the bytes of a file.

    Parameters
    ----------
    content : bytes
        An array of records, a page, an array of pages, or several of these one after the other.
    what : str
        The file, for messages.
    form : FlatForm
    timezone : str

    Raises
    ------
    JournalError
        When it holds no journal, or some of its pages alone.
    """
    page = read_page(content, form)
    pages: list[Page | AnswerFault] = [page] if isinstance(page, Page) else []
    if not pages or _is_array_of_pages(page, form):
        pages = _pages_in(content, form) or pages
    if not pages:
        raise _refused(page, what)
    for each in pages:
        if isinstance(each, AnswerFault):
            raise _refused(each, what)
    found = [each for each in pages if isinstance(each, Page)]
    records = [record for each in found for record in each.records]
    _refuse_parts(found, len(records), what)
    if records and _may_be_flat(records, form):
        table = pd.DataFrame(list(_values_in(content)))
        if records_of(table, form) is None:
            return flat_journal(table, form, timezone)
    return flat_records(records, form, timezone).without_repeats(form.vendor_id)


def _is_array_of_pages(page: Page | AnswerFault, form: FlatForm) -> bool:
    """Tell whether what was read as records may be pages: no id is in any."""
    name = "call_id" if form is CALL_FORM else "request_id"
    records = page.records if isinstance(page, Page) else ()
    return bool(records) and all(getattr(record, name) is None for record in records)


def _pages_in(content: bytes, form: FlatForm) -> list[Page | AnswerFault]:
    """Return the pages of an array of them, or of texts of JSON that follow each other; none where these do not."""
    try:
        return [_page_of(bytes(raw), form) for raw in msgspec.json.decode(content, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        pass
    try:
        return [_page_of(json.dumps(value).encode(), form) for value in _documents(content)]
    except (ValueError, RecursionError):
        return []


def _page_of(body: bytes, form: FlatForm) -> Page | AnswerFault:
    """Read a page, or a record that stands alone."""
    page = read_page(body, form)
    alone = read_page(b"[" + body + b"]", form) if isinstance(page, AnswerFault) and not page.by_vendor else page
    return page if isinstance(alone, Page) and _is_array_of_pages(alone, form) else alone


def _documents(content: bytes) -> Iterator[Any]:
    """Yield the texts of JSON that follow each other in a file."""
    text, decoder = content.decode("utf-8-sig"), json.JSONDecoder()
    at = _BETWEEN.match(text, 0).end()  # type: ignore[union-attr]  # it matches nothing, too
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        yield value
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]


def _values_in(content: bytes) -> Iterator[Any]:
    """Yield the records of a file with all of their fields."""
    for value in _documents(content):
        for each in value if isinstance(value, list) else [value]:
            inner = each.get("records") if isinstance(each, dict) else None
            yield from inner if isinstance(inner, list) else [each]


def _may_be_flat(records: list[Any], form: FlatForm) -> bool:
    """Tell whether no record has what the vendor's own have, and flat ones have not."""
    if form is CALL_FORM:
        return all(record.timestamp is None for record in records)
    return all(record.client is record.date_str is record.request_tags is None for record in records)


def _refuse_parts(pages: list[Page], count: int, what: str) -> None:
    """Refuse some pages of several: leads of the others would be taken for unknown."""
    total = max((page.total or 0 for page in pages), default=0)
    several = max((page.pages or 0 for page in pages), default=0)
    if count >= total and (total or len(pages) >= several):
        return
    if total:
        raise JournalError(
            "{what}: expected all of the journal, got page {page} of {pages}, {count:n} of {total:n} leads. Put all "
            "pages into the file, one after the other.",
            what=what,
            page=len(pages),
            pages=several or SEVERAL,
            count=count,
            total=total,
        )
    raise JournalError(
        "{what}: expected all of the journal, got page {page} of {pages}. Put all pages into the file, one after the "
        "other.",
        what=what,
        page=len(pages),
        pages=several or SEVERAL,
    )


def _refused(fault: Page | AnswerFault, what: str) -> JournalError:
    """Return the error of a file that holds no records."""
    text = fault.text if isinstance(fault, AnswerFault) else gettext("it holds no records")
    if isinstance(fault, AnswerFault) and fault.by_vendor:
        text = gettext("the vendor's error {error!r} is in it", error=text)
    return JournalError(
        "{what}: {fault}. Download the journal again, or read an export of the account.", what=what, fault=text
    )
