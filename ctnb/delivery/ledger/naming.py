"""The names of leads: a run that names them otherwise than earlier runs would send everything a second time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ctnb.delivery.ledger.key import PlanComments
from ctnb.exceptions import ConfigError

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import LedgerReader
    from ctnb.leads.plan import Plan

GIVE_KEY: Final = "Give the key= of those runs"
LEAVE_KEY: Final = "Leave the key= out"

AS_BEFORE: Final = {
    ("key", "ids"): GIVE_KEY,
    ("key", "contacts"): GIVE_KEY,
    ("ids", "key"): LEAVE_KEY,
    ("contacts", "key"): LEAVE_KEY,
    ("ids", "contacts"): "Keep the rules that read the ids",
    ("contacts", "ids"): "Leave the rules that read ids out",
}
"""What to do, by how leads were named and how they are now."""


def naming_of(plan: Plan, connection: Connection, ledger: LedgerReader) -> dict[str, int]:
    """Return how leads of a plan's account and job were named before; see `LedgerReader.naming`."""
    found: Counter[str] = Counter()
    for secret in (ledger.secret, *ledger.older_secrets):
        found.update(ledger.naming(PlanComments(plan, [], connection, secret).account))
    return dict(found)


def refuse_other_names(plan: Plan, connection: Connection, ledger: LedgerReader) -> None:
    """Refuse a run that names its leads otherwise than earlier runs of its account and job.

    Raises
    ------
    ConfigError
        With the number of comments that would look new.
    """
    found = plan.other_names(naming_of(plan, connection, ledger))
    if found is not None:
        raise ConfigError(
            f"Expected leads named by {found.before}, as in earlier runs of this account and job, got leads named by "
            f"{found.now}: {found.at_stake:,} comments that may be in the account would look new, and might be sent a "
            f"second time. {AS_BEFORE[found.before, found.now]}; or give another job= to send them all the same."
        )
