"""What people call the journals of an account."""

from __future__ import annotations

from typing import Final

from ctnb.i18n.message import LazyMessage, lazy_gettext

_NAMES: Final = {"calls": lazy_gettext("journal of calls"), "requests": lazy_gettext("journal of requests")}


def the_journal(journal: str) -> LazyMessage:
    """Return the name of a journal as who wants a column; see `ctnb.exceptions.ColumnNotFoundError.among`."""
    return lazy_gettext("the {journal}", journal=journal_name(journal))


def journal_name(journal: str) -> LazyMessage:
    """Return the name of the journal of ``calls`` or ``requests``."""
    return _NAMES[journal]
