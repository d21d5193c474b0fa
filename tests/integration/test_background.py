"""The suite in the background of a script, which starts it with SIGINT ignored."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IN_BACKGROUND = ["sh", "-c", 'trap "" INT; exec "$0" "$@"']
HANDLER = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"


def test_this_process_and_those_it_starts_answer_an_interrupt():
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    started = subprocess.run([sys.executable, "-c", HANDLER], check=True, capture_output=True, text=True)
    assert started.stdout.strip() == "True"


@pytest.mark.skipif(sys.platform == "win32", reason="no process inherits there that SIGINT is ignored")
def test_so_they_do_where_it_was_ignored_when_the_suite_began():
    test = f"{__file__}::{test_this_process_and_those_it_starts_answer_an_interrupt.__name__}"
    suite = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "1", test]
    done = subprocess.run([*IN_BACKGROUND, *suite], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
