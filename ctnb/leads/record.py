"""The record of what was sent, as a plan is held against it: what a run would do with each row."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from ctnb.leads.identity import namings

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from ctnb.leads.columns.arrow_text import Strings


class Recorded(StrEnum):
    """What a run would do with a ready row; the values of ``plan.frame["record"]``."""

    NEW = "new"
    ANSWERED = "answered"
    AGAIN = "again"
    CHANGED = "changed"
    UNCERTAIN = "uncertain"
    BUSY = "busy"


SENT: Final = frozenset({Recorded.NEW, Recorded.AGAIN, Recorded.CHANGED})
"""What a run would send."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger knows of a plan of n rows.

    Attributes
    ----------
    codes : ndarray of int8, shape (n,)
        Index in `Recorded`; -1 for rows that are not ready.
    naming : mapping of str to int
        How earlier runs of this account and job named their leads (key, ids, contacts), and how many of their comments
        may be in the account.
    """

    codes: npt.NDArray[np.int8]
    naming: Mapping[str, int] = field(default_factory=dict)

    def leads(self, rows: npt.NDArray[np.int64]) -> tuple[tuple[str, int], ...]:
        """Count some rows by what a run would do with them, zeros left out."""
        counts = np.bincount(self.codes[rows], minlength=len(Recorded)).tolist()
        return tuple((str(each), count) for each, count in zip(Recorded, counts, strict=True) if count)

    def is_sent(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Tell which of some rows a run would send."""
        return np.isin(self.codes[rows], [code for code, each in enumerate(Recorded) if each in SENT])


@dataclass(frozen=True, slots=True)
class OtherNames:
    """Leads are named otherwise than in earlier runs, so that each of them looks new.

    Attributes
    ----------
    now, before : str
        How leads are named now, and how they were: by ``key``, ``ids`` or ``contacts``.
    at_stake : int
        Comments of earlier runs that may be in the account, and would be sent a second time.
    """

    now: str
    before: str
    at_stake: int


def other_names(now: str, naming: Mapping[str, int], leads: Strings) -> OtherNames | None:
    """Tell whether leads are named otherwise than in earlier runs; None where they are not.

    Parameters
    ----------
    now : str
        How the plan names its leads: key, ids or contacts.
    naming : mapping of str to int
        See `Record.naming`.
    leads : large_string
        The identities of the plan's leads. Where none of them is named by what is new, the others are named as before.
    """
    before = {way: count for way, count in naming.items() if count}
    if not before or now in before or not len(leads):
        return None
    if now == "contacts":
        lost = ["key"] if "key" in before else ["ids"]
    elif "key" in before:
        lost = ["key"]
    else:
        lost = [*before] if now in namings(leads) else []
    if not lost:
        return None
    return OtherNames(now, max(lost, key=before.__getitem__), sum(before[way] for way in lost))
