"""Advice: what to do about an error code, and after a run about a status, in the language in force."""

from __future__ import annotations

from typing import Final

from ctnb.i18n.language import N_, gettext
from ctnb.outcomes import Reason, Status

ADVICE: Final = {
    Reason.NO_IDENTIFIER: N_("No id, phone or e-mail in the columns that the rules read. Fill them in, or add a rule."),
    Reason.BAD_IDENTIFIER: N_(
        "The id, phone or e-mail cannot be read. See ct_error for the value and mend it in the CRM."
    ),
    Reason.BAD_DATE: N_("The date cannot be read: ISO is read as ISO, everything else with the day first."),
    Reason.BAD_POLICY: N_("The match, depth or tags that the row names are outside the vendor's limits."),
    Reason.BLANK_COMMENT: N_("The comment came out blank. Fill the columns that the template reads."),
    Reason.LONG_COMMENT: N_("The comment is too long. Shorten the template."),
    Reason.BAD_TEXT: N_("A value does not fit the template's format, or is not Unicode: see ct_error for which."),
    Reason.REPEATED_KEY: N_(
        "One key stands for more contacts than a deal has. Name the column that numbers the deals."
    ),
    Reason.LEAD_NOT_FOUND: N_(
        "No lead in the account fits. Try a deeper search, or a contact rule after the id rules."
    ),
    Reason.VENDOR_ERROR: N_("The vendor answered with a reason of its own: see ct_error."),
    Reason.VIOLATION: N_("The vendor refused a field of this lead: see ct_error."),
    Reason.TOKEN_REFUSED: N_("The vendor refused the token. Take a new token in the account's API settings."),
    Reason.ACCESS_DENIED: N_(
        "The vendor refused access. Check site_id and the token's rights, or take a new token in the account's API "
        "settings."
    ),
    Reason.REFUSED: N_(
        "The vendor refused the whole request: ct_error has its code and reason. Settle it in the account; spent API "
        "points and a closed account are the likely cases."
    ),
    Reason.TIMED_OUT: N_("No answer in time: the comment may be there. Look before you resend it."),
    Reason.CONNECTION_LOST: N_(
        "The connection broke after sending: the comment may be there. Look before you resend it."
    ),
    Reason.SERVER_ERROR: N_("The vendor's server failed: the comment may be there. Look before you resend it."),
    Reason.REDIRECTED: N_("The address answered with a redirect, which is never followed. Check base_url."),
    Reason.UNREADABLE_ANSWER: N_(
        "The answer does not say what was done, see ct_error: the comment may be there. Look before you resend it."
    ),
    Reason.WRONG_COUNT: N_(
        "The answer had another number of leads, so it cannot be trusted. Look before you resend it."
    ),
    Reason.NOT_RECORDED: N_(
        "The answer came, but the ledger could not keep it: save this frame. A run again finds the row uncertain, and "
        "does not send it by itself. Mend the ledger before it."
    ),
    Reason.CONTRADICTED: N_(
        "The answers name other leads than those that were asked for, so none can be trusted. Look before you resend."
    ),
    Reason.NO_CONNECTION: N_("No connection to the vendor. Check the network and base_url, then run the cell again."),
    Reason.RATE_LIMITED: N_("The vendor asks for a longer pause or the quota is used up. Run the cell again later."),
    Reason.WRONG_ADDRESS: N_("There is no such endpoint at this address. Check base_url."),
    Reason.LEDGER_FAILED: N_(
        "The ledger failed, and nothing is sent without it. Free the disk or mend the ledger, then run the cell again."
    ),
    Reason.INTERRUPTED: N_("You stopped the run before this row. Run the cell again to carry on."),
    Reason.STOPPED: N_("The run stopped before this row. Mend what stopped it, then run the cell again."),
    Reason.LIMITED: N_("The run was to send only so many comments. Run it again for the next ones, or without limit=."),
    Reason.NOT_NEW: N_("The run was to send new comments alone. The plan's record says why this one is not new."),
    Reason.BUSY: N_("Another run is sending this row now. Run the cell again when it has ended."),
}

