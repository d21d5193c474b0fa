"""Pools: the leads that one kind of contact rule may take, and the nearest of them in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ctnb.matching.halving import Integers, first_from
from ctnb.matching.lead_ids import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.contact_codes import CodeLists
    from ctnb.matching.instants import Instants

Leads = npt.NDArray[np.int32]

FAR: Final = np.iinfo(np.int64).max >> 2
"""The distance of a lead that is not there: farther than any, and safe to double."""

MOST_AT_ONCE: Final = 1 << 21
"""Leads that are looked at together where all of a span of time are."""


class Nearest(NamedTuple):
    """The nearest lead to each of m dates.

    ``leads`` are numbers, `NONE` where there is none; ``deltas`` are the microseconds from the date to the lead,
    below 0 when the lead is earlier, `FAR` where there is none.
    """

    leads: Leads
    deltas: Integers

    @classmethod
    def none(cls, length: int) -> Nearest:
        """Find nothing for m dates."""
        return cls(np.full(length, NONE, dtype=np.int32), np.full(length, FAR, dtype=np.int64))

    def put(self, rows: Integers, found: Nearest) -> None:
        """Set what was found for some dates."""
        self.leads[rows], self.deltas[rows] = found

    def or_nearer(self, other: Nearest) -> Nearest:
        """Return the nearer of two leads for each date; this one where they are as near."""
        nearer = np.abs(other.deltas) < np.abs(self.deltas)
        return Nearest(np.where(nearer, other.leads, self.leads), np.where(nearer, other.deltas, self.deltas))


class Neighbours(NamedTuple):
    """The entries of a pool on both sides of k questions, and their distances in microseconds, `FAR` for none.

    Of leads at one moment the first in the journal is given.
    """

    before: Integers
    to_before: Integers
    after: Integers
    to_after: Integers


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pool:
    """The leads of each contact in order of time; those of one moment in the journal's order.

    Attributes
    ----------
    begins : ndarray of int64, shape (contacts + 2,)
        Where the entries of each contact begin; those of the code after the last, which is of an unknown contact,
        are none.
    moments : ndarray of int64, shape (e,)
        Instants.
    leads : ndarray of int32, shape (e,)
    heads : ndarray of int64, shape (e,)
        The first entry of the same contact and moment.
    """

    begins: Integers
    moments: Instants
    leads: Leads
    heads: Integers

    @classmethod
    def of(cls, codes: npt.NDArray[np.int32], at: Instants, leads: Leads, contacts: int) -> Pool:
        """Take entries that are in the order of contact, time and journal."""
        begins = np.zeros(contacts + 2, dtype=np.int64)
        np.cumsum(np.bincount(codes, minlength=contacts), out=begins[1:-1])
        begins[-1] = len(codes)
        new = np.ones(len(codes), dtype=bool)
        new[1:] = (codes[1:] != codes[:-1]) | (at[1:] != at[:-1])
        heads = np.maximum.accumulate(np.where(new, np.arange(len(codes)), 0)) if len(codes) else np.empty(0, np.int64)
        return cls(begins, at, leads, heads)

    def neighbours(self, codes: npt.NDArray[np.int32], at: Instants, *, back_only: bool) -> Neighbours:
        """Look on both sides of k moments among the leads of a contact each; or back alone, the moment included."""
        begin, end = self.begins[codes], self.begins[codes + 1]
        after = first_from(self.moments, begin, end, at)
        has_after, has_before = after < end, after > begin
        following, preceding = np.where(has_after, after, 0), np.where(has_before, after - 1, 0)
        if not len(self.moments):
            nothing = np.full(len(codes), FAR, dtype=np.int64)
            return Neighbours(preceding, nothing, following, nothing)
        to_after = np.where(has_after, self.moments[following] - at, FAR)
        if back_only:
            to_after[to_after > 0] = FAR
        to_before = np.where(has_before, at - self.moments[preceding], FAR)
        return Neighbours(self.heads[preceding], to_before, following, to_after)

    def nearest(self, contacts: CodeLists, at: Instants, *, back_only: bool) -> Nearest:
        """Return the nearest lead of any contact of m rules, each with its date.

        Of two leads as near the earlier is taken; of those of one moment that of the first contact, then the first
        in the journal (ours: the vendor does not say).
        """
        counts = np.diff(contacts.begins)
        alone = len(contacts.codes) == len(at) and bool((counts == 1).all())
        asked = at if alone else np.repeat(at, counts)
        before, to_before, after, to_after = self.neighbours(contacts.codes, asked, back_only=back_only)
        back = to_before <= to_after
        distance = np.where(back, to_before, to_after)
        leads = (
            self.leads[np.where(back, before, after)] if len(self.moments) else np.full(len(back), NONE, dtype=np.int32)
        )
        leads = np.where(distance == FAR, NONE, leads).astype(np.int32)
        found = Nearest(leads, np.where(back & (distance != FAR), -distance, distance))
        if alone:
            return found
        return _first_nearest(found, counts)


def _first_nearest(found: Nearest, counts: Integers) -> Nearest:
    """Choose for each of m rules among what its contacts found: the nearest, the earlier, the first contact's."""
    nearest = Nearest.none(len(counts))
    some = np.flatnonzero(counts)
    if not len(some):
        return nearest
    lengths = counts[some]
    begins = np.cumsum(lengths) - lengths
    # Twice the distance, and one more for the later side: one number to compare.
    order = 2 * np.abs(found.deltas) + (found.deltas > 0)
    least = np.minimum.reduceat(order, begins)
    positions = np.flatnonzero(order == np.repeat(least, lengths))
    rules = np.repeat(some, lengths)[positions]
    # Written backwards, so that the first contact's is what stays.
    nearest.put(rules[::-1], Nearest(found.leads[positions[::-1]], found.deltas[positions[::-1]]))
    return nearest


