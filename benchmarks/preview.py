"""The races of the preview: five rules against one rule's join in DuckDB, all depths against previews run anew.

A deal has a phone, an e-mail and a date near a call of its contact; every phone has two calls or so. DuckDB is given
what the one rule needs as clean columns, and does no more: no unique leads, tags, e-mails, ids or reasons.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.memory import MIB, ROOT, forget_peak, resident, status
from benchmarks.race import Goal, Row, ratio, say, seconds, timed
from ctnb import Call, CallContact, Request, RequestContact, plan
from ctnb.matching.index import index_journals
from ctnb.matching.preview import build_preview
from ctnb.matching.tables import JournalTables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb import Plan, Preview

TIME_GOAL = Goal(4, at_least=False)
MEMORY_GOAL = Goal(1.2, at_least=False)
SWEEP_GOAL = Goal(50, at_least=True)

ZONE = "Europe/Moscow"
YEAR = 365 * 24 * 3600
DEPTHS = np.unique(np.rint(np.geomspace(1, 525_600, 90)).astype(np.int64))[-78:]
TIMED_DEPTHS = DEPTHS[::20]
"""Those that a preview is run anew for where it is timed; all are compared, on fewer rows."""

FRAMES = ("deals", "calls", "requests")
ONE_RULE = CallContact("phone", "created_at", depth="7d")
RULES = (
    Call("call_id"),
    Request("request_id"),
    CallContact(["phone", "phone_2"], "created_at", match="nearestUniqLead", depth="2h"),
    RequestContact("created_at", phones="phone", emails="email", match="nearestUniq", depth="7d"),
    CallContact("phone", "created_at", depth="30d"),
)

JOIN = """
with earlier as (
    select deals.row as row, deals.at - calls.at as distance
    from deals asof left join calls on deals.phone = calls.phone and deals.at >= calls.at
), later as (
    select deals.row as row, calls.at - deals.at as distance
    from deals asof left join calls on deals.phone = calls.phone and deals.at <= calls.at
), nearer as (
    select row, least(earlier.distance, later.distance) as distance from earlier join later using (row)
)
select row, distance from nearer where distance <= interval 7 day order by row
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Deals, and the journals of calls and requests, which together have as many rows as the deals."""

    deals: pd.DataFrame
    calls: pd.DataFrame
    requests: pd.DataFrame

    @classmethod
    def of(cls, rows: int, seed: int) -> Account:
        """Make an account from a seed."""
        random = np.random.default_rng(seed)
        calls, requests = rows * 6 // 10, rows - rows * 6 // 10
        people = max(1, rows // 2)

        def phones(chosen: np.ndarray) -> pd.Series:
            return pd.Series(79_000_000_000 + chosen).astype(str)

        def journal(size: int, kind: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
            chosen, at = random.integers(0, people, size), random.integers(0, YEAR, size)
            frame = pd.DataFrame(
                {
                    f"{kind}Id": np.arange(size) + 10_000_000,
                    "callerNumber" if kind == "call" else "phoneNumber": phones(chosen),
                    "date": np.datetime64("2026-01-01T00:00:00", "s") + at.astype("timedelta64[s]"),
                    f"unique{kind.capitalize()}": random.random(size) < 0.5,
                    "callTags" if kind == "call" else "tags": random.choice(["", "VIP", "VIP, new"], size),
                }
            )
            if kind == "request":
                frame["email"] = pd.Series(chosen).astype(str) + "@mail.ru"
            return frame, chosen, at

        found, callers, called = journal(calls, "call")
        asked, _, _ = journal(requests, "request")
        of = random.integers(0, calls, rows)
        people_of_deals = np.where(random.random(rows) < 0.8, callers[of], random.integers(0, people, rows))
        near = called[of] + np.rint(random.laplace(0, 12 * 3600, rows)).astype(np.int64)
        at = np.datetime64("2026-01-01T00:00:00", "s") + near.astype("timedelta64[s]")
        numbers = pd.Series(phones(people_of_deals))
        deals = pd.DataFrame(
            {
                "deal_id": np.arange(rows).astype(str),
                "call_id": pd.array(np.where(random.random(rows) < 0.1, of + 10_000_000, -1), dtype="Int64"),
                "request_id": pd.array(np.where(random.random(rows) < 0.05, 10_000_000, -1), dtype="Int64"),
                "phone": "+" + numbers.str[:1] + " (" + numbers.str[1:4] + ") " + numbers.str[4:],
                "phone_2": phones(random.integers(0, people, rows)).where(random.random(rows) < 0.2),
                "email": pd.Series(people_of_deals).astype(str) + "@mail.ru",
                "created_at": pd.Series(at).astype("datetime64[s]"),
            }
        )
        for name in ("call_id", "request_id"):
            deals[name] = deals[name].mask(deals[name] < 0)
        return cls(deals, found, asked)

    def planned(self, rules: Sequence[object]) -> Plan:
        """Plan the deals."""
        return plan(self.deals, rules, "{deal_id}", key="deal_id")

    def previewed(self, made: Plan) -> Preview:
        """Index the journals, look a plan up in them, and work out winners and reasons."""
        preview = build_preview(made, self.deals, index_journals(JournalTables(self.calls, self.requests, ZONE)))
        _ = preview.matched.winners, preview.matched.explained
        return preview


class Joiner:
    """One rule in DuckDB, its tables loaded before."""

    def __init__(self, account: Account) -> None:
        import duckdb

        self._base = duckdb.connect()
        digits = account.deals["phone"].str.replace(r"[^0-9]+", "", regex=True)
        deals = pd.DataFrame({"row": np.arange(len(digits)), "phone": digits, "at": account.deals["created_at"]})
        calls = pd.DataFrame({"phone": account.calls["callerNumber"], "at": account.calls["date"]})
        self._base.register("deals_given", deals).execute("create table deals as from deals_given")
        self._base.register("calls_given", calls).execute("create table calls as from calls_given")

    def join(self) -> pd.DataFrame:
        """Return the rows that find a call, and its distance."""
        return self._base.execute(JOIN).df()


def race_preview(rows: int, rounds: int) -> Row:
    """Race five rules with reasons, from a ready plan, against one rule's join; every round has data of its own."""
    ours: list[float] = []
    theirs: list[float] = []
    frames: list[float] = []
    differences = 0
    for number in range(rounds + 1):
        account = Account.of(rows, number)
        made, joiner, kept = account.planned(RULES), Joiner(account), []
        ours.append(timed(lambda: kept.append(account.previewed(made))))  # noqa: B023 - called at once
        frames.append(timed(lambda: (kept[0].frame, kept[0].reasons)))  # noqa: B023
        joined: list[pd.DataFrame] = []
        theirs.append(timed(lambda: joined.append(joiner.join())))  # noqa: B023
        say(f"preview, round {number} of {rounds}: {ours[-1]:.2f} s against {theirs[-1]:.2f} s")
        if number == 0:
            differences = unlike(account, joined[0])
    note = (
        f"Preview: from a ready plan, the journals' index included; as frames, with all texts and {5 * rows:,} rows of "
        f"reasons, it takes {seconds(frames[1:])} more. Of one rule's {rows:,} distances {differences:,} differ from "
        "DuckDB's."
    )
    return Row(
        key="preview",
        work="preview, 5 rules, winners and reasons",
        size=f"{rows:,} deals on {rows:,} leads",
        ours=seconds(ours[1:]),
        against="one rule's two-sided ASOF join in DuckDB, from clean columns",
        theirs=seconds(theirs[1:]),
        measured=ratio(ours[1:], theirs[1:]),
        goal=TIME_GOAL,
        unit="x",
        samples={"ctnb": ours[1:], "duckdb": theirs[1:], "ctnb, frames": frames[1:]},
        differences=differences,
        notes=(note,),
    )


