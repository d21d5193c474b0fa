"""``df.calltouch`` and ``series.calltouch``: each verb of the frame is the function of the same name in `ctnb.api`."""

from __future__ import annotations

import inspect
import re
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import pandas as pd

from ctnb import api
from ctnb.defaults import REGION
from ctnb.plot_accessor import PlotAccessor

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_FRAME = re.compile(r"^(?:deals|frame) : DataFrame\n(?: +.*\n)+", re.MULTILINE)
"""The parameter that the accessor itself gives, in a docstring."""


def _of_frame(verb: Callable[Concatenate[pd.DataFrame, P], T]) -> Callable[Concatenate[DealsAccessor, P], T]:
    """Make a method of a verb: signature and docstring are the verb's, less the frame."""

    @wraps(verb)
    def method(self: DealsAccessor, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return verb(self._frame, *args, **kwargs)

    method.__doc__ = _FRAME.sub("", inspect.getdoc(verb) or "", count=1)
    return method


@pd.api.extensions.register_dataframe_accessor("calltouch")
class DealsAccessor:
    """What can be done with a frame of deals, and with the frame of results that comes of it.

    A frame of deals: `plan` shows what would be sent, `preview` what would match, `comment` sends it (`acomment` in a
    running loop), `settle` looks for comments that are uncertain, `studio` goes the whole way by hand. A frame of
    results, with its ``ct_`` columns: `counts`, `match_rates` and `errors` are tables, `compare` sets it beside an
    earlier one, `plot` has the pictures, `dashboard` shows widgets, `report` writes one HTML file. The plain functions
    of the same names take the frame first: ``ctnb.comment(df, ...)``.

    Examples
    --------
    >>> import ctnb, pandas as pd
    >>> deals, calls = pd.DataFrame({"call": [7, 8]}), pd.DataFrame({"callId": [7], "date": ["01-10-2020 12:00:00"]})
    >>> with ctnb.Emulator(calls, rate=None) as vendor:
    ...     done = deals.calltouch.comment(
    ...         ctnb.Call("call"), "sold", connection=vendor.connection, progress=False
    ...     )
    >>> done.calltouch.match_rates()["matched"].to_dict()
    {'call': 1}
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __repr__(self) -> str:
        return (
            f"<df.calltouch: {len(self._frame):,} rows>\n"
            "  deals:    .plan(rules, comment, key=...)  .preview(rules, comment, journal=...)  .studio()\n"
            "            .comment(rules, comment, key=...)  .acomment(...)  .settle(..., journal=...)\n"
            "  results:  .counts()  .match_rates(by)  .errors()  .compare(before)  .dashboard()  .report(path)\n"
            "            .plot.match_rates(by)  .plot.errors()  .plot.waterfall(by)  .plot.timeline(date, by=...)\n"
            "            .plot.heatmap(by, across)  .plot.funnel(by)\n"
            "  help:     help(df.calltouch.comment)"
        )

    plan = _of_frame(api.plan)
    preview = _of_frame(api.preview)
    comment = _of_frame(api.comment)
    acomment = _of_frame(api.acomment)
    settle = _of_frame(api.settle)
    studio = _of_frame(api.studio)
    counts = _of_frame(api.counts)
    match_rates = _of_frame(api.match_rates)
    errors = _of_frame(api.errors)
    compare = _of_frame(api.compare)
    dashboard = _of_frame(api.dashboard)
    report = _of_frame(api.report)

    @property
    def plot(self) -> PlotAccessor:
        """Plots of a frame of results, such as `match_rates`; see `PlotAccessor`."""
        return PlotAccessor(self._frame)


@pd.api.extensions.register_series_accessor("calltouch")
class PhonesAccessor:
    """What can be done with a column of phones: `phone` gives the first number of each cell, `phones` all."""

    def __init__(self, series: pd.Series[Any]) -> None:
        self._series = series

    def __repr__(self) -> str:
        return f"<series.calltouch: {len(self._series):,} cells>\n  .phone(region)  .phones(region)"

    def phone(self, region: str = REGION) -> pd.Series[str]:
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

    def phones(self, region: str = REGION) -> pd.Series[Any]:
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
