"""The line that each run leaves in its ledger, in a file and in a team's database."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pandas as pd
import pytest
from command_line import account, run_here

import ctnb
from ctnb import Call, Ledger
from ctnb.delivery.ledger.choose import open_ledger
from ctnb.delivery.ledger.run_lines import RunLine
from ctnb.exceptions import ConfigError, LedgerError
from ctnb.outcomes import End

CALLS = pd.DataFrame({"callId": [1, 2, 3], "date": ["01-10-2020 12:00:00"] * 3})
DEALS = pd.DataFrame({"call": [1, 2, 8, None, None]}, dtype="Int64")


@pytest.fixture
def vendor():
    with ctnb.Emulator(CALLS, rate=None) as vendor:
        yield vendor


@pytest.fixture(params=["file", "database"])
def place(request, tmp_path):
    """Return where a ledger is that is not made yet."""
    return str(tmp_path / "ledger.sqlite3") if request.param == "file" else request.getfixturevalue("team_ledger")


@pytest.fixture
def connection(vendor, place):
    """Return a connection to the emulator with that ledger."""
    return dataclasses.replace(vendor.connection, ledger=place)


def naming(place):
    """Return the variables that name a ledger."""
    return {"CTNB_LEDGER": place, "CTNB_LEDGER_KEY": os.environ.get("CTNB_LEDGER_KEY", "")}


def comment(connection, deals=DEALS, job="", **options):
    return ctnb.comment(deals, Call("call"), "text", connection=connection, job=job, progress=False, **options)


def test_a_run_leaves_who_when_what_and_how_it_ended(connection, place, monkeypatch):
    monkeypatch.setenv("LOGNAME", "anna")
    before = pd.Timestamp.now(tz="UTC")
    done = comment(connection, job="nightly")
    after = pd.Timestamp.now(tz="UTC")

    [line] = Ledger(place).runs().to_dict("records")

    assert before <= line["began_at"] <= line["ended_at"] <= after
    assert (line["who"], line["site"], line["job"], line["ended"]) == ("anna", 4242, "nightly", "done")
    assert (line["rows"], line["requests"], line["replayed"]) == (5, 1, 0)
    assert {status: line[status] for status in done["ct_status"].cat.categories} == done["ct_status"].value_counts(
        sort=False
    ).to_dict()
    assert line["match_rate"] == pytest.approx(2 / 3)
    assert pd.isna(line["reason"])


@pytest.mark.parametrize("text", ["a\ud800", "\udcff", "a\x00b"])
def test_a_name_that_no_database_can_hold_stops_no_run(connection, place, monkeypatch, text):
    # A user's name comes from the environment, in whatever encoding; a job is the user's own.
    monkeypatch.setattr("getpass.getuser", lambda: text)
    comment(connection, job=text)

    [line] = Ledger(place).runs().to_dict("records")

    assert line["ended"] == "done"
    assert line["who"] == line["job"] == text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def test_a_run_that_sends_nothing_leaves_a_line_that_says_so(connection, place):
    comment(connection)
    comment(connection)

    runs = Ledger(place).runs()

    assert runs["requests"].tolist() == [0, 1]
    assert runs["replayed"].tolist() == [3, 0]
    assert runs["run"].is_unique
    assert runs["began_at"].is_monotonic_decreasing
    assert Ledger(place).runs(last=1)["run"].tolist() == runs["run"].tolist()[:1]


def test_the_dtypes_do_not_depend_on_the_runs(connection, place):
    comment(connection, deals=DEALS.head(0))
    runs = Ledger(place).runs()
    no_run = runs.head(0)

    assert runs["rows"].tolist() == [0]
    assert str(runs["began_at"].dtype) == str(no_run["ended_at"].dtype) == "datetime64[us, UTC]"
    assert {str(runs[name].dtype) for name in ("requests", "rows", "commented", "busy")} == {"Int64"}
    assert str(runs["match_rate"].dtype) == "Float64"
    assert pd.isna(runs["match_rate"][0])


def test_a_run_that_stops_says_why(connection, place):
    comment(dataclasses.replace(connection, token="another"))

    [line] = Ledger(place).runs().to_dict("records")

    assert (line["ended"], line["reason"]) == ("stopped", "token_refused")
    assert line["rejected"] == 3


def test_a_run_that_breaks_off_says_so(connection, place, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("ctnb.delivery.loop.Sender", broken)
    with pytest.raises(ZeroDivisionError):
        comment(connection)

    [line] = Ledger(place).runs().to_dict("records")

    assert (line["ended"], line["reason"], line["unsent"], line["invalid"]) == ("failed", "ZeroDivisionError", 3, 2)


def test_a_live_run_is_running_and_one_that_left_no_end_was_killed(connection, place):
    with closing(open_ledger(connection)) as live:
        live.begin_run(RunLine("live", 2, "anna", 4242, ""))
        with closing(open_ledger(connection)) as dead:
            dead.begin_run(RunLine("dead", 1, "boris", 4242, ""))
        runs = Ledger(place).runs()

        assert runs[["run", "ended"]].to_numpy().tolist() == [["live", "running"], ["dead", "killed"]]
        assert runs[["requests", "rows", "commented", "match_rate"]].isna().all(axis=None)
        assert [line.ended for line in live.runs(5)] == [End.RUNNING, End.KILLED]


RUN = """
import sys
import pandas as pd
import ctnb

