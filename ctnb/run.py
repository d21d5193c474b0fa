"""One run: its job settled, its plan checked, carried out, and joined to the deals."""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ctnb.connection import Connection
from ctnb.connection_checks import DEFAULT
from ctnb.defaults import JOB, PREFIX, REGION
from ctnb.delivery.bridge import run_sync
from ctnb.delivery.loop import deliver
from ctnb.delivery.progress_counts import ProgressCounts
from ctnb.i18n.advice import ADVICE, MEND_FIRST
from ctnb.i18n.language import gettext
from ctnb.leads.rules_file import fingerprint
from ctnb.outcomes import Answers, Reason, Status
from ctnb.planning import plan
from ctnb.results.attribution import attribute
from ctnb.results.columns import (
    answer_columns,
    answer_frame,
    join,
    mark_not_begun,
    not_recorded_rows,
    uncertain_rows,
)
from ctnb.results.restore import check_names
from ctnb.run_options import checked_limit, checked_terms
from ctnb.secret_texts import Address
from ctnb.views.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    import pandas as pd

    from ctnb.delivery.ledger.protocol import Terms
    from ctnb.leads.comment_template import Comment
    from ctnb.leads.plan import Plan
    from ctnb.leads.policies import DepthValue
    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Rule

log = logging.getLogger("ctnb")

TICK = 0.1
"""Seconds between two updates of the progress bar, for a run in the caller's loop."""

SHOWN = 5
"""Rows of a kind whose numbers the log gives."""


