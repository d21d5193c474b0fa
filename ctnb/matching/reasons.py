"""Why each rule finds a lead for a comment, or does not: one outcome for each comment and rule."""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ctnb.matching.index import NEAREST
from ctnb.matching.instants import NO_INSTANT
from ctnb.matching.lead_ids import NONE
from ctnb.matching.pools import FAR, Leads, Nearest

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.matching.candidates import Assumptions, LookUp, RuleCandidates, Taken, Winners
    from ctnb.matching.halving import Integers
    from ctnb.matching.index import JournalIndex
    from ctnb.matching.instants import Instants

Codes = npt.NDArray[np.int8]


class SearchOutcome(StrEnum):
    """What would become of one rule for one deal."""

    NOT_OFFERED = "not_offered"
    """The row has no data for the rule."""

    WOULD_MATCH = "would_match"
    """The rule takes the comment."""

    SHADOWED = "shadowed"
    """The rule would take the comment, but an earlier one does."""

    UNKNOWN_CONTACT = "unknown_contact"
    """No lead of the rule's journal has one of the contacts and a date."""

    UNKNOWN_ID = "unknown_id"
    """No lead has the id."""

    NOT_UNIQUE = "not_unique"
    """Leads of the contact are there, but none that is unique as the rule wants it; near enough, or anywhere."""

    TOO_FAR = "too_far"
    """The nearest lead is beyond the depth, or later than the date where only earlier ones are taken."""

    TAGS = "tags"
    """The lead found does not carry the tags."""

    OUTSIDE_JOURNAL = "outside_journal"
    """Nothing is found, and the journal does not cover all the days that the vendor looks through."""


OUTCOMES: Final = {outcome: np.int8(code) for code, outcome in enumerate(SearchOutcome)}

NEAREST_TO_MATCHING: Final = (
    SearchOutcome.WOULD_MATCH,
    SearchOutcome.SHADOWED,
    SearchOutcome.TAGS,
    SearchOutcome.TOO_FAR,
    SearchOutcome.NOT_UNIQUE,
    SearchOutcome.OUTSIDE_JOURNAL,
    SearchOutcome.UNKNOWN_CONTACT,
    SearchOutcome.UNKNOWN_ID,
    SearchOutcome.NOT_OFFERED,
)
"""Which of several searches of one rank speaks for a comment: the best."""


class RuleReasons(NamedTuple):
    """What became of a rule for each comment.

    ``outcomes`` are positions in `SearchOutcome`; ``leads`` the candidate, `NONE` where there is none; ``deltas`` the
    microseconds from the deal's date to it, `FAR` where one has no date.
    """

    outcomes: Codes
    leads: Leads
    deltas: Integers


def explain(
    rule: RuleCandidates, taken: Taken, *, won: Flags, look_up: LookUp, dates: Instants, assumptions: Assumptions
) -> RuleReasons:
    """Give each comment its outcome under one rule.

    Parameters
    ----------
    rule : RuleCandidates
    taken : Taken
    won : ndarray of bool, shape (comments,)
        Whether the comment goes to an earlier rule.
    look_up : LookUp
    dates : ndarray of int64, shape (comments,)
        The instants that the distance to a lead found by its id is measured from.
    assumptions : Assumptions
    """
    codes = np.full(len(taken.leads), OUTCOMES[SearchOutcome.TAGS], dtype=np.int8)
    found = Nearest(taken.leads.copy(), taken.deltas.copy())
    earlier = won[rule.search.comments]
    codes[taken.matched] = np.where(
        earlier[taken.matched], OUTCOMES[SearchOutcome.SHADOWED], OUTCOMES[SearchOutcome.WOULD_MATCH]
    )
    failed = np.flatnonzero(taken.leads == NONE)
    if rule.moments is None:
        codes[failed] = _unknown_ids(rule, failed, look_up, dates)
        found = Nearest(found.leads, time_between(dates[rule.search.comments], found.leads, look_up.index))
    elif len(failed):
        codes[failed], nearest = _unfound(rule, failed, look_up, assumptions)
        found.put(failed, nearest)
    return _of_comments(rule, RuleReasons(codes, *found), len(dates))


def time_between(dates: Instants, leads: Leads, index: JournalIndex) -> Integers:
    """Return the microseconds from dates to leads, `FAR` where one of them has none."""
    if not len(index):
        return np.full(len(leads), FAR, dtype=np.int64)
    at = index.moments[leads]
    known = (leads != NONE) & (dates != NO_INSTANT) & (at != NO_INSTANT)
    return np.where(known, np.where(known, at, 0) - np.where(known, dates, 0), FAR)


