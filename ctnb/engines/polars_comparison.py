"""The comparison of two frames of Polars with results: that of pandas, its tables as frames of Polars."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ctnb.engines.polars_frames import pandas_by, polars_table

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from ctnb.results.compare import Comparison


@dataclass(frozen=True, eq=False, repr=False)
class PolarsComparison:
    """Two results of the same deals, paired.

    Tables are frames of Polars, in which the key, statuses and groups are columns; see `ctnb.Comparison` for what they
    hold.

    Attributes
    ----------
    comparison : ctnb.Comparison
        The same in pandas.
    """

    comparison: Comparison

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.comparison)

    def __repr__(self) -> str:
        return repr(self.comparison)

    def _repr_html_(self) -> str:
        return self.comparison._repr_html_()

    @cached_property
    def rows(self) -> pl.DataFrame:
        """A row for each pair, and for each row without a partner; the first column is the key, or ``row``."""
        return self._named(self.comparison.rows)

    @property
    def unpaired(self) -> pl.DataFrame:
        """The rows of `rows` that have no partner."""
        return self._named(self.comparison.unpaired)

    @property
    def counts(self) -> pl.DataFrame:
        """Rows of `rows` by ``change``: columns ``change`` and ``rows``."""
        return polars_table(self.comparison.counts.to_frame())

    @property
    def changes(self) -> pl.DataFrame:
        """Count the pairs by status before (``status_before``) and after (a column for each)."""
        return polars_table(self.comparison.changes.rename_axis(columns=None))

    def rates(self, by: Any = None) -> pl.DataFrame:
        """Compare the match rates; groups are columns. ``by`` may be a Series; see `ctnb.Comparison.rates`."""
        return polars_table(self.comparison.rates(pandas_by(by)))

    def plot(self, by: Any = None, *, ax: Axes | None = None) -> Axes:
        """Draw the match rates; see `ctnb.Comparison.plot`."""
        return self.comparison.plot(pandas_by(by), ax=ax)

    def _named(self, table: Any) -> pl.DataFrame:
        return polars_table(table.rename_axis(index=self.comparison.key or "row"))
