"""The pace that machines share in the database of their ledger; each limiter here is a machine's."""

import asyncio
import itertools
import re
import time
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from ctnb.connection import Connection
from ctnb.delivery.pace.choose import open_limiter
from ctnb.delivery.pace.history import MemoryStore
from ctnb.delivery.pace.limiter import RateLimiter
from ctnb.delivery.pace.shared_postgres import TURNS, PaceTable, TeamLimiter
from ctnb.exceptions import ConfigError, LedgerError
from ctnb.secret_texts import Address

RATE = 50.0
"""Requests a second, ten times the vendor's: 50 in any second, one each 18 ms at the most."""


@contextmanager
def machines(address, count=1, rate=RATE, name="office api:443"):
    """Give the limiters of so many machines; each has a pace of its own beside the team's."""
    limiters = [
        TeamLimiter(rate, PaceTable(Address(address), name), RateLimiter(rate, MemoryStore())) for _ in range(count)
    ]
    try:
        yield limiters
    finally:
        for limiter in limiters:
            limiter.close()


async def write(limiter, stamps, times=1):
    for _ in range(times):
        await limiter.take()
        stamps.append(time.monotonic())
        limiter.written()


async def test_machines_keep_one_distance_between_their_requests(team_ledger):
    stamps = []
    with machines(team_ledger, 3) as limiters:
        await asyncio.gather(*(write(limiter, stamps, 8) for limiter in limiters))

    assert len(stamps) == 24
    # Taken before it is stamped: the gap is from a stamp to the next one's taking.
    assert min(later - earlier for earlier, later in itertools.pairwise(sorted(stamps))) >= 0.9 / RATE


async def test_machines_share_the_window_and_not_the_gap_alone(team_ledger):
    stamps = []
    with machines(team_ledger, 2, rate=5.0) as limiters:
        await asyncio.gather(*(write(limiter, stamps, 3) for limiter in limiters))

    stamps.sort()
    assert stamps[5] - stamps[0] > 1.0


async def test_other_addresses_have_a_pace_of_their_own(team_ledger):
    with machines(team_ledger) as [ours], machines(team_ledger, name="home api:443") as [theirs]:
        await ours.take()
        async with asyncio.timeout(5):
            await theirs.take()
        theirs.drop()
        ours.drop()


async def test_a_pause_that_one_machine_is_asked_for_holds_for_the_others(team_ledger):
    stamps = []
    with machines(team_ledger, 2) as [first, second]:
        await write(first, stamps)
        first.pause(0.6)
        began = time.monotonic()
        await asyncio.sleep(0.1)  # it is on its way to the database
        await write(second, stamps)

    assert stamps[1] - began >= 0.5


async def test_a_dropped_turn_costs_the_others_no_wait(team_ledger, postgres_server):
    with machines(team_ledger, 2, rate=1.0) as [first, second]:
        await first.take()
        first.drop()
        async with asyncio.timeout(0.9):
            await second.take()
        second.drop()


async def test_who_finds_the_mark_of_a_holder_that_died_waits_as_if_it_had_written(team_ledger, postgres_server):
    with machines(team_ledger, 2, rate=1.0) as [first, second]:
        await first.take()
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
            f"AND classid::bigint = {TURNS} AND granted"
        )
        began = time.monotonic()
        await second.take()
        waited = time.monotonic() - began
        second.drop()
        first.drop()

    assert waited >= 0.9


async def test_a_wait_that_is_called_off_leaves_the_turn_free(team_ledger):
    with machines(team_ledger, 3) as [first, second, third]:
        await first.take()
        waiting = asyncio.create_task(second.take())
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        first.written()
        async with asyncio.timeout(5):
            await third.take()
        third.drop()


async def test_who_keeps_the_turn_is_said_after_five_seconds(team_ledger, caplog, monkeypatch):
    monkeypatch.setattr("ctnb.delivery.pace.hold_up.LONG", 0.2)
    monkeypatch.setattr("ctnb.delivery.pace.hold_up.LOOK_EVERY", 0.05)
    with machines(team_ledger, 2) as [first, second]:
        await first.take()
        waiting = asyncio.create_task(second.take())
        async with asyncio.timeout(10):
            while not caplog.records:  # noqa: ASYNC110  the log has no event
                await asyncio.sleep(0.02)
        first.written()
        await waiting
        second.drop()

    assert re.search(r"held for 0 seconds by process \d+ on .+, which may be suspended", caplog.messages[0])


async def test_a_session_that_is_lost_is_opened_again_and_waits_out_what_may_be_lost_with_it(
    team_ledger, postgres_server
):
    stamps = []
    with machines(team_ledger, rate=5.0) as [limiter]:
        await write(limiter, stamps)
        await asyncio.sleep(0.1)
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND application_name = 'ctnb'"
        )
        await write(limiter, stamps)

    assert stamps[1] - stamps[0] >= 1.0


