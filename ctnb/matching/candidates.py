"""Candidates: the lead that each rule would find for each comment, and which rule takes the comment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ctnb.matching.index import NEAREST, NEAREST_UNIQUE_LEAD, SIDES
from ctnb.matching.instants import MINUTE, NO_INSTANT, Instants, instants
from ctnb.matching.lead_ids import NONE
from ctnb.matching.plan_reader import Setting
from ctnb.matching.pools import FAR, Leads, Nearest, Pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.leads.moments.wall_clock import Seconds
    from ctnb.matching.contact_codes import CodeLists
    from ctnb.matching.halving import Integers
    from ctnb.matching.index import JournalIndex
    from ctnb.matching.plan_reader import PlannedSearches, Search

ANY_DEPTH: Final = FAR - 1
"""The depth of a rule that looks for an id: whatever the distance, a lead that is there is found."""


class Assumptions(NamedTuple):
    """How the vendor is read where it is silent."""

    back_only: bool = False
    """Whether no lead is taken that is later than the date."""

    unique_lead: str = NEAREST_UNIQUE_LEAD
    """The pool that ``nearestUniqLead`` looks in."""


class Taken(NamedTuple):
    """What m searches find within their depth, tags or not.

    ``leads`` are `NONE` and ``deltas`` `FAR` where nothing is found; ``matched`` is whether the lead found carries the
    tags.
    """

    leads: Leads
    deltas: Integers
    matched: Flags


class Question(NamedTuple):
    """Contacts to be looked for in one pool, and the positions of their searches among those that are asked."""

    pool: Pool
    contacts: CodeLists
    positions: Integers


class Stage(NamedTuple):
    """The nearest leads by one sort of contacts, and whether each carries the tags that are asked for."""

    nearest: Nearest
    carried: Flags


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RuleCandidates:
    """The nearest lead for each of a rule's m searches, whatever its depth.

    Attributes
    ----------
    search : Search
    side : int
        The journal looked in.
    moments : ndarray of int64, shape (m,), or None
        The instants looked from; None for a rule that looks for an id.
    depth : ndarray of int64, shape (m,)
        Microseconds.
    stages : tuple of Stage
        In the order in which they are tried: phones, then e-mails; one for a rule that looks for an id.
    """

    search: Search
    side: int
    moments: Instants | None
    depth: Integers
    stages: tuple[Stage, ...]

    def taken(self) -> Taken:
        """Return what is found within the depth: the first stage that finds a lead has it, tags or not."""
        leads, deltas = Nearest.none(len(self.depth))
        matched = np.zeros(len(self.depth), dtype=bool)
        for nearest, carried in reversed(self.stages):
            within = np.abs(nearest.deltas) <= self.depth
            leads = np.where(within, nearest.leads, leads)
            deltas = np.where(within, nearest.deltas, deltas)
            matched = np.where(within, carried, matched)
        return Taken(leads, deltas, matched)

    @property
    def one_depth(self) -> int | None:
        """The depth in minutes; None where rows differ in it or the rule has none."""
        depth = self.search.depth
        return depth.values[0] if depth is not None and len(depth.values) == 1 else None

    def at_depth(self, minutes: int) -> RuleCandidates:
        """Return the candidates of a contact rule under one depth for all searches."""
        search = replace(self.search, depth=Setting(np.zeros(len(self.search), dtype=np.int32), (minutes,)))
        return replace(self, search=search, depth=np.broadcast_to(np.int64(minutes * MINUTE), self.depth.shape))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LookUp:
    """A plan that is looked up in the journals; what rules share is worked out once."""

    index: JournalIndex
    planned: PlannedSearches
    # The columns are kept, so that their id stays their own.
    _codes: dict[int, tuple[Lists, CodeLists]] = field(default_factory=dict)
    _moments: dict[int, tuple[Seconds, Instants]] = field(default_factory=dict)

    def moments_of(self, search: Search) -> Instants:
        """Return the instants that a contact rule looks from."""
        if search.dates is None:
            raise ValueError("A rule that looks for an id has no date.")
        if id(search.dates) not in self._moments:
            self._moments[id(search.dates)] = search.dates, instants(search.dates, self.index.zone)
        return self._moments[id(search.dates)][1][search.rows]

    def contacts(self, search: Search) -> list[CodeLists]:
        """Return the codes of a contact rule's phones and e-mails, those that it has, in the order of trying."""
        coders = (self.index.contacts.of_phones, search.phones), (self.index.contacts.of_emails, search.emails)
        found = []
        for coded, lists in coders:
            if lists is None:
                continue
            if id(lists) not in self._codes:
                self._codes[id(lists)] = lists, coded(lists)
            found.append(self._codes[id(lists)][1].take(search.rows))
        return found

    def dates(self) -> Instants:
        """Return the date of each comment: that of its first contact rule; `NO_INSTANT` where it has none."""
        dates = np.full(len(self.planned.first_rows), NO_INSTANT, dtype=np.int64)
        for search in reversed(self.planned.searches):
            if search.dates is not None:
                # Written backwards, so that the first of a comment's searches is what stays.
                dates[search.comments[::-1]] = self.moments_of(search)[::-1]
        return dates

    def candidates(self, search: Search, assumptions: Assumptions) -> RuleCandidates:
        """Find the candidates of one rule."""
        side = SIDES[search.kind]
        if search.ids is not None and search.numeric is not None:
            leads = self.index.ids[side].find(search.ids, search.numeric)
            found = [Nearest(leads, np.where(leads == NONE, FAR, np.int64(0)))]
            at, depth = None, np.broadcast_to(np.int64(ANY_DEPTH), leads.shape)
        else:
            at, depth = self.moments_of(search), minutes_of(search.depth) * MINUTE
            found = self.nearest(search, at, assumptions)
        stages = tuple(Stage(nearest, self._carried(search, nearest)) for nearest in found)
        return RuleCandidates(search, side, at, depth, stages)

    def nearest(
        self,
        search: Search,
        at: Instants,
        assumptions: Assumptions,
        *,
        match: str | None = None,
        some: Integers | None = None,
    ) -> list[Nearest]:
        """Return the nearest leads by phones and by e-mails, those that a contact rule has.

        Parameters
        ----------
        search : Search
        at : ndarray of int64, shape (m,)
        assumptions : Assumptions
        match : str, optional
            Taken for that of all searches.
        some : ndarray of int64, shape (k,), optional
            The searches that are asked; what is returned is of these.
        """
        asked = np.arange(len(search)) if some is None else some
        found = []
        for stage in self.questions(search, asked, assumptions, match=match):
            nearest = Nearest.none(len(asked))
            for question in stage:
                nearest.put(
                    question.positions,
                    question.pool.nearest(
                        question.contacts, at[asked[question.positions]], back_only=assumptions.back_only
                    ),
                )
            found.append(nearest)
        return found

    def questions(
        self, search: Search, asked: Integers, assumptions: Assumptions, *, match: str | None = None
    ) -> list[list[Question]]:
        """Return what is looked for where, by phones and by e-mails, those that a contact rule has.

        Parameters
        ----------
        search : Search
        asked : ndarray of int64, shape (k,)
            The searches that are asked, ascending.
        assumptions : Assumptions
        match : str, optional
            Taken for that of all searches.
        """
        every = np.arange(len(asked))
        pools = {match: every} if match is not None else self._pools(search.match, assumptions, asked)
        stages = []
        for contacts in self.contacts(search):
            mine = contacts if len(asked) == len(search) else contacts.take(asked)
            stages.append(
                [
                    Question(
                        self.index.pool(SIDES[search.kind], name),
                        mine if len(positions) == len(asked) else mine.take(positions),
                        positions,
                    )
                    for name, positions in pools.items()
                ]
            )
        return stages

    def _pools(self, match: Setting | None, assumptions: Assumptions, asked: Integers) -> dict[str, Integers]:
        """Return the pools that searches look in, each with their positions among those that are asked."""
        if match is None:
            return {}
        names = [self.pool_name(value, assumptions) for value in match.values]
        distinct = list(dict.fromkeys(names))
        if len(distinct) == 1:
            return {distinct[0]: np.arange(len(asked))}
        pools = np.array([distinct.index(name) for name in names])[match.codes[asked]]
        return {name: np.flatnonzero(pools == number) for number, name in enumerate(distinct)}

    def pool_name(self, match: str | None, assumptions: Assumptions) -> str:
        """Return the pool that a match value looks in; None, of rows that the rule is not in, stands for any."""
        return assumptions.unique_lead if match == NEAREST_UNIQUE_LEAD else match or NEAREST

    def _carried(self, search: Search, nearest: Nearest) -> Flags:
        """Tell which of the leads found carry the tags that are asked for; true where none is found."""
        carried = np.ones(len(nearest.leads), dtype=bool)
        if not any(search.tags.values):
            return carried
        found = np.flatnonzero(nearest.leads != NONE)
        wanted, which = asked_tags(search)
        carried[found] = self.index.tags.carry(nearest.leads[found], wanted, which[found])
        return carried


