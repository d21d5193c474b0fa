"""Servers that close a connection while it waits for its slot: no row is in doubt for it."""

import math

import pytest
from idle_closing import CASES, statuses

from ctnb.delivery import client

FASTER = 8
"""The cases are carried out so many times as fast as they are in the issue; the long form is `make soak`."""


@pytest.mark.parametrize("kept", ["file", "memory"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_connection_that_was_closed_idle_costs_no_row(case, kept, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "TRUSTED_IDLE", client.TRUSTED_IDLE / FASTER)
    ledger = tmp_path / "ledger.sqlite3" if kept == "file" else None

    found, _ = statuses(case, faster=FASTER, retry_after=1.1, ledger=ledger)

    assert found == {"commented": case["rows"]}


def test_without_a_look_at_the_connection_rows_are_in_doubt(monkeypatch):
    async def believed(_connection):
        return True

    monkeypatch.setattr(client, "_is_alive", believed)
    monkeypatch.setattr(client, "TRUSTED_IDLE", math.inf)

    found, closed = statuses(CASES["one a second"], faster=FASTER)

    assert found["uncertain"] >= 100
    assert closed > 0
