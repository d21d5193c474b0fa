"""The tables of a SQLite ledger, and the moves that it allows.

Illegal moves are refused by triggers, so that no mistake of ours can forget a comment that was sent.
No phone, e-mail, text or token is stored: a comment is its keyed hash.

Comments lie in the order in which they were claimed, so that those of a batch are neighbours: the hashes are not, and
a table in their order would have a hundred pages written for a hundred comments.
"""

from __future__ import annotations

from typing import Final

__all__ = ["SCHEMA", "VERSION"]

VERSION: Final = "1"

SCHEMA: Final = """
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

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
