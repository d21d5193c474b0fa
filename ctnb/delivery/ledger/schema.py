"""The tables of a SQLite ledger, and the moves that it allows.

A comment's state is that of the batch that it points to, for leads are sent a hundred at a time: sending a batch and
keeping its answer change one row, and only claiming writes a row for each comment. Illegal moves are refused by
triggers, so that no mistake of ours can forget a comment that was sent. No phone, e-mail, text or token is stored: a
comment is its keyed hash.

A batch is claimed -> sending -> settled. It keeps the members that it was made with; where they are sent in other
company, new batches are made of them. A settled batch stays for good, because the outcomes of its members may be needed
again: a comment that is claimed anew remembers the batch from before, and goes back to it when the claim is given up.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from ctnb.delivery.ledger.sqlite_outcomes import LETTERS

VERSION: Final = "3"


def _counted(letter: str, status: str) -> str:
    """Return the check that a status is as often in the outcomes as in the states; texts have their quotes escaped."""
    key = f'{{"status":"{status}"'
    without = f"CAST(replace(CAST(outcomes AS TEXT), '{key}', '') AS BLOB)"
    found = f"(length(outcomes) - length({without})) / {len(key)}"
    return f"length(states) - length(replace(states, '{letter}', '')) = {found}"


_LETTERS: Final = {str(status.value): letter for status, letter in LETTERS.items()}
_COUNTS: Final = "\n        AND ".join(_counted(letter, status) for status, letter in _LETTERS.items())
_STATUS: Final = " ".join(f"WHEN '{letter}' THEN '{status}'" for status, letter in _LETTERS.items())

TABLES: Final = f"""
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('claimed', 'sending', 'settled')),
    owner TEXT,
    attempt TEXT,
    rules TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    states TEXT,  -- a letter for each member: commented, unmatched, invalid, rejected, ? for uncertain
    members BLOB NOT NULL CHECK (length(members) > 0 AND length(members) % 32 = 0),
    outcomes BLOB,  -- a JSON list, after the rest, so that it is read only when it is wanted
    CHECK ((owner IS NOT NULL) = (state IN ('claimed', 'sending'))),
    CHECK ((attempt IS NOT NULL) = (state = 'sending')),
    CHECK ((states IS NOT NULL) = (state = 'settled')),
    CHECK ((outcomes IS NOT NULL) = (state = 'settled')),
    CHECK (states IS NULL OR (length(states) * 32 = length(members) AND states NOT GLOB '*[^cuir?]*')),
    CHECK (outcomes IS NULL OR (
        {_COUNTS}
    ))
);

CREATE TABLE comments (
    identity BLOB NOT NULL PRIMARY KEY CHECK (length(identity) = 32),
    batch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    former_batch INTEGER,
    former_position INTEGER
) WITHOUT ROWID;

CREATE VIEW standing AS
SELECT identity, iif(state = 'settled', CASE substr(states, position + 1, 1) {_STATUS} END, state) AS state,
    owner, attempt, rules, changed_at, batch, position
FROM comments JOIN batches ON id = batch;
"""  # noqa: S608  words of ours

GUARDS: Final = """
CREATE INDEX owned ON batches (owner) WHERE owner IS NOT NULL;

CREATE TRIGGER born_claimed BEFORE INSERT ON batches
WHEN NEW.state <> 'claimed'
BEGIN SELECT RAISE(ABORT, 'a batch begins as claimed'); END;

CREATE TRIGGER moves BEFORE UPDATE OF state, owner, attempt, states, outcomes ON batches
WHEN NOT CASE OLD.state
    WHEN 'sending' THEN NEW.state = 'settled' OR (NEW.state = 'claimed' AND NEW.owner IS OLD.owner)
    WHEN 'claimed' THEN NEW.state = 'sending' AND NEW.owner IS OLD.owner
    ELSE NEW.state = 'settled'
END
BEGIN SELECT RAISE(ABORT, 'an illegal move of a batch'); END;

-- The user may settle what is uncertain, and nothing else: it becomes commented.
CREATE TRIGGER settled BEFORE UPDATE OF state, owner, attempt, rules, states, outcomes ON batches
WHEN OLD.state = 'settled' AND NOT (
    NEW.rules IS OLD.rules AND NEW.states <> OLD.states AND NEW.states GLOB replace(OLD.states, '?', '[?c]')
)
BEGIN SELECT RAISE(ABORT, 'an outcome does not change'); END;

CREATE TRIGGER made BEFORE UPDATE OF id, members ON batches
BEGIN SELECT RAISE(ABORT, 'a batch is what it was made of'); END;

-- A trigger has no way to go through all members; a comment whose batch is gone all the same is never sent.
CREATE TRIGGER batch_kept BEFORE DELETE ON batches
WHEN OLD.state = 'settled' OR EXISTS (
    SELECT 1 FROM comments
    WHERE identity IN (substr(OLD.members, 1, 32), substr(OLD.members, -32)) AND batch = OLD.id
)
BEGIN SELECT RAISE(ABORT, 'a batch is kept'); END;

CREATE TRIGGER claimed BEFORE INSERT ON comments
WHEN NEW.former_batch IS NOT NULL OR NEW.former_position IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM batches
    WHERE id = NEW.batch AND state = 'claimed' AND substr(members, NEW.position * 32 + 1, 32) = NEW.identity
)
BEGIN SELECT RAISE(ABORT, 'a comment begins in a claimed batch that names it'); END;

CREATE TRIGGER points BEFORE UPDATE OF batch, position, former_batch, former_position ON comments
WHEN NOT EXISTS (
    SELECT 1 FROM batches AS was JOIN batches AS now
    WHERE was.id = OLD.batch AND now.id = NEW.batch AND substr(now.members, NEW.position * 32 + 1, 32) = OLD.identity
    AND CASE
        -- What is settled may be claimed again, and remembers where it was; never what was commented.
        WHEN was.state = 'settled' THEN now.state = 'claimed' AND substr(was.states, OLD.position + 1, 1) <> 'c'
            AND NEW.former_batch = OLD.batch AND NEW.former_position = OLD.position
        -- What an owner has stays as it is in another batch of the same state.
        WHEN now.state = was.state THEN now.owner = was.owner AND now.attempt IS was.attempt
            AND NEW.former_batch IS OLD.former_batch AND NEW.former_position IS OLD.former_position
        -- A claim that is given up goes back to what was before.
        ELSE was.state = 'claimed' AND NEW.batch = OLD.former_batch AND NEW.position = OLD.former_position
            AND NEW.former_batch IS NULL AND NEW.former_position IS NULL
    END
)
BEGIN SELECT RAISE(ABORT, 'an illegal move of a comment'); END;

CREATE TRIGGER known BEFORE UPDATE OF identity ON comments
BEGIN SELECT RAISE(ABORT, 'an identity does not change'); END;

CREATE TRIGGER kept BEFORE DELETE ON comments
WHEN NOT EXISTS (
    SELECT 1 FROM batches WHERE id = OLD.batch AND (
        (state = 'claimed' AND OLD.former_batch IS NULL)
        OR (state = 'settled' AND substr(states, OLD.position + 1, 1) = '?'))
)
BEGIN SELECT RAISE(ABORT, 'a comment with an outcome is kept'); END;
"""
"""What the tables allow."""


def statements(script: str) -> list[str]:
    """Split a script where SQLite says that a statement is complete, for executescript would commit first."""
    found, left = [], ""
    for line in script.splitlines(keepends=True):
        left += line
        if sqlite3.complete_statement(left):
            found.append(left)
            left = ""
    return found
