"""Time what is done with a large ledger file: opening, counting, listing, claiming, looking, sending.

The entries are made up and written by this script alone, with the guards taken away meanwhile, so that millions of
them take a minute.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctnb import Call, Connection, Ledger, plan
from ctnb.delivery.ledger.file import LedgerFile, combined
from ctnb.delivery.ledger.key import Comments
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.rows import sealed, sealed_offer
from ctnb.delivery.ledger.schema import GUARDS, split
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.outcomes import Kind, Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMENTED = Outcome(Status.COMMENTED, Kind.CALL, rule=1, offered="call", call_id="4242", batch=7, attempts=1)
OUTCOMES = (
    *([COMMENTED] * 14),
    *([Outcome(Status.UNMATCHED, offered="call", error="no lead found", reason=Reason.LEAD_NOT_FOUND)] * 6),
)
UNCERTAIN = Outcome(Status.UNCERTAIN, offered="call", error="no answer in time", reason=Reason.TIMED_OUT)
ONE_OF = 10_000
"""Every so many comments one is uncertain."""

CONNECTION = Connection(4242, "token", ledger=None)
TOGETHER = 50_000


def fill(path: Path, entries: int) -> None:
    """Make a ledger of so many settled comments: most of them commented, a few uncertain."""
    with closing(LedgerFile.opened(path)) as file:
        database = file.database
        database.execute("PRAGMA synchronous = OFF")
        guards = split(GUARDS)
        with file.change():
            for name in database.execute(
                "SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
            ).fetchall():
                database.execute(f"DROP {name[0]}")
            marks = ",".join("?" * 11)
            for begin in range(0, entries, TOGETHER):
                rows = list(made_up(begin, min(begin + TOGETHER, entries)))
                database.executemany(
                    "INSERT INTO comments (identity, status, outcome, seal, lead, text, naming, asked, asked_at, rules, "
                    f"offer) VALUES ({marks})",
                    rows,
                )
                file.mix([combined(row[0] for row in rows)])
            for guard in guards:
                database.execute(guard)


def made_up(begin: int, end: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows of comments."""
    hashes = os.urandom(48 * (end - begin))
    now = time.time_ns() // 1000
    for number in range(begin, end):
        at = 48 * (number - begin)
        outcome = UNCERTAIN if number % ONE_OF == 0 else OUTCOMES[number % len(OUTCOMES)]
        row = sealed(hashes[at : at + 32], "rules", outcome)
        yield (*row, hashes[at + 16 : at + 32], hashes[at + 32 : at + 48], 1, 1, now, "rules", sealed_offer(row[0], bytes(16)))


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def replayed(ledger: SqliteLedger, known: list[bytes], terms: Terms) -> None:
    """Claim comments that are answered, five hundred at a time."""
    for begin in range(0, len(known), 500):
        answers = ledger.claim(_Known(known[begin : begin + 500]), terms)
        if None in answers:
            raise RuntimeError("an answered comment was granted")


class _Known(Comments):
    """Comments of which the identities alone are known."""

    def __init__(self, identities: list[bytes]) -> None:
        self.identities, self.account = identities, bytes(16)

    def offers(self, positions: object) -> list[bytes]:
        return [bytes(16)] * len(positions)  # type: ignore[arg-type]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=5_000_000, help="comments in the ledger (default 5000000)")
    parser.add_argument("--path", type=Path, help="keep the ledger here, and use it if it is there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.path or Path(folder) / "ledger.sqlite3"
        if not path.exists():
            print(f"made in {seconds(lambda: fill(path, options.entries)):.0f} s")
        print(f"{options.entries:,} comments, {path.stat().st_size / 1e9:.2f} GB")
        ledger = Ledger(path)
        for name in ("counts", "uncertain"):
            print(f"Ledger.{name}: {seconds(getattr(ledger, name)):.3f} s, again {seconds(getattr(ledger, name)):.3f} s")
        opened: list[SqliteLedger] = []
        print(f"opening without the checksum: {seconds(lambda: SqliteLedger(path, verified=False).close()):.3f} s")
        print(f"opening with the checksum: {seconds(lambda: opened.append(SqliteLedger(path))):.3f} s")
        (run,) = opened
        terms = Terms("benchmark", "rules")
        deals = pd.DataFrame({"call": np.arange(100_000)})
        planned = plan(deals, Call("call"), "text {call}")
        windows = [
            Comments(planned, range(begin, begin + 500), CONNECTION, run.secret) for begin in range(0, len(deals), 500)
        ]
        times = [seconds(lambda window=window: run.claim(window, terms)) for window in windows[:40]]
        print(f"first claim of 500: {times[0]:.3f} s, then median {sorted(times[1:])[20]:.4f} s")
        for step in ("intend", "record"):
            spent = []
            for window in windows[:20]:
                names = window.identities[:100]
                given = names if step == "intend" else dict.fromkeys(names, COMMENTED)
                spent.append(seconds(lambda given=given: getattr(run, step)(given, terms, "a")))
            print(f"{step} of 100: median {sorted(spent)[10]:.4f} s")
        for window in windows[:40]:
            run.release([each for each in window.identities if run.known([each])[0].outcome is None], terms)
        (some,) = zip(*run._file.database.execute("SELECT identity FROM comments WHERE status <> 'uncertain' LIMIT 100000"), strict=True)  # noqa: SLF001, E501
        print(f"replaying 100,000: {seconds(lambda: replayed(run, list(some), terms)):.2f} s")
        print(f"looking at 100,000: {seconds(lambda: run.known(some)):.2f} s")
        print(f"names of 100,000: {seconds(lambda: names_of(path, some)):.2f} s")
        run.close()


def names_of(path: Path, identities: list[bytes]) -> None:
    from ctnb.delivery.ledger.review import Review

    with Review(path) as review:
        review.ids(identities)


if __name__ == "__main__":
    main()
