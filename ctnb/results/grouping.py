"""What ``by=`` means, wherever rows are grouped: in tables, plots, the report and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.leads.columns.cells import refuse_levels

if TYPE_CHECKING:
    from collections.abc import Hashable

_WORDS: Final = ("type", "rule")


@dataclass(frozen=True, slots=True)
class Grouping:
    """How rows are grouped: by matching type, by rule, or by the values of columns.

    Attributes
    ----------
    word : "type", "rule" or None
        None where columns group the rows.
    columns : tuple of column names
        Empty where the word groups them; several are a combination.
    """

    word: str | None
    columns: tuple[Hashable, ...] = ()


def grouping(frame: pd.DataFrame, by: Hashable | list[Any]) -> Grouping:
    """Read ``by=``.

    Parameters
    ----------
    frame : DataFrame
        With the columns that `by` names.
    by : "type", "rule", a column, or a list of columns
        The two words win over columns of the same name: for a column called "type" pass ``by=["type"]``.
        A list is a combination of its columns, which gives an index of as many levels. A tuple is the name
        of one column.

    Raises
    ------
    ColumnNotFoundError
        A column is not in the frame.
    ConfigError
        No column is named, one is there twice, or `by` is something else.
    """
    if isinstance(by, str) and by in _WORDS:
        return Grouping(by)
    columns = tuple(by) if isinstance(by, list) else (by,)
    if not columns:
        raise ConfigError("by=[] names no column. Name one at least, or pass 'type' or 'rule'.")
    refuse_levels(frame)
    for name in columns:
        try:
            found = name in frame.columns
        except TypeError:
            raise ConfigError(
                f"by= expected 'type', 'rule', a column's name or a list of names, got a {type(name).__name__}. "
                "Put the values into a column of the frame, and name it."
            ) from None
        if not found:
            raise ColumnNotFoundError(f"{ColumnNotFoundError.among(name, frame.columns, wanted_by='by=')}{_hint(name)}")
        if isinstance(frame[name], pd.DataFrame):
            raise ConfigError(f"There are {frame[name].shape[1]} columns called {name!r}. Rename all but one.")
    return Grouping(None, columns)


def _hint(name: Hashable) -> str:
    """Say what a name cannot mean here, though it looks so."""
    if isinstance(name, tuple):
        return f" A tuple is the name of one column; a combination is a list: by={list(name)!r}."
    return f" In a list {name!r} is a column's name: for the word alone pass by={name!r}." if name in _WORDS else ""
