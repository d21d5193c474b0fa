"""A nightly run in a process of its own: signals before, in and after the run, and outputs that are closed."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pandas as pd
import pytest
from command_line import CTNB, LONGEST, account, environment

import ctnb
from ctnb import Emulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and named pipes are those of POSIX")

CALLS = pd.DataFrame({"callId": range(1, 1001), "date": "01-10-2020 12:00:00"})
RULES = 'comment = "text"\nkey = "deal"\n[[rules]]\ntype = "call"\nid = "id"\n'
ARGUMENTS = ["comment", "deals.csv", "--rules", "rules.toml", "--out", "done.csv", "--json"]
ALERT = """
import pathlib, sys, time
pathlib.Path("begun").touch()
while "wait" in sys.argv and not pathlib.Path("go").exists():
    time.sleep(0.01)
pathlib.Path("alert.json").write_text(sys.stdin.read())
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "alert.py").write_text(ALERT, encoding="utf-8")
    deals = pd.DataFrame({"id": range(1, 1001), "deal": [f"d{number}" for number in range(1000)]})
    ctnb.write_table(deals, tmp_path / "deals.csv")
    return tmp_path


def alert(*arguments):
    return ["--alert", f'"{sys.executable}" alert.py {" ".join(arguments)}']


def started(folder, *arguments, **variables):
    return subprocess.Popen(
        [*CTNB, *arguments],
        cwd=folder,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def wait_until(condition, process):
    until = time.monotonic() + LONGEST
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_says_so_to_machines_and_to_the_alert(folder, number):
    with Emulator(CALLS, rate=5) as slow, started(folder, *ARGUMENTS, *alert(), **account(slow)) as process:
        wait_until(lambda: not slow.comments.empty, process)
        process.send_signal(number)
        output, errors = process.communicate(timeout=LONGEST)
        applied = len(slow.comments)
    found = json.loads(output)
    assert (process.returncode, found["exit_code"], found["end"]) == (130, 130, "interrupted")
    assert 0 < found["statuses"]["commented"] == applied < 1000
    assert (folder / "alert.json").read_text() == output
    assert (ctnb.read_leads(folder / "done.csv")["ct_status"] == "commented").sum() == applied
    assert "%|" not in errors


def test_sigterm_before_the_run_begins_is_an_interrupt_too(folder):
    (folder / "deals.csv").unlink()
    os.mkfifo(folder / "deals.csv")

    variables = {"CALLTOUCH_SITE_ID": "1", "CALLTOUCH_ACCESS_TOKEN": "token"}
    with started(folder, *ARGUMENTS, *alert(), **variables) as process:
        writer = None
        while writer is None:
            assert process.poll() is None, process.stderr.read()
            # There is no writer before there is a reader.
            with suppress(OSError):
                writer = os.open(folder / "deals.csv", os.O_WRONLY | os.O_NONBLOCK)
            time.sleep(0.01)
        process.terminate()
        output, _ = process.communicate(timeout=LONGEST)
        os.close(writer)
    found = json.loads(output)
    assert (process.returncode, found["end"], found["rows"]) == (130, "interrupted", None)
    assert (folder / "alert.json").read_text() == output


def test_the_alert_is_run_and_the_code_stays_where_standard_output_is_closed(folder):
    with Emulator(CALLS, rate=None) as vendor:
        given = account(vendor, CTNB_LEDGER="ledger.sqlite3")
        command = [*CTNB, *ARGUMENTS, "--min-match-rate", "1", *alert()]
        ctnb.write_table(pd.DataFrame({"id": [1, 5000], "deal": ["a", "b"]}), folder / "deals.csv")
        done = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&-', "sh", *command],
            cwd=folder,
            env=environment(**given),
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
            timeout=LONGEST,
        )
    assert done.returncode == 4
    assert json.loads((folder / "alert.json").read_text())["end"] == "threshold"
    assert done.stderr.count("\n") == 1, done.stderr
    assert ctnb.read_leads(folder / "done.csv")["ct_status"].tolist() == ["commented", "unmatched"]


@pytest.mark.parametrize("output", ["a pipe that nobody reads", "/dev/full"])
def test_the_code_stays_where_standard_output_takes_nothing(folder, output):
    reader, writer = os.pipe()
    os.close(reader)
    given = open("/dev/full", "w") if output == "/dev/full" else os.fdopen(writer, "w")  # noqa: PTH123, SIM115
    with Emulator(CALLS, rate=None) as vendor, given:
        done = subprocess.run(
            [*CTNB, *ARGUMENTS],
            cwd=folder,
            env=environment(**account(vendor)),
            stdout=given,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
            timeout=LONGEST,
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("broken", ["a pipe that nobody reads", "/dev/full"])
@pytest.mark.parametrize("closed", [["stderr"], ["stdout", "stderr"]])
@pytest.mark.parametrize(("options", "code"), [(["--min-match-rate", "1"], 4), (["--resend-after", "1d"], 1)])
def test_the_code_stays_and_the_alert_is_run_where_outputs_take_nothing(folder, broken, closed, options, code):
    reader, writer = os.pipe()
    os.close(reader)
    given = open("/dev/full", "w") if broken == "/dev/full" else os.fdopen(writer, "w")  # noqa: PTH123, SIM115
    ctnb.write_table(pd.DataFrame({"id": [1, 5000], "deal": ["a", "b"]}), folder / "deals.csv")
    with Emulator(CALLS, rate=None) as vendor, given:
        done = subprocess.run(
            [*CTNB, *(each for each in ARGUMENTS if each != "--json"), *options, *alert()],
            cwd=folder,
            env=environment(**account(vendor, CTNB_LEDGER="ledger.sqlite3")),
            stdout=given if "stdout" in closed else subprocess.PIPE,
            stderr=given,
            encoding="utf-8",
            check=False,
            timeout=LONGEST,
        )
    facts = json.loads((folder / "alert.json").read_text())
    assert (done.returncode, facts["exit_code"]) == (code, code)


def test_ctrl_c_while_the_alert_is_run_neither_ends_it_nor_changes_the_code(folder):
    with Emulator(CALLS, rate=None, token="right") as vendor:
        given = account(vendor, CALLTOUCH_ACCESS_TOKEN="wrong")
        with started(folder, *ARGUMENTS, *alert("wait"), **given) as process:
            wait_until((folder / "begun").exists, process)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
                os.killpg(process.pid, number)  # a terminal sends Ctrl-C to the whole group
                time.sleep(0.02)
            (folder / "go").touch()
            output, errors = process.communicate(timeout=LONGEST)
    assert (process.returncode, json.loads(output)["reason"]) == (3, "token_refused")
    assert (folder / "alert.json").read_text() == output
    assert "The run stopped" in errors
