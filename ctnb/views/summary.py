"""A frame of results in words and small tables: the report and the dashboard say the same."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.i18n.advice import advice_for
from ctnb.i18n.labels import kind_label, reason_label, status_label, status_meaning, value_text
from ctnb.i18n.language import gettext, interval, ngettext, number, percent
from ctnb.masking import Strength, masked
from ctnb.outcomes import Attribution, Status
from ctnb.results import rates
from ctnb.results.group_order import are_the_last, shown_groups
from ctnb.results.grouping import grouping
from ctnb.results.predicted import is_predicted
from ctnb.results.restore import restore
from ctnb.views.html.card import cut
from ctnb.views.html.headline import Fact, Headline
from ctnb.views.html.table import Table
from ctnb.views.predicted import answered_heading

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MOST_GROUPS: Final = 20
"""Groups of a column that a table shows, the largest first; the plots draw as many."""

LONGEST_EXAMPLE: Final = 200
"""Characters that a table of errors shows of an example."""

NONE: Final = "–"


def summary(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Headline:
    """Sum up a frame of results.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """
    results = restore(frame, prefix, only=["status", "matched"])
    by_status = rates.counts(frame, prefix=prefix)
    answered, matched = int(results["matched"].notna().sum()), int(results["matched"].sum())
    low, high = rates.wilson(matched, answered)
    rate = matched / answered if answered else float("nan")
    refused = int(by_status[[Status.INVALID, Status.REJECTED]].sum())
    pending = int(by_status[[Status.UNCERTAIN, Status.UNSENT, Status.BUSY]].sum())
    rows = len(frame)
    predicted = is_predicted(frame, prefix)
    ready = ngettext("{n} can be sent", "{n} can be sent", answered)
    facts = (
        Fact(
            gettext("Rows"),
            number(rows),
            ready if predicted else ngettext("{n} answered", "{n} answered", answered),
        ),
        Fact(
            gettext("Match rate"),
            percent(rate),
            _tied(gettext("95 % interval {interval}", interval=interval(float(low), float(high)))) if answered else "",
        ),
        Fact(
            gettext("Would match") if predicted else status_label(Status.COMMENTED),
            number(by_status[Status.COMMENTED]),
            _share(by_status["commented"], rows),
        ),
        Fact(
            gettext("Would not match") if predicted else status_label(Status.UNMATCHED),
            number(by_status[Status.UNMATCHED]),
            _share(by_status["unmatched"], rows),
        ),
        Fact(gettext("Invalid or rejected"), number(refused), _share(refused, rows)),
        # A preview leaves nothing unsettled.
        Fact(gettext("Sent"), number(0), gettext("this is a prediction"))
        if predicted
        else Fact(gettext("Not settled"), number(pending), _share(pending, rows)),
    )
    sentence = _sentence(rows, answered, matched, predicted=predicted)
    return Headline(_tied(sentence), facts, gettext("In numbers"))


def _sentence(rows: int, answered: int, matched: int, *, predicted: bool) -> str:
    if not rows:
        return gettext("The table has no rows.")
    if predicted:
        return predicted_sentence(matched, answered)
    if not answered:
        return gettext("No row has an answer yet, so there is no match rate.")
    low, high = rates.wilson(matched, answered)
    return ngettext(
        "{matched} of {n} answered row found its lead: {rate} (95 % interval {interval}).",
        "{matched} of {n} answered rows found their lead: {rate} (95 % interval {interval}).",
        answered,
        matched=number(matched),
        rate=percent(matched / answered),
        interval=interval(float(low), float(high)),
    )


def predicted_sentence(matched: int, ready: int) -> str:
    """Say how many of the rows that can be sent would find their lead."""
    if not ready:
        return gettext("Predicted, nothing was sent: no row can be sent.")
    low, high = rates.wilson(matched, ready)
    return ngettext(
        "Predicted, nothing was sent: {matched} of {n} row would find its lead: {rate} (95 % interval {interval}).",
        "Predicted, nothing was sent: {matched} of {n} rows would find their lead: {rate} (95 % interval {interval}).",
        ready,
        matched=number(matched),
        rate=percent(matched / ready),
        interval=interval(float(low), float(high)),
    )


def _tied(text: str) -> str:
    """Return a text in which no line ends within an interval."""
    return text.replace("95 %", "95\N{NO-BREAK SPACE}%").replace("–", "\N{WORD JOINER}–\N{WORD JOINER}")


def _share(rows: int, of: int) -> str:
    return gettext("{share} of the rows", share=percent(rows / of)) if of else ""


def status_table(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Table:
    """Count the rows by status, zeros left out, with how sure the matches are in the note."""
    by_status = rates.counts(frame, prefix=prefix)
    predicted = is_predicted(frame, prefix)
    low, high = rates.wilson(by_status.to_numpy(), len(frame))
    rows = tuple(
        (
            status_label(str(status)),
            number(count),
            percent(count / len(frame)),
            interval(float(low[at]), float(high[at])),
            status_meaning(str(status), predicted=predicted),
        )
        for at, (status, count) in enumerate(by_status.items())
        if count
    )
    headings = (
        gettext("Status"),
        gettext("Rows"),
        gettext("Share"),
        _tied(gettext("95 % interval")),
        gettext("What it means"),
    )
    return Table(headings, rows, frozenset({1, 2, 3}), note=_sureness(frame, prefix))


def _sureness(frame: pd.DataFrame, prefix: str) -> str:
    """Say in how many of the matched rows it is sure which rule won."""
    if prefix + "attribution" not in frame.columns:
        return ""
    results = restore(frame, prefix, only=["status", "attribution"])
    found = results["attribution"].value_counts()
    if not found.sum():
        return ""
    return gettext(
        "Which rule won is exact in {exact} rows, inferred in {inferred} and ambiguous in {ambiguous}.",
        **{str(degree): number(int(found.get(degree, 0))) for degree in Attribution},
    )


def rates_table(
    frame: pd.DataFrame, by: Hashable | list[Any] = "type", *, sort: str | None = None, prefix: str = PREFIX
) -> Table:
    """Return the match rates as `ctnb.match_rates` counts them, for the same `by`; groups of values in an order."""
    table = rates.match_rates(frame, by, prefix=prefix)
    group = grouping(frame, by)
    if group.word is not None and not group.columns:
        headings = [gettext("Matching type") if by == "type" else gettext("Rule")]
        headings += [gettext("Offered"), gettext("Reached"), gettext("Matched")]
        counts, note = ["offered", "reached", "matched"], ""
        name: Callable[[Any, dict[Any, Any]], str] = _kind if by == "type" else _rule
    else:
        words = {"type": gettext("matching type"), "rule": gettext("rule")}
        at_word = group.at if group.word is not None else None
        names = [words[str(group.word)] if at == at_word else str(each) for at, each in enumerate(table.index.names)]
        # A type or a rule is asked about the rows that came to it, not about all that have an answer.
        whole = gettext("Reached") if group.word else answered_heading(predicted=is_predicted(frame, prefix))
        headings = [masked(", ".join(names), Strength.SHARED), gettext("Matched"), whole]
        counts, name = ["matched", "reached"], partial(_values, kinds=at_word if group.word == "type" else None)
        table, note = _largest(table, sort)
    headings += [gettext("Match rate"), _tied(gettext("95 % interval"))]
    rows = [
        (
            name(key, row),
            *(_count(row[count]) for count in counts),
            percent(row["rate_reached"]),
            interval(row["rate_reached_low"], row["rate_reached_high"]) or NONE,
        )
        for key, row in zip(table.index, table.to_dict("records"), strict=True)
    ]
    return Table(headings, rows, frozenset(range(1, len(headings))), note=note)


def _largest(table: pd.DataFrame, sort: str | None) -> tuple[pd.DataFrame, str]:
    """Return the rates of the groups that a plot shows, in its order, and how many these are where there are more."""
    shown = shown_groups(table, sort=sort, top=MOST_GROUPS)
    if len(table) == len(shown):
        return shown, ""
    most, groups = number(len(shown)), number(len(table))
    if are_the_last(shown.index, sort):
        return shown, gettext("The last {most} of {n} periods.", most=most, n=groups)
    return shown, gettext("The {most} largest of {n} groups.", most=most, n=groups)


def _kind(kind: Any, _row: dict[Any, Any]) -> str:
    return kind_label(kind)


def _rule(rank: Any, row: dict[Any, Any]) -> str:
    if pd.isna(rank):
        return gettext("rule not known")
    return f"{rank}. {gettext('type not known') if pd.isna(row['type']) else kind_label(row['type'])}"


def _values(key: Any, _row: dict[Any, Any], *, kinds: int | None) -> str:
    """Name a group by its value, or by its values in several columns, one of which may be of matching types."""
    values = list(key) if isinstance(key, tuple) else [key]
    if kinds is not None and not pd.isna(values[kinds]):
        values[kinds] = kind_label(values[kinds])
    missing = (pd.api.types.is_scalar(value) and pd.isna(value) for value in values)
    texts = (" ".join(value_text(value).split()) or gettext("(blank)") for value in values)
    return ", ".join(gettext("(missing)") if gone else text for gone, text in zip(missing, texts, strict=True))


def _count(value: Any) -> str:
    return NONE if pd.isna(value) else number(value)


def errors_table(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Table:
    """Return the errors with what to do about each, contacts in the examples masked."""
    table = rates.errors(frame, prefix=prefix)
    rows = tuple(
        (
            reason_label(code),
            status_label(row["status"]),
            number(row["rows"]),
            percent(row["share"]),
            interval(row["share_low"], row["share_high"]),
            "" if pd.isna(row["example"]) else cut(masked(str(row["example"]), Strength.SHARED), LONGEST_EXAMPLE),
            advice_for(code),
        )
        for code, row in zip(table.index, table.to_dict("records"), strict=True)
    )
    headings = (
        gettext("Error"),
        gettext("Status"),
        gettext("Rows"),
        gettext("Share"),
        _tied(gettext("95 % interval")),
        gettext("Most frequent text"),
        gettext("What to do"),
    )
    return Table(headings, rows, frozenset({2, 3, 4}))
