"""The line that each run leaves in its ledger: when it was, whose, of which job, and what came of it.

A line is for people to look at. Nothing is decided by it, and a line that cannot be written stops no run.
"""

from __future__ import annotations

import getpass
import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ctnb.outcomes import End, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ctnb.delivery.ledger.statements import Rows
    from ctnb.delivery.progress_counts import ProgressCounts, Stop
    from ctnb.leads.plan import Plan
    from ctnb.outcomes import Answers

_BEGIN: Final = """
INSERT INTO runs (run, began_at, who, site, job) VALUES (?, ?, ?, ?, ?) ON CONFLICT (run) DO NOTHING
"""

_END: Final = """
UPDATE runs SET ended_at = ?, ended = ?, reason = ?, requests = ?, replayed = ?, statuses = ? WHERE run = ?
"""

_COLUMNS: Final = "run, began_at, who, site, job, ended_at, ended, reason, requests, replayed, statuses"

_ALL: Final = f"SELECT {_COLUMNS} FROM runs ORDER BY id"

_ADD: Final = f"INSERT INTO runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO NOTHING"

_LINES: Final = f"""
SELECT {_COLUMNS} FROM runs ORDER BY began_at DESC, id DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class RunLine:
    """What a ledger knows of a run.

    Attributes
    ----------
    run : str
        Its random name.
    began_at_us, ended_at_us : int
        Microseconds since 1970.
    who : str
        The user's name on his system.
    site : int
        The account.
    job : str
    ended : End
    reason : str
        The code of the reason why it stopped, or the class of the error that ended it; blank for none.
    requests : int or None
        Requests that were written; None where it has written no end, as in the two below.
    replayed : int or None
        Rows that were answered before.
    statuses : mapping of str to int
        Rows by status, those that have none left out.
    """

    run: str
    began_at_us: int
    who: str
    site: int
    job: str
    ended: End = End.RUNNING
    ended_at_us: int | None = None
    reason: str = ""
    requests: int | None = None
    replayed: int | None = None
    statuses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """What has come of a run: why it stopped, requests written, rows that were answered before, rows by status."""

    stop: Stop | None
    requests: int
    replayed: int
    statuses: Mapping[str, int]


def begun(run: str, plan: Plan, site: int) -> RunLine:
    """Return the line of a run that begins now."""
    return RunLine(run, _now_us(), _kept_text(who()), site, _kept_text(plan.job))


def figures_of(plan: Plan, counts: ProgressCounts, answers: Answers) -> Figures:
    """Return what has come of a run so far."""
    rows = answers.rows_by_status(plan.first, plan.ready)
    return Figures(counts.stop, counts.requests, int(answers.replayed[plan.first].sum()), rows)


def ended(line: RunLine, error: BaseException | None, figures: Figures) -> RunLine:
    """Return the line of a run that ends now."""
    if error is not None:
        how = End.FAILED if isinstance(error, Exception) else End.INTERRUPTED
        reason = type(error).__name__
    elif figures.stop is not None:
        how = End.INTERRUPTED if figures.stop.reason is Reason.INTERRUPTED else End.STOPPED
        reason = figures.stop.reason.value
    else:
        how, reason = End.DONE, ""
    return replace(
        line,
        ended=how,
        ended_at_us=_now_us(),
        reason="" if how is End.INTERRUPTED else reason,
        requests=figures.requests,
        replayed=figures.replayed,
        statuses=figures.statuses,
    )


def who() -> str:
    """Return the user's name on his system, as far as it has one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # in a container, or on Windows without a profile
        return "unknown"


def _kept_text(text: str) -> str:
    """Return a text as any database can hold it: a name of the environment may have bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _now_us() -> int:
    return time.time_ns() // 1000


def write_begin(rows: Rows, line: RunLine) -> None:
    """Write the line of a run that begins, inside a change."""
    rows.execute(_BEGIN, (line.run, line.began_at_us, line.who, line.site, line.job))


def write_end(rows: Rows, line: RunLine) -> None:
    """Write how a run ended, inside a change."""
    about = (line.ended_at_us, line.ended.value, line.reason, line.requests, line.replayed, json.dumps(line.statuses))
    rows.execute(_END, (*about, line.run))


def read_lines(rows: Rows, most: int) -> list[RunLine]:
    """Return the lines of the last runs, the latest first; one that has written no end is `End.RUNNING`."""
    return [_line(found) for found in rows.execute(_LINES, (most,)).fetchall()]


def copy_lines(rows: Rows, others: Rows) -> None:
    """Copy the lines of all runs to another ledger, inside a change of it."""
    others.executemany(_ADD, rows.execute(_ALL).fetchall())


def with_killed(lines: Sequence[RunLine], is_live: Callable[[str], bool]) -> list[RunLine]:
    """Return lines in which runs that have written no end, and are not alive, were killed."""
    return [
        replace(line, ended=End.KILLED) if line.ended is End.RUNNING and not is_live(line.run) else line
        for line in lines
    ]


def _line(row: Sequence[Any]) -> RunLine:
    run, began_at, who, site, job, ended_at, how, reason, requests, replayed, statuses = row
    end = End.RUNNING if how is None else End(how)
    counts = json.loads(statuses) if statuses else {}
    return RunLine(run, began_at, who, site, job, end, ended_at, reason or "", requests, replayed, counts)
