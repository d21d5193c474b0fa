"""What hangs on a decision of ours: rows whose answer would differ if the vendor meant something else."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from ctnb.matching.candidates import asked_tags, winners
from ctnb.matching.index import FIRST_LEAD, NEAREST_UNIQUE, NEAREST_UNIQUE_LEAD
from ctnb.matching.lead_ids import NONE
from ctnb.matching.named_leads import names_several
from ctnb.matching.pools import Integers, leads_within, ties
from ctnb.matching.reasons import OUTCOMES, SearchOutcome

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.candidates import Reading, RuleCandidates, Taken
    from ctnb.matching.pools import Leads
    from ctnb.matching.preview import Preview


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


def undecided(preview: Preview) -> pd.DataFrame:
    """Name the rows whose answer hangs on what the vendor does not say.

    Returns
    -------
    DataFrame
        A row per deal, rule and reason, in the order of the deals, with their index. Columns ``rule`` (int64, from 1:
        the first at which the answer may differ) and ``reason`` (category of `UndecidedReason`). Only rules that are
        come to are looked at: up to the one that would match.
    """
    found = [*_other_readings(preview), *_rule_by_rule(preview)]
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
    of_row = preview.look_up.planned.comment_of_row
    rows = np.flatnonzero(of_row >= 0)
    # Rows of one comment share its answer.
    joined = pd.DataFrame({"row": rows, "comment": of_row[rows]}).merge(
        keys.rename_axis("comment").reset_index(), on="comment"
    )
    joined = joined.sort_values(["row", "rule", "reason"], ignore_index=True)
    ranks = np.array([rule.search.rank for rule in preview.rules])
    return pd.DataFrame(
        {
            "rule": ranks[joined["rule"].to_numpy()],
            "reason": pd.Categorical.from_codes(joined["reason"].to_numpy(dtype=np.int8), dtype=_REASONS),
        },
        index=preview.plan.index.take(joined["row"].to_numpy()),
    )


def _other_readings(preview: Preview) -> list[Open]:
    """Look the plan up again as the vendor may mean it, and compare the answers."""
    now = preview.reading
    readings = [(UndecidedReason.LOOKS_FORWARD, now._replace(back_only=not now.back_only))]
    matches = {value for rule in preview.rules if rule.search.match is not None for value in rule.search.match.values}
    if NEAREST_UNIQUE_LEAD in matches:
        readings += [
            (UndecidedReason.UNIQUE_LEAD, now._replace(unique_lead=pool)) for pool in (NEAREST_UNIQUE, FIRST_LEAD)
        ]
    return [_differing(preview, reason, reading) for reason, reading in readings]


def _differing(preview: Preview, reason: UndecidedReason, reading: Reading) -> Open:
    """Return the comments whose lead is another under another reading, with the first rule that finds another."""
    comments = len(preview.winners.leads)
    rules = [
        rule if rule.moments is None else preview.look_up.candidates(rule.search, reading) for rule in preview.rules
    ]
    found = [rule.taken() for rule in rules]
    same_as = preview.look_up.index.same_as
    others = winners(rules, found, comments)
    differing = np.flatnonzero(_lead(others.leads, same_as) != _lead(preview.winners.leads, same_as))
    first = np.full(comments, NONE, dtype=np.int64)
    for position in reversed(range(len(rules))):
        now, then = (
            _lead(np.where(taken.matched, taken.leads, NONE), same_as)
            for taken in (preview.taken[position], found[position])
        )
        first[rules[position].search.comments[now != then]] = position
    return Open(reason, differing, first[differing])


def _lead(leads: Leads, same_as: Leads) -> Leads:
    """Return leads under the number of the first with the same id; `NONE` stays."""
    return np.append(same_as, np.int32(NONE))[leads]


def _rule_by_rule(preview: Preview) -> list[Open]:
    """Look at what each rule that is come to found."""
    found = []
    won = preview.winners.rules
    for position, (rule, taken) in enumerate(zip(preview.rules, preview.taken, strict=True)):
        winner = won[rule.search.comments]
        reached = np.flatnonzero((winner == NONE) | (winner >= position))
        for reason, hangs in _hanging(preview, rule, taken, reached):
            comments = rule.search.comments[reached[hangs]]
            found.append(Open(reason, comments, np.full(len(comments), position)))
        explained = preview.explained[position].outcomes
        outside = np.flatnonzero(explained == OUTCOMES[SearchOutcome.OUTSIDE_JOURNAL])
        outside = outside[(won[outside] == NONE) | (won[outside] >= position)]
        found.append(Open(UndecidedReason.OUTSIDE_JOURNAL, outside, np.full(len(outside), position)))
    return found


def _hanging(
    preview: Preview, rule: RuleCandidates, taken: Taken, reached: Integers
) -> list[tuple[UndecidedReason, Flags]]:
    """Tell which of a rule's searches that are come to hang on what they found."""
    if rule.moments is None:
        shared = np.zeros(len(reached), dtype=bool)
        named = np.flatnonzero(taken.leads[reached] != NONE)
        shared[named] = names_several(preview, rule, reached[named])
        return [(UndecidedReason.SHARED_ID, shared)]
    at, deltas = rule.moments[reached], np.abs(taken.deltas[reached])
    matched, none = taken.matched[reached], taken.leads[reached] == NONE
    untagged = ~matched & ~none
    covered = preview.look_up.index.covered[rule.side]
    # A nearer lead than the one found may be where the journal does not reach.
    nearer = ~none & ~covered.holds(at - deltas, at if preview.reading.back_only else at + deltas)
    return [
        (UndecidedReason.TAGS, _tagged_within(preview, rule, reached, untagged, rule.depth)),
        (
            UndecidedReason.ONE_MOMENT,
            _tied(preview, rule, reached, matched, taken)
            | _tagged_within(preview, rule, reached, untagged, np.abs(taken.deltas)),
        ),
        (UndecidedReason.OUTSIDE_JOURNAL, nearer),
    ]


