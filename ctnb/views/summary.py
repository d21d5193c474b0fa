"""What a frame of results amounts to, in words and small tables: the report and the dashboard say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.i18n.advice import advice_for
from ctnb.i18n.labels import kind_label, reason_label, status_label
from ctnb.i18n.language import gettext, interval, ngettext, number, percent
from ctnb.outcomes import Attribution, Status
from ctnb.results import rates
from ctnb.results.grouping import grouping
from ctnb.results.restore import restore
from ctnb.views.masking import masked

if TYPE_CHECKING:
    from collections.abc import Hashable

MOST_GROUPS: Final = 20
"""Groups of a column that a table shows, the largest first; the plots draw as many."""

NONE: Final = "–"


@dataclass(frozen=True, slots=True)
class Fact:
    """A headline number: what it counts, the number, and a quiet word under it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """A small table of texts.

    ``numeric`` are the 0-based places of the columns of numbers; ``note`` stands under the table, blank where
    there is nothing to say.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    note: str = ""

    @property
    def wordy(self) -> bool:
        """Whether sentences stand in it, so that a phone shows its rows one under another."""
        return len(self.numeric) < len(self.headings) - 1


@dataclass(frozen=True, slots=True)
class Summary:
    """The headline: one sentence, and the numbers that it rests on."""

    sentence: str
    facts: tuple[Fact, ...]


def summary(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Summary:
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
    facts = (
        Fact(gettext("Rows"), number(rows), ngettext("{n} answered", "{n} answered", answered)),
        Fact(
            gettext("Match rate"),
            percent(rate),
            _tied(gettext("95 % interval {interval}", interval=interval(float(low), float(high)))) if answered else "",
        ),
        Fact(status_label(Status.COMMENTED), number(by_status[Status.COMMENTED]), _share(by_status["commented"], rows)),
        Fact(status_label(Status.UNMATCHED), number(by_status[Status.UNMATCHED]), _share(by_status["unmatched"], rows)),
        Fact(gettext("Invalid or rejected"), number(refused), _share(refused, rows)),
        Fact(gettext("Not settled"), number(pending), _share(pending, rows)),
    )
    return Summary(_tied(_sentence(rows, answered, matched)), facts)


def _sentence(rows: int, answered: int, matched: int) -> str:
    if not rows:
        return gettext("The table has no rows.")
    if not answered:
        return gettext("No row has an answer yet, so there is no match rate.")
    low, high = rates.wilson(matched, answered)
    return gettext(
        "{matched} of {answered} answered rows found their lead: {rate} (95 % interval {interval}).",
        matched=number(matched),
        answered=number(answered),
        rate=percent(matched / answered),
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
    low, high = rates.wilson(by_status.to_numpy(), len(frame))
    rows = tuple(
        (
            status_label(str(status)),
            number(count),
            percent(count / len(frame)),
            interval(float(low[at]), float(high[at])),
            _meaning(str(status)),
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
    return Table(headings, rows, frozenset({1, 2, 3}), _sureness(frame, prefix))


def _meaning(status: str) -> str:
    meanings = {
        Status.COMMENTED: gettext("The comment is on the lead."),
        Status.UNMATCHED: gettext("Answered: no lead fits."),
        Status.INVALID: gettext("The row failed a check and was never applied."),
        Status.REJECTED: gettext("The token or the access was refused."),
        Status.UNCERTAIN: gettext("Sent, with no answer that can be trusted; it may be there."),
        Status.UNSENT: gettext("The run stopped before it."),
        Status.BUSY: gettext("Another run is sending it."),
    }
    return meanings[Status(status)]


def _sureness(frame: pd.DataFrame, prefix: str) -> str:
    """Tell in how many of the matched rows it is sure which rule won."""
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


def rates_table(frame: pd.DataFrame, by: Hashable | list[Any] = "type", *, prefix: str = PREFIX) -> Table:
    """Tell the match rates by "type", "rule" or ``[column]``, as `ctnb.match_rates` counts them."""
    table = rates.match_rates(frame, by, prefix=prefix)
    known = grouping(frame, by).word is not None
    note = ""
    if not known:
        largest = table.sort_values("offered", ascending=False, kind="stable").head(MOST_GROUPS)
        if len(table) > len(largest):
            note = gettext("The {most} largest of {n} groups.", most=number(MOST_GROUPS), n=number(len(table)))
        table = largest
    records = table.to_dict("records")
    rows = tuple(
        (_group(key, row, by), *([_count(row["offered"]), _count(row["reached"])] if known else []), *_rate(row, known))
        for key, row in zip(table.index, records, strict=True)
    )
    first = _heading(by)
    bases = (gettext("Offered"), gettext("Reached")) if known else ()
    last = () if known else (gettext("Answered"),)
    headings = (first, *bases, gettext("Matched"), *last, gettext("Match rate"), _tied(gettext("95 % interval")))
    return Table(headings, rows, frozenset(range(1, len(headings))), note)


def _heading(by: Any) -> str:
    if by == "type":
        return gettext("Matching type")
    if by == "rule":
        return gettext("Rule")
    return masked(", ".join(map(str, by)) if isinstance(by, list) else str(by))


def _group(key: Any, row: dict[Any, Any], by: Any) -> str:
    if by == "type":
        return kind_label(key)
    if by == "rule":
        if pd.isna(key):
            return gettext("rule not known")
        kind = row["type"]
        named = gettext("type not known") if pd.isna(kind) else kind_label(kind)
        return f"{key}. {named}"
    return (
        gettext("(missing)")
        if pd.api.types.is_scalar(key) and pd.isna(key)
        else " ".join(str(key).split()) or gettext("(blank)")
    )


def _count(value: Any) -> str:
    return NONE if pd.isna(value) else number(value)


def _rate(row: dict[Any, Any], known: bool) -> list[str]:  # noqa: FBT001  by type or rule, or by a column
    middle = [] if known else [_count(row["reached"])]
    bounds = interval(row["rate_reached_low"], row["rate_reached_high"]) or NONE
    return [_count(row["matched"]), *middle, percent(row["rate_reached"]), bounds]


def errors_table(frame: pd.DataFrame, *, prefix: str = PREFIX) -> Table:
    """Tell the errors with what to do about each, contacts in the examples masked."""
    table = rates.errors(frame, prefix=prefix)
    rows = tuple(
        (
            reason_label(code),
            status_label(row["status"]),
            number(row["rows"]),
            percent(row["share"]),
            interval(row["share_low"], row["share_high"]),
            "" if pd.isna(row["example"]) else _short(masked(str(row["example"]))),
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


def _short(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
