"""The ledger's file in use: what may move, what a crash leaves, who may have what, and what breaks."""

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

from ctnb.delivery.ledger import file as ledger_file
from ctnb.delivery.ledger import sqlite_statements
from ctnb.delivery.ledger.file import connect
from ctnb.delivery.ledger.owner import Owner
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.sqlite import LOST_IN_FLIGHT, SqliteLedger
from ctnb.delivery.ledger.sqlite_outcomes import encoded, letters
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
        yield lambda: stack.enter_context(closing(SqliteLedger(path)))


def settled(ledger, status, identity=A, terms=None):
    terms = terms or run()
    assert ledger.claim([identity], terms) == [None]
    ledger.intend([identity], terms, "first")
    ledger.record({identity: outcome(status)}, terms, "first")


def crash(ledger):
    """End a run as the system ends a killed one: its file is closed and its lock freed, and nothing is tidied."""
    ledger._database.close()
    ledger._owner.lock.release()


@contextmanager
def looking(path):
    with closing(connect(path)) as database:
        yield database


def rows(path):
    """Return all that the file holds: the comments, and the batches that they are in."""
    with looking(path) as database:
        return [
            database.execute("SELECT * FROM comments ORDER BY identity").fetchall(),
            database.execute("SELECT * FROM batches ORDER BY id").fetchall(),
        ]


def states(path):
    with looking(path) as database:
        return dict(database.execute("SELECT identity, state FROM standing"))


# ---- the database refuses by itself -------------------------------------------------------------


def put(ledger, state):
    """Bring A into a state by legal steps; "claimed again" is claimed with an outcome from before."""
    if state in OUTCOMES:
        settled(ledger, state)
    elif state == "claimed again":
        settled(ledger, "uncertain")
        assert ledger.claim([A], run(resend=ANY)) == [None]
    else:
        assert ledger.claim([A], run()) == [None]
        if state == "sending":
            ledger.intend([A], run(), "first")


LEGAL = {
    "claimed": {"sending"},
    "claimed again": {"sending", "uncertain"},
    "sending": {"claimed", *OUTCOMES},
    "commented": set(),
    "unmatched": {"claimed"},
    "invalid": {"claimed"},
    "rejected": {"claimed"},
    "uncertain": {"claimed", "commented"},
}


ITS_BATCH = "id = (SELECT batch FROM comments WHERE identity = ?)"


def move(database, before, after):
    """Write a state with all that belongs to it."""
    if before in OUTCOMES and after == "claimed":
        database.execute(sqlite_statements.point(1), (form(database, A), A))
    elif (before, after) == ("claimed again", "uncertain"):
        database.execute(BACK)
    else:
        settles, held = after in OUTCOMES, after in {"claimed", "sending"}
        database.execute(
            f"UPDATE batches SET state = ?, owner = ?, attempt = ?, states = ?, outcomes = ? WHERE {ITS_BATCH}",
            (
                "settled" if settles else after,
                "run" if held else None,
                "first" if after == "sending" else None,
                letters([outcome(after)]) if settles else None,
                encoded([outcome(after)]) if settles else None,
                A,
            ),
        )


BACK = """
UPDATE comments SET batch = former_batch, position = former_position, former_batch = NULL, former_position = NULL
"""


def form(database, *members, owner="run"):
    """Make a claimed batch; return its id."""
    return database.execute(sqlite_statements.form(1), (owner, "rules", "now", b"".join(members))).lastrowid


@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("before", LEGAL)
def test_a_comment_moves_only_where_it_may(path, opened, before, after):
    put(opened(), before)
    with looking(path) as database:
        if after in LEGAL[before]:
            move(database, before, after)
        else:
            with pytest.raises(sqlite3.IntegrityError):
                move(database, before, after)

    assert states(path) == {A: after if after in LEGAL[before] else before.removesuffix(" again")}


