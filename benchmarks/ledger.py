"""Time what is done with a large ledger file: opening, counting, listing, claiming, sending, running again.

The entries are made up and written by this script alone, with the guards taken away meanwhile, so that millions of
them take minutes and not hours.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from benchmarks.race import timed
from ctnb import Call, Connection, Ledger, plan
from ctnb.delivery.ledger.file import LedgerFile, combined
from ctnb.delivery.ledger.key import PlanComments
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.rows import sealed, sealed_offer
from ctnb.delivery.ledger.schema import GUARDS, split
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.outcomes import Kind, Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Kept: TypeAlias = "tuple[bytes, str, bytes, int, bytes, bytes, int, str, bytes]"
"""A row as `INSERT` takes it."""

COMMENTED = Outcome(Status.COMMENTED, Kind.CALL, rule=1, offered="call", call_id="4242", batch=7, attempts=1)
UNMATCHED = Outcome(Status.UNMATCHED, offered="call", error="no lead found", reason=Reason.LEAD_NOT_FOUND)
UNCERTAIN = Outcome(Status.UNCERTAIN, offered="call", error="no answer in time", reason=Reason.TIMED_OUT)
TERMS = Terms("benchmark", "rules")
TOGETHER, WINDOW, BATCH = 50_000, 500, 100
INSERT = """
INSERT INTO comments (identity, status, outcome, seal, lead, text, naming, asked, asked_at, rules, offer)
VALUES (?, ?, ?, ?, ?, ?, 1, 1, ?, ?, ?)
"""


def fill(path: Path, chunks: Iterable[Sequence[Kept]]) -> None:
    """Make a ledger of settled comments."""
    with closing(LedgerFile.opened(path)) as file, file.change() as database:
        made = "SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        for (guard,) in database.execute(made).fetchall():
            database.execute(f"DROP {guard}")
        for rows in chunks:
            database.executemany(INSERT, rows)
            file.mix([combined(row[0] for row in rows)])
        for guard in split(GUARDS):
            database.execute(guard)


def made_up(entries: int) -> Iterator[list[Kept]]:
    """Yield comments that nobody asked for: seven of ten commented, the others unmatched, one of 10,000 uncertain."""
    for begin in range(0, entries, TOGETHER):
        end = min(begin + TOGETHER, entries)
        hashes, rows = os.urandom(64 * (end - begin)), []
        for number in range(begin, end):
            at = 64 * (number - begin)
            identity, lead, text = hashes[at : at + 32], hashes[at + 32 : at + 48], hashes[at + 48 : at + 64]
            outcome = UNCERTAIN if number % 10_000 == 0 else COMMENTED if number % 10 < 7 else UNMATCHED
            rows.append(row_of("rules", outcome, identity, lead, text, bytes(16)))
        yield rows


def row_of(rules: str, outcome: Outcome, identity: bytes, *hashes: bytes) -> Kept:
    """Return the row of a settled comment; ``hashes`` are those of its lead, its text and its row's offer."""
    lead, text, offer = hashes
    return *sealed(identity, rules, outcome), lead, text, time.time_ns() // 1000, rules, sealed_offer(identity, offer)


def windows(leads: int, secret: bytes) -> list[PlanComments]:
    """Return new comments as a run claims them."""
    planned = plan(pd.DataFrame({"call": np.arange(leads)}), Call("call"), f"{time.time_ns()}: {{call}}")
    connection = Connection(4242, "token", ledger=None)
    return [
        PlanComments(planned, range(begin, begin + WINDOW), connection, secret) for begin in range(0, leads, WINDOW)
    ]


def claims_and_batches(ledger: SqliteLedger) -> dict[str, list[float]]:
    """Return the seconds of each claim, intent and record of 10,000 new comments, and of claiming them again."""
    found: dict[str, list[float]] = {"claim of 500": [], "intent of 100": [], "record of 100": [], "replay of 500": []}
    comments = windows(10_000, ledger.secret)
    for window in comments:
        found["claim of 500"].append(timed(ledger.claim, window, TERMS))
        for begin in range(0, WINDOW, BATCH):
            batch = window.identities[begin : begin + BATCH]
            found["intent of 100"].append(timed(ledger.intend, batch, TERMS, "attempt"))
            found["record of 100"].append(timed(ledger.record, dict.fromkeys(batch, COMMENTED), TERMS, "attempt"))
    for window in comments:
        found["replay of 500"].append(timed(ledger.claim, window, TERMS))
    return found


def measure(path: Path) -> None:
    """Print the figures of a ledger."""
    ledger = Ledger(path)
    for name in ("counts", "uncertain"):
        print(f"Ledger.{name}: {timed(getattr(ledger, name)):.3f} s")
    opened: list[SqliteLedger] = []
    print(f"opened, the checksum verified: {timed(lambda: opened.append(SqliteLedger(path))):.3f} s")
    with closing(opened[0]) as run:
        for name, seconds in claims_and_batches(run).items():
            print(f"{name}: the first {seconds[0]:.4f} s, median {statistics.median(seconds):.4f} s")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=5_000_000, help="comments in the ledger (default 5000000)")
    parser.add_argument("--path", type=Path, help="keep the ledger here, and use it if it is there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.path or Path(folder) / "ledger.sqlite3"
        if not path.exists():
            print(f"made in {timed(fill, path, made_up(options.entries)):.0f} s")
        print(f"{options.entries:,} comments, {path.stat().st_size / 1e9:.2f} GB")
        measure(path)


if __name__ == "__main__":
    main()
