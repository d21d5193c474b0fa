"""A run ends with an outcome for each row, however it ends, or says that rows are lost."""

import asyncio
import logging
import math
from dataclasses import replace

import pandas as pd
import pytest

import ctnb
from ctnb import Call, Connection
from ctnb import run as run_module
from ctnb.exceptions import CtnbError
from ctnb.outcomes import Outcome, Status
from ctnb.run import Run

DEALS = pd.DataFrame({"call": [7, 8, None]})
CONNECTION = Connection(1, "token", base_url="http://127.0.0.1:1", ledger=None)


@pytest.fixture
def delivering(monkeypatch):
    """Put another delivery in the place of ours: an outcome for some rows, so many requests."""

    def put(*rows, requests=0):
        async def deliver(*_, answers, counts, **__):
            await asyncio.sleep(0)
            counts.requests = requests
            answers.put(rows, [Outcome(Status.COMMENTED)] * len(rows))

        monkeypatch.setattr(run_module, "deliver", deliver)

    return put


def prepared():
    planned = run_module.plan(DEALS, Call("call"), "text", connection=CONNECTION)
    return Run.of_plan(DEALS, planned, CONNECTION)


@pytest.mark.parametrize("rows", [(), (0,)])
def test_a_lost_row_is_an_error_that_says_so(delivering, rows):
    delivering(*rows, requests=len(rows))
    with pytest.raises(CtnbError, match=rf"each of 2 comments, got none for {2 - len(rows)}"):
        ctnb.comment(DEALS, Call("call"), "text", connection=CONNECTION, progress=False)


async def test_a_run_cancelled_before_its_first_step_leaves_its_rows_unsent():
    run = prepared()
    task = asyncio.ensure_future(run.acarry_out(progress=False))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    done = run.broken_off(interrupted=True)
    assert done["ct_status"].tolist() == ["unsent", "unsent", "invalid"]
    assert done["ct_error_code"].tolist()[:2] == ["interrupted"] * 2


def test_a_run_that_could_not_begin_says_that_it_stopped():
    assert prepared().broken_off(interrupted=False)["ct_error_code"].tolist()[:2] == ["stopped"] * 2


async def test_a_run_that_wrote_a_request_and_lost_its_rows_does_not_call_them_unsent(delivering):
    run = prepared()
    delivering(requests=1)
    with pytest.raises(CtnbError, match="got none for 2"):
        await run.acarry_out(progress=False)
    with pytest.raises(CtnbError, match="may have been sent"):
        run.broken_off(interrupted=True)


@pytest.fixture
def logged(caplog):
    """Comment 150 deals while the emulator refuses the first request, and return frame and log."""

    def run(refusal, **settings):
        calls = pd.DataFrame({"callId": range(1, 151), "date": "01-10-2020 12:00:00", "callerNumber": "79157771122"})
        with ctnb.Emulator(calls, rate=None) as vendor, caplog.at_level(logging.WARNING, "ctnb"):
            vendor.refuse_next(refusal, **settings)
            connection = replace(vendor.connection, rate=math.inf, concurrency=1)
            deals = pd.DataFrame({"call": range(1, 151)})
            return ctnb.comment(deals, Call("call"), "text", connection=connection, progress=False), caplog.text

    return run


@pytest.mark.parametrize(
    ("refusal", "code", "line"),
    [
        (
            "token",
            "token_refused",
            "Take a new token in the account's API settings. 50 comments are unsent until then.",
        ),
        ("access", "access_denied", "Check site_id and the token's rights, or take a new token"),
        ("credentials", "access_denied", "The run stopped: Invalid credentials. The vendor refused access."),
        ("api_error", "refused", "The run stopped: Лимит баллов исчерпан (code 10003). The vendor refused the whole"),
    ],
)
def test_the_log_of_a_refused_run_says_what_to_mend_and_not_to_run_it_again(logged, refusal, code, line):
    done, log = logged(refusal)

    assert done["ct_status"].tolist() == ["rejected"] * 100 + ["unsent"] * 50
    assert set(done["ct_error_code"]) == {code}
    assert line in log
    assert "run it again" not in log


def test_the_log_of_a_wrong_address_says_what_to_mend(logged):
    done, log = logged({"error": "no such method"}, status=404)

    assert set(done["ct_status"]) == {"unsent"}
    assert "Check base_url. 150 comments are unsent until then." in log
    assert "run it again" not in log
