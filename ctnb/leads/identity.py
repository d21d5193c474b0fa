"""Identity of a comment: its lead and its text, in canonical forms that are the same in the next export.

The account, the job and the ledger's key are added where the comment is sent. The rules' policies are no
part of it, so that a changed rule is not a new comment.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_lists import Lists, Rows, filled, gathered, sorted_within, united
from ctnb.leads.columns.arrow_text import (
    TEXT,
    Flags,
    Part,
    Strings,
    joined,
    listed,
    matching,
    mended,
    strings_of,
    text,
)
from ctnb.leads.columns.cells import INVISIBLE, distinct
from ctnb.leads.identifiers import parse_identifiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ctnb.leads.rule_data import Offer, Policy

# Letters that nothing of the same set composes with: Latin, Cyrillic, punctuation, signs of money; no blank and no sign
# without width.
COMPOSED: Final = (
    r"\x21-\x7e\x{a1}-\x{ac}\x{ae}-\x{2ff}\x{400}-\x{482}\x{48a}-\x{52f}\x{2010}-\x{2027}\x{2030}-\x{205e}"
    r"\x{20a0}-\x{20bf}\x{2116}"
)
NFC_TEXT: Final = rf"^[{COMPOSED}\x00-\x20\x{{a0}}]*$"
"""What is in Unicode's composed form."""

CANONICAL_TEXT: Final = rf"^(?:[{COMPOSED}]+(?: [{COMPOSED}]+)*)?$"
"""A text in its canonical form, but for numbers."""

MAYBE_FLOAT: Final = r"[0-9][.]0(?:[^0-9]|$)"

PLAIN: Final = r"^[0-9A-Za-z_@.+-]*$"
"""What JSON writes as it is."""

FLOAT_TEXT: Final = re.compile(r"(?<![^\W_]|[.,])([0-9]+)\.0(?![^\W_]|[.,])")
"""A number that ends in ``.0``, and touches no other letter, digit, dot or comma."""


def canonical_text(text: str) -> str:
    r"""Return a text in the form by which a comment is known: texts that look alike are one.

    In Unicode's composed form (NFC), white space of any kind folded to one blank, none at the ends, without signs that
    have no width, and a whole number that was a float once without its ``.0``. It is not what is sent.

    >>> canonical_text(" Budget:\u00a05000.0\r\n ")
    'Budget: 5000'
    """
    return FLOAT_TEXT.sub(r"\1", " ".join(composed_text(INVISIBLE.sub("", text)).split()))


def composed_text(text: str) -> str:
    """Return a text in Unicode's composed form (NFC), the same for every way of typing it."""
    return unicodedata.normalize("NFC", text)


def canonical_texts(texts: Strings) -> Strings:
    """Return a column of texts, nulls kept, each in the form of `canonical_text`."""
    return mended(texts, _others(texts, CANONICAL_TEXT) | matching(texts, MAYBE_FLOAT), canonical_text)


def lead_identities(offers: Sequence[Offer], keys: pd.Series[Any] | None, length: int) -> Strings:
    """Return a text for each row that is equal when, and only when, the lead is the same.

    A lead is named by its key; without one by the row's ids where it has any, else by its contacts.

    Parameters
    ----------
    offers : sequence of Offer
        Used where a row has no key.
    keys : Series or None, length n
        The user's own key; ids as numbers and as texts are the same key.
    length : int
        Rows, n.

    Returns
    -------
    large_string, length n
        Compact JSON: ``["key","123"]``, or ids or contacts by kind, sorted.
    """
    if keys is None:
        return _by_identifiers(offers, np.arange(length))
    named = named_by_keys(keys)
    keyless = named.is_null()
    rows = np.flatnonzero(keyless.to_numpy(zero_copy_only=False))
    return pc.replace_with_mask(named, keyless, _by_identifiers(offers, rows)) if len(rows) else named


def named_by_keys(keys: pd.Series[Any]) -> Strings:
    """Return the canonical form of each key; null where it is blank."""
    found = parse_identifiers(keys, whole=True)
    named = joined(text('["key",'), _quoted(canonical_texts(found.texts)), text("]"))
    strange = found.problems.rows
    if not len(strange):
        return named
    # A cell that is no id is a key all the same, by its text.
    codes, cells = distinct(keys.iloc[strange])
    written = strings_of([_json(["key", canonical_text(_text_of(cell))]) for cell in cells])
    return pc.replace_with_mask(named, pa.array(found.problems.codes >= 0), written.take(pa.array(codes % len(cells))))


def _text_of(cell: object) -> str:
    """Return any cell as text; a number that is too long for Python to write in base 10 is written in base 16."""
    try:
        return str(cell)
    except ValueError:
        return f"{cell:x}"


