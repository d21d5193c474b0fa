"""The verbs as plain functions: what ``df.calltouch`` does, for type checkers and pipelines."""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ctnb.connection import DEFAULT, DEFAULT_TIMEZONE, VENDOR_RATE, Connection
from ctnb.delivery.loop import deliver, run_sync
from ctnb.delivery.progress_counts import ProgressCounts
from ctnb.delivery.wire_encode import lead_dicts
from ctnb.exceptions import ConfigError
from ctnb.leads.plan import Plan, build_plan
from ctnb.leads.rules_file import fingerprint
from ctnb.outcomes import Answers, Status
from ctnb.results.answer_columns import answer_columns, uncertain_rows
from ctnb.results.attribution import attribute
from ctnb.results.columns import PREFIX, answer_frame, check_names, join
from ctnb.views.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    import pandas as pd

    from ctnb.leads.rules import Col, Rule

log = logging.getLogger("ctnb")

TICK = 0.1
"""Seconds between two looks of the progress bar at a run in the caller's loop."""

TOLD = 5
"""Places of uncertain rows that are told."""

RESENDABLE = (Status.UNMATCHED, Status.UNCERTAIN)


def plan(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule],
    comment: str | Col,
    *,
    key: str | None = None,
    job: str = "",
    region: str = "RU",
    connection: Connection | None = None,
) -> Plan:
    """Look at what `comment` would send; nothing is sent.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules : Rule or list of Rule
        In the order of their priority, 20 at the most.
    comment : str or col
        Template over the columns, such as ``"{stage}: {manager}"``.
    key : str, optional
        Column that names the deal. Give one where there is one: without it a deal is known by the
        ids and contacts that the rules read.
    job : str
        Sets apart comments that are meant twice.
    region : str
        Two letters: where phones without a country code belong.
    connection : Connection, optional
        Gives the time zone and the pace; Moscow and 5 requests a second by default.

    Returns
    -------
    Plan
        A bad row is not an error: it is invalid, with its problem.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        When a rule, the template or a setting cannot be used for any row.
    """
    return build_plan(
        deals,
        rules,
        comment,
        payload=lead_dicts,
        key=key,
        job=job,
        region=region,
        timezone=connection.timezone if connection else DEFAULT_TIMEZONE,
        rate=connection.rate if connection else VENDOR_RATE,
    )


def comment(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule],
    comment: str | Col,
    *,
    connection: Connection | None = None,
    key: str | None = None,
    job: str = "",
    resend: str | Collection[str] | None = None,
    prefix: str = PREFIX,
    progress: bool = True,
    region: str = "RU",
) -> pd.DataFrame:
    """Comment the leads of a frame, and join the answers to it.

    Running it again sends nothing that was answered before.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules, comment, key, job, region
        As for `plan`.
    connection : Connection, optional
        The account; by default `Connection.from_env`.
    resend : {"unmatched", "uncertain"} or several, optional
        Earlier outcomes to send again. ``"uncertain"`` accepts that a lead may get a second comment.
    prefix : str
        What the names of the new columns begin with.
    progress : bool
        Whether a progress bar is shown.

    Returns
    -------
    DataFrame
        A new frame: the same n rows, order and index, with 17 more columns.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        Before anything is sent.
    LedgerError
        When the record of what was sent cannot be relied on.
    KeyboardInterrupt
        When the user interrupts: requests in flight are waited for and recorded first. The next
        run carries on.
    """
    connection = Connection.from_env() if connection is None else connection
    planned = plan(deals, rules, comment, key=key, job=job, region=region, connection=connection)
    return Run.prepared(deals, planned, connection, resend=resend, prefix=prefix).carried_out(progress=progress)


async def acomment(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule],
    comment: str | Col,
    *,
    connection: Connection | None = None,
    key: str | None = None,
    job: str = "",
    resend: str | Collection[str] | None = None,
    prefix: str = PREFIX,
    progress: bool = True,
    region: str = "RU",
) -> pd.DataFrame:
    """Do what `comment` does in the caller's running loop; the same parameters, result and errors.

    Cancelling it stops new requests, waits for those in flight, records them, and raises
    ``CancelledError`` then.
    """
    connection = Connection.from_env() if connection is None else connection
    planned = plan(deals, rules, comment, key=key, job=job, region=region, connection=connection)
    return await Run.prepared(deals, planned, connection, resend=resend, prefix=prefix).acarried_out(progress=progress)


