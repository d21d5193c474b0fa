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
from ctnb.leads.columns.arrow_text import TEXT, Flags, Strings, joined, listed, matching, mended, strings_of, text
from ctnb.leads.columns.cells import distinct
from ctnb.leads.identifiers import parse_identifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from ctnb.leads.rule_data import Offer

# Composed letters that nothing of the same set composes with: Latin, Cyrillic, punctuation, signs of money.
COMPOSED: Final = (
    r"^[\x00-\x{2ff}\x{400}-\x{482}\x{48a}-\x{52f}\x{2010}-\x{2027}\x{2030}-\x{205e}\x{20a0}-\x{20bf}\x{2116}]*$"
)
PLAIN: Final = r"^[0-9A-Za-z_@+-]*(?:[.][0-9A-Za-z_@+-]*[A-Za-z_@+-]+)*$"
"""Texts that JSON writes as they are, and that are no float."""

FLOAT_TEXT: Final = re.compile(r"^(-?[0-9]{1,18})\.0$")


def canonical_text(text: str) -> str:
    """Return a text in Unicode's composed form (NFC), the same for every way of typing it."""
    return unicodedata.normalize("NFC", text)


def canonical_texts(texts: Strings) -> Strings:
    """Return a column of texts, nulls kept, each in the form of `canonical_text`."""
    return mended(texts, _others(texts, COMPOSED), canonical_text)


def lead_identities(offers: Sequence[Offer], keys: pd.Series[Any] | None, length: int) -> Strings:
    """Return a text for each row that is equal when, and only when, the lead is the same.

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
        Compact JSON: ``["key","123"]``, or the identifiers by kind, contacts sorted.
    """
    if keys is None:
        return _by_identifiers(offers, np.arange(length))
    named = _by_keys(keys)
    keyless = named.is_null()
    rows = np.flatnonzero(keyless.to_numpy(zero_copy_only=False))
    return pc.replace_with_mask(named, keyless, _by_identifiers(offers, rows)) if len(rows) else named


def _by_keys(keys: pd.Series[Any]) -> Strings:
    """Return the canonical form of each key; null where it is blank."""
    found = parse_identifiers(keys)
    named = joined(text('["key",'), _quoted(canonical_texts(found.texts), _key_text), text("]"))
    strange = found.problems.rows
    if not len(strange):
        return named
    # A cell that is no id is a key all the same, by its text.
    codes, cells = distinct(keys.iloc[strange])
    texts = strings_of([_json(["key", _key_text(canonical_text(_text_of(cell)))]) for cell in cells])
    return pc.replace_with_mask(named, pa.array(found.problems.codes >= 0), texts.take(pa.array(codes)))


def _key_text(key: str) -> str:
    """Return the text of a key; a number that was read as a float comes back from a file as "1.0": one deal."""
    return FLOAT_TEXT.sub(r"\1", key)


def _text_of(cell: object) -> str:
    """Return any cell as text; a number that is too long for Python to write in base 10 is written in base 16."""
    try:
        return str(cell)
    except ValueError:
        return f"{cell:x}"


def _by_identifiers(offers: Sequence[Offer], rows: Rows) -> Strings:
    """Return the canonical form of all identifiers that the rules read in some rows."""
    sides: dict[str, list[Lists]] = {"call": [], "request": [], "phone": [], "email": []}
    for offer in offers:
        if offer.ids is not None:
            texts = canonical_texts(offer.ids.texts)
            sides[offer.kind].append(gathered([(np.flatnonzero(offer.ids.present), texts.drop_null())], len(texts)))
        for side, lists in (("phone", offer.phones), ("email", offer.emails)):
            # Rules that read the same columns share the lists.
            if lists is not None and not any(lists is other for other in sides[side]):
                sides[side].append(lists)
    found = [_side(side, several, rows) for side, several in sides.items() if several]
    return joined(text("["), listed(found), text("]"))


def _side(side: str, several: Sequence[Lists], rows: Rows) -> Strings:
    """Return one kind of identifiers as JSON, sorted, for some rows; null where there is none."""
    lists = sorted_within(united([lists.take(pa.array(rows)) for lists in several]))
    quoted = pa.LargeListArray.from_arrays(lists.offsets, _quoted(lists.flatten()))
    found = joined(text(f'["{side}",'), pc.binary_join(quoted, text(",")), text("]"))
    return pc.if_else(pa.array(filled(lists)), found, pa.scalar(None, TEXT))


def _quoted(values: Strings, tidy: Callable[[str], str] = str) -> Strings:
    """Return texts as ASCII JSON, nulls kept; those that are not plain are tidied first."""
    inside = mended(values, _others(values, PLAIN), lambda value: json.dumps(tidy(value))[1:-1])
    return joined(text('"'), inside, text('"'))


def _others(values: Strings, pattern: str) -> Flags:
    """Tell which texts a pattern does not fit; a null is none of them."""
    others: Flags = ~matching(values, pattern) & values.is_valid().to_numpy(zero_copy_only=False)
    return others


def _json(value: Iterable[object]) -> str:
    """Write compact ASCII JSON: one form for one value."""
    return json.dumps(value, separators=(",", ":"))
