"""The notebooks run top to bottom, what they show is what comes out, and they are saved fit to be given away."""

import asyncio
import json
import re
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [
    "01_quickstart",
    "02_messy_crm_export",
    "03_reading_match_rates",
    "04_reruns_and_uncertain",
    "05_before_you_send",
]
WIDGET = "application/vnd.jupyter.widget-view+json"
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def plain_outputs(notebook):
    return [out["data"].get("text/plain") for out in outputs(notebook) if out.output_type == "execute_result"]


def pictures(notebook):
    return sum("image/png" in output.get("data", {}) for output in outputs(notebook))


def test_the_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == NAMES


async def run_in(folder, path, kernel_name):
    """Run a notebook in a folder of its own; return it with what it shows."""
    folder.mkdir()
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    await NotebookClient(notebook, timeout=120, kernel_name=kernel_name, resources=resources).async_execute()
    return notebook


async def test_the_notebooks_run_and_show_what_they_were_saved_with(kernel_name, tmp_path):
    # All at once: most of the time they wait for the vendor's pace.
    runs = await asyncio.gather(*(run_in(tmp_path / path.stem, path, kernel_name) for path in NOTEBOOKS))
    for path, run in zip(NOTEBOOKS, runs, strict=True):
        saved = nbformat.read(path, as_version=4)
        assert plain_outputs(saved), path.stem
        assert plain_outputs(run) == plain_outputs(saved), path.stem
        assert pictures(run) == pictures(saved), path.stem
        # It cleans up after itself: somebody runs it in a folder of theirs.
        assert list((tmp_path / path.stem).iterdir()) == [], path.stem


@every_notebook
def test_a_saved_notebook_is_whole_and_shows_nothing_of_the_machine(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not any(output.output_type == "error" for output in outputs(notebook))
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert not any(cell.metadata for cell in notebook.cells)
    assert not any(WIDGET in output.get("data", {}) for output in outputs(notebook))
    shown = json.dumps([dict(output) for output in outputs(notebook)], ensure_ascii=False)
    shown = re.sub(r'"image/png": "[^"]*"', "", shown)
    of_this_machine = (str(FOLDER.parent), str(Path.home()), tempfile.gettempdir(), "site-packages", "ipykernel")
    assert [text for text in of_this_machine if text in shown] == []
    assert "://" not in shown
    # A token, a key or an address in memory.
    assert not re.search(r"\b(0x)?(?=\d*[a-f])[0-9a-f]{12,}\b", shown)