def unlike(account: Account, joined: pd.DataFrame) -> int:
    """Count the rows for which one rule alone and the join find leads at different distances."""
    preview = account.previewed(account.planned([ONE_RULE]))
    minutes = preview.frame["ct_minutes"].abs()
    found = pd.Series(joined["distance"].dt.total_seconds().to_numpy() / 60, index=joined["row"].to_numpy())
    theirs = found.reindex(range(len(minutes)))
    same = (minutes.to_numpy(dtype=float, na_value=-1) - theirs.fillna(-1).to_numpy()).round(6) == 0
    return int((~same).sum())


def race_sweep(rows: int, rounds: int) -> Row:
    """Race the curves of all contact rules against a preview run anew for each depth of each rule."""
    ours: list[float] = []
    theirs: list[float] = []
    ranks = [rank for rank, rule in enumerate(RULES, start=1) if isinstance(rule, CallContact | RequestContact)]
    for number in range(rounds + 1):
        account = Account.of(rows, number)
        preview = account.previewed(account.planned(RULES))
        ours.append(timed(preview.sweep, DEPTHS.tolist()))
        index, made = preview.matched.look_up.index, preview.matched.plan
        del preview
        taken = timed(
            lambda: [
                build_preview(made, account.deals, index).at_depths({rank: int(depth)}).matched.winners  # noqa: B023
                for rank in ranks
                for depth in TIMED_DEPTHS
            ]
        )
        theirs.append(taken * len(DEPTHS) / len(TIMED_DEPTHS))
        say(f"sweep, round {number} of {rounds}: {ours[-1]:.2f} s against {theirs[-1]:.1f} s")
    compared = max(1, min(rows, 50_000))
    differences = uneven(compared, ranks)
    note = (
        f"Sweep: of {len(ranks) * len(DEPTHS)} counts of {compared:,} deals that each rule takes at each depth "
        f"{differences} differ from a preview run anew."
    )
    return Row(
        key="sweep",
        work=f"depth sweep, {len(ranks)} rules at {len(DEPTHS)} depths",
        size=f"{rows:,} deals on {rows:,} leads",
        ours=seconds(ours[1:]),
        against=f"the look-up run anew for each depth ({len(TIMED_DEPTHS)} of them, scaled), the index kept",
        theirs=seconds(theirs[1:]),
        measured=ratio(theirs[1:], ours[1:]),
        goal=SWEEP_GOAL,
        unit="x",
        samples={"ctnb": ours[1:], "anew": theirs[1:]},
        differences=differences,
        notes=(note,),
    )


