"""The command line in processes of its own: exit codes and Ctrl-C."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from command_line import CTNB, DEALS, LONGEST, RULES, account, environment, rows_by_status, run_process

import ctnb
from ctnb import Emulator
from ctnb.tables.samples import sample


@pytest.fixture
def few_deals(tmp_path):
    """The first 200 sample deals, in a file of their own."""
    path = tmp_path / "few.csv"
    ctnb.write_table(ctnb.read_leads(DEALS).head(200), path)
    return path


@contextmanager
def serving(folder, *arguments):
    """Run ``ctnb emulator`` and give the settings that it prints."""
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
    process = subprocess.Popen(
        [*CTNB, "emulator", *map(str, arguments)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        creationflags=flags,
    )
    with process:
        try:
            settings = {}
            while len(settings) < 3 and (line := process.stdout.readline()):
                name, equals, value = line.strip().partition("=")
                settings |= {name: value} if equals else {}
            yield process, settings
        finally:
            process.kill()


def test_comment_reaches_the_emulator_of_the_command_line(tmp_path, few_deals):
    journals = ["--calls", sample("calls.csv"), "--requests", sample("requests.csv"), "--rate", 50, "--port", 0]
    out = tmp_path / "out.csv"
    with serving(tmp_path, *journals) as (process, settings):
        arguments = ["comment", few_deals, "--rules", RULES, "--out", out, "--quiet"]
        done = run_process(*arguments, folder=tmp_path, **settings)
        assert (done.returncode, done.stderr) == (0, "")
        assert settings["CALLTOUCH_ACCESS_TOKEN"] not in done.stdout
        commented = rows_by_status(done.stdout)["commented"]
        assert commented > 0
        if sys.platform != "win32":
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=LONGEST)
            assert f"{commented} comments were applied" in output
            assert (process.returncode, errors) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a console, not to a process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_writes_what_was_answered(tmp_path, number):
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=5) as slow:
        process = subprocess.Popen(
            [*CTNB, "comment", DEALS, "--rules", RULES, "--out", "out.csv"],
            cwd=tmp_path,
            env=environment(**account(slow)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        with process:
            # The signal comes in mid-run, when something has been applied.
            while slow.comments.empty:
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.05)
            process.send_signal(number)
            output, errors = process.communicate(timeout=LONGEST)
        applied = len(slow.comments)
    assert process.returncode == 130
    # No bar is drawn where stderr is no terminal.
    assert "%|" not in errors
    by_status = rows_by_status(output)
    assert 0 < by_status["commented"] == applied
    assert by_status["unsent"] > 0
    assert sum(by_status.values()) == len(ctnb.read_leads(tmp_path / "out.csv")) == 3_000


def test_a_failure_is_one_line_and_not_a_traceback(tmp_path, few_deals):
    failed = run_process("plan", few_deals, "--rules", RULES, "--region", "Atlantis", folder=tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Error: ")
    assert len(failed.stderr.splitlines()) == 1
    assert run_process("plan", few_deals, folder=tmp_path).returncode == 2
