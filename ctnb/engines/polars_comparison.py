"""The comparison of two frames of Polars: that of pandas, its tables as frames of Polars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnb.engines.polars_frames import pandas_by, polars_table

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from ctnb.results.compare import Comparison


@dataclass(frozen=True, eq=False, repr=False)
class PolarsComparison:
    """What changed between two results, row by row and in the match rates.

    Tables are frames of Polars, in which keys and groups are columns; see `ctnb.Comparison` for what they hold.

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

    @property
    def rows(self) -> pl.DataFrame:
        """A row for each pair, and for each row that has no partner; its key, or row from 0, is the first column."""
        return polars_table(_named(self.comparison.rows))

    @property
    def unpaired(self) -> pl.DataFrame:
        """The rows that have no partner."""
        return polars_table(_named(self.comparison.unpaired))

    @property
    def counts(self) -> pl.DataFrame:
        """Rows by ``change``."""
        return polars_table(self.comparison.counts.rename_axis("change").to_frame())

    @property
    def changes(self) -> pl.DataFrame:
        """Pairs by status before, in the first column, and after."""
        return polars_table(self.comparison.changes.rename_axis("status_before"))

    def rates(self, by: Any = None) -> pl.DataFrame:
        """Return the match rates before and after, with their difference and its interval; groups are columns."""
        found = self.comparison.rates(pandas_by(by))
        return polars_table(found if by is not None else found.reset_index(drop=True))

    def plot(self, by: Any = None, *, ax: Axes | None = None) -> Axes:
        """Draw the rates before and after; see `ctnb.Comparison`."""
        return self.comparison.plot(pandas_by(by), ax=ax)


def _named(rows: Any) -> Any:
    return rows if all(name is not None for name in rows.index.names) else rows.rename_axis("row")
