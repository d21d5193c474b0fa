"""``df.calltouch.plot``: the plots of a frame of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnb.defaults import PREFIX

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd
    from matplotlib.axes import Axes

    Size = tuple[float, float]


class PlotAccessor:
    """Plots of a frame of results; each draws on ``ax``, or on new Axes, and returns them.

    `match_rates` compares types, rules or groups, `errors` shows what went wrong, `waterfall` what each rule added,
    `timeline` the match rate over time, `heatmap` two groupings at once, `funnel` what was offered, reached and
    matched. Nothing is shown by itself, and no global setting of matplotlib is changed: colours follow those that are
    in force, so that ``plt.style.context("dark_background")`` gives dark plots. A title set afterwards replaces that
    of the plot and the note under it.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __repr__(self) -> str:
        return (
            f"<df.calltouch.plot: {len(self._frame):,} rows>\n"
            "  .match_rates(by)  .errors()  .waterfall(by)  .timeline(date, by=...)  .heatmap(by, across)  .funnel(by)"
        )

    def match_rates(
        self,
        by: Hashable | list[Any] = "type",
        *,
        sort: str | None = None,
        top: int = 20,
        prefix: str = PREFIX,
        figsize: Size | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the match rate by type, by rule or by any column, as bars with 95 % Wilson intervals.

        By a column, a dashed line shows the match rate of all answered rows.

        Parameters
        ----------
        by : "type", "rule", a column, a Grouper, or a list of columns
            As in `ctnb.match_rates`. By type and rule a bar is the share of the rows that reached it; by column
            the share of the answered rows.
        sort : {"natural", "rate", "offered"}, optional
            Order of the groups from the top: their own, by the match rate (the highest first), or by rows (most
            first). By default "natural" for periods, bins, ordered categories and up to 31 numbers, and "offered" for
            all others; types and rules stay in the order in which they are tried.
        top : int
            How many groups to draw at the most, the largest of them (of periods the last); the title's note counts
            them all. Small axes have room for fewer.
        prefix : str
            What the names of the results begin with.
        figsize : (float, float), optional
            Width and height of the new figure in inches. It is left out of account with `ax`.
        ax : Axes, optional
            Where to draw. By default on a new figure; texts are fitted to the size of the axes.

        Returns
        -------
        Axes

        Raises
        ------
        ColumnNotFoundError
            A column of `by` is not in the frame.
        ConfigError
            The frame has no results under `prefix`, cannot be grouped by the column, or an option is not known.
        """
        from ctnb.views.charts import plots

        return plots.match_rates(self._frame, by=by, sort=sort, top=top, prefix=prefix, figsize=figsize, ax=ax)

    def errors(
        self, *, top: int = 20, prefix: str = PREFIX, figsize: Size | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw the errors by code and status, as shares of all rows with 95 % Wilson intervals.

        Parameters
        ----------
        top : int
            How many errors to draw at the most, the most frequent of them.
        prefix : str
        figsize : (float, float), optional
        ax : Axes, optional
            The last three as in `match_rates`.

        Returns
        -------
        Axes

        Raises
        ------
        ConfigError
            The frame has no results under `prefix`, or `top` is less than 1.
        """
        from ctnb.views.charts import plots

        return plots.errors(self._frame, top=top, prefix=prefix, figsize=figsize, ax=ax)

    def waterfall(
        self,
        by: Hashable | list[Any] | None = None,
        *,
        sort: str | None = None,
        top: int = 20,
        prefix: str = PREFIX,
        figsize: Size | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw what each rule adds, in order, up to the whole match rate, and what stayed unmatched.

        Rules stand from the top, each bar beginning where the one above ends: shares of the answered rows with 95 %
        Wilson intervals. With `by` each group has one bar of a part for each rule, as long as its match rate.

        Parameters
        ----------
        by : column or list of columns, optional
            Groups to compare.
        sort : {"natural", "rate", "offered"}, optional
            Order of the groups, as in `match_rates`; rules stay in theirs.
        top : int
            How many groups to draw at the most; without `by`, how many rules, those that add most, the others
            together in one bar.
        prefix : str
        figsize : (float, float), optional
        ax : Axes, optional
            The last three as in `match_rates`.

        Returns
        -------
        Axes

        Raises
        ------
        ColumnNotFoundError
            A column of `by` is not in the frame.
        ConfigError
            The frame has no results under `prefix`, cannot be grouped by the column, or an option is not known.
        """
        from ctnb.views.charts import plots

        return plots.waterfall(self._frame, by=by, sort=sort, top=top, prefix=prefix, figsize=figsize, ax=ax)

    def timeline(
        self,
        date: Hashable | None = None,
        *,
        freq: str | None = None,
        by: Hashable | list[Any] | None = None,
        top: int = 4,
        prefix: str = PREFIX,
        figsize: Size | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the match rate per period with its 95 % Wilson interval, over bars of the answered rows.

        With `by` the largest groups have a smoothed line each, with its band, over faint points of the rates per
        period. The smoother is a centred moving window: the matched rows of w periods divided by their answered rows,
        w the odd number nearest to a sixth of all periods, 3 at the least; at both ends of the axis fewer. The band is
        the 95 % Wilson interval of the rows in the window.

        Parameters
        ----------
        date : column, optional
            Datetimes, or text that is read as everywhere in ctnb: ISO as ISO, everything else day first. By default
            the moment of the answer, in UTC. Rows without a date that can be read are left out, and counted.
        freq : str, optional
            A pandas frequency, such as "h", "D", "W" (from Monday) or "MS". By default the finest of minutes, hours,
            days, weeks and months that leaves 36 periods or fewer.
        by : column or list of columns, optional
            Groups to compare.
        top : int
            How many groups have a line at the most, the largest of them; the note names the others.
        prefix : str
        figsize : (float, float), optional
        ax : Axes, optional
            The last three as in `match_rates`.

        Returns
        -------
        Axes

        Raises
        ------
        ColumnNotFoundError
            A column is not in the frame.
        ConfigError
            The frame has no results under `prefix`, the column holds no dates, or the frequency cannot be used.
        """
        from ctnb.views.charts import timeline

        return timeline.timeline(
            self._frame, date=date, freq=freq, by=by, top=top, prefix=prefix, figsize=figsize, ax=ax
        )

    def heatmap(
        self,
        by: Hashable | list[Any] | None = None,
        across: Hashable = "type",
        *,
        sort: str | None = None,
        top: int = 20,
        prefix: str = PREFIX,
        figsize: Size | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the match rate of each combination of two groupings as a map, with the rows of each cell.

        By type and rule a rate is that of the rows that reached it, by columns that of the answered rows. Cells of
        fewer than 20 rows are faint. Colours are those of matplotlib's cividis, from 0 to the highest rate.

        Parameters
        ----------
        by : "type", "rule", a column, a Grouper, or a list of columns, optional
            From the top down. By default the first column of few values that are no dates, measures or identifiers.
        across : "type", "rule", or a column
            From left to right, 10 at the most.
        sort : {"natural", "rate", "offered"}, optional
            Order of the groups from the top, as in `match_rates`.
        top : int
            How many groups to draw at the most, the largest of them.
        prefix : str
        figsize : (float, float), optional
        ax : Axes, optional
            The last three as in `match_rates`.

        Returns
        -------
        Axes

        Raises
        ------
        ColumnNotFoundError
            A column of `by` is not in the frame.
        ConfigError
            The frame has no results under `prefix`, cannot be grouped by the column, or an option is not known.
        """
        from ctnb.views.charts import heatmap

        return heatmap.heatmap(
            self._frame, by=by, across=across, sort=sort, top=top, prefix=prefix, figsize=figsize, ax=ax
        )

    def funnel(
        self,
        by: Hashable | list[Any] = "type",
        *,
        sort: str | None = None,
        top: int = 20,
        prefix: str = PREFIX,
        figsize: Size | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw how many rows each type or rule was offered, how many reached it, and how many it matched.

        Bars are shares of all rows of the frame; the rate beside them is that of the rows reached, with its 95 %
        Wilson interval. By columns the three are the rows of a group, those with an answer, and those matched.

        Parameters
        ----------
        by : "type", "rule", a column, a Grouper, or a list of columns
        sort : {"natural", "rate", "offered"}, optional
        top : int
        prefix : str
        figsize : (float, float), optional
        ax : Axes, optional
            All as in `match_rates`.

        Returns
        -------
        Axes

        Raises
        ------
        ColumnNotFoundError
            A column of `by` is not in the frame.
        ConfigError
            The frame has no results under `prefix`, cannot be grouped by the column, or an option is not known.
        """
        from ctnb.views.charts import funnel

        return funnel.funnel(self._frame, by=by, sort=sort, top=top, prefix=prefix, figsize=figsize, ax=ax)
