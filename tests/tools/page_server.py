"""The page of the studio, served by the command in a process of its own until Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import ctnb

CTNB = [sys.executable, "-c", "from ctnb.cli.app import main; main()", "studio"]
TIMEOUT = 60
"""Seconds that the command may take to begin or to end."""


def environment(folder, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CALLTOUCH_", "CTNB_"))}
    home = str(Path(ctnb.__file__).parents[1])
    path = os.pathsep.join(filter(None, [home, kept.get("PYTHONPATH")]))
    own = {"HOME": str(folder), "TMPDIR": str(folder), "IPYTHONDIR": str(folder), "JUPYTER_CONFIG_DIR": str(folder)}
    return kept | own | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"} | more


@contextmanager
def served(folder, *arguments, **variables):
    """Run the command, and give its process and the address that it prints."""
    process = subprocess.Popen(
        [*CTNB, *map(str, arguments), "--no-browser"],
        cwd=folder,
        env=environment(folder, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    try:
        lines = iter(process.stdout.readline, "")
        address = next(found[0] for line in lines if (found := re.search(r"http://\S+", line)))
        yield process, urlsplit(address)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT)
        process.stdout.close()
