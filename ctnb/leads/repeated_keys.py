"""Keys that are no deal's, such as 0 or a manager's name: their rows have many contacts, or are of different deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.i18n.language import gettext
from ctnb.leads.columns.arrow_lists import filled, lengths_of, rows_of, sorted_within
from ctnb.leads.columns.arrow_text import joined, matching, text
from ctnb.leads.columns.problems import Problems
from ctnb.leads.limits import CONTACTS_OF_A_KEY
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.rule_data import Offer
    from ctnb.leads.stacking import Window

Rows = npt.NDArray[np.int64]

KEYED = r'^\["key",'
"""How the identity of a lead begins that is named by its key."""


def refuse_repeated_keys(window: Window, rows: Rows) -> None:
    """Make invalid the rows whose key stands for more than 20 different contacts, in place.

    Parameters
    ----------
    window : Window
        The whole plan.
    rows : ndarray of int64
        The ready rows whose lead has other rows.
    """
    rows = rows[matching(window.leads_named.take(pa.array(rows)), KEYED)]
    if not len(rows):
        return
    keys = window.leads_named.take(pa.array(rows)).dictionary_encode().indices.to_numpy()
    columns = [lists for offer in window.offers for lists in (offer.phones, offer.emails) if lists is not None]
    lists = list({id(each): each for each in columns}.values())
    most = np.zeros(int(keys.max()) + 1, dtype=np.int64)
    for each in lists:
        np.add.at(most, keys, lengths_of(each)[rows])
    # Few keys have so many, equal ones among them; these alone are counted in earnest.
    many = most[keys] > CONTACTS_OF_A_KEY
    rows, keys = rows[many], keys[many]
    if not len(rows):
        return
    counts = _different_contacts(lists, rows, keys)[keys]
    refused = counts > CONTACTS_OF_A_KEY
    rows, counts = rows[refused], counts[refused]
    window.ready[rows] = False
    window.reason_codes[rows] = list(Reason).index(Reason.REPEATED_KEY)
    texts = [
        gettext(
            "the key stands for {count} different contacts; a deal has at most {most}",
            count=count,
            most=CONTACTS_OF_A_KEY,
        )
        for count in counts.tolist()
    ]
    window.problems = window.problems.and_also(rows, Problems.of(texts))


def _different_contacts(columns: Sequence[Lists], rows: Rows, keys: npt.NDArray[np.int32]) -> Rows:
    """Count the different contacts of each key."""
    parts = [lists.take(pa.array(rows)) for lists in columns]
    contacts = pa.concat_arrays([part.flatten() for part in parts]).dictionary_encode().indices.to_numpy()
    owners = np.concatenate([keys[rows_of(part)] for part in parts]).astype(np.int64)
    pairs = np.unique(np.stack([owners, contacts.astype(np.int64)]), axis=1)
    return np.bincount(pairs[0], minlength=int(keys.max()) + 1).astype(np.int64)


def leads_of_several_deals(offers: Sequence[Offer], columns: Sequence[Lists], rows: Rows, leads: Rows) -> Rows:
    """Return the leads whose rows are of different deals, by their contacts.

    Ids count in rows without a contact alone: a deal may have several calls.
    """
    contacts = _contact_codes(columns, rows)
    has_contact = contacts >= 0
    by_contacts = leads_of_several(leads[has_contact], contacts[has_contact])
    rows, leads = rows[~has_contact], leads[~has_contact]
    ids = _id_codes(offers, rows)
    return np.union1d(by_contacts, leads_of_several(leads[ids >= 0], ids[ids >= 0]))


def leads_of_several(leads: Rows, values: Rows) -> Rows:
    """Return the leads that have several values."""
    if not len(leads):
        return leads
    codes = pd.factorize(values)[0].astype(np.int64)
    most = int(codes.max()) + 1
    found: Rows = np.flatnonzero(np.bincount(pd.unique(leads * most + codes) // most) > 1)
    return found


def _contact_codes(columns: Sequence[Lists], rows: Rows) -> Rows:
    """Return numbers that are equal where all contacts of some rows are; -1 where a row has none."""
    parts: list[Any] = [text("")]
    some = np.zeros(len(rows), dtype=bool)
    for lists in columns:
        here = lists.take(pa.array(rows))
        some |= filled(here)
        parts += [text("|"), pc.binary_join(sorted_within(here), text(","))]
    if len(parts) == 1:
        return np.full(len(rows), -1)
    return np.where(some, codes_of(joined(*parts)), -1)


def _id_codes(offers: Sequence[Offer], rows: Rows) -> Rows:
    """Return numbers that are equal where all lead ids of some rows are; -1 where a row has none."""
    parts: list[Any] = [text("")]
    some = np.zeros(len(rows), dtype=bool)
    for offer in offers:
        if offer.ids is not None:
            some |= offer.present[rows]
            parts += [text("|"), offer.ids.texts.take(pa.array(rows)).fill_null(text(""))]
    if len(parts) == 1:
        return np.full(len(rows), -1)
    return np.where(some, codes_of(joined(*parts)), -1)


def codes_of(texts: Strings) -> Rows:
    """Return numbers from 0 on that are equal where texts are."""
    found: Rows = texts.dictionary_encode().indices.to_numpy().astype(np.int64)
    return found
