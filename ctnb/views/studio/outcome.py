"""What a run has come to: the dashboard where there is one, else plain tables. This is the one place that knows."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.labels import kind_label, status_label
from ctnb.language import number, percent, said
from ctnb.results.rates import counts, match_rates
from ctnb.views.studio.look import table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["outcome"]


def outcome(result: pd.DataFrame) -> Any:
    """Return a widget that shows a frame of results."""
    if find_spec("ctnb.views.dashboard") is not None:
        return importlib.import_module("ctnb.views.dashboard").dashboard(result)
    by_status = counts(result)
    statuses = [(status_label(str(status)), number(int(rows))) for status, rows in by_status.items() if rows]
    rates = match_rates(result).reset_index()
    by_type = [
        (
            kind_label(str(kind)),
            number(int(offered)),
            number(int(matched)),
            percent(matched / offered if offered else float("nan")),
        )
        for kind, offered, matched in rates[[rates.columns[0], "offered", "matched"]].itertuples(index=False)
    ]
    heads = (said("Type of rule"), said("Rows offered"), said("Rows matched"), said("Share matched"))
    return ipywidgets.HTML(
        table(said("Rows by status"), (said("Row status"), said("Number of rows")), statuses, numbers=(1,))
        + table(said("Matches by type"), heads, by_type, numbers=(1, 2, 3))
    )
