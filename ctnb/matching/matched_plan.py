"""A plan looked up in the journals: what each rule finds, which rule takes each comment, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ctnb.exceptions import ConfigError
from ctnb.leads.policies import parse_depth
from ctnb.matching.candidates import LookUp, RuleCandidates, Taken, Winners, winners
from ctnb.matching.lead_ids import NONE
from ctnb.matching.reasons import RuleReasons, explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from ctnb.leads.plan import Plan
    from ctnb.leads.policies import DepthValue
    from ctnb.matching.candidates import Assumptions


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
        changed = {rule.search.rank: rule for rule in self.rules}
        for rank, depth in depths.items():
            if rank not in changed or changed[rank].moments is None:
                raise ConfigError(f"Expected the number of a contact rule, from 1 to {len(self.rules)}, got {rank!r}.")
            try:
                changed[rank] = changed[rank].at_depth(parse_depth(depth))
            except ValueError as refusal:
                raise ConfigError(f"Rule {rank}: {refusal}.") from None
        return replace(self, rules=tuple(changed.values()))