async def test_a_turn_that_is_lost_while_its_holder_waits_for_the_pace_is_taken_anew(team_ledger, postgres_server):
    with machines(team_ledger, 2, rate=1.0) as [first, second]:
        await write(first, [])
        waiting = asyncio.create_task(first.take())  # for the second that follows its last request
        await asyncio.sleep(0.3)
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
            f"AND classid::bigint = {TURNS} AND granted"
        )
        others = asyncio.create_task(second.take())
        await asyncio.wait({waiting, others}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0.3)

        assert waiting.done() + others.done() == 1

        for limiter, task in ((first, waiting), (second, others)):
            if task.done():
                limiter.drop()
            else:
                task.cancel()
        await asyncio.wait({waiting, others})


def test_requests_that_were_stamped_before_the_servers_clock_was_set_back_count_as_written_now(team_ledger):
    table = PaceTable(Address(team_ledger), "office")
    _, now = table.read()
    ahead = tuple(now + 3600 + number / 10 for number in range(5))
    table.change(lambda history, _: replace(history, stamps=ahead))

    first, then = table.read()
    second, _ = table.read()
    table.close()

    assert len(first.stamps) == 5
    assert now <= min(first.stamps) <= max(first.stamps) <= then
    assert second == first  # and not as written at each look


def test_a_history_that_cannot_be_read_counts_as_full_of_requests(team_ledger, postgres_server):
    table = PaceTable(Address(team_ledger), "office")
    table.read()
    postgres_server.execute("UPDATE ctnb.pace SET history = 'damaged'")

    history, now = table.read()
    table.close()

    assert len(history.stamps) >= 5
    assert max(history.stamps) <= now


async def test_a_database_that_does_not_come_back_is_said_and_holds_nobody(team_ledger, monkeypatch):
    monkeypatch.setattr("ctnb.delivery.pace.shared_postgres.RETRYING", 0.1)
    gone = re.sub(r":\d+/", ":9/", team_ledger)
    with machines(gone) as [limiter]:
        with pytest.raises(LedgerError, match="cannot be used"):
            await limiter.take()
        with pytest.raises(LedgerError):
            await limiter.take()


async def test_a_pace_needs_no_run_before_it_and_many_may_begin_at_once(team_ledger):
    stamps = []
    with machines(team_ledger, 6) as limiters:
        await asyncio.gather(*(write(limiter, stamps) for limiter in limiters))

    assert len(stamps) == 6


async def test_a_role_with_the_stated_rights_shares_the_pace(team_ledger, postgres_server):
    from ctnb.delivery.ledger.postgres_schema import RIGHTS

    stamps = []
    with machines(team_ledger) as [limiter]:
        await write(limiter, stamps)
    postgres_server.execute("DROP ROLE IF EXISTS pacer", "CREATE ROLE pacer LOGIN PASSWORD 'pacer'")
    postgres_server.execute(RIGHTS.format(role="pacer"))
    with machines(re.sub(r"//[^@]+@", "//pacer:pacer@", team_ledger)) as [limiter]:
        await write(limiter, stamps)
    postgres_server.execute("DROP OWNED BY pacer", "DROP ROLE pacer")

    assert len(stamps) == 2


def test_a_connection_with_an_egress_has_the_teams_limiter_and_one_without_the_machines(team_ledger):
    settings = {"base_url": "http://127.0.0.1:9", "ledger": team_ledger}
    with open_limiter(Connection(1, "token", egress="office", **settings)) as limiter:
        assert isinstance(limiter, TeamLimiter)
    with open_limiter(Connection(1, "token", **settings)) as limiter:
        assert isinstance(limiter, RateLimiter)


@pytest.mark.parametrize("ledger", ["ledger.db", None])
def test_an_egress_without_a_teams_ledger_is_refused(ledger):
    with pytest.raises(ConfigError, match="needs the ledger of a team"):
        Connection(1, "token", ledger=ledger, egress="office")


@pytest.mark.parametrize("egress", ["", "  ", "a\nb", "x" * 101, 5])
def test_an_egress_that_is_no_name_is_refused(team_ledger, egress):
    with pytest.raises(ConfigError, match="egress: expected a name"):
        Connection(1, "token", ledger=team_ledger, egress=egress)


def test_the_environment_names_the_egress(team_ledger, monkeypatch):
    monkeypatch.setenv("CTNB_LEDGER", team_ledger)
    monkeypatch.setenv("CTNB_EGRESS", " office ")
    assert Connection.from_env(site_id=1, token="token").egress == "office"


def test_no_password_is_in_what_is_said_when_the_database_is_gone(monkeypatch):
    monkeypatch.setattr("ctnb.delivery.pace.shared_postgres.RETRYING", 0.0)
    table = PaceTable(Address("postgresql://anna:canary@127.0.0.1:9/crm"), "office")
    with pytest.raises(LedgerError) as error:
        table.read()
    assert "canary" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None or not isinstance(error.value.__context__, psycopg.Error)
