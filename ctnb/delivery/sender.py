"""The sender: leads go out in batches, and each comes back with exactly one outcome.

A batch is claimed, connected, given its turn, marked as being sent, written, read and recorded, in this
order. What an answer means is `ctnb.delivery.verdict`'s to say; here it is carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ctnb.delivery.batch import Batch, Gate, plain
from ctnb.delivery.client import Client, Exchange, NotSent
from ctnb.delivery.ledger.claims import WINDOW, Claims
from ctnb.delivery.progress_counts import ProgressCounts, Stop
from ctnb.delivery.stop_policy import LONGEST_PAUSE, StopPolicy
from ctnb.delivery.verdict import Answered, RateLimited, Stopped, Uncertain, ValidationFailed, Verdict, judge
from ctnb.delivery.wire_encode import Encoder
from ctnb.exceptions import LedgerError
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.leads.plan import Plan
from ctnb.outcomes import Outcome, Reason, Status

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.writer import LedgerWriter
    from ctnb.delivery.pace.limiter import Pace
    from ctnb.outcomes import Answers

Attribute = Callable[[Plan, Sequence[int], Sequence[Outcome]], list[Outcome]]
"""Adds to the outcomes of commented leads which rule won; handed in, for that belongs to the results."""

CONNECT_TRIES: Final = 5
FIRST_BACKOFF: Final = 0.5


class Sender:
    """Delivers the leads of a plan, each once at the most.

    Parameters
    ----------
    plan : Plan
    connection : Connection
    client : Client
    pace : Pace
    clerk : LedgerWriter
        Of the run's ledger.
    attribute : callable
        Tells which rule won.
    tally : ProgressCounts
        Kept up to date as the run goes on.
    answers : Answers
        Filled by position in the plan; it holds each of the plan's leads once `run` has ended.
    sleep : callable
        Awaitable pause in seconds.
    now : callable
        Aware current time.
    window : int
        Leads that are claimed at once.
    """

    def __init__(
        self,
        plan: Plan,
        connection: Connection,
        client: Client,
        pace: Pace,
        clerk: LedgerWriter,
        *,
        attribute: Attribute,
        tally: ProgressCounts,
        answers: Answers,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        window: int = WINDOW,
    ) -> None:
        self._plan, self._client, self._pace, self._clerk = plan, client, pace, clerk
        self._attribute, self._sleep, self._now = attribute, sleep, now
        self._encoder = Encoder(plan)
        self._workers = connection.concurrency
        self._claims = Claims(plan, connection, clerk, settle=self._settle, window=window)
        self._sending: dict[int, Batch] = {}  # position -> batch, from its intent until it is settled or withdrawn
        self._gates: set[Gate] = set()
        self._patience = StopPolicy()
        self._halt = asyncio.Event()
        self._failure: Exception | None = None
        self._answers = answers
        self._tally = tally

    def stop(self, reason: Reason, message: str) -> None:
        """Begin no new request; those that are written are waited for. The first reason counts."""
        if self._tally.stop is None:
            # A message may repeat the vendor's text, and it is logged.
            self._tally.stop = Stop(reason, plain(message))
        self._halt.set()
        self._claims.stop()
        for gate in self._gates:
            gate.call_off()

    def interrupt(self) -> None:
        """Stop because the user says so."""
        self.stop(Reason.INTERRUPTED, "the run was interrupted")

    async def run(self) -> None:
        """Deliver all leads, or as many as can be before something stops the run.

        Cancelling it stops new requests, waits for those in flight, records them, then raises;
        cancelling it again gives those up as uncertain.

        Raises
        ------
        LedgerError
            When the ledger could not be read, or could not keep an intent.
        """
        workers = [asyncio.create_task(self._work()) for _ in range(self._workers)]
        work = asyncio.create_task(self._ended(workers))
        cancelled: asyncio.CancelledError | None = None
        while not work.done():
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError as again:
                if cancelled is None:
                    self.interrupt()
                else:
                    for worker in workers:
                        worker.cancel()
                cancelled = cancelled or again
            except Exception:  # noqa: BLE001  raised below
                break
        if cancelled is not None:
            raise cancelled
        work.result()
        if self._failure is not None:
            raise self._failure

    async def _ended(self, workers: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the workers, whatever ends them, and settle what they leave."""
        ends = await asyncio.gather(*workers, return_exceptions=True)
        for failure in ends:
            if isinstance(failure, Exception):
                self._failure = failure
        await self._finish()

    async def _work(self) -> None:
        """Draw batches and deliver them until there is none, or the run stops."""
        try:
            while places := await self._claims.draw(LEADS_PER_REQUEST):
                if self._halt.is_set():
                    return
                refused = await self._deliver(Batch(places))
                if refused is not None:
                    await self._find_culprit(*refused)
        except LedgerError as failure:
            self._fail(failure)
        except Exception:
            self.stop(Reason.STOPPED, "ctnb itself failed")
            raise

    def _fail(self, failure: LedgerError) -> None:
        """Stop because the ledger cannot be relied on."""
        self._failure = self._failure or failure
        self.stop(Reason.STOPPED, str(failure))

    async def _deliver(self, batch: Batch) -> tuple[Batch, str] | None:
        """Send a batch until each of its leads is settled, or the run stops.

        When a request was refused whole and no lead was named, returns its leads, which are still that
        attempt's, and the vendor's message.
        """
        while (verdict := await self._asked(batch)) is not None:
            self._stop_if(self._patience.judged(verdict))
            match verdict:
                case Answered(items):
                    self._record(batch, self._attributed(batch.places, batch.answers(items, self._now())))
                    return None
                case Uncertain(reason, message):
                    self._record_all(batch, Status.UNCERTAIN, reason, message)
                    return None
                case Stopped(reason, message, rejected):
                    if rejected:
                        self._record_all(batch, Status.REJECTED, reason, message)
                    else:
                        await self._withdraw(batch)
                    return None
                case RateLimited():
                    await self._withdraw(batch)
                case ValidationFailed(leads, message) if not leads:
                    return batch, message
                case ValidationFailed(leads, _):
                    batch = await self._without(batch, leads)
            if not batch.places:
                return None
        return None

    async def _find_culprit(self, batch: Batch, refused: str) -> None:
        """Halve a batch that was refused without a name, as long as one half goes through."""
        while len(batch.places) > 1:
            await self._withdraw(batch)
            middle = len(batch.places) // 2
            halves = [batch.part(places) for places in (batch.places[:middle], batch.places[middle:])]
            guilty = [refusal for half in halves if (refusal := await self._deliver(half)) is not None]
            if len(guilty) == len(halves):
                # Halving does not find it: the refusal is not one lead's.
                for half, message in guilty:
                    self._record_all(half, Status.INVALID, Reason.VIOLATION, message)
                self._stop_if(self._patience.nameless(refused))
                return
            if not guilty:
                return
            batch, refused = guilty[0]
        self._record_all(batch, Status.INVALID, Reason.VIOLATION, refused)

    async def _asked(self, batch: Batch) -> Verdict | None:
        """Write a batch once and judge what came of it; None when the run stops before it is written."""
        for turn in range(CONNECT_TRIES):
            gate = Gate(self._pace, lambda: self._intend(batch), self._halt)
            # No name here holds the body: a ledger's failure is raised below, and its traceback may show locals.
            exchange = await self._exchanged(self._encoder.body(batch.places), gate)
            if not isinstance(exchange, NotSent):
                verdict = judge(exchange, len(batch.places), self._now())
                if isinstance(verdict, RateLimited):
                    self._turn_away(verdict, batch)
                return verdict
            if gate.failure is not None:
                raise gate.failure
            if self._halt.is_set():
                return None
            if turn + 1 < CONNECT_TRIES:
                await self._or_halt(self._sleep(FIRST_BACKOFF * 2**turn))
            else:
                self.stop(Reason.NO_CONNECTION, f"no connection after {CONNECT_TRIES} tries: {exchange.detail}")
        return None

    async def _exchanged(self, body: bytes, gate: Gate) -> Exchange:
        """Carry out one exchange; a stop calls it off as long as its intent is not asked for."""
        self._gates.add(gate)
        try:
            async with gate.wait:
                return await self._client.exchange(body, gate)
        except TimeoutError:
            if gate.opened:
                raise
            return NotSent("the run stopped")
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

    def _turn_away(self, verdict: RateLimited, batch: Batch) -> None:
        """Pause all requests after a 429; several in flight at once are one refusal."""
        # The pause outlives the run: a longer one stops it, and the next run asks the vendor again.
        self._pace.pause(min(verdict.seconds, LONGEST_PAUSE))
        self._stop_if(self._patience.turned_away(verdict.seconds, number=batch.number, written=self._tally.requests))

    def _stop_if(self, stop: Stop | None) -> None:
        """Stop when there is a reason to."""
        if stop is not None:
            self.stop(stop.reason, stop.message)

    def _attributed(self, places: Sequence[int], outcomes: list[Outcome]) -> list[Outcome]:
        """Add which rule won to the outcomes of commented leads."""
        commented = [lead for lead, outcome in enumerate(outcomes) if outcome.status is Status.COMMENTED]
        found = self._attribute(
            self._plan, [places[lead] for lead in commented], [outcomes[lead] for lead in commented]
        )
        for lead, outcome in zip(commented, found, strict=True):
            outcomes[lead] = outcome
        return outcomes

    async def _without(self, batch: Batch, faults: Mapping[int, str]) -> Batch:
        """Settle the leads at fault, and return the rest to be sent again."""
        now = self._now()
        outcomes = [batch.outcome(Status.INVALID, Reason.VIOLATION, message, now) for message in faults.values()]
        self._record(batch.part([batch.places[lead] for lead in faults]), outcomes)
        remaining = batch.part([place for lead, place in enumerate(batch.places) if lead not in faults])
        await self._withdraw(remaining)
        return remaining

    async def _intend(self, batch: Batch) -> bool:
        """Commit that a batch is being sent; False when the run stopped meanwhile, and nothing is to be sent.

        From here on its leads may have been applied.
        """
        attempt, batch.written = secrets.token_hex(8), False

        def kept() -> None:
            batch.attempt = attempt
            self._sending.update(dict.fromkeys(batch.places, batch))

        await _agreed(self._clerk.intend(self._claims.named(batch.places), attempt), kept)
        if self._halt.is_set():
            await self._withdraw(batch)
            return False
        self._tally.requests += 1
        batch.number, batch.attempts, batch.written = self._tally.requests, batch.attempts + 1, True
        return True

    async def _withdraw(self, batch: Batch) -> None:
        """Take an intent back: the request was refused whole, or never written."""

        def given_back() -> None:
            for place in batch.places:
                self._sending.pop(place, None)

        await _agreed(self._clerk.withdraw(self._claims.named(batch.places), batch.attempt), given_back)

    def _record_all(self, batch: Batch, status: Status, reason: Reason, message: str) -> None:
        """Settle all leads of a batch alike."""
        outcome = batch.outcome(status, reason, message, self._now())
        self._record(batch, [outcome] * len(batch.places))

    def _record(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        """Settle leads and keep their outcomes; an answer that cannot be kept is still shown, and ends the run."""
        named = dict(zip(self._claims.named(batch.places), outcomes, strict=True))
        # Not waited for: the same worker's next intent is asked after it, and so is kept after it.
        recorded = self._clerk.record(named, batch.attempt)
        self._settle(batch.places, outcomes)
        if recorded.done():
            self._recorded(recorded)
        else:
            recorded.add_done_callback(self._recorded)

    def _recorded(self, recorded: asyncio.Future[None]) -> None:
        """Stop the run when an answer could not be kept."""
        failure = recorded.exception()
        if isinstance(failure, LedgerError):
            self.stop(Reason.NOT_RECORDED, f"an answer could not be recorded: {failure}")
        elif failure is not None:
            self._failure = self._failure or RuntimeError("ctnb itself failed")
            self.stop(Reason.STOPPED, "ctnb itself failed")

    def _settle(self, places: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        self._answers.put(places, outcomes)
        self._tally.add(outcomes)
        self._claims.forget(places)
        for place in places:
            self._sending.pop(place, None)

    async def _finish(self) -> None:
        """Give every lead that is left its outcome: uncertain when it was being sent, else unsent."""
        try:
            await self._claims.stopped()
        except LedgerError as failure:
            self._fail(failure)
        # After it all is known that the ledger was asked for.
        await self._clerk.caught_up()
        for batch in {id(batch): batch for batch in self._sending.values()}.values():
            left = batch.part([place for place in batch.places if place in self._sending])
            if not batch.written:
                with contextlib.suppress(LedgerError):
                    await self._withdraw(left)
                    continue
            self._record_all(
                left, Status.UNCERTAIN, Reason.CONNECTION_LOST, "the run was broken off while it was being sent"
            )
        claimed = self._claims.named(self._claims.held)
        stop = self._tally.stop or Stop(Reason.STOPPED, "the run stopped before it")
        unsent = Outcome(Status.UNSENT, error=stop.message, reason=stop.reason)
        left_over = self._answers.without(self._plan.sent)
        self._answers.put_all(left_over, unsent)
        self._tally.add_all(unsent, len(left_over))
        try:
            await self._clerk.release(claimed)
        except LedgerError as failure:
            self._failure = self._failure or failure


async def _agreed(asked: asyncio.Future[None], then: Callable[[], None]) -> None:
    """Wait for the ledger's consent; what follows from it is noted even if who waits is cancelled meanwhile."""

    def note(agreed: asyncio.Future[None]) -> None:
        if agreed.exception() is None:
            then()

    if asked.done():
        note(asked)
    else:
        asked.add_done_callback(note)
    await asyncio.shield(asked)
