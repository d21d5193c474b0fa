"""``df.calltouch`` and ``series.calltouch`` of Polars, registered by importing this module.

Frames go through Arrow: with a key only the columns are read that rules, comment and key name. Results and tables come
back as frames of Polars; the frame that was given is never changed.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from ctnb import api
from ctnb.defaults import PREFIX, REGION
from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.plot_accessor import PlotAccessor

try:
    import polars as pl
except ImportError:
    raise MissingExtraError.of("polars", extra="polars", purpose="ctnb.engines.polars") from None

from ctnb.engines.polars_comparison import PolarsComparison
from ctnb.engines.polars_frames import (
    pandas_by,
    pandas_column,
    pandas_comment,
    pandas_frame,
    polars_column,
    polars_table,
    read_deals,
    with_results,
)
from ctnb.engines.polars_preview import PolarsPreview

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnb.leads.plan import Plan
    from ctnb.views.dashboard.dashboard import Dashboard
    from ctnb.views.studio.studio import Studio

Method = TypeVar("Method", bound="Callable[..., Any]")


def _as(verb: Callable[..., Any]) -> Callable[[Method], Method]:
    """Give a method the signature and the docstring of a verb, behind what differs here."""

    def documented(method: Method) -> Method:
        own, rest = inspect.getdoc(method) or "", (inspect.getdoc(verb) or "").partition("\n\n")[2]
        method.__doc__ = f"{own}\n\n``deals`` or ``frame`` is this frame; the rest is as in pandas:\n\n{rest}"
        given = list(inspect.signature(verb).parameters.values())[1:]
        this = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        method.__signature__ = inspect.Signature([this, *given])  # type: ignore[attr-defined]
        return method

    return documented


@pl.api.register_dataframe_namespace("calltouch")
class PolarsDealsAccessor:
    """What can be done with a frame of deals, and with the frame of results that comes of it: the verbs of pandas.

    A comment is a template, a `ctnb.col`, a Series or an expression of Polars, or a callable that takes the frame and
    returns one of them.

    Examples
    --------
    >>> import ctnb, pandas as pd, polars as pl, ctnb.engines.polars
    >>> calls = pd.DataFrame({"callId": [7], "date": ["01-10-2020 12:00:00"]})
    >>> deals = pl.DataFrame({"deal": [1, 2], "call": [7, 8]})
    >>> with ctnb.Emulator(calls, rate=None) as vendor:
    ...     done = deals.calltouch.comment(
    ...         ctnb.Call("call"), "sold", key="deal", connection=vendor.connection, progress=False
    ...     )
    >>> done["ct_status"].to_list()
    ['commented', 'unmatched']
    >>> done.calltouch.match_rates()["matched"].to_list()
    [1]
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __repr__(self) -> str:
        return f"<polars df.calltouch: {self._frame.height:,} rows; help(df.calltouch.comment)>"

    @_as(api.plan)
    def plan(self, rules: Any, comment: Any = None, **options: Any) -> Plan:
        """Show what `comment` would send; nothing is sent. ``pl.from_pandas(plan.frame)`` makes a frame of Polars."""
        comment = pandas_comment(self._frame, comment)
        deals = read_deals(self._frame, rules, comment, key=options.get("key"))
        return api.plan(deals, rules, comment, **options)

    @_as(api.preview)
    def preview(self, rules: Any, comment: Any = "", **options: Any) -> PolarsPreview:
        """Look up in the account's journal what would match; the preview's tables are frames of Polars."""
        # All columns: a preview groups by any of them.
        comment = pandas_comment(self._frame, comment)
        return PolarsPreview(self._frame, api.preview(self._pandas(), rules, comment, **options))

    @_as(api.comment)
    def comment(self, rules: Any, comment: Any = None, **options: Any) -> pl.DataFrame:
        """Comment the leads of a frame; return a new frame of Polars with the answers."""
        prefix, comment = options.get("prefix", PREFIX), pandas_comment(self._frame, comment)
        deals = read_deals(self._frame, rules, comment, key=options.get("key"), prefix=prefix)
        return with_results(self._frame, api.comment(deals, rules, comment, **options), prefix)

    @_as(api.acomment)
    async def acomment(self, rules: Any, comment: Any = None, **options: Any) -> pl.DataFrame:
        """Comment the leads of a frame in the caller's running loop; return a new frame of Polars with the answers."""
        prefix, comment = options.get("prefix", PREFIX), pandas_comment(self._frame, comment)
        deals = read_deals(self._frame, rules, comment, key=options.get("key"), prefix=prefix)
        return with_results(self._frame, await api.acomment(deals, rules, comment, **options), prefix)

    @_as(api.settle)
    def settle(self, rules: Any, comment: Any = None, **options: Any) -> pl.DataFrame:
        """Look for the comments of uncertain rows in a journal; ``mark`` may be a Series of Polars."""
        if isinstance(mark := options.get("mark"), pl.Series):
            options["mark"] = pandas_column(mark) if mark.dtype == pl.Boolean else mark.to_list()
        comment = pandas_comment(self._frame, comment)
        deals = read_deals(self._frame, rules, comment, key=options.get("key"))
        return polars_table(api.settle(deals, rules, comment, **options))

    @_as(api.studio)
    def studio(self, *arguments: Any, **options: Any) -> Studio:
        """Open the studio: the whole journey by hand, in widgets; its ``result`` is a frame of pandas."""
        return api.studio(pandas_frame(self._frame), *arguments, **options)

    @_as(api.counts)
    def counts(self, **options: Any) -> pl.DataFrame:
        """Count the rows by status: columns ``status`` and ``rows``."""
        return polars_table(api.counts(self._pandas(), **options).to_frame())

    @_as(api.match_rates)
    def match_rates(self, by: Any = "type", **options: Any) -> pl.DataFrame:
        """Count what was offered, reached and matched; groups are columns. ``by`` may be a Series of Polars."""
        return polars_table(api.match_rates(self._pandas(), pandas_by(by), **options))

    @_as(api.errors)
    def errors(self, **options: Any) -> pl.DataFrame:
        """Count the errors by code and status."""
        return polars_table(api.errors(self._pandas(), **options))

    @_as(api.compare)
    def compare(self, before: pl.DataFrame, key: str | None = None, **options: Any) -> PolarsComparison:
        """Compare two frames of results of the same deals; the tables are frames of Polars."""
        # What is no frame is refused as in pandas.
        earlier: Any = pandas_frame(before) if isinstance(before, pl.DataFrame) else before
        return PolarsComparison(api.compare(self._pandas(), earlier, key, **options))

    @_as(api.dashboard)
    def dashboard(self, **options: Any) -> Dashboard:
        """Show the results in widgets."""
        return api.dashboard(self._pandas(), **options)

    @_as(api.report)
    def report(self, *arguments: Any, **options: Any) -> Any:
        """Write the results as one HTML file."""
        return api.report(self._pandas(), *arguments, **options)

    @property
    def plot(self) -> PlotAccessor:
        """Plots of a frame of results: `match_rates`, `errors`, `waterfall` and `timeline`."""
        return PlotAccessor(self._pandas())

    def _pandas(self) -> Any:
        return pandas_frame(self._frame)


