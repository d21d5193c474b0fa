"""The race of plan and encode: a frame of deals becomes the bodies of requests, against an analyst's ``df.apply``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.analyst import FASTER, PLAIN, READY_MADE
from benchmarks.columns import COMMENT, MESSY, READY, deals, rules
from benchmarks.race import Goal, Row, ratio, say, seconds, timed
from ctnb import plan
from ctnb.delivery.wire_encode import Encoder
from ctnb.leads.limits import LEADS_PER_REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from benchmarks.analyst import Analyst
    from benchmarks.columns import Shape
    from ctnb import Plan

GOAL = Goal(40, at_least=True)


def planned(frame: pd.DataFrame) -> Plan:
    """Plan the three rules."""
    return plan(frame, rules(), COMMENT, key="deal_id")


def bodies(made: Plan) -> Iterator[bytes]:
    """Yield the bodies of a plan's requests, as the sender asks for them."""
    encoder, rows = Encoder(made), made.sent
    for begin in range(0, len(rows), LEADS_PER_REQUEST):
        yield encoder.body(rows[begin : begin + LEADS_PER_REQUEST])


def drain(made: Plan) -> int:
    """Encode everything and keep nothing, as a run does; return the bytes."""
    return sum(map(len, bodies(made)))


def whole(frame: pd.DataFrame) -> int:
    """Plan and encode."""
    return drain(planned(frame))


def race_planning(rows: int, sample: int, rounds: int) -> list[Row]:
    """Race plan and encode over frames against analysts on their first rows.

    Every round has frames of its own. One round is not counted. Two analysts read messy phones; a third is given
    phones that are digits already and takes them as they are, while ctnb checks them all the same.
    """
    sample = min(sample, rows)
    messy = race_one(rows, sample, rounds, MESSY, {"planning": PLAIN, "planning_faster": FASTER})
    return messy + race_one(rows, sample, rounds, READY, {"planning_ready": READY_MADE})


def race_one(rows: int, sample: int, rounds: int, phones: Sequence[Shape], analysts: dict[str, Analyst]) -> list[Row]:
    """Race against analysts who are given the same phones."""
    ours: list[float] = []
    plain: dict[str, list[float]] = {key: [] for key in analysts}
    what = "plan + encode" if phones is MESSY else "plan + encode, phones read before"
    for number in range(rounds + 1):
        frame = deals(rows, number, phones)
        head = frame.head(sample)
        ours.append(timed(whole, frame))
        for key, analyst in analysts.items():
            plain[key].append(timed(analyst.bodies_of, head) * rows / sample)
        against = ", ".join(f"{found[-1]:.2f} s" for found in plain.values())
        say(f"{what}, round {number} of {rounds}: {ours[-1]:.2f} s against {against}")
    scaled = "the whole frame" if sample == rows else f"its first {sample:,} rows, scaled"
    found = []
    for key, analyst in analysts.items():
        differences = differing(head, analyst)
        say(f"{key}: {differences} of {sample:,} leads differ")
        found.append(
            Row(
                key=key,
                work=f"{what}, 3 rules",
                size=f"{rows:,} rows",
                ours=seconds(ours[1:]),
                against=f"`df.apply(axis=1)`, {analyst.description}, `json.dumps` per batch of 100 ({scaled})",
                theirs=seconds(plain[key][1:]),
                measured=ratio(plain[key][1:], ours[1:]),
                goal=GOAL if analyst is PLAIN else None,
                unit="x",
                samples={"ctnb": ours[1:], "analyst": plain[key][1:]},
                differences=differences,
                notes=(f"{what.capitalize()}, {analyst.description}: of {sample:,} leads {differences:,} differ.",),
            )
        )
    return found


def differing(frame: pd.DataFrame, analyst: Analyst) -> int:
    """Count the rows whose lead is not the analyst's."""
    made = planned(frame)
    sent: list[Any] = [lead for body in bodies(made) for lead in json.loads(body)["comments"]]
    ours = dict(zip(made.sent.tolist(), sent, strict=True))
    theirs = analyst.leads_of(frame).tolist()
    return sum(ours.get(row) != lead for row, lead in enumerate(theirs))
