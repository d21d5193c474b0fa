"""Run the notebooks anew, in place (``python docs/make_notebooks.py``, or with the names of some).

Their outputs depend on nothing but the sample data: run twice, they are the same files.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CHECKOUT = Path(__file__).parents[1]
FOLDER = CHECKOUT / "notebooks"
OURS = ("CALLTOUCH_", "CTNB_")
"""Beginnings of the names of the variables that hold somebody's account."""


def main(names: list[str]) -> None:
    """Run the notebooks of these names, or all."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not names or path.stem in names:
            run(path)


def run(path: Path) -> None:
    """Run a notebook in an empty folder, and keep its outputs without traces of the machine."""
    notebook = nbformat.read(path, as_version=4)
    kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=300,
            kernel_name=kernelspec["name"],
            record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute()
    # The kernel adds its version, and widgets leave their state, which may hold contacts.
    notebook.metadata = {"kernelspec": kernelspec, "language_info": {"name": "python"}}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main(sys.argv[1:])
