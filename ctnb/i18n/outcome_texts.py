"""What ctnb itself says became of a lead, and why a run stopped.

The ledger, logs and JSON keep these sentences in English; `in_words` finds each again, and puts it into the language in
force. A text of the vendor's is none of them, and stays as it is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, overload

from ctnb.exceptions import CtnbError
from ctnb.i18n.language import N_, in_english
from ctnb.i18n.phrases import Phrases
from ctnb.i18n.system_errors import OF_NUMBER

if TYPE_CHECKING:
    from ctnb.i18n.message import LazyMessage


class OutcomeText(StrEnum):
    """The sentences, with ``{fields}``: `str.format` fills them in."""

    # Answered, or left for another run.
    NO_LEAD = N_("no lead found")
    NO_REASON = N_("no reason given")
    BUSY = N_("another run is sending this comment now")
    LIMITED = N_("the run's limit was reached before it")
    NOT_NEW = N_("the run sends new comments alone, and this deal was sent before")

    # No answer that can be trusted.
    TIMED_OUT = N_("no answer in time")
    REDIRECTED = N_("the server redirects (HTTP {status}), which is never followed")
    SERVER_FAILED = N_("the server failed (HTTP {status})")
    WRONG_COUNT = N_("{answers} answers came for {leads} leads")
    CONTRADICTED = N_("{found} of {answers} answers name other leads than those that were offered")
    UNCLEAR = N_("HTTP {status}: {text}")
    OTHER_STATUS = N_("{answers} answers came under a status that is not theirs")
    NOT_JSON = N_("the answer is not JSON")
    OTHER_FORM = N_("the answer does not have the contract's form")
    OTHER_FORM_OF_ANSWERS = N_("the answers do not have the contract's form")
    BOTH = N_("the server sent answers and a refusal in one")
    NEITHER = N_("the answer holds neither answers nor a refusal")
    REPEATED_FIELD = N_("a field comes twice in the answer")
    TOO_LARGE = N_("the answer is larger than {size} MiB")
    BROKEN_OFF = N_("the run was broken off while it was being sent")
    ENDED_IN_FLIGHT = N_("the program ended while it was being sent")

    # Refused.
    WRONG_ADDRESS = N_("the server does not take this request (HTTP {status})")
    CODED = N_("{text} (code {code})")

    # The connection.
    NO_CONNECTION = N_("no connection after {tries} tries: {fault}")
    NO_TIME = N_("no connection in time")
    CLOSED = N_("the server closed the connection before anything was sent")
    FAILED = N_("the connection failed: {cause}")
    DISCONNECTED = N_("the server closed the connection")
    ANSWER_BROKEN_OFF = N_("the answer broke off")
    NO_NAME = N_("the server's name cannot be resolved")
    NO_PROTOCOL = N_("no TLS connection: the server's protocol was refused")
    NO_CERTIFICATE = N_("no TLS connection: the server's certificate was refused")
    UNKNOWN_AUTHORITY = N_(
        "the server's certificate is signed by an authority that this machine does not know, as a company's network "
        "may do: put the authority's certificate into a PEM file, and name it in Connection(ca_file=...)"
    )
    OTHER_DATE = N_("the server's certificate is not valid today: check this machine's clock")
    OTHER_NAME = N_("the server's certificate is for another name: check base_url")
    NO_PROXY = N_("the proxy that the environment names is not reached: {cause}; check HTTPS_PROXY")
    # An example of a whole address would be masked as an e-mail.
    PROXY_LOGIN = N_(
        "the proxy asks for a user name and a password (407): put them into HTTPS_PROXY, before the proxy's host, as "
        "NAME:PASSWORD and an @"
    )
    PROXY_REFUSES = N_(
        "the proxy refuses the connection (HTTP {status}): ask whoever keeps it to allow the vendor's address"
    )
    PROXY_UNUSED = N_("{fault}; the environment names a proxy, which is used only with Connection(trust_env=True)")

    # The run stopped.
    INTERRUPTED = N_("the run was interrupted")
    STOPPED = N_("the run stopped before it")
    CTNB_FAILED = N_("ctnb itself failed")
    LONG_PAUSE = N_("the vendor asks for a pause of {seconds} seconds")
    LONG_PAUSE_BECAUSE = N_("the vendor asks for a pause of {seconds} seconds: {text}")
    RATE_LIMITED = N_("the vendor refused {requests} requests in a row for their rate")
    RATE_LIMITED_BECAUSE = N_("the vendor refused {requests} requests in a row for their rate: {text}")
    ALL_REFUSED = N_("the vendor refuses one request after another: {text}")


_PHRASES: Final = Phrases(
    [*OutcomeText, *OF_NUMBER.values()],
    numbers={"status", "answers", "leads", "found", "size", "tries", "seconds", "requests"},
)


class KeptText(str):
    """The English text of a message, which knows the message.

    Attributes
    ----------
    message : LazyMessage
    """

    __slots__ = ("message",)

    message: LazyMessage

    @classmethod
    def of(cls, message: LazyMessage | CtnbError) -> KeptText:
        """Put a message, or an error's, into English, without the full stop at its end."""
        with in_english():
            kept = cls(str(message).removesuffix("."))
        kept.message = message.args[0] if isinstance(message, CtnbError) else message
        return kept


@overload
def in_words(text: str) -> str: ...
@overload
def in_words(text: str | None) -> str | None: ...
def in_words(text: str | None) -> str | None:
    """Put a text of an outcome or a stop into the language in force; one that is not ours is returned as it is.

    Examples
    --------
    >>> in_words("the server failed (HTTP 503)")
    'the server failed (HTTP 503)'
    """
    if text is None:
        return None
    if isinstance(text, KeptText):
        return str(text.message).removesuffix(".")
    return _PHRASES.in_words(text)