deals = pd.DataFrame({"call": range(5000)})
ctnb.comment(deals, ctnb.Call("call"), "text", connection=ctnb.Connection.from_env(rate=20), progress=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("end", "told"), [(signal.SIGKILL, "killed"), (signal.SIGINT, "interrupted")])
def test_a_process_that_is_ended_by_a_signal_leaves_its_line(connection, place, vendor, end, told):
    environment = os.environ | account(vendor, CTNB_LEDGER=place)
    run = subprocess.Popen([sys.executable, "-c", RUN], env=environment, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while vendor.posts.empty and time.monotonic() < until:
        time.sleep(0.02)
    assert Ledger(place).runs()["ended"].tolist() == ["running"]
    run.send_signal(end)
    run.wait(60)

    [line] = Ledger(place).runs().to_dict("records")

    assert line["ended"] == told
    if told == "interrupted":
        assert line["rows"] == 5000
        assert line["unsent"] > 0


def test_a_line_that_cannot_be_kept_stops_no_run(connection, place, monkeypatch, caplog):
    comment(connection)

    def full(*_):
        raise LedgerError("the disk is full")

    module = "sqlite" if not place.startswith("postgres") else "postgres"
    monkeypatch.setattr(f"ctnb.delivery.ledger.{module}.write_begin", full)
    monkeypatch.setattr(f"ctnb.delivery.ledger.{module}.write_end", full)

    assert comment(connection)["ct_replayed"].sum() == 3
    assert caplog.messages.count("The run's line could not be kept: the disk is full") == 2


def test_the_ledger_of_a_process_keeps_its_runs_too(vendor):
    connection = dataclasses.replace(vendor.connection, ledger=None)
    comment(connection)
    comment(connection)

    assert [line.requests for line in open_ledger(connection).runs(5)] == [0, 1]


def test_the_command_shows_the_last_runs(connection, place, vendor):
    comment(connection, job="nightly")
    comment(connection, job="nightly")
    variables = account(vendor, **naming(place))

    shown = run_here("runs", **variables)
    line = run_here("runs", "--json", "--last", "1", **variables)

    heading, *rows = shown.stdout.splitlines()
    assert heading.split()[:4] == ["began_at", "who", "site", "job"]
    assert "rejected" not in heading
    assert [row.split()[-1] for row in rows] == ["66.7%", "66.7%"]
    assert line.stdout.count("\n") == 1
    [about] = json.loads(line.stdout)
    assert (about["job"], about["rows"], about["commented"]) == ("nightly", 5, 2)


def test_a_ledger_without_runs_says_so_and_one_that_is_not_there_is_an_error(connection, place, tmp_path):
    with closing(open_ledger(connection)) as made:
        made.naming(b"")
    assert Ledger(place).runs().empty
    assert "No run" in run_here("runs", **naming(place)).stdout
    assert run_here("runs", "--ledger", str(tmp_path / "no.sqlite3")).exit_code == 1


@pytest.mark.parametrize("last", [0, -1, True, 1.5, "3"])
def test_a_number_of_runs_that_is_none_is_refused(tmp_path, last):
    with pytest.raises(ConfigError, match="last: expected a whole number of runs"):
        Ledger(tmp_path / "ledger.sqlite3").runs(last)
