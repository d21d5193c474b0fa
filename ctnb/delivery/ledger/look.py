"""A look into the ledger: what a run would do with each row of a plan. Nothing is changed in it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import numpy as np

from ctnb.delivery.ledger.answers import REACHED, may_send, other_texts
from ctnb.delivery.ledger.choose import open_to_look
from ctnb.delivery.ledger.key import PlanComments
from ctnb.delivery.ledger.naming import naming_of
from ctnb.leads.parallel import slices
from ctnb.leads.record import Record, Recorded
from ctnb.outcomes import Status

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import Entry, LedgerReader
    from ctnb.leads.plan import Plan

WINDOW: Final = 20_000
"""Comments that are looked up together."""

_CODES: Final = {each: code for code, each in enumerate(Recorded)}


def look(plan: Plan, connection: Connection) -> Record:
    """Hold a plan against the ledger of a connection; where there is none yet, all is new.

    Raises
    ------
    LedgerError
        When the ledger cannot be relied on.
    """
    codes = np.full(len(plan), -1, dtype=np.int8)
    sent = plan.sent
    codes[sent] = _CODES[Recorded.NEW]
    naming: dict[str, int] = {}
    ledger = open_to_look(connection)
    if ledger is not None:
        with closing(ledger):
            naming = naming_of(plan, connection, ledger)
            # An account that has no comment yet needs no hashes.
            for some in slices(len(sent), WINDOW) if naming else ():
                comments = PlanComments(plan, sent[some].tolist(), connection, ledger.secret, ledger.older_secrets)
                if comments.older:
                    comments.identify(ledger.entries)
                codes[sent[some]] = [_CODES[each] for each in _recorded(ledger, comments)]
    return Record(np.where(plan.ready, codes[plan.first], np.int8(-1)), naming)


def _recorded(ledger: LedgerReader, comments: PlanComments) -> list[Recorded]:
    """Return what a run would do with each of some comments."""
    entries = ledger.entries(comments.identities)
    found = [None if entry is None else _of_entry(ledger, entry) for entry in entries]
    unsure = [position for position, each in enumerate(found) if each is Recorded.AGAIN]
    for position, offer in zip(unsure, comments.offers(unsure), strict=True):
        entry = entries[position]
        if entry is not None and entry.outcome is not None:
            again = may_send(entry.outcome, same_offer=entry.offer == offer, resend=frozenset())
            found[position] = Recorded.AGAIN if again else Recorded.ANSWERED
    absent = [position for position, each in enumerate(found) if each is None]
    changed = other_texts(ledger.of_leads, comments, absent, states=REACHED)
    return [each or (Recorded.CHANGED if position in changed else Recorded.NEW) for position, each in enumerate(found)]


def _of_entry(ledger: LedgerReader, entry: Entry) -> Recorded | None:
    """Return what a run would do with a comment that is in the ledger, whatever it offers now; None where it is new.

    What a dead run left is settled by the next one: a comment that it was sending is uncertain then.
    """
    if entry.owner is not None:
        if ledger.is_live(entry.owner):
            return Recorded.BUSY
        if entry.attempt is not None:
            return Recorded.UNCERTAIN
    if entry.outcome is None:
        return None
    if entry.outcome.status is Status.UNCERTAIN:
        return Recorded.UNCERTAIN
    return Recorded.ANSWERED if entry.outcome.status is Status.COMMENTED else Recorded.AGAIN