def uneven(rows: int, ranks: Sequence[int]) -> int:
    """Count the depths at which the curve of a rule and a preview whose rule was planned so differ."""
    account = Account.of(rows, 0)
    preview = account.previewed(account.planned(RULES))
    swept = preview.sweep(DEPTHS.tolist()).dropna(subset="depth").set_index(["rule", "depth"])["takes"]
    index, wrong = preview.matched.look_up.index, 0
    for rank in ranks:
        for depth in DEPTHS.tolist():
            anew = build_preview(preview.at_depths({rank: depth}).matched.plan, account.deals, index)
            wrong += int((anew.frame["ct_rule"] == rank).sum()) != int(swept[rank, depth])
    return wrong


def measure_preview_memory(rows: int) -> Row | None:
    """Measure the peak of a preview in a process of its own; None where the operating system keeps no peak."""
    if not sys.platform.startswith("linux"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        account = Account.of(rows, 0)
        for name in FRAMES:
            getattr(account, name).to_feather(Path(folder) / f"{name}.feather", compression="uncompressed")
        del account
        command = [sys.executable, "-m", "benchmarks.preview", folder]
        found = json.loads(subprocess.check_output(command, cwd=ROOT, encoding="utf-8"))  # noqa: S603 - our own
    gib = {name: size / MIB / 1024 for name, size in found.items()}
    say(f"preview memory: {gib['preview']:.2f} GiB beyond the frames, of which the plan {gib['plan']:.2f}")
    return Row(
        key="preview_memory",
        work="peak memory of the preview, beyond the frames that came in",
        size=f"{rows:,} deals on {rows:,} leads",
        ours=f"{gib['preview']:.2f} GiB at the peak, the plan's {gib['plan']:.2f} GiB included",
        against="the frames themselves, resident",
        theirs=f"{gib['frames']:.2f} GiB",
        measured=gib["preview"],
        goal=MEMORY_GOAL,
        unit=" GiB",
        samples={f"{name} bytes": [float(size)] for name, size in found.items()},
    )


def measured(folder: Path) -> dict[str, int]:
    """Return bytes: the frames, the plan that stays, and the peak of plan and preview beyond the frames."""
    small = Account.of(1_000, 1)
    small.previewed(small.planned(RULES))
    empty = resident()
    account = Account(*(pd.read_feather(folder / f"{name}.feather") for name in FRAMES))
    full = resident()
    made = account.planned(RULES)
    kept = resident()
    forget_peak()
    account.previewed(made)
    highest = status("VmHWM")
    return {"frames": full - empty, "plan": kept - full, "preview": highest - full}


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]))))
