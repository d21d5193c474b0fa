"""The command line under test: in this process, which saves its start, or in one of its own, as a user has it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

import ctnb
from ctnb.cli.app import app
from ctnb.tables.samples import sample

DEALS, RULES = str(sample("deals.csv")), str(sample("rules.toml"))
LONGEST = 120
"""Seconds that a process has."""
START = """
import signal
# Where the suite runs in the background of a script, Ctrl-C is ignored, and a child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from ctnb.cli.app import main
main()
"""
CTNB = [sys.executable, "-c", START]
OURS = ("CALLTOUCH_", "CTNB_")


def account(vendor, **changed):
    """Return the variables that name an emulator's account."""
    access = vendor.connection
    variables = {
        "CALLTOUCH_BASE_URL": access.base_url,
        "CALLTOUCH_SITE_ID": access.site_id,
        "CALLTOUCH_ACCESS_TOKEN": access.token,
    }
    return {name: str(value) for name, value in (variables | changed).items()}


def run_here(*arguments, **variables):
    """Run the command line in this process, with no account but that of the variables."""
    clean = dict.fromkeys(name for name in os.environ if name.startswith(OURS))
    return CliRunner().invoke(app, [*map(str, arguments)], env=clean | variables, catch_exceptions=False)


def environment(**variables):
    """Return this process's environment without any account, and with the ctnb under test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    checkout = str(Path(ctnb.__file__).parents[1])
    path = os.pathsep.join(filter(None, [checkout, kept.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"} | variables


def run_process(*arguments, folder, **variables):
    """Run the command line in a process and a folder of its own."""
    return subprocess.run(
        [*CTNB, *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )


def rows_by_status(output):
    """Return the rows by status that a run has printed."""
    return {status: int(rows) for status, rows in re.findall(r"(?m)^([a-z]+) +([0-9]+)$", output)}
