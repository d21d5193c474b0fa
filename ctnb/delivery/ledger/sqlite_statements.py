"""The statements of a SQLite ledger, each for many comments.

One statement for many comments, because between two statements a thread has to win Python's lock back from the loop.
A batch is found by its first member and is the right one when it has exactly the members that are meant.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from ctnb.leads.limits import LEADS_PER_REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_T = TypeVar("_T")

MOST: Final = 10 * LEADS_PER_REQUEST
"""Comments in one statement; SQLite takes 32766 parameters."""

OWNERS: Final = "SELECT DISTINCT owner FROM batches WHERE owner IS NOT NULL"

OWNED: Final = "SELECT id, state, members FROM batches WHERE owner = ?"

DROP: Final = "DELETE FROM batches WHERE id = ?"

_FOUND: Final = "id = (SELECT batch FROM comments WHERE identity = substr(:members, 1, 32)) AND members = :members"

INTEND: Final = f"""
UPDATE batches SET state = 'sending', attempt = :attempt, changed_at = :now
WHERE {_FOUND} AND state = 'claimed' AND owner = :owner
"""

WITHDRAW: Final = f"""
UPDATE batches SET state = 'claimed', attempt = NULL, changed_at = :now
WHERE {_FOUND} AND state = 'sending' AND owner = :owner AND attempt = :attempt
"""

BELONGS: Final = f"SELECT id FROM batches WHERE {_FOUND} AND state = 'claimed' AND owner = :owner"

RECORD: Final = f"""
UPDATE batches SET state = 'settled', states = :states, outcomes = :outcomes, rules = :rules, changed_at = :now,
    owner = NULL, attempt = NULL
WHERE {_FOUND} AND state = 'sending' AND owner = :owner AND attempt = :attempt
"""

ENGAGE: Final = "UPDATE batches SET state = 'sending', attempt = ? WHERE id = ?"

SETTLE: Final = """
UPDATE batches SET state = 'settled', states = :states, outcomes = :outcomes, changed_at = :now,
    owner = NULL, attempt = NULL
WHERE id = :id AND state = 'sending' AND owner = :owner
"""


def pieces(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Return comments, or batches, in pieces of one statement each; whole batches fill a piece."""
    return (items[begin : begin + MOST] for begin in range(0, len(items), MOST))


@lru_cache
def known(comments: int) -> str:
    """Return identity, batch and position. Parameters: the identities."""
    return f"SELECT identity, batch, position FROM comments WHERE identity IN ({_marks(comments, after=0)})"


@lru_cache
def batches_of(batches: int) -> str:
    """Return id, owner, outcomes, states and rules of batches. Parameters: their ids."""
    return f"SELECT id, owner, outcomes, states, rules FROM batches WHERE id IN ({_marks(batches, after=0)})"


@lru_cache
def companies(batches: int) -> str:
    """Return state, owner, attempt and members of batches. Parameters: their ids."""
    return f"""
    SELECT state, owner, attempt, members FROM batches WHERE id IN ({_marks(batches, after=0)}) ORDER BY id
    """


@lru_cache
def form(batches: int) -> str:
    """Make claimed batches, whose ids follow each other. Parameters: owner, rules, now, the members of each."""
    rows = ",".join(f"('claimed', ?1, ?2, ?3, ?{number})" for number in range(4, batches + 4))
    return f"INSERT INTO batches (state, owner, rules, changed_at, members) VALUES {rows}"


@lru_cache
def point(comments: int) -> str:
    """Put comments, new or settled, into full batches, the last one as it comes.

    Parameters: the id of the first batch, the identities. What was settled remembers the batch that it was in.
    """
    rows = ",".join(
        f"(?{comment + 2}, ?1 + {comment // LEADS_PER_REQUEST}, {comment % LEADS_PER_REQUEST})"
        for comment in range(comments)
    )
    return f"""
    INSERT INTO comments (identity, batch, position) VALUES {rows}
    ON CONFLICT (identity) DO UPDATE SET batch = excluded.batch, position = excluded.position,
        former_batch = comments.batch, former_position = comments.position
    """


@lru_cache
def move(comments: int) -> str:
    """Move comments that are held into another batch. Parameters: its id, the first one's position, the identities."""
    rows = ",".join(f"(?{comment + 3}, ?2 + {comment})" for comment in range(comments))
    return f"""
    UPDATE comments SET batch = ?1, position = given.column2 FROM (VALUES {rows}) AS given
    WHERE identity = given.column1
    """


@lru_cache
def forget(comments: int) -> str:
    """Forget claims of what was new. Parameters: the batch, the identities."""
    return f"""
    DELETE FROM comments WHERE identity IN ({_marks(comments, after=1)}) AND batch = ?1 AND former_batch IS NULL
    """


@lru_cache
def restore(comments: int) -> str:
    """Give other claims back to what they were. Parameters: the batch, the identities."""
    return f"""
    UPDATE comments SET batch = former_batch, position = former_position, former_batch = NULL, former_position = NULL
    WHERE identity IN ({_marks(comments, after=1)}) AND batch = ?1 AND former_batch IS NOT NULL
    """


def _marks(count: int, *, after: int) -> str:
    """Return the marks of so many parameters, which come after some others."""
    return ",".join(f"?{number}" for number in range(after + 1, after + count + 1))
