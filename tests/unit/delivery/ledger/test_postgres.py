"""A team's ledger in PostgreSQL: who is alive, what a lost run leaves, and which databases are refused."""

import pickle
import sys
import threading
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from postgres_server import PASSWORD, QUOTED, PostgresServer
from stub_comments import PlainPostgresLedger

from ctnb.connection import Connection
from ctnb.delivery.ledger import postgres_session
from ctnb.delivery.ledger.choose import adopt, open_ledger, open_to_look, open_to_review, review_of
from ctnb.delivery.ledger.generation import keep_generation
from ctnb.delivery.ledger.postgres_about import state_name
from ctnb.delivery.ledger.postgres_schema import RIGHTS
from ctnb.delivery.ledger.postgres_session import ServerGoneError
from ctnb.delivery.ledger.protocol import DurableLedger, Terms
from ctnb.delivery.ledger.run_lines import RunLine
from ctnb.exceptions import ConfigError, LedgerError, MissingExtraError
from ctnb.outcomes import Outcome, Reason, Status
from ctnb.secret_texts import Address

A, B, C = b"a" * 32, b"b" * 32, b"c" * 32
OTHER_KEY, THIRD_KEY = "8f" * 32, "9a" * 32


def run(owner="run", resend=()):
    return Terms(owner, "rules-1", frozenset(resend))


def outcome(status=Status.COMMENTED, **fields):
    return Outcome(status, **{"call_id": "42", "batch": 3, "attempts": 1, **fields})


