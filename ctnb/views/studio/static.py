"""The static view of a studio, for a saved notebook: that it is closed, and what it sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ctnb.defaults import PREFIX
from ctnb.i18n.language import gettext, ngettext
from ctnb.views.dashboard import static as results
from ctnb.views.dashboard.rows import ResultRows
from ctnb.views.html.render import rendered
from ctnb.views.static_view import StaticView

if TYPE_CHECKING:
    import pandas as pd


def static_view(deals: pd.DataFrame, result: pd.DataFrame | None) -> StaticView:
    """Say how the studio is opened again, and sum up what it sent.

    Parameters
    ----------
    deals : DataFrame
        What it is over.
    result : DataFrame or None
        The deals with their ``ct_`` columns, None where nothing was sent yet.
    """
    rows = ngettext("Studio over {n} row", "Studio over {n} rows", len(deals))
    text = gettext("The studio lives as long as its kernel. Run the cell again to open it.")
    closed = rendered("studio/closed.html", title=rows, text=text)
    if result is None:
        return StaticView(f"{rows}. {text}", closed)
    sent = results.static_view(ResultRows(result, PREFIX))
    return replace(sent, html=closed + sent.html)