def _tied(preview: Preview, rule: RuleCandidates, reached: Integers, matched: Flags, taken: Taken) -> Flags:
    """Tell which matches are with one of several leads as near."""
    tied = np.zeros(len(reached), dtype=bool)
    some = np.flatnonzero(matched)
    asked = reached[some]
    if rule.moments is None or not len(some):
        return tied
    distances = np.abs(taken.deltas[asked])
    open_ = np.ones(len(some), dtype=bool)
    stages = preview.look_up.questions(rule.search, asked, preview.reading)
    for stage, questions in zip(rule.stages, stages, strict=True):
        # The first sort of contacts that finds a lead has it.
        here = open_ & (np.abs(stage.nearest.deltas[asked]) <= rule.depth[asked])
        open_ &= ~here
        for question in questions:
            positions = question.positions
            mine = ties(
                question.pool,
                question.contacts,
                rule.moments[asked[positions]],
                distances[positions],
                preview.look_up.index.same_as,
                back_only=preview.reading.back_only,
            )
            tied[some[positions]] |= mine & here[positions]
    return tied


def _tagged_within(
    preview: Preview, rule: RuleCandidates, reached: Integers, untagged: Flags, depth: Integers
) -> Flags:
    """Tell for which searches a lead within a distance carries the tags, where the one found does not."""
    tagged = np.zeros(len(reached), dtype=bool)
    some = np.flatnonzero(untagged)
    asked = reached[some]
    if rule.moments is None or not len(some):
        return tagged
    wanted, which = asked_tags(rule.search)
    for questions in preview.look_up.questions(rule.search, asked, preview.reading):
        for question in questions:
            mine = asked[question.positions]
            end = rule.moments[mine] if preview.reading.back_only else rule.moments[mine] + depth[mine]
            for searches, leads in leads_within(
                question.pool, question.contacts, rule.moments[mine] - depth[mine], end
            ):
                carried = preview.look_up.index.tags.carry(leads, wanted, which[mine[searches]])
                tagged[some[question.positions[searches[carried]]]] = True
    return tagged
