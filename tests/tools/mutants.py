"""Our own protocol with one of its promises broken; the tests must notice each.

A mutant is installed by a function that is given ``patch(owner, name, value)``, such as
``monkeypatch.setattr`` or, in a child process, `setattr`.
"""

import asyncio
import re
import sqlite3
from contextlib import closing

import aiohttp

from ctnb.delivery import client, sender
from ctnb.delivery.client import Answer, Lost
from ctnb.delivery.ledger import file, sqlite
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.delivery.verdict import Answered, RateLimited, RequestRefused
from ctnb.delivery.wire_decode import Done, ServerMessage, decode
from ctnb.outcomes import Outcome, Reason, Status


def writes_before_the_intent(patch):
    """Write the request first and commit the intent then, however fast the answer comes."""
    exchange = client.Client.exchange

    async def connect(self, req, traces, timeout):  # noqa: ASYNC109  aiohttp's signature
        return await aiohttp.TCPConnector.connect(self, req, traces, timeout)

    async def write_with_length(self, writer, _content_length):
        await writer.write(self._value)
        client._posting.get().passed = True
        self._gate.passing = asyncio.ensure_future(passed(self._gate))

    async def passed(gate):
        await gate.take_slot()
        return await gate.open(alive)

    async def alive():
        return True

    async def exchanged(self, body, gate):
        answer = await exchange(self, body, gate)
        await gate.passing
        gate.written()
        return answer

    patch(client._GatedConnector, "connect", connect)
    patch(client._Body, "write_with_length", write_with_length)
    patch(client.Client, "exchange", exchanged)


def keeps_intents_in_memory(patch):
    """Take an intent for kept that is not on the disk: it is written when the answer is there."""
    intend, record, withdraw = SqliteLedger.intend, SqliteLedger.record, SqliteLedger.withdraw
    held = {}

    def intended(self, identities, terms, attempt):
        held[attempt] = identities

    def written(self, terms, attempt):
        if attempt in held:
            intend(self, held.pop(attempt), terms, attempt)

    def recorded(self, outcomes, terms, attempt):
        written(self, terms, attempt)
        record(self, outcomes, terms, attempt)

    def withdrawn(self, identities, terms, attempt):
        written(self, terms, attempt)
        withdraw(self, identities, terms, attempt)

    patch(SqliteLedger, "intend", intended)
    patch(SqliteLedger, "record", recorded)
    patch(SqliteLedger, "withdraw", withdrawn)


def records_before_the_answer(patch):
    """Count a request as applied as soon as it is meant."""
    intend, record = SqliteLedger.intend, SqliteLedger.record

    def intended(self, identities, terms, attempt):
        intend(self, identities, terms, attempt)
        record(self, dict.fromkeys(identities, Outcome(Status.COMMENTED)), terms, attempt)

    patch(SqliteLedger, "intend", intended)
    patch(SqliteLedger, "record", lambda *_: None)


def forgets_what_was_being_sent(patch):
    """Recover `sending` as if nothing had been written."""
    opened = SqliteLedger.__init__

    def forgetful(self, path):
        opened(self, path)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE comments SET attempt = NULL")

    patch(SqliteLedger, "__init__", forgetful)


def never_recovers(patch):
    """Leave what dead runs held as it is."""
    patch(sqlite, "recover", lambda *_: False)


def takes_any_generation(patch):
    """Use a ledger that was put back from a backup as if nothing had been sent since."""
    patch(file, "kept_generation", lambda *_: 0)


def sends_again(patch, when):
    """Take some exchanges for refusals of the whole request, and send the batch again."""
    judge = sender.judge

    def hasty(exchange, leads, now):
        return RateLimited(0.0) if when(exchange) else judge(exchange, leads, now)

    patch(sender, "judge", hasty)


def retries_on_500(patch):
    """Send again after a server error."""
    sends_again(patch, lambda exchange: isinstance(exchange, Answer) and exchange.status >= 500)


def retries_on_lost_connections(patch):
    """Send again when the server hung up after the request was written."""
    sends_again(patch, lambda exchange: isinstance(exchange, Lost) and exchange.reason is Reason.CONNECTION_LOST)


def retries_on_time_outs(patch):
    """Send again when no answer came in time."""
    sends_again(patch, lambda exchange: isinstance(exchange, Lost) and exchange.reason is Reason.TIMED_OUT)


def trusts_another_count(patch):
    """Read the items of an answer by position although they are more or fewer than the leads."""
    judge = sender.judge

    def trusting(exchange, leads, now):
        reply = decode(exchange.body) if isinstance(exchange, Answer) else None
        if isinstance(reply, Done) and reply.items:
            return Answered((reply.items * 2)[:leads])
        return judge(exchange, leads, now)

    patch(sender, "judge", trusting)


def goes_by_words(patch):
    """Take a text for a refusal when one of its words is a refusal's, whatever the status."""
    judge = sender.judge

    def hasty(exchange, leads, now):
        reply = decode(exchange.body) if isinstance(exchange, Answer) else None
        if isinstance(reply, ServerMessage) and re.search("token|токен|доступ|access", reply.text, re.IGNORECASE):
            return RequestRefused(Reason.ACCESS_DENIED, reply.text, rejected=True)
        return judge(exchange, leads, now)

    patch(sender, "judge", hasty)


def trusts_any_position(patch):
    """Believe answers that name other leads than those that were offered."""
    patch(sender, "against_offers", lambda verdict, *_: verdict)


MUTANTS = {
    "writes before the intent": writes_before_the_intent,
    "keeps intents in memory": keeps_intents_in_memory,
    "records before the answer": records_before_the_answer,
    "forgets what was being sent": forgets_what_was_being_sent,
    "never recovers": never_recovers,
    "takes any generation": takes_any_generation,
    "retries on 500": retries_on_500,
    "retries on lost connections": retries_on_lost_connections,
    "retries on time-outs": retries_on_time_outs,
    "trusts another count": trusts_another_count,
    "goes by words": goes_by_words,
    "trusts any position": trusts_any_position,
}
