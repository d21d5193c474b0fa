"""The ledger's file in use: what may move, what a crash leaves, who may have what, and what breaks."""

import hashlib
import itertools
import os
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace
from stub_comments import PlainLedger

from ctnb.delivery.ledger import file as ledger_file
from ctnb.delivery.ledger.file import LedgerFile, connect
from ctnb.delivery.ledger.owner import Owner
from ctnb.delivery.ledger.protocol import LOST_IN_FLIGHT, Terms, state_of
from ctnb.delivery.ledger.sqlite import recover
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Attribution, Kind, Outcome, Reason, Status

A, B, C = b"a" * 32, b"b" * 32, b"c" * 32
OUTCOMES = ["commented", "unmatched", "invalid", "rejected", "uncertain"]
STATES = ["claimed", "sending", *OUTCOMES]
ANY = frozenset(Status)


def run(owner="run", rules="rules-1", resend=()):
    return Terms(owner, rules, frozenset(resend))


def outcome(status=Status.COMMENTED, **fields):
    return Outcome(Status(status), **{"call_id": "42", "batch": 3, "attempts": 1, **fields})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def opened(path):
    """Open the file for one more run; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(PlainLedger(path)))


def settled(ledger, status, identity=A, terms=None):
    terms = terms or run()
    assert ledger.claim([identity], terms) == [None]
    ledger.intend([identity], terms, "first")
    ledger.record({identity: outcome(status)}, terms, "first")


def crash(ledger):
    """End a run as the system ends a killed one: its file is closed and its lock freed, and nothing is tidied."""
    ledger._file.close()
    ledger._owner.lock.release()


@contextmanager
def looking(path):
    with closing(connect(path)) as database:
        yield database


def rows(path):
    """Return all that the file holds of comments."""
    with looking(path) as database:
        return database.execute("SELECT * FROM comments ORDER BY id").fetchall()


def states(path):
    with looking(path) as database:
        found = database.execute("SELECT identity, owner, attempt, status FROM comments")
        return {identity: state_of(*held) for identity, *held in found}


# ---- the database refuses by itself -------------------------------------------------------------


def put(ledger, state):
    """Bring A into a state by legal steps; "claimed again" and "sending again" have an outcome from before."""
    if state in OUTCOMES:
        settled(ledger, state)
        return
    if state.endswith("again"):
        settled(ledger, "uncertain")
    assert ledger.claim([A], run(resend=ANY)) == [None]
    if state.startswith("sending"):
        ledger.intend([A], run(), "first")


LEGAL = {
    "claimed": {"sending"},
    "claimed again": {"sending", "uncertain"},
    "sending": {"claimed", *OUTCOMES},
    "sending again": {"claimed", *OUTCOMES},
    "commented": set(),
    "unmatched": {"claimed"},
    "invalid": {"claimed"},
    "rejected": {"claimed"},
    "uncertain": {"claimed", "commented"},
}


SETTLED = (
    "owner = NULL, offering = NULL, attempt = NULL, status = '{}', outcome = x'00', rules = '', asked_at = 1, "
    "asked = asked + 1"
)
"""What a request that ends writes."""


def move(database, before, after):
    """Write a state with all that belongs to it."""
    if after == "claimed" and before in OUTCOMES:
        change = "owner = 'run', offering = x'00'"
    elif after == "claimed":
        change = "attempt = NULL"
    elif after == "sending":
        change = "owner = 'run', offering = x'00', attempt = 'first'" if before in OUTCOMES else "attempt = 'first'"
    elif (before, after) == ("claimed again", "uncertain"):
        change = "owner = NULL, offering = NULL"
    elif before in OUTCOMES:
        change = f"status = '{after}', outcome = x'00', seal = 1"
    else:
        change = SETTLED.format(after)
    database.execute(f"UPDATE comments SET {change}")


@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("before", LEGAL)
def test_a_comment_moves_only_where_it_may(path, opened, before, after):
    put(opened(), before)
    stays = before.removesuffix(" again")
    with looking(path) as database:
        if after in LEGAL[before]:
            move(database, before, after)
        elif stays != after:
            with pytest.raises(sqlite3.IntegrityError):
                move(database, before, after)

    assert states(path) == {A: after if after in LEGAL[before] else stays}


@pytest.mark.parametrize("state", LEGAL)
def test_a_comment_begins_as_claimed(path, opened, state):
    put(opened(), state)
    columns = (
        "identity, lead, text, naming, owner, offering, attempt, asked, asked_at, rules, offer, status, outcome, seal"
    )
    copied = columns.replace("identity", "zeroblob(32)", 1)
    with looking(path) as database:
        insert = f"INSERT INTO comments ({columns}) SELECT {copied} FROM comments"
        if state == "claimed":
            database.execute(insert)
        else:
            with pytest.raises(sqlite3.IntegrityError, match="begins as claimed"):
                database.execute(insert)


@pytest.mark.parametrize("state", LEGAL)
def test_only_what_was_never_sent_or_is_uncertain_can_be_forgotten(path, opened, state):
    put(opened(), state)
    with looking(path) as database:
        if state in {"claimed", "uncertain"}:
            database.execute("DELETE FROM comments")
        else:
            with pytest.raises(sqlite3.IntegrityError, match="is kept"):
                database.execute("DELETE FROM comments")


@pytest.mark.parametrize("state", sorted(set(LEGAL) - {"claimed", "uncertain"}))
def test_a_replacement_is_a_deletion(path, opened, state):
    put(opened(), state)
    before = rows(path)

    with looking(path) as database, pytest.raises(sqlite3.IntegrityError, match="is kept"):
        database.execute(
            "REPLACE INTO comments (identity, lead, text, naming, owner, offering, seal) "
            "SELECT identity, lead, text, naming, 'thief', x'00', 1 FROM comments"
        )

    assert rows(path) == before


NONSENSE = {
    "another owner takes it": ("sending", "owner = 'thief'"),
    "another owner takes a claim": ("claimed", "owner = 'thief'"),
    "a claim of what is claimed": ("claimed", "owner = 'thief', offering = x'00'"),
    "another offer": ("claimed", "offering = x'00'"),
    "another identity": ("commented", "identity = zeroblob(32)"),
    "another lead": ("commented", "lead = zeroblob(16)"),
    "another text": ("claimed", "text = zeroblob(16)"),
    "another number": ("claimed", "id = 9"),
    "another naming": ("claimed", "naming = 9"),
    "a claim that is dropped without an outcome": ("claimed", "owner = NULL, offering = NULL"),
    "an intent that is dropped": ("sending", "owner = NULL, offering = NULL, attempt = NULL"),
    "an intent that is dropped again": ("sending again", "owner = NULL, offering = NULL, attempt = NULL"),
    "another attempt": ("sending", "attempt = 'second'"),
    "an attempt of nobody": ("uncertain", "attempt = 'x'"),
    "an owner without an offer": ("unmatched", "owner = 'x'"),
    "an offer without an owner": ("unmatched", "offering = x'00'"),
    "an outcome while it is claimed": ("claimed again", "status = 'unmatched'"),
    "an outcome while it is being sent": (
        "sending",
        "status = 'commented', outcome = x'00', rules = '', asked_at = 1, asked = 1",
    ),
    "an outcome is rewritten": ("commented", "outcome = x'00'"),
    "an outcome is taken away": ("commented", "status = NULL, outcome = NULL, rules = NULL, asked_at = NULL"),
    "a doubt that is settled as another": ("uncertain", "status = 'unmatched'"),
    "a doubt that is settled and asked": ("uncertain", "status = 'commented', asked = asked + 1"),
    "other rules": ("unmatched", "rules = 'others'"),
    "an outcome of another offer": ("unmatched", "offer = x'00'"),
    "one that was not asked": ("unmatched", "asked = 0"),
    "a state of no ledger": ("sending", SETTLED.format("unsent")),
    "an outcome that says nothing": ("sending", SETTLED.format("commented").replace("x'00'", "NULL")),
}


@pytest.mark.parametrize(("state", "change"), NONSENSE.values(), ids=NONSENSE)
def test_what_makes_no_sense_cannot_be_written(path, opened, state, change):
    put(opened(), state)
    before = rows(path)

    with looking(path) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(f"UPDATE comments SET {change}")

    assert rows(path) == before


@pytest.mark.parametrize("broken", [("x'00'", "zeroblob(16)"), ("zeroblob(32)", "x'00'")])
def test_hashes_of_another_length_cannot_be_written(path, opened, broken):
    opened()
    identity, lead = broken
    with looking(path) as database, pytest.raises(sqlite3.IntegrityError, match="length"):
        database.execute(
            "INSERT INTO comments (identity, lead, text, naming, owner, offering, seal) "
            f"VALUES ({identity}, {lead}, {lead}, 1, 'run', x'00', 1)"
        )


# ---- all of them, or none -----------------------------------------------------------------------

INEXACT = {
    "intend": lambda ledger: ledger.intend([B, A, C], run(), "x"),
    "intend twice in one": lambda ledger: ledger.intend([B, B], run(), "x"),
    "intend for another run": lambda ledger: ledger.intend([B], run("stranger"), "x"),
    "withdraw": lambda ledger: ledger.withdraw([A, B], run(), "first"),
    "withdraw another attempt": lambda ledger: ledger.withdraw([A], run(), "second"),
    "record": lambda ledger: ledger.record({A: outcome(), B: outcome()}, run(), "first"),
    "record another attempt": lambda ledger: ledger.record({A: outcome()}, run(), "second"),
    "release": lambda ledger: ledger.release([B, A], run()),
    "release an unknown one": lambda ledger: ledger.release([B, C], run()),
    "claim as another run": lambda ledger: ledger.claim([C], run("another")),
}


@pytest.mark.parametrize("step", INEXACT.values(), ids=INEXACT)
def test_a_step_that_does_not_fit_each_comment_changes_none(path, opened, step):
    ledger = opened()
    ledger.claim([A, B], run())
    ledger.intend([A], run(), "first")
    before = rows(path)

    with pytest.raises(LedgerError, match=r"Run the cell again|another run"):
        step(ledger)

    assert rows(path) == before


def test_the_comments_of_a_request_lie_together(path, opened):
    ledger, wanted = opened(), [hashlib.sha256(bytes([number])).digest() for number in range(250)]
    ledger.claim(wanted[:150], run())
    ledger.claim(wanted[100:], run())

    with looking(path) as database:
        assert [name for (name,) in database.execute("SELECT identity FROM comments ORDER BY id")] == wanted


def test_a_step_of_no_comments_is_no_step(opened, path):
    ledger = opened()
    with looking(path) as other:
        other.execute("BEGIN IMMEDIATE")  # whoever wrote now would have to wait

        ledger.intend([], run(), "x")
        ledger.withdraw([], run(), "x")
        ledger.record({}, run(), "x")
        ledger.release([], run())


@pytest.mark.parametrize("status", ["unmatched", "invalid", "rejected", "uncertain"])
def test_what_is_claimed_again_and_given_back_is_as_it_was(path, opened, status):
    settled(opened(), status)
    before = rows(path)
    ledger = opened()
    again = run("second", "rules-2", ANY)
    assert ledger.claim([A, B], again) == [None, None]

    ledger.release([A, B], again)

    assert rows(path) == before


def test_a_claim_by_the_resend_of_another_run_is_busy_to_the_rest(opened):
    settled(opened(), "uncertain")
    again = run("second", resend={Status.UNCERTAIN})
    ledger = opened()
    assert ledger.claim([A], again) == [None]

    assert opened().claim([A], run("third", resend=ANY))[0].status is Status.BUSY

    ledger.intend([A], again, "second")
    ledger.record({A: outcome("commented", error="the second")}, again, "second")
    assert opened().claim([A], run("fourth", resend=ANY))[0].error == "the second"


# ---- what comes back is what was kept -----------------------------------------------------------

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
counts = st.none() | st.integers(0, 2**62)
KEPT_TYPES = {Status, Kind, Attribution, Reason, str, int, bool, datetime, type(None)}
outcomes = st.builds(
    Outcome,
    status=st.sampled_from([Status(state) for state in OUTCOMES]),
    matched_by=st.none() | st.sampled_from(Kind),
    rule=counts,
    attribution=st.none() | st.sampled_from(Attribution),
    call_id=texts,
    call_reference_id=texts,
    sip_call_id=texts,
    request_id=texts,
    request_number=texts,
    error=texts,
    reason=st.none() | st.sampled_from(Reason),
    replayed=st.just(value=False),
    batch=counts,
    attempts=counts,
    answered_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    """A run that records, one that asks afterwards, and new identities for both."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite3"
    with closing(PlainLedger(path)) as first, closing(PlainLedger(path)) as second:
        yield first, second, itertools.count()


