"""Put CRM comments on the leads of a Calltouch account from a notebook, and see how well they matched.

Importing it registers ``df.calltouch`` and ``series.calltouch``, and reads nothing. Names are
resolved when they are first used, so that the import costs little more than pandas' own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ctnb import accessor as _accessor  # noqa: F401  registers df.calltouch
from ctnb.api import (
    acomment,
    comment,
    compare,
    counts,
    dashboard,
    errors,
    match_rates,
    plan,
    preview,
    report,
    settle,
    studio,
)
from ctnb.exceptions import (
    ColumnNotFoundError,
    ConfigError,
    CtnbError,
    JournalError,
    LedgerError,
    MissingExtraError,
    RuleError,
)
from ctnb.version import __version__  # noqa: F401

if TYPE_CHECKING:
    from ctnb.connection import Connection
    from ctnb.emulator.server import Emulator
    from ctnb.i18n.choice import set_language
    from ctnb.journals.journal import Journal
    from ctnb.leads.plan import Plan
    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Call, CallContact, Request, RequestContact, col
    from ctnb.ledger import Ledger
    from ctnb.matching.preview import Preview
    from ctnb.results.compare import Comparison
    from ctnb.rulebooks import dump_rulebook, load_rulebook
    from ctnb.tables.files import read_leads, write_table

__all__ = [
    "Call",
    "CallContact",
    "ColumnNotFoundError",
    "Comparison",
    "ConfigError",
    "Connection",
    "CtnbError",
    "Emulator",
    "Journal",
    "JournalError",
    "Ledger",
    "LedgerError",
    "MissingExtraError",
    "Plan",
    "Preview",
    "Request",
    "RequestContact",
    "RuleError",
    "Rulebook",
    "acomment",
    "col",
    "comment",
    "compare",
    "counts",
    "dashboard",
    "dump_rulebook",
    "errors",
    "load_rulebook",
    "match_rates",
    "plan",
    "preview",
    "read_leads",
    "report",
    "set_language",
    "settle",
    "studio",
    "write_table",
]

_HOMES = {
    "Call": "ctnb.leads.rules",
    "CallContact": "ctnb.leads.rules",
    "Comparison": "ctnb.results.compare",
    "Connection": "ctnb.connection",
    "Emulator": "ctnb.emulator.server",
    "Journal": "ctnb.journals.journal",
    "Ledger": "ctnb.ledger",
    "Plan": "ctnb.leads.plan",
    "Preview": "ctnb.matching.preview",
    "Request": "ctnb.leads.rules",
    "RequestContact": "ctnb.leads.rules",
    "Rulebook": "ctnb.leads.rulebook",
    "col": "ctnb.leads.rules",
    "dump_rulebook": "ctnb.rulebooks",
    "load_rulebook": "ctnb.rulebooks",
    "read_leads": "ctnb.tables.files",
    "set_language": "ctnb.i18n.choice",
    "write_table": "ctnb.tables.files",
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
