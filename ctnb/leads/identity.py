"""What makes a comment the same comment: its lead and its text, in forms that outlive an export.

The account, the job and the ledger's key are added where the comment is sent. Rules' policy is no
part of it, so that a changed rule is not a new comment.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctnb.leads.cells import Objects, map_cells
from ctnb.leads.identifiers import identifier_in
from ctnb.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from ctnb.leads.offers import Offer

__all__ = ["canonical_text", "lead_identities"]

FLOAT_TEXT: Final = re.compile(r"^(-?[0-9]{1,18})\.0$")


def canonical_text(text: str) -> str:
    """Return a text in Unicode's composed form (NFC), the same for every way of typing it."""
    return unicodedata.normalize("NFC", text)


def lead_identities(offers: Sequence[Offer], keys: pd.Series[Any] | None, length: int) -> Objects:
    """Return a text for each row that is equal when, and only when, the lead is the same.

    Parameters
    ----------
    offers : sequence of Offer
        What the rules read; used where a row has no key.
    keys : Series or None, length n
        The user's own key; ids as numbers and as texts are the same key.
    length : int
        Rows, n.

    Returns
    -------
    ndarray of str, shape (n,)
        Compact JSON: ``["key","123"]``, or the identifiers by kind, contacts sorted.
    """
    known = map_cells(keys, _key) if keys is not None else np.full(length, None, dtype=object)
    identities = np.empty(length, dtype=object)
    for place, key in enumerate(known):
        identities[place] = key if key is not None else _identifiers(offers, place)
    return identities


def _key(cell: object) -> str | None:
    """Return the canonical form of a key cell; None where it is blank."""
    value, problem = identifier_in(cell)
    if value is None and problem is None:
        return None
    text = canonical_text(_key_text(cell if value is None else value))
    # A key column that was a float once comes back from a file as "1.0": it is the same deal.
    return _json(["key", FLOAT_TEXT.sub(r"\1", text)])


def _key_text(value: object) -> str:
    """Return a key as text; a number that is too long for Python to write in base 10 is written in base 16."""
    try:
        return str(value)
    except ValueError:
        return f"{value:x}"


def _identifiers(offers: Sequence[Offer], place: int) -> str:
    """Return the canonical form of all identifiers that the rules read in a row."""
    found: dict[str, set[str]] = {"call": set(), "request": set(), "phone": set(), "email": set()}
    for offer in offers:
        if offer.ids is not None and offer.ids[place] is not None:
            side = "call" if offer.kind is Kind.CALL else "request"
            found[side].add(canonical_text(str(offer.ids[place])))
        if offer.phones is not None:
            found["phone"].update(offer.phones[place])
        if offer.emails is not None:
            found["email"].update(offer.emails[place])
    return _json([[side, *sorted(values)] for side, values in found.items() if values])


def _json(value: Iterable[object]) -> str:
    """Write compact ASCII JSON: one form for one value."""
    return json.dumps(value, separators=(",", ":"))
