"""What ``by=`` means, wherever rows are grouped: in tables, plots, the report and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.leads.columns.cells import refuse_levels

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

_WORDS: Final = ("type", "rule")
_ROW: Final = "row number of ctnb"


@dataclass(frozen=True, slots=True)
class Grouping:
    """How rows are grouped: by matching type, by rule, by values, or by values and then by one of the two.

    Attributes
    ----------
    word : "type", "rule" or None
        None where values alone group the rows.
    columns : tuple of names
        Of what the values are of; empty where the word alone groups them.
    at : int
        Place of the word among the levels of the index, from 0.
    values : sequence of Series, n rows each
        One for each column, by position.
    """

    word: str | None
    columns: tuple[Hashable, ...] = ()
    at: int = 0
    values: Sequence[pd.Series[Any]] = field(default=(), compare=False, repr=False)


def grouping(frame: pd.DataFrame, by: Hashable | list[Any] | pd.Series[Any] | pd.Grouper) -> Grouping:
    """Read ``by=``.

    Parameters
    ----------
    frame : DataFrame
        With the columns that `by` names.
    by : "type", "rule", a column, a Series, a Grouper, or a list of them
        The two words win over columns of the same name: for a column called "type" pass ``by=["type"]``.
        A list is a combination, which gives an index of as many levels; in it the words stand for themselves where no
        column has their name. A tuple is the name of one column. A Series has the frame's index, in its order.

    Raises
    ------
    ColumnNotFoundError
        A column is not in the frame.
    ConfigError
        No column is named, one is there twice, or `by` is something else.
    """
    if isinstance(by, str) and by in _WORDS:
        return Grouping(by)
    asked = by if isinstance(by, list) else [by]
    if not asked:
        raise ConfigError("by=[] names no column. Name one at least, or pass 'type' or 'rule'.")
    refuse_levels(frame)
    words = [at for at, each in enumerate(asked) if isinstance(each, str) and each in _WORDS and each not in frame]
    if len(words) > 1:
        raise ConfigError("by={by!r}: expected one of 'type' and 'rule', got both. Leave one out.", by=by)
    parts = [_values(frame, each) for at, each in enumerate(asked) if at not in words]
    word = str(asked[words[0]]) if words else None
    return Grouping(word, tuple(name for name, _ in parts), words[0] if words else 0, [cells for _, cells in parts])


def combinations(asked: Grouping) -> tuple[pd.Index, npt.NDArray[np.int64]]:
    """Return the combinations of values that occur, sorted, and which of them each row has.

    Raises
    ------
    ConfigError
        The values cannot be grouped.
    """
    rows = pd.DataFrame(dict(enumerate(asked.values)))
    try:
        grouped = rows.groupby(list(rows), dropna=False, observed=True)
        index, codes = grouped.size().index, grouped.ngroup().to_numpy().astype(np.int64)
    except TypeError as error:
        raise ConfigError(
            "The rows cannot be grouped by {columns}: {error}. Take a column of plain values.",
            columns=list(asked.columns),
            error=error,
        ) from None
    return index.set_names(list(asked.columns)), codes


def _values(frame: pd.DataFrame, by: Any) -> tuple[Hashable, pd.Series[Any]]:
    """Return what one part of ``by=`` is called, and its value in each row."""
    if isinstance(by, pd.Series):
        if not by.index.equals(frame.index):
            raise ConfigError(
                "by= expected a Series of the frame's {rows} rows, with the same index in the same order, got one of "
                "{count} rows. Put the values into a column of the frame, and name it.",
                rows=len(frame),
                count=len(by),
            )
        return by.name, pd.Series(by.array)
    if isinstance(by, pd.Grouper):
        return _of_grouper(frame, by)
    try:
        found = by in frame.columns
    except TypeError:
        raise ConfigError(
            "by= expected 'type', 'rule', a column's name, a Series, a Grouper or a list of them, got a {kind}. Put "
            "the values into a column of the frame, and name it.",
            kind=type(by).__name__,
        ) from None
    if not found and by is not None and by in frame.index.names:
        return by, pd.Series(frame.index.get_level_values(by).array)
    if not found:
        raise _not_found(by, frame)
    if isinstance(frame[by], pd.DataFrame):
        raise ConfigError(
            "There are {count} columns called {name!r}. Rename all but one.", count=frame[by].shape[1], name=by
        )
    return by, pd.Series(frame[by].array)


def _of_grouper(frame: pd.DataFrame, by: pd.Grouper) -> tuple[Hashable, pd.Series[Any]]:
    """Return the name and the group of each row as a Grouper has it; missing where it puts the row into none."""
    numbered = pd.DataFrame({_ROW: np.arange(len(frame))}, index=frame.index)
    if by.key is not None:
        name, cells = _values(frame, by.key)
        numbered[by.key] = cells.array
    else:
        level: Any = by.level
        name = frame.index.names[level] if isinstance(level, int) else level
    try:
        # A Grouper of dates sorts the rows: their numbers go with them.
        groups = {label: rows.to_numpy() for label, rows in numbered.groupby(by)[_ROW]}
    except (TypeError, ValueError, KeyError) as error:
        raise ConfigError(
            "by= expected a Grouper that can group the column {name!r}, got an error: {error} A column of dates is "
            "made by pd.to_datetime.",
            name=name,
            error=error,
        ) from None
    labels = np.full(len(frame), None, dtype=object)
    for label, rows in groups.items():
        labels[rows] = label
    return name, pd.Series(labels).infer_objects()


def _not_found(name: Hashable, frame: pd.DataFrame) -> ColumnNotFoundError:
    """Say that there is no such column, and what its name cannot mean, though it looks so."""
    missing = ColumnNotFoundError.among(name, frame.columns, wanted_by="by=")
    if not isinstance(name, tuple):
        return missing
    return ColumnNotFoundError(
        "{missing} A tuple is the name of one column; a combination is a list: by={names!r}.",
        missing=missing,
        names=list(name),
    )
