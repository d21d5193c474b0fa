"""The report: one HTML file that needs nothing else, to be sent, opened on a phone or printed."""

from __future__ import annotations

import platform
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.labels import value_text
from ctnb.i18n.language import current_language, gettext
from ctnb.i18n.message import lazy_gettext
from ctnb.i18n.system_errors import system_text
from ctnb.leads.rule_repr import parameters_of
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules_file import format_rulebook
from ctnb.masking import Strength, masked
from ctnb.paths import checked_path, is_folder, shown
from ctnb.results.columns import NAMES
from ctnb.results.group_order import are_periods, has_natural_order
from ctnb.results.predicted import is_predicted
from ctnb.results.restore import restore
from ctnb.tables.place import place_text
from ctnb.version import __version__
from ctnb.views import summary
from ctnb.views.charts import plots, timeline
from ctnb.views.charts.bars import plot_height
from ctnb.views.charts.group_labels import group_labels
from ctnb.views.charts.svg import Picture, draw_svg
from ctnb.views.dashboard.filters import date_columns
from ctnb.views.html.render import rendered
from ctnb.views.html.rules import rule_sentence
from ctnb.views.predicted import marked, rows_title

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from matplotlib.axes import Axes

    from ctnb.leads.rules import Rule
    from ctnb.views.html.table import Table

ENDINGS: Final = (".html", ".htm")

