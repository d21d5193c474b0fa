"""What the command line shows is translated, but for names, codes and data."""

import pytest
import typer
from pseudo_language import assert_translated
from typer.testing import CliRunner

from ctnb.cli.app import app
from ctnb.tables.samples import sample

pytestmark = pytest.mark.usefixtures("pseudo")

NAMES = [
    r"'[^' ]+'",  # values
    r"\broot(?: [a-z]+){0,2}",  # commands; the runner calls the program so
    r"<[^>]+>|\{\w+\}|\[deals\]|\[?[A-Z]+\.\.\.\]?|\b(?:FROM|TO|ID|DEALS|RESULTS|AFTER|BEFORE|FILES)\b",  # arguments
    r"\[x>=\d+\]|\[\d+<=x<=\d+\]|\b(?:TEXT|FILE|PATH|INTEGER|RANGE)\b|\[\w+\|\w+\]",  # types
    r"^│[ *]*[a-z]+\b",  # what a line of a list begins with
]


def paths(command, path=()):
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from paths(child, (*path, name))


@pytest.fixture
def shown(monkeypatch):
    """Run the command line in this process; return the lines that it has printed."""
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 400)

    def run(*words):
        found = CliRunner().invoke(app, list(words))
        assert found.exit_code in {0, 1, 2}, found.output
        return [line for line in found.output.splitlines() if line.strip()]

    return run


@pytest.mark.parametrize("path", list(paths(typer.main.get_command(app))), ids=" ".join)
def test_help(path, shown):
    assert_translated(shown(*path, "--help"), allowed=NAMES)


DEALS, RULES = str(sample("deals.csv")), str(sample("rules.toml"))


@pytest.mark.parametrize(
    "words",
    [
        ("plan",),
        ("frob",),
        ("plan", "--quie"),
        ("plan", "--rules"),
        ("plan", "--json=1"),
        ("plan", "no-such.csv", "--rules", "no-such.toml"),
        ("emulator", "--port", "x"),
        ("emulator", "--port", "999999"),
        ("runs", "--last", "0"),
        ("runs", "x"),
        ("report", DEALS, "--lang", "de"),
        ("ledger", "mark", "--all"),
        ("ledger", "mark", "--delivered"),
        ("comment", DEALS, "--rules", RULES, "--out", "x.csv", "--alert", " "),
        ("preview", DEALS, "--rules", RULES),
    ],
)
def test_wrong_use(words, shown):
    assert_translated(shown(*words), allowed=NAMES)
