"""The house stands as design says: who imports whom, who spells the wire, how long a file is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "ctnb").rglob("*.py"))
LONGEST = 400

# The journals' columns (callId, requestNumber ...) and plain words (phones, date, tags) are left out.
WIRE_NAMES = {
    "addComment",
    "apiErrorData",
    "callInfo",
    "callParams",
    "callContactParams",
    "callTypeToMatch",
    "fieldPath",
    "requestContactParams",
    "requestInfo",
    "requestParams",
    "requestTypeToMatch",
    "searchDepth",
    "tagsLogic",
    "validationErrorData",
}
WIRE_SPELLERS = {
    ROOT / "ctnb" / "delivery" / "wire_encode.py",
    ROOT / "ctnb" / "delivery" / "wire_decode.py",
    ROOT / "ctnb" / "emulator" / "refusals.py",
    ROOT / "ctnb" / "emulator" / "request_body.py",
    ROOT / "ctnb" / "emulator" / "vendor.py",
}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def docstrings(tree):
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bare = (node for owner in ast.walk(tree) if isinstance(owner, owners) for node in owner.body)
    return {id(node.value) for node in bare if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}


def words(tree):
    """Every name and every string that code uses, docstrings left out."""
    prose = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
        for field in ("id", "attr", "arg", "name"):
            spelled = getattr(node, field, None)
            if isinstance(spelled, str):
                yield spelled


def spelled_wire_names(source):
    found = list(words(ast.parse(source)))
    return sorted(name for name in WIRE_NAMES if any(name in word for word in found))


def test_modules_import_only_what_the_contract_allows():
    # In a process of its own, for import-linter turns off the loggers of the one that it runs in.
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True, no_logo=True))"
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", sorted(set(MODULES) - WIRE_SPELLERS), ids=name_of)
def test_only_the_wire_and_the_vendor_spell_the_wire(path):
    assert spelled_wire_names(path.read_text(encoding="utf-8")) == []


def test_the_wire_and_the_vendor_are_seen_to_spell_it():
    for path in WIRE_SPELLERS:
        assert spelled_wire_names(path.read_text(encoding="utf-8")) != []


@pytest.mark.parametrize(
    "source", ["lead['addComment']", "lead.searchDepth", "f(searchDepth=1)", "path = f'comments[{n}].addComment'"]
)
def test_a_wire_name_is_found_wherever_code_spells_it(source):
    assert spelled_wire_names(source) != []


def test_a_docstring_may_name_the_wire():
    assert spelled_wire_names('"""Minutes in ``searchDepth``."""') == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_is_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
