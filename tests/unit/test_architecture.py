"""The house stands as design says: who imports whom, who spells the wire, how long a file is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
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


def imported(path):
    """Every module of ours that a file imports, however late, for types alone too."""
    known = {module_of(each) for each in MODULES}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_circle_of_modules():
    graph = {module_of(path): set(imported(path)) - {module_of(path)} for path in MODULES}
    # Whoever imports nothing that is left is in no circle; what remains in the end is one, or leads to one.
    while free := [module for module, others in graph.items() if not others & graph.keys()]:
        for module in free:
            del graph[module]
    while idle := [module for module in graph if not any(module in others for others in graph.values())]:
        for module in idle:
            del graph[module]
    assert {module: sorted(others & graph.keys()) for module, others in graph.items()} == {}


def test_a_class_name_stands_once():
    names = Counter(
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_the_fields_words_are_used():
    """Metaphors that were given up, in code and docstrings alike."""
    metaphors = re.compile(r"\b(told|Clerk|Patience|Doubtful|Turned|Faulty|Remarks|Tally)\b")
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if metaphors.search(line)
    ]
    assert found == []
