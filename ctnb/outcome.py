"""What can become of a row: the words that the whole journey shares."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  a ledger reads outcomes back by their types
from enum import StrEnum

import msgspec

__all__ = ["ADVICE", "Attribution", "Kind", "Outcome", "Reason", "Status"]


class Status(StrEnum):
    """The seven values of ``ct_status``; every input row is in exactly one."""

    COMMENTED = "commented"
    UNMATCHED = "unmatched"
    INVALID = "invalid"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    UNSENT = "unsent"
    BUSY = "busy"


class Kind(StrEnum):
    """The four matching types, in the contract's order; the values of ``ct_matched_by``."""

    CALL = "call"
    REQUEST = "request"
    CALL_CONTACT = "callContact"
    REQUEST_CONTACT = "requestContact"


class Attribution(StrEnum):
    """How sure ``ct_matched_by`` and ``ct_rule`` are."""

    EXACT = "exact"
    INFERRED = "inferred"
    AMBIGUOUS = "ambiguous"


class Reason(StrEnum):
    """The values of ``ct_error_code``: stable, for grouping and advice."""

    # Found while planning; nothing was sent.
    NO_IDENTIFIER = "no_identifier"
    BAD_IDENTIFIER = "bad_identifier"
    BAD_DATE = "bad_date"
    BAD_POLICY = "bad_policy"
    BLANK_COMMENT = "blank_comment"
    LONG_COMMENT = "long_comment"
    BAD_TEXT = "bad_text"
    # Answered by the vendor.
    LEAD_NOT_FOUND = "lead_not_found"
    VENDOR_ERROR = "vendor_error"
    VIOLATION = "violation"
    TOKEN_REFUSED = "token_refused"  # noqa: S105  a code, not a token
    ACCESS_DENIED = "access_denied"
    # Sent, and no answer that can be trusted.
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"
    SERVER_ERROR = "server_error"
    REDIRECTED = "redirected"
    UNREADABLE_ANSWER = "unreadable_answer"
    WRONG_COUNT = "wrong_count"
    NOT_RECORDED = "not_recorded"
    # The run stopped before the row.
    NO_CONNECTION = "no_connection"
    RATE_LIMITED = "rate_limited"
    WRONG_ADDRESS = "wrong_address"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    # Somebody else's.
    BUSY = "busy"


ADVICE: dict[Reason, str] = {
    Reason.NO_IDENTIFIER: "No id, phone or e-mail in the columns that the rules read. Fill them in, or add a rule.",
    Reason.BAD_IDENTIFIER: "The id, phone or e-mail cannot be read. See ct_error for the value and mend it in the CRM.",
    Reason.BAD_DATE: "The date cannot be read: ISO is read as ISO, everything else with the day first.",
    Reason.BAD_POLICY: "The match, depth or tags that the row names are outside the vendor's limits.",
    Reason.BLANK_COMMENT: "The comment came out blank. Fill the columns that the template reads.",
    Reason.LONG_COMMENT: "The comment is too long. Shorten the template.",
    Reason.BAD_TEXT: "A value does not fit the template's format, or is not Unicode: see ct_error for which.",
    Reason.LEAD_NOT_FOUND: "No lead in the account fits. Try a deeper search, or a contact rule after the id rules.",
    Reason.VENDOR_ERROR: "The vendor answered with a reason of its own: see ct_error.",
    Reason.VIOLATION: "The vendor refused a field of this lead: see ct_error.",
    Reason.TOKEN_REFUSED: "The token is not known. Take a new one in the account's API settings.",
    Reason.ACCESS_DENIED: "The token has no access to this site. Check site_id and the token's rights.",
    Reason.TIMED_OUT: "No answer in time: the comment may be there. Look before you resend it.",
    Reason.CONNECTION_LOST: "The connection broke after sending: the comment may be there. Look before you resend it.",
    Reason.SERVER_ERROR: "The vendor's server failed: the comment may be there. Look before you resend it.",
    Reason.REDIRECTED: "The address answered with a redirect, which is never followed. Check base_url.",
    Reason.UNREADABLE_ANSWER: "The answer could not be read: the comment may be there. Look before you resend it.",
    Reason.WRONG_COUNT: "The answer had another number of leads, so it cannot be trusted. Look before you resend it.",
    Reason.NOT_RECORDED: "The answer came, but the ledger could not keep it. Mend the ledger before the next run.",
    Reason.NO_CONNECTION: "No connection to the vendor. Check the network and base_url, then run the cell again.",
    Reason.RATE_LIMITED: "The vendor asks for a longer pause or the quota is used up. Run the cell again later.",
    Reason.WRONG_ADDRESS: "There is no such endpoint at this address. Check base_url.",
    Reason.INTERRUPTED: "You stopped the run before this row. Run the cell again to carry on.",
    Reason.STOPPED: "The run stopped before this row. Mend what stopped it, then run the cell again.",
    Reason.BUSY: "Another run is sending this row now. Run the cell again when it has ended.",
}


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one lead: enough to fill its ``ct_`` columns, now or from the ledger.

    ``rule`` is 1-based in the rule list; ``batch`` is 1-based in the run that sent it; ``attempts``
    counts the requests that carried the lead; ``answered_at`` is aware, in UTC.
    """

    status: Status
    matched_by: Kind | None = None
    rule: int | None = None
    attribution: Attribution | None = None
    call_id: str | None = None
    call_reference_id: str | None = None
    sip_call_id: str | None = None
    request_id: str | None = None
    request_number: str | None = None
    error: str | None = None
    reason: Reason | None = None
    replayed: bool = False
    batch: int | None = None
    attempts: int | None = None
    answered_at: datetime | None = None
