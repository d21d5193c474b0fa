"""A plan looked up in the journals: what each rule finds, which rule takes each comment, and why the others do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ctnb.exceptions import ConfigError
from ctnb.leads.limits import DEPTH_LIMIT
from ctnb.leads.policies import parse_depth
from ctnb.leads.rule_data import Policy
from ctnb.leads.united import unite
from ctnb.matching.candidates import LookUp, RuleCandidates, Taken, Winners, winners
from ctnb.matching.lead_ids import NONE
from ctnb.matching.plan_reader import read_plan
from ctnb.matching.reasons import RuleReasons, explain

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.leads.plan import Plan
    from ctnb.leads.policies import DepthValue
    from ctnb.leads.rule_data import Offer
    from ctnb.matching.candidates import Assumptions
    from ctnb.matching.index import JournalIndex


@dataclass(frozen=True, eq=False, repr=False)
class MatchedPlan:
    """A plan of n rows, looked up in the journals. No repr: it would show contacts.

    Attributes
    ----------
    deals : DataFrame, n rows
        The frame that was planned.
    plan : Plan
    look_up : LookUp
    assumptions : Assumptions
    rules : tuple of RuleCandidates
        One for each rule, in order.
    """

    deals: pd.DataFrame
    plan: Plan
    look_up: LookUp
    assumptions: Assumptions
    rules: tuple[RuleCandidates, ...]

    def __len__(self) -> int:
        """Return the number of rows, ready or not."""
        return len(self.plan)

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """What each rule finds within its depth."""
        return tuple(rule.taken() for rule in self.rules)

    @cached_property
    def winners(self) -> Winners:
        """Which rule takes each comment, and to which lead."""
        return winners(self.rules, self.taken, len(self.look_up.planned.first_rows))

    @cached_property
    def explained(self) -> tuple[RuleReasons, ...]:
        """What becomes of each rule for each comment, in codes."""
        dates, won = self.look_up.dates(), self.winners.rules
        return tuple(
            explain(
                rule,
                found,
                won=(won != NONE) & (won < position),
                look_up=self.look_up,
                dates=dates,
                assumptions=self.assumptions,
            )
            for position, (rule, found) in enumerate(zip(self.rules, self.taken, strict=True))
        )

    def at_depths(self, depths: Mapping[int, DepthValue]) -> MatchedPlan:
        """Return the same candidates under other depths; see `ctnb.matching.preview.Preview.at_depths`."""
        if not isinstance(depths, Mapping):
            raise ConfigError("depths: expected a mapping such as {{2: '3h'}}, got {kind}.", kind=type(depths).__name__)
        found, contact_rules = self, {rule.search.rank for rule in self.rules if rule.moments is not None}
        for rank, depth in depths.items():
            if rank not in contact_rules:
                raise ConfigError(
                    "Expected the number of a contact rule, from 1 to {count}, got {rank!r}.",
                    count=len(self.rules),
                    rank=rank,
                )
            try:
                minutes = parse_depth(depth)
            except ValueError as refusal:
                raise ConfigError("Rule {rank}: {refusal}.", rank=rank, refusal=refusal) from None
            found = found.at_one_depth(found.rules[rank - 1])
            rules = tuple(rule.at_depth(minutes) if rule.search.rank == rank else rule for rule in found.rules)
            found = replace(found, plan=_with_depth(found.plan, rank, minutes), rules=rules)
        return found

    def at_one_depth(self, rule: RuleCandidates) -> MatchedPlan:
        """Return the same candidates as if the depth of one rule were one for all rows.

        That is this plan, unless some searches of a lead differ in their depth alone: then they are one search.
        """
        plan, depth = self.plan, self.plan.offers[rule.search.rank - 1].depth
        if plan.united is None or depth is None or len(set(depth.values)) == 1:
            return self
        alike = _with_depth(plan, rule.search.rank, DEPTH_LIMIT)
        alike = replace(alike, united=unite(alike.offers, plan.first, plan.ready))
        return match_plan(alike, self.deals, self.look_up.index, self.assumptions)


def _with_depth(plan: Plan, rank: int, minutes: int) -> Plan:
    """Return a plan in which one rule has one depth for all rows."""

    def at_it(offers: list[Offer]) -> list[Offer]:
        return [
            replace(offer, depth=Policy.of(minutes, len(offer.present))) if offer.rank == rank else offer
            for offer in offers
        ]

    united = plan.united and replace(plan.united, offers=at_it(plan.united.offers))
    return replace(plan, offers=at_it(plan.offers), united=united)


def match_plan(plan: Plan, deals: pd.DataFrame, index: JournalIndex, assumptions: Assumptions) -> MatchedPlan:
    """Look a plan up in the journals; see `ctnb.matching.preview.build_preview`."""
    look_up = LookUp(index, read_plan(plan))
    rules = tuple(look_up.candidates(search, assumptions) for search in look_up.planned.searches)
    return MatchedPlan(deals, plan, look_up, assumptions, rules)