NEXT_STEPS: Final = {
    Status.UNCERTAIN: N_(
        "the comments may be there. Look in the account, or let deals.calltouch.settle look in its journals; "
        'resend="uncertain" sends them again.'
    ),
    Status.UNSENT: N_("run the cell again to carry on; nothing that was answered is sent twice."),
    Status.BUSY: N_("another run sends these now. Run the cell again when it has ended."),
    Status.INVALID: N_("mend the rows by ct_error, and run the cell again."),
    Status.UNMATCHED: N_('search deeper or add a rule, and run it again; resend="unmatched" asks with the same rules.'),
}
"""After the status and a colon; the most pressing first."""

UNSENT_UNTIL_MENDED: Final = N_("the next run sends these, once what stopped this one is mended.")
"""In place of the step for unsent comments, where the run stopped for a reason of `MEND_FIRST`."""

MEND_FIRST: Final = frozenset(
    {
        Reason.TOKEN_REFUSED,
        Reason.ACCESS_DENIED,
        Reason.REFUSED,
        Reason.WRONG_ADDRESS,
        Reason.REDIRECTED,
        Reason.NOT_RECORDED,
    }
)
"""Why a run stopped, where running it again changes nothing before its cause is mended."""

SEARCH_OUTCOMES: Final = {
    "not_offered": N_("Fill the columns that the rules read, or add a rule over others."),
    "would_match": N_("Nothing is to be done."),
    "shadowed": N_("Nothing is to be done: the comment goes where the earlier rule sends it."),
    "unknown_contact": N_("Look whether the contact is right, and whether calls and requests are both in the journal."),
    "unknown_id": N_("Look whether the ids are of this account, and add a rule by contact after the rule by id."),
    "not_unique": N_('match="nearest" would take a lead that is there, unique or not. Look at its precision first.'),
    "too_far": N_("A deeper search would find it; preview.plot.depth() shows how many, and at what risk."),
    "tags": N_('Ask for fewer tags, or for any of them: tags_logic="or".'),
    "outside_journal": N_("Read more days into the journal, as far around the deals as the rules search."),
}
"""By `ctnb.matching.reasons.SearchOutcome`."""

UNDECIDED: Final = {
    "looks_forward": N_("Compare with look_back_only=True, and send a few such rows first."),
    "unique_lead": N_("Send a few such rows first, or take another match value."),
    "tags": N_("Send a few such rows first, or leave the tags out."),
    "shared_id": N_("Take the vendor's own id, or a rule by contact."),
    "one_moment": N_("Put a rule by id before it, where there is an id."),
    "outside_journal": N_("Read more days into the journal, as far around the deals as the rules search."),
}
"""By `ctnb.matching.undecided.UndecidedReason`."""


UNPAIRED: Final = {
    "no_partner": N_("Look whether both results are of the same deals and the same days."),
    "blank_key": N_("Fill the key in, or name another column as key=."),
    "several_outcomes": N_("Name a key that each row has to itself, or keep one row of each deal."),
}
"""By `ctnb.results.change.Unpaired`."""


def advice_for(reason: str) -> str:
    """Say what to do about an error code; nothing about a code that is not ours."""
    return gettext(ADVICE[Reason(reason)]) if reason in ADVICE else ""


def search_outcome_advice(outcome: str) -> str:
    """Say what to do about a rule that does not find a deal's lead."""
    return gettext(SEARCH_OUTCOMES[outcome])


def undecided_advice(reason: str) -> str:
    """Say what to do about rows whose answer hangs on what the vendor does not say."""
    return gettext(UNDECIDED[reason])


def unpaired_advice(reason: str) -> str:
    """Say what to do about rows that have no partner in another result."""
    return gettext(UNPAIRED[reason])
