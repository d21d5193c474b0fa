"""Measure the sending of leads against a bare loop that posts ready-made bytes, and against the vendor's pace.

The vendor is an emulator in a process of its own, so that it does not take the clients' time. On a machine of few
cores it may be what holds both sides back; so the sides are compared within one run, and their rounds alternate.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import numpy as np
import pandas as pd

from benchmarks.race import ratio, say, spread, timed
from ctnb import Call, CallContact, Connection, RequestContact, comment, plan
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.team_key import KEY
from ctnb.delivery.wire_encode import PATH, SITE_HEADER, TOKEN_HEADER, encode
from ctnb.leads.limits import LEADS_PER_REQUEST

sys.path.append(str(Path(__file__).parents[1] / "tests" / "tools"))

from postgres_server import PostgresServer, programs
from vendor_process import VendorProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = (
    Call("call"),
    CallContact(phones=["phone"], date="created_at", match="nearestUniqLead", depth="2h"),
    RequestContact(phones=["phone"], emails=["email"], date="created_at", match="nearestUniq", depth="7d"),
)
"""Usual rules of a deal. The fewer the rules, the less the vendor has to do, and the harder the race is."""

RATE = 5
"""Requests a second that the vendor takes."""


def race_sending(rounds: int, leads: int, rules: int = len(RULES)) -> dict[str, list[float]]:
    """Race whole runs of ctnb, planning and joined frame included, against a bare loop.

    The bare loop posts bodies that were encoded before the clock started, over a connector with the same options as
    ours (as many connections at once, none used twice), and reads each answer's bytes; it decodes nothing, keeps
    nothing, and would not notice a lead that was not commented. One round of each side is not counted.

    Parameters
    ----------
    rounds : int
        Counted rounds of each side.
    leads : int
        Leads in each round, new ones to the ledger each time.
    rules : int
        How many of `RULES` each lead is sent with.

    Returns
    -------
    dict of str to list of float
        Leads a second in each round: ``bare``; ``memory``, ``file`` and ``database`` by the ledger of ctnb; and
        ``memory sending`` and so on for the same runs without the seconds of a plan alone. There is no ``database``
        where no PostgreSQL server is installed.
    """
    deals = deals_of(leads)
    found: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, VendorProcess(leads) as vendor, team_ledger() as database:
        for number in range(rounds + 1):
            ledgers: dict[str, Any] = {
                "memory": MemoryLedger(),
                "file": Path(folder) / f"round {number}" / "ledger.sqlite3",
            }
            if database is not None:
                ledgers["database"] = database
            planning, seconds = planned(deals, rules), {"bare": bare(vendor, deals, rules)}
            for kind, ledger in ledgers.items():
                connection = Connection(**vendor.access(), ledger=ledger)
                seconds[kind] = whole_run(deals, rules, f"{kind} {number}", connection)
                seconds[f"{kind} sending"] = seconds[kind] - planning
            for name, time in seconds.items():
                found[name].append(leads / time)
    return {name: speeds[1:] for name, speeds in found.items()}


@contextmanager
def team_ledger() -> Iterator[str | None]:
    """Start a PostgreSQL server that syncs as a real one does, and give an address in it; None where there is none."""
    try:
        programs()
    except RuntimeError as missing:
        say(f"no ledger in PostgreSQL is measured: {missing}")
        yield None
        return
    server = PostgresServer()
    given = os.environ.get(KEY)
    os.environ[KEY] = "7e" * 32
    try:
        yield server.url
    finally:
        server.stop()
        del os.environ[KEY]
        if given is not None:
            os.environ[KEY] = given


def paced_run(leads: int) -> tuple[float, float, int]:
    """Send leads to a vendor that takes five requests a second, with the ledger in a file.

    Parameters
    ----------
    leads : int

    Returns
    -------
    (float, float, int)
        Seconds of the whole run; seconds that its requests take at the least, ``ceil(leads / 100) / 5``; how many
        of them the vendor refused for their pace.
    """
    with tempfile.TemporaryDirectory() as folder, VendorProcess(leads, rate=RATE) as vendor:
        connection = Connection(**vendor.access(rate=float(RATE)), ledger=Path(folder) / "ledger.sqlite3")
        seconds = whole_run(deals_of(leads), len(RULES), "at the vendor's pace", connection)
        refused = sum(post["status"] == 429 for post in vendor.posts())
    return seconds, math.ceil(leads / LEADS_PER_REQUEST) / RATE, refused


def deals_of(leads: int) -> pd.DataFrame:
    """Return deals that name their calls; the vendor knows nine of ten."""
    numbers = np.arange(leads)
    return pd.DataFrame(
        {
            "call": numbers,
            "phone": [
                f"+7 (915) {number // 10_000 % 1000:03}-{number // 100 % 100:02}-{number % 100:02}"
                for number in numbers
            ],
            "email": [f"buyer{number}@mail.ru" for number in numbers],
            "created_at": pd.Timestamp("2020-10-01") + pd.to_timedelta(numbers % 100_000, unit="s"),
            "stage": np.resize(["won", "lost", "in work"], leads),
        }
    )


def template(title: str) -> str:
    """Return the comment of a run, which is new to the ledger when its title is."""
    return f"{title}: deal {{call}} is {{stage}}"


def planned(deals: pd.DataFrame, rules: int) -> float:
    """Return the seconds of a plan alone."""
    return timed(plan, deals, RULES[:rules], template("planned"))


def whole_run(deals: pd.DataFrame, rules: int, title: str, connection: Connection) -> float:
    """Return the seconds of a run from the frame to the joined frame."""
    done: list[pd.DataFrame] = []
    seconds = timed(
        lambda: done.append(comment(deals, RULES[:rules], template(title), connection=connection, progress=False))
    )
    by_status = done[0]["ct_status"].value_counts()
    if by_status["commented"] + by_status["unmatched"] != len(deals):
        raise RuntimeError(f"The run did not answer every lead: {by_status.to_dict()}")
    return seconds


def bare(vendor: VendorProcess, deals: pd.DataFrame, rules: int) -> float:
    """Return the seconds that a bare loop takes to post ready-made bytes and read what comes back."""
    connection = Connection(**vendor.access(), ledger=None)
    made = plan(deals, RULES[:rules], template("bare"))
    bodies = [
        encode(made, list(range(begin, min(begin + LEADS_PER_REQUEST, len(deals)))))
        for begin in range(0, len(deals), LEADS_PER_REQUEST)
    ]
    return timed(lambda: asyncio.run(posted(connection, bodies)))


async def posted(connection: Connection, bodies: list[bytes]) -> None:
    """Post bodies, as many at once as ctnb does."""
    url, left = connection.base_url + PATH, iter(bodies)
    headers = {
        TOKEN_HEADER: connection.token,
        SITE_HEADER: str(connection.site_id),
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
    }

    async def work(session: aiohttp.ClientSession) -> None:
        for body in left:
            async with session.post(url, data=body, allow_redirects=False) as response:
                await response.read()

    settings: dict[str, Any] = {"headers": headers, "cookie_jar": aiohttp.DummyCookieJar()}
    connector = aiohttp.TCPConnector(force_close=True, limit=connection.concurrency)
    async with aiohttp.ClientSession(connector=connector, **settings) as session:
        await asyncio.gather(*(work(session) for _ in range(connection.concurrency)))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds of each side (default 5)")
    parser.add_argument("--leads", type=int, default=50_000, help="leads of a round (default 50000)")
    parser.add_argument("--rules", type=int, default=len(RULES), help="rules of a lead (default 3)")
    parser.add_argument("--paced", type=int, default=10_000, help="leads of the paced run (default 10000)")
    options = parser.parse_args()
    if options.rounds:
        speeds = race_sending(options.rounds, options.leads, options.rules)
        for name, found in speeds.items():
            print(f"{name:15} {spread(found, 'leads/s')}, {ratio(found, speeds['bare']):.3f} of the bare loop")
    if options.paced:
        seconds, floor, refused = paced_run(options.paced)
        print(f"At {RATE} requests a second: {seconds:.2f} s, {seconds / floor:.4f} of the floor; {refused} x 429")


if __name__ == "__main__":
    main()
