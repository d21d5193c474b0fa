"""The race of a run again: a frame whose comments are all answered, against planning the same rows."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.columns import COMMENT, MESSY, deals, rules
from benchmarks.ledger import COMMENTED, TOGETHER, fill, row_of
from benchmarks.race import Goal, Row, ratio, say, seconds, timed
from ctnb import Connection, comment, plan
from ctnb.delivery.ledger.file import LedgerFile
from ctnb.delivery.ledger.key import PlanComments
from ctnb.leads.rules_file import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from ctnb import Plan

GOAL = Goal(3, at_least=False)
NOBODY = "http://127.0.0.1:9"
"""Where no vendor listens: a run that sent anything would fail."""


def race_replay(rows: int, rounds: int) -> Row:
    """Race a run again, from frame to joined frame, against the plan of the same rows; every round has its own."""
    ours, planning, unanswered = [], [], 0
    for number in range(rounds):
        frame = deals(rows, number, MESSY)
        with tempfile.TemporaryDirectory() as folder:
            connection = Connection(4242, "token", base_url=NOBODY, ledger=Path(folder) / "ledger.sqlite3")
            fill(Path(folder) / "ledger.sqlite3", answered(planned(frame, connection), connection))
            planning.append(timed(planned, frame, connection))
            done: list[pd.DataFrame] = []
            ours.append(timed(lambda: done.append(run_again(frame, connection))))  # noqa: B023  called at once
        unanswered += int((done[0]["ct_replayed"] != (done[0]["ct_status"] != "invalid")).sum())
        say(f"a run again, round {number + 1} of {rounds}: {ours[-1]:.2f} s, the plan {planning[-1]:.2f} s")
    return Row(
        key="replay",
        work="a run again, all rows answered, ledger in file",
        size=f"{rows:,} rows",
        ours=seconds(ours),
        against="planning the same rows",
        theirs=seconds(planning),
        measured=ratio(ours, planning),
        goal=GOAL,
        samples={"run again": ours, "plan": planning},
        differences=unanswered,
        unit="x",
    )


def planned(frame: pd.DataFrame, connection: Connection) -> Plan:
    """Plan the three rules."""
    return plan(frame, rules(), COMMENT, key="deal_id", job="replay", connection=connection)


def run_again(frame: pd.DataFrame, connection: Connection) -> pd.DataFrame:
    """Carry the run out: nothing is sent."""
    return comment(frame, rules(), COMMENT, key="deal_id", job="replay", connection=connection, progress=False)


def answered(made: Plan, connection: Connection) -> Iterator[Sequence[tuple[object, ...]]]:
    """Yield the rows of a ledger in which each comment of a plan was commented."""
    with closing(LedgerFile.opened(Path(str(connection.ledger)))) as file:
        secret = file.secret
    listed = fingerprint(made.rules)
    for begin in range(0, len(made.sent), TOGETHER):
        rows = made.sent[begin : begin + TOGETHER]
        comments = PlanComments(made, rows, connection, secret)
        positions = range(len(rows))
        hashes = comments.leads(positions), comments.texts(positions), comments.offers(positions)
        yield [row_of(listed, COMMENTED, *each) for each in zip(comments.identities, *hashes, strict=True)]
