"""The benchmark runs, at sizes that say nothing of speed: every row is there, and the two sides agree."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEYS = {
    "phones",
    "planning",
    "planning_faster",
    "planning_ready",
    "preview",
    "sweep",
    "replay",
    "workbook",
    "dashboard",
    "sending_database",
    "sending_file",
    "import_compiled",
    "import_uncompiled",
    "growth_phones",
    "growth_plan",
    "growth_encode",
    "growth_preview",
    "encoders_msgspec_structs",
    "encoders_msgspec_dicts",
    "encoders_json_dicts",
}
COMPARED = {
    key for key in KEYS if key.startswith(("phones", "planning", "preview", "sweep", "replay", "workbook", "encoders"))
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run the smallest benchmark; return its figures, its page and what it printed."""
    out = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-W", "error", "-m", "benchmarks.run", "--quick", "--rows", "1000"]
    done = subprocess.run(
        [*command, "--out", str(out), "--publish", str(out / "published.md")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    page = (out / "bench.md").read_text(encoding="utf-8")
    assert page == (out / "published.md").read_text(encoding="utf-8")
    return figures, page, done


def test_every_row_is_measured(run):
    figures, _, _ = run
    rows = {row["key"]: row for row in figures["rows"]}
    assert set(rows) >= KEYS | ({"memory", "preview_memory"} if sys.platform.startswith("linux") else set())
    assert len(rows) == len(figures["rows"])
    for row in rows.values():
        assert math.isfinite(row["measured"])
        assert row["measured"] > 0 or row["key"].startswith(("growth_", "sending_refused"))
        assert all(value >= 0 for values in row["samples"].values() for value in values)
        assert (row["met"] is None) == (row["goal"] is None)


def test_the_sides_come_to_the_same_results(run):
    figures, _, _ = run
    differences = {row["key"]: row["differences"] for row in figures["rows"] if row["key"] in COMPARED}
    assert differences == dict.fromkeys(COMPARED, 0)


def test_the_page_has_a_line_for_every_row_and_names_no_host(run):
    figures, page, done = run
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    tables = sum(line.startswith("| ---") for line in lines)
    assert len(lines) - 2 * tables == len(figures["rows"])
    assert {line.count(" | ") for line in lines} == {7}
    assert page.strip() in done.stdout
    assert set(figures["machine"]) >= {"processors", "memory", "Python", "pandas", "numpy", "pyarrow"}
    assert str(ROOT) not in page


def test_it_tells_how_far_it_is(run):
    _, _, done = run
    assert "phones, round 1 of 1" in done.stderr
    assert done.stderr.rstrip().endswith("all results agree")
