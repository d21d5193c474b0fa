"""The statements of a ledger in a database, each for many comments; such as SQLite and PostgreSQL both have.

One statement for many comments, because between two statements a thread has to win Python's lock back from the loop.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_T = TypeVar("_T")

MOST: Final = 500
"""Comments in one statement; SQLite takes 32766 parameters."""

MOST_FOUND: Final = 2_000
"""Comments that are looked up in one statement, whose identities the database sorts first."""

MOST_SOUGHT: Final = 20_000
"""Texts in one statement: each goes through all comments."""

READ: Final = "identity, owner, attempt, asked, asked_at, offer, rules, status, outcome, seal"
"""What `ctnb.delivery.ledger.rows` reads of a comment."""

OWNERS: Final = "SELECT DISTINCT owner FROM comments WHERE owner IS NOT NULL"

CLAIMED_NEW: Final = "SELECT identity FROM comments WHERE owner = ? AND attempt IS NULL AND status IS NULL"

FORGET_ALL: Final = "DELETE FROM comments WHERE owner = ? AND attempt IS NULL AND status IS NULL"

RELEASE_ALL: Final = """
UPDATE comments SET owner = NULL, offering = NULL WHERE owner = ? AND attempt IS NULL AND status IS NOT NULL
"""

IN_FLIGHT: Final = "SELECT attempt, identity FROM comments WHERE owner = ? AND attempt IS NOT NULL"

NAME: Final = "INSERT INTO naming (account, named) VALUES (?, ?) ON CONFLICT (account, named) DO NOTHING"

NAMING: Final = "SELECT named, id FROM naming WHERE account = ?"

NAMED: Final = "SELECT count(*) FROM comments WHERE naming = ? AND status IN ('commented', 'uncertain')"

COUNTS: Final = "SELECT status, count(*) FROM comments WHERE status IS NOT NULL GROUP BY status"

COUNTS_OWNED: Final = """
SELECT status, attempt IS NOT NULL, count(*) FROM comments WHERE owner IS NOT NULL GROUP BY 1, 2
"""

UNCERTAIN: Final = f"""
SELECT {READ} FROM comments WHERE status = 'uncertain' AND owner IS NULL ORDER BY asked_at, identity
"""

PAGE: Final = f"SELECT {READ}, lead, text, naming, id FROM comments WHERE id > ? ORDER BY id LIMIT ?"
"""All that is kept, so many at once."""

COMMENTED: Final = """
SELECT identity, offer, rules, outcome, seal FROM comments NOT INDEXED
WHERE id > ? AND id <= ? AND status = 'commented' AND owner IS NULL AND attempt IS NULL
"""
"""The comments in some rows of a file that were commented, which no run sends again: what a claim asks of them."""

BOUNDS: Final = "SELECT min(id), max(id), count(*) FROM comments WHERE identity IN (?, ?)"
"""Where two comments lie."""

BETWEEN: Final = f"SELECT {READ} FROM comments WHERE identity BETWEEN ? AND ? LIMIT 2"

FORGET_UNCERTAIN: Final = "DELETE FROM comments WHERE owner IS NULL AND status = 'uncertain' AND identity = ?"

SETTLE: Final = """
UPDATE comments SET status = ?, outcome = ?, seal = ?
WHERE owner IS NULL AND status = 'uncertain' AND identity = ?
"""
"""The user has seen an uncertain comment in the account."""


class Rows(Protocol):
    """A database that takes `ctnb.delivery.ledger.statements`."""

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Any:
        """Carry a statement out, and return a cursor."""
        ...

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> Any:
        """Carry a statement out for each of many parameters."""
        ...


def pieces(items: Sequence[_T], most: int = MOST) -> Iterator[Sequence[_T]]:
    """Return comments in pieces of one statement each."""
    return (items[begin : begin + most] for begin in range(0, len(items), most))


@lru_cache
def find(comments: int) -> str:
    """Return what is known of comments. Parameters: the identities."""
    return f"SELECT {READ} FROM comments WHERE identity IN ({_marks(comments)})"


@lru_cache
def of_leads(leads: int) -> str:
    """Return lead, identity, owner, attempt and status of the comments of leads. Parameters: the leads."""
    return f"SELECT lead, identity, owner, attempt, status FROM comments WHERE lead IN ({_marks(leads)})"


@lru_cache
def of_texts(texts: int) -> str:
    """Return the text, and what is known, of each comment that has one of some texts. Parameters: the texts."""
    return f"SELECT text, {READ} FROM comments WHERE text IN ({_marks(texts)})"


@lru_cache
def shared(ranges: int) -> str:
    """Return the begins of ranges of identities in which several comments are. Parameters: begin and end of each."""
    return f"""
    SELECT column1 FROM (VALUES {_rows(ranges, 2)}) AS given
    WHERE (SELECT count(*) FROM comments WHERE identity BETWEEN column1 AND column2) > 1
    """


@lru_cache
def add(comments: int) -> str:
    """Claim comments that are not there. Parameters: identity, lead, text, naming, owner, offering, seal of each."""
    return f"""
    INSERT INTO comments (identity, lead, text, naming, owner, offering, seal) VALUES {_rows(comments, 7)}
    ON CONFLICT (identity) DO NOTHING
    """


@lru_cache
def take(comments: int) -> str:
    """Claim comments that nobody has. Parameters: owner; identity and offering of each."""
    return f"""
    UPDATE comments SET owner = ?, offering = given.column2 FROM (VALUES {_rows(comments, 2)}) AS given
    WHERE identity = given.column1 AND owner IS NULL
    """


@lru_cache
def intend(comments: int) -> str:
    """Mark claimed comments as being sent. Parameters: attempt, owner, the identities."""
    return f"UPDATE comments SET attempt = ? WHERE owner = ? AND attempt IS NULL AND identity IN ({_marks(comments)})"


@lru_cache
def withdraw(comments: int) -> str:
    """Mark comments as claimed again. Parameters: owner, attempt, the identities."""
    return f"UPDATE comments SET attempt = NULL WHERE owner = ? AND attempt = ? AND identity IN ({_marks(comments)})"


@lru_cache
def record(comments: int) -> str:
    """Keep outcomes, and give the comments up.

    Parameters: now, rules; what `ctnb.delivery.ledger.rows.sealed` gives of each; owner, attempt.
    """
    return f"""
    UPDATE comments SET owner = NULL, attempt = NULL, offering = NULL, offer = offering, asked = asked + 1,
        asked_at = ?, rules = ?, status = given.column2, outcome = given.column3, seal = given.column4
    FROM (VALUES {_rows(comments, 4)}) AS given
    WHERE identity = given.column1 AND owner = ? AND attempt = ?
    """


@lru_cache
def release(comments: int) -> str:
    """Give up claims of comments that have an outcome. Parameters: owner, the identities."""
    return f"""
    UPDATE comments SET owner = NULL, offering = NULL
    WHERE owner = ? AND attempt IS NULL AND status IS NOT NULL AND identity IN ({_marks(comments)})
    """


@lru_cache
def forget(comments: int) -> str:
    """Give up claims of comments that have none. Parameters: owner, the identities."""
    return f"""
    DELETE FROM comments
    WHERE owner = ? AND attempt IS NULL AND status IS NULL AND identity IN ({_marks(comments)})
    """


def _marks(count: int) -> str:
    return ",".join(["?"] * count)


def _rows(count: int, width: int) -> str:
    return ",".join([f"({_marks(width)})"] * count)
