"""Leads of several rows: what the rows of one lead offer, put together, whatever their order."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.i18n.language import N_
from ctnb.leads.columns.arrow_lists import gathered, lengths_of, rows_of
from ctnb.leads.columns.problems import Problems
from ctnb.leads.identifiers import Identifiers
from ctnb.leads.limits import RULES_PER_LEAD
from ctnb.leads.rule_data import Offer, Policy
from ctnb.leads.stacking import stacked_offer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.columns.arrow_text import Flags, Strings

Numbers = npt.NDArray[np.int64]

TOO_MANY: Final = N_("the rows of this lead offer more than {most} searches: the last ones are left out")


@dataclass(frozen=True, slots=True)
class United:
    """What m leads of several rows each offer.

    Attributes
    ----------
    rows : ndarray of int64, shape (m,)
        The first row of each lead, ascending.
    offers : list of Offer, m rows each
        By rank; several of one rank where the rows of a lead differ in more than contacts, the earliest date first.
    cut : ndarray of bool, shape (m,)
        Where a lead had more variants than the contract allows, and the last are left out.
    """

    rows: Numbers
    offers: list[Offer]
    cut: Flags

    def places(self, rows: Numbers) -> tuple[Numbers, Flags]:
        """Return where some rows stand among the leads of several rows, and which of them do."""
        at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return at, self.rows[at] == rows

    def among(self, own: list[Offer], rows: Numbers) -> list[Offer]:
        """Return what some rows offer as leads, given what each of them offers itself."""
        at, here = self.places(rows)
        if not here.any():
            return own
        order = np.arange(len(rows))
        order[here] = len(rows) + np.arange(int(here.sum()))
        united = taken(self.offers, at[here])
        by_rank = {offer.rank: offer for offer in own}
        found: list[Offer] = []
        for offer in united:
            base = by_rank[offer.rank]
            if found and found[-1].rank == offer.rank:
                if not offer.present.any():
                    continue
                base = replace(base, present=np.zeros(len(rows), dtype=bool))
            found += taken([stacked_offer([base, offer])], order)
        return found


def taken(offers: Sequence[Offer], rows: npt.NDArray[np.signedinteger[Any]]) -> list[Offer]:
    """Return what offers have for some rows, in their order; columns that offers share are taken once."""
    at, known = pa.array(rows), dict[int, Any]()

    def part(column: Any) -> Any:
        if column is None:
            return None
        if id(column) not in known:
            known[id(column)] = _taken(column, rows, at)
        return known[id(column)]

    return [
        Offer(
            rank=offer.rank,
            kind=offer.kind,
            present=offer.present[rows],
            tags=part(offer.tags),
            tags_logic=part(offer.tags_logic),
            ids=part(offer.ids),
            phones=part(offer.phones),
            emails=part(offer.emails),
            dates=part(offer.dates),
            match=part(offer.match),
            depth=part(offer.depth),
        )
        for offer in offers
    ]


def _taken(column: Any, rows: npt.NDArray[np.signedinteger[Any]], at: pa.Array) -> Any:
    """Return some rows of a column of any kind that an offer has."""
    if isinstance(column, Policy):
        return Policy(column.codes[rows], column.values)
    if isinstance(column, Identifiers):
        return Identifiers(column.texts.take(at), column.numeric[rows], Problems.none(len(rows)))
    return column[rows] if isinstance(column, np.ndarray) else column.take(at)


def unite(offers: Sequence[Offer], first: Numbers, ready: Flags) -> United | None:
    """Put together what the rows of each lead offer; None where every lead has one row.

    Variants of a rule go by its rank, then by date, the earliest first. Contacts are united where date, match, depth
    and tags are equal.

    Parameters
    ----------
    offers : sequence of Offer, n rows each
    first : ndarray of int64, shape (n,)
        The first ready row of the same lead.
    ready : ndarray of bool, shape (n,)
        Rows that are not ready take no part.
    """
    ready_rows = np.flatnonzero(ready)
    leads = np.unique(first[ready_rows][first[ready_rows] != ready_rows])
    if not len(leads):
        return None
    is_one = np.zeros(len(first), dtype=bool)
    is_one[leads] = True
    rows = ready_rows[is_one[first[ready_rows]]]
    groups = np.searchsorted(leads, first[rows])
    left = np.full(len(leads), RULES_PER_LEAD, dtype=np.int64)
    cut = np.zeros(len(leads), dtype=bool)
    found: list[Offer] = []
    for offer in offers:
        here = offer.present[rows]
        variants, counts = _variants(offer, rows[here], groups[here], len(leads))
        allowed = np.minimum(counts, left)
        left -= allowed
        cut |= allowed < counts
        found += _by_lead(variants, counts, allowed)
    return United(leads, found, cut)


def _variants(offer: Offer, rows: Numbers, groups: Numbers, leads: int) -> tuple[Offer, Numbers]:
    """Return the distinct variants of a rule, lead by lead, and how many each lead has."""
    columns = [groups, *([] if offer.dates is None else [offer.dates[rows].astype(np.int64)])]
    columns += [
        _ranks_of_values(each, rows) for each in (offer.match, offer.depth, offer.tags, offer.tags_logic) if each
    ]
    if offer.ids is not None:
        columns += [_ranks(offer.ids.texts.take(pa.array(rows))), offer.ids.numeric[rows].astype(np.int64)]
    order = np.lexsort(columns[::-1])
    sorted_columns = np.array(columns)[:, order]
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (sorted_columns[:, 1:] != sorted_columns[:, :-1]).any(axis=0)
    variant = np.cumsum(begins) - 1
    (found,) = taken([offer], rows[order][begins])
    phones, emails = (
        None if lists is None else _united(lists.take(pa.array(rows[order])), variant, int(begins.sum()))
        for lists in (offer.phones, offer.emails)
    )
    counts = np.bincount(groups[order][begins], minlength=leads).astype(np.int64)
    return replace(found, phones=phones, emails=emails), counts


def _ranks_of_values(policy: Policy, rows: Numbers) -> Numbers:
    """Return numbers that are equal where policy values are, and in the order of their texts."""
    texts = [json.dumps(value) for value in policy.values]
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    return np.array([ranks[text] for text in texts], dtype=np.int64)[policy.codes[rows]]


def _ranks(texts: Strings) -> Numbers:
    """Return numbers that are equal where texts are, and in their order."""
    coded = texts.dictionary_encode()
    ranks = np.empty(len(coded.dictionary), dtype=np.int64)
    ranks[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(ranks))
    found: Numbers = ranks[coded.indices.to_numpy()]
    return found


def _united(lists: Lists, variant: Numbers, count: int) -> Lists:
    """Unite lists by the number of their variant, without repeats; a contact goes by its earliest place in a list."""
    values, lengths = lists.flatten(), lengths_of(lists)
    of = variant[rows_of(lists)]
    place = np.arange(len(values)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    ranks = _ranks(values)
    order = np.lexsort((place, ranks, of))
    kept = np.ones(len(order), dtype=bool)
    kept[1:] = (of[order][1:] != of[order][:-1]) | (ranks[order][1:] != ranks[order][:-1])
    order = order[kept]
    order = order[np.lexsort((ranks[order], place[order], of[order]))]
    return gathered([(of[order], values.take(pa.array(order)))], count)


def _by_lead(variants: Offer, counts: Numbers, allowed: Numbers) -> list[Offer]:
    """Return variants, which stand lead by lead, as offers of all leads: the first of each, the second, and so on."""
    begins = np.cumsum(counts) - counts
    # What a lead lacks is read from a row behind the variants, which is empty.
    whole = _with_blank(variants)
    found = []
    for number in range(max(1, int(allowed.max()))):
        present = allowed > number
        (offer,) = taken([whole], np.where(present, begins + number, int(counts.sum())))
        found.append(replace(offer, present=present))
    return found


def _with_blank(offer: Offer) -> Offer:
    """Return an offer with one more row, in which nothing is present."""
    length = len(offer.present)

    def longer(policy: Policy) -> Policy:
        if len(policy.values) == 1:
            return Policy.of(policy.values[0], length + 1)
        return Policy(np.append(policy.codes, np.int32(0)), policy.values)

    return Offer(
        rank=offer.rank,
        kind=offer.kind,
        present=np.append(offer.present, False),
        tags=longer(offer.tags),
        tags_logic=longer(offer.tags_logic),
        ids=offer.ids
        and Identifiers(
            pa.concat_arrays([offer.ids.texts, pa.nulls(1, offer.ids.texts.type)]),
            np.append(offer.ids.numeric, False),
            Problems.none(length + 1),
        ),
        phones=_longer_lists(offer.phones),
        emails=_longer_lists(offer.emails),
        dates=None if offer.dates is None else np.append(offer.dates, np.datetime64("NaT", "s")),
        match=offer.match and longer(offer.match),
        depth=offer.depth and longer(offer.depth),
    )


def _longer_lists(lists: Lists | None) -> Lists | None:
    return lists if lists is None else pa.concat_arrays([lists, gathered([], 1)])