@pytest.mark.parametrize("state", OUTCOMES)
def test_a_claim_is_given_back_only_to_the_outcome_it_had(path, opened, state):
    put(opened(), "claimed again")
    settled(opened(), state, identity=B, terms=run("another"))

    with looking(path) as database, pytest.raises(sqlite3.IntegrityError, match="illegal move"):
        database.execute(
            "UPDATE comments SET batch = (SELECT batch FROM comments WHERE identity = ?), position = 0, "
            "former_batch = NULL, former_position = NULL WHERE identity = ?",
            (B, A),
        )

    assert states(path) == {A: "claimed", B: state}


@pytest.mark.parametrize("state", STATES)
def test_a_batch_begins_as_claimed(path, opened, state):
    opened()
    settles = state in OUTCOMES
    values = (
        "settled" if settles else state,
        None if settles else "run",
        "first" if state == "sending" else None,
        letters([outcome(state)]) if settles else None,
        A,
        encoded([outcome(state)]) if settles else None,
    )
    insert = "INSERT INTO batches VALUES (NULL, ?, ?, ?, 'rules', 'now', ?, ?, ?)"
    with looking(path) as database:
        if state == "claimed":
            database.execute(insert, values)
        else:
            with pytest.raises(sqlite3.IntegrityError, match="begins as claimed"):
                database.execute(insert, values)


@pytest.mark.parametrize("state", [*LEGAL, "no batch", "a batch of others", "another position"])
def test_a_comment_begins_in_a_claimed_batch_that_names_it(path, opened, state):
    if state in LEGAL:
        put(opened(), state)
    opened()
    with looking(path) as database:
        batch = 99 if state == "no batch" else 1
        if state in {"a batch of others", "another position"}:
            batch = form(database, A, *([B] if state == "another position" else []))
        with pytest.raises(sqlite3.IntegrityError, match="claimed batch that names it"):
            database.execute("INSERT INTO comments (identity, batch, position) VALUES (?, ?, 0)", (B, batch))


@pytest.mark.parametrize("state", LEGAL)
def test_only_what_was_never_sent_or_is_uncertain_can_be_forgotten(path, opened, state):
    put(opened(), state)
    with looking(path) as database:
        with pytest.raises(sqlite3.IntegrityError, match="is kept"):
            database.execute("DELETE FROM batches")
        if state in {"claimed", "uncertain"}:
            database.execute("DELETE FROM comments")
        else:
            with pytest.raises(sqlite3.IntegrityError, match="is kept"):
                database.execute("DELETE FROM comments")


@pytest.mark.parametrize("state", sorted(set(LEGAL) - {"claimed", "uncertain"}))
def test_a_replacement_is_a_deletion(path, opened, state):
    put(opened(), state)
    with looking(path) as database:
        batch = form(database, A, owner="thief")
    before = rows(path)

    with looking(path) as database:
        with pytest.raises(sqlite3.IntegrityError, match="is kept"):
            database.execute("REPLACE INTO comments (identity, batch, position) VALUES (?, ?, 0)", (A, batch))
        with pytest.raises(sqlite3.IntegrityError, match="is kept"):
            database.execute(
                "REPLACE INTO batches (id, state, owner, rules, changed_at, members) "
                f"SELECT id, 'claimed', 'thief', rules, 'now', members FROM batches WHERE {ITS_BATCH}",
                (A,),
            )

    assert rows(path) == before


