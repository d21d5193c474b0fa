"""The race of plan and encode: a frame of deals becomes the bodies of requests, against an analyst's ``df.apply``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.analyst import bodies_of, leads_of
from benchmarks.columns import COMMENT, MESSY, READY, deals, rules
from benchmarks.race import Goal, Row, ratio, say, seconds, timed
from ctnb import plan
from ctnb.delivery.wire import Encoder
from ctnb.leads.limits import LEADS_PER_REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from ctnb import Plan

__all__ = ["bodies", "drain", "planned", "race_planning"]

GOAL = Goal(40, at_least=True)


def planned(frame: pd.DataFrame) -> Plan:
    """Plan the three rules."""
    return plan(frame, rules(), COMMENT, key="deal_id")


def bodies(made: Plan) -> Iterator[bytes]:
    """Yield the bodies of a plan's requests, as the sender asks for them."""
    encoder, places = Encoder(made), made.sent.tolist()
    for begin in range(0, len(places), LEADS_PER_REQUEST):
        yield encoder.body(places[begin : begin + LEADS_PER_REQUEST])


def drain(made: Plan) -> int:
    """Encode everything and keep nothing, as a run does; return the bytes."""
    return sum(map(len, bodies(made)))


def race_planning(rows: int, sample: int, rounds: int, *, ready: bool) -> Row:
    """Race plan and encode over a frame against the analyst on its first rows.

    Every round has a frame of its own. One round is not counted.

    Parameters
    ----------
    rows, sample, rounds : int
    ready : bool
        Whether the phones are digits already, which the analyst then takes as they are; ctnb checks them all the same.
    """
    ours, plain, sample = [], [], min(sample, rows)
    what = "plan + encode, phones read before" if ready else "plan + encode"
    for number in range(rounds + 1):
        frame = deals(rows, number, READY if ready else MESSY)
        head = frame.head(sample)
        ours.append(timed(lambda frame=frame: drain(planned(frame))))
        plain.append(timed(lambda head=head: bodies_of(head, ready=ready)) * rows / sample)
        say(f"{what}, round {number} of {rounds}: {ours[-1]:.2f} s against {plain[-1]:.2f} s")
    differences = differing(head, ready=ready)
    say(f"{what}: {differences} of {sample:,} leads differ")
    scaled = "the whole frame" if sample == rows else f"its first {sample:,} rows, scaled"
    phones = "no phonenumbers, the cells taken as they are" if ready else "phonenumbers per cell"
    return Row(
        key="planning_ready" if ready else "planning",
        work=f"{what}, 3 rules",
        size=f"{rows:,} rows",
        ours=seconds(ours[1:]),
        against=f"`df.apply(axis=1)`, {phones}, `json.dumps` per batch of 100 ({scaled})",
        theirs=seconds(plain[1:]),
        measured=ratio(plain[1:], ours[1:]),
        goal=None if ready else GOAL,
        unit="x",
        samples={"ctnb": ours[1:], "analyst": plain[1:]},
        differences=differences,
        notes=(f"{what.capitalize()}: {sample:,} rows were compared lead for lead; {differences:,} differ.",),
    )


def differing(frame: pd.DataFrame, *, ready: bool) -> int:
    """Count the rows whose lead is not the analyst's."""
    made = planned(frame)
    sent: list[Any] = [lead for body in bodies(made) for lead in json.loads(body)["comments"]]
    ours = dict(zip(made.sent.tolist(), sent, strict=True))
    theirs = leads_of(frame, ready=ready)
    return sum(ours.get(row) != lead for row, lead in enumerate(theirs.tolist()))
