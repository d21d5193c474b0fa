"""A ledger of version 1 is carried over: what it says of each comment stays, and what was held is recovered as ever."""

import sqlite3
from contextlib import closing

import msgspec
import pytest

from ctnb.delivery.ledger import migration as sqlite_migration
from ctnb.delivery.ledger.file import adopt, connect
from ctnb.delivery.ledger.key import secret_path
from ctnb.delivery.ledger.owner import Owner
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.review import Review
from ctnb.delivery.ledger.schema import statements
from ctnb.delivery.ledger.sqlite import LOST_IN_FLIGHT, SqliteLedger
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Reason, Status

FIRST = """
CREATE TABLE comments (
    identity BLOB NOT NULL PRIMARY KEY CHECK (length(identity) = 32),
    state TEXT NOT NULL CHECK (
        state IN ('claimed', 'sending', 'commented', 'unmatched', 'invalid', 'rejected', 'uncertain')
    ),
    owner TEXT,
    attempt TEXT,
    outcome BLOB,
    rules TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CHECK ((owner IS NOT NULL) = (state IN ('claimed', 'sending'))),
    CHECK ((attempt IS NOT NULL) = (state = 'sending')),
    CHECK (outcome IS NOT NULL OR state IN ('claimed', 'sending')),
    CHECK (state IN ('claimed', 'sending') OR instr(CAST(outcome AS TEXT), '{"status":"' || state || '"') = 1)
);

CREATE INDEX owned ON comments (owner) WHERE owner IS NOT NULL;

CREATE TRIGGER born_claimed BEFORE INSERT ON comments
WHEN NEW.state <> 'claimed'
BEGIN SELECT RAISE(ABORT, 'a comment begins as claimed'); END;

CREATE TRIGGER moves BEFORE UPDATE OF state, owner, outcome ON comments
WHEN NOT CASE OLD.state
    WHEN 'sending' THEN NEW.state IN ('commented', 'unmatched', 'invalid', 'rejected', 'uncertain')
        OR (NEW.state = 'claimed' AND NEW.owner IS OLD.owner AND NEW.outcome IS OLD.outcome)
    WHEN 'claimed' THEN NEW.outcome IS OLD.outcome AND (
        (NEW.state = 'sending' AND NEW.owner IS OLD.owner)
        -- A claim that is given up goes back to what was before.
        OR (NEW.state IN ('unmatched', 'invalid', 'rejected', 'uncertain') AND OLD.outcome IS NOT NULL))
    WHEN 'commented' THEN 0
    -- The user's word may settle a doubt.
    WHEN 'uncertain' THEN NEW.state = 'commented' OR (NEW.state = 'claimed' AND NEW.outcome IS OLD.outcome)
    ELSE NEW.state = 'claimed' AND NEW.outcome IS OLD.outcome
END
BEGIN SELECT RAISE(ABORT, 'an illegal move of a comment'); END;

CREATE TRIGGER known BEFORE UPDATE OF identity ON comments
BEGIN SELECT RAISE(ABORT, 'an identity does not change'); END;

CREATE TRIGGER kept BEFORE DELETE ON comments
WHEN NOT ((OLD.state = 'claimed' AND OLD.outcome IS NULL) OR OLD.state = 'uncertain')
BEGIN SELECT RAISE(ABORT, 'a comment with an outcome is kept'); END;
"""
"""The table of version 1, as it was."""

ENDS = [Status.COMMENTED, Status.UNMATCHED, Status.INVALID, Status.UNCERTAIN]
ANY = frozenset(Status)
LATER = Terms("later", "rules")


def name(number):
    return number.to_bytes(32, "big")


def outcome(number):
    return Outcome(ENDS[number % 4], error=f"é {number}", reason=Reason.VENDOR_ERROR, batch=number)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "ledger.sqlite3"


@pytest.fixture
def former(path):
    """A file of version 1: 250 comments have an outcome; what else it holds is put in by its own rules."""
    SqliteLedger(path).close()
    with closing(connect(path)) as database:
        for table in ("comments", "batches"):
            database.execute(f"DROP TABLE {table}")
        database.execute("DROP VIEW standing")
        for statement in statements(FIRST):
            database.execute(statement)
        database.execute("UPDATE about SET value = '1' WHERE name = 'version'")
        for number in range(250):
            claimed(database, name(number), "ended", rules="rules" if number < 120 else "other rules")
            sent(database, name(number))
            database.execute(
                "UPDATE comments SET state = ?, outcome = ?, owner = NULL, attempt = NULL WHERE identity = ?",
                (ENDS[number % 4], msgspec.json.encode(outcome(number)), name(number)),
            )
        yield database


