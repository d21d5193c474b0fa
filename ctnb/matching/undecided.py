"""What hangs on a decision of ours: rows whose answer would differ if the vendor meant something else."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from ctnb.matching.candidates import asked_tags, winners
from ctnb.matching.index import FIRST_LEAD, NEAREST_UNIQUE, NEAREST_UNIQUE_LEAD
from ctnb.matching.lead_ids import NONE
from ctnb.matching.named_leads import names_several
from ctnb.matching.pools import leads_within, ties
from ctnb.matching.reasons import OUTCOMES, SearchOutcome

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.candidates import Assumptions, RuleCandidates
    from ctnb.matching.halving import Integers
    from ctnb.matching.instants import Instants
    from ctnb.matching.matched_plan import MatchedPlan
    from ctnb.matching.pools import Leads


class UndecidedReason(StrEnum):
    """What the vendor does not say (contract, Where the vendor is silent)."""

    LOOKS_FORWARD = "looks_forward"
    """Whether leads later than the date are taken."""

    UNIQUE_LEAD = "unique_lead"
    """What ``nearestUniqLead`` means."""

    TAGS = "tags"
    """Whether tags choose among the leads, or are checked on the one found."""

    SHARED_ID = "shared_id"
    """Which lead a text id means that several leads have."""

    ONE_MOMENT = "one_moment"
    """Which of two leads is taken that are as near."""

    OUTSIDE_JOURNAL = "outside_journal"
    """What the days hold that the journal does not cover."""


_REASONS: Final = pd.CategoricalDtype([reason.value for reason in UndecidedReason])


class Open(NamedTuple):
    """Comments whose answer hangs on something at one rule of the list, from 0."""

    reason: UndecidedReason
    comments: Integers
    rules: Integers


def undecided(matched: MatchedPlan) -> pd.DataFrame:
    """Name the rows whose answer hangs on what the vendor does not say, as `Preview.undecided` returns them."""
    joined = open_questions(matched)
    ranks = np.array([rule.search.rank for rule in matched.rules])
    return pd.DataFrame(
        {
            "rule": ranks[joined["rule"].to_numpy()],
            "reason": pd.Categorical.from_codes(joined["reason"].to_numpy(dtype=np.int8), dtype=_REASONS),
        },
        index=matched.plan.index.take(joined["row"].to_numpy()),
    )


def open_questions(matched: MatchedPlan) -> pd.DataFrame:
    """Return what `undecided` names as numbers from 0: ``row``, ``rule`` and ``reason``, in this order."""
    found = [*_other_readings(matched), *_rule_by_rule(matched)]
    reasons = list(UndecidedReason)
    comments = np.concatenate([part.comments for part in found])
    keys = pd.DataFrame(
        {
            "rule": np.concatenate([part.rules for part in found]),
            "reason": np.repeat([reasons.index(part.reason) for part in found], [len(part.comments) for part in found]),
        },
        index=comments,
    )
    keys = keys[~keys.reset_index().duplicated().to_numpy()]
    of_row = matched.look_up.planned.comment_of_row
    rows = np.flatnonzero(of_row >= 0)
    # Rows of one comment share its answer.
    joined = pd.DataFrame({"row": rows, "comment": of_row[rows]}).merge(
        keys.rename_axis("comment").reset_index(), on="comment"
    )
    return joined.sort_values(["row", "rule", "reason"], ignore_index=True)[["row", "rule", "reason"]]


def _other_readings(matched: MatchedPlan) -> list[Open]:
    """Look the plan up again as the vendor may mean it, and compare the answers."""
    now = matched.assumptions
    others = [(UndecidedReason.LOOKS_FORWARD, now._replace(back_only=not now.back_only))]
    matches = {value for rule in matched.rules if rule.search.match is not None for value in rule.search.match.values}
    if NEAREST_UNIQUE_LEAD in matches:
        others += [
            (UndecidedReason.UNIQUE_LEAD, now._replace(unique_lead=pool)) for pool in (NEAREST_UNIQUE, FIRST_LEAD)
        ]
    return [_differing(matched, reason, assumptions) for reason, assumptions in others]


def _differing(matched: MatchedPlan, reason: UndecidedReason, assumptions: Assumptions) -> Open:
    """Return the comments whose lead is another under other assumptions, with the first rule that finds another."""
    comments = len(matched.winners.leads)
    rules = [
        rule
        if rule.moments is None
        else replace(matched.look_up.candidates(rule.search, assumptions), depth=rule.depth)
        for rule in matched.rules
    ]
    found = [rule.taken() for rule in rules]
    same_as = matched.look_up.index.same_as
    others = winners(rules, found, comments)
    differing = np.flatnonzero(_lead(others.leads, same_as) != _lead(matched.winners.leads, same_as))
    first = np.full(comments, NONE, dtype=np.int64)
    for position in reversed(range(len(rules))):
        now, then = (
            _lead(np.where(taken.matched, taken.leads, NONE), same_as)
            for taken in (matched.taken[position], found[position])
        )
        first[rules[position].search.comments[now != then]] = position
    return Open(reason, differing, first[differing])


def _lead(leads: Leads, same_as: Leads) -> Leads:
    """Return leads under the number of the first with the same id; `NONE` stays."""
    return np.append(same_as, np.int32(NONE))[leads]


def _rule_by_rule(matched: MatchedPlan) -> list[Open]:
    """Look at what each rule that is come to found."""
    found = []
    for position, (rule, taken) in enumerate(zip(matched.rules, matched.taken, strict=True)):
        winner = matched.winners.rules[rule.search.comments]
        reached = np.flatnonzero((winner == NONE) | (winner >= position))
        come_to = ComeTo(matched, rule, reached, taken.leads[reached], taken.deltas[reached], taken.matched[reached])
        hanging = _by_id(come_to) if rule.moments is None else _by_contact(come_to, rule.moments[reached])
        outcomes = matched.explained[position].outcomes[rule.search.comments[reached]]
        nothing = (come_to.leads == NONE) & (outcomes == OUTCOMES[SearchOutcome.OUTSIDE_JOURNAL])
        for reason, hangs in (*hanging, (UndecidedReason.OUTSIDE_JOURNAL, nothing)):
            comments = rule.search.comments[reached[hangs]]
            found.append(Open(reason, comments, np.full(len(comments), position)))
    return found


class ComeTo(NamedTuple):
    """The searches of one rule that the vendor comes to, k of m, and what they find within their depth."""

    matched: MatchedPlan
    rule: RuleCandidates
    searches: Integers
    leads: Leads
    deltas: Integers
    carried: Flags


def _by_id(come_to: ComeTo) -> list[tuple[UndecidedReason, Flags]]:
    """Tell which searches by an id found one of several leads that have it."""
    shared = np.zeros(len(come_to.searches), dtype=bool)
    named = np.flatnonzero(come_to.leads != NONE)
    shared[named] = names_several(come_to.matched, come_to.rule, come_to.searches[named])
    return [(UndecidedReason.SHARED_ID, shared)]


def _by_contact(come_to: ComeTo, at: Instants) -> list[tuple[UndecidedReason, Flags]]:
    """Tell which searches by contact hang on which lead was found."""
    distances = np.abs(come_to.deltas)
    found = come_to.leads != NONE
    covered = come_to.matched.look_up.index.covered[come_to.rule.side]
    end = at if come_to.matched.assumptions.back_only else at + distances
    equally_near = _tied(come_to, at) | _tagged_within(come_to, at, distances)
    return [
        (UndecidedReason.TAGS, _tagged_within(come_to, at, come_to.rule.depth[come_to.searches])),
        (UndecidedReason.ONE_MOMENT, equally_near),
        # A nearer lead may be where the journal does not reach.
        (UndecidedReason.OUTSIDE_JOURNAL, found & ~covered.holds(at - distances, end)),
    ]


def _tied(come_to: ComeTo, at: Instants) -> Flags:
    """Tell which searches match one of several leads as near."""
    tied = np.zeros(len(at), dtype=bool)
    some = np.flatnonzero((come_to.leads != NONE) & come_to.carried)
    asked = come_to.searches[some]
    look_up, rule, assumptions = come_to.matched.look_up, come_to.rule, come_to.matched.assumptions
    left = np.ones(len(some), dtype=bool)
    for stage, questions in zip(rule.stages, look_up.questions(rule.search, asked, assumptions), strict=True):
        # The first sort of contacts that finds a lead has it.
        here = left & (np.abs(stage.nearest.deltas[asked]) <= rule.depth[asked])
        left &= ~here
        for pool, contacts, positions in questions:
            mine = some[positions]
            near = ties(
                pool,
                contacts,
                at[mine],
                np.abs(come_to.deltas[mine]),
                look_up.index.same_as,
                back_only=assumptions.back_only,
            )
            tied[mine] |= near & here[positions]
    return tied


def _tagged_within(come_to: ComeTo, at: Instants, distance: Integers) -> Flags:
    """Tell for which searches a lead within a distance carries the tags, where the one found does not."""
    tagged = np.zeros(len(at), dtype=bool)
    some = np.flatnonzero((come_to.leads != NONE) & ~come_to.carried)
    if not len(some):
        return tagged
    look_up, assumptions, search = come_to.matched.look_up, come_to.matched.assumptions, come_to.rule.search
    wanted, which = asked_tags(search)
    asked = come_to.searches[some]
    begin, end = at - distance, at if assumptions.back_only else at + distance
    for questions in look_up.questions(search, asked, assumptions):
        for pool, contacts, positions in questions:
            mine = some[positions]
            for of_mine, leads in leads_within(pool, contacts, begin[mine], end[mine]):
                carried = look_up.index.tags.carry(leads, wanted, which[asked[positions[of_mine]]])
                tagged[mine[of_mine[carried]]] = True
    return tagged
