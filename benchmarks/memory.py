"""Peak memory of plan and encode beside the frame's own, as the operating system counts it, in a process of its own.

Run as a script it measures the frame of one Feather file, and prints what it found as JSON. The peak is the kernel's
own (``VmHWM``), set back before the work begins; so it counts memory that neither sampling nor tracing of Python sees.
"""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import psutil
import pyarrow as pa

from benchmarks.columns import deals
from benchmarks.planning import drain, planned
from benchmarks.race import Goal, Row, say

GOAL = Goal(2, at_least=False)
ROOT = Path(__file__).parents[1]
MIB = 2**20
WARM_ROWS = 1_000


def measure_memory(rows: int) -> Row | None:
    """Measure a frame of so many rows; None where the operating system keeps no peak that can be set back."""
    if not sys.platform.startswith("linux"):
        say("memory: not measured, it needs Linux")
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "deals.feather"
        deals(rows, seed=0).to_feather(file, compression="uncompressed")
        command = [sys.executable, "-m", "benchmarks.memory", str(file)]
        found = json.loads(subprocess.check_output(command, cwd=ROOT, encoding="utf-8"))  # noqa: S603 - our own
    frame = {"resident": found["resident"], "deep": found["deep"]}
    shares = {name: found["peak"] / size for name, size in frame.items()}
    say(f"memory: peak {found['peak'] / MIB:.0f} MiB over a frame of {frame['deep'] / MIB:.0f} MiB")
    return Row(
        key="memory",
        work="peak memory of plan + encode, over the frame",
        size=f"{rows:,} rows",
        ours=f"{found['peak'] / MIB:,.0f} MiB more at the peak",
        against="the frame itself",
        theirs=f"{frame['deep'] / MIB:,.0f} MiB by `memory_usage(deep=True)`, "
        f"{frame['resident'] / MIB:,.0f} MiB resident",
        measured=max(shares.values()),
        goal=GOAL,
        samples={f"{name} bytes": [float(size)] for name, size in found.items()},
        notes=(
            (
                f"Memory: the peak is {shares['deep']:.2f} of the frame by `memory_usage(deep=True)` and "
                f"{shares['resident']:.2f} of its resident size; the worse counts. The peak includes the "
                f"plan, which stays ({found['kept'] / MIB:,.0f} MiB), and no body, for a run keeps none."
            ),
        ),
    )


def measured(file: Path) -> dict[str, int]:
    """Return bytes: the frame by both counts, the peak of plan and encode beyond it, and what stays."""
    drain(planned(deals(WARM_ROWS, seed=1)))
    empty = resident()
    frame = pd.read_feather(file)
    full = resident()
    forget_peak()
    made = planned(frame)
    drain(made)
    highest = status("VmHWM")
    kept = resident() - full
    deep = int(frame.memory_usage(deep=True).sum())
    return {"resident": full - empty, "deep": deep, "peak": highest - full, "kept": kept}


def resident() -> int:
    """Return the resident bytes of the process, after its free memory went back to the machine."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    # Of glibc; elsewhere what was freed stays and is counted.
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    return int(psutil.Process().memory_info().rss)


def forget_peak() -> None:
    """Set the kernel's peak back to what is resident now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def status(name: str) -> int:
    """Return a size that the kernel keeps of this process, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]))))
