"""Match rates of two results: a bar for after, a mark for before, and the interval of the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.labels import kind_label, predicted_title
from ctnb.i18n.language import gettext, ngettext, number, percent
from ctnb.outcomes import Kind
from ctnb.results.group_order import largest_first
from ctnb.views.charts import style
from ctnb.views.charts.bar import Bar
from ctnb.views.charts.bars import draw_bars, new_axes
from ctnb.views.charts.headline import empty
from ctnb.views.charts.style import top_of
from ctnb.views.charts.texts import clean
from ctnb.views.html.comparison import after_label, before_label, points, points_interval, short_points

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ctnb.results.comparison_summary import ComparisonSummary

_MOST_BARS: Final = 20


def comparison(compared: ComparisonSummary, table: pd.DataFrame, *, grouped: bool, ax: Axes | None = None) -> Axes:
    """Draw the rates of the pairs that are answered on both sides.

    Parameters
    ----------
    compared : ComparisonSummary
        Of all pairs.
    table : DataFrame
        From `ctnb.results.compare.Comparison.rates`.
    grouped : bool
        Whether the pairs are in groups; else the table has the one row of all.
    ax : Axes, optional
        Where to draw. By default on a new figure.
    """
    whole = compared.rates
    shown = largest_first(table, "pairs").head(_MOST_BARS)
    before = before_label(predicted=compared.predicted_before)
    after = after_label(predicted=compared.predicted_after)
    if not whole["pairs"] or not len(table):
        text = gettext("no pair is answered on both sides") if not whole["pairs"] else gettext("no answers yet")
        bare = new_axes(0) if ax is None else ax
        return empty(bare, _marked(gettext("Match rate before and after"), compared), text)
    title = ngettext(
        "Match rate {was} {before}, {now} {after}: {n} pair",
        "Match rate {was} {before}, {now} {after}: {n} pairs",
        whole["pairs"],
        was=percent(whole["rate_before"]),
        before=before,
        now=percent(whole["rate_after"]),
        after=after,
    )
    notes = [
        gettext(
            "All: {difference} ({interval}, 95 % interval)",
            difference=points(whole["difference"]),
            interval=points_interval(whole["low"], whole["high"]),
        )
    ]
    if len(shown) < len(table):
        notes.append(
            ngettext("the {most} largest of {n} group", "the {most} largest of {n} groups", len(table), most=_MOST_BARS)
        )
    bars = [
        _bar(key, row, [*shown.index.names] if grouped else None)
        for key, row in zip(shown.index, shown.to_dict("records"), strict=True)
    ]
    ax = new_axes(len(bars)) if ax is None else ax
    label = gettext(
        "% of pairs (bar: {after}; mark: {before}; line: 95 % interval of the difference)", after=after, before=before
    )
    top = top_of(value for bar in bars for value in (bar.high, bar.mark, bar.length))
    draw_bars(ax, bars, title=_marked(title, compared), note="; ".join(notes), axis_label=label, top=top)
    return ax


def _marked(title: str, compared: ComparisonSummary) -> str:
    """Return the title, marked where all that is shown was predicted; else the side's name says it."""
    return predicted_title(title) if compared.predicted_before and compared.predicted_after else title


def _bar(key: Any, row: dict[Any, Any], names: list[Any] | None) -> Bar:
    """Return the bar of a group; without names it is that of all pairs."""
    values = key if isinstance(key, tuple) else (key,)
    # A value of the user's in a column called "type" stays what it is.
    texts = [
        kind_label(value) if name == "type" and value in set(Kind) else clean(value)
        for name, value in zip(names or [], values, strict=False)
    ]
    label, *others = texts or [gettext("all pairs")]
    before, after = row["rate_before"], row["rate_after"]
    return Bar(
        label=label,
        aside=" · ".join(others),
        length=after,
        # The interval of the difference, laid from the mark: where it does not reach the mark, the rates differ.
        low=min(max(before + row["low"], 0.0), after),
        high=max(min(before + row["high"], 1.0), after),
        look=style.PLAIN,
        note=short_points(row["difference"], row["low"], row["high"]),
        detail=gettext(
            "{before} → {after} of {pairs}", before=percent(before), after=percent(after), pairs=number(row["pairs"])
        ),
        mark=before,
    )
