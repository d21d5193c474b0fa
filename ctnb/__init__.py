"""Put CRM comments on the leads of a Calltouch account from a notebook, and see how well they matched.

Importing it registers ``df.calltouch`` and ``series.calltouch``, and reads nothing. Names are
resolved when they are first used, so that the import costs little more than pandas' own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ctnb import accessor as _accessor  # noqa: F401  registers df.calltouch
from ctnb import exceptions as errors

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.emulator.server import Emulator
    from ctnb.exceptions import (
        AccessDeniedError,
        ColumnNotFoundError,
        ConfigError,
        ContractError,
        CtnbError,
        DeliveryError,
        LedgerError,
        MissingExtraError,
        RuleError,
        TransportError,
    )
    from ctnb.i18n.language import set_language
    from ctnb.leads.plan import Plan
    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Call, CallContact, Request, RequestContact, col
    from ctnb.ledger import Ledger
    from ctnb.results.rates import match_rates
    from ctnb.rulebooks import dump_rulebook, load_rulebook
    from ctnb.run import acomment, comment, plan
    from ctnb.tables.files import read_leads, write_table

__version__ = "0.1.0"

__all__ = [
    "AccessDeniedError",
    "Call",
    "CallContact",
    "ColumnNotFoundError",
    "ConfigError",
    "Connection",
    "ContractError",
    "CtnbError",
    "DeliveryError",
    "Emulator",
    "Ledger",
    "LedgerError",
    "MissingExtraError",
    "Plan",
    "Request",
    "RequestContact",
    "RuleError",
    "Rulebook",
    "TransportError",
    "acomment",
    "col",
    "comment",
    "dump_rulebook",
    "errors",
    "load_rulebook",
    "match_rates",
    "plan",
    "read_leads",
    "set_language",
    "write_table",
]

_HOMES = {
    "Call": "ctnb.leads.rules",
    "CallContact": "ctnb.leads.rules",
    "Connection": "ctnb.connection",
    "Emulator": "ctnb.emulator.server",
    "Ledger": "ctnb.ledger",
    "Plan": "ctnb.leads.plan",
    "Request": "ctnb.leads.rules",
    "RequestContact": "ctnb.leads.rules",
    "Rulebook": "ctnb.leads.rulebook",
    "acomment": "ctnb.run",
    "col": "ctnb.leads.rules",
    "comment": "ctnb.run",
    "dump_rulebook": "ctnb.rulebooks",
    "load_rulebook": "ctnb.rulebooks",
    "match_rates": "ctnb.results.rates",
    "plan": "ctnb.run",
    "read_leads": "ctnb.tables.files",
    "set_language": "ctnb.i18n.language",
    "write_table": "ctnb.tables.files",
    **dict.fromkeys(errors.__all__, "ctnb.exceptions"),
}


def __getattr__(name: str) -> Any:
    """Resolve a public name on its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ctnb' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
