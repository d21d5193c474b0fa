"""The names of kinds, statuses and error codes in the language in force, and what a status means.

The values in the ``ct_`` columns stay what they are; these are the words that people read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.i18n.language import N_, gettext
from ctnb.i18n.message import LazyMessage, lazy_gettext
from ctnb.outcomes import Kind, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = {
    Kind.CALL: N_("call"),
    Kind.REQUEST: N_("request"),
    Kind.CALL_CONTACT: N_("callContact"),
    Kind.REQUEST_CONTACT: N_("requestContact"),
}
"""In English as the vendor's API names them."""

STATUSES: Final = {
    Status.COMMENTED: N_("commented"),
    Status.UNMATCHED: N_("unmatched"),
    Status.INVALID: N_("invalid"),
    Status.REJECTED: N_("rejected"),
    Status.UNCERTAIN: N_("uncertain"),
    Status.UNSENT: N_("unsent"),
    Status.BUSY: N_("busy"),
}

MEANINGS: Final = {
    Status.COMMENTED: N_("The comment is on the lead."),
    Status.UNMATCHED: N_("Answered: no lead fits."),
    Status.INVALID: N_("The row failed a check and was never applied."),
    Status.REJECTED: N_("The token or the access was refused."),
    Status.UNCERTAIN: N_("Sent, with no answer that can be trusted; it may be there."),
    Status.UNSENT: N_("The run stopped before it, reached its limit, or was to send new ones alone."),
    Status.BUSY: N_("Another run is sending it."),
}

REASONS: Final = {
    Reason.NO_IDENTIFIER: N_("no id or contact"),
    Reason.BAD_IDENTIFIER: N_("bad id or contact"),
    Reason.BAD_DATE: N_("bad date"),
    Reason.BAD_POLICY: N_("bad match, depth or tags"),
    Reason.BLANK_COMMENT: N_("blank comment"),
    Reason.LONG_COMMENT: N_("comment too long"),
    Reason.BAD_TEXT: N_("value unfit for the comment"),
    Reason.REPEATED_KEY: N_("key of many contacts"),
    Reason.LEAD_NOT_FOUND: N_("lead not found"),
    Reason.VENDOR_ERROR: N_("error at Calltouch"),
    Reason.VIOLATION: N_("field refused by Calltouch"),
    Reason.TOKEN_REFUSED: N_("token refused"),
    Reason.ACCESS_DENIED: N_("access refused"),
    Reason.REFUSED: N_("request refused by Calltouch"),
    Reason.TIMED_OUT: N_("no answer in time"),
    Reason.CONNECTION_LOST: N_("connection lost"),
    Reason.SERVER_ERROR: N_("server failure"),
    Reason.REDIRECTED: N_("redirect in place of an answer"),
    Reason.UNREADABLE_ANSWER: N_("unclear answer"),
    Reason.WRONG_COUNT: N_("answer of another length"),
    Reason.CONTRADICTED: N_("answer about other leads"),
    Reason.NOT_RECORDED: N_("answer not recorded"),
    Reason.NO_CONNECTION: N_("no connection"),
    Reason.RATE_LIMITED: N_("request limit reached"),
    Reason.WRONG_ADDRESS: N_("wrong address"),
    Reason.LEDGER_FAILED: N_("ledger failed"),
    Reason.INTERRUPTED: N_("run interrupted"),
    Reason.STOPPED: N_("run stopped before it"),
    Reason.LIMITED: N_("beyond the limit"),
    Reason.NOT_NEW: N_("not new"),
    Reason.BUSY: N_("busy in another run"),
}

STATES: Final = {
    **{str(each): text for each, text in STATUSES.items()},
    "claimed": N_("claimed"),
    "sending": N_("sending"),
}
"""States of comments in the ledger: statuses, and what a live run has in hand."""

RUN_ENDS: Final = {
    "done": N_("done"),
    "stopped": N_("stopped"),
    "interrupted": N_("interrupted"),
    "failed": N_("failed"),
    "killed": N_("killed"),
    "running": N_("running"),
}
"""How a run ended; see `ctnb.delivery.ledger.run_lines.End`."""

RECORDS: Final = {
    "new": N_("Comments that are new"),
    "answered": N_("Answered before, not sent"),
    "again": N_("Asked again: the offer is another"),
    "changed": N_("Deals that already have another text"),
    "uncertain": N_("Uncertain, not sent by themselves"),
    "busy": N_("Busy in another run"),
}
"""What a run would do with a lead, by what the ledger knows; see `ctnb.leads.record`."""

SEARCH_OUTCOMES: Final = {
    "not_offered": N_("no data for the rule"),
    "would_match": N_("would match"),
    "shadowed": N_("an earlier rule takes it"),
    "unknown_contact": N_("contact not in the journal"),
    "unknown_id": N_("id not in the journal"),
    "not_unique": N_("no unique lead"),
    "too_far": N_("the nearest lead is too far"),
    "tags": N_("other tags on the lead"),
    "outside_journal": N_("days missing from the journal"),
}
"""What would become of one rule for one deal; see `ctnb.matching.reasons.SearchOutcome`."""

