"""The tables of a ledger in a database, and the moves that they allow.

A comment is a row, in the order of the claims, so that the hundred of a request lie together. Who has it and what
became of it last are columns of that row: a comment that is claimed again keeps its last outcome until it has a new
one, so that a claim is given up by taking the owner away. Illegal moves are refused by triggers, so that no mistake of
ours can forget a comment that was sent. No phone, e-mail, text or token is stored: a comment, its lead, its text and
what its row offers are keyed hashes.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from ctnb.delivery.ledger.protocol import CLAIMED, SENDING, STATES

VERSION: Final = "5"

_STATUSES: Final = ", ".join(f"'{state}'" for state in STATES if state not in {CLAIMED, SENDING})

TABLES: Final = f"""
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE naming (
    id INTEGER PRIMARY KEY,
    account BLOB NOT NULL,  -- keyed hash of site, endpoint and job
    named TEXT NOT NULL CHECK (named IN ('key', 'ids', 'contacts')),
    UNIQUE (account, named)
);

-- For people to look at.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    began_at BIGINT NOT NULL,
    who TEXT NOT NULL,  -- the user on his system
    site BIGINT NOT NULL,
    job TEXT NOT NULL,
    ended_at BIGINT,
    ended TEXT,
    reason TEXT,
    requests BIGINT,
    replayed BIGINT,
    statuses TEXT  -- rows by status, as JSON
);

CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    identity BLOB NOT NULL CHECK (length(identity) = 32),
    lead BLOB NOT NULL CHECK (length(lead) = 16),  -- keyed hash of the lead without its text
    text BLOB NOT NULL CHECK (length(text) = 16),  -- keyed hash of the text alone
    naming INTEGER NOT NULL,  -- id of how its run named the leads
    owner TEXT,  -- the run that has the comment
    offering BLOB,  -- keyed hash of what its row offers in that run, with a checksum
    attempt TEXT,  -- the request that it is being sent with
    asked INTEGER NOT NULL DEFAULT 0,  -- outcomes so far
    asked_at BIGINT,  -- when the last one came
    rules TEXT,  -- fingerprint of the rule list that got it
    offer BLOB,  -- what the row offered then
    status TEXT CHECK (status IN ({_STATUSES})),
    outcome BLOB,  -- all of it, as JSON
    seal BIGINT NOT NULL,  -- checksum of identity, rules, status and outcome
    CHECK (owner IS NOT NULL OR (status IS NOT NULL AND attempt IS NULL)),
    CHECK ((offering IS NULL) = (owner IS NULL)),
    CHECK ((rules IS NULL) = (status IS NULL)),
    CHECK ((outcome IS NULL) = (status IS NULL)),
    CHECK ((asked_at IS NULL) = (status IS NULL))
);
"""

GUARDS: Final = """
CREATE UNIQUE INDEX identities ON comments (identity);

CREATE INDEX leads ON comments (lead);

-- None on texts, which are asked for seldom: each index of hashes costs a claim half as much again.
CREATE INDEX outcomes ON comments (status, naming) WHERE status IS NOT NULL;

CREATE INDEX owned ON comments (owner) WHERE owner IS NOT NULL;

CREATE TRIGGER born BEFORE INSERT ON comments
WHEN NEW.owner IS NULL OR NEW.attempt IS NOT NULL OR NEW.status IS NOT NULL OR NEW.asked <> 0
BEGIN SELECT RAISE(ABORT, 'a comment begins as claimed'); END;

CREATE TRIGGER known BEFORE UPDATE OF id, identity, lead, text, naming ON comments
BEGIN SELECT RAISE(ABORT, 'a comment stays what it is'); END;

CREATE TRIGGER moves BEFORE UPDATE OF owner, attempt, offering ON comments
WHEN NOT CASE
    -- Nobody has it: a run may claim it, unless it was commented.
    WHEN OLD.owner IS NULL THEN NEW.attempt IS NULL AND (NEW.owner IS NULL OR OLD.status <> 'commented')
    -- Claimed: its run marks it as being sent, or gives it up.
    WHEN OLD.attempt IS NULL THEN
        (NEW.owner IS NOT NULL AND NEW.owner = OLD.owner AND NEW.offering = OLD.offering)
        OR (NEW.owner IS NULL AND NEW.attempt IS NULL AND NEW.asked = OLD.asked)
    -- Being sent: its run takes that back, or it has a new outcome.
    ELSE NEW.attempt IS NULL AND CASE
        WHEN NEW.owner IS NULL THEN NEW.asked = OLD.asked + 1
        ELSE NEW.owner = OLD.owner AND NEW.offering = OLD.offering
    END
END
BEGIN SELECT RAISE(ABORT, 'an illegal move of a comment'); END;

-- An outcome comes when a request ends; the user may settle what is uncertain, and then it is commented.
CREATE TRIGGER settles BEFORE UPDATE OF asked, asked_at, rules, offer, status, outcome, seal ON comments
WHEN NEW.status IS NULL OR NOT CASE
    WHEN NEW.owner IS NOT NULL THEN FALSE
    WHEN OLD.attempt IS NOT NULL THEN NEW.asked = OLD.asked + 1
    ELSE OLD.owner IS NULL AND OLD.status = 'uncertain' AND NEW.status = 'commented' AND NEW.asked = OLD.asked
END
BEGIN SELECT RAISE(ABORT, 'an outcome does not change'); END;

CREATE TRIGGER kept BEFORE DELETE ON comments
WHEN NOT CASE
    WHEN OLD.owner IS NULL THEN OLD.status = 'uncertain'
    ELSE OLD.attempt IS NULL AND OLD.status IS NULL
END
BEGIN SELECT RAISE(ABORT, 'a comment with an outcome is kept'); END;
"""
"""What makes looking fast, and what may move."""

CLOSED: Final = "\n".join(
    f"CREATE TRIGGER IF NOT EXISTS closed_{step} BEFORE {step} ON comments "
    "BEGIN SELECT RAISE(ABORT, 'the record was moved to another ledger'); END;"
    for step in ("INSERT", "UPDATE", "DELETE")
)
"""What closes a ledger for good."""


def split(script: str) -> list[str]:
    """Split a script where SQLite says that a statement is complete, for executescript would commit first."""
    found, left = [], ""
    for line in script.splitlines(keepends=True):
        left += line
        if sqlite3.complete_statement(left):
            found.append(left)
            left = ""
    return found
