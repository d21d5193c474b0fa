"""How long the dashboard takes to follow a choice."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from benchmarks.race import Goal, Row, say, seconds, timed
from benchmarks.results import results

if TYPE_CHECKING:
    from collections.abc import Iterator

GOAL = Goal(1, at_least=False)
LABELS = [f"{number:02} Контекстная реклама, кампания выходного дня, объявление №{number}"[:58] for number in range(60)]


def time_dashboard(rows: int, choices: int) -> Row:
    """Make the choices that the sheet offers, one after the other, at most so many; the longest counts."""
    board = results(rows, LABELS).calltouch.dashboard()
    times = {name: timed(_ask, board, order) for name, order in islice(_orders(board), choices)}
    slowest = max(times, key=lambda name: times[name])
    say(f"the dashboard: {len(times)} choices, the longest, {slowest}, took {times[slowest]:.2f} s")
    return Row(
        key="dashboard",
        work="any choice in the dashboard, from the click to what the browser is sent",
        size=f"{rows:,} rows, {len(LABELS)} labels of {len(LABELS[0])} letters",
        ours=seconds(list(times.values())),
        against="",
        theirs="",
        measured=times[slowest],
        goal=GOAL,
        samples={name: [time] for name, time in times.items()},
        unit="s",
    )


def _orders(board: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a reader can ask for: every chart by every grouping, filters, searches, orders and pages."""
    for chart, shown in board.sheet.chart["charts"]:
        yield shown, {"do": "chart", "name": "chart", "value": chart}
        for select in board.sheet.chart["selects"]:
            for key, label in select["options"]:
                yield f"{shown} by {label}", {"do": "chart", "name": select["name"], "value": key}
    yield "the chart of labels", {"do": "chart", "name": "chart", "value": "rates"}
    for item, label, kind in board.sheet.filters["menu"]:
        yield f"offer {label}", {"do": "offer", "item": item}
        if kind == "values":
            yield f"one of {label}", {"do": "values", "item": item, "values": [board.sheet.offer["values"][0][0]]}
            yield f"all of {label}", {"do": "values", "item": item, "values": []}
    for column in board.sheet.table["columns"]:
        yield f"sort by {column['label']}", {"do": "table", "sort": column["key"]}
    yield "pick a column", {"do": "columns", "columns": [board.sheet.table["columns"][0]["key"]]}
    yield "pick all columns", {"do": "columns", "columns": []}
    yield "search", {"do": "table", "search": "анна"}
    yield "no search", {"do": "table", "search": ""}
    yield "the last page", {"do": "table", "page": board.sheet.table["pages"]}


def _ask(board: Any, order: dict[str, Any]) -> None:
    number = board.sheet.done + 1
    board.sheet.command = {"n": number, **order}
    if board.sheet.problem:
        raise RuntimeError(board.sheet.problem)
