"""Every message stands in the code as a literal: a text that is put together is in no catalogue."""

import ast
from pathlib import Path

import pytest

import ctnb

PACKAGE = Path(ctnb.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ERRORS = frozenset(ctnb.exceptions.__all__)
WORDS = frozenset({"gettext", "ngettext", "lazy_gettext", "N_"})
PUT_TOGETHER = (ast.JoinedStr, ast.BinOp)


def name_of(path):
    return path.relative_to(PACKAGE.parent).as_posix()


def is_put_together(node):
    """Tell an f-string, ``+``, ``%``, `format` and `join` of a text; gettext puts a text into words too soon."""
    if isinstance(node, ast.IfExp):
        return is_put_together(node.body) or is_put_together(node.orelse)
    if isinstance(node, ast.Call):
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return called in {"format", "join", "str", "gettext", "ngettext"}
    return isinstance(node, PUT_TOGETHER)


def assigned(function, name):
    """The values that a name is given in a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets):
            yield node.value


def faults(source, *, of_errors=False):
    """The lines on which an error or a message is made of a text that is put together; ``cls`` makes errors in one."""
    tree = ast.parse(source)
    makers = ERRORS | {"cls"} if of_errors else ERRORS
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in [*functions, tree]:
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            if called in makers:
                values = list(assigned(function, first.id)) if isinstance(first, ast.Name) else [first]
                if any(map(is_put_together, values)):
                    yield node.lineno
            elif called in WORDS and isinstance(first, PUT_TOGETHER):
                yield node.lineno


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_errors_are_raised_with_a_literal_and_its_values(path):
    assert sorted(set(faults(path.read_text(encoding="utf-8"), of_errors=path.name == "exceptions.py"))) == []


@pytest.mark.parametrize(
    "source",
    [
        'ConfigError(f"no {x}")',
        'ConfigError("no " + x)',
        'ConfigError("no %s" % x)',
        'ConfigError("no {}".format(x))',
        'ConfigError(gettext("no {x}", x=x))',
        'def f(x):\n    text = f"no {x}"\n    raise RuleError(text)',
        'ConfigError("no" if x else f"no {x}")',
        'lazy_gettext(f"no {x}")',
        'gettext("no " + x)',
    ],
)
def test_a_text_that_is_put_together_is_found(source):
    assert list(faults(source))


@pytest.mark.parametrize(
    "source",
    ['ConfigError("no {x}", x=x)', "ConfigError(message)", 'ConfigError(lazy_gettext("no {x}", x=x))', "str(f'{x}')"],
)
def test_a_literal_is_none(source):
    assert list(faults(source)) == []
