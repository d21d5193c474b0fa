"""The sender: leads go out in batches, and each comes back with exactly one outcome.

A batch is claimed, connected, given its turn, marked as being sent, written, read and recorded, in this
order. What an answer means is `ctnb.delivery.verdict`'s to say; here it is carried out.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ctnb.delivery.batch import Batch, Gate, plain
from ctnb.delivery.client import Client, Exchange, NotSent
from ctnb.delivery.identity import identities
from ctnb.delivery.tally import Stop, Tally
from ctnb.delivery.verdict import Answered, Doubtful, Faulty, Stopped, Turned, Verdict, judge
from ctnb.delivery.wire import Encoder
from ctnb.errors import LedgerError
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.leads.plan import Plan
from ctnb.outcome import Outcome, Reason, Status

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger import Ledger, Terms
    from ctnb.delivery.pace import Pace

__all__ = ["Attribute", "Sender"]

Attribute = Callable[[Plan, int, Outcome], Outcome]
"""Adds to an answered outcome which rule won; handed in, for that belongs to the results."""

CONNECT_TRIES: Final = 5
FIRST_BACKOFF: Final = 0.5
TURNS_IN_A_ROW: Final = 5
LONGEST_PAUSE: Final = 60.0
DOUBTS_IN_A_ROW: Final = 3
WRONG_COUNTS: Final = 2
NAMELESS_IN_A_ROW: Final = 3


class Sender:
    """Delivers the leads of a plan, each once at the most.

    Parameters
    ----------
    plan : Plan
    connection : Connection
    client : Client
    pace : Pace
    ledger : Ledger
    attribute : callable
        Tells which rule won.
    terms : Terms
        The run's owner, its rules, and what it sends again.
    tally : Tally
        Kept up to date as the run goes on.
    outcomes : dict of int to Outcome
        Filled by position in the plan; it holds each of the plan's leads once `run` has ended.
    sleep : callable
        Awaitable pause in seconds.
    now : callable
        Aware current time.
    """

    def __init__(
        self,
        plan: Plan,
        connection: Connection,
        client: Client,
        pace: Pace,
        ledger: Ledger,
        *,
        attribute: Attribute,
        terms: Terms,
        tally: Tally,
        outcomes: dict[int, Outcome],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._plan, self._client, self._pace, self._ledger = plan, client, pace, ledger
        self._attribute, self._sleep, self._now = attribute, sleep, now
        self._encoder = Encoder(plan)
        self._workers = connection.concurrency
        self._terms = terms
        self._places = [int(place) for place in plan.sent]
        hashed = identities(plan, self._places, connection, ledger.secret)
        self._identities = dict(zip(self._places, hashed, strict=True))
        self._drawn = 0
        self._held: dict[int, Batch | None] = {}  # position -> batch that is being sent, or None while only claimed
        self._turns, self._doubts, self._wrong_counts, self._nameless = 0, 0, 0, 0
        self._turned_at = 0  # requests that were written when the latest 429 counted
        self._halt = asyncio.Event()
        self._failure: LedgerError | None = None
        self._outcomes = outcomes
        self._tally = tally

    def stop(self, reason: Reason, message: str) -> None:
        """Begin no new request; those that are written are waited for. The first reason counts."""
        if self._tally.stop is None:
            # A message may repeat the vendor's text, and it is logged.
            self._tally.stop = Stop(reason, plain(message))
        self._halt.set()

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
        work = asyncio.gather(*workers, return_exceptions=True)
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
        self._finish()
        if cancelled is not None:
            raise cancelled
        for ended in work.result():
            if isinstance(ended, Exception):
                raise ended
        if self._failure is not None:
            raise self._failure

    async def _work(self) -> None:
        """Draw batches and deliver them until there is none, or the run stops."""
        try:
            while batch := self._draw():
                refused = await self._deliver(batch)
                if refused is not None:
                    await self._find_culprit(*refused)
        except LedgerError as failure:
            self._failure = self._failure or failure
            self.stop(Reason.STOPPED, str(failure))
        except Exception:
            self.stop(Reason.STOPPED, "ctnb itself failed")
            raise

    def _draw(self) -> Batch | None:
        """Claim the next leads, up to a full batch; leads that the ledger answers are settled on the way."""
        places: list[int] = []
        while len(places) < LEADS_PER_REQUEST and self._drawn < len(self._places) and not self._halt.is_set():
            asked = self._places[self._drawn : self._drawn + LEADS_PER_REQUEST - len(places)]
            known = self._ledger.claim(self._named(asked), self._terms)
            self._drawn += len(asked)
            for place, outcome in zip(asked, known, strict=True):
                if outcome is None:
                    self._held[place] = None
                    places.append(place)
                else:
                    self._settle(place, outcome)
        return Batch(places) if places and not self._halt.is_set() else None

    async def _deliver(self, batch: Batch) -> tuple[Batch, str] | None:
        """Send a batch until each of its leads is settled, or the run stops.

        When a request was refused whole and no lead was named, returns its leads, which are still that
        attempt's, and the vendor's message.
        """
        while (verdict := await self._asked(batch)) is not None:
            self._count(verdict)
            match verdict:
                case Answered(items):
                    self._record(batch, self._attributed(batch.answers(items, self._now())))
                    return None
                case Doubtful(reason, message):
                    self._record(batch, batch.all(Status.UNCERTAIN, reason, message, self._now()))
                    return None
                case Stopped(reason, message, rejected):
                    if rejected:
                        self._record(batch, batch.all(Status.REJECTED, reason, message, self._now()))
                    else:
                        self._withdraw(batch)
                    return None
                case Turned():
                    self._withdraw(batch)
                case Faulty(leads, message) if not leads:
                    return batch, message
                case Faulty(leads, _):
                    batch = self._without(batch, leads)
            if not batch.places:
                return None
        return None

    async def _find_culprit(self, batch: Batch, refused: str) -> None:
        """Halve a batch that was refused without a name, as long as one half goes through."""
        while len(batch.places) > 1:
            self._withdraw(batch)
            middle = len(batch.places) // 2
            halves = [batch.part(places) for places in (batch.places[:middle], batch.places[middle:])]
            guilty = [refusal for half in halves if (refusal := await self._deliver(half)) is not None]
            if len(guilty) == len(halves):
                # Halving does not find it: the refusal is not one lead's.
                for half, message in guilty:
                    self._record(half, half.all(Status.INVALID, Reason.VIOLATION, message, self._now()))
                self._nameless += 1
                if self._nameless >= NAMELESS_IN_A_ROW:
                    self.stop(Reason.STOPPED, f"the vendor refuses one request after another: {refused}")
                return
            if not guilty:
                return
            batch, refused = guilty[0]
        self._record(batch, batch.all(Status.INVALID, Reason.VIOLATION, refused, self._now()))

    async def _asked(self, batch: Batch) -> Verdict | None:
        """Write a batch once and judge what came of it; None when the run stops before it is written."""
        for turn in range(CONNECT_TRIES):
            gate = Gate(self._pace, lambda: self._intend(batch), self._halt)
            # No name here holds the body: a ledger's failure is raised below, and its traceback may show locals.
            exchange = await self._exchanged(self._encoder.body(batch.places), gate)
            if not isinstance(exchange, NotSent):
                verdict = judge(exchange, len(batch.places), self._now())
                if isinstance(verdict, Turned):
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
        """Carry out one exchange; a stop calls it off as long as it is not written."""
        exchange = asyncio.ensure_future(self._client.exchange(body, gate))
        halt = asyncio.ensure_future(self._halt.wait())
        try:
            await asyncio.wait({exchange, halt}, return_when=asyncio.FIRST_COMPLETED)
            if not exchange.done() and not gate.opened:
                exchange.cancel()
                await asyncio.wait({exchange})
                return NotSent("the run stopped") if exchange.cancelled() else exchange.result()
            return await exchange
        finally:
            halt.cancel()
            exchange.cancel()
            gate.close()

    async def _or_halt(self, pause: Awaitable[object]) -> None:
        """Wait for a pause to end, or for the run to stop."""
        waits = {asyncio.ensure_future(pause), asyncio.ensure_future(self._halt.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _turn_away(self, verdict: Turned, batch: Batch) -> None:
        """Pause all requests after a 429; several in flight at once are one refusal."""
        # The pause outlives the run: a longer one stops it, and the next run asks the vendor again.
        self._pace.pause(min(verdict.seconds, LONGEST_PAUSE))
        if batch.number > self._turned_at:
            self._turned_at = self._tally.requests
            self._turns += 1
        if verdict.seconds > LONGEST_PAUSE:
            self.stop(Reason.RATE_LIMITED, f"the vendor asks for a pause of {verdict.seconds:.0f} seconds")
        elif self._turns >= TURNS_IN_A_ROW:
            self.stop(Reason.RATE_LIMITED, f"the vendor refused {self._turns} requests in a row for their rate")

    def _count(self, verdict: Verdict) -> None:
        """Keep the runs of bad verdicts that stop a delivery."""
        if not isinstance(verdict, Turned):
            self._turns = 0
        self._doubts = self._doubts + 1 if isinstance(verdict, Doubtful) else 0
        if isinstance(verdict, Answered):
            self._nameless = 0
        if isinstance(verdict, Stopped):
            self.stop(verdict.reason, verdict.message)
        if isinstance(verdict, Doubtful):
            self._wrong_counts += verdict.reason is Reason.WRONG_COUNT
            if verdict.stops or self._wrong_counts >= WRONG_COUNTS or self._doubts >= DOUBTS_IN_A_ROW:
                self.stop(Reason.STOPPED, f"the run stopped: {verdict.message}")

    def _attributed(self, outcomes: dict[int, Outcome]) -> dict[int, Outcome]:
        """Add which rule won to the outcomes of commented leads."""
        return {
            place: self._attribute(self._plan, place, outcome) if outcome.status is Status.COMMENTED else outcome
            for place, outcome in outcomes.items()
        }

    def _without(self, batch: Batch, faults: Mapping[int, str]) -> Batch:
        """Settle the leads at fault, and return the rest to be sent again."""
        outcomes: dict[int, Outcome] = {}
        for lead, message in faults.items():
            guilty = batch.part([batch.places[lead]])
            outcomes |= guilty.all(Status.INVALID, Reason.VIOLATION, message, self._now())
        self._record(batch, outcomes)
        remaining = batch.part([place for lead, place in enumerate(batch.places) if lead not in faults])
        self._withdraw(remaining)
        return remaining

    def _intend(self, batch: Batch) -> None:
        """Commit that a batch is being sent; from here on its leads may have been applied."""
        attempt = secrets.token_hex(8)
        self._ledger.intend(self._named(batch.places), self._terms, attempt)
        self._held.update(dict.fromkeys(batch.places, batch))
        self._tally.requests += 1
        batch.attempt, batch.number, batch.attempts = attempt, self._tally.requests, batch.attempts + 1

    def _withdraw(self, batch: Batch) -> None:
        """Take an intent back: the request was refused whole."""
        self._ledger.withdraw(self._named(batch.places), self._terms, batch.attempt)
        self._held.update(dict.fromkeys(batch.places))

    def _record(self, batch: Batch, outcomes: Mapping[int, Outcome]) -> None:
        """Settle leads and keep their outcomes; an answer that cannot be kept is still shown, and ends the run."""
        for place, outcome in outcomes.items():
            self._settle(place, outcome)
        try:
            self._ledger.record(
                {self._identities[place]: outcome for place, outcome in outcomes.items()}, self._terms, batch.attempt
            )
        except LedgerError as failure:
            self.stop(Reason.NOT_RECORDED, f"an answer could not be recorded: {failure}")

    def _settle(self, place: int, outcome: Outcome) -> None:
        self._outcomes[place] = outcome
        self._held.pop(place, None)
        self._tally.add(outcome)

    def _finish(self) -> None:
        """Give every lead that is left its outcome: uncertain when it was being sent, else unsent."""
        claimed = [place for place, batch in self._held.items() if batch is None]
        broken_off = "the run was broken off while it was being sent"
        for place, batch in list(self._held.items()):
            if batch is not None:
                left = batch.part([place])
                self._record(left, left.all(Status.UNCERTAIN, Reason.CONNECTION_LOST, broken_off, self._now()))
        stop = self._tally.stop or Stop(Reason.STOPPED, "the run stopped before it")
        unsent = Outcome(Status.UNSENT, error=stop.message, reason=stop.reason)
        for place in self._places:
            if place not in self._outcomes:
                self._settle(place, unsent)
        try:
            self._ledger.release(self._named(claimed), self._terms)
        except LedgerError as failure:
            self._failure = self._failure or failure

    def _named(self, places: Iterable[int]) -> list[bytes]:
        """Return the identities of some positions."""
        return [self._identities[place] for place in places]
