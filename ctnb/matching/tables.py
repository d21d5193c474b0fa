"""The account's journals as plain frames: what a preview looks the plan up in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ctnb.exceptions import ColumnNotFoundError
from ctnb.i18n.journal_names import the_journal

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd


class JournalColumns(NamedTuple):
    """The headings of one journal (contract, The journals); the first of ``ids`` is the vendor's own id."""

    journal: str
    ids: tuple[str, ...]
    phones: str
    emails: str | None
    unique: str
    tags: str
    date: str = "date"


CALLS: Final = JournalColumns(
    "calls", ("callId", "callReferenceId", "sipCallId"), "callerNumber", None, "uniqueCall", "callTags"
)
REQUESTS: Final = JournalColumns(
    "requests", ("requestId", "requestNumber"), "phoneNumber", "email", "uniqueRequest", "tags"
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JournalTables:
    """Calls and requests of an account over some days. No repr: it would show contacts.

    Attributes
    ----------
    calls, requests : DataFrame or None
        A row per lead, in the vendor's order, with the contract's flat columns; any index. The vendor's own id and
        the date are needed, other columns are not. None is a journal that was not read, which covers no day.
    timezone : str
        IANA name of the account's time zone, which naive dates are read in.
    since, until : date, optional
        The first and the last day that the journals cover, in that zone; by default those of each journal's
        earliest and latest lead.
    """

    calls: pd.DataFrame | None
    requests: pd.DataFrame | None
    timezone: str
    since: dt.date | None = None
    until: dt.date | None = None

    def journals(self) -> list[tuple[JournalColumns, pd.DataFrame | None]]:
        """Return the two journals, calls first, with their headings.

        Raises
        ------
        ColumnNotFoundError
            When a journal that has rows lacks the vendor's id or the date.
        """
        pairs = [(CALLS, self.calls), (REQUESTS, self.requests)]
        for columns, frame in pairs:
            if frame is None or not len(frame):
                continue
            for name in (columns.ids[0], columns.date):
                if name not in frame.columns:
                    raise ColumnNotFoundError.among(name, frame.columns, wanted_by=the_journal(columns.journal))
        return pairs