@settings(max_examples=40, deadline=None)
@given(st.lists(outcomes, min_size=1, max_size=5))
def test_an_outcome_comes_back_as_it_was_kept_in_every_field(two_runs, kept):
    first, second, numbers = two_runs
    named = {next(numbers).to_bytes(32, "big"): found for found in kept}
    first.claim(list(named), run())
    first.intend(list(named), run(), "first")
    first.record(named, run(), "first")

    answers = second.claim(list(named), run("second"))

    # A rejected one is free again: its refusal was the token's.
    wanted = [None if found.status is Status.REJECTED else found for found in kept]
    for before, answer in zip(wanted, answers, strict=True):
        assert answer == (before and replace(before, replayed=True))
        assert {type(value) for value in asdict(answer or kept[0]).values()} <= KEPT_TYPES


def test_half_a_surrogate_pair_in_any_text_is_kept_as_a_question_mark(opened):
    ledger = opened()
    ledger.claim([A], run())
    ledger.intend([A], run(), "first")

    ledger.record({A: outcome(error="half \ud83d é", call_id="\udc00", reason=Reason.VENDOR_ERROR)}, run(), "first")

    (found,) = opened().claim([A], run("second"))
    assert (found.error, found.call_id, found.reason) == ("half ? é", "?", Reason.VENDOR_ERROR)


