"""The claims of a run in a team's ledger, each inside a transaction: what is new, and what had an outcome before."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ctnb.delivery.ledger import postgres_statements as statements
from ctnb.delivery.ledger.answers import BUSY
from ctnb.delivery.ledger.rows import entries_of, seal, sealed_offer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ctnb.delivery.ledger.postgres_session import Session
    from ctnb.delivery.ledger.protocol import Comments, Entry
    from ctnb.outcomes import Outcome

Answer: TypeAlias = "Callable[[Entry, bytes], Outcome | None]"
"""The ledger's answer to a claim by what is known of a comment and what its row offers."""


def entries_in(session: Session, statement: str, identities: Iterable[bytes]) -> dict[bytes, Entry]:
    """Return what a statement finds of comments, by identity."""
    return entries_of(session.execute(statement, (list(identities),)).fetchall())


def add(
    session: Session, comments: Comments, positions: Sequence[int], owner: str, answer: Answer
) -> dict[int, Outcome]:
    """Claim comments that were not in the ledger; return the answers to those that are meanwhile."""
    if not positions:
        return {}
    session.execute(statements.NAME, (comments.account, comments.naming))
    named: dict[str, int] = dict(session.execute(statements.NAMING, (comments.account,)).fetchall())
    identities = [comments.identities[position] for position in positions]
    offerings = [sealed_offer(*each) for each in zip(identities, comments.offers(positions), strict=True)]
    values = (identities, comments.leads(positions), comments.texts(positions), offerings, [*map(seal, identities)])
    added = {identity for (identity,) in session.execute(statements.ADD, (named[comments.naming], owner, *values))}
    missed = [position for position in positions if comments.identities[position] not in added]
    known = entries_in(session, statements.FIND, [comments.identities[position] for position in missed])
    return _answers(comments, missed, known, answer)


def take(
    session: Session, comments: Comments, positions: Sequence[int], owner: str, answer: Answer
) -> dict[int, Outcome]:
    """Claim comments that had an outcome; return the answers to those that others have claimed meanwhile."""
    if not positions:
        return {}
    known = entries_in(session, statements.FIND_FREE, [comments.identities[position] for position in positions])
    offers = dict(zip(positions, comments.offers(positions), strict=True))
    free = [
        position
        for position in positions
        if (entry := known.get(comments.identities[position])) and answer(entry, offers[position]) is None
    ]
    identities = [comments.identities[position] for position in free]
    offerings = [sealed_offer(identity, offers[position]) for identity, position in zip(identities, free, strict=True)]
    session.execute(statements.TAKE, (owner, identities, offerings))
    return _answers(comments, sorted({*positions} - {*free}), known, answer)


def _answers(
    comments: Comments, positions: Sequence[int], known: Mapping[bytes, Entry], answer: Answer
) -> dict[int, Outcome]:
    """Return the answers to comments that another run had a moment ago; one that it has given up is busy for now."""
    found = {}
    for position, offer in zip(positions, comments.offers(positions), strict=True):
        entry = known.get(comments.identities[position])
        found[position] = (entry and answer(entry, offer)) or BUSY
    return found
