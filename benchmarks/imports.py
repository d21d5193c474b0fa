"""The race of the imports: ``import ctnb`` against ``import pandas``, each in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.race import Goal, Row, milliseconds, ratio, say

GOAL = Goal(1.1, at_least=False)
ROOT = Path(__file__).parents[1]


def race_imports(rounds: int, *, compiled: bool) -> Row:
    """Race the imports, the start of Python left out. One round is not counted.

    Parameters
    ----------
    rounds : int
    compiled : bool
        With the bytecode that the round before left, or with none at all, so that every module is compiled anew.
    """
    ours: list[float] = []
    plain: list[float] = []
    alone: list[float] = []
    what = "bytecode compiled before" if compiled else "no bytecode"
    with tempfile.TemporaryDirectory() as cache:
        for number in range(rounds + 1):
            # In turn, for the second of a pair finds the files in memory.
            pair = [(ours, "ctnb"), (plain, "pandas")]
            for times, module in pair[:: 1 if number % 2 else -1]:
                times.append(import_seconds(module, cache, compiled=compiled))
            if compiled:
                alone.append(import_seconds("ctnb", cache, compiled=True, after="pandas"))
    say(f"imports, {what}: {rounds} rounds")
    return Row(
        key="import_compiled" if compiled else "import_uncompiled",
        work="`import ctnb`",
        size=f"fresh process, {what}",
        ours=milliseconds(ours[1:]),
        against="`import pandas`",
        theirs=milliseconds(plain[1:]),
        measured=ratio(ours[1:], plain[1:]),
        goal=GOAL,
        samples={"ctnb": ours[1:], "pandas": plain[1:], "ctnb after pandas": alone[1:]},
        notes=(f"Import: once pandas is loaded, ctnb takes {milliseconds(alone[1:])} more.",) if compiled else (),
    )


def import_seconds(module: str, cache: str, *, compiled: bool, after: str = "time") -> float:
    """Time one import in a process of its own, its bytecode in a folder of the race, `after` another module's."""
    code = f"import time, {after}; begin = time.perf_counter(); import {module}; print(time.perf_counter() - begin)"
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *([] if compiled else ["-B"]), "-c", code]
    done = subprocess.check_output(  # noqa: S603 - our own command
        command, cwd=ROOT, env={**settings, "PYTHONPYCACHEPREFIX": cache}, encoding="utf-8"
    )
    return float(done)
