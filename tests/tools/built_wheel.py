"""The wheel of a copy of the checkout, so that building leaves nothing in the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKOUT = ["LICENSE", "README.md", "pyproject.toml", "ctnb", "data"]
LONGEST_WAIT = 120  # seconds


def run(*arguments, folder, **variables):
    """Run this Python in a folder, without the ctnb under test on its path."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "CTNB_LEDGER"}}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=kept | {"PYTHONIOENCODING": "utf-8"} | variables,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST_WAIT,
        check=False,
    )


def build_wheel(copy, out):
    """Build a wheel from a copy of the checkout, made in one empty folder, into another; return its path."""
    for name in CHECKOUT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, copy / name)
    built = run("-m", "build", "--wheel", "--no-isolation", "--outdir", out, ".", folder=copy)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = out.glob("ctnb-*.whl")
    return path