def _by_identifiers(offers: Sequence[Offer], rows: Rows) -> Strings:
    """Return the canonical form of the ids that the rules read in some rows; of the contacts where there is none."""
    ids: dict[str, list[Lists]] = {"call": [], "request": []}
    contacts: dict[str, list[Lists]] = {"phone": [], "email": []}
    for offer in offers:
        if offer.ids is not None:
            texts = mended(offer.ids.texts, _others(offer.ids.texts, NFC_TEXT), composed_text)
            ids[offer.kind].append(gathered([(np.flatnonzero(offer.ids.present), texts.drop_null())], len(texts)))
        for side, lists in (("phone", offer.phones), ("email", offer.emails)):
            # Rules that read the same columns share the lists.
            if lists is not None and not any(lists is other for other in contacts[side]):
                contacts[side].append(lists)
    named = _sides(ids, rows)
    without = np.flatnonzero(named.is_null().to_numpy(zero_copy_only=False))
    if len(without):
        named = pc.replace_with_mask(named, named.is_null(), _sides(contacts, rows[without]).fill_null(text("[]")))
    return named


def _sides(sides: dict[str, list[Lists]], rows: Rows) -> Strings:
    """Return all kinds of identifiers of some rows as JSON; null where there is none."""
    found = [_side(side, several, rows) for side, several in sides.items() if several]
    if not found:
        return pa.nulls(len(rows), TEXT)
    every = listed(found)
    return pc.if_else(pc.equal(every, text("")), pa.scalar(None, TEXT), joined(text("["), every, text("]")))


def _side(side: str, several: Sequence[Lists], rows: Rows) -> Strings:
    """Return one kind of identifiers as JSON, sorted, for some rows; null where there is none."""
    lists = united([lists.take(pa.array(rows)) for lists in several])
    found = joined(text(f'["{side}",'), _sorted_json(lists), text("]"))
    return pc.if_else(pa.array(filled(lists)), found, pa.scalar(None, TEXT))


def _sorted_json(lists: Lists) -> Strings:
    """Return the texts of each row as JSON, sorted, without brackets."""
    lists = sorted_within(lists)
    return pc.binary_join(pa.LargeListArray.from_arrays(lists.offsets, _quoted(lists.flatten())), text(","))


def namings(leads: Strings) -> list[str]:
    """Return how leads are named (key, ids or contacts), by their texts of `lead_identities`."""
    keyed, by_ids = matching(leads, r'^\["key",'), matching(leads, r'^\[\["(?:call|request)",')
    found: list[str] = np.select([keyed, by_ids], ["key", "ids"], "contacts").tolist()
    return found


def offer_texts(offers: Sequence[Offer]) -> Strings:
    """Return a text for each row that is equal when, and only when, the row offers the same.

    Compact JSON: for each rule that has its data in the row, in their order, the kind with ids, contacts (sorted),
    date, match, depth and tags. Neither a rule's rank nor a rule without data in the row is part of it.
    """
    return joined(text("["), listed([_offered(offer) for offer in offers]), text("]"))


def _offered(offer: Offer) -> Strings:
    """Return what one rule offers for each row as JSON; null where it has no data."""
    parts: list[Part] = [text(f'["{offer.kind}"')]
    if offer.ids is not None:
        ids = _quoted(offer.ids.texts.fill_null(text("")))
        # A number means the vendor's own id, a text any id.
        parts += [text(","), pc.if_else(pa.array(offer.ids.numeric), text("0,"), text("1,")), ids]
    for lists in (offer.phones, offer.emails):
        if lists is not None:
            parts += [text(",["), _sorted_json(lists), text("]")]
    if offer.dates is not None:
        parts += [text(","), pa.array(offer.dates.astype("datetime64[s]").astype(np.int64)).cast(TEXT)]
    for policy in (offer.match, offer.depth, offer.tags, offer.tags_logic):
        if policy is not None:
            parts += [text(","), _policy(policy)]
    return pc.if_else(pa.array(offer.present), joined(*parts, text("]")), pa.scalar(None, TEXT))


def _policy(policy: Policy) -> Part:
    """Return a policy value as JSON: one text when it is the same in all rows."""
    if len(policy.values) == 1:
        return text(_json(policy.values[0]))
    codes, places = np.unique(policy.codes, return_inverse=True)
    return strings_of([_json(policy.values[code]) for code in codes]).take(pa.array(places))


def _quoted(values: Strings) -> Strings:
    """Return texts as ASCII JSON, nulls kept; those that are not plain are escaped."""
    inside = mended(values, _others(values, PLAIN), lambda value: json.dumps(value)[1:-1])
    return joined(text('"'), inside, text('"'))


def _others(values: Strings, pattern: str) -> Flags:
    """Tell which texts a pattern does not fit; a null is none of them."""
    others: Flags = ~matching(values, pattern) & values.is_valid().to_numpy(zero_copy_only=False)
    return others


def _json(value: object) -> str:
    """Write compact ASCII JSON: one form for one value."""
    return json.dumps(value, separators=(",", ":"))