@pytest.fixture
def opened(team_ledger):
    """Open the ledger for one more run; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(PlainPostgresLedger.for_run(Address(team_ledger))))


def sending(ledger, identity=A, terms=None):
    terms = terms or run()
    assert ledger.claim([identity], terms) == [None]
    ledger.intend([identity], terms, "first")


def crash(ledger):
    """End a run as a kill does: its session ends, and nothing is tidied."""
    ledger._database._session.close()  # no run ends so by itself


def lapse(server, owner="run"):
    """Let the lease of a run end now, as if its machine had been switched off a minute ago."""
    server.execute(f"UPDATE ctnb.owners SET lease = clock_timestamp() - interval '1 s' WHERE name = '{owner}'")


def lose_sessions(server):
    """End all sessions of the ledger, as a restart of the server does."""
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ctnb'")


def states(ledger, identities=(A, B, C)):
    return [entry and entry.state for entry in ledger.entries(list(identities))]


# ---- who is alive -------------------------------------------------------------------------------


def test_a_database_is_a_ledger_that_waits_for_a_disk(opened):
    ledger = opened()
    assert isinstance(ledger, DurableLedger)
    assert 0 < ledger.renewal < 60


def test_what_a_killed_run_left_is_recovered_by_the_next(opened):
    killed = opened()
    sending(killed)
    assert killed.claim([B], run()) == [None]
    crash(killed)

    uncertain, free = opened().claim([A, B], run("next"))

    assert (uncertain.status, uncertain.reason, free) == (Status.UNCERTAIN, Reason.CONNECTION_LOST, None)


def test_what_a_live_run_has_is_busy_and_left_alone(opened):
    alive, other = opened(), opened()
    sending(alive)

    assert other.claim([A], run("other"))[0].status is Status.BUSY
    assert (other.is_live("run"), other.is_live("nobody")) == (True, False)
    alive.record({A: outcome()}, run(), "first")


def test_a_run_whose_lease_is_over_is_recovered_though_its_lock_is_held(opened, postgres_server):
    silent, other = opened(), opened()
    sending(silent)
    assert silent.claim([B], run()) == [None]
    lapse(postgres_server)

    assert not other.is_live("run")
    assert other.claim([A], run("other"))[0].status is Status.UNCERTAIN
    assert other.claim([B], run("other")) == [None]


def test_a_run_past_its_lease_makes_no_new_intent_and_no_claim(opened, postgres_server):
    silent = opened()
    assert silent.claim([A], run()) == [None]
    lapse(postgres_server)

    with pytest.raises(LedgerError, match="lost sight of this run"):
        silent.intend([A], run(), "late")
    with pytest.raises(LedgerError, match="lost sight of this run"):
        silent.claim([B], run())


def test_a_run_that_renews_its_lease_lives_on(opened, postgres_server):
    ledger = opened()
    ledger.claim([A], run())
    postgres_server.execute("UPDATE ctnb.owners SET lease = clock_timestamp() + interval '1 s'")
    ledger.renew()

    ((left,),) = postgres_server.execute("SELECT extract(epoch FROM lease - clock_timestamp()) FROM ctnb.owners")

    assert left > 30


@pytest.mark.parametrize("status", [Status.COMMENTED, Status.UNMATCHED, Status.UNCERTAIN])
def test_a_late_answer_settles_what_recovery_had_to_call_uncertain(opened, postgres_server, status):
    silent, other = opened(), opened()
    sending(silent)
    lapse(postgres_server)
    assert other.claim([A], run("other"))[0].status is Status.UNCERTAIN

    silent.record({A: outcome(status, call_id="late")}, run(), "first")

    found = other.claim([A], run("other"))[0]
    assert (found.status, found.call_id, found.replayed) == (status, "late", True)
    assert other.entries([A])[0].asked == 1


def test_an_answer_that_is_late_for_some_and_not_for_others_settles_all(opened, postgres_server):
    silent, other = opened(), opened()
    sending(silent)
    lapse(postgres_server)
    assert other.claim([A], run("other"))[0].status is Status.UNCERTAIN

    with pytest.raises(LedgerError):
        silent.record({A: outcome(), B: outcome()}, run(), "first")
    assert states(other, [A]) == ["uncertain"]


def test_the_late_answer_of_another_request_settles_nothing(opened, postgres_server):
    silent, other = opened(), opened()
    sending(silent)
    lapse(postgres_server)
    other.claim([A], run("other"))

    with pytest.raises(LedgerError):
        silent.record({A: outcome()}, run(), "another")
    again = run("other", {Status.UNCERTAIN})
    assert other.claim([A], again) == [None]
    other.intend([A], again, "second")
    with pytest.raises(LedgerError):  # another run has sent it anew
        silent.record({A: outcome()}, run(), "first")
    other.record({A: outcome(Status.UNCERTAIN)}, again, "second")
    with pytest.raises(LedgerError):
        silent.record({A: outcome()}, run(), "first")


def test_a_run_that_has_ended_leaves_no_owner_behind(opened, postgres_server):
    ledger = opened()
    sending(ledger)
    ledger.record({A: outcome()}, run(), "first")
    ledger.close()

    assert postgres_server.execute("SELECT name FROM ctnb.owners") == []


# ---- the server is lost, and comes back ---------------------------------------------------------


def test_a_run_goes_on_when_its_session_was_lost_and_the_server_is_back(opened, postgres_server):
    ledger = opened()
    assert ledger.claim([A, B], run()) == [None, None]
    lose_sessions(postgres_server)
    ledger.intend([A], run(), "first")
    lose_sessions(postgres_server)
    ledger.record({A: outcome()}, run(), "first")
    lose_sessions(postgres_server)
    ledger.release([B], run())
    lose_sessions(postgres_server)

    assert ledger.claim([A, C], run())[1] is None
    assert states(ledger) == ["commented", None, "claimed"]


def test_a_run_that_was_recovered_while_its_session_was_lost_makes_no_new_intent(opened, postgres_server):
    ledger, other = opened(), opened()
    assert ledger.claim([A], run()) == [None]
    crash(ledger)
    assert other.claim([A], run("other")) == [None]

    with pytest.raises(LedgerError, match="lost sight of this run"):
        ledger.intend([A], run(), "first")


class LostInCommit:
    """A session that is lost at a commit: after the server has made it, or before."""

    def __init__(self, session, server, *, made):
        self._session, self._server, self._made, self.happened = session, server, made, False

    def __getattr__(self, name):
        return getattr(self._session, name)

    def execute(self, statement, *parameters, **options):
        if statement == "COMMIT" and not self.happened:
            self.happened = True
            if self._made:
                self._session.execute(statement)
            self._session.close()
            raise psycopg.OperationalError("the connection is closed")
        return self._session.execute(statement, *parameters, **options)


STEPS = {
    "claim": (lambda ledger: ledger.claim([A, B], run()), ["claimed", "claimed"]),
    "intend": (lambda ledger: ledger.intend([A, B], run(), "first"), ["sending", "sending"]),
    "withdraw": (lambda ledger: ledger.withdraw([A, B], run(), "first"), ["claimed", "claimed"]),
    "intend anew": (lambda ledger: ledger.intend([A, B], run(), "second"), ["sending", "sending"]),
    "record": (
        lambda ledger: ledger.record({A: outcome(), B: outcome(Status.UNMATCHED)}, run(), "second"),
        ["commented", "unmatched"],
    ),
}


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("lost", [*STEPS, "release"])
def test_a_step_whose_commit_is_lost_is_made_once(opened, postgres_server, lost, made):
    ledger = opened()
    steps = dict(STEPS)
    if lost == "release":
        steps = {"claim": STEPS["claim"], "release": (lambda ledger: ledger.release([A, B], run()), [None, None])}
    ledger.claim([C], run())
    for name, (step, after) in steps.items():
        if name == lost:
            # The driver gives no way to lose an answer at will.
            database = ledger._database
            database._session = breaking = LostInCommit(database._session, postgres_server, made=made)
        step(ledger)
        assert states(ledger, [A, B]) == after
    assert breaking.happened
    assert states(ledger, [C]) == ["claimed"]


# ---- made, and refused --------------------------------------------------------------------------


def test_processes_that_meet_an_empty_database_make_one_ledger(team_ledger, postgres_server):
    start, failures = threading.Barrier(4), []

    def meet(number):
        start.wait()
        try:
            with closing(PlainPostgresLedger.for_run(Address(team_ledger))) as ledger:
                ledger.claim([bytes([number]) * 32], run(f"run {number}"))
        except Exception as failure:  # noqa: BLE001  shown below
            failures.append(failure)

    threads = [threading.Thread(target=meet, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert postgres_server.execute("SELECT count(*) FROM ctnb.keys") == [(1,)]


def test_looking_and_reviewing_make_nothing(team_ledger, postgres_server):
    connection = Connection(1, "token", ledger=team_ledger)

    assert open_to_look(connection) is open_to_review(connection) is None
    with pytest.raises(LedgerError, match="There is no ledger at postgresql://127"):
        review_of(Address(team_ledger))
    with pytest.raises(LedgerError, match="There is no ledger at postgresql://127"):
        adopt(Address(team_ledger))
    assert postgres_server.execute("SELECT to_regnamespace('ctnb')") == [(None,)]


def test_looking_recovers_nothing_and_reviewing_does(opened, team_ledger):
    killed = opened()
    sending(killed)
    crash(killed)
    connection = Connection(1, "token", ledger=team_ledger)

    with closing(open_to_look(connection)) as looking:
        assert states(looking) == ["sending", None, None]
        assert not looking.is_live("run")
    with open_to_review(connection) as review:
        assert review.counts()["uncertain"] == 1


def test_uncertain_comments_are_listed_and_marked(opened, team_ledger):
    killed = opened()
    assert killed.claim([A, B], run()) == [None, None]
    killed.intend([A, B], run(), "first")
    crash(killed)

    with review_of(Address(team_ledger)) as review:
        found = review.uncertain()
        assert [each.id for each in found] == [A.hex()[:12], B.hex()[:12]]
        assert review.ids([A]) == [A.hex()[:12]]
        assert review.mark_delivered([found[0].id]) == 1
        assert review.mark_not_delivered([found[1].id]) == 1
        with pytest.raises(ConfigError, match="is commented; only an uncertain one"):
            review.mark_delivered([found[0].id])
        assert {state: count for state, count in review.counts().items() if count} == {"commented": 1}
    assert opened().claim([A, B], run("next"))[1] is None


@pytest.mark.parametrize("keys", [OTHER_KEY, "", "7e", "7e" * 31 + "zz"])
def test_another_key_and_none_are_refused(opened, monkeypatch, keys):
    opened()
    monkeypatch.setenv("CTNB_LEDGER_KEY", keys)

    with pytest.raises((LedgerError, ConfigError)) as refusal:
        opened()
    assert "key" in str(refusal.value).lower()
    assert not keys or keys not in str(refusal.value)


def test_the_end_of_a_run_does_not_wait_again_for_a_server_that_has_not_come_back(opened, postgres_server, monkeypatch):
    ledger, tries = opened(), []
    ledger.claim([A], run())

    def gone(_):
        tries.append(1)
        raise ServerGoneError("gone")

    monkeypatch.setattr("ctnb.delivery.ledger.postgres_database.RETRYING", 0.6)
    monkeypatch.setattr("ctnb.delivery.ledger.postgres_database.open_session", gone)
    postgres_server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND application_name = 'ctnb'"
    )
    with pytest.raises(LedgerError, match="gone"):
        ledger.intend([A], run(), "one")
    assert len(tries) > 1

    tries.clear()
    with pytest.raises(LedgerError, match="gone"):
        ledger.release([A], run())
    with pytest.raises(LedgerError, match="gone"):
        ledger.end_run(RunLine("run", 1, "anna", 4242, ""))
    assert len(tries) == 2


def test_a_new_key_is_put_before_the_old_one_when_no_other_run_is_alive(opened, monkeypatch):
    first = opened()
    first.claim([A], run())
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{OTHER_KEY},{'7e' * 32}")
    with pytest.raises(LedgerError, match="other runs are alive"):
        opened()
    first.release([A], run())
    first.close()

    assert opened().secret == bytes.fromhex(OTHER_KEY)
    for wrong in (f"{'7e' * 32},{OTHER_KEY}", "7e" * 32, OTHER_KEY):
        monkeypatch.setenv("CTNB_LEDGER_KEY", wrong)
        with pytest.raises(LedgerError, match="newest"):
            opened()


def test_a_run_that_was_opened_before_a_new_key_claims_nothing(opened, monkeypatch):
    early = opened()
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{OTHER_KEY},{'7e' * 32}")
    opened()

    with pytest.raises(LedgerError, match="newer key"):
        early.claim([A], run())


def test_the_key_may_be_in_a_file(opened, monkeypatch, tmp_path):
    monkeypatch.delenv("CTNB_LEDGER_KEY")
    for name, content in {"text": b"7e" * 32 + b"\n", "bytes": b"\x7e" * 32}.items():
        (tmp_path / name).write_bytes(content)
        monkeypatch.setenv("CTNB_LEDGER_KEY_FILE", str(tmp_path / name))
        assert opened().secret == b"\x7e" * 32
    monkeypatch.setenv("CTNB_LEDGER_KEY", "7e" * 32)
    with pytest.raises(ConfigError, match="got both"):
        opened()
    monkeypatch.delenv("CTNB_LEDGER_KEY")
    monkeypatch.setenv("CTNB_LEDGER_KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(LedgerError, match="cannot be read"):
        opened()


def test_a_database_that_was_restored_is_refused_until_it_is_adopted(opened, postgres_server, team_ledger):
    ledger = opened()
    sending(ledger)
    ledger.record({A: outcome()}, run(), "first")
    ledger.close()
    postgres_server.execute("UPDATE ctnb.about SET value = '0' WHERE name = 'generation'")

    with pytest.raises(LedgerError, match="restored from a backup"):
        opened()
    adopt(Address(team_ledger))
    opened()


def test_a_database_that_another_server_has_taken_over_is_refused_until_it_is_adopted(
    opened, postgres_server, team_ledger
):
    opened()
    postgres_server.execute("UPDATE ctnb.about SET value = value || 'F' WHERE name = 'home'")

    with pytest.raises(LedgerError, match="taken over by another server"):
        opened()
    adopt(Address(team_ledger))
    opened()


def test_each_database_has_a_generation_of_its_own(opened, monkeypatch, postgres_server):
    ledger = opened()
    ledger.claim([A], run())
    ledger.close()
    postgres_server.execute("DROP SCHEMA ctnb CASCADE")

    opened()


def test_a_ledger_of_another_version_is_refused(opened, postgres_server):
    opened()
    postgres_server.execute("UPDATE ctnb.about SET value = '99' WHERE name = 'version'")

    with pytest.raises(LedgerError, match="got version '99'"):
        opened()


@pytest.mark.parametrize("trigger", ["moves", "kept"])
@pytest.mark.parametrize("change", ["ALTER TABLE ctnb.comments DISABLE TRIGGER {}", "DROP TRIGGER {} ON ctnb.comments"])
def test_a_ledger_without_its_guards_is_refused(opened, postgres_server, trigger, change):
    opened()
    postgres_server.execute(change.format(trigger))

    with pytest.raises(LedgerError, match="missing or switched off"):
        opened()


def test_a_server_that_does_not_sync_is_refused(team_ledger):
    server = PostgresServer(fsync="off")
    try:
        with pytest.raises(LedgerError, match="fsync = off"):
            PlainPostgresLedger.for_run(Address(server.url))
        with pytest.raises(LedgerError, match="fsync = off"):
            open_to_look(Connection(1, "token", ledger=server.url))
    finally:
        server.stop()


@pytest.mark.parametrize("kind", ["the same process of the server", "another process each time"])
def test_a_pooler_that_does_not_keep_sessions_is_refused(team_ledger, monkeypatch, kind):
    # Stands for PgBouncer in transaction mode, which is tried by hand.
    own = postgres_session.open_session(Address(team_ledger))

    @contextmanager
    def pooled(address):
        if kind == "another process each time":
            own.execute("SELECT set_config('ctnb.session', '', false)")
            with open_session(address) as other:
                yield other
        else:
            yield own

    open_session = postgres_session.open_session
    monkeypatch.setattr(postgres_session, "open_session", pooled)
    with closing(own), pytest.raises(LedgerError, match="pooler in transaction mode"):
        postgres_session.refuse_pooler(own, Address(team_ledger))


def test_a_commit_waits_for_the_disk_though_the_role_does_not(opened, postgres_server):
    postgres_server.execute("ALTER ROLE ctnb SET synchronous_commit = off")
    try:
        with opened()._database.reading() as session:  # a user would notice it after a power cut alone
            assert session.execute("SHOW synchronous_commit").fetchone() == ("on",)
    finally:
        postgres_server.execute("ALTER ROLE ctnb RESET synchronous_commit")


def test_a_role_that_switches_triggers_off_is_refused(opened, postgres_server):
    postgres_server.execute("ALTER ROLE ctnb SET session_replication_role = replica")
    try:
        with pytest.raises(LedgerError, match="switches the ledger's guards off"):
            opened()
    finally:
        postgres_server.execute("ALTER ROLE ctnb RESET session_replication_role")


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://ctnb:hidden@127.0.0.1:{port}/postgres",
        "postgresql://ctnb:hidden@127.0.0.1:1/postgres",
        "postgresql://nobody:hidden@127.0.0.1:{port}/nothing",
        "postgresql://ctnb@127.0.0.1:{port}/postgres?password=hidden&sslmode=nonsense",
        "postgresql://ctnb:hidden%@127.0.0.1/postgres",
    ],
)
def test_what_the_server_refuses_is_said_without_the_password(postgres_server, team_ledger, wrong):
    connection = Connection(1, "token", ledger=wrong.format(port=postgres_server.port))

    with pytest.raises((LedgerError, ConfigError)) as refusal:
        open_ledger(connection)

    chain, error = [], refusal.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    shown = "".join(f"{each!r}{each}" for each in chain)
    assert "hidden" not in shown
    assert not any("hidden" in repr(local) for each in chain for local in _locals(each))


def _locals(error):
    trace = error.__traceback__
    while trace is not None:
        if "/ctnb/" in trace.tb_frame.f_code.co_filename or "psycopg" in trace.tb_frame.f_code.co_filename:
            yield from trace.tb_frame.f_locals.values()
        trace = trace.tb_next


def test_the_driver_is_an_extra(monkeypatch, team_ledger):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(MissingExtraError, match=r'pip install "ctnb\[postgres\]"'):
        open_ledger(Connection(1, "token", ledger=team_ledger))


def test_a_pickled_connection_opens_with_the_password_of_the_environment(opened, team_ledger, monkeypatch):
    opened()
    connection = pickle.loads(pickle.dumps(Connection(1, "token", ledger=team_ledger)))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)

    assert QUOTED not in "".join(connection.ledger)
    open_to_look(connection).close()


# ---- the database refuses by itself -------------------------------------------------------------

NONSENSE = {
    "another owner takes it": ("sending", "owner = 'thief'"),
    "a claim that is dropped without an outcome": ("claimed", "owner = NULL, offering = NULL"),
    "an intent that is dropped": ("sending", "owner = NULL, offering = NULL, attempt = NULL"),
    "another attempt": ("sending", "attempt = 'second'"),
    "an attempt of nobody": ("uncertain", "attempt = 'x'"),
    "another identity": ("commented", "identity = decode(repeat('00', 32), 'hex')"),
    "another lead": ("commented", "lead = decode(repeat('00', 16), 'hex')"),
    "an outcome is rewritten": ("commented", "outcome = '\\x00'"),
    "an outcome is taken away": ("commented", "status = NULL, outcome = NULL, rules = NULL, asked_at = NULL"),
    "a doubt that is settled as another": ("uncertain", "status = 'unmatched'"),
    "a doubt that is settled and asked": ("uncertain", "status = 'commented', asked = asked + 1"),
    "a late answer that nobody waits for": ("uncertain", "status = 'unmatched', late = NULL"),
    "a request that was never sent": ("uncertain", "late = 'x'"),
    "other rules": ("unmatched", "rules = 'others'"),
    "what was commented is claimed": ("commented", "owner = 'x', offering = '\\x00'"),
    "one that was not asked": ("unmatched", "asked = 0"),
}


def put(ledger, state):
    assert ledger.claim([A], run()) == [None]
    if state != "claimed":
        ledger.intend([A], run(), "first")
    if state not in {"claimed", "sending"}:
        ledger.record({A: outcome(Status(state))}, run(), "first")


@pytest.mark.parametrize(("state", "change"), NONSENSE.values(), ids=NONSENSE)
def test_what_makes_no_sense_cannot_be_written(opened, postgres_server, state, change):
    put(opened(), state)
    before = postgres_server.execute("SELECT * FROM ctnb.comments")

    with pytest.raises(psycopg.IntegrityError):
        postgres_server.execute(f"UPDATE ctnb.comments SET {change}")

    assert postgres_server.execute("SELECT * FROM ctnb.comments") == before


@pytest.mark.parametrize("statement", ["DELETE FROM ctnb.comments", "TRUNCATE ctnb.comments"])
@pytest.mark.parametrize("state", ["sending", "commented", "unmatched"])
def test_what_was_sent_cannot_be_forgotten(opened, postgres_server, state, statement):
    put(opened(), state)

    with pytest.raises(psycopg.IntegrityError, match="is kept"):
        postgres_server.execute(statement)


# ---- rights -------------------------------------------------------------------------------------


def test_a_role_with_the_least_rights_can_do_all_that_runs_do(opened, postgres_server, monkeypatch):
    opened()
    postgres_server.execute(
        "DROP ROLE IF EXISTS analyst", "CREATE ROLE analyst LOGIN PASSWORD 'plain'", RIGHTS.format(role="analyst")
    )
    try:
        address = Address(f"postgresql://analyst:plain@127.0.0.1:{postgres_server.port}/postgres")
        with closing(PlainPostgresLedger.for_run(address)) as ledger:
            sending(ledger)
            ledger.record({A: outcome(Status.UNCERTAIN)}, run(), "first")
            assert ledger.claim([B], run()) == [None]
            crash(ledger)
        with review_of(address) as review:
            assert review.mark_not_delivered([A.hex()]) == 1
        adopt(address)
        with psycopg.connect("".join(address)) as session:
            for statement in ("DROP TABLE ctnb.comments", "ALTER TABLE ctnb.comments DISABLE TRIGGER ALL"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    session.execute(statement)
                session.rollback()
    finally:
        postgres_server.execute("DROP OWNED BY analyst", "DROP ROLE analyst")


def test_the_rights_are_those_that_the_docs_name():
    page = (Path(__file__).parents[4] / "docs" / "team.md").read_text(encoding="utf-8")

    assert RIGHTS.format(role="analyst") in page


def test_a_generation_of_this_machine_that_is_ahead_refuses_the_database(opened, postgres_server):
    opened()
    facts = dict(postgres_server.execute("SELECT name, value FROM ctnb.about"))
    keep_generation(None, state_name(facts), 1000)

    with pytest.raises(LedgerError, match="restored from a backup"):
        opened()


def test_the_age_of_an_outcome_goes_by_the_servers_clock(opened, monkeypatch):
    ledger = opened()
    sending(ledger)
    ledger.record({A: outcome(Status.UNMATCHED)}, run(), "first")
    # This machine's clock is ten years ahead.
    monkeypatch.setattr("ctnb.delivery.ledger.postgres.now_us", lambda: 2_000_000_000_000_000)
    nightly = Terms("nightly", "rules-1", frozenset({Status.UNMATCHED}), resend_after=timedelta(days=1))
    (answer,) = opened().claim([A], nightly)
    assert (answer.status, answer.replayed) == (Status.UNMATCHED, True)
