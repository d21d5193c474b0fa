"""Which rows are looked at, and by which columns: from what the controls say to a mask. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_float_dtype

from ctnb.leads.guess_columns import date_order, holds_dates
from ctnb.results.columns import NAMES

if TYPE_CHECKING:
    from collections.abc import Hashable

Mask = npt.NDArray[np.bool_]

MOST_GROUPS: Final = 1_000
"""Values of a column by which rates can be told at all; the largest are drawn."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows are wanted; where a set is empty, all are.

    Attributes
    ----------
    statuses, kinds, codes : frozenset of str
        Values of ``ct_status``, ``ct_matched_by`` and ``ct_error_code``.
    text : str
        A part of a cell, capitals or not; blank for all rows.
    column : column or None
        Where the text is looked for.
    """

    statuses: frozenset[str] = field(default_factory=frozenset)
    kinds: frozenset[str] = field(default_factory=frozenset)
    codes: frozenset[str] = field(default_factory=frozenset)
    text: str = ""
    column: Hashable | None = None

    @property
    def everything(self) -> bool:
        """Whether no row is left out."""
        return not (self.statuses or self.kinds or self.codes or self.text.strip())


def chosen(results: pd.DataFrame, selection: Selection, words: pd.Series[Any] | None = None) -> Mask:
    """Tell which rows are wanted.

    Parameters
    ----------
    results : DataFrame, n rows
        From `restore`, with `status`, and `matched_by` and `error_code` where they are asked for.
    selection : Selection
    words : Series of n texts, optional
        From `searchable_text`, of the selection's column; needed where its text is not blank.

    Returns
    -------
    ndarray of bool, length n
    """
    wanted = np.ones(len(results), dtype=bool)
    for name, values in (
        ("status", selection.statuses),
        ("matched_by", selection.kinds),
        ("error_code", selection.codes),
    ):
        if values:
            wanted &= _is_one_of(results[name], values)
    text = selection.text.strip().casefold()
    if text and words is not None:
        # Looked for once in each distinct text, however often it stands.
        hits = np.fromiter((text in word for word in words.cat.categories), dtype=bool, count=len(words.cat.categories))
        wanted &= np.append(hits, False)[words.cat.codes.to_numpy()]
    return wanted


def _is_one_of(column: pd.Series[Any], values: frozenset[str]) -> Mask:
    asked = np.append(column.cat.categories.isin(list(values)), False)
    return np.asarray(asked[column.cat.codes.to_numpy()], dtype=bool)


def searchable_text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as categories of text in small letters, missing where it is missing."""
    codes: Any
    values: Any
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        try:
            codes, values = pd.factorize(column)
        except TypeError:
            # Lists and dicts have no hash; their text has.
            codes, values = pd.factorize(column.map(str, na_action="ignore"))
    folded = [str(value).casefold() for value in values]
    merged, words = pd.factorize(pd.Index(folded, dtype=object))
    places = np.append(merged, -1)[codes]
    return pd.Series(pd.Categorical.from_codes(places, categories=pd.Index(list(words), dtype=object)))


def own_columns(frame: pd.DataFrame, prefix: str) -> list[Hashable]:
    """Return the columns that are not results and have their name for themselves, in their order."""
    ours = {prefix + name for name in NAMES}
    labels = pd.Index(frame.columns)
    alone = labels[~labels.duplicated(keep=False)]
    return [label for label in alone if label not in ours]


def group_columns(frame: pd.DataFrame, prefix: str) -> list[Hashable]:
    """Return the columns by which rates can be compared, those of fewest values first.

    These have 2 to 1000 values, half as many as there are rows at most, and are neither dates nor
    measures in floats.
    """
    counts = {}
    for label in own_columns(frame, prefix):
        column = frame[label]
        if is_float_dtype(column.dtype) or holds_dates(column):
            continue
        try:
            values = column.nunique(dropna=False)
        except TypeError:
            continue
        if 2 <= values <= min(MOST_GROUPS, max(len(frame) // 2, 2)):
            counts[label] = values
    return sorted(counts, key=lambda label: counts[label])


def date_columns(frame: pd.DataFrame, prefix: str) -> list[Hashable]:
    """Return the columns of dates, those named as a deal's creation first."""
    return sorted((label for label in own_columns(frame, prefix) if holds_dates(frame[label])), key=date_order)
