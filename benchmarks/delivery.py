"""The rows of sending: the figures of `benchmarks.sending` against their goals."""

from __future__ import annotations

from benchmarks.race import Goal, Row, ratio, say, spread
from benchmarks.sending import paced_run, race_sending

MEMORY_GOAL = Goal(0.9, at_least=True)
GOALS = {"file": Goal(10, at_least=True), "database": Goal(5, at_least=True)}
PLACES = {"file": "a file", "database": "PostgreSQL"}
VENDORS_PACE = 500
"""Leads a second that the vendor takes: five requests of a hundred."""
PACED_GOAL = Goal(1.02, at_least=False)
REFUSED_GOAL = Goal(0, at_least=False)


def measure_sending(rounds: int, leads: int, paced_leads: int) -> list[Row]:
    """Race the sending of leads against a bare loop, and time one run at the vendor's pace."""
    speeds = race_sending(rounds, leads)
    say(f"sending: {rounds} rounds")
    kinds = [kind for kind in GOALS if kind in speeds]
    rows = [against_bare(leads, speeds), *(against_the_vendor(kind, leads, speeds) for kind in kinds)]
    seconds, floor, refused = paced_run(paced_leads)
    say(f"sending at 5 requests a second: {seconds:.2f} s, floor {floor:.2f} s")
    return [
        *rows,
        Row(
            key="sending_paced",
            work="sending at 5 requests a second",
            size=f"{paced_leads:,} leads",
            ours=f"{seconds:.2f} s",
            against="the least it can take, `ceil(n/100)/5` s",
            theirs=f"{floor:.2f} s",
            measured=seconds / floor,
            goal=PACED_GOAL,
            samples={"ctnb": [seconds], "floor": [floor]},
        ),
        Row(
            key="sending_refused",
            work="requests that the vendor refuses for their pace (429), in the same run",
            size=f"{paced_leads:,} leads",
            ours=f"{refused:,}",
            against="none",
            theirs="0",
            measured=refused,
            goal=REFUSED_GOAL,
            samples={"requests": [float(refused)]},
        ),
    ]


def against_bare(leads: int, speeds: dict[str, list[float]]) -> Row:
    """Return the row of the ledger in memory, against a loop that keeps nothing."""
    whole, sending = speeds["memory"], speeds["memory sending"]
    return Row(
        key="sending_memory",
        work="sending, ledger in memory",
        size=f"{leads:,} leads, unlimited emulator in its own process",
        ours=spread(sending, "leads/s"),
        against="a bare aiohttp loop that posts ready bytes, same concurrency",
        theirs=spread(speeds["bare"], "leads/s"),
        measured=ratio(sending, speeds["bare"]),
        goal=MEMORY_GOAL,
        samples=samples_of("memory", speeds),
        notes=(
            (
                "Sending, ledger in memory: from frame to joined frame, planning included, "
                f"{ratio(whole, speeds['bare']):.2f} of the bare loop."
            ),
        ),
    )


def against_the_vendor(kind: str, leads: int, speeds: dict[str, list[float]]) -> Row:
    """Return the row of a ledger that outlives the process, which need not be as fast as one in memory."""
    sending = speeds[f"{kind} sending"]
    return Row(
        key=f"sending_{kind}",
        work=f"sending, ledger in {PLACES[kind]}",
        size=f"{leads:,} leads, unlimited emulator in its own process",
        ours=spread(sending, "leads/s"),
        against="the vendor's pace",
        theirs=f"{VENDORS_PACE} leads/s",
        measured=ratio(sending, [float(VENDORS_PACE)] * len(sending)),
        goal=GOALS[kind],
        samples=samples_of(kind, speeds),
        notes=(
            (
                f"Sending, ledger in {PLACES[kind]}: from frame to joined frame, planning included, "
                f"{ratio(speeds[kind], speeds['bare']):.2f} of the bare loop."
            ),
        ),
    )


def samples_of(kind: str, speeds: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return the samples of one kind of ledger, and those of the bare loop."""
    return {f"{name} leads a second": found for name, found in speeds.items() if name.startswith((kind, "bare"))}
