"""The tables of a team's ledger in PostgreSQL, and the moves that they allow.

A comment is a row, as in a file; see `ctnb.delivery.ledger.schema`. Beside it stand the runs that are alive, and the
keys that comments were hashed with. A run that was recovered may still be answered: its request is kept as ``late``,
and its answer settles what recovery had to call uncertain.
"""

from __future__ import annotations

from typing import Final

from ctnb.delivery.ledger.protocol import CLAIMED, SENDING, STATES

VERSION: Final = "1"

SCHEMA: Final = "ctnb"

_STATUSES: Final = ", ".join(f"'{state}'" for state in STATES if state not in {CLAIMED, SENDING})

TABLES: Final = f"""
CREATE TABLE about (
    name text PRIMARY KEY,
    value text NOT NULL
);

-- The last one writes; comments that were hashed with the others are found, too.
CREATE TABLE keys (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint text NOT NULL UNIQUE
);

CREATE TABLE owners (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the number of its advisory lock
    name text NOT NULL UNIQUE,
    backend integer NOT NULL,  -- the process of the server that holds the lock
    lease timestamptz NOT NULL  -- until when it is alive, by the clock of the server
);

CREATE TABLE naming (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account bytea NOT NULL,  -- keyed hash of site, endpoint and job
    named text NOT NULL CHECK (named IN ('key', 'ids', 'contacts')),
    UNIQUE (account, named)
);

-- For people to look at.
CREATE TABLE runs (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run text NOT NULL UNIQUE,
    began_at bigint NOT NULL,
    who text NOT NULL,  -- the user on his system
    site bigint NOT NULL,
    job text NOT NULL,
    ended_at bigint,
    ended text,
    reason text,
    requests bigint,
    replayed bigint,
    statuses text  -- rows by status, as JSON
);

-- When machines that share an outside address last asked the vendor.
CREATE TABLE pace (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the number of the advisory lock that is the turn
    name text NOT NULL UNIQUE,
    history bytea NOT NULL
);

CREATE TABLE comments (
    identity bytea PRIMARY KEY CHECK (length(identity) = 32),
    lead bytea NOT NULL CHECK (length(lead) = 16),  -- keyed hash of the lead without its text
    text bytea NOT NULL CHECK (length(text) = 16),  -- keyed hash of the text alone
    naming integer NOT NULL,  -- id of how its run named the leads
    owner text,  -- the run that has the comment
    offering bytea,  -- keyed hash of what its row offers in that run, with a checksum
    attempt text,  -- the request that it is being sent with
    late text,  -- the request of a dead run that may still be answered
    asked integer NOT NULL DEFAULT 0,  -- outcomes so far
    asked_at bigint,  -- when the last one came
    rules text,  -- fingerprint of the rule list that got it
    offer bytea,  -- what the row offered then
    status text CHECK (status IN ({_STATUSES})),
    outcome bytea,  -- all of it, as JSON
    seal bigint NOT NULL,  -- checksum of identity, rules, status and outcome
    CHECK (owner IS NOT NULL OR (status IS NOT NULL AND attempt IS NULL)),
    CHECK ((offering IS NULL) = (owner IS NULL)),
    CHECK ((rules IS NULL) = (status IS NULL)),
    CHECK ((outcome IS NULL) = (status IS NULL)),
    CHECK ((asked_at IS NULL) = (status IS NULL))
);

CREATE INDEX leads ON comments (lead);

CREATE INDEX outcomes ON comments (status, naming) WHERE status IS NOT NULL;

CREATE INDEX owned ON comments (owner) WHERE owner IS NOT NULL;
"""

GUARDS: Final = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER born BEFORE INSERT ON comments FOR EACH ROW
WHEN (NEW.attempt IS NOT NULL OR NOT CASE
    -- Brought from another ledger, where it was asked for.
    WHEN NEW.owner IS NULL THEN NEW.status IS NOT NULL AND NEW.asked > 0
    ELSE NEW.status IS NULL AND NEW.asked = 0
END)
EXECUTE FUNCTION refuse('a comment begins as claimed, or with its outcome');

CREATE TRIGGER known BEFORE UPDATE ON comments FOR EACH ROW
WHEN ((NEW.identity, NEW.lead, NEW.text, NEW.naming) IS DISTINCT FROM (OLD.identity, OLD.lead, OLD.text, OLD.naming))
EXECUTE FUNCTION refuse('a comment stays what it is');

CREATE TRIGGER moves BEFORE UPDATE ON comments FOR EACH ROW
WHEN ((CASE
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
END) IS NOT TRUE)
EXECUTE FUNCTION refuse('an illegal move of a comment');

-- An outcome comes when a request ends. What is uncertain may be settled: by the user, and then it is commented, or by
-- the late answer of the request that recovery gave up.
CREATE TRIGGER settles BEFORE UPDATE ON comments FOR EACH ROW
WHEN (
    (NEW.asked, NEW.asked_at, NEW.rules, NEW.offer, NEW.status, NEW.outcome, NEW.seal)
    IS DISTINCT FROM (OLD.asked, OLD.asked_at, OLD.rules, OLD.offer, OLD.status, OLD.outcome, OLD.seal)
    AND (NEW.status IS NOT NULL AND CASE
        WHEN NEW.owner IS NOT NULL THEN FALSE
        WHEN OLD.attempt IS NOT NULL THEN NEW.asked = OLD.asked + 1
        ELSE OLD.owner IS NULL AND OLD.status = 'uncertain' AND NEW.asked = OLD.asked
            AND NEW.offer IS NOT DISTINCT FROM OLD.offer
            AND ((NEW.status = 'commented' AND NEW.asked_at = OLD.asked_at AND NEW.rules = OLD.rules)
                OR (OLD.late IS NOT NULL AND NEW.late IS NULL))
    END) IS NOT TRUE
)
EXECUTE FUNCTION refuse('an outcome does not change');

CREATE TRIGGER lates BEFORE UPDATE ON comments FOR EACH ROW
WHEN (NEW.late IS DISTINCT FROM OLD.late AND NEW.late IS NOT NULL AND (NEW.late = OLD.attempt) IS NOT TRUE)
EXECUTE FUNCTION refuse('an illegal move of a comment');

CREATE TRIGGER kept BEFORE DELETE ON comments FOR EACH ROW
WHEN ((CASE
    WHEN OLD.owner IS NULL THEN OLD.status = 'uncertain'
    ELSE OLD.attempt IS NULL AND OLD.status IS NULL
END) IS NOT TRUE)
EXECUTE FUNCTION refuse('a comment with an outcome is kept');

CREATE TRIGGER emptied BEFORE TRUNCATE ON comments FOR EACH STATEMENT
EXECUTE FUNCTION refuse('a comment with an outcome is kept');
"""
"""What may move."""

TRIGGERS: Final = ("born", "emptied", "kept", "known", "lates", "moves", "settles")
"""Names of all triggers: where one is missing or switched off, the ledger cannot be relied on."""

RIGHTS: Final = f"""
GRANT USAGE ON SCHEMA {SCHEMA} TO {{role}};
GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {{role}};
GRANT INSERT, UPDATE, DELETE ON {SCHEMA}.comments, {SCHEMA}.owners TO {{role}};
GRANT INSERT ON {SCHEMA}.naming, {SCHEMA}.keys TO {{role}};
GRANT INSERT, UPDATE ON {SCHEMA}.pace, {SCHEMA}.runs TO {{role}};
GRANT UPDATE ON {SCHEMA}.about TO {{role}};
"""
"""What a role needs to run, once the ledger is made."""
