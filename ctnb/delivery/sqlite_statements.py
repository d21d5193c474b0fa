"""What a SQLite ledger says to its database, many comments to a statement.

One statement for many comments, for between two statements a thread has to win Python's lock back from the loop.
Every lookup goes by identity: the plus before ``owner`` keeps SQLite from walking all that a run owns instead.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MOST", "OWNERS", "RECOVERY", "claim", "drop", "intend", "known", "pieces", "record", "restore", "withdraw"]

MOST: Final = 1_000
"""Comments in one statement; SQLite takes 32766 parameters, of which a record has three for each."""

OWNERS: Final = "SELECT DISTINCT owner FROM comments WHERE owner IS NOT NULL"

RECOVERY: Final = (
    "DELETE FROM comments WHERE owner = :owner AND state = 'claimed' AND outcome IS NULL",
    """
    UPDATE comments SET state = json_extract(CAST(outcome AS TEXT), '$.status'), owner = NULL, changed_at = :now
    WHERE owner = :owner AND state = 'claimed'
    """,
    """
    UPDATE comments SET state = 'uncertain', outcome = :outcome, owner = NULL, attempt = NULL, changed_at = :now
    WHERE owner = :owner AND state = 'sending'
    """,
)
"""What becomes of the comments of a dead owner: claims are dropped or go back, what was being sent is uncertain."""


def pieces(identities: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Return comments in pieces of one statement each."""
    return (identities[begin : begin + MOST] for begin in range(0, len(identities), MOST))


@lru_cache
def known(comments: int) -> str:
    """Return identity, owner, outcome and rules. Parameters: the identities."""
    return f"SELECT identity, owner, outcome, rules FROM comments WHERE identity IN ({_marks(comments, after=0)})"


@lru_cache
def claim(comments: int) -> str:
    """Claim comments, new or not. Parameters: owner, rules, now, the identities."""
    rows = ",".join(f"(?{place}, 'claimed', ?1, ?2, ?3)" for place in range(4, comments + 4))
    return f"""
    INSERT INTO comments (identity, state, owner, rules, changed_at) VALUES {rows}
    ON CONFLICT (identity) DO UPDATE SET state = 'claimed', owner = excluded.owner, changed_at = excluded.changed_at
    """


@lru_cache
def intend(comments: int) -> str:
    """Move from claimed to sending. Parameters: now, owner, attempt, the identities."""
    return f"""
    UPDATE comments SET state = 'sending', attempt = ?3, changed_at = ?1
    WHERE identity IN ({_marks(comments, after=3)}) AND state = 'claimed' AND +owner = ?2
    """


@lru_cache
def withdraw(comments: int) -> str:
    """Move from sending back to claimed. Parameters: now, owner, attempt, the identities."""
    return f"""
    UPDATE comments SET state = 'claimed', attempt = NULL, changed_at = ?1
    WHERE identity IN ({_marks(comments, after=3)}) AND state = 'sending' AND +owner = ?2 AND attempt = ?3
    """


@lru_cache
def record(comments: int) -> str:
    """Move from sending to an outcome. Parameters: now, owner, attempt, rules; identity, state and outcome of each."""
    rows = ",".join(f"(?{place}, ?{place + 1}, ?{place + 2})" for place in range(5, 3 * comments + 5, 3))
    return f"""
    UPDATE comments SET state = told.column2, outcome = told.column3, rules = ?4, changed_at = ?1,
        owner = NULL, attempt = NULL
    FROM (VALUES {rows}) AS told
    WHERE identity = told.column1 AND state = 'sending' AND +owner = ?2 AND attempt = ?3
    """


@lru_cache
def drop(comments: int) -> str:
    """Forget claims of what was new. Parameters: owner, the identities."""
    return f"""
    DELETE FROM comments
    WHERE identity IN ({_marks(comments, after=1)}) AND state = 'claimed' AND outcome IS NULL AND +owner = ?1
    """


@lru_cache
def restore(comments: int) -> str:
    """Give other claims back to what they were. Parameters: now, owner, the identities."""
    return f"""
    UPDATE comments SET state = json_extract(CAST(outcome AS TEXT), '$.status'), owner = NULL, changed_at = ?1
    WHERE identity IN ({_marks(comments, after=2)}) AND state = 'claimed' AND +owner = ?2
    """


def _marks(comments: int, *, after: int) -> str:
    """Return the marks of so many parameters, which come after some others."""
    return ",".join(f"?{place}" for place in range(after + 1, after + comments + 1))
