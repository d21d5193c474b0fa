"""Other depths: what each rule would find at every depth, from the distances that are known already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from ctnb.exceptions import ConfigError
from ctnb.leads.limits import DEPTH_LIMIT
from ctnb.leads.policies import parse_depth
from ctnb.matching.candidates import RuleCandidates, matched_comments
from ctnb.matching.instants import MINUTE
from ctnb.matching.lead_ids import NONE
from ctnb.matching.named_leads import known_leads
from ctnb.results.rates import wilson

if TYPE_CHECKING:
    from ctnb.leads.policies import DepthValue
    from ctnb.matching.halving import Integers
    from ctnb.matching.matched_plan import MatchedPlan
    from ctnb.matching.pools import Leads

GRID_STEPS: Final = 80
"""Depths of the default grid, before those that fall on one minute are dropped."""

NEVER: Final = DEPTH_LIMIT + 1
"""The depth from which on what is beyond all depths is found."""

_COUNTS: Final = ("alone", "takes", "adds", "truths", "right")


class Spans(NamedTuple):
    """From which depth (included) up to which (excluded) comments go to a lead; those of one comment do not overlap."""

    comments: Integers
    leads: Leads
    begins: Integers
    ends: Integers


def sweep(matched: MatchedPlan, depths: DepthValue | Iterable[DepthValue] | None = None) -> pd.DataFrame:
    """Count what each rule would find at other depths; see `Preview.sweep`."""
    wanted = _grid(matched) if depths is None else _parsed(depths)
    as_set, parts = _Counter(matched), []
    for position, rule in enumerate(matched.rules):
        parts.append(as_set.as_set(position))
        if rule.moments is None or not len(wanted):
            continue
        swept = matched.at_one_depth(rule)
        counter = as_set if swept is matched else _Counter(swept)
        parts.append(counter.at(position, wanted))
    return _with_precision(pd.concat(parts, ignore_index=True))


class _Counter:
    """Counts of what each rule of a plan finds."""

    def __init__(self, matched: MatchedPlan) -> None:
        self._rules, self._same_as = matched.rules, matched.look_up.index.same_as
        self._rows = matched.look_up.planned.rows_of_comments()
        pairs = zip(matched.rules, matched.taken, strict=True)
        self._alone = [matched_comments(rule, taken, len(self._rows)) for rule, taken in pairs]
        self._finders = np.sum(self._alone, axis=0)
        self._known = {side: known_leads(matched, side) for side in {rule.side for rule in matched.rules}}

    def as_set(self, position: int) -> pd.DataFrame:
        """Count what a rule finds at the depths that it has."""
        rule = self._rules[position]
        taken = rule.taken()
        # The first of a comment's searches that match finds it.
        comments, first = np.unique(rule.search.comments[taken.matched], return_index=True)
        leads = taken.leads[taken.matched][first]
        spans = Spans(comments, leads, np.ones_like(comments), np.full_like(comments, NEVER))
        return self._counted(position, np.array([1]), spans).assign(depth=pd.array([None], dtype="Int64"))

    def at(self, position: int, depths: Integers) -> pd.DataFrame:
        """Count what a contact rule finds at some depths."""
        return self._counted(position, depths, _spans(self._rules[position]))

    def _counted(self, position: int, depths: Integers, spans: Spans) -> pd.DataFrame:
        """Count the rows whose spans hold each depth."""
        rule, alone, same_as = self._rules[position], self._alone[position], self._same_as
        free = ~np.any(self._alone[:position], axis=0) if position else np.ones(len(alone), dtype=bool)
        only = self._finders == alone
        # An id is no measure of itself.
        truths = np.full(len(spans.leads), NONE) if rule.moments is None else self._known[rule.side][spans.comments]
        right = (truths != NONE) & (same_as[truths] == same_as[spans.leads]) if len(same_as) else truths != NONE
        rows = self._rows[spans.comments]
        masks = (None, free[spans.comments], only[spans.comments], truths != NONE, right)
        table = {"rule": np.full(len(depths), rule.search.rank), "depth": pd.array(depths, dtype="Int64")}
        for name, mask in zip(_COUNTS, masks, strict=True):
            weights = rows if mask is None else rows * mask
            table[name] = _held(weights, spans, depths)
        return pd.DataFrame(table)


def _held(weights: Integers, spans: Spans, depths: Integers) -> Integers:
    """Add up the weights of the spans that hold each depth."""
    if len(depths) == 1:
        # Much sooner than counts for all depths.
        held = (spans.begins <= depths[0]) & (depths[0] < spans.ends)
        return np.array([weights[held].sum()], dtype=np.int64)
    change = np.bincount(spans.begins, weights, NEVER + 1) - np.bincount(spans.ends, weights, NEVER + 1)
    found: Integers = np.rint(np.cumsum(change)[depths]).astype(np.int64)
    return found


def _grid(matched: MatchedPlan) -> Integers:
    """Return depths in equal steps of the logarithm, and those that rules have for all rows."""
    own = [rule.one_depth for rule in matched.rules if rule.one_depth is not None]
    return np.unique(np.concatenate([np.rint(np.geomspace(1, DEPTH_LIMIT, GRID_STEPS)), own]).astype(np.int64))


def _parsed(depths: DepthValue | Iterable[DepthValue]) -> Integers:
    """Read depths."""
    several = [depths] if isinstance(depths, int | str | dt.timedelta) or not isinstance(depths, Iterable) else depths
    try:
        return np.array([parse_depth(depth) for depth in several], dtype=np.int64)
    except ValueError as refusal:
        raise ConfigError("sweep: {refusal}.", refusal=refusal) from None


def _spans(rule: RuleCandidates) -> Spans:
    """Return at which depths each comment goes to which lead."""
    comments = rule.search.comments
    several = len(comments) > 1 and bool((comments[1:] == comments[:-1]).any())
    reaches = [np.minimum(np.maximum(-(-np.abs(stage.nearest.deltas) // MINUTE), 1), NEVER) for stage in rule.stages]
    parts = []
    for position, stage in enumerate(rule.stages):
        # What comes earlier takes over from where it reaches.
        earlier = reaches[:position]
        ends = np.min(earlier, axis=0) if earlier else np.full(len(comments), NEVER, dtype=np.int64)
        found = np.flatnonzero((reaches[position] < ends) & stage.carried)
        spans = Spans(found, stage.nearest.leads[found], reaches[position][found], ends[found])
        parts.append(spans)
    spans = Spans(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    if not several:
        return spans._replace(comments=comments[spans.comments])
    return _first_of_several(spans, comments)


def _first_of_several(spans: Spans, comments: Integers) -> Spans:
    """Give each depth of a comment to the first of its searches that finds a lead there.

    Parameters
    ----------
    spans : Spans
        Of searches, whose positions stand for the comments.
    comments : ndarray of int64
        The comment of each search, ascending.
    """
    of_comment = comments[spans.comments]
    edges = pd.DataFrame(
        {"comment": np.concatenate([of_comment, of_comment]), "begin": np.concatenate([spans.begins, spans.ends])}
    ).drop_duplicates()
    edges = edges.sort_values(["comment", "begin"], ignore_index=True)
    edges["end"] = edges.groupby("comment")["begin"].shift(-1, fill_value=NEVER)
    # Between two edges nothing changes: the first search that has a span there has all of it.
    held = edges.merge(
        pd.DataFrame(
            {
                "comment": of_comment,
                "search": spans.comments,
                "lead": spans.leads,
                "from": spans.begins,
                "to": spans.ends,
            }
        ),
        on="comment",
    )
    held = held[(held["from"] <= held["begin"]) & (held["end"] <= held["to"]) & (held["begin"] < held["end"])]
    first = held.sort_values("search", kind="stable").drop_duplicates(["comment", "begin"])
    return Spans(*(first[name].to_numpy() for name in ("comment", "lead", "begin", "end")))


def _with_precision(table: pd.DataFrame) -> pd.DataFrame:
    """Replace the count of right leads by its share and its bounds."""
    right, truths = table.pop("right").to_numpy(dtype=float), table["truths"].to_numpy(dtype=float)
    low, high = wilson(right, truths)
    share = np.divide(right, truths, out=np.full(len(table), np.nan), where=truths > 0)
    return table.assign(precision=share, precision_low=low, precision_high=high)
