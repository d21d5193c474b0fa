"""Values as HTML: one environment, in which every text is escaped."""

from __future__ import annotations

import traceback
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ctnb.exceptions import CtnbError
from ctnb.i18n.language import gettext

if TYPE_CHECKING:
    from ctnb.views.html.headline import Headline
    from ctnb.views.html.table import Table


def rendered(template: str, **values: Any) -> str:
    """Return a template of the package, filled in; texts are escaped."""
    text: str = _templates().get_template(template).render(values)
    return text


def facts(headline: Headline, shown: str = "") -> str:
    """Return the headline numbers, with a line that tells how many rows they are of."""
    return rendered("headline.html", headline=headline, shown=shown)


def table(rows: Table, **label: str) -> str:
    """Return a table that goes by the page's style sheet; nothing where it has no rows.

    With a `label` the keyboard can scroll it.
    """
    return rendered("table.html", table=rows, **label) if rows.rows else ""


def problem(error: BaseException) -> str:
    """Return what went wrong: the message of an error of ours, and where it happened of any other."""
    trace = "" if isinstance(error, CtnbError) else "".join(traceback.format_exception(error))
    name, heading = type(error).__name__, gettext("Traceback")
    return rendered("problem.html", name=name, message=str(error), trace=trace, heading=heading)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("ctnb.views.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
