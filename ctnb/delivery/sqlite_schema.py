"""The tables of a SQLite ledger, and the moves that it allows.

Illegal moves are refused by triggers, so that no mistake of ours can forget a comment that was sent.
No phone, e-mail, text or token is stored: a comment is its keyed hash.
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
    identity BLOB PRIMARY KEY CHECK (length(identity) = 32),
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
) WITHOUT ROWID;

CREATE INDEX owned ON comments (owner) WHERE owner IS NOT NULL;

CREATE TRIGGER born_claimed BEFORE INSERT ON comments
WHEN NEW.state <> 'claimed'
BEGIN SELECT RAISE(ABORT, 'a comment begins as claimed'); END;

CREATE TRIGGER moves BEFORE UPDATE OF state ON comments
WHEN NOT (
    (OLD.state = 'claimed' AND NEW.state IN ('sending', 'unmatched', 'invalid', 'rejected', 'uncertain'))
    OR (OLD.state = 'sending'
        AND NEW.state IN ('claimed', 'commented', 'unmatched', 'invalid', 'rejected', 'uncertain'))
    OR (OLD.state IN ('unmatched', 'invalid', 'rejected', 'uncertain') AND NEW.state = 'claimed')
    OR (OLD.state = 'uncertain' AND NEW.state = 'commented')
)
BEGIN SELECT RAISE(ABORT, 'an illegal move of a comment'); END;

CREATE TRIGGER restored BEFORE UPDATE OF state ON comments
WHEN OLD.state = 'claimed' AND NEW.state <> 'sending'
    AND (OLD.outcome IS NULL OR NEW.outcome IS NOT OLD.outcome)
BEGIN SELECT RAISE(ABORT, 'a claim that is given up goes back to what was before'); END;

CREATE TRIGGER held BEFORE UPDATE OF owner ON comments
WHEN OLD.owner IS NOT NULL AND NEW.owner IS NOT NULL AND NEW.owner <> OLD.owner
BEGIN SELECT RAISE(ABORT, 'a comment does not go from one owner to another'); END;

CREATE TRIGGER told BEFORE UPDATE OF outcome ON comments
WHEN OLD.state NOT IN ('sending', 'uncertain') AND NEW.outcome IS NOT OLD.outcome
BEGIN SELECT RAISE(ABORT, 'an outcome is not rewritten'); END;

CREATE TRIGGER known BEFORE UPDATE OF identity ON comments
BEGIN SELECT RAISE(ABORT, 'an identity does not change'); END;

CREATE TRIGGER kept BEFORE DELETE ON comments
WHEN NOT ((OLD.state = 'claimed' AND OLD.outcome IS NULL) OR OLD.state = 'uncertain')
BEGIN SELECT RAISE(ABORT, 'a comment with an outcome is kept'); END;
"""