DAMAGE = {
    "another status": "status = 'unmatched'",
    "no status": "status = NULL",
    "a status of no outcome": "status = 'vncertain'",
    "another outcome": "outcome = replace(CAST(outcome AS TEXT), '42', '43')",
    "half an outcome": "outcome = substr(outcome, 1, 10)",
    "a number for an outcome": "outcome = 7",
    "no outcome": "outcome = NULL",
    "other rules": "rules = 'rules-3'",
    "another checksum": "seal = seal + 1",
    "no checksum": "seal = NULL",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_row_is_reported_when_it_is_read_and_nothing_is_claimed(path, opened, damage):
    settled(opened(), "uncertain")
    ledger = opened()
    with looking(path) as database:
        for setting in ("ignore_check_constraints = ON", "writable_schema = ON"):
            database.execute(f"PRAGMA {setting}")
        database.execute("UPDATE sqlite_master SET sql = replace(sql, 'seal BIGINT NOT NULL', 'seal BIGINT         ')")
    with looking(path) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        for guard in ("settles", "moves"):
            database.execute(f"DROP TRIGGER {guard}")
        database.execute(f"UPDATE comments SET {damage}")

    with pytest.raises(LedgerError, match="damaged"):
        ledger.claim([A, B], run("second"))

    assert len(rows(path)) == 1


# ---- owners and crashes -------------------------------------------------------------------------


def test_what_a_dead_run_left_is_recovered_before_the_next_claim(path, opened):
    first = opened()
    for identity, status in [(b"1" * 32, "unmatched"), (b"2" * 32, "invalid"), (b"3" * 32, "uncertain")]:
        settled(first, status, identity)
    first.close()
    dead, its = opened(), run("dead", "rules-2", {Status.UNCERTAIN, Status.UNMATCHED, Status.INVALID})
    wanted = [A, B, b"1" * 32, b"2" * 32, b"3" * 32]
    assert dead.claim(wanted, its) == [None] * 5
    dead.intend([B], its, "its")
    crash(dead)

    found = opened().claim(wanted, run("next"))

    assert found[0] is None
    assert (found[1].status, found[1].reason) == (Status.UNCERTAIN, LOST_IN_FLIGHT.reason)
    assert [answer.status for answer in found[2:]] == [Status.UNMATCHED, Status.INVALID, Status.UNCERTAIN]
    assert all(answer.call_id == "42" for answer in found[2:])
    assert not (path.parent / "ledger.sqlite3.owners" / "dead.lock").exists()


def test_a_comment_that_was_being_sent_again_is_uncertain_after_a_crash(opened):
    settled(opened(), "unmatched")
    dead, its = opened(), run("dead", "rules-2")
    dead.claim([A], its, offer=b"another offer".ljust(16))
    dead.intend([A], its, "its")
    crash(dead)

    (found,) = opened().claim([A], run("next", "rules-3"))

    assert (found.status, found.call_id) == (Status.UNCERTAIN, None)


def test_a_run_that_dies_while_others_go_on_is_found_when_its_comments_are_asked_for(opened):
    watcher = opened()
    assert watcher.claim([C], run("watcher")) == [None]
    dead, its = opened(), run("dead")
    dead.claim([A, B], its)
    dead.intend([B], its, "its")
    assert [answer.status for answer in watcher.claim([A, B], run("watcher"))] == [Status.BUSY, Status.BUSY]
    crash(dead)

    free, lost = watcher.claim([A, B], run("watcher"))

    assert (free, lost.status) == (None, Status.UNCERTAIN)


def test_a_live_run_keeps_its_comments_whatever_others_open_and_close(opened):
    live = opened()
    live.claim([A, B], run("live"))
    live.intend([A], run("live"), "its")

    for number in range(3):
        with closing(opened()) as other:
            assert [found.status for found in other.claim([A, B], run(f"other {number}"))] == [Status.BUSY] * 2

    live.record({A: outcome()}, run("live"), "its")
    live.release([B], run("live"))


def test_a_run_that_ends_without_tidying_is_recovered_as_a_dead_one(opened):
    ended = opened()
    ended.claim([A, B], run("ended"))
    ended.intend([B], run("ended"), "its")
    ended.close()

    free, lost = opened().claim([A, B], run("next"))

    assert (free, lost.status) == (None, Status.UNCERTAIN)


def test_two_runs_of_one_name_are_refused(opened):
    opened().claim([A], run("same"))

    with pytest.raises(LedgerError, match="this run's name"):
        opened().claim([B], run("same"))


def test_recovery_alone_settles_what_dead_runs_left(path, opened):
    dead = opened()
    dead.claim([A, B], run("dead"))
    dead.intend([B], run("dead"), "its")
    crash(dead)

    with closing(LedgerFile.opened(path)) as file:
        recover(file)

    assert states(path) == {B: "uncertain"}


# ---- other processes ----------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from ctnb.delivery.ledger.protocol import Terms
from stub_comments import PlainLedger

ledger, terms = PlainLedger(Path(sys.argv[1])), Terms("other process", "rules-1")
ledger.claim([b"a" * 32, b"b" * 32], terms)
ledger.intend([b"b" * 32], terms, "its")
print("held", flush=True)
sys.stdin.read()
"""

RACER = """
import random, sys
from pathlib import Path
from ctnb.delivery.ledger.protocol import Terms
from stub_comments import PlainLedger
from ctnb.outcomes import Outcome, Status

print("ready", flush=True)
sys.stdin.readline()
ledger, terms = PlainLedger(Path(sys.argv[1])), Terms(sys.argv[2], "rules-1")
wanted = [number.to_bytes(32, "big") for number in range(120)]
random.Random(sys.argv[2]).shuffle(wanted)
print(ledger.secret.hex())
for turn in range(0, 120, 8):
    asked = wanted[turn : turn + 8]
    mine = [name for name, found in zip(asked, ledger.claim(asked, terms)) if found is None]
    ledger.intend(mine, terms, str(turn))
    ledger.record({name: Outcome(Status.COMMENTED) for name in mine}, terms, str(turn))
    print(*(name.hex() for name in mine))
ledger.close()
"""


@contextmanager
def process(script, *arguments):
    """Start a Python process, and wait for the first line that it says."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    tools = {"PYTHONPATH": os.pathsep.join(sys.path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    with subprocess.Popen(command, env={**os.environ, **tools}, **pipes) as started:
        try:
            assert started.stdout.readline().strip()
            yield started
        finally:
            started.kill()


def test_a_live_process_is_left_alone_and_a_killed_one_is_recovered(opened, path):
    ledger = opened()
    with process(HOLDER, path) as other:
        assert [found.status for found in ledger.claim([A, B], run("here"))] == [Status.BUSY, Status.BUSY]
        assert ledger.claim([C], run("here")) == [None]
        other.kill()
        other.wait()

        free, lost = ledger.claim([A, B], run("here"))

    assert (free, lost.status) == (None, Status.UNCERTAIN)


def test_processes_that_race_make_one_ledger_and_get_each_comment_once(path):
    with ExitStack() as stack:
        racers = [stack.enter_context(process(RACER, path, number)) for number in range(2)]
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        said = [racer.communicate()[0].split() for racer in racers]

    secrets = {words[0] for words in said}
    granted = [bytes.fromhex(name) for words in said for name in words[1:]]
    assert len(secrets) == 1
    assert sorted(granted) == [number.to_bytes(32, "big") for number in range(120)]
    assert set(states(path).values()) == {"commented"}


def test_a_forks_copy_of_a_ledger_does_nothing(opened, monkeypatch, path):
    ledger = opened()
    ledger.claim([A], run())
    here = os.getpid()
    with monkeypatch.context() as fork:
        fork.setattr(os, "getpid", lambda: here + 1)
        for step in (
            lambda: ledger.claim([B], run()),
            lambda: ledger.intend([A], run(), "x"),
            lambda: ledger.release([A], run()),
        ):
            with pytest.raises(LedgerError, match="forked"):
                step()
        ledger.close()

    assert Owner.taken(path, "run") is None
    ledger.intend([A], run(), "still mine")
    ledger.close()


# ---- what breaks --------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(ledger_file, "BUSY_SECONDS", 0.05)


STEPS = {
    "claim": lambda ledger: ledger.claim([C], run()),
    "intend": lambda ledger: ledger.intend([B], run(), "second"),
    "withdraw": lambda ledger: ledger.withdraw([A], run(), "first"),
    "record": lambda ledger: ledger.record({A: outcome()}, run(), "first"),
    "release": lambda ledger: ledger.release([B], run()),
}


@pytest.fixture(params=STEPS.values(), ids=list(STEPS))
def step(request):
    return request.param


@pytest.fixture
def busy_ledger(path, opened, impatient):
    """A ledger in which A is being sent and B is claimed."""
    ledger = opened()
    ledger.claim([A, B], run())
    ledger.intend([A], run(), "first")
    return ledger


def fails_and_changes_nothing(path, ledger, step, message):
    before = rows(path)
    with pytest.raises(LedgerError, match=message) as failed:
        step(ledger)
    assert str(path) in str(failed.value)
    assert rows(path) == before


@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_file_that_another_program_has_is_reported(path, busy_ledger, step, kind):
    with looking(path) as other:
        other.execute(f"BEGIN {kind}")
        with pytest.raises(LedgerError, match="locked"):
            step(busy_ledger)

    step(busy_ledger)


def test_a_file_that_another_program_reads_is_reported(path, busy_ledger, step):
    with looking(path) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM comments").fetchone()
        fails_and_changes_nothing(path, busy_ledger, step, "locked")

    step(busy_ledger)


def test_a_file_that_is_locked_while_it_is_opened_is_not_called_damaged(path, busy_ledger):
    with looking(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match="locked") as failed:
            PlainLedger(path)

    assert "damaged" not in str(failed.value)


def test_a_full_disk_is_reported_and_nothing_is_claimed(path, opened):
    ledger = opened()
    ledger.claim([A], run())
    (pages,) = ledger._file.database.execute("PRAGMA page_count").fetchone()
    ledger._file.database.execute(f"PRAGMA max_page_count = {pages}")
    many = [number.to_bytes(32, "big") for number in range(500)]

    fails_and_changes_nothing(path, ledger, lambda _: ledger.claim(many, run()), "full")

    ledger._file.database.execute("PRAGMA max_page_count = 100000")
    assert ledger.claim(many, run()) == [None] * 500


class Breaking:
    """A database whose commits fail, as on a disk that is broken or full."""

    def __init__(self, database, broken=("COMMIT",)):
        self._database, self._broken = database, broken

    def __getattr__(self, name):
        return getattr(self._database, name)

    def execute(self, statement, *values):
        if statement in self._broken:
            raise sqlite3.OperationalError("disk I/O error")
        return self._database.execute(statement, *values)


def test_a_commit_that_fails_is_reported_and_undone(path, busy_ledger, step):
    whole = busy_ledger._file.database
    busy_ledger._file.database = Breaking(whole)

    fails_and_changes_nothing(path, busy_ledger, step, "disk I/O error")

    busy_ledger._file.database = whole
    step(busy_ledger)


def test_what_cannot_be_undone_is_not_gone_on_with(busy_ledger, step):
    whole = busy_ledger._file.database
    busy_ledger._file.database = Breaking(whole, broken=("COMMIT", "ROLLBACK"))
    with pytest.raises(LedgerError, match="disk I/O error"):
        step(busy_ledger)

    # The transaction is open still: what is changed now would be taken for kept, and be lost.
    busy_ledger._file.database = whole
    with pytest.raises(LedgerError, match="within a transaction"), busy_ledger._file.change():
        pytest.fail("the change was begun")


def test_an_interrupt_in_the_middle_of_a_step_undoes_it(path, busy_ledger):
    before = rows(path)

    def interrupted():
        with busy_ledger._file.change() as database:
            database.execute("DELETE FROM comments WHERE owner IS NOT NULL AND attempt IS NULL")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert rows(path) == before


def test_a_read_only_file_still_tells_what_was_sent_and_takes_no_claim(path, opened, monkeypatch):
    settled(opened(), "commented")
    ordinary = sqlite3.connect

    def read_only(path, **options):
        return ordinary(f"{Path(path).as_uri()}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    ledger = opened()

    assert ledger.claim([A], run("second"))[0].status is Status.COMMENTED
    with pytest.raises(LedgerError, match="readonly"):
        ledger.claim([B], run("second"))


def test_a_folder_that_takes_no_journal_is_reported(path, busy_ledger, step):
    journal = path.with_name(path.name + "-journal")
    journal.unlink()  # what the last change left is empty
    journal.mkdir()  # as good as a folder in which nothing can be made, for the system's own user too

    with pytest.raises(LedgerError, match=r"unable to open|I/O"):
        step(busy_ledger)

    journal.rmdir()
    step(busy_ledger)


def test_a_closed_ledger_is_reported(opened):
    ledger = opened()
    ledger.close()

    with pytest.raises(LedgerError, match="closed"):
        ledger.claim([A], run())
    ledger.close()


def test_each_step_is_on_the_disk_when_it_returns(opened):
    database = opened()._file.database

    def setting(name):
        return database.execute(f"PRAGMA {name}").fetchone()[0]

    assert setting("journal_mode") == "truncate"
    assert setting("synchronous") == 3  # EXTRA
    assert setting("fullfsync") == 1
    assert database.isolation_level is None