@dataclass(frozen=True, slots=True)
class Run:
    """A checked run: what is sent, where to, and what has come of it so far.

    ``answers`` is by row of the plan; it is complete once the run has ended, however it ended. The repr
    holds no contact and no text: a traceback that shows locals shows it.
    """

    deals: pd.DataFrame = field(repr=False)
    plan: Plan
    connection: Connection
    terms: Terms
    limit: int | None
    prefix: str
    counts: ProgressCounts
    answers: Answers = field(repr=False)

    @classmethod
    def prepare(
        cls,
        deals: pd.DataFrame,
        rules: Rule | Iterable[Rule] | Rulebook,
        comment: Comment | None = None,
        *,
        connection: Connection | None = None,
        key: str | None = None,
        job: str = JOB,
        region: str = REGION,
        resend: str | Collection[str] | None = None,
        resend_after: DepthValue | None = None,
        resend_times: int | None = None,
        only_new: bool = False,
        limit: int | None = None,
        prefix: str = PREFIX,
    ) -> Run:
        """Plan a run, and check what the plan does not, before a request is sent."""
        connection = Connection.from_env() if connection is None else connection
        planned = plan(deals, rules, comment, key=key, job=job, region=region, connection=connection, recorded=False)
        return cls.of_plan(
            deals,
            planned,
            connection,
            resend=resend,
            resend_after=resend_after,
            resend_times=resend_times,
            only_new=only_new,
            limit=limit,
            prefix=prefix,
        )

    @classmethod
    def of_plan(
        cls,
        deals: pd.DataFrame,
        planned: Plan,
        connection: Connection,
        *,
        resend: str | Collection[str] | None = None,
        resend_after: DepthValue | None = None,
        resend_times: int | None = None,
        only_new: bool = False,
        limit: int | None = None,
        prefix: str = PREFIX,
    ) -> Run:
        """Check a run of a plan that was made before."""
        connection.check_token()
        check_names(deals, prefix)
        if connection.ledger is None and not connection.loopback:
            warnings.warn(
                gettext(
                    "What was sent is remembered in this process only: after a restart the same cell sends it again."
                ),
                UserWarning,
                stacklevel=4,
            )
        terms = checked_terms(
            fingerprint(planned.rules),
            resend=resend,
            resend_after=resend_after,
            resend_times=resend_times,
            only_new=only_new,
        )
        counts, answers = ProgressCounts(leads=len(planned.sent)), Answers(len(planned))
        return cls(deals, planned, connection, terms, checked_limit(limit), prefix, counts, answers)

    def carry_out(self, *, progress: bool) -> pd.DataFrame:
        """Send what is to be sent from a thread of its own, and return the joined frame."""
        try:
            with progress_bar(self.counts, shown=progress, rows=self.plan.counts) as draw:
                run_sync(self._deliver, tick=draw)
        finally:
            self._log_end()
        return self.joined()

    async def acarry_out(self, *, progress: bool) -> pd.DataFrame:
        """Send what is to be sent in the running loop, and return the joined frame."""
        with progress_bar(self.counts, shown=progress, rows=self.plan.counts) as draw:
            ticking = asyncio.create_task(_draw_regularly(draw))
            try:
                await self._deliver()
            finally:
                ticking.cancel()
                self._log_end()
        return self.joined()

    async def _deliver(self) -> None:
        await deliver(
            self.plan,
            self.connection,
            self.terms,
            attribute=attribute,
            limit=self.limit,
            counts=self.counts,
            answers=self.answers,
        )

    def joined(self) -> pd.DataFrame:
        """Join each row's outcome to it; rows that repeat another share its answer."""
        columns = answer_columns(self.plan, self.answers)
        answers = answer_frame(columns, self.deals.index, self.prefix)
        return join(self.deals, answers, self.prefix)

    def broken_off(self, *, interrupted: bool) -> pd.DataFrame:
        """Join what has come of a run that was interrupted or failed, if need be before its first step."""
        if not self.counts.requests:
            mark_not_begun(self.plan, self.answers, Reason.INTERRUPTED if interrupted else Reason.STOPPED)
        return self.joined()

    def _log_end(self) -> None:
        """Log what the user must know: why a run stopped, and which rows are uncertain."""
        stop, unsent = self.counts.stop, self.counts.statuses[Status.UNSENT]
        if stop is not None:
            what, left = stop.message.rstrip(" ."), f"{unsent} comments are unsent"
            # In English, as every log.
            then = (
                f"{ADVICE[stop.reason]} {left} until then"
                if stop.reason in MEND_FIRST
                else f"{left}; run it again to carry on"
            )
            log.warning("The run stopped: %s. %s.", what, then)
        if lost := not_recorded_rows(self.plan, self.answers).tolist():
            log.warning(
                "%d rows were answered, and the ledger could not keep it (counted from 0: %s). Save this frame: a run "
                "again finds them uncertain and does not send them by itself. Free the disk or mend the ledger before "
                "it.",
                len(lost),
                _numbers(lost),
            )
        uncertain = uncertain_rows(self.plan, self.answers).tolist()
        if uncertain:
            log.warning(
                "%d rows are uncertain (counted from 0: %s): their comments may be in the account, and are not sent "
                'again by themselves. Look in the account%s; resend="uncertain" sends them again, and accepts a '
                "second comment.",
                len(uncertain),
                _numbers(uncertain),
                self._review_advice(),
            )

    def _review_advice(self) -> str:
        """Say how an uncertain row is settled by hand, where the ledger is a file or a database."""
        kept = self.connection.ledger
        if not isinstance(kept, str | os.PathLike) or (kept == DEFAULT and self.connection.loopback):
            return ""
        # As a reader in this folder would write it, and without a password.
        if isinstance(kept, Address):
            shown = kept.without_password
        else:
            file = Path(kept)
            shown = str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
        option = "" if kept == DEFAULT else f' --ledger "{shown}"'
        return f", then say what you found: ctnb ledger list{option} (in Python: ctnb.Ledger)"


def _numbers(rows: Sequence[int]) -> str:
    """Name the first of some rows by number, not by index label: an index may hold contacts."""
    more = f" and {len(rows) - SHOWN} more" if rows[SHOWN:] else ""
    return ", ".join(map(str, rows[:SHOWN])) + more


async def _draw_regularly(draw: Callable[[], None]) -> None:
    """Draw again and again until cancelled."""
    while True:
        await asyncio.sleep(TICK)
        draw()