def asked_tags(search: Search) -> tuple[list[tuple[tuple[str, ...], str]], Leads]:
    """Return the tags with their logic that a rule asks for, and the position among them for each search."""
    logics = len(search.tags_logic.values)
    wanted = [(tags or (), logic or "and") for tags in search.tags.values for logic in search.tags_logic.values]
    return wanted, (search.tags.codes * logics + search.tags_logic.codes).astype(np.int32)


def minutes_of(depth: Setting | None) -> Integers:
    """Return the depth of each search in minutes."""
    if depth is None:
        raise ValueError("A rule that looks for an id has no depth.")
    values = np.array([value or 0 for value in depth.values], dtype=np.int64)
    return values[depth.codes] if len(values) > 1 else np.broadcast_to(values[0], depth.codes.shape)


class Winners(NamedTuple):
    """Which rule takes each comment, and to which lead.

    ``rules`` are positions in the rule list, from 0, and `NONE` where no rule matches; ``leads`` are `NONE` then.
    """

    rules: Leads
    leads: Leads


def winners(rules: Sequence[RuleCandidates], found: Sequence[Taken], comments: int) -> Winners:
    """Choose for each comment the first rule that matches."""
    won = Winners(*(np.full(comments, NONE, dtype=np.int32) for _ in Winners._fields))
    for position in reversed(range(len(rules))):
        matched = np.flatnonzero(found[position].matched)
        # Written backwards, so that the first rule, and the first of its searches, is what stays.
        taken = rules[position].search.comments[matched][::-1]
        won.rules[taken] = position
        won.leads[taken] = found[position].leads[matched][::-1]
    return won


def matched_comments(rule: RuleCandidates, taken: Taken, comments: int) -> Flags:
    """Tell which comments a rule would take if it were alone, shape (comments,)."""
    matched = np.zeros(comments, dtype=bool)
    matched[rule.search.comments[taken.matched]] = True
    return matched
