"""Keys that are no deal's: one that gathers more contacts than a deal has, such as 0 or a manager's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ctnb.leads.columns.arrow_lists import lengths_of, rows_of
from ctnb.leads.columns.arrow_text import matching
from ctnb.leads.columns.problems import Problems
from ctnb.leads.limits import CONTACTS_OF_A_KEY
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.stacking import Window

KEYED = r'^\["key",'
"""How the identity of a lead begins that is named by its key."""


def refuse_repeated_keys(window: Window, rows: npt.NDArray[np.int64]) -> None:
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
        f"the key stands for {count} different contacts; a deal has at most {CONTACTS_OF_A_KEY}"
        for count in counts.tolist()
    ]
    window.problems = window.problems.and_also(rows, Problems.of(texts))


def _different_contacts(
    columns: Sequence[Lists], rows: npt.NDArray[np.int64], keys: npt.NDArray[np.int32]
) -> npt.NDArray[np.int64]:
    """Count the different contacts of each key."""
    parts = [lists.take(pa.array(rows)) for lists in columns]
    contacts = pa.concat_arrays([part.flatten() for part in parts]).dictionary_encode().indices.to_numpy()
    owners = np.concatenate([keys[rows_of(part)] for part in parts]).astype(np.int64)
    pairs = np.unique(np.stack([owners, contacts.astype(np.int64)]), axis=1)
    return np.bincount(pairs[0], minlength=int(keys.max()) + 1).astype(np.int64)
