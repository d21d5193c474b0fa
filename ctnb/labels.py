"""What kinds, statuses and error codes are called in the language in force, and what to do about each error.

The values in the ``ct_`` columns stay what they are; these are the words that people read. The literals stand
inside functions, so that each call speaks the language of its moment, and so that they are found for the catalogue.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ctnb.language import said
from ctnb.outcome import Kind, Reason, Status

__all__ = ["advice_for", "kind_label", "reason_label", "status_label"]


def kind_label(kind: str) -> str:
    """Name a matching type; in English as the API does."""
    names = {
        Kind.CALL: said("call"),
        Kind.REQUEST: said("request"),
        Kind.CALL_CONTACT: said("callContact"),
        Kind.REQUEST_CONTACT: said("requestContact"),
    }
    return _found(names, kind)


def status_label(status: str) -> str:
    """Name a status."""
    names = {
        Status.COMMENTED: said("commented"),
        Status.UNMATCHED: said("unmatched"),
        Status.INVALID: said("invalid"),
        Status.REJECTED: said("rejected"),
        Status.UNCERTAIN: said("uncertain"),
        Status.UNSENT: said("unsent"),
        Status.BUSY: said("busy"),
    }
    return _found(names, status)


def reason_label(reason: str) -> str:
    """Name an error code in a few words."""
    names = {
        Reason.NO_IDENTIFIER: said("no id or contact"),
        Reason.BAD_IDENTIFIER: said("bad id or contact"),
        Reason.BAD_DATE: said("bad date"),
        Reason.BAD_POLICY: said("bad match, depth or tags"),
        Reason.BLANK_COMMENT: said("blank comment"),
        Reason.LONG_COMMENT: said("comment too long"),
        Reason.BAD_TEXT: said("value unfit for the comment"),
        Reason.LEAD_NOT_FOUND: said("lead not found"),
        Reason.VENDOR_ERROR: said("error at Calltouch"),
        Reason.VIOLATION: said("field refused by Calltouch"),
        Reason.TOKEN_REFUSED: said("token not known"),
        Reason.ACCESS_DENIED: said("no access to the site"),
        Reason.TIMED_OUT: said("no answer in time"),
        Reason.CONNECTION_LOST: said("connection lost"),
        Reason.SERVER_ERROR: said("server failure"),
        Reason.REDIRECTED: said("redirect in place of an answer"),
        Reason.UNREADABLE_ANSWER: said("unreadable answer"),
        Reason.WRONG_COUNT: said("answer of another length"),
        Reason.NOT_RECORDED: said("answer not recorded"),
        Reason.NO_CONNECTION: said("no connection"),
        Reason.RATE_LIMITED: said("request limit reached"),
        Reason.WRONG_ADDRESS: said("wrong address"),
        Reason.INTERRUPTED: said("run interrupted"),
        Reason.STOPPED: said("run stopped before it"),
        Reason.BUSY: said("busy in another run"),
    }
    return _found(names, reason)


def advice_for(reason: str) -> str:
    """Say what to do about an error code; in English the words of `ctnb.outcome.ADVICE`."""
    words = {
        Reason.NO_IDENTIFIER: said(
            "No id, phone or e-mail in the columns that the rules read. Fill them in, or add a rule."
        ),
        Reason.BAD_IDENTIFIER: said(
            "The id, phone or e-mail cannot be read. See ct_error for the value and mend it in the CRM."
        ),
        Reason.BAD_DATE: said("The date cannot be read: ISO is read as ISO, everything else with the day first."),
        Reason.BAD_POLICY: said("The match, depth or tags that the row names are outside the vendor's limits."),
        Reason.BLANK_COMMENT: said("The comment came out blank. Fill the columns that the template reads."),
        Reason.LONG_COMMENT: said("The comment is too long. Shorten the template."),
        Reason.BAD_TEXT: said("A value does not fit the template's format, or is not Unicode: see ct_error for which."),
        Reason.LEAD_NOT_FOUND: said(
            "No lead in the account fits. Try a deeper search, or a contact rule after the id rules."
        ),
        Reason.VENDOR_ERROR: said("The vendor answered with a reason of its own: see ct_error."),
        Reason.VIOLATION: said("The vendor refused a field of this lead: see ct_error."),
        Reason.TOKEN_REFUSED: said("The token is not known. Take a new one in the account's API settings."),
        Reason.ACCESS_DENIED: said("The token has no access to this site. Check site_id and the token's rights."),
        Reason.TIMED_OUT: said("No answer in time: the comment may be there. Look before you resend it."),
        Reason.CONNECTION_LOST: said(
            "The connection broke after sending: the comment may be there. Look before you resend it."
        ),
        Reason.SERVER_ERROR: said("The vendor's server failed: the comment may be there. Look before you resend it."),
        Reason.REDIRECTED: said("The address answered with a redirect, which is never followed. Check base_url."),
        Reason.UNREADABLE_ANSWER: said(
            "The answer could not be read: the comment may be there. Look before you resend it."
        ),
        Reason.WRONG_COUNT: said(
            "The answer had another number of leads, so it cannot be trusted. Look before you resend it."
        ),
        Reason.NOT_RECORDED: said(
            "The answer came, but the ledger could not keep it. Mend the ledger before the next run."
        ),
        Reason.NO_CONNECTION: said(
            "No connection to the vendor. Check the network and base_url, then run the cell again."
        ),
        Reason.RATE_LIMITED: said(
            "The vendor asks for a longer pause or the quota is used up. Run the cell again later."
        ),
        Reason.WRONG_ADDRESS: said("There is no such endpoint at this address. Check base_url."),
        Reason.INTERRUPTED: said("You stopped the run before this row. Run the cell again to carry on."),
        Reason.STOPPED: said("The run stopped before this row. Mend what stopped it, then run the cell again."),
        Reason.BUSY: said("Another run is sending this row now. Run the cell again when it has ended."),
    }
    return _found(words, reason) if reason in words else ""


def _found(names: dict[Any, str], value: str) -> str:
    """Return a value's name, or the value itself: a frame may come from a newer version."""
    return said("not known") if pd.isna(value) else names.get(value, str(value))
