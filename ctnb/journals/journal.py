"""The account's journals of calls and requests: what a preview looks deals up in."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ctnb.connection import Connection
from ctnb.connection_checks import DEFAULT
from ctnb.defaults import TIMEZONE, Default
from ctnb.exceptions import ConfigError
from ctnb.i18n.journal_names import journal_name
from ctnb.journals.clock_check import clock_check, clock_warning
from ctnb.journals.columns import FORMS
from ctnb.journals.days import checked_day, checked_days, past_days
from ctnb.journals.download_counts import DownloadCounts
from ctnb.journals.files import form_of, read_journal_source, write_journal
from ctnb.journals.flat import empty_journal
from ctnb.leads.moments.wall_clock import checked_timezone
from ctnb.matching.tables import JournalTables
from ctnb.paths import checked_path
from ctnb.views.html.journal import JournalSummary, journal_html, journal_text

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Callable, Sequence

    from ctnb.journals.days import Day
    from ctnb.journals.files import Source
    from ctnb.journals.flat import FlatJournal


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Journal:
    """The calls and the requests of an account over some days.

    Parameters
    ----------
    calls, requests : DataFrame or path, optional
        A row per lead. A frame or a file: CSV, XLSX and whatever else `ctnb.read_leads` reads, Parquet, or JSON as the
        vendor's methods answer. Under the contract's names (``callId``, ``callerNumber``, ``date`` ...), the Russian
        headings of an export, or in the vendor's nested form. The vendor's id and the date are needed.
    timezone : str
        IANA name of the account's time zone; dates without an offset are read in it.
    since, until : date or str, optional
        The first and the last day that the journals cover, such as ``"2026-03-01"``; by default those of each
        journal's earliest and latest lead. What lies outside, a preview cannot know.

    Attributes
    ----------
    calls, requests : DataFrame
        n rows each, in the source's order, under a ``RangeIndex``, with those of the contract's columns that the source
        has. Ids and single contacts are text (``string``), several contacts or tags lists of text; ``date`` is
        ``datetime64[us, UTC]``; flags are ``bool``; ``comments`` are lists of dicts with ``commentId``, ``comment`` and
        ``partyName``, or None. A journal that was not given has all columns and no row. Where the site sent no
        ``requestNumber``, the vendor shows its own ``requestId`` in its place.
    timezone : str
    since, until : date or None

    Raises
    ------
    ColumnNotFoundError
        When a journal has no column of the vendor's id or of the date.
    JournalError
        When a row has no id, or a file of JSON holds no journal.
    ConfigError
        When neither journal is given, a setting or a date cannot be used, or a file cannot be read.
    FileNotFoundError
        When there is no such file.

    Examples
    --------
    >>> import pandas as pd
    >>> calls = pd.DataFrame({"callId": [7], "callerNumber": ["79157771122"], "date": ["01.03.2026 12:00:00"]})
    >>> Journal(calls, since="2026-03-01", until="2026-03-31")
    <Journal: 1 call, 2026-03-01 to 2026-03-31, Europe/Moscow>
    """

    calls: pd.DataFrame
    requests: pd.DataFrame
    timezone: str
    since: dt.date | None
    until: dt.date | None
    _parts: tuple[FlatJournal | None, ...]

    def __init__(
        self,
        calls: Source | None = None,
        requests: Source | None = None,
        *,
        timezone: str = TIMEZONE,
        since: Day | None = None,
        until: Day | None = None,
    ) -> None:
        if calls is None and requests is None:
            raise ConfigError("Expected calls, requests or both, got neither: a journal is made of them.")
        zone = checked_timezone(timezone)
        sources = zip(FORMS, (calls, requests), strict=True)
        read = [None if source is None else read_journal_source(source, form, zone) for form, source in sources]
        _keep(self, read, timezone if isinstance(timezone, Default) else zone, since, until)

    @classmethod
    def read(
        cls,
        *files: str | os.PathLike[str],
        timezone: str = TIMEZONE,
        since: Day | None = None,
        until: Day | None = None,
    ) -> Journal:
        """Read journals from files, each of which says by its columns whether it holds calls or requests.

        Parameters
        ----------
        *files : path
            One or two, as for `Journal`.
        timezone, since, until
            As for `Journal`.

        Returns
        -------
        Journal

        Raises
        ------
        ConfigError
            When no file is named, or two hold the same journal; and as for `Journal`.
        ColumnNotFoundError, JournalError, FileNotFoundError
            As for `Journal`.
        """
        given: dict[str, str | os.PathLike[str]] = {}
        for file in files:
            journal = form_of(file).journal
            if journal in given:
                raise ConfigError(
                    "Expected one file for the {journal}, got {first!r} and {second!r}. Put them together.",
                    journal=journal_name(journal),
                    first=str(given[journal]),
                    second=str(file),
                )
            given[journal] = file
        return cls(given.get("calls"), given.get("requests"), timezone=timezone, since=since, until=until)

    @classmethod
    def download(
        cls,
        connection: Connection | None = None,
        *,
        since: Day,
        until: Day,
        cache: str | os.PathLike[str] | None = DEFAULT,
        refresh: bool = False,
        progress: bool = True,
    ) -> Journal:
        """Read the journals of an account from the vendor, at the pace of all that ctnb sends.

        Parameters
        ----------
        connection : Connection, optional
            The account; by default `Connection.from_env`.
        since, until : date or str
            The first and the last day of the account's calendar, such as ``"2026-03-01"``; days to come are left out.
        cache : path or None
            Folder where days are kept on this machine, for this user alone; they hold contacts. By default one in the
            user's cache, and none for an emulator; None keeps nothing.
        refresh : bool
            Whether days that are kept are read again: a comment of today may sit on a year-old lead.
        progress : bool
            Whether a progress bar is shown.

        Returns
        -------
        Journal
            With ``since`` and ``until`` as they were read.

        Raises
        ------
        JournalError
            When the vendor refuses, or cannot be read after several tries. What was read before is kept.
        ConfigError
            When a setting cannot be used.
        KeyboardInterrupt
            When the user interrupts: at once. The next download goes on where it was.

        Warns
        -----
        UserWarning
            When the account's clock is not that of the connection's time zone; see `timezone_check`.

        Notes
        -----
        It costs the account points, by the request: calls are read in pages of 1000, requests by the day. A day is
        kept once it is final, ten days after its end, for tags, comments and flags arrive late. What was not used for
        30 days goes, and `forget` removes everything.
        """
        from ctnb.views.progress import download_bar

        account, counts = Connection.from_env() if connection is None else connection, DownloadCounts()
        with download_bar(counts, shown=progress) as draw:
            return download_journal(account, since, until, cache=cache, refresh=refresh, counts=counts, tick=draw)

    @staticmethod
    def forget(connection: Connection | None = None, *, cache: str | os.PathLike[str] = DEFAULT) -> int:
        """Remove the days that downloads have kept on this machine.

        Parameters
        ----------
        connection : Connection, optional
            Of one account; by default those of all.
        cache : path
            The folder, as for `download`.

        Returns
        -------
        int
            How many days were removed; a day of calls and the same of requests are two.
        """
        from ctnb.journals.cache import cache_folder, empty

        return empty(cache_folder(cache), connection)

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
        """Write the journals as tables, each to a file of its own beside the other.

        Parameters
        ----------
        path : str or path
            Such as ``journal.parquet``, ``.csv`` or ``.xlsx``: calls go to ``journal_calls.parquet``, requests to
            ``journal_requests.parquet``. They hold contacts.

        Returns
        -------
        list of path
            The files; a journal that was not given has none. `read` reads them again, and `Journal`.

        Raises
        ------
        ConfigError, MissingExtraError
            As `ctnb.write_table`.
        """
        file, written = checked_path(path), list[Path]()
        if not file.name:
            raise ConfigError("{file!r} is a folder. Name the file in it.", file=str(file))
        for form, part in zip(FORMS, self._parts, strict=True):
            if part is not None:
                written.append(file.with_name(f"{file.stem}_{form.journal}{file.suffix}"))
                write_journal(part.frame, written[-1])
        return written

    def timezone_check(self) -> pd.DataFrame:
        """Compare what the account's clock shows with the moments of the same leads.

        Returns
        -------
        DataFrame
            A row per journal and pair of offsets, the commonest first: ``journal``, ``offset`` (of the account's clock
            from UTC, as ``+03:00``), ``expected`` (that of ``timezone`` at the same moments), ``leads``, ``agrees``.
            Without rows where no lead has both: only the vendor's methods and records give them.

        Notes
        -----
        The vendor writes a call's ``date`` and a request's ``dateStr`` by the account's clock, and a moment beside
        each. Where they do not agree, give the account's own time zone: ``Connection(timezone=...)``.
        """
        known = [(form, part) for form, part in zip(FORMS, self._parts, strict=True) if part is not None]
        return clock_check(known, self.timezone)

    def tables(self, timezone: str | None = None) -> JournalTables:
        """Return the journals as a preview takes them; a journal that was not given is None, and covers no day.

        Parameters
        ----------
        timezone : str, optional
            The account's, when it is another than the journal was read in: dates that name no zone are read anew.
        """
        own = str(self.timezone)
        zone = own if timezone is None else timezone
        calls, requests = (
            part if part is None else part.frame if zone == own else part.in_zone(own, zone) for part in self._parts
        )
        return JournalTables(calls, requests, zone, self.since, self.until)

    def __repr__(self) -> str:
        return journal_text(self._summary())

    def _repr_html_(self) -> str:
        return journal_html(self._summary())

    def _summary(self) -> JournalSummary:
        frames = [None if part is None else part.frame for part in self._parts]
        leads = [None if frame is None else len(frame) for frame in frames]
        moments = pd.concat([frame["date"] for frame in frames if frame is not None])
        days = moments.dt.tz_convert(str(self.timezone)).dt.date.dropna()
        return JournalSummary(
            calls=leads[0],
            requests=leads[1],
            since=self.since or (days.min() if len(days) else None),
            until=self.until or (days.max() if len(days) else None),
            timezone=str(self.timezone),
        )


def download_journal(
    account: Connection,
    since: Day,
    until: Day,
    *,
    cache: str | os.PathLike[str] | None = DEFAULT,
    refresh: bool = False,
    counts: DownloadCounts,
    tick: Callable[[], None],
) -> Journal:
    """Read the journals of an account, see `Journal.download`; ``tick`` is called ten times a second and may raise."""
    from ctnb.delivery.bridge import run_sync
    from ctnb.journals.cache import day_cache
    from ctnb.journals.download import Download

    first, last = past_days(since, until, account.timezone)
    work = Download(account, first, last, cache=day_cache(cache, account), refresh=refresh, counts=counts)
    parts = run_sync(work.run, tick=tick)
    journal = Journal.__new__(Journal)
    _keep(journal, parts, account.timezone, first, last)
    if warning := clock_warning(journal.timezone_check(), account.timezone):
        warnings.warn(warning, UserWarning, stacklevel=3)
    return journal


def _keep(
    journal: Journal,
    parts: Sequence[FlatJournal | None],
    timezone: str,
    since: Day | None,
    until: Day | None,
) -> None:
    """Fill a journal in; from then on it cannot be changed."""
    days = [None if day is None else checked_day(day, name) for name, day in (("since", since), ("until", until))]
    if days[0] is not None and days[1] is not None:
        checked_days(*days)
    calls, requests = (
        (empty_journal(form) if part is None else part).frame for form, part in zip(FORMS, parts, strict=True)
    )
    kept = {
        "calls": calls,
        "requests": requests,
        "timezone": timezone,
        "since": days[0],
        "until": days[1],
        "_parts": tuple(parts),
    }
    for name, value in kept.items():
        object.__setattr__(journal, name, value)
