"""The sender: leads go out in batches, and each comes back with exactly one outcome.

A batch is claimed, connected, given its slot, marked as being sent, written, read and recorded, in this order
(reliability, order of a batch). `ctnb.delivery.verdict` says what an answer means; here it is carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from ctnb.delivery.batch import Batch
from ctnb.delivery.caution import Caution
from ctnb.delivery.client import Client, Exchange, NotSent
from ctnb.delivery.contradictions import against_offers
from ctnb.delivery.gate import Gate, Look
from ctnb.delivery.halving import Unnamed, find_culprit
from ctnb.delivery.in_flight import InFlight
from ctnb.delivery.ledger.claims import WINDOW, Claims
from ctnb.delivery.progress_counts import ProgressCounts, Stop
from ctnb.delivery.safe_texts import SafeTexts
from ctnb.delivery.stop_policy import StopPolicy
from ctnb.delivery.verdict import Answered, RateLimited, RequestRefused, Uncertain, ValidationFailed, Verdict, judge
from ctnb.delivery.wire_encode import Encoder
from ctnb.exceptions import LedgerError
from ctnb.i18n.message import lazy_gettext
from ctnb.i18n.outcome_texts import KeptText, OutcomeText
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.leads.offered import offered_types
from ctnb.leads.plan import Plan
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.writer import LedgerWriter
    from ctnb.delivery.pace.choose import Limiter
    from ctnb.outcomes import Answers

Attribute = Callable[[Plan, Sequence[int], Sequence[Outcome]], list[Outcome]]
"""Adds to the outcomes of commented leads which rule won; handed in, because it belongs to the results."""

CONNECT_TRIES: Final = 5
FIRST_BACKOFF: Final = 0.5


class Sender:
    """Delivers the leads of a plan, each once at the most.

    Parameters
    ----------
    plan : Plan
    connection : Connection
    client : Client
    limiter : Limiter
    writer : LedgerWriter
        Of the run's ledger.
    attribute : callable
        Finds which rule won.
    counts : ProgressCounts
        Updated as the run goes on.
    answers : Answers
        Filled by row of the plan; it holds each of the plan's leads once `run` has ended.
    sleep : callable
        Awaitable pause in seconds.
    now : callable
        Aware current time.
    window : int
        Leads that are claimed at once.
    limit : int or None
        Leads that are sent at the most.
    """

    def __init__(
        self,
        plan: Plan,
        connection: Connection,
        client: Client,
        limiter: Limiter,
        writer: LedgerWriter,
        *,
        attribute: Attribute,
        counts: ProgressCounts,
        answers: Answers,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        window: int = WINDOW,
        limit: int | None = None,
    ) -> None:
        self._plan, self._client, self._limiter, self._writer = plan, client, limiter, writer
        self._attribute, self._sleep, self._now = attribute, sleep, now
        self._counts, self._answers = counts, answers
        self._encoder = Encoder(plan)
        self._safe_texts = SafeTexts(connection.token)
        self._workers = connection.concurrency
        self._claims = Claims(plan, connection, writer, settle=self._settle, window=window, limit=limit)
        self._in_flight = InFlight(self._claims, writer, settle=self._settle, not_recorded=self._not_recorded)
        self._gates: set[Gate] = set()
        self._policy, self._caution = StopPolicy(), Caution()
        self._halt = asyncio.Event()
        self._failure: Exception | None = None

    def stop(self, reason: Reason, message: str) -> None:
        """Begin no new request; those that are written are waited for. The first reason counts."""
        if self._halt.is_set():
            return
        self._counts.stop = Stop(reason, message)
        self._halt.set()
        self._claims.stop()
        for gate in self._gates:
            gate.call_off()

    def interrupt(self) -> None:
        """Stop because the user asks for it."""
        self.stop(Reason.INTERRUPTED, OutcomeText.INTERRUPTED)

    async def run(self) -> None:
        """Deliver all leads, or as many as can be before something stops the run.

        Cancelling it, however often, stops new requests, waits for those in flight, records them, then raises.

        Raises
        ------
        LedgerError
            When the ledger failed before a request was sent. One that fails later stops the run: what was answered is
            kept for the user, and the rest is unsent.
        """
        workers = [asyncio.create_task(self._work()) for _ in range(self._workers)]
        work = asyncio.create_task(self._ended(workers))
        cancelled: asyncio.CancelledError | None = None
        while not work.done():
            try:
                await asyncio.wait({work})
            except asyncio.CancelledError as error:
                self.interrupt()
                cancelled = cancelled or error
        if cancelled is not None:
            raise cancelled
        work.result()
        if self._failure is not None:
            raise self._failure

    async def _ended(self, workers: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the workers, whatever ends them, and settle what they leave."""
        left = set(workers)
        while left:
            try:
                _, left = await asyncio.wait(left)
            except asyncio.CancelledError:  # the caller's loop ends, and cancels every task
                self.interrupt()
        for worker in workers:
            if not worker.cancelled() and isinstance(failure := worker.exception(), Exception):
                self._failure = failure
        await self._finish()

    async def _work(self) -> None:
        """Draw batches and deliver them until there is none, or the run stops."""
        try:
            while rows := await self._claims.draw(LEADS_PER_REQUEST):
                if self._halt.is_set():
                    return
                unnamed = await self._deliver(Batch(rows))
                if unnamed is not None:
                    await self._halve(*unnamed)
        except LedgerError as failure:
            self._fail(failure)
        except Exception:
            self.stop(Reason.STOPPED, OutcomeText.CTNB_FAILED)
            raise

    def _fail(self, failure: LedgerError) -> None:
        """Stop because the ledger cannot be relied on; an error only while nothing is lost by raising it."""
        if not self._counts.requests:
            self._failure = self._failure or failure
        self.stop(Reason.LEDGER_FAILED, KeptText.of(failure))

    async def _deliver(self, batch: Batch) -> Unnamed | None:
        """Send a batch until each of its leads is settled, or the run stops.

        When the request was refused whole and no lead was named, returns the batch, whose intent stands, and the
        vendor's message.
        """
        while (verdict := await self._ask(batch)) is not None:
            self._stop_if(self._policy.judged(verdict))
            self._caution.is_on = self._policy.in_doubt
            match verdict:
                case Answered(items):
                    self._record(batch, self._attributed(batch.rows, batch.answers(items, self._now())))
                    return None
                case Uncertain(reason, message):
                    self._record_all(batch, Status.UNCERTAIN, reason, message)
                    return None
                case RequestRefused(reason, message, rejected):
                    if rejected:
                        self._record_all(batch, Status.REJECTED, reason, message)
                    else:
                        await self._in_flight.withdraw(batch)
                    return None
                case RateLimited():
                    await self._in_flight.withdraw(batch)
                case ValidationFailed(faults, message) if not faults:
                    return batch, message
                case ValidationFailed(faults, _):
                    batch = await self._without(batch, faults)
            if not batch.rows:
                return None
        return None

    async def _halve(self, batch: Batch, message: str) -> None:
        """Look for the lead for which a whole request was refused."""
        refused = await find_culprit(
            batch,
            message,
            deliver=self._deliver,
            withdraw=self._in_flight.withdraw,
            invalidate=lambda half, why: self._record_all(half, Status.INVALID, Reason.VIOLATION, why),
        )
        if refused is not None:
            self._stop_if(self._policy.unnamed(refused))

    async def _ask(self, batch: Batch) -> Verdict | None:
        """Write a batch once and judge what came of it; None when the run stops before it is written.

        Before the intent nothing can have been sent: a failed connection is tried again, with backoff.
        """
        if self._halt.is_set():
            return None
        for tries in range(CONNECT_TRIES):
            gate = Gate(self._limiter, self._caution, partial(self._intend, batch), self._halt)
            # No name here holds the body: a ledger's failure is raised below, and its traceback may show locals.
            exchange = await self._exchange(self._encoder.body(batch.rows), gate)
            if not isinstance(exchange, NotSent):
                verdict = self._safe_texts.verdict(judge(exchange, len(batch.rows), self._now()))
                verdict = against_offers(verdict, self._plan.offered_ids(batch.rows))
                if isinstance(verdict, RateLimited):
                    self._pause(verdict, batch)
                return verdict
            if gate.failure is not None:
                raise gate.failure
            if self._halt.is_set():
                return None
            if tries + 1 < CONNECT_TRIES:
                await self._or_halt(self._sleep(FIRST_BACKOFF * 2**tries))
            else:
                self.stop(
                    Reason.NO_CONNECTION, OutcomeText.NO_CONNECTION.format(tries=CONNECT_TRIES, fault=exchange.detail)
                )
        return None

    async def _exchange(self, body: bytes, gate: Gate) -> Exchange:
        """Carry out one exchange; a stop calls it off as long as its intent is not asked for."""
        self._gates.add(gate)
        try:
            async with gate.wait:
                return await self._client.exchange(body, gate)
        except TimeoutError:
            if gate.opened:
                raise
            return NotSent(OutcomeText.STOPPED)
        finally:
            self._gates.discard(gate)
            gate.close()

    async def _or_halt(self, pause: Awaitable[object]) -> None:
        """Wait for a pause to end, or for the run to stop."""
        waits = {asyncio.ensure_future(pause), asyncio.ensure_future(self._halt.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _pause(self, verdict: RateLimited, batch: Batch) -> None:
        """Pause all requests of the machine after a 429; the pause outlives the run."""
        self._limiter.pause(verdict.seconds)
        self._stop_if(self._policy.rate_limited(verdict, number=batch.number, written=self._counts.requests))

    def _stop_if(self, stop: Stop | None) -> None:
        """Stop when there is a reason to."""
        if stop is not None:
            self.stop(stop.reason, stop.message)

    def _attributed(self, rows: Sequence[int], outcomes: list[Outcome]) -> list[Outcome]:
        """Add which rule won to the outcomes of commented leads."""
        commented = [position for position, outcome in enumerate(outcomes) if outcome.status is Status.COMMENTED]
        found = self._attribute(
            self._plan, [rows[position] for position in commented], [outcomes[position] for position in commented]
        )
        for position, outcome in zip(commented, found, strict=True):
            outcomes[position] = outcome
        return outcomes

    async def _without(self, batch: Batch, faults: Mapping[int, str]) -> Batch:
        """Settle the leads at fault, and return the rest to be sent again."""
        now = self._now()
        outcomes = [batch.outcome(Status.INVALID, Reason.VIOLATION, message, now) for message in faults.values()]
        self._record(batch.part([batch.rows[position] for position in faults]), outcomes)
        rest = batch.part([row for position, row in enumerate(batch.rows) if position not in faults])
        await self._in_flight.withdraw(rest)
        return rest

    async def _intend(self, batch: Batch, alive: Look) -> bool:
        """Commit the intent of a batch; False when it was taken back, and nothing is to be sent.

        Committing takes time: meanwhile the run may have stopped, or the server may have closed the connection.
        """
        await self._in_flight.intend(batch)
        if not await alive() or self._halt.is_set():
            await self._in_flight.withdraw(batch)
            return False
        self._counts.requests += 1
        batch.number, batch.attempts, batch.written = self._counts.requests, batch.attempts + 1, True
        return True

    def _record_all(self, batch: Batch, status: Status, reason: Reason, message: str) -> None:
        """Settle all leads of a batch alike."""
        outcome = batch.outcome(status, reason, message, self._now())
        self._record(batch, [outcome] * len(batch.rows))

    def _record(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        """Settle the leads of a batch, and keep with each outcome what was offered for it."""
        offered = offered_types(self._plan.kinds, self._plan.offered_ranks(batch.rows))
        whole = [replace(outcome, offered=types) for outcome, types in zip(outcomes, offered, strict=True)]
        self._in_flight.record(batch, whole)

    def _not_recorded(self, rows: Sequence[int], failure: BaseException) -> None:
        """Stop the run because answers could not be recorded, and say so beside each of them."""
        if isinstance(failure, LedgerError):
            answered = [row for row in rows if self._answers[row].status is not Status.UNCERTAIN]
            self._answers.mark(answered, Reason.NOT_RECORDED)
            self.stop(
                Reason.LEDGER_FAILED,
                KeptText.of(lazy_gettext("an answer could not be recorded: {failure}", failure=failure)),
            )
        else:
            self._failure = self._failure or RuntimeError("ctnb itself failed")
            self.stop(Reason.STOPPED, OutcomeText.CTNB_FAILED)

    def _settle(self, rows: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes for the user."""
        self._answers.put(rows, outcomes)
        self._counts.add(outcomes)

    async def _finish(self) -> None:
        """Give every lead that is left its outcome: uncertain when it was being sent, else unsent."""
        try:
            await self._claims.stopped()
        except LedgerError as failure:
            self._fail(failure)
        # Only then is everything known that the ledger was asked for.
        await self._writer.caught_up()
        for batch in self._in_flight.left():
            if not batch.written:
                with contextlib.suppress(LedgerError):
                    await self._in_flight.withdraw(batch)
                    continue
            self._record_all(batch, Status.UNCERTAIN, Reason.CONNECTION_LOST, OutcomeText.BROKEN_OFF)
        claimed = self._claims.identities(self._claims.held)
        stop = self._counts.stop or Stop(Reason.STOPPED, OutcomeText.STOPPED)
        unsent = Outcome(Status.UNSENT, error=stop.message, reason=stop.reason)
        rows = self._answers.without(self._plan.sent)
        self._answers.put_all(rows, unsent)
        self._counts.add_all(unsent, len(rows))
        try:
            await self._writer.release(claimed)
        except LedgerError as failure:
            self._fail(failure)
