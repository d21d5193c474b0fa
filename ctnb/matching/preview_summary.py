"""A preview in figures: all that its card shows, without a contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnb.matching.collisions import collisions
from ctnb.matching.lead_ids import NONE
from ctnb.matching.reasons import NEAREST_TO_MATCHING, OUTCOMES, SearchOutcome
from ctnb.matching.sweep import sweep
from ctnb.matching.undecided import UndecidedReason, open_questions

if TYPE_CHECKING:
    from ctnb.matching.matched_plan import MatchedPlan
    from ctnb.outcomes import Kind

_OUTCOMES = list(SearchOutcome)


@dataclass(frozen=True, slots=True)
class PreviewedRule:
    """One rule of a preview.

    Attributes
    ----------
    rank : int
        1-based.
    kind : Kind
    depth : int or None
        Minutes; None where rows differ in it or the rule has none.
    alone, takes : int
        Rows that the rule finds, and those that it takes in its place.
    truths : int
        Rows of `alone` whose id tells the right lead.
    precision, precision_low, precision_high : float
        The share of those that the rule gives it, with 95 % Wilson bounds; NaN where there are none.
    """

    rank: int
    kind: Kind
    depth: int | None
    alone: int
    takes: int
    truths: int
    precision: float
    precision_low: float
    precision_high: float


@dataclass(frozen=True, slots=True)
class PreviewSummary:
    """A preview in figures; all are numbers of rows where nothing else is said.

    Attributes
    ----------
    rows, ready, matched : int
        In all, those that can be sent, and of these those that would match.
    rules : tuple of PreviewedRule
    unmatched : tuple of (SearchOutcome, int)
        Why rows would not match, the most frequent first: of a row's rules the one that comes nearest speaks.
    undecided : tuple of (UndecidedReason, int)
        What rows hang on, those that occur; a row may hang on several.
    uncertain : int
        Rows that hang on anything.
    collisions, colliding : int
        Leads that would take several comments, and the comments that they would take.
    """

    rows: int
    ready: int
    matched: int
    rules: tuple[PreviewedRule, ...]
    unmatched: tuple[tuple[SearchOutcome, int], ...]
    undecided: tuple[tuple[UndecidedReason, int], ...]
    uncertain: int
    collisions: int
    colliding: int


def summed_up(matched: MatchedPlan) -> PreviewSummary:
    """Sum up a plan that was looked up in the journals."""
    questions, reasons = open_questions(matched), list(UndecidedReason)
    asked = questions.drop_duplicates(["row", "reason"])["reason"].value_counts()
    shared = collisions(matched)
    return PreviewSummary(
        rows=len(matched),
        ready=ready_rows(matched),
        matched=matched_rows(matched),
        rules=previewed_rules(matched),
        unmatched=_unmatched(matched),
        undecided=tuple((reasons[code], int(asked[code])) for code in sorted(asked.index)),
        uncertain=questions["row"].nunique(),
        collisions=len(shared),
        colliding=int(shared["comments"].sum()),
    )


def ready_rows(matched: MatchedPlan) -> int:
    """Count the rows that can be sent."""
    return int(np.count_nonzero(matched.plan.ready))


def matched_rows(matched: MatchedPlan) -> int:
    """Count the rows that would match."""
    return int(matched.look_up.planned.rows_of_comments()[matched.winners.rules != NONE].sum())


def previewed_rules(matched: MatchedPlan) -> tuple[PreviewedRule, ...]:
    """Count what each rule finds as it is set."""
    counts: list[dict[str, Any]] = sweep(matched, ()).drop(columns=["rule", "depth", "adds"]).to_dict("records")  # type: ignore[assignment]  # the names are texts
    return tuple(
        PreviewedRule(rank=rule.search.rank, kind=rule.search.kind, depth=rule.one_depth, **row)
        for rule, row in zip(matched.rules, counts, strict=True)
    )


def _unmatched(matched: MatchedPlan) -> tuple[tuple[SearchOutcome, int], ...]:
    """Count the rows that would not match by the best outcome of their rules."""
    merits = np.empty(len(_OUTCOMES), dtype=np.int8)
    merits[[OUTCOMES[outcome] for outcome in NEAREST_TO_MATCHING]] = np.arange(len(merits))
    lost = np.flatnonzero(matched.winners.rules == NONE)
    best = np.min([merits[of_rule.outcomes[lost]] for of_rule in matched.explained], axis=0)
    weights = matched.look_up.planned.rows_of_comments()[lost]
    rows = np.rint(np.bincount(best, weights, minlength=len(merits))).astype(np.int64)
    found = [(outcome, int(count)) for outcome, count in zip(NEAREST_TO_MATCHING, rows, strict=True) if count]
    return tuple(sorted(found, key=lambda pair: -pair[1]))