def entry_order(codes: npt.NDArray[np.int32], at: Instants) -> Integers:
    """Return the stable order of entries by contact, then by time."""
    by_time = np.argsort(at, kind="stable")
    # Each key is different, so the fastest sort will do.
    keys = codes[by_time].astype(np.int64) * len(codes) + np.arange(len(codes))
    keys.sort()
    order: Integers = by_time[keys % max(len(codes), 1)]
    return order


def ties(
    pool: Pool, contacts: CodeLists, at: Instants, distances: Integers, same_as: Leads, *, back_only: bool
) -> Flags:
    """Tell for each of m rules whether several leads are at the distance of the nearest.

    Parameters
    ----------
    pool : Pool
    contacts : CodeLists, length m
    at, distances : ndarray of int64, shape (m,)
    same_as : ndarray of int32
        Leads of one number are one lead.
    back_only : bool
    """
    counts = np.diff(contacts.begins)
    least = np.repeat(distances, counts)
    before, to_before, after, to_after = pool.neighbours(contacts.codes, np.repeat(at, counts), back_only=back_only)
    tied = np.zeros(len(counts), dtype=bool)
    if not len(pool.moments) or not len(contacts.codes):
        return tied
    own = same_as[pool.leads]
    shared = np.zeros(len(own), dtype=bool)
    shared[pool.heads[own != own[pool.heads]]] = True
    rules = np.repeat(np.arange(len(counts)), counts)
    lowest, highest = np.full(len(counts), len(same_as)), np.full(len(counts), NONE)
    for entries, distance in ((before, to_before), (after, to_after)):
        near = np.flatnonzero(distance == least)
        tied[rules[near[shared[entries[near]]]]] = True
        np.minimum.at(lowest, rules[near], own[entries[near]])
        np.maximum.at(highest, rules[near], own[entries[near]])
    return tied | (lowest < highest)


def leads_within(pool: Pool, contacts: CodeLists, begin: Instants, end: Instants) -> Iterator[tuple[Integers, Leads]]:
    """Yield all leads between two moments for m rules, each with the position of its rule; some at a time."""
    counts = np.diff(contacts.begins)
    rules = np.repeat(np.arange(len(counts)), counts)
    first, last = pool.begins[contacts.codes], pool.begins[contacts.codes + 1]
    from_ = first_from(pool.moments, first, last, begin[rules])
    lengths = first_from(pool.moments, first, last, end[rules] + 1) - from_
    parts = np.cumsum(lengths) // MOST_AT_ONCE
    for part in np.unique(parts):
        mine = np.flatnonzero((parts == part) & (lengths > 0))
        ends = np.cumsum(lengths[mine])
        if len(mine):
            entries = np.repeat(from_[mine] - (ends - lengths[mine]), lengths[mine]) + np.arange(ends[-1])
            yield np.repeat(rules[mine], lengths[mine]), pool.leads[entries]
