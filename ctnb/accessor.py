"""``df.calltouch`` and ``series.calltouch``: each verb hands over to the function of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Hashable, Iterable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from ctnb.connection import Connection
    from ctnb.leads.plan import Plan
    from ctnb.leads.rules import Col, Rule
    from ctnb.views.dashboard.dashboard import Dashboard
    from ctnb.views.studio.studio import Studio


@pd.api.extensions.register_dataframe_accessor("calltouch")
class DealsAccessor:
    """The verbs of a frame: of deals to be commented, or of results to be looked at."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def plan(
        self,
        rules: Rule | Iterable[Rule],
        comment: str | Col,
        *,
        key: str | None = None,
        job: str = "",
        region: str = "RU",
        connection: Connection | None = None,
    ) -> Plan:
        """Look at what `comment` would send; see `ctnb.plan`."""
        from ctnb import run as verbs

        return verbs.plan(self._frame, rules, comment, key=key, job=job, region=region, connection=connection)

    def comment(
        self,
        rules: Rule | Iterable[Rule],
        comment: str | Col,
        *,
        connection: Connection | None = None,
        key: str | None = None,
        job: str = "",
        resend: str | Collection[str] | None = None,
        prefix: str = "ct_",
        progress: bool = True,
        region: str = "RU",
    ) -> pd.DataFrame:
        """Comment the leads of the frame, and join the answers to it; see `ctnb.comment`."""
        from ctnb import run as verbs

        return verbs.comment(
            self._frame,
            rules,
            comment,
            connection=connection,
            key=key,
            job=job,
            resend=resend,
            prefix=prefix,
            progress=progress,
            region=region,
        )

    async def acomment(
        self,
        rules: Rule | Iterable[Rule],
        comment: str | Col,
        *,
        connection: Connection | None = None,
        key: str | None = None,
        job: str = "",
        resend: str | Collection[str] | None = None,
        prefix: str = "ct_",
        progress: bool = True,
        region: str = "RU",
    ) -> pd.DataFrame:
        """Do what `comment` does in a running loop; see `ctnb.acomment`."""
        from ctnb import run as verbs

        return await verbs.acomment(
            self._frame,
            rules,
            comment,
            connection=connection,
            key=key,
            job=job,
            resend=resend,
            prefix=prefix,
            progress=progress,
            region=region,
        )

    def studio(
        self,
        rules: Rule | Iterable[Rule] | None = None,
        comment: str = "",
        *,
        key: str | None = None,
        connection: Connection | None = None,
    ) -> Studio:
        """Open the studio: the journey by hand, in widgets; see `ctnb.views.studio.studio.Studio`."""
        from ctnb.views.studio.studio import Studio

        return Studio(self._frame, rules, comment, key=key, connection=connection)

    def match_rates(self, by: Hashable | list[Any] = "type", *, prefix: str = "ct_") -> pd.DataFrame:
        """Count offered, reached and matched rows by type, rule or column; see `ctnb.match_rates`."""
        from ctnb.results import rates

        return rates.match_rates(self._frame, by, prefix=prefix)

    def errors(self, *, prefix: str = "ct_") -> pd.DataFrame:
        """Count the rows that were not commented, by error; see `ctnb.results.rates.errors`."""
        from ctnb.results import rates

        return rates.errors(self._frame, prefix=prefix)

    def counts(self, *, prefix: str = "ct_") -> pd.Series[int]:
        """Count the rows by status; they add up to the frame; see `ctnb.results.rates.counts`."""
        from ctnb.results import rates

        return rates.counts(self._frame, prefix=prefix)

    def dashboard(self, *, prefix: str = "ct_") -> Dashboard:
        """Look at the results in widgets; see `ctnb.views.dashboard.dashboard.dashboard`."""
        from ctnb.views.dashboard.dashboard import dashboard

        return dashboard(self._frame, prefix=prefix)

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        rules: Rule | Iterable[Rule] | None = None,
        by: Hashable | Sequence[Hashable] = (),
        date: Hashable | None = None,
        title: str | None = None,
        prefix: str = "ct_",
    ) -> Path:
        """Write a report as one HTML file, and return its path; see `ctnb.views.report.report`."""
        from ctnb.views.report import report

        return report(self._frame, path, rules=rules, by=by, date=date, title=title, prefix=prefix)

    @property
    def plot(self) -> PlotAccessor:
        """The plots of a frame of results."""
        return PlotAccessor(self._frame)


class PlotAccessor:
    """Plots of a frame of results; each draws on ``ax``, or on new Axes, and returns them."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def match_rates(self, by: Hashable | list[Any] = "type", *, prefix: str = "ct_", ax: Axes | None = None) -> Axes:
        """Draw match rates with their intervals; see `ctnb.views.charts.plots.match_rates`."""
        from ctnb.views.charts import plots

        return plots.match_rates(self._frame, by=by, prefix=prefix, ax=ax)

    def errors(self, *, prefix: str = "ct_", ax: Axes | None = None) -> Axes:
        """Draw the errors by count; see `ctnb.views.charts.plots.errors`."""
        from ctnb.views.charts import plots

        return plots.errors(self._frame, prefix=prefix, ax=ax)

    def waterfall(self, *, prefix: str = "ct_", ax: Axes | None = None) -> Axes:
        """Draw what each rule adds, in order; see `ctnb.views.charts.plots.waterfall`."""
        from ctnb.views.charts import plots

        return plots.waterfall(self._frame, prefix=prefix, ax=ax)

    def timeline(
        self, date: str | None = None, *, freq: str | None = None, prefix: str = "ct_", ax: Axes | None = None
    ) -> Axes:
        """Draw the match rate over time; see `ctnb.views.charts.timeline.timeline`."""
        from ctnb.views.charts import timeline

        return timeline.timeline(self._frame, date=date, freq=freq, prefix=prefix, ax=ax)


@pd.api.extensions.register_series_accessor("calltouch")
class PhonesAccessor:
    """The verbs of a column of phones."""

    def __init__(self, series: pd.Series[Any]) -> None:
        self._series = series

    def phone(self, region: str = "RU") -> pd.Series[str]:
        """Return the first valid number of each cell.

        Parameters
        ----------
        region : str
            Two letters: where numbers without a country code belong.

        Returns
        -------
        Series of string, same length, index and name
            Digits of E.164 without the plus, such as ``"79157771122"``; NA where none is valid.

        Raises
        ------
        ConfigError
            When the region is not known.
        """
        from ctnb.leads.phones.api import first_phones

        return first_phones(self._series, region)

    def phones(self, region: str = "RU") -> pd.Series[Any]:
        """Return every valid number of each cell.

        Parameters
        ----------
        region : str
            Two letters: where numbers without a country code belong.

        Returns
        -------
        Series of object, same length, index and name
            Lists of digits in the order of the cell, without repeats; an empty list where none is valid.

        Raises
        ------
        ConfigError
            When the region is not known.
        """
        from ctnb.leads.phones.api import all_phones

        return all_phones(self._series, region)