UNDECIDED: Final = {
    "looks_forward": N_("whether leads after the date count"),
    "unique_lead": N_("what nearestUniqLead means"),
    "tags": N_("when tags are checked"),
    "shared_id": N_("one id on several leads"),
    "one_moment": N_("leads equally near"),
    "outside_journal": N_("days missing from the journal"),
}
"""What the vendor does not say; see `ctnb.matching.undecided.UndecidedReason`."""

CHANGES: Final = {
    "same": N_("same status"),
    "gained": N_("gained: matched now"),
    "lost": N_("lost: matched before"),
    "changed": N_("another status"),
    "only_before": N_("only before"),
    "only_after": N_("only after"),
}
"""What became of a row from one result to another; see `ctnb.results.change.Change`."""

UNPAIRED: Final = {
    "no_partner": N_("no such key on the other side"),
    "blank_key": N_("no key"),
    "several_outcomes": N_("one key with several outcomes"),
}
"""Why a row of two results has no partner; see `ctnb.results.change.Unpaired`."""

ATTRIBUTIONS: Final = {
    "exact": N_("exact"),
    "inferred": N_("inferred"),
    "ambiguous": N_("ambiguous"),
}
"""How sure it is which rule won; see `ctnb.outcomes.Attribution`."""

COLUMNS: Final = {
    "status": N_("Status"),
    "matched": N_("Lead found"),
    "matched_by": N_("Found by"),
    "rule": N_("Rule number"),
    "attribution": N_("How sure the rule is"),
    "offered": N_("Types offered"),
    "call_id": N_("Call id"),
    "call_reference_id": N_("Call reference id"),
    "sip_call_id": N_("SIP call id"),
    "request_id": N_("Request id"),
    "request_number": N_("Request number"),
    "error": N_("Error text"),
    "error_code": N_("Error"),
    "replayed": N_("From the ledger"),
    "predicted": N_("Predicted"),
    "batch": N_("Batch"),
    "attempts": N_("Attempts"),
    "answered_at": N_("Answered, UTC"),
    "minutes": N_("Minutes to the lead"),
}
"""What the ``ct_`` columns are called where people read them, by their names without the prefix."""

PREDICTED_MEANINGS: Final = {
    Status.COMMENTED: N_("The comment would go to a lead."),
    Status.UNMATCHED: N_("No lead in the journal fits."),
    Status.INVALID: N_("The row fails a check and would not be sent."),
}
"""What a status means in a preview, which has no others."""


def kind_label(kind: str) -> str:
    """Name a matching type."""
    return _label(KINDS, kind)


def status_label(status: str) -> str:
    """Name a status."""
    return _label(STATUSES, status)


def state_label(state: str) -> str:
    """Name the state of a comment in the ledger."""
    return _label(STATES, state)


def state_message(state: str) -> LazyMessage:
    """Name the state of a comment in an error, which is put into words when it is shown."""
    return lazy_gettext(STATES[state])


def run_end_label(end: str) -> str:
    """Name in a word how a run ended."""
    return _label(RUN_ENDS, end)


def status_meaning(status: str, *, predicted: bool = False) -> str:
    """Say in a sentence what a status means, of rows that were sent or in a preview."""
    meanings = {**MEANINGS, **PREDICTED_MEANINGS} if predicted else MEANINGS
    return gettext(meanings[Status(status)])


def reason_label(reason: str) -> str:
    """Name an error code in a few words."""
    return _label(REASONS, reason)


def record_label(record: str) -> str:
    """Say what a run would do with leads, by what the ledger knows."""
    return _label(RECORDS, record)


def search_outcome_label(outcome: str) -> str:
    """Name in a few words what would become of one rule for one deal."""
    return _label(SEARCH_OUTCOMES, outcome)


def undecided_label(reason: str) -> str:
    """Name in a few words what the vendor does not say."""
    return _label(UNDECIDED, reason)


def change_label(change: str) -> str:
    """Name in a few words what became of a row from one result to another."""
    return _label(CHANGES, change)


def unpaired_label(reason: str) -> str:
    """Name in a few words why a row has no partner."""
    return _label(UNPAIRED, reason)


def attribution_label(attribution: str) -> str:
    """Name in a word how sure it is which rule won."""
    return _label(ATTRIBUTIONS, attribution)


def column_label(name: str) -> str:
    """Name a column of the results, given without its prefix."""
    return _label(COLUMNS, name)


def predicted_title(title: str) -> str:
    """Mark the title of what shows a preview: nothing of it was sent."""
    return gettext("Predicted · {title}", title=title)


def value_text(value: object) -> str:
    """Write a value of the user's as people read it: a truth in a word, anything else as it writes itself."""
    if isinstance(value, bool | np.bool_):
        return gettext("yes") if value else gettext("no")
    return str(value)


def _label(names: Mapping[Any, str], value: str) -> str:
    """Return a value's name, or the value itself: a frame may come from a newer version."""
    if pd.isna(value):
        return gettext("not known")
    return gettext(names[value]) if value in names else str(value)