NONSENSE = {
    "another owner takes it": ("sending", "UPDATE batches SET owner = 'thief'"),
    "another identity": ("commented", "UPDATE comments SET identity = zeroblob(32)"),
    "other members": ("claimed", "UPDATE batches SET members = zeroblob(32)"),
    "another number": ("claimed", "UPDATE batches SET id = 9"),
    "a batch that is not there": ("claimed", "UPDATE comments SET batch = 9"),
    "another position": ("claimed", "UPDATE comments SET position = 1"),
    "a past that was not": ("claimed", "UPDATE comments SET former_batch = 1, former_position = 0"),
    "a past that is forgotten": ("claimed again", "UPDATE comments SET former_batch = NULL, former_position = NULL"),
    "an outcome is rewritten": ("commented", 'UPDATE batches SET outcomes = \'[{"status":"commented"}]\''),
    "an outcome is taken away": ("commented", "UPDATE batches SET outcomes = NULL"),
    "an outcome of another state": ("uncertain", 'UPDATE batches SET outcomes = \'[{"status":"commented"}]\''),
    "a state of another outcome": ("uncertain", "UPDATE batches SET states = 'c'"),
    "a doubt that is settled as another": (
        "uncertain",
        "UPDATE batches SET states = 'u', outcomes = '[{\"status\":\"unmatched\"}]'",
    ),
    "an outcome too many": (
        "sending",
        """
        UPDATE batches SET state = 'settled', owner = NULL, attempt = NULL, states = '??',
            outcomes = '[{"status":"uncertain"},{"status":"uncertain"}]'
        """,
    ),
    "other rules": ("unmatched", "UPDATE batches SET rules = 'others', states = states"),
    "a claim without an owner": ("claimed", "UPDATE batches SET owner = NULL"),
    "a claim with an attempt": ("claimed", "UPDATE batches SET attempt = 'x'"),
    "sending without an attempt": ("sending", "UPDATE batches SET attempt = NULL"),
    "an outcome with an owner": ("commented", "UPDATE batches SET owner = 'x'"),
    "a state of no ledger": ("claimed", "UPDATE batches SET state = 'unsent'"),
    "a state of no outcome": ("uncertain", "UPDATE batches SET states = 'x'"),
    "a short member": ("commented", "INSERT INTO batches VALUES (9, 'claimed', 'x', NULL, '', '', NULL, x'00', NULL)"),
    "no members": ("commented", "INSERT INTO batches VALUES (9, 'claimed', 'x', NULL, '', '', NULL, x'', NULL)"),
    "a short identity": ("claimed", "INSERT INTO comments VALUES (x'00', 1, 0, NULL, NULL)"),
}


@pytest.mark.parametrize(("state", "statement"), NONSENSE.values(), ids=NONSENSE)
def test_what_makes_no_sense_cannot_be_written(path, opened, state, statement):
    put(opened(), state)
    before = rows(path)

    with looking(path) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(statement)

    assert rows(path) == before


@pytest.mark.parametrize("after", ["cu?", "?cc", "cci", "?uc"])
def test_a_user_changes_uncertain_comments_alone_each_in_its_position(path, opened, after):
    ledger, words = opened(), {"c": "commented", "u": "unmatched", "i": "invalid", "?": "uncertain"}
    ledger.claim([A, B, C], run())
    ledger.intend([A, B, C], run(), "first")
    before = [outcome("uncertain"), outcome("unmatched"), outcome("uncertain")]
    ledger.record(dict(zip([A, B, C], before, strict=True)), run(), "first")

    with looking(path) as database:
        row = (after, encoded([outcome(words[letter]) for letter in after]))
        if after in {"cu?", "?uc"}:
            database.execute("UPDATE batches SET states = ?, outcomes = ?", row)
        else:
            with pytest.raises(sqlite3.IntegrityError, match="does not change"):
                database.execute("UPDATE batches SET states = ?, outcomes = ?", row)


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


def test_only_claiming_writes_a_row_for_each_comment(opened):
    ledger, wanted = opened(), [number.to_bytes(32, "big") for number in range(250)]
    written = []

    def writes(step, *arguments):
        before = ledger._database.total_changes
        step(*arguments)
        written.append(ledger._database.total_changes - before)

    writes(ledger.claim, wanted, run())
    for batch in (wanted[:100], wanted[100:200], wanted[200:]):
        writes(ledger.intend, batch, run(), "first")
        writes(ledger.withdraw, batch, run(), "first")
        writes(ledger.intend, batch, run(), "second")
        writes(ledger.record, dict.fromkeys(batch, outcome()), run(), "second")

    assert written == [253] + [1] * 12


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
    with closing(SqliteLedger(path)) as first, closing(SqliteLedger(path)) as second:
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