@dataclass(frozen=True, slots=True)
class Run:
    """A checked run: what is sent, where to, and what has come of it so far.

    ``answers`` is by position in the plan; it is complete once the run has ended, however it ended. The
    repr holds no contact and no text: a traceback that shows locals shows it.
    """

    deals: pd.DataFrame = field(repr=False)
    plan: Plan
    connection: Connection
    resend: frozenset[Status]
    prefix: str
    tally: ProgressCounts
    answers: Answers = field(repr=False)

    @classmethod
    def prepared(
        cls,
        deals: pd.DataFrame,
        planned: Plan,
        connection: Connection,
        *,
        resend: str | Collection[str] | None,
        prefix: str,
    ) -> Run:
        """Check what the plan does not, before a request is sent."""
        check_names(deals, prefix)
        if connection.ledger is None and not connection.loopback:
            warnings.warn(
                "What was sent is remembered in this process only: after a restart the same cell sends it again.",
                UserWarning,
                stacklevel=3,
            )
        tally, answers = ProgressCounts(leads=len(planned.sent)), Answers(len(planned))
        return cls(deals, planned, connection, checked_resend(resend), prefix, tally, answers)

    def carried_out(self, *, progress: bool) -> pd.DataFrame:
        """Send what is to be sent from a thread of its own, and return the joined frame."""
        try:
            with progress_bar(self.tally, shown=progress, rows=self.plan.counts) as draw:
                run_sync(self._deliver, tick=draw)
        finally:
            self._tell()
        return self.joined()

    async def acarried_out(self, *, progress: bool) -> pd.DataFrame:
        """Send what is to be sent in the running loop, and return the joined frame."""
        with progress_bar(self.tally, shown=progress, rows=self.plan.counts) as draw:
            ticking = asyncio.create_task(_ticking(draw))
            try:
                await self._deliver()
            finally:
                ticking.cancel()
                self._tell()
        return self.joined()

    async def _deliver(self) -> None:
        await deliver(
            self.plan,
            self.connection,
            attribute=attribute,
            rules=fingerprint(self.plan.rules),
            resend=self.resend,
            tally=self.tally,
            answers=self.answers,
        )

    def joined(self) -> pd.DataFrame:
        """Join each row's outcome to it; rows that repeat another share its answer."""
        columns = answer_columns(self.plan, self.answers)
        answers = answer_frame(columns, self.deals.index, self.prefix)
        return join(self.deals, answers, self.prefix)

    def _tell(self) -> None:
        """Say in the log what the user must know: why a run stopped, and what is in doubt."""
        stop, unsent = self.tally.stop, self.tally.statuses[Status.UNSENT]
        if stop is not None:
            log.warning("The run stopped: %s. %d comments are unsent; run it again to carry on.", stop.message, unsent)
        doubts = uncertain_rows(self.plan, self.answers).tolist()
        if doubts:
            # Places, not index labels: an index may hold contacts.
            shown = ", ".join(map(str, doubts[:TOLD])) + (f" and {len(doubts) - TOLD} more" if doubts[TOLD:] else "")
            log.warning(
                "%d rows are uncertain (counted from 0: %s): their comments may be in the account, and are not sent "
                'again by themselves. Look in the account%s; resend="uncertain" sends them again, and accepts a '
                "second comment.",
                len(doubts),
                shown,
                self._settling(),
            )

    def _settling(self) -> str:
        """Say how a doubt is settled by hand, where the ledger is a file."""
        kept = self.connection.ledger
        if not isinstance(kept, str | os.PathLike) or (kept == DEFAULT and self.connection.loopback):
            return ""
        option = "" if kept == DEFAULT else f' --ledger "{os.fspath(kept)}"'
        return f", then say what you found: ctnb ledger list{option} (in Python: ctnb.Ledger)"


async def _ticking(draw: Callable[[], None]) -> None:
    """Draw again and again until cancelled."""
    while True:
        await asyncio.sleep(TICK)
        draw()


def checked_resend(resend: str | Collection[str] | None) -> frozenset[Status]:
    """Return the outcomes to send again.

    Raises
    ------
    ConfigError
        For another outcome than unmatched and uncertain.
    """
    asked = [] if resend is None else [resend] if isinstance(resend, str) else list(resend)
    for status in asked:
        if status not in RESENDABLE:
            raise ConfigError(f'resend is {status!r}; "unmatched", "uncertain" or both are allowed.')
    return frozenset(Status(status) for status in asked)
