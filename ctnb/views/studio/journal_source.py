"""Where the studio's journal comes from: files of this machine, or the account itself."""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import numpy as np

from ctnb.exceptions import ConfigError, JournalError
from ctnb.i18n.language import gettext, number
from ctnb.tables.sources import READ_ENDINGS
from ctnb.views.studio.message import Message
from ctnb.views.studio.widgets import button, card, field, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnb.connection import Connection
    from ctnb.journals.journal import Journal
    from ctnb.leads.plan import Plan
    from ctnb.views.studio.background import Background

ENDINGS: Final = ",".join((*READ_ENDINGS, ".json"))

_LONGEST: Final = dt.timedelta(days=3 * 366)
"""Before the latest deal: dates before it are taken for slips of typing, and no journal is read for them."""


class JournalSource:
    """Files to choose or to name, and a button that reads the journal from the account.

    Parameters
    ----------
    connection : callable
        Returns the account; raises ConfigError while it is not known.
    zone : callable
        Returns the time zone that files are read in.
    background : Background
        Where reading goes on.
    changed : callable
        Called with a journal that was read, on the thread that has read it.

    Attributes
    ----------
    upload : FileUpload
    paths : Text
        Paths of files on the kernel's machine, with semicolons between them.
    read, download, stop : Button
        Read the files that are named; read the account's journal; read it no further.
    since, until : DatePicker
        The days that are read from the account.
    message : Message
    """

    def __init__(
        self,
        connection: Callable[[], Connection],
        zone: Callable[[], str],
        background: Background,
        changed: Callable[[Journal], None],
    ) -> None:
        self._connection, self._zone = connection, zone
        self._background, self._changed = background, changed
        self._stopping = threading.Event()
        self._guessed: tuple[dt.date | None, dt.date | None] = (None, None)
        self.message = Message()
        label = gettext("Choose journals")
        self.upload = ipywidgets.FileUpload(description=label, tooltip=label, accept=ENDINGS, multiple=True)
        self.paths = field(
            ipywidgets.Text,
            gettext("or paths of files, with ; between them"),
            placeholder="calls.csv; requests.csv",
            continuous_update=False,
        )
        self.read = button(gettext("Read the files"), self.message.guarded(self._read_paths))
        self.since = field(ipywidgets.DatePicker, gettext("First day"), "short")
        self.until = field(ipywidgets.DatePicker, gettext("Last day"), "short")
        self.download = button(gettext("Read from the account"), self.message.guarded(self._download))
        self.stop = button(gettext("Stop"), self._stopping.set)
        self.stop.layout.display = "none"
        self.widget: Any = card(
            [
                row([self.upload, self.paths, self.read]),
                row([self.since, self.until, self.download, self.stop]),
                self.message.widget,
            ]
        )
        self.upload.observe(lambda _: self.message.guarded(self._uploaded)(), "value")

    def suggest(self, plan: Plan) -> None:
        """Suggest the days that a plan's rules look through; days that the user has chosen stay."""
        if (self.since.value, self.until.value) == self._guessed:
            self._guessed = days_searched(plan) or (None, None)
            self.since.value, self.until.value = self._guessed

    def _uploaded(self) -> None:
        if not self.upload.value:
            return
        files = [(str(file["name"]), bytes(file["content"])) for file in self.upload.value]
        # Out of the widget at once: its value is part of a state that can be saved.
        self.upload.value = ()
        zone = self._zone()
        self._begin(lambda: read_uploaded(files, zone))

    def _read_paths(self) -> None:
        paths = [path.strip() for path in self.paths.value.split(";") if path.strip()]
        if not paths:
            raise ConfigError("Name a file of calls, of requests, or both.")
        zone = self._zone()
        self._begin(lambda: read_files(paths, zone))

    def _download(self) -> None:
        since, until, connection = self.since.value, self.until.value, self._connection()
        if since is None or until is None:
            raise ConfigError("Choose the first and the last day of the journal.")
        self._stopping.clear()
        self.stop.layout.display = ""
        self._begin(lambda: self._read_account(connection, since, until))

    def _read_account(self, connection: Connection, since: dt.date, until: dt.date) -> Journal:
        """Read the journals of an account from the vendor, and show how far it is."""
        from ctnb.journals.download_counts import DownloadCounts
        from ctnb.journals.journal import download_journal

        counts = DownloadCounts()

        def tick() -> None:
            if self._stopping.is_set():
                raise JournalError("Stopped. What was read of days that are over is kept.")
            if counts.days:
                read, days, leads = map(number, (counts.read, counts.days, counts.leads))
                text = gettext(
                    "Reading the journal: {read} of {days} days, {leads} leads…", read=read, days=days, leads=leads
                )
                self.message.show(text)

        return download_journal(connection, since, until, counts=counts, tick=tick)

    def _begin(self, read: Callable[[], Journal]) -> None:
        if self._background.busy:
            self.message.show(gettext("Something is still going on. Wait for its end, or stop it."))
            return
        self.message.show(gettext("Reading the journal…"))
        self._show_busy(busy=True)
        self._background.start(lambda: self._carry_out(read))

    def _carry_out(self, read: Callable[[], Journal]) -> None:
        try:
            with warnings.catch_warnings(record=True) as found:
                warnings.simplefilter("always", UserWarning)
                journal = read()
        except Exception as error:  # noqa: BLE001  whatever it is, the user is to see it
            self.message.show_error(error)
        else:
            warned = [str(each.message) for each in found if each.category is UserWarning]
            self.message.show(" ".join([journal_read(journal), *warned]), "" if warned else "good")
            self._changed(journal)
        finally:
            self._show_busy(busy=False)

    def _show_busy(self, *, busy: bool) -> None:
        for control in (self.upload, self.read, self.download):
            control.disabled = busy
        if not busy:
            self.stop.layout.display = "none"


def days_searched(plan: Plan) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day that a plan's rules by contact look through; None where there are none.

    Both ways, for the vendor may find a lead that is later than the deal.
    """
    begins, ends = [], []
    for offer in plan.offers:
        if offer.dates is None or offer.depth is None:
            continue
        dates = offer.dates[offer.present & plan.ready]
        dates = dates[~np.isnat(dates)]
        if not len(dates):
            continue
        depth = dt.timedelta(minutes=max(value or 0 for value in offer.depth.values))
        last = dates.max().item()
        first = dates[dates >= np.datetime64(last - _LONGEST)].min().item()
        begins.append((first - depth).date())
        ends.append((last + depth).date())
    return (min(begins), max(ends)) if begins else None


def journal_read(journal: Journal) -> str:
    """Return what was read: how many leads over which days."""
    return gettext("Journal: {leads}.", leads=repr(journal).removeprefix("<Journal: ").removesuffix(">"))


def read_files(paths: Sequence[str | Path], zone: str) -> Journal:
    """Read one or two journals from files."""
    from ctnb.journals.journal import Journal

    return Journal.read(*paths, timezone=zone)


def read_uploaded(files: Sequence[tuple[str, bytes]], zone: str) -> Journal:
    """Read journals that came from a browser, given names and contents."""
    with tempfile.TemporaryDirectory(prefix="ctnb-") as folder:
        paths = []
        for number, (name, content) in enumerate(files):
            path = Path(folder) / f"{number}-{Path(name).name}"
            path.write_bytes(content)
            paths.append(path)
        return read_files(paths, zone)
