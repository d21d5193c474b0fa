"""A column of contacts: what could be read in each cell, and what could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from ctnb.leads.columns.arrow_lists import Lists, lists_of
from ctnb.leads.columns.cells import distinct
from ctnb.leads.columns.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

LONGEST_CELL: Final = 2_000
"""Characters of a cell that are read; a longer one is a note, not a list of contacts."""

MOST_PROBLEMS: Final = 3


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of n cells, by position.

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
    def stacked(cls, parts: Sequence[Contacts]) -> Contacts:
        """Put the contacts of some cells above those of the next."""
        return cls(
            pa.concat_arrays([part.values for part in parts]), Problems.stacked([part.problems for part in parts])
        )


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
        n places, in the order of the column.
    """
    codes, uniques = distinct(cells)
    founds = [read(cell) for cell in uniques]
    problems = Problems.of([found.problem for found in founds])
    return Contacts(
        lists_of([found.contacts for found in founds]).take(pa.array(codes % len(uniques))), problems.take(codes)
    )


def merged(founds: Iterable[Found]) -> Found:
    """Join what the parts of a cell gave: order kept, repeats dropped, a few problems told."""
    founds = list(founds)
    if len(founds) == 1:
        return founds[0]
    values: dict[str, None] = {}
    problems: dict[str, None] = {}
    for found in founds:
        values.update(dict.fromkeys(found.contacts))
        if found.problem is not None:
            problems[found.problem] = None
    told = list(problems)[:MOST_PROBLEMS]
    if len(problems) > MOST_PROBLEMS:
        told.append(f"and {len(problems) - MOST_PROBLEMS} more")
    return Found(tuple(values), "; ".join(told) or None)
