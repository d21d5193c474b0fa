"""The preview: which lead each comment would go to, by which rule, and why the other rules would not have it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.matching.candidates import Assumptions
from ctnb.matching.clock import clock
from ctnb.matching.collisions import collisions
from ctnb.matching.lead_ids import NONE
from ctnb.matching.matched_plan import MatchedPlan, match_plan
from ctnb.matching.pools import FAR
from ctnb.matching.predictions import minutes_array, predicted_frame, vendor_ids
from ctnb.matching.preview_summary import matched_rows, ready_rows, summed_up
from ctnb.matching.reasons import OUTCOMES, SearchOutcome
from ctnb.matching.sweep import sweep
from ctnb.matching.undecided import undecided
from ctnb.results.rates import match_rates

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from ctnb.leads.plan import Plan
    from ctnb.leads.policies import DepthValue
    from ctnb.matching.index import JournalIndex
    from ctnb.matching.preview_summary import PreviewSummary
    from ctnb.views.explorer.explorer import DepthExplorer
    from ctnb.views.preview_plots import PreviewPlots

_OUTCOMES: Final = pd.CategoricalDtype([outcome.value for outcome in SearchOutcome])


@dataclass(frozen=True, eq=False, repr=False)
class Preview:
    """What would match in the journals, and why not; nothing was sent. From `ctnb.preview`.

    Attributes
    ----------
    matched : MatchedPlan
        The plan of n rows, looked up.
    """

    matched: MatchedPlan

    def __len__(self) -> int:
        """Return the number of rows, ready or not."""
        return len(self.matched)

    def __repr__(self) -> str:
        # No contact: a traceback that shows locals shows it.
        from ctnb.views.html.preview import preview_text

        return preview_text(rows=len(self), ready=ready_rows(self.matched), matched=matched_rows(self.matched))

    def _repr_html_(self) -> str:
        from ctnb.views.html.preview import preview_html

        return preview_html(self._summary)

    @cached_property
    def _summary(self) -> PreviewSummary:
        return summed_up(self.matched)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The deals with the ``ct_`` columns that sending would give; the same rows, order and index.

        ``ct_status`` is ``commented``, ``unmatched`` or ``invalid``; ``ct_attribution`` is ``exact``, or ``ambiguous``
        where a text id names several leads; ``ct_predicted`` is true; ``ct_minutes`` is the time from the deal's date
        to the lead, below 0 when the lead is earlier, NA where one of them has no date. The date is that of the rule
        that wins, or of the row's first contact rule when that looks for an id.
        """
        return predicted_frame(self.matched)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """A row per deal and rule, the deals in order and the rules in order within each.

        The index is the deals'. Columns ``rule`` (int64, from 1), ``outcome`` (category, ``not_offered`` to
        ``outside_journal``), ``lead`` (string: the vendor's id of the lead found or, where none is, of the nearest; NA
        where there is none) and ``minutes`` (Float64: from the deal's date to that lead). Rows that are one comment
        share them.
        """
        planned, rules = self.matched.look_up.planned, self.matched.rules
        blanks: tuple[int, ...] = (int(OUTCOMES[SearchOutcome.NOT_OFFERED]), NONE, FAR)
        found = [
            np.stack([planned.spread(of_rule[column], blank) for of_rule in self.matched.explained], axis=1).ravel()
            for column, blank in enumerate(blanks)
        ]
        return pd.DataFrame(
            {
                "rule": np.tile([rule.search.rank for rule in rules], len(self)),
                "outcome": pd.Categorical.from_codes(found[0], dtype=_OUTCOMES),
                "lead": vendor_ids(self.matched.look_up.index, found[1]),
                "minutes": minutes_array(found[2]),
            },
            index=self.matched.plan.index.repeat(len(rules)),
        )

    def match_rates(self, by: Hashable | list[Any] = "type") -> pd.DataFrame:
        """Count what would be offered, reached and matched; see `ctnb.match_rates`."""
        return match_rates(self.frame, by)

    def at_depths(self, depths: Mapping[int, DepthValue]) -> Preview:
        """Return the preview of the same rules under other depths, without looking anything up again.

        Parameters
        ----------
        depths : mapping of int to int, str or timedelta
            By the rule's place in the list, from 1; rules that are not named keep theirs.

        Raises
        ------
        ConfigError
            When there is no such rule, when it has no depth, or when the depth is not one.
        """
        return Preview(self.matched.at_depths(depths))

    def sweep(self, depths: DepthValue | Iterable[DepthValue] | None = None) -> pd.DataFrame:
        """Count what each rule would find at other depths, exact to the minute.

        Parameters
        ----------
        depths : int, str or timedelta, or several, optional
            Minutes or what a rule's depth may be. By default a grid in equal steps of the logarithm up to 525,600,
            with the depths that the rules have.

        Returns
        -------
        DataFrame
            A row per contact rule and depth, and before them one per rule as it is set, whose depth is NA. Columns
            ``rule`` (int64, from 1), ``depth`` (Int64, minutes; one stands for all rows of a ``col()``), ``alone``
            (rows that the rule finds), ``takes`` (in its place in the list), ``adds`` (that no other rule finds),
            ``truths`` (rows of ``alone`` whose id of the rule's kind names one lead; 0 for a rule that looks for the id
            itself), ``precision`` (the share of those for which the rule finds that very lead; NaN where there are
            none) with 95 % Wilson bounds ``precision_low`` and ``precision_high``. The other rules keep their depths.
            Deals that have ids may differ from the rest.

        Notes
        -----
        A depth does not change which lead is nearest, so a count at all depths is one histogram and its running sum.
        """
        return sweep(self.matched, depths)

    def clock(self, by: Hashable | None = None) -> pd.DataFrame:
        """Count how far the leads are from the deals in time, to see clocks that differ.

        Parameters
        ----------
        by : hashable, optional
            A column of the deals: each of its values is counted for itself, for a shift belongs to a source.

        Returns
        -------
        DataFrame
            A row per half hour from -840 to 840. Index ``shift`` (int64: minutes from the deal to the lead, to the
            nearest half hour), with `by` two levels: its values and ``shift``. Columns ``rows`` (int64), ``share`` of
            the rows within 14 hours (float, NaN where there is none) and ``stands_out`` (bool).

        Raises
        ------
        ColumnNotFoundError
            When there is no column `by`.

        Notes
        -----
        The lead is the one that an id of the row names, else the nearest by its contacts, whatever the depth, the
        match value or the tags. A shift of an hour or more stands out when it has 5 rows and 3 % of them at the least,
        more than its neighbours, and 4 standard deviations of a Poisson count more than the half hours around it.
        """
        return clock(self.matched, by)

    def collisions(self) -> pd.DataFrame:
        """Count the leads that would take the comments of several deals.

        Returns
        -------
        DataFrame
            A row per such lead, the most comments first, then in the journals' order. Columns ``journal`` ("calls" or
            "requests"), ``lead`` (string, the vendor's id), ``comments`` (int64, 2 or more) and ``rows`` (int64: rows
            of the frame; several may be one comment).
        """
        return collisions(self.matched)

    def undecided(self) -> pd.DataFrame:
        """Name the rows whose answer hangs on what the vendor does not say.

        Returns
        -------
        DataFrame
            A row per deal, rule and reason, in the order of the deals, with their index. Columns ``rule`` (int64, from
            1: the first at which the answer may differ) and ``reason`` (category, ``looks_forward`` to
            ``outside_journal``). Only rules that are come to are looked at: up to the one that would match.
        """
        return undecided(self.matched)

    @property
    def plot(self) -> PreviewPlots:
        """Plots such as `match_rates`, `depth` and `clock`; see `ctnb.views.preview_plots.PreviewPlots`."""
        from ctnb.views.preview_plots import PreviewPlots

        return PreviewPlots(self.matched, lambda: self.frame)

    def explorer(self) -> DepthExplorer:
        """Look at other depths in widgets: a slider over the depth of each contact rule; rates and precision follow.

        "Use these rules" gives the code of the rules under the chosen depths. A saved notebook keeps a picture.

        Raises
        ------
        MissingExtraError
            When ipywidgets is not installed.
        """
        from ctnb.views.explorer.open import open_explorer

        return open_explorer(self.matched)


def build_preview(plan: Plan, deals: pd.DataFrame, index: JournalIndex, *, look_back_only: bool = False) -> Preview:
    """Look a plan up in the journals.

    Parameters
    ----------
    plan : Plan
        Of n rows.
    deals : DataFrame, n rows
        The frame that was planned.
    index : JournalIndex
        From `ctnb.matching.index.index_journals`.
    look_back_only : bool
        Whether the vendor is taken to find no lead that is later than the date.
    """
    return Preview(match_plan(plan, deals, index, Assumptions(back_only=look_back_only)))
