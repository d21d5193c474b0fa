"""A delivery in the running loop: its ledger, client and limiter opened, and closed however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial
from typing import TYPE_CHECKING

from ctnb.delivery.bridge import TICK
from ctnb.delivery.client import open_client
from ctnb.delivery.interrupts import Interrupts
from ctnb.delivery.ledger.choose import open_ledger
from ctnb.delivery.ledger.naming import refuse_other_names
from ctnb.delivery.ledger.run_lines import begun, ended, figures_of
from ctnb.delivery.ledger.writer import LedgerWriter
from ctnb.delivery.pace.choose import open_limiter
from ctnb.delivery.sender import Attribute, Sender
from ctnb.exceptions import LedgerError
from ctnb.i18n.outcome_texts import KeptText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import RunLedger, Terms
    from ctnb.delivery.ledger.run_lines import Figures, RunLine
    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.leads.plan import Plan
    from ctnb.outcomes import Answers

log = logging.getLogger("ctnb")


async def deliver(
    plan: Plan,
    connection: Connection,
    terms: Terms,
    *,
    attribute: Attribute,
    limit: int | None,
    counts: ProgressCounts,
    answers: Answers,
) -> None:
    """Deliver a plan's leads in the running loop.

    Parameters
    ----------
    plan : Plan
    connection : Connection
    terms : Terms
        On which the ledger is asked; their owner is this delivery's alone.
    attribute : callable
        Finds which rule won.
    limit : int or None
        Leads that are sent at the most.
    counts : ProgressCounts
        Updated as the run goes on.
    answers : Answers
        Filled by row of the plan; it holds each of ``plan.sent`` at the end, however the run ends.

    Raises
    ------
    ConfigError
        When earlier runs named the leads otherwise.
    LedgerError
        When the ledger cannot be used, and no request was sent.
    KeyboardInterrupt, CancelledError
        When the user interrupts and the running loop is the main thread's: as asyncio itself does.
    """
    sender: Sender | None = None

    def stop() -> None:
        if sender is not None:
            sender.interrupt()

    interrupts = Interrupts(stop, loop=asyncio.get_running_loop())
    try:
        async with contextlib.AsyncExitStack() as opened:
            opened.enter_context(interrupts)
            ledger = open_ledger(connection)
            opened.callback(_close, ledger)
            refuse_other_names(plan, connection, ledger)
            figures = partial(figures_of, plan, counts, answers)
            opened.enter_context(_kept_line(ledger, begun(terms.owner, plan, connection.site_id), figures))
            writer = opened.enter_context(LedgerWriter(ledger, terms))
            client = await opened.enter_async_context(open_client(connection))
            limiter = opened.enter_context(open_limiter(connection))
            sender = Sender(
                plan,
                connection,
                client,
                limiter,
                writer,
                attribute=attribute,
                counts=counts,
                answers=answers,
                limit=limit,
            )
            await sender.run()
    finally:
        await _raise_interrupt(interrupts)


async def _raise_interrupt(interrupts: Interrupts) -> None:
    """Raise the interrupt that came while a run in this loop was under way."""
    if interrupts.arrived:
        # Whatever is raised may end the loop, and other runs in it drain, too.
        while not interrupts.ended:  # noqa: ASYNC110  a signal has no event
            await asyncio.sleep(TICK)
        interrupts.hand_on()
        await asyncio.sleep(0)  # a handler of asyncio's cancels the task
        raise KeyboardInterrupt


@contextlib.contextmanager
def _kept_line(ledger: RunLedger, line: RunLine, figures: Callable[[], Figures]) -> Iterator[None]:
    """Keep the run's line in the ledger when it begins, and again when it ends; one that cannot be kept stops nothing.

    Whether the ledger can be written is for the intent to say.
    """
    with _not_worth_a_run():
        ledger.begin_run(line)
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        with _not_worth_a_run():
            ledger.end_run(ended(line, error, figures()))


@contextlib.contextmanager
def _not_worth_a_run() -> Iterator[None]:
    try:
        yield
    except LedgerError as failure:
        log.warning("The run's line could not be kept: %s", KeptText.of(failure))


def _close(ledger: RunLedger) -> None:
    """Close a ledger; what fails now was recorded or shown before, and must not cost the user the run's answers."""
    try:
        ledger.close()
    except LedgerError as failure:
        log.warning("The ledger could not be closed: %s", KeptText.of(failure))
