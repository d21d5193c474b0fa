"""A release is refused while tag, version, change log and address do not agree; workflows are GitHub's."""

import subprocess
import sys
from pathlib import Path

import pytest
from check_release import faults

import ctnb

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def make_project(folder, *, heading, urls):
    (folder / "ctnb").mkdir()
    (folder / "ctnb" / "version.py").write_text('__version__: Final = "1.2.3"\n', encoding="utf-8")
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text(f"[project]\n[project.urls]\n{urls}\n", encoding="utf-8")


def test_a_release_that_agrees_with_itself(tmp_path):
    make_project(tmp_path, heading="[1.2.3] - 2026-12-01", urls='Repository = "https://example.com"')
    assert faults("v1.2.3", tmp_path) == []


def test_what_stands_against_a_release(tmp_path):
    make_project(tmp_path, heading="[Unreleased]", urls="# none yet")
    assert len(faults("v1.2.4", tmp_path)) == 3


def test_the_version_is_found():
    assert f"expected the tag v{ctnb.__version__}, got v0" in faults("v0")[0]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_one_by_githubs_schema(workflow, tmp_path):
    assert checked(workflow).returncode == 0
    broken = tmp_path / workflow.name
    broken.write_text(workflow.read_text(encoding="utf-8").replace("runs-on:", "runs-at:"), encoding="utf-8")
    assert checked(broken).returncode == 1


def checked(workflow):
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
