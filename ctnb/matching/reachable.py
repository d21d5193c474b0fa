"""Every lead that a comment can have gone to, however the vendor is read: where its text is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from ctnb.matching.candidates import Assumptions, minutes_of
from ctnb.matching.index import NEAREST, SIDES
from ctnb.matching.instants import MINUTE
from ctnb.matching.pools import leads_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.candidates import LookUp
    from ctnb.matching.halving import Integers
    from ctnb.matching.plan_reader import Search


class Reachable(NamedTuple):
    """Pairs of a comment and a lead that one of its rules can find, each once, by comment and then by lead.

    A lead that the journal has several times stands for all of them under the number of the first.
    """

    comments: Integers
    leads: Integers


def reachable(look_up: LookUp, comments: Integers, among: Flags | None = None) -> Reachable:
    """Return every lead that the rules of some comments can find.

    That is each lead that an id names, as whatever kind of id, and each lead of a contact within the depth, earlier or
    later; match values and tags are not looked at.

    Parameters
    ----------
    look_up : LookUp
        The plan, looked up in the journals.
    comments : ndarray of int64, shape (k,)
        Positions among the planned comments.
    among : ndarray of bool, shape (leads,), optional
        The leads that count; by default all.
    """
    leads = len(look_up.index)
    asked = np.zeros(len(look_up.planned.first_rows), dtype=bool)
    asked[comments] = True
    parts = [np.empty(0, dtype=np.int64)]
    for search in look_up.planned.searches:
        some = np.flatnonzero(asked[search.comments])
        for positions, found in _found(look_up, search, some):
            first = look_up.index.same_as[found].astype(np.int64)
            kept = np.ones(len(first), dtype=bool) if among is None else among[first]
            parts.append(np.unique(search.comments[some[positions[kept]]] * leads + first[kept]))
    pairs = np.unique(np.concatenate(parts))
    return Reachable(*np.divmod(pairs, max(leads, 1)))


def _found(look_up: LookUp, search: Search, some: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Yield the leads that some searches of a rule can find, each with the position of its search among them."""
    if not len(some):
        return
    if search.ids is not None:
        yield look_up.index.ids[SIDES[search.kind]].all_of(search.ids.take(pa.array(some)))
        return
    at, depth = look_up.moments_of(search)[some], minutes_of(search.depth)[some] * MINUTE
    for questions in look_up.questions(search, some, Assumptions(), match=NEAREST):
        for pool, contacts, positions in questions:
            for of_questions, leads in leads_within(
                pool, contacts, at[positions] - depth[positions], at[positions] + depth[positions]
            ):
                yield positions[of_questions], leads.astype(np.int64)
