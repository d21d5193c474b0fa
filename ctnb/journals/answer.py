"""The verdict on one exchange with a journal method: its records, or whether to ask again. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ctnb.delivery.client import Lost, NotSent
from ctnb.delivery.pace.history import LONGEST_PAUSE
from ctnb.delivery.verdict import pause_of
from ctnb.delivery.wire_decode import ApiError, Violations, decode
from ctnb.i18n.language import N_, gettext
from ctnb.i18n.outcome_texts import in_words
from ctnb.journals.records import AnswerFault, Page, read_page
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from ctnb.delivery.client import Answer, Exchange
    from ctnb.journals.columns import FlatForm

NO_ACCESS: Final = frozenset({"access token не найден", "ошибка доступа"})
"""What the vendor says of a token or a site that it does not let in, whatever the status."""

WRONG_ADDRESS: Final = frozenset({404, 405})

CHECK_ACCESS: Final = N_("Check the token and the site id in the account's API settings")
CHECK_ADDRESS: Final = N_("Check base_url and the site id: a wrong address is answered so")
SETTLE: Final = N_("Settle it with the vendor; days that are final and were read are kept")
LATER: Final = N_("Run it again later: days that are final are kept")


@dataclass(frozen=True, slots=True)
class TooLarge:
    """An answer that is longer than it may be: less is to be asked for at once."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """What may go better the next time, for reading changes nothing; ``pause`` is the wait that a 429 asks for."""

    text: str
    pause: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """What does not go better by asking again, and what to do."""

    text: str
    advice: str


Reading: TypeAlias = Page | TooLarge | AskAgain | Refused


def judge_reading(exchange: Exchange, form: FlatForm, now: datetime) -> Reading:
    """Return what came of one request for a journal.

    Parameters
    ----------
    exchange : Answer, NotSent or Lost
    form : FlatForm
    now : datetime
        Aware; what a ``Retry-After`` date is reckoned from.
    """
    match exchange:
        case NotSent(detail):
            return AskAgain(in_words(detail))
        case Lost(reason, detail):
            return TooLarge() if reason is Reason.UNREADABLE_ANSWER else AskAgain(in_words(detail))
    if exchange.status == 429:
        return _paused(exchange, now)
    page = read_page(exchange.body, form)
    if isinstance(page, AnswerFault) and not page.by_vendor:
        page = _refusal_in(exchange.body) or page
    return _fault(exchange.status, page) or (
        page if isinstance(page, Page) else AskAgain(gettext("the vendor says: {answer}", answer=page.text))
    )


def _refusal_in(body: bytes) -> AnswerFault | None:
    """Return what the vendor says in the form of its other methods, as where points are spent; else None."""
    match decode(body):
        case ApiError(code, message):
            return AnswerFault(gettext("{text} (code {code})", text=message, code=code), by_vendor=True)
        case Violations([first, *_]):
            return AnswerFault(first.message, by_vendor=True)
    return None


def _fault(status: int, page: Page | AnswerFault) -> AskAgain | Refused | None:
    """Return what is wrong with an answer; None where it holds records, or the vendor's own error under 200."""
    text = page.text if isinstance(page, AnswerFault) else gettext("records under a status that is not theirs")
    if 300 <= status < 400:
        return Refused(
            gettext("the server redirects (HTTP {status}), which is never followed", status=status), CHECK_ADDRESS
        )
    if status in {401, 403} or text.strip(" .").casefold() in NO_ACCESS:
        return Refused(
            gettext("the vendor refuses the access (HTTP {status}): {answer}", status=status, answer=text), CHECK_ACCESS
        )
    if status == 408 or status >= 500:
        return AskAgain(gettext("the server failed (HTTP {status})", status=status))
    if status != 200:
        by_vendor = isinstance(page, AnswerFault) and page.by_vendor and status not in WRONG_ADDRESS
        return Refused(f"HTTP {status}: {text}", SETTLE if by_vendor else CHECK_ADDRESS)
    if isinstance(page, AnswerFault) and not page.by_vendor:
        return Refused(text, CHECK_ADDRESS)
    return None


def _paused(answer: Answer, now: datetime) -> AskAgain | Refused:
    pause = pause_of(answer.retry_after, now)
    if pause > LONGEST_PAUSE:
        return Refused(gettext("the vendor asks to wait for {seconds} seconds (HTTP 429)", seconds=round(pause)), LATER)
    return AskAgain(gettext("the vendor has too many requests (HTTP 429)"), pause)