# Inches, at 96 pixels each: a sheet of A4 without its margins, and a phone.
_WIDE: Final = 7.4
_NARROW: Final = 3.9
_TIMELINE: Final = 3.6


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    anchor, title : str
        Its id in the page, and its heading.
    table : Table or None
    wide, narrow : Picture or None
        A plot for wide screens and paper, and the same for phones.
    folded : bool
        Whether the table has the numbers of the plot, so that it is opened by a click and not printed.
    """

    anchor: str
    title: str
    table: Table | None = None
    wide: Picture | None = None
    narrow: Picture | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class RulesInWords:
    """The rules in words, in the order of their ranks, and as a file."""

    sentences: tuple[str, ...]
    file: str

    @classmethod
    def of(cls, rules: Rule | Iterable[Rule] | Rulebook) -> RulesInWords:
        """Put rules into words."""
        book = rules if isinstance(rules, Rulebook) else Rulebook(rules)
        sentences = (rule_sentence(rule.kind, parameters_of(rule)) for rule in book.rules)
        return cls(tuple(masked(sentence, Strength.SHARED) for sentence in sentences), format_rulebook(book))


def report(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    rules: Rule | Iterable[Rule] | Rulebook | None = None,
    by: Hashable | list[Any] | None = None,
    date: Hashable | None = None,
    title: str | None = None,
    prefix: str = PREFIX,
) -> Path:
    """Write a report of how the leads matched, as one HTML file without a contact in it.

    See `ctnb.report`.
    """
    file = _checked(path)
    text = page(frame, datetime.now().astimezone(), rules=rules, by=by, date=date, title=title, prefix=prefix)
    _write(file, text)
    return file


def page(
    frame: pd.DataFrame,
    made: datetime,
    *,
    rules: Rule | Iterable[Rule] | Rulebook | None = None,
    by: Hashable | list[Any] | None = None,
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
    groupings = _groupings(by)
    for name in [*(name for grouping in groupings for name in grouping), *([] if date is None else [date])]:
        if name not in frame.columns:
            raise ColumnNotFoundError.among(name, frame.columns, wanted_by=lazy_gettext("the report"))
    predicted = is_predicted(frame, prefix)
    default = gettext("How the leads would match") if predicted else gettext("How the leads matched")
    return rendered(
        "report.html",
        language=current_language(),
        title=marked(masked(title, Strength.SHARED) if title else default, frame, prefix),
        made=_dated(made),
        headline=summary.summary(frame, prefix=prefix),
        shown="",
        sections=list(_sections(frame, groupings, date, prefix)),
        rules=None if rules is None else RulesInWords.of(rules),
        notes=[*([_prediction_note()] if predicted else []), *_notes()],
        versions=_versions(made),
        words={
            "rules": gettext("The rules"),
            "rule_file": gettext("The rules as a file"),
            "folded": gettext("The numbers as a table"),
            "notes": gettext("How to read this"),
            "versions": gettext("Made with"),
            "table": gettext("Table: {title}", title="{title}"),
        },
    )


def _groupings(by: Hashable | list[Any] | None) -> list[list[Hashable]]:
    """Return the lists of columns by which the rate is asked for; by type and by rule it is there anyway."""
    if by is None or (isinstance(by, str) and by in ("type", "rule")):
        return []
    asked: list[Any] = by if isinstance(by, list) else [by]
    groupings: list[Any] = asked if asked and all(isinstance(each, list) for each in asked) else [asked]
    if not all(grouping and all(isinstance(name, Hashable) for name in grouping) for grouping in groupings):
        raise ConfigError(
            "by= wants a column, a list of columns or a list of such lists, got {by!r}. Write "
            'by=["manager", "stage"] for the combination, by=[["manager"], ["stage"]] for a part by each.',
            by=by,
        )
    return groupings


def _sections(
    frame: pd.DataFrame, groupings: list[list[Hashable]], date: Hashable | None, prefix: str
) -> Iterator[Section]:
    answers = restore(frame, prefix, only=["status", "matched"])["matched"]
    if answers.notna().any():
        yield from _rates(frame, groupings, date, prefix)
    yield Section("status", rows_title(frame, prefix), table=summary.status_table(frame, prefix=prefix))
    errors = summary.errors_table(frame, prefix=prefix)
    if errors.rows:
        draw = partial(plots.errors, frame, prefix=prefix)
        bars = min(len(errors.rows), summary.MOST_GROUPS)
        drawn = _drawn("errors", gettext("What went wrong, and what to do"), draw, plot_height(bars), table=errors)
        # What the plot cannot show: what to do, and the most frequent text.
        last = len(errors.headings) - 1
        yield replace(drawn, table=errors.with_columns(0, last, last - 1), folded=False)


def _rates(
    frame: pd.DataFrame, groupings: list[list[Hashable]], date: Hashable | None, prefix: str
) -> Iterator[Section]:
    """Yield the parts that need answers."""
    table = _rates_table(frame, "type", prefix)
    draw: Callable[..., Axes] = partial(plots.match_rates, frame, prefix=prefix)
    yield _drawn("types", gettext("Match rate by matching type"), draw, plot_height(len(table.rows)), table=table)
    table = _rates_table(frame, "rule", prefix)
    draw = partial(plots.waterfall, frame, prefix=prefix)
    yield _drawn("rules", gettext("What each rule added"), draw, plot_height(len(table.rows) + 2), table=table)
    for number, grouping in enumerate(groupings, start=1):
        labels, grouped = _grouped(frame, grouping, prefix)
        table = _rates_table(grouped, labels, prefix)
        draw = partial(plots.match_rates, grouped, by=labels, prefix=prefix)
        title = gettext("Match rate by {column}", column=gettext(" and ").join(labels))
        yield _drawn(f"columns-{number}", title, draw, plot_height(len(table.rows)), table=table)
    found = date if date is not None else next(iter(date_columns(frame, prefix)), None)
    if found is not None:
        label = masked(str(found), Strength.SHARED)
        dated = _results(frame, prefix).assign(**{label: _column(frame, found).array})
        draw = partial(timeline.timeline, dated, date=label, prefix=prefix)
        yield _drawn("time", gettext("Over time"), draw, _TIMELINE)


def _rates_table(frame: pd.DataFrame, by: Hashable | list[Any], prefix: str) -> Table:
    """Return the rates with the rate as the first number: on a phone it stands before what it is made of."""
    table = summary.rates_table(frame, by, prefix=prefix)
    rate, bounds = len(table.headings) - 2, len(table.headings) - 1
    return table.with_columns(0, rate, bounds, *range(1, rate))


def _results(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Return the results alone, in a frame to which columns may be added."""
    ours = {prefix + name for name in NAMES}
    return frame[[label for label in frame.columns if label in ours]].copy(deep=False)


