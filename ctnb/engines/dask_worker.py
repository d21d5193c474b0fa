"""What a task does on a worker: its connection, made there, and a verb over the rows that it is given."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ctnb import api
from ctnb.connection import Connection, settings_around
from ctnb.defaults import PREFIX
from ctnb.delivery.ledger.place import machine
from ctnb.delivery.ledger.protocol import RunLedger
from ctnb.engines.spread_keys import interleaved
from ctnb.exceptions import ConfigError
from ctnb.i18n.message import lazy_gettext
from ctnb.outcomes import Status
from ctnb.results.columns import MINUTES, NAMES
from ctnb.secret_texts import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from ctnb.leads.plan import Plan

UNCHANGED: Final = 150.0
"""Seconds after which rows that another run has, and that do not change, are returned as busy.

A dead run's lease is over after 60, and a pause of the vendor's lasts as long at the most.
"""

LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at rows that another run has."""


def _this_machine() -> tuple[str, str]:
    return platform.node(), machine()


@dataclass(frozen=True, slots=True)
class WorkerAccount:
    """The account as a task finds it on its worker: no token travels there, nor a password.

    Attributes
    ----------
    connection : Connection or None
        As the verb was given it; its pickle holds no token. None: `Connection.from_env` on the worker.
    home : tuple of str
        The machine where the graph was built.
    process : int
        The process where it was built.
    """

    connection: Connection | None
    home: tuple[str, str] = field(default_factory=_this_machine)
    process: int = field(default_factory=os.getpid)

    def __reduce__(self) -> tuple[Any, ...]:
        given = self.connection
        if given is not None and isinstance(given.ledger, RunLedger):
            # An object of that process, which is not there on a worker.
            given = replace(given, ledger=None)
        return WorkerAccount, (given, self.home, self.process)

    def connect(self) -> Connection:
        """Return the connection to use here.

        Raises
        ------
        ConfigError
            When the worker's environment has no token, or names another account or another database; when the ledger
            is a file on another machine, or the memory of another process.
        """
        connection = Connection.from_env() if self.connection is None else _with_secrets(self.connection)
        self._check_ledger(connection)
        return connection

    def _check_ledger(self, connection: Connection) -> None:
        kept, here = connection.ledger, (_this_machine(), os.getpid())
        if isinstance(kept, Address):
            return
        advice = lazy_gettext(
            "Name a ledger that all workers share: CTNB_LEDGER=postgresql://... in the environment of each."
        )
        if kept is None or isinstance(kept, RunLedger) or (connection.loopback and kept == "default"):
            if here != (self.home, self.process):
                raise ConfigError(
                    "The ledger is the memory of a process, and this task runs in another: what it sends would "
                    "be forgotten with the worker, and sent again. {advice}",
                    advice=advice,
                )
        elif here[0] != self.home:
            raise ConfigError(
                "The ledger is a file, and this task runs on another machine ({machine}) than the one where the "
                "graph was built ({home}): each would have a record of its own, and send what the others have "
                "sent. {advice}",
                machine=platform.node(),
                home=self.home[0],
                advice=advice,
            )


def _with_secrets(given: Connection) -> Connection:
    """Return a connection with the token, and the password of its ledger, of this worker's environment."""
    if given.token:
        return given
    around = settings_around()
    if "token" not in around:
        raise ConfigError(
            "No token is given on this worker: a graph holds none. Set CALLTOUCH_ACCESS_TOKEN, and CALLTOUCH_SITE_ID, "
            "in the environment of each worker."
        )
    site = around.get("site_id", given.site_id)
    own = Connection.from_env(
        site_id=site, base_url=given.base_url, ledger=around.get("ledger", given.ledger), timezone=given.timezone
    )
    if own.site_id != given.site_id:
        raise ConfigError(
            "The connection is of account {given}, and this worker's environment has account {own}: the token "
            "would be another account's. Set CALLTOUCH_SITE_ID and CALLTOUCH_ACCESS_TOKEN of one account.",
            given=given.site_id,
            own=own.site_id,
        )
    if not isinstance(given.ledger, Address) or "ledger" not in around:
        return replace(given, token=own.token)
    if getattr(own.ledger, "without_password", None) != given.ledger.without_password:
        raise ConfigError(
            "The connection's ledger is one database, and CTNB_LEDGER in this worker's environment names another "
            "place: what was sent would stand in two records. Give the workers the same one."
        )
    return replace(given, token=own.token, ledger=own.ledger)


@dataclass(frozen=True, slots=True)
class PlanTask:
    """`ctnb.plan` of some rows: the columns of its frame."""

    account: WorkerAccount | None
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]

    def __call__(self, deals: pd.DataFrame) -> pd.DataFrame:
        """Plan the rows, with the ledger's record where there is an account."""
        connection = None if self.account is None else self.account.connect()
        plan: Plan = api.plan(deals, *self.arguments, connection=connection, **self.options)
        return plan.frame


@dataclass(frozen=True, slots=True)
class PreviewTask:
    """`ctnb.preview` of some rows: the columns that it adds."""

    arguments: tuple[Any, ...]
    options: Mapping[str, Any]

    def __call__(self, deals: pd.DataFrame) -> pd.DataFrame:
        """Look the rows up."""
        preview = api.preview(deals, *self.arguments, **self.options)
        return preview.frame[[PREFIX + name for name in (*NAMES, MINUTES)]]


@dataclass(frozen=True, slots=True)
class CommentTask:
    """`ctnb.comment` of some rows: the columns that it adds.

    A task that runs twice, or again after its worker died, finds rows that the other has: it waits for them.

    Attributes
    ----------
    sleep : callable
        Of seconds.
    """

    account: WorkerAccount
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, deals: pd.DataFrame) -> pd.DataFrame:
        """Comment the rows, and wait for those that another run has."""
        connection, prefix = self.account.connect(), self.options.get("prefix", PREFIX)
        names = [prefix + name for name in NAMES]
        done = self._sent(deals, connection)[names]
        looks = 0
        while (busy := (done[prefix + "status"] == Status.BUSY).to_numpy()).any() and looks * LOOK_AGAIN < UNCHANGED:
            self.sleep(LOOK_AGAIN)
            looks += 1
            # What is answered is not asked for again: a verb that sends unmatched rows again would send them twice.
            again = self._sent(deals[busy], connection)[names]
            if (again[prefix + "status"] != Status.BUSY).any():
                done, looks = interleaved(done[~busy], again, busy), 0
        return done

    def _sent(self, deals: pd.DataFrame, connection: Connection) -> pd.DataFrame:
        return api.comment(deals, *self.arguments, connection=connection, **self.options)
