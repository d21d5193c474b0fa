"""The filter of rows as a mask, and the columns by which results are searched and grouped. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_float_dtype

from ctnb.leads.columns.cells import distinct, is_missing
from ctnb.leads.guess_columns import date_order, holds_dates
from ctnb.results.columns import NAMES

if TYPE_CHECKING:
    from collections.abc import Hashable

Mask = npt.NDArray[np.bool_]

MOST_GROUPS: Final = 1_000
"""Values that a column may have to group the rates; the largest groups are drawn."""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """The rows that are wanted; an empty set or a blank text leaves none out.

    Attributes
    ----------
    statuses, kinds, codes : frozenset of str
        Values of ``ct_status``, ``ct_matched_by`` and ``ct_error_code``.
    text : str
        A part of a cell, capitals or not.
    column : column or None
        Where the text is looked for.
    """

    statuses: frozenset[str] = field(default_factory=frozenset)
    kinds: frozenset[str] = field(default_factory=frozenset)
    codes: frozenset[str] = field(default_factory=frozenset)
    text: str = ""
    column: Hashable | None = None


def row_mask(results: pd.DataFrame, row_filter: RowFilter, words: pd.Series[Any] | None = None) -> Mask:
    """Tell which rows are wanted.

    Parameters
    ----------
    results : DataFrame, n rows
        From `restore`, with `status`, and `matched_by` and `error_code` where they are asked for.
    row_filter : RowFilter
    words : Series of n texts, optional
        From `searchable_text`, of the filter's column; needed where its text is not blank.

    Returns
    -------
    ndarray of bool, length n
    """
    wanted = np.ones(len(results), dtype=bool)
    for name, values in (
        ("status", row_filter.statuses),
        ("matched_by", row_filter.kinds),
        ("error_code", row_filter.codes),
    ):
        if values:
            wanted &= _is_one_of(results[name], values)
    text = row_filter.text.strip().casefold()
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
    codes, cells = distinct(column)
    missing = np.array([is_missing(cell) for cell in cells])
    return as_categories(np.where(missing[codes], -1, codes), [str(cell).casefold() for cell in cells[:-1]])


def as_categories(codes: npt.NDArray[np.intp], texts: list[str]) -> pd.Series[Any]:
    """Return the texts at these codes as sorted categories; -1 is missing, and a text may be there twice."""
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    merged = np.array([*(ranks[text] for text in texts), -1], dtype=np.intp)
    return pd.Series(pd.Categorical.from_codes(merged[codes], categories=pd.Index(list(ranks), dtype=object)))


def own_columns(frame: pd.DataFrame, prefix: str) -> list[Hashable]:
    """Return the columns that are not results and have a name of their own, in their order."""
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