@pl.api.register_series_namespace("calltouch")
class PolarsPhonesAccessor:
    """What can be done with a column of phones: `phone` gives the first number of each cell, `phones` all."""

    def __init__(self, series: pl.Series) -> None:
        self._series = series

    def phone(self, region: str = REGION) -> pl.Series:
        """Return the first valid number of each cell.

        Parameters
        ----------
        region : str
            Two letters: where numbers without a country code belong.

        Returns
        -------
        Series of String, same length and name
            Digits of E.164 without the plus, such as ``"79157771122"``; null where none is valid.

        Raises
        ------
        ConfigError
            When the region is not known.
        """
        from ctnb.leads.phones.api import first_phones

        return polars_column(first_phones(pandas_column(self._series), region))

    def phones(self, region: str = REGION) -> pl.Series:
        """Return every valid number of each cell.

        Parameters
        ----------
        region : str
            Two letters: where numbers without a country code belong.

        Returns
        -------
        Series of List(String), same length and name
            In the order of the cell, without repeats; an empty list where none is valid.

        Raises
        ------
        ConfigError
            When the region is not known.
        """
        from ctnb.leads.phones.api import all_phones

        found = all_phones(pandas_column(self._series), region)
        return pl.Series(self._series.name, found.tolist(), dtype=pl.List(pl.String))


@pl.api.register_lazyframe_namespace("calltouch")
class LazyDealsAccessor:
    """No verb works on a lazy frame: a query that runs twice would send twice."""

    def __init__(self, frame: pl.LazyFrame) -> None:
        raise ConfigError(
            "Expected a polars DataFrame, got a {kind}. Comments are sent once, for rows that are there: call "
            ".collect() first.",
            kind=type(frame).__name__,
        )
