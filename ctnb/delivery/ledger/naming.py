"""The names of leads: a run that names them otherwise than earlier runs would send everything a second time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ctnb.delivery.ledger.key import PlanComments
from ctnb.exceptions import ConfigError
from ctnb.i18n.language import N_
from ctnb.i18n.message import lazy_gettext

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.delivery.ledger.protocol import LedgerReader
    from ctnb.leads.plan import Plan

GIVE_KEY: Final = N_("Give the key= of those runs; or give another job= to send them all the same.")
LEAVE_KEY: Final = N_("Leave the key= out; or give another job= to send them all the same.")

AS_BEFORE: Final = {
    ("key", "ids"): GIVE_KEY,
    ("key", "contacts"): GIVE_KEY,
    ("ids", "key"): LEAVE_KEY,
    ("contacts", "key"): LEAVE_KEY,
    ("ids", "contacts"): N_("Keep the rules that read the ids; or give another job= to send them all the same."),
    ("contacts", "ids"): N_("Leave the rules that read ids out; or give another job= to send them all the same."),
}
"""What to do, by how leads were named and how they are now."""

NAMED_BY: Final = {"key": N_("by key"), "ids": N_("by ids"), "contacts": N_("by contacts")}


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
            "Expected leads named {before}, as in earlier runs of this account and job, got leads named {now}: "
            "{comments:n} comments that may be in the account would look new, and might be sent a second time. "
            "{advice}",
            before=lazy_gettext(NAMED_BY[found.before]),
            now=lazy_gettext(NAMED_BY[found.now]),
            comments=found.at_stake,
            advice=lazy_gettext(AS_BEFORE[found.before, found.now]),
        )
