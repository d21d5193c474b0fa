"""Rows that repeat another one: the same lead, or the same lead and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctnb.leads.identity import canonical_texts
from ctnb.leads.parallel import slices
from ctnb.leads.stacking import WINDOW

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.stacking import Window


def repeated_rows(named: Strings, ready: Flags) -> npt.NDArray[np.int64]:
    """Return the ready rows whose lead may have other rows, in order; a few of them may have none."""
    rows = np.flatnonzero(ready)
    # Hashes take little memory; only where two are equal are the names compared.
    return rows[pd.Series(_hashes(named)[rows]).duplicated(keep=False).to_numpy()]


def first_of_each(window: Window, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for each row the first ready row with the same lead and text, given all ready rows of repeated leads."""
    first = np.arange(len(window.texts), dtype=np.int64)
    if len(rows):
        lead_codes, text_codes = (
            strings.dictionary_encode().indices.to_numpy().astype(np.int64)
            for strings in (window.leads_named.take(pa.array(rows)), canonical_texts(window.texts.take(pa.array(rows))))
        )
        comments, _ = pd.factorize(lead_codes * (text_codes.max() + 1) + text_codes)
        # Comments are numbered as they come.
        first[rows] = rows[np.unique(comments, return_index=True)[1]][comments]
    return first


def _hashes(strings: Strings) -> npt.NDArray[np.uint64]:
    """Return a hash of each text."""
    parts = (strings[rows].to_numpy(zero_copy_only=False) for rows in slices(len(strings), WINDOW))
    return np.concatenate([pd.util.hash_array(part, categorize=False) for part in parts])
