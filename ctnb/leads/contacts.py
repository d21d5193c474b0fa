"""A column of contacts: what could be read in each cell, and what could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from ctnb.i18n.language import N_, gettext
from ctnb.leads.columns.arrow_lists import Lists, gathered, lists_of, rows_of
from ctnb.leads.columns.cells import distinct
from ctnb.leads.columns.problems import Problems, first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt
    import pandas as pd

    from ctnb.leads.columns.arrow_lists import Rows
    from ctnb.leads.columns.arrow_text import Strings

LONGEST_CELL: Final = 2_000
LONG_CELL: Final = N_("{count} characters, at most {most} are read")
"""Characters of a cell that are read; a longer one is a note, not a list of contacts."""

MOST_PROBLEMS: Final = 3


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of n cells, by row.

    Attributes
    ----------
    values : large_list of large_string, length n
        Arrow lists without nulls, in the order of the cell, without repeats; empty where none is valid.
    problems : Problems, length n
        Why a part of the cell was refused, contacts masked.
    """

    values: Lists
    problems: Problems

    @classmethod
    def one_each(cls, values: Strings) -> Contacts:
        """Return cells of one contact each, without problems."""
        bounds = pa.array(np.arange(len(values) + 1, dtype=np.int64))
        return cls(pa.LargeListArray.from_arrays(bounds, values), Problems.none(len(values)))

    @classmethod
    def none(cls, problems: Problems) -> Contacts:
        """Return cells without contacts, and their problems."""
        return cls(gathered([], len(problems)), problems)

    @classmethod
    def gathered(cls, parts: Sequence[tuple[Rows, Contacts]], length: int) -> Contacts:
        """Return a column of n cells, some of which are given in each part, rows ascending; the others are empty."""
        return cls(
            gathered([(rows[rows_of(part.values)], part.values.flatten()) for rows, part in parts], length),
            first_of([Problems.none(length), *(part.problems.spread(rows, length) for rows, part in parts)]),
        )

    @classmethod
    def stacked(cls, parts: Sequence[Contacts]) -> Contacts:
        """Return the cells of several columns, one column below the other."""
        return cls(
            pa.concat_arrays([part.values for part in parts]), Problems.stacked([part.problems for part in parts])
        )

    def take(self, rows: npt.NDArray[np.signedinteger[Any]]) -> Contacts:
        """Return some of the cells, by row, from 0."""
        return Contacts(self.values.take(pa.array(rows)), self.problems.take(rows))


class Found(NamedTuple):
    """Contacts of one cell.

    Attributes
    ----------
    contacts : tuple of str
        What is valid, in the order of the cell, without repeats.
    problem : str or None
        Why a part of the cell was refused, contacts masked.
    """

    contacts: tuple[str, ...] = ()
    problem: str | None = None


NOTHING: Final = Found()
"""What is found in a missing cell: no contact, and no problem."""


def read_contacts(cells: pd.Series[Any], read: Callable[[object], Found]) -> Contacts:
    """Apply a reader of one cell to a column, once for each distinct cell.

    Parameters
    ----------
    cells : Series, shape (n,)
        Any dtype and any index; the index is not looked at.
    read : callable
        Pure function of one cell.

    Returns
    -------
    Contacts
        n cells, in the order of the column.
    """
    codes, uniques = distinct(cells)
    founds = [read(cell) for cell in uniques]
    read_once = Contacts(
        lists_of([found.contacts for found in founds]), Problems.of([found.problem for found in founds])
    )
    return read_once.take(codes)


def merged(founds: Iterable[Found]) -> Found:
    """Join what the parts of a cell gave: order kept, repeats dropped, a few problems named."""
    founds = list(founds)
    if len(founds) == 1:
        return founds[0]
    values = dict.fromkeys(value for found in founds for value in found.contacts)
    problems = list(dict.fromkeys(found.problem for found in founds if found.problem is not None))
    rest = len(problems) - MOST_PROBLEMS
    more = [gettext("and {n} more", n=rest)] if rest > 0 else []
    return Found(tuple(values), "; ".join([*problems[:MOST_PROBLEMS], *more]) or None)
