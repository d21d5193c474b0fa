"""E-mails: every valid address of a cell, in lower case."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.i18n.language import N_, gettext
from ctnb.leads.columns.arrow_text import matching, texts_of
from ctnb.leads.columns.cells import INVISIBLE, is_empty, plain_text, scalars, shown
from ctnb.leads.contacts import LONG_CELL, LONGEST_CELL, NOTHING, Contacts, Found, merged, read_contacts
from ctnb.masking import Strength, masked

if TYPE_CHECKING:
    import pandas as pd

LONGEST_ADDRESS: Final = 254  # RFC 5321, 4.5.3.1.3, less the two brackets
LONGEST_NAME: Final = 64  # RFC 5321, 4.5.3.1.1
LONGEST_LABEL: Final = 63  # RFC 1035, 2.3.4

NAMED: Final = re.compile(r'("[^"\n]*"\s*|[^<>,;\n"]*)<([^<>]*)>')
# Blanks beside an @ stay, so that a broken address is refused whole and never mended by halves.
SEPARATOR: Final = re.compile(r"[,;]+|\s(?:и|или|and|or|&)\s+|(?<![@\s])\s+(?![@\s])", re.IGNORECASE)
# Before the @ a slash may belong to the mailbox, and behind a question mark to the parameters of a link.
SLASH: Final = re.compile(r"(@[^@?/|\\]*)[/|\\]+")
BAR: Final = re.compile(r"[/|\\]+(?:\s|$)|(?:^|(?<=\s))[/|\\]+")
BRACKET: Final = re.compile(r"(@[^\s@()<>[\]]+)[][()<>]+(?=\S)")
LABEL: Final = re.compile(r"[^@:]*:(?=[^@:]*@)")
SCHEME: Final = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.IGNORECASE)
LINK: Final = re.compile(r"(?:[a-z][a-z0-9+.-]{1,19}://|(?<!\w)www[.])[^\s<>]*", re.IGNORECASE)
LEADING: Final = "\"'«»“”„‘’()[]<>"
TRAILING: Final = LEADING + ".:"
# Signs of the atoms of RFC 5322, 3.2.3, beside letters and digits. The vendor takes letters of any script, as RFC 6531.
SIGNS: Final = frozenset("!#$%&'*+-=?^_`{}~")
BARS: Final = frozenset("/|")
"""More of those signs, which separate rather than belong to a mailbox of letters beyond ASCII."""

# One address that needs no mending, RE2; what stands around it is stripped or separates.
PLAIN: Final = (
    r"(?i)^[a-z0-9_+-]{1,32}(?:[.][a-z0-9_+-]{1,31})?@"
    r"(?:[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?[.]){1,3}[a-z][a-z0-9]{1,20}$"
)
AROUND: Final = " ,;"
NO_ADDRESS: Final = N_("not an e-mail address")
A_LINK: Final = N_("a link is not an e-mail address")
NO_MAILBOX: Final = N_("what stands before the @ cannot be a mailbox")
NO_DOMAIN: Final = N_("what stands after the @ cannot be a domain")
TOO_LONG: Final = N_("too long, an address has at most {address} characters, {name} of them before the @")


def parse_emails(cells: pd.Series[Any]) -> Contacts:
    """Find the e-mail addresses of a column.

    Parameters
    ----------
    cells : Series, shape (n,)
        Text, lists of texts, or a mix; any dtype. What is plain is read whole; each other distinct cell once.

    Returns
    -------
    Contacts
        n cells; in each exactly what `emails_in` finds in it.
    """
    texts = texts_of(cells)
    if texts is None:
        return read_contacts(cells, emails_in)
    bare = pc.ascii_trim(texts, characters=AROUND)
    plain = matching(bare, PLAIN)
    rest = np.flatnonzero(~plain & texts.is_valid().to_numpy(zero_copy_only=False))
    read = read_contacts(cells.iloc[rest], emails_in)
    addresses = Contacts.one_each(pc.ascii_lower(bare.filter(pa.array(plain))))
    return Contacts.gathered([(np.flatnonzero(plain), addresses), (rest, read)], len(cells))


def emails_in(cell: object) -> Found:
    """Find the e-mail addresses of one cell.

    Parameters
    ----------
    cell : object
        Text, a list, tuple, set or array of texts, or anything else.

    Returns
    -------
    Found
        Addresses in lower case, in order, without repeats; and the problem, or None.

    Notes
    -----
    The form is the contract's ``x@x.x``. A blank beside the ``@``, two dots in a row or an end
    that is missing is not mended: the part is a problem.

    Examples
    --------
    >>> emails_in("Иван <Ivan@Mail.ru>, petr@mail.ru.")
    Found(contacts=('ivan@mail.ru', 'petr@mail.ru'), problem=None)
    >>> emails_in("ivan@mail")
    Found(contacts=(), problem="'i***@mail': the domain needs a dot and an end, as in x@x.x")
    """
    return merged(read_item(item) for item in scalars(cell))


def read_item(item: object) -> Found:
    """Read one scalar by its kind."""
    if is_empty(item):
        return NOTHING
    if not isinstance(item, str):
        return Found(problem=gettext("a cell of type {kind} is not an e-mail address", kind=type(item).__name__))
    text = unicodedata.normalize("NFC", INVISIBLE.sub("", plain_text(item)))
    if len(text) > LONGEST_CELL:
        return refused(text, LONG_CELL, count=len(text), most=LONGEST_CELL)
    links = LINK.findall(text)
    if links:
        return merged([read_item(LINK.sub(" ", text)), *(refused(link, A_LINK) for link in links)])
    if "<" in text:
        text = NAMED.sub(without_name, text)
    text = BAR.sub(" , ", SLASH.sub(r"\1 , ", BRACKET.sub(r"\1 ", text)))
    pieces = [piece for piece in SEPARATOR.split(text.strip()) if not is_empty(piece)]
    if pieces and "@" not in text:  # words, which are refused whole
        return refused(text.strip(), NO_ADDRESS)
    return merged(map(read_address, pieces))


def without_name(named: re.Match[str]) -> str:
    """Return the address of ``Иван <ivan@mail.ru>``, and those that stand where the name should."""
    return " , ".join(["", *(word for word in named[1].split() if "@" in word), named[2], ""])


def read_address(piece: str) -> Found:
    """Read a part of a text that should be one address."""
    bare = piece.strip().lstrip(LEADING)
    linked = SCHEME.fullmatch(bare)
    address = LABEL.sub("", linked[1] if linked else bare, count=1).strip().rstrip(TRAILING).lower()
    fault = fault_of(address)
    if fault:
        return refused(piece.strip(), fault, address=LONGEST_ADDRESS, name=LONGEST_NAME)
    return Found((address,))


def fault_of(address: str) -> str | None:
    """Return why a text is no address, or None."""
    name, at, domain = address.rpartition("@")
    if not at:
        return NO_ADDRESS
    if any(sign.isspace() for sign in address):
        return N_("there is a blank beside the @")
    if "@" in name:
        return N_("there is more than one @")
    if len(address) > LONGEST_ADDRESS or len(name) > LONGEST_NAME:
        return TOO_LONG
    return fault_of_domain(domain) if is_mailbox(name) else NO_MAILBOX


def is_mailbox(name: str) -> bool:
    """Tell whether a text has letters and digits of any script and the signs of a mailbox, and dots only inside."""
    signs = SIGNS | BARS if name.isascii() else SIGNS
    return all(name.split(".")) and all(sign == "." or sign in signs or is_letter(sign) for sign in name)


def fault_of_domain(domain: str) -> str | None:
    """Return why a text is no domain, or None."""
    labels = domain.split(".")
    if len(labels) < 2 or not any(sign.isalpha() for sign in labels[-1]):
        return N_("the domain needs a dot and an end, as in x@x.x")
    return None if all(is_label(label) for label in labels) else NO_DOMAIN


def is_label(label: str) -> bool:
    """Tell whether a part of a domain has letters and digits of any script, and hyphens only inside."""
    if not 0 < len(label) <= LONGEST_LABEL or label.startswith("-") or label.endswith("-"):
        return False
    return all(sign == "-" or is_letter(sign) for sign in label)


def is_letter(sign: str) -> bool:
    """Tell whether a sign is a letter of any script, a mark on one, or a decimal digit."""
    return unicodedata.category(sign)[0] in "LM" or sign.isdecimal()


def refused(text: str, reason: str, **limits: int) -> Found:
    """Return a refusal that names the value, contacts masked, and why, a message of the catalogue."""
    return Found(problem=f"'{masked(shown(text), Strength.SHARED, column='emails')}': {gettext(reason, **limits)}")
