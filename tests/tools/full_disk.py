"""Runs whose disk is full from a statement of the ledger on, then run again with room, by the vendor's record.

Where the system can limit the size of files it refuses the writes itself; elsewhere the errors are raised in its place.
"""

import contextlib
import logging
import random
import sqlite3
from collections import Counter
from dataclasses import asdict, dataclass
from unittest import mock

import pandas as pd

import ctnb

try:
    import resource
except ImportError:  # Windows
    resource = None

LEADS = 2000


class Disk:
    """A disk that is full from some statement of a ledger on, counted from its opening."""

    def __init__(self, way, statements):
        self._way, self._statements = WAYS[way], statements
        self.asked = 0

    @property
    def reached(self):
        """Whether it was full before the ledger was closed."""
        return self.asked > self._statements

    def before(self, statement):
        """Count a statement; raise in its place what a full disk would."""
        self.asked += 1
        if self.reached:
            self._way(statement)

    @contextlib.contextmanager
    def in_use(self):
        """Put this disk under all ledgers that are opened meanwhile; then there is room again."""
        disk, connect = self, sqlite3.connect

        class Database(sqlite3.Connection):
            def execute(self, statement, *values):
                disk.before(statement)
                return super().execute(statement, *values)

            def executemany(self, statement, *values):
                disk.before(statement)
                return super().executemany(statement, *values)

        def connected(*place, **settings):
            return connect(*place, **settings, factory=Database)

        limits = resource and resource.getrlimit(resource.RLIMIT_FSIZE)
        with mock.patch.object(sqlite3, "connect", connected):
            try:
                yield
            finally:
                if resource:
                    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def _error(text, code):
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


def _is_writing(statement):
    return statement.split(maxsplit=1)[0].upper() in {
        "BEGIN",
        "INSERT",
        "UPDATE",
        "DELETE",
        "REPLACE",
        "WITH",
        "COMMIT",
    }


def _refuse_writes(statement):
    if _is_writing(statement):
        raise _error("database or disk is full", sqlite3.SQLITE_FULL)


def _refuse_commits(statement):
    if statement.upper().startswith("COMMIT"):
        raise _error("disk I/O error", sqlite3.SQLITE_IOERR)


def _refuse_all(statement):
    if not statement.upper().startswith("ROLLBACK"):
        raise _error("unable to open database file", sqlite3.SQLITE_CANTOPEN)


def _limit_files(_statement):
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


WAYS = {"writes": _refuse_writes, "commits": _refuse_commits, "lost": _refuse_all}
if resource:
    WAYS["file size"] = _limit_files


@dataclass
class Findings:
    """What came of trials: `no_frame` to `denied` must be nought."""

    trials: int = 0
    filled: int = 0
    errors: int = 0
    no_frame: int = 0
    twice: int = 0
    false: int = 0
    denied: int = 0
    not_recorded: int = 0
    uncertain: int = 0

    def __add__(self, other):
        return Findings(*(a + b for a, b in zip(asdict(self).values(), asdict(other).values(), strict=True)))

    @property
    def broken(self):
        """The promises that were broken, and how often."""
        return {name: count for name, count in asdict(self).items() if count and name in BROKEN}


BROKEN = {"no_frame", "twice", "false", "denied"}


def trial(ledger, way, share, *, concurrency=1, leads=LEADS):
    """Send with a disk that is full from a share of a run's statements on, then again with room."""
    calls = pd.DataFrame({"callId": range(leads), "date": "01-10-2020 12:00:00", "callerNumber": "79157771122"})
    deals = pd.DataFrame({"call": range(leads)})
    found, first = Findings(trials=1), None
    with ctnb.Emulator(calls, rate=None) as vendor:
        settings = {"base_url": vendor.connection.base_url, "rate": float("inf"), "concurrency": concurrency}

        def run(text="deal {call}", ledger=ledger):
            connection = ctnb.Connection(1, vendor.connection.token, ledger=ledger, **settings)
            return ctnb.comment(deals, ctnb.Call("call"), text, connection=connection, progress=False)

        roomy = Disk(way, float("inf"))
        with roomy.in_use():
            run("before", ledger.with_name("roomy.sqlite3"))
        disk, before = Disk(way, int(share * roomy.asked)), len(vendor.posts)
        try:
            with disk.in_use():
                first = run()
        except ctnb.LedgerError:
            found.errors, found.no_frame = 1, len(vendor.posts) - before
        found.filled = int(disk.reached)
        applied = set(comments(vendor))
        if first is not None:
            status = first["ct_status"].astype(object)
            found.false = sum(call not in applied for call in first["call"][status == "commented"])
            found.denied = sum(call in applied for call in first["call"][~status.isin(["commented", "uncertain"])])
            found.not_recorded = int((first["ct_error_code"] == "not_recorded").sum())
        again = run()["ct_status"].astype(object)
        found.uncertain = int((again == "uncertain").sum())
        times = Counter(comments(vendor))
        found.twice = sum(count - 1 for count in times.values())
        found.denied += sum(call in times for call in deals["call"][~again.isin(["commented", "uncertain"])])
        found.false += sum(call not in times for call in deals["call"][again == "commented"])
    return found


def comments(vendor):
    """Return the calls that were commented by the runs that are judged."""
    applied = vendor.comments
    return applied.loc[applied["comment"] != "before", "call_id"].astype(int).tolist()


def random_trials(folder, count, *, seed):
    """Yield the findings of so many trials, each full at a random statement in a random way."""
    chance = random.Random(seed)
    logging.getLogger("ctnb").addHandler(logging.NullHandler())
    for number in range(count):
        way = list(WAYS)[number % len(WAYS)]
        ledger = folder / f"disk {number}" / "ledger.sqlite3"
        yield trial(ledger, way, chance.uniform(0.3, 1), concurrency=chance.choice((1, 4)))