def winner_deltas(
    rules: tuple[RuleCandidates, ...], found: tuple[Taken, ...], won: Winners, look_up: LookUp
) -> Integers:
    """Return the time from each comment's date to the lead that takes it, `FAR` where that is not known.

    The date is that of the rule that wins, or of the comment's first contact rule when that looks for an id.
    """
    deltas = time_between(look_up.dates(), won.leads, look_up.index)
    for position in range(len(rules)):
        if rules[position].moments is None:
            continue
        matched = np.flatnonzero(found[position].matched)
        comments = rules[position].search.comments[matched]
        mine = won.rules[comments] == position
        deltas[comments[mine][::-1]] = found[position].deltas[matched[mine]][::-1]
    return deltas


def _unknown_ids(rule: RuleCandidates, failed: Integers, look_up: LookUp, dates: Instants) -> Codes:
    """Say of ids that name no lead whether the journal should have it."""
    covered = look_up.index.covered[rule.side]
    at = dates[rule.search.comments[failed]]
    known = at != NO_INSTANT
    outside = ~covered.holds(at, at) & known if covered.since <= covered.until else np.ones(len(at), dtype=bool)
    return np.where(outside, OUTCOMES[SearchOutcome.OUTSIDE_JOURNAL], OUTCOMES[SearchOutcome.UNKNOWN_ID])


def _unfound(
    rule: RuleCandidates, failed: Integers, look_up: LookUp, assumptions: Assumptions
) -> tuple[Codes, Nearest]:
    """Say why searches by contact find nothing within their depth, and what is nearest."""
    if rule.moments is None:
        raise ValueError("A rule that looks for an id is not explained by distances.")
    at, depth = rule.moments[failed], rule.depth[failed]
    allowed = _nearest(
        [Nearest(stage.nearest.leads[failed], stage.nearest.deltas[failed]) for stage in rule.stages], len(failed)
    )
    plain = _nearest(_plain(rule, failed, allowed, look_up, assumptions), len(failed))
    later = allowed
    if assumptions.back_only:
        both_ways = assumptions._replace(back_only=False)
        later = _nearest(look_up.nearest(rule.search, rule.moments, both_ways, match=NEAREST, some=failed), len(failed))
    cases = [
        (np.abs(plain.deltas) <= depth, SearchOutcome.NOT_UNIQUE, plain),
        (allowed.leads != NONE, SearchOutcome.TOO_FAR, allowed),
        (plain.leads != NONE, SearchOutcome.NOT_UNIQUE, plain),
        (later.leads != NONE, SearchOutcome.TOO_FAR, later),
    ]
    codes = np.full(len(failed), OUTCOMES[SearchOutcome.UNKNOWN_CONTACT], dtype=np.int8)
    found = Nearest.none(len(failed))
    for holds, outcome, nearest in reversed(cases):
        codes[holds] = OUTCOMES[outcome]
        found.put(np.flatnonzero(holds), Nearest(nearest.leads[holds], nearest.deltas[holds]))
    covered = look_up.index.covered[rule.side].holds(at - depth, at if assumptions.back_only else at + depth)
    codes[~covered] = OUTCOMES[SearchOutcome.OUTSIDE_JOURNAL]
    return codes, found


def _nearest(stages: list[Nearest], length: int) -> Nearest:
    """Return the nearest of all stages, the first of those as near."""
    return reduce(Nearest.or_nearer, stages, Nearest.none(length))


def _plain(
    rule: RuleCandidates, failed: Integers, allowed: Nearest, look_up: LookUp, assumptions: Assumptions
) -> list[Nearest]:
    """Return the nearest leads of failed searches, unique or not."""
    match = rule.search.match
    names = [] if match is None else [look_up.pool_name(value, assumptions) for value in match.values]
    if rule.moments is None or set(names) <= {NEAREST}:
        return [allowed]
    return look_up.nearest(rule.search, rule.moments, assumptions, match=NEAREST, some=failed)


def _of_comments(rule: RuleCandidates, searches: RuleReasons, comments: int) -> RuleReasons:
    """Give each comment the outcome of its best search under a rule; `NOT_OFFERED` where it has none."""
    reasons = RuleReasons(
        np.full(comments, OUTCOMES[SearchOutcome.NOT_OFFERED], dtype=np.int8), *Nearest.none(comments)
    )
    at = rule.search.comments
    order = np.arange(len(at))[::-1]
    if len(at) > 1 and (at[1:] == at[:-1]).any():
        merits = np.empty(len(SearchOutcome), dtype=np.int64)
        merits[[OUTCOMES[outcome] for outcome in NEAREST_TO_MATCHING]] = np.arange(len(merits))
        # Stable, so that of searches as good the first speaks; written backwards, so that the best is what stays.
        order = np.lexsort((merits[searches.outcomes], at))[::-1]
    reasons.outcomes[at[order]] = searches.outcomes[order]
    reasons.leads[at[order]], reasons.deltas[at[order]] = searches.leads[order], searches.deltas[order]
    return reasons
