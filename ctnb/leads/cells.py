"""Cells of a frame's columns: found by name, and worked on once for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.errors import ColumnNotFoundError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["column", "is_missing", "is_unicode", "map_cells"]

Objects = npt.NDArray[np.object_]


def column(frame: pd.DataFrame, name: str, *, wanted_by: str) -> pd.Series[Any]:
    """Return one column of a frame.

    Raises
    ------
    ColumnNotFoundError
        When there is none of this name; the nearest names are told.
    ConfigError
        When the name stands more than once.
    """
    if name not in frame.columns:
        raise ColumnNotFoundError.among(name, frame.columns, wanted_by=wanted_by)
    found = frame[name]
    if isinstance(found, pd.DataFrame):
        raise ConfigError(
            f"The frame has {found.shape[1]} columns named {name!r}. Rename them, so that it is clear which is meant."
        )
    return found


def is_missing(cell: object) -> bool:
    """Tell whether a cell holds nothing: None, NaN, NA, NaT, or blank text."""
    if isinstance(cell, str):
        return not cell.strip()
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    return isinstance(cell, float | np.floating) and bool(np.isnan(cell))


def is_unicode(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: half of a surrogate pair cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def map_cells(cells: pd.Series[Any], function: Callable[[Any], object]) -> Objects:
    """Apply a function to the cells, once for each unique value.

    Parameters
    ----------
    cells : Series of any dtype, length n
    function : callable
        Takes a cell, missing ones included, and returns anything.

    Returns
    -------
    ndarray of object, shape (n,)

    Notes
    -----
    Equal values of different types (``1`` and ``True``, ``1.0``) are kept apart in object columns.
    """
    if cells.dtype == object:
        return _map_objects(cells.to_numpy(), function)
    codes, uniques = pd.factorize(cells, use_na_sentinel=True)
    answers = np.empty(len(uniques) + 1, dtype=object)
    for place, cell in enumerate(uniques):
        answers[place] = function(cell)
    # The sentinel for missing is -1, which is the last place.
    answers[-1] = function(None) if (codes < 0).any() else None
    return answers[codes]


def _map_objects(cells: Objects, function: Callable[[Any], object]) -> Objects:
    """Map an object column, whose cells may be of any type and unhashable."""
    known: dict[tuple[type, object], object] = {}
    answers = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        try:
            key = (type(cell), cell)
            if key not in known:
                known[key] = function(cell)
            answers[place] = known[key]
        except TypeError:  # not hashable: a list, a set, an array
            answers[place] = function(cell)
    return answers
