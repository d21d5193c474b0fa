"""The preview of a frame of Polars: that of pandas, its tables as frames of Polars."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ctnb.defaults import PREFIX
from ctnb.engines.polars_frames import pandas_by, polars_table, with_results

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    import polars as pl

    from ctnb.leads.policies import DepthValue
    from ctnb.matching.preview import Preview
    from ctnb.views.explorer.explorer import DepthExplorer
    from ctnb.views.preview_plots import PreviewPlots


@dataclass(frozen=True, eq=False, repr=False)
class PolarsPreview:
    """What would match in the journals, and why not; nothing was sent.

    Tables are frames of Polars, in which groups are columns; see `ctnb.Preview` for what they hold.

    Attributes
    ----------
    preview : ctnb.Preview
        The same in pandas.
    """

    _deals: pl.DataFrame
    preview: Preview

    def __len__(self) -> int:
        """Return the number of rows, ready or not."""
        return len(self.preview)

    def __repr__(self) -> str:
        return repr(self.preview)

    def _repr_html_(self) -> str:
        return self.preview._repr_html_()

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The deals with the ``ct_`` columns that sending would give, and ``ct_minutes``; same rows, same order."""
        return with_results(self._deals, self.preview.frame, PREFIX, minutes=True)

    @cached_property
    def reasons(self) -> pl.DataFrame:
        """A row per deal and rule; the column ``row`` is the deal's, from 0."""
        return polars_table(self.preview.reasons.rename_axis("row"))

    def match_rates(self, by: Any = "type") -> pl.DataFrame:
        """Count what would be offered, reached and matched; see `ctnb.match_rates`."""
        return polars_table(self.preview.match_rates(pandas_by(by)))

    def at_depths(self, depths: Mapping[int, DepthValue]) -> PolarsPreview:
        """Return the preview of the same rules under other depths; see `ctnb.Preview.at_depths`."""
        return PolarsPreview(self._deals, self.preview.at_depths(depths))

    def sweep(self, depths: DepthValue | Iterable[DepthValue] | None = None) -> pl.DataFrame:
        """Count what each rule would find at other depths; see `ctnb.Preview.sweep`."""
        return polars_table(self.preview.sweep(depths))

    def clock(self, by: Hashable | None = None) -> pl.DataFrame:
        """Count how far the leads are from the deals in time; see `ctnb.Preview.clock`."""
        return polars_table(self.preview.clock(by))

    def collisions(self) -> pl.DataFrame:
        """Count the leads that would take the comments of several deals."""
        return polars_table(self.preview.collisions())

    def undecided(self) -> pl.DataFrame:
        """Name the rows whose answer hangs on what the vendor does not say; ``row`` is the deal's, from 0."""
        return polars_table(self.preview.undecided().rename_axis("row"))

    @property
    def plot(self) -> PreviewPlots:
        """Plots: `match_rates`, `waterfall`, `depth` and `clock`."""
        return self.preview.plot

    def explorer(self) -> DepthExplorer:
        """Look at other depths in widgets; see `ctnb.Preview.explorer`."""
        return self.preview.explorer()