def _column(frame: pd.DataFrame, name: Hashable) -> pd.Series[Any]:
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise ConfigError(
            "There are {count} columns called {name!r}. Rename all but one.", count=column.shape[1], name=name
        )
    return column


def _grouped(frame: pd.DataFrame, columns: list[Hashable], prefix: str) -> tuple[list[str], pd.DataFrame]:
    """Return the columns as they are shown, and a frame of the results with these columns, all masked."""
    results = _results(frame, prefix)
    labels: list[str] = []
    for name in columns:
        label = masked(str(name), Strength.SHARED)
        labels.append(f"{label} ({len(labels) + 1})" if label in labels else label)
        try:
            results[labels[-1]] = _masked_cells(_column(frame, name))
        except TypeError as error:
            raise ConfigError(
                "The rows cannot be grouped by {columns}: {error}. Take a column of plain values.",
                columns=repr(name),
                error=error,
            ) from None
    return labels, results


def _masked_cells(column: pd.Series[Any]) -> pd.Categorical:
    """Return a column as masked texts, missing where it was; values that look alike then are one.

    Where the values have an order of their own, so have the texts.
    """
    cells = pd.Categorical(column).remove_unused_categories()
    values = pd.Index(cells.categories)
    texts = (
        # Not masked: a day is no contact, though it has as many digits.
        [text for (text,) in group_labels(values)]
        if are_periods(values)
        else [masked(value_text(value), Strength.SHARED) for value in values]
    )
    shown = np.array([*texts, None], dtype=object)[cells.codes]
    ordered = bool(cells.ordered) or has_natural_order(values)
    return pd.Categorical(shown, categories=list(dict.fromkeys(texts)), ordered=ordered)


def _drawn(
    anchor: str,
    title: str,
    draw: Callable[..., Axes],
    height: float,
    *,
    table: Table | None = None,
) -> Section:
    """Draw a plot twice: shrunk to a phone, the texts of a wide one could not be read."""

    def on(axes: Axes) -> Axes:
        return draw(ax=axes)

    wide = draw_svg(on, name=f"{anchor}-wide", width=_WIDE, height=height)
    narrow = draw_svg(on, name=f"{anchor}-narrow", width=_NARROW, height=height + 0.3)
    return Section(anchor, title, table, wide, Picture(wide.title, narrow.svg), folded=True)


def _prediction_note() -> str:
    return gettext(
        "This is a prediction from the account's journals: nothing was sent. Where it says answered, read: can be sent."
    )


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
    file = checked_path(path)
    if is_folder(file):
        raise ConfigError(
            "{file!r} is a folder. Name the file in it, such as {example!r}.",
            file=str(file),
            example=str(file / "report.html"),
        )
    if file.suffix.lower() not in ENDINGS:
        raise ConfigError(
            "{name!r} ends with {ending!r}; a report ends with one of: {endings}.",
            name=file.name,
            ending=file.suffix,
            endings=", ".join(ENDINGS),
        )
    if not is_folder(file.parent):
        raise ConfigError(
            "There is no folder {folder!r}. Make it, or name another place for the report.", folder=shown(file.parent)
        )
    return file


def _write(file: Path, text: str) -> None:
    """Write the page in its place at once, so that no half report is ever seen."""
    try:
        place_text(file, text)
    except OSError as error:
        raise ConfigError(
            "{file!r} cannot be written: {error}. Name another place for the report.",
            file=shown(file),
            error=system_text(error),
        ) from None