def claimed(database, identity, owner, rules="rules"):
    database.execute(
        "INSERT INTO comments VALUES (?, 'claimed', ?, NULL, NULL, ?, '2026-01-01T00:00:00+00:00') "
        "ON CONFLICT (identity) DO UPDATE SET state = 'claimed', owner = excluded.owner",
        (identity, owner, rules),
    )


def sent(database, identity):
    database.execute("UPDATE comments SET state = 'sending', attempt = 'its' WHERE identity = ?", (identity,))


def left_by(database, owner):
    """Have a run hold comments: new ones and such that had an outcome, claimed and in flight."""
    for number in (1, 2, 5, 6, 300, 301, 302):
        claimed(database, name(number), owner)
    for number in (5, 6, 302):
        sent(database, name(number))


def version(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT value FROM about WHERE name = 'version'").fetchone()[0]


def everything(path):
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def test_each_comment_is_told_as_it_was(path, former):
    with closing(SqliteLedger(path)) as ledger:
        told = ledger.claim([name(number) for number in range(250)], LATER)

    assert version(path) == "2"
    for number, answer in enumerate(told):
        kept = outcome(number)
        again = kept.status in {Status.UNMATCHED, Status.INVALID} and number >= 120
        assert answer == (None if again else msgspec.structs.replace(kept, replayed=True))


def test_what_a_dead_run_held_is_recovered(path, former):
    left_by(former, "dead")
    with Review(path) as review:
        counts, doubts = review.counts(), review.doubts()

    in_flight = [doubt.id for doubt in doubts if doubt.outcome == LOST_IN_FLIGHT]
    assert len(in_flight) == 3
    assert (counts["claimed"], counts["sending"], sum(counts.values())) == (0, 0, 251)
    with closing(SqliteLedger(path)) as ledger:
        told = ledger.claim([name(number) for number in (1, 2, 5, 6, 300, 301, 302)], LATER)
    assert [answer and answer.error for answer in told] == [
        "é 1",
        "é 2",
        *[LOST_IN_FLIGHT.error] * 2,
        None,
        None,
        LOST_IN_FLIGHT.error,
    ]


def test_a_file_that_a_live_run_of_an_earlier_version_has_is_left_alone(path, former):
    left_by(former, "live")
    before = everything(path)
    live = Owner.taken(path, "live")

    with pytest.raises(LedgerError, match=r"earlier ctnb is using it. Let that run end"):
        SqliteLedger(path)
    assert everything(path) == before

    live.leave()
    SqliteLedger(path).close()
    assert version(path) == "2"


def test_a_migration_that_breaks_off_leaves_the_file_as_it_was(path, former, monkeypatch):
    left_by(former, "dead")
    before = everything(path)
    with monkeypatch.context() as broken:
        broken.setattr(sqlite_migration, "GUARDS", "CREATE NONSENSE;")
        with pytest.raises(LedgerError):
            SqliteLedger(path)

    assert everything(path) == before
    SqliteLedger(path).close()
    assert version(path) == "2"


def test_a_damaged_outcome_is_not_carried_over(path, former):
    former.execute("PRAGMA ignore_check_constraints = ON")
    former.execute("DROP TRIGGER moves")
    former.execute("UPDATE comments SET outcome = '{' WHERE identity = ?", (name(7),))

    with pytest.raises(LedgerError, match="damaged"):
        SqliteLedger(path)
    assert version(path) == "1"


def test_a_file_that_was_carried_over_is_like_a_new_one(path, former, tmp_path):
    SqliteLedger(path).close()
    SqliteLedger(tmp_path / "new.sqlite3").close()

    made = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    with closing(sqlite3.connect(path)) as carried, closing(sqlite3.connect(tmp_path / "new.sqlite3")) as new:
        assert carried.execute(made).fetchall() == new.execute(made).fetchall()


def test_a_copy_of_a_former_file_can_be_adopted(path, former, tmp_path):
    former.close()
    copy = tmp_path / "ledger.sqlite3"
    copy.write_bytes(path.read_bytes())
    secret_path(copy).write_bytes(secret_path(path).read_bytes())
    with pytest.raises(LedgerError, match="is a copy"):
        SqliteLedger(copy)

    adopt(copy)
    with closing(SqliteLedger(copy)) as ledger:
        assert ledger.claim([name(0)], LATER)[0].status is Status.COMMENTED