@pytest.mark.parametrize(
    "damage", ["outcomes = '{'", "outcomes = '[]'", "states = 'u'", "states = 'cc'", "states = '', outcomes = '[]'"]
)
def test_a_damaged_outcome_is_reported_and_nothing_is_claimed(path, opened, damage):
    settled(opened(), "uncertain")
    with looking(path) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute("DROP TRIGGER settled")
        database.execute(f"UPDATE batches SET {damage}")

    with pytest.raises(LedgerError, match="damaged"):
        opened().claim([A, B], run("second"))

    assert len(rows(path)[0]) == 1


def test_a_comment_whose_batch_is_gone_is_reported_and_nothing_is_claimed(path, opened):
    settled(opened(), "uncertain")
    with looking(path) as database:
        database.execute("DROP TRIGGER batch_kept")
        database.execute("DELETE FROM batches")

    with pytest.raises(LedgerError, match="damaged"):
        opened().claim([A, B], run("second"))

    assert len(rows(path)[0]) == 1


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
    dead.claim([A], its)
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

    opened().recover()

    assert states(path) == {B: "uncertain"}


# ---- other processes ----------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.sqlite import SqliteLedger

ledger, terms = SqliteLedger(Path(sys.argv[1])), Terms("other process", "rules-1")
ledger.claim([b"a" * 32, b"b" * 32], terms)
ledger.intend([b"b" * 32], terms, "its")
print("held", flush=True)
sys.stdin.read()
"""

RACER = """
import random, sys
from pathlib import Path
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.outcomes import Outcome, Status

print("ready", flush=True)
sys.stdin.readline()
ledger, terms = SqliteLedger(Path(sys.argv[1])), Terms(sys.argv[2], "rules-1")
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
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as started:
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
            SqliteLedger(path)

    assert "damaged" not in str(failed.value)


def test_a_full_disk_is_reported_and_nothing_is_claimed(path, opened):
    ledger = opened()
    ledger.claim([A], run())
    (pages,) = ledger._database.execute("PRAGMA page_count").fetchone()
    ledger._database.execute(f"PRAGMA max_page_count = {pages}")
    many = [number.to_bytes(32, "big") for number in range(500)]

    fails_and_changes_nothing(path, ledger, lambda _: ledger.claim(many, run()), "full")

    ledger._database.execute("PRAGMA max_page_count = 100000")
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
    whole = busy_ledger._database
    busy_ledger._database = Breaking(whole)

    fails_and_changes_nothing(path, busy_ledger, step, "disk I/O error")

    busy_ledger._database = whole
    step(busy_ledger)


def test_what_cannot_be_undone_is_not_gone_on_with(busy_ledger, step):
    whole = busy_ledger._database
    busy_ledger._database = Breaking(whole, broken=("COMMIT", "ROLLBACK"))
    with pytest.raises(LedgerError, match="disk I/O error"):
        step(busy_ledger)

    # The transaction is open still: what is changed now would be taken for kept, and be lost.
    busy_ledger._database = whole
    with pytest.raises(LedgerError, match="within a transaction"), busy_ledger._change():
        pytest.fail("the change was begun")


def test_an_interrupt_in_the_middle_of_a_step_undoes_it(path, busy_ledger):
    before = rows(path)

    def interrupted():
        with busy_ledger._change() as database:
            database.execute("DELETE FROM comments WHERE batch IN (SELECT id FROM batches WHERE state = 'claimed')")
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
    database = opened()._database

    def setting(name):
        return database.execute(f"PRAGMA {name}").fetchone()[0]

    assert setting("journal_mode") == "truncate"
    assert setting("synchronous") == 3  # EXTRA
    assert setting("fullfsync") == 1
    assert database.isolation_level is None
