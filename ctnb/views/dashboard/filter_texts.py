"""Filters in words, as the chips show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ctnb.i18n.language import gettext
from ctnb.views.dashboard.filters import DateFilter, TextFilter

if TYPE_CHECKING:
    from ctnb.views.dashboard.filters import RowFilter
    from ctnb.views.dashboard.rows import ResultRows

_MOST_NAMED: Final = 2
_DAY: Final = pd.Timedelta(days=1)


def filter_text(wanted: RowFilter, rows: ResultRows) -> str:
    """Return what a filter asks for, without its column."""
    if isinstance(wanted, TextFilter):
        return gettext("has “{text}”", text=wanted.text)
    if isinstance(wanted, DateFilter):
        return _span_text(wanted)
    column = rows.coded(wanted.column)
    # The missing ones last.
    codes = sorted(wanted.codes, key=lambda code: (code < 0, code))
    named = ", ".join(column.text(code) for code in codes[:_MOST_NAMED])
    left = len(codes) - _MOST_NAMED
    return gettext("{values} and {n} more", values=named, n=left) if left > 0 else named


def _span_text(span: DateFilter) -> str:
    since, until = span.since, span.until
    whole_days = all(each is None or each == each.normalize() for each in (since, until))
    form = "%d.%m.%Y" if whole_days else "%d.%m.%Y %H:%M"
    first = since.strftime(form) if since is not None else ""
    # A span of days ends with its last day, not with the first moment of the next.
    last = (until - _DAY if whole_days else until).strftime(form) if until is not None else ""
    if first == last:
        return first
    if not last:
        return gettext("from {first}", first=first)
    return f"{first} – {last}" if first else gettext("until {last}", last=last)
