"""The machine on which figures were measured: facts that matter for them, and nothing that names it."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import psutil

LIBRARIES = ("pandas", "numpy", "pyarrow", "phonenumbers", "msgspec", "aiohttp")


def machine() -> dict[str, str]:
    """Return the facts by name."""
    return {
        "processors": f"{psutil.cpu_count()} x {processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "load at the start": f"{psutil.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        **{name: version(name) for name in LIBRARIES},
    }


def processor() -> str:
    """Return the model of the processor."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"


def one_line(facts: dict[str, str]) -> str:
    """Return the facts in one line."""
    return ", ".join(f"{name} {value}" for name, value in facts.items())
