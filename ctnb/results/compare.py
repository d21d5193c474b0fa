"""Two results of the same deals side by side: what changed row by row, and in the match rates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.exceptions import ConfigError
from ctnb.i18n.message import lazy_gettext
from ctnb.leads.columns.cells import refuse_levels
from ctnb.leads.identity import named_by_key
from ctnb.outcomes import Status
from ctnb.results.change import Change, Unpaired
from ctnb.results.columns import DTYPES
from ctnb.results.comparison_summary import ComparisonSummary
from ctnb.results.grouping import grouping
from ctnb.results.paired_rates import paired_rates
from ctnb.results.pairing import NO_ROW, key_cells, named_by_index, pair
from ctnb.results.predicted import is_predicted
from ctnb.results.restore import restore

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes

    from ctnb.results.pairing import Pairing

_SHOWN: Final = ("status", "matched", "matched_by", "error_code", "predicted")
_NEEDED: Final = ("status", "matched")


_CHANGES: Final = pd.CategoricalDtype([change.value for change in Change])
_CHANGE_CODES: Final = {change: code for code, change in enumerate(Change)}
_REASONS: Final = pd.CategoricalDtype([reason.value for reason in Unpaired])


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two results of the same deals, paired. From `ctnb.compare`.

    A pair is a deal: rows that share a key and an outcome are one. Only the status is compared; which type matched,
    and why a row failed, stand beside it in `rows`.

    Attributes
    ----------
    before, after : DataFrame
        The frames that were compared.
    key : str or None
        The column or level of the index that paired them; None for the index.
    pairing : Pairing
        Which rows are of one deal.
    prefix : str
        What the names of the results begin with.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    key: str | None
    pairing: Pairing
    prefix: str

    def __len__(self) -> int:
        """Return the number of pairs."""
        return int(self.pairing.paired.sum())

    def __repr__(self) -> str:
        from ctnb.views.html.comparison import comparison_text

        return comparison_text(self.summary)

    def _repr_html_(self) -> str:
        from ctnb.views.html.comparison import comparison_html

        return comparison_html(self.summary)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """A row for each pair, and for each row that has no partner.

        The index holds the keys, or the labels of the index that paired the rows; those with a row after come first, in
        that frame's order. ``status``, ``matched``, ``matched_by``, ``error_code`` and ``predicted`` stand there twice,
        with ``_before`` and ``_after`` behind, with the dtypes of the ``ct_`` columns and NA where a side has no row.
        ``rows_before`` and ``rows_after`` (int64) count the rows of the frames that the row stands for: their sums are
        the lengths of the frames. ``change`` is a category; ``reason``, another, says why the row has no partner
        (``no_partner``, ``blank_key``, ``several_outcomes``), NA for a pair.
        """
        lines = self.pairing
        sides = {"before": (_shown(self.before, self.prefix), lines.before)}
        sides["after"] = _shown(self.after, self.prefix), lines.after
        # A missing value takes the place of a row that there is none of.
        columns = {
            f"{name}_{side}": frame[name].array.take(rows, allow_fill=True)
            for name in _SHOWN
            for side, (frame, rows) in sides.items()
        }
        return pd.DataFrame(
            {
                **columns,
                "rows_before": lines.rows_before,
                "rows_after": lines.rows_after,
                "change": pd.Categorical.from_codes(self._changes(columns), dtype=_CHANGES),
                "reason": pd.Categorical.from_codes(lines.reason, dtype=_REASONS),
            },
            index=self._labels(),
        )

    def _changes(self, columns: dict[str, Any]) -> npt.NDArray[np.int64]:
        was, now = columns["matched_before"], columns["matched_after"]
        gained, lost = (
            pd.Series(some & ~other).fillna(value=False).to_numpy(dtype=bool)
            for some, other in ((now, was), (was, now))
        )
        same = columns["status_before"].codes == columns["status_after"].codes
        return np.select(
            [self.pairing.after == NO_ROW, self.pairing.before == NO_ROW, gained, lost, same],
            [
                _CHANGE_CODES[each]
                for each in (Change.ONLY_BEFORE, Change.ONLY_AFTER, Change.GAINED, Change.LOST, Change.SAME)
            ],
            _CHANGE_CODES[Change.CHANGED],
        )

    def _labels(self) -> pd.Index:
        """Return the keys or labels of the lines, as the frame after writes them where it has them."""
        was, now = (
            frame.index if self.key is None else pd.Index(key_cells(frame, self.key, side), name=self.key)
            for frame, side in ((self.before, "before"), (self.after, "after"))
        )
        has_after = self.pairing.after != NO_ROW
        found = now.take(self.pairing.after[has_after]).append(was.take(self.pairing.before[~has_after]))
        return found.set_names(now.names)

    @property
    def counts(self) -> pd.Series[int]:
        """Rows of `rows` by ``change``, all six, zeros too."""
        counted = np.bincount(self.rows["change"].cat.codes, minlength=len(Change))
        index = pd.Index([change.value for change in Change], name="change", dtype=str)
        return pd.Series(counted, index=index, name="rows", dtype="int64")

    @property
    def changes(self) -> pd.DataFrame:
        """Count the pairs by status before (rows) and after (columns), all seven on each side."""
        pairs = self.rows[self.pairing.paired]
        codes = [pairs[f"status_{side}"].cat.codes.to_numpy(dtype=np.int64) for side in ("before", "after")]
        counted = np.bincount(len(Status) * codes[0] + codes[1], minlength=len(Status) ** 2)
        names = [
            pd.Index([status.value for status in Status], name=f"status_{side}", dtype=str)
            for side in ("before", "after")
        ]
        return pd.DataFrame(counted.reshape(len(Status), -1), index=names[0], columns=names[1])

    @property
    def unpaired(self) -> pd.DataFrame:
        """The rows of `rows` that have no partner."""
        return self.rows[~self.pairing.paired]

    @property
    def predicted_before(self) -> bool:
        """Whether `before` is a preview's frame: what would come, nothing was sent."""
        return is_predicted(self.before, self.prefix)

    @property
    def predicted_after(self) -> bool:
        """Whether `after` is a preview's frame: what would come, nothing was sent."""
        return is_predicted(self.after, self.prefix)

    @property
    def summary(self) -> ComparisonSummary:
        """What text, card and plot show: figures alone, no key and no cell of the frames."""
        alone = self.unpaired
        codes = alone["reason"].cat.codes.to_numpy()
        reasons = {
            side: np.bincount(codes, alone[f"rows_{side}"].to_numpy(), minlength=len(Unpaired)).astype(np.int64)
            for side in ("before", "after")
        }
        return ComparisonSummary(
            rows_before=len(self.before),
            rows_after=len(self.after),
            predicted_before=self.predicted_before,
            predicted_after=self.predicted_after,
            counts=self.counts,
            changes=self.changes,
            unpaired=pd.DataFrame(
                reasons, index=pd.Index([reason.value for reason in Unpaired], name="reason", dtype=str)
            ),
            rates={str(name): value for name, value in self.rates().to_dict("records")[0].items()},
        )

    def rates(self, by: Hashable | list[Any] | None = None) -> pd.DataFrame:
        """Compare the match rates of the pairs that are answered on both sides.

        Parameters
        ----------
        by : "type", a column, a Series, a Grouper, or a list of them, optional
            As in `ctnb.match_rates`, of the frame after; of rows that are one pair the first counts. "type": the pairs
            that were offered a type on either side, and whether it was this type that matched them. By default all
            pairs are one group, "all".

        Returns
        -------
        DataFrame
            A row per group. ``pairs``, ``matched_before``, ``matched_after``, ``gained``, ``lost`` (Int64; the last two
            are the pairs whose answers differ), as fractions ``rate_before``, ``rate_after``, ``difference`` (after
            less before, from -1 to 1), and ``low``, ``high``, the 95 % interval of the difference for paired
            proportions (Newcombe 1998, method 10); NaN where there are no pairs.

        Raises
        ------
        ColumnNotFoundError
            A column is not in the frame after.
        ConfigError
            The pairs cannot be grouped so: by "rule", as rule 2 of one run need not be rule 2 of another.
        """
        asked = None if by is None else grouping(self.after, by)
        by_type = asked is not None and asked.word == "type"
        if asked is not None and asked.word == "rule":
            raise ConfigError(
                "by='rule' cannot be compared: the two runs may have had other rules at a rank. Pass 'type' or a "
                "column."
            )
        names = ["status", "matched", *(["matched_by", "offered"] if by_type else [])]
        lines, paired = self.pairing, self.pairing.paired
        sides = [
            restore(frame, self.prefix, only=names).reset_index(drop=True).take(rows[paired])
            for frame, rows in ((self.before, lines.before), (self.after, lines.after))
        ]
        answered = sides[0]["matched"].notna().to_numpy() & sides[1]["matched"].notna().to_numpy()
        if asked is not None:
            rows = lines.after[paired][answered]
            asked = replace(asked, values=[cells.take(rows).reset_index(drop=True) for cells in asked.values])
        return paired_rates(sides[0][answered], sides[1][answered], asked)

    def plot(self, by: Hashable | list[Any] | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the match rates after as bars, with those before as marks and the interval of the difference.

        Parameters
        ----------
        by : "type", a column, a Series, a Grouper, or a list of them, optional
            As in `rates`. The 20 largest groups are drawn, and the rest counted.
        ax : Axes, optional
            Where to draw. By default on a new figure.

        Returns
        -------
        Axes

        Raises
        ------
        ColumnNotFoundError, ConfigError
            As `rates`.
        """
        from ctnb.views.charts.comparison import comparison

        return comparison(self.summary, self.rates(by), grouped=by is not None, ax=ax)


def compare(frame: pd.DataFrame, before: pd.DataFrame, key: str | None = None, *, prefix: str = PREFIX) -> Comparison:
    """Compare two results of the same deals. See `ctnb.compare`."""
    outcomes = _outcomes(_checked(before, "before", prefix)), _outcomes(_checked(frame, "after", prefix))
    if key is None:
        names = named_by_index(before, frame, prefix)
    else:
        names = named_by_key(key_cells(before, key, "before")), named_by_key(key_cells(frame, key, "after"))
    return Comparison(before, frame, key, pair(names, outcomes), prefix)


def _checked(given: pd.DataFrame, side: str, prefix: str) -> pd.DataFrame:
    """Return the results of a frame, or say which of the two is refused, and why."""
    if not isinstance(given, pd.DataFrame) and isinstance(getattr(given, "frame", None), pd.DataFrame):
        raise ConfigError(
            "Expected a frame as `{side}`, got a {kind}. Pass its .frame.", side=side, kind=type(given).__name__
        )
    try:
        return _shown(given, prefix)
    except ConfigError as error:
        refused = lazy_gettext("`{side}` cannot be compared. {error}", side=side, error=error)
    # Not within the handler: a traceback would show both errors.
    raise ConfigError(refused)


def _shown(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Return the results that a comparison shows; what a frame lacks of them, but for status and match, is missing."""
    refuse_levels(frame)
    there = [name for name in _SHOWN if name in _NEEDED or prefix + name in frame.columns]
    results = restore(frame, prefix, only=there)
    lacking: dict[str, Any] = {
        name: pd.array([None], dtype=DTYPES[name]).repeat(len(frame)) for name in _SHOWN if name not in there
    }
    return results.assign(**lacking)


def _outcomes(results: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return a number for each row that is equal where status, match, type and error are."""
    found: npt.NDArray[Any] = results["matched"].astype("Int8").fillna(2).to_numpy(dtype=np.int64)
    for name in ("status", "matched_by", "error_code"):
        found = found * (len(DTYPES[name].categories) + 1) + results[name].cat.codes.to_numpy(dtype=np.int64) + 1
    return found
