"""The statements of a ledger in PostgreSQL: one for all comments of a step, which come as arrays.

Claims are made in the order of the identities: runs that claim the same ones would wait for each other for ever.
"""

from __future__ import annotations

from typing import Final

from ctnb.delivery.ledger.statements import READ

_NOW: Final = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_THESE: Final = "identity = ANY(%b::bytea[])"
_GIVEN: Final = "unnest(%b::bytea[], %s::text[], %b::bytea[], %s::bigint[]) AS given (name, kind, kept, mark)"

NOW: Final = f"SELECT {_NOW}"

FIND: Final = f"SELECT {READ} FROM comments WHERE {_THESE}"
"""Parameter: the identities."""

FIND_FREE: Final = f"{FIND} AND owner IS NULL ORDER BY identity FOR UPDATE"
"""Comments that nobody has, which stay so until the transaction ends. Parameter: the identities."""

OF_LEADS: Final = "SELECT lead, identity, owner, attempt, status FROM comments WHERE lead = ANY(%b::bytea[])"

OF_TEXTS: Final = f"SELECT text, {READ} FROM comments WHERE text = ANY(%b::bytea[])"

ADD: Final = """
INSERT INTO comments (identity, lead, text, naming, owner, offering, seal)
SELECT given.identity, given.lead, given.text, %s, %s, given.offering, given.seal
FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %s::bigint[])
    AS given (identity, lead, text, offering, seal)
ORDER BY given.identity
ON CONFLICT (identity) DO NOTHING
RETURNING identity
"""
"""Parameters: naming, owner; identities, leads, texts, offerings and seals."""

TAKE: Final = """
UPDATE comments SET owner = %s, offering = given.offering, late = NULL
FROM unnest(%b::bytea[], %b::bytea[]) AS given (name, offering)
WHERE identity = given.name AND owner IS NULL
"""
"""Parameters: owner; identities and offerings of comments that `FIND_FREE` has found."""

MOVE: Final = """
INSERT INTO comments (identity, lead, text, naming, asked, asked_at, offer, rules, status, outcome, seal)
SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[], %s::integer[], %s::integer[], %s::bigint[], %b::bytea[],
    %s::text[], %s::text[], %b::bytea[], %s::bigint[])
ON CONFLICT (identity) DO NOTHING
RETURNING identity
"""
"""Comments of another ledger. Parameters: each column of them."""

TAKE_ONE: Final = "UPDATE comments SET owner = 'moved', offering = %b, late = NULL WHERE identity = %b"

INTEND_ONE: Final = "UPDATE comments SET attempt = 'moved' WHERE identity = %b"

RECORD_ONE: Final = """
UPDATE comments SET owner = NULL, attempt = NULL, offering = NULL, offer = %b, asked = asked + 1, asked_at = %s,
    rules = %s, status = %s, outcome = %b, seal = %s
WHERE identity = %b
"""

INTEND: Final = f"UPDATE comments SET attempt = %s WHERE owner = %s AND attempt IS NULL AND {_THESE}"
"""Parameters: attempt, owner, the identities."""

INTENDED: Final = f"SELECT count(*) FROM comments WHERE attempt = %s AND owner = %s AND {_THESE}"
"""Whether an intent was kept before the connection was lost. Parameters as for `INTEND`."""

WITHDRAW: Final = f"UPDATE comments SET attempt = NULL WHERE owner = %s AND attempt = %s AND {_THESE}"
"""Parameters: owner, attempt, the identities."""

CLAIMED: Final = f"SELECT count(*) FROM comments WHERE owner = %s AND attempt IS NULL AND {_THESE}"
"""Whether comments were withdrawn before the connection was lost. Parameters: owner, the identities."""

RECORD: Final = f"""
UPDATE comments SET owner = NULL, attempt = NULL, offering = NULL, late = NULL, offer = offering, asked = asked + 1,
    asked_at = {_NOW}, rules = %s, status = given.kind, outcome = given.kept, seal = given.mark
FROM {_GIVEN}
WHERE identity = given.name AND owner = %s AND attempt = %s
"""
"""Parameters: rules; identities, statuses, outcomes and seals; owner, attempt."""

SETTLE_LATE: Final = f"""
UPDATE comments SET late = NULL, asked_at = {_NOW}, rules = %s, status = given.kind, outcome = given.kept,
    seal = given.mark
FROM {_GIVEN}
WHERE identity = given.name AND owner IS NULL AND status = 'uncertain' AND late = %s
"""
"""The answer to a request that was given up. Parameters: rules; as for `RECORD`; attempt."""

RECORDED: Final = f"""
SELECT count(*) FROM comments JOIN {_GIVEN} ON identity = given.name
WHERE owner IS NULL AND status = given.kind AND outcome = given.kept
"""
"""Whether outcomes were kept before the connection was lost. Parameters: identities, statuses, outcomes and seals."""

RELEASE: Final = f"""
UPDATE comments SET owner = NULL, offering = NULL
WHERE owner = %s AND attempt IS NULL AND status IS NOT NULL AND {_THESE}
"""
"""Parameters: owner, the identities."""

FORGET: Final = f"DELETE FROM comments WHERE owner = %s AND attempt IS NULL AND status IS NULL AND {_THESE}"
"""Parameters: owner, the identities."""

HELD: Final = f"SELECT count(*) FROM comments WHERE owner = %s AND {_THESE}"
"""Whether comments were released before the connection was lost. Parameters: owner, the identities."""

IN_FLIGHT: Final = "SELECT identity FROM comments WHERE owner = %s AND attempt IS NOT NULL ORDER BY identity FOR UPDATE"

LOSE: Final = f"""
UPDATE comments SET owner = NULL, attempt = NULL, offering = NULL, late = attempt, offer = offering,
    asked = asked + 1, asked_at = {_NOW}, rules = %s, status = given.kind, outcome = given.kept, seal = given.mark
FROM {_GIVEN}
WHERE identity = given.name AND owner = %s AND attempt IS NOT NULL
"""
"""What a dead run was sending. Parameters: rules; as for `RECORD`; owner."""

RELEASE_ALL: Final = """
UPDATE comments SET owner = NULL, offering = NULL WHERE owner = %s AND attempt IS NULL AND status IS NOT NULL
"""

FORGET_ALL: Final = "DELETE FROM comments WHERE owner = %s AND attempt IS NULL AND status IS NULL"

NAME: Final = "INSERT INTO naming (account, named) VALUES (%s, %s) ON CONFLICT (account, named) DO NOTHING"

NAMING: Final = "SELECT named, id FROM naming WHERE account = %s"

NAMED: Final = """
SELECT named, (SELECT count(*) FROM comments WHERE comments.naming = naming.id AND status IN ('commented', 'uncertain'))
FROM naming WHERE account = %s
"""
