"""The report: one HTML file that needs nothing else, to be sent, opened on a phone or printed."""

from __future__ import annotations

import platform
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from ctnb import __version__
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.language import current_language, gettext
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules_file import format_rulebook
from ctnb.results.columns import NAMES, PREFIX, restore
from ctnb.views import summary
from ctnb.views.charts import plots, timeline
from ctnb.views.charts.svg import Picture, height_of, picture
from ctnb.views.dashboard.filters import date_columns
from ctnb.views.html.render import rendered
from ctnb.views.masking import masked, masked_labels

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from matplotlib.axes import Axes

    from ctnb.leads.rules import Rule

ENDINGS: Final = (".html", ".htm")

# Inches, at 96 pixels each: a sheet of A4 without its margins, and a phone.
_WIDE: Final = 7.4
_NARROW: Final = 3.9
_TIMELINE: Final = 3.6


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: a plot for wide screens and paper, one for phones, a table; each may be missing."""

    anchor: str
    title: str
    text: str = ""
    wide: Picture | None = None
    narrow: Picture | None = None
    table: summary.Table | None = None


def report(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    rules: Rule | Iterable[Rule] | None = None,
    by: Hashable | Sequence[Hashable] = (),
    date: Hashable | None = None,
    title: str | None = None,
    prefix: str = PREFIX,
) -> Path:
    """Write a report of how the leads matched, as one HTML file without a contact in it.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    path : str or path
        Ends with ``.html`` or ``.htm``. A file that is there is replaced at once, whole or not at all.
    rules : rules, optional
        Shown as the TOML that `ctnb.load_rulebook` reads.
    by : column, or sequence of columns
        Columns of the frame by which the match rate is told as well, such as ``"manager"``. Values that may
        be contacts are masked, and those that then look alike are one group.
    date : column, optional
        For the match rate over time. By default the frame's first column of dates, one of creation before
        others; there is no such part where there is none.
    title : str, optional
        Of the page.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ColumnNotFoundError
        A column that is named is not in the frame.
    ConfigError
        The frame has no results under `prefix`, or the path is a folder, has another ending or cannot be written.
    RuleError
        The rules cannot be used.
    """
    file = _checked(path)
    text = page(frame, datetime.now().astimezone(), rules=rules, by=by, date=date, title=title, prefix=prefix)
    _write(file, text)
    return file


def page(
    frame: pd.DataFrame,
    made: datetime,
    *,
    rules: Rule | Iterable[Rule] | None = None,
    by: Hashable | Sequence[Hashable] = (),
    date: Hashable | None = None,
    title: str | None = None,
    prefix: str = PREFIX,
) -> str:
    """Return the report as HTML; see `report`.

    Parameters
    ----------
    made : datetime
        Aware: the moment that the page is dated.
    """
    columns = list(by) if isinstance(by, list | tuple | set | frozenset | pd.Index) else [by]
    for name in [*columns, *([] if date is None else [date])]:
        if name not in frame.columns:
            raise ColumnNotFoundError.among(name, frame.columns, wanted_by="report")
    told = summary.summary(frame, prefix=prefix)
    return rendered(
        "report.html",
        language=current_language(),
        title=masked(title) if title else gettext("How the leads matched"),
        made=_dated(made),
        told=told,
        sections=list(_sections(frame, columns, date, prefix)),
        rules=None if rules is None else format_rulebook(Rulebook(rules)),
        notes=_notes(),
        versions=_versions(made),
        words={
            "rules": gettext("The rules"),
            "notes": gettext("How to read this"),
            "versions": gettext("Made with"),
            "numbers": gettext("In numbers"),
            "table": gettext("Table: {title}", title="{title}"),
        },
    )


def _sections(frame: pd.DataFrame, columns: list[Hashable], date: Hashable | None, prefix: str) -> Iterable[Section]:
    yield Section("status", gettext("What became of the rows"), table=summary.status_table(frame, prefix=prefix))
    answers = restore(frame, prefix, only=["status", "matched"])["matched"]
    if answers.notna().any():
        yield from _rates(frame, columns, date, prefix)
    errors = summary.errors_table(frame, prefix=prefix)
    if errors.rows:
        draw = partial(plots.errors, frame, prefix=prefix)
        bars = min(len(errors.rows), summary.MOST_GROUPS)
        yield _drawn("errors", gettext("What went wrong, and what to do"), draw, height_of(bars), table=errors)


def _rates(frame: pd.DataFrame, columns: list[Hashable], date: Hashable | None, prefix: str) -> Iterable[Section]:
    """Yield the parts that need answers."""
    table = summary.rates_table(frame, "type", prefix=prefix)
    draw: Callable[..., Axes] = partial(plots.match_rates, frame, prefix=prefix)
    yield _drawn("types", gettext("Match rate by matching type"), draw, height_of(len(table.rows)), table=table)
    table = summary.rates_table(frame, "rule", prefix=prefix)
    draw = partial(plots.waterfall, frame, prefix=prefix)
    yield _drawn("rules", gettext("What each rule added"), draw, height_of(len(table.rows) + 2), table=table)
    for place, name in enumerate(columns, start=1):
        grouped = _grouped(frame, name, prefix)
        label = grouped.columns[-1]
        table = summary.rates_table(grouped, [label], prefix=prefix)
        draw = partial(plots.match_rates, grouped, by=[label], prefix=prefix)
        title = gettext("Match rate by {column}", column=label)
        yield _drawn(f"column-{place}", title, draw, height_of(len(table.rows)), table=table)
    found = date if date is not None else next(iter(date_columns(frame, prefix)), None)
    if found is not None:
        draw = partial(timeline.timeline, frame, date=found, prefix=prefix)
        yield _drawn("time", gettext("Over time"), draw, _TIMELINE)


def _grouped(frame: pd.DataFrame, name: Hashable, prefix: str) -> pd.DataFrame:
    """Return the results and one column beside them, masked."""
    if isinstance(frame[name], pd.DataFrame):
        raise ConfigError(f"There are {frame[name].shape[1]} columns called {name!r}. Rename all but one.")
    results = frame[[label for label in frame.columns if label in {prefix + ours for ours in NAMES}]]
    return results.assign(**{masked(str(name)): masked_labels(frame[name]).array})


def _drawn(
    anchor: str,
    title: str,
    draw: Callable[..., Axes],
    height: float,
    *,
    table: summary.Table | None = None,
) -> Section:
    """Draw a plot twice: shrunk to a phone, the texts of a wide one could not be read."""

    def on(axes: Axes) -> Axes:
        return draw(ax=axes)

    wide = picture(on, name=f"{anchor}-wide", width=_WIDE, height=height)
    narrow = picture(on, name=f"{anchor}-narrow", width=_NARROW, height=height + 0.3)
    return Section(anchor, title, wide=wide, narrow=Picture(wide.title, narrow.svg), table=table)


def _notes() -> list[str]:
    return [
        gettext(
            "Answered are the rows to which the vendor replied, found or not; the match rate is the share of these."
        ),
        gettext("Offered: rows that carried a rule of the type. Reached: of these, not matched by an earlier rule."),
        gettext("A dash stands where the answers do not show it. The rate by type and by rule is of the rows reached."),
        gettext("Intervals are Wilson's, at 95 %: where they overlap much, the difference may be chance."),
        gettext("Contacts are masked, and so is any number of seven digits or more in a text."),
    ]


def _dated(made: datetime) -> str:
    from babel.dates import format_date

    day = format_date(made, format="long", locale=current_language()).replace("\N{NARROW NO-BREAK SPACE}", " ")
    return f"{day}, {made:%H:%M} (UTC{made.isoformat()[-6:]})"


def _versions(made: datetime) -> list[tuple[str, str]]:
    return [
        ("ctnb", __version__),
        ("pandas", pd.__version__),
        ("Python", platform.python_version()),
        (gettext("Language"), {"en": "English", "ru": "русский"}[current_language()]),
        (gettext("Date"), made.isoformat(sep=" ", timespec="seconds")),
    ]


def _checked(path: str | os.PathLike[str]) -> Path:
    file = Path(path)
    if file.is_dir():
        raise ConfigError(f"{str(file)!r} is a folder. Name the file in it, such as {str(file / 'report.html')!r}.")
    if file.suffix.lower() not in ENDINGS:
        raise ConfigError(f"{file.name!r} ends with {file.suffix!r}; a report ends with {' or '.join(ENDINGS)}.")
    if not file.parent.is_dir():
        raise ConfigError(f"There is no folder {str(file.parent)!r}. Make it, or name another place for the report.")
    return file


def _write(file: Path, text: str) -> None:
    """Write beside the file and put it in its place at once, so that no half report is ever seen."""
    spare = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            spare.write_text(text, encoding="utf-8", newline="\n")
            spare.replace(file)
        finally:
            spare.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{str(file)!r} cannot be written: {error.strerror}. Name another place for the report."
        ) from None
