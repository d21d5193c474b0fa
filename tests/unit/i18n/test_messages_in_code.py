"""Every message stands in the code as a literal: a text that is put together is in no catalogue."""

import ast
import re
from pathlib import Path

import pytest

import ctnb

PACKAGE = Path(ctnb.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ERRORS = frozenset(ctnb.exceptions.__all__)
WORDS = frozenset({"gettext", "ngettext", "lazy_gettext", "N_"})
PUT_TOGETHER = (ast.JoinedStr, ast.BinOp)
SHOWING = frozenset({"echo", "say", "prompt", "confirm", "BadParameter"})
TEMPLATES = sorted([*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.j2")])
SETTING = re.compile(r"\b[A-Z]+_[A-Z_]+=")
"""What ``ctnb emulator`` prints for a shell."""


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


def words_in(node):
    """The words that stand in a text as it is written here, whatever is put into it."""
    if isinstance(node, ast.JoinedStr):
        return [word for part in node.values for word in words_in(part)]
    if isinstance(node, ast.BinOp):
        return [*words_in(node.left), *words_in(node.right)]
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return re.findall(r"[A-Za-z]{2,}", SETTING.sub("", node.value)) if is_text else []


def shown_words(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in SHOWING:
                yield from (word for given in node.args for word in words_in(given))


@pytest.mark.parametrize("path", sorted((PACKAGE / "cli").glob("*.py")), ids=name_of)
def test_what_is_printed_goes_through_the_catalogue(path):
    assert list(shown_words(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("source", ['say("no")', 'typer.echo("\\n" + "it is so")', 'typer.echo(f"in {path}")'])
def test_a_printed_literal_is_found(source):
    assert list(shown_words(source))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_hold_no_words(path):
    page = path.read_text(encoding="utf-8")
    # Without scripts and styles, and without what is filled in.
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", page)
    read_out = re.findall(r'\b(?:title|aria-label|alt|placeholder)="([^"]*)"', page)
    texts = [*read_out, *re.findall(r">([^<>]*)<", re.sub(r"[\w-]+=\s*(\"[^\"]*\"|'[^']*')", "", f">{page}<"))]
    assert [text for text in texts if re.search(r"[A-Za-z]{2,}", text)] == []
