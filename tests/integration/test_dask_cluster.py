"""Frames of Dask on a cluster of two processes, with a team's ledger in PostgreSQL."""

import asyncio
import os
import signal
import time

import dask.dataframe as dd
import pandas as pd
import psutil
import pytest
from distributed import Client, LocalCluster

import ctnb
import ctnb.engines.dask

ROWS, PARTS = 2000, 4
IN_FLIGHT = 400
"""Leads that one run may have sent and not heard of: four requests."""

WAIT = 60.0


class HoldingVendor(ctnb.Emulator):
    """An emulator that can hold requests, so that a worker dies with some in flight."""

    held, in_hand = False, 0

    async def _take(self, request):
        self.in_hand += 1
        try:
            while self.held:  # noqa: ASYNC110  the test sets it from another thread
                await asyncio.sleep(0.01)
            return await super()._take(request)
        finally:
            self.in_hand -= 1


def wait_until(holds):
    until = time.monotonic() + WAIT
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def vendor():
    with HoldingVendor(pd.DataFrame({"callId": range(ROWS), "date": "01-10-2020 12:00:00"}), rate=None) as vendor:
        yield vendor


@pytest.fixture
def client(vendor, team_ledger, monkeypatch):
    given = vendor.connection
    monkeypatch.setenv("CALLTOUCH_SITE_ID", str(given.site_id))
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", str.__str__(given.token))
    monkeypatch.setenv("CALLTOUCH_BASE_URL", given.base_url)
    monkeypatch.setenv("CTNB_LEDGER", team_ledger)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1",
            silence_logs=50,
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        client.wait_for_workers(2, timeout=WAIT)
        yield client


@pytest.fixture
def deals():
    """Deals in order, each tenth of which has a second row in the last partition."""
    first = pd.DataFrame({"deal": range(ROWS), "call": pd.array(range(ROWS), dtype="Int64")})
    return dd.from_pandas(pd.concat([first, first[::10]], ignore_index=True), npartitions=PARTS)


def comment(deals):
    return deals.calltouch.comment(ctnb.Call("call"), "deal {deal}", key="deal")


def test_a_graph_sends_each_comment_once_and_a_second_compute_sends_nothing(client, vendor, deals):
    done = comment(deals)
    assert len(vendor.posts) == 0
    found = client.compute(done).result(timeout=WAIT)
    assert found["ct_status"].tolist() == ["commented"] * len(found)
    assert found.index.tolist() == list(range(len(found)))
    assert len(client.run(os.getpid)) == 2
    assert sorted(vendor.comments["comment"]) == sorted(f"deal {deal}" for deal in range(ROWS))

    requests = len(vendor.posts)
    again = client.compute(comment(deals)).result(timeout=WAIT)
    assert again["ct_replayed"].all()
    assert len(vendor.posts) == requests


def test_a_worker_is_killed_in_mid_run(client, vendor, deals):
    future = client.compute(comment(deals))
    # Past the rows of keys that are spread, which one worker sends alone.
    wait_until(lambda: len(vendor.posts) >= 2)
    vendor.held = True
    # A run has four requests in flight at the most: both workers send.
    wait_until(lambda: vendor.in_hand > 4)
    killed = next(iter(client.run(os.getpid).values()))
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(killed))
    vendor.held = False
    found = future.result(timeout=WAIT)

    assert set(found["ct_status"]) <= {"commented", "uncertain"}
    uncertain = found.drop_duplicates("deal")["ct_status"].eq("uncertain").sum()
    assert 0 < uncertain <= IN_FLIGHT
    assert not vendor.comments["comment"].duplicated().any()

    again = client.compute(comment(deals)).result(timeout=WAIT)
    assert again["ct_status"].tolist() == found["ct_status"].tolist()
    assert not vendor.comments["comment"].duplicated().any()
    answered = again.loc[again["ct_status"] == "commented", "deal"].unique()
    assert {f"deal {deal}" for deal in answered} <= set(vendor.comments["comment"])


def test_a_ledger_in_memory_is_refused_on_the_workers(client, vendor, deals):
    done = deals.calltouch.comment(ctnb.Call("call"), "x", key="deal", connection=vendor.connection)
    with pytest.raises(ctnb.ConfigError, match=r"memory of a process|two records"):
        client.compute(done).result(timeout=WAIT)
    assert len(vendor.posts) == 0
