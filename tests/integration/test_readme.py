"""What the README shows is what happens."""

import contextlib
import functools
import io
import re
from pathlib import Path

import ctnb

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_twelve_lines_print_what_the_readme_shows(monkeypatch):
    monkeypatch.chdir(ROOT)
    # The figures are the same at any pace.
    monkeypatch.setattr(ctnb, "Emulator", functools.partial(ctnb.Emulator, rate=None), raising=False)
    code, shown = blocks("python")[0], blocks("text")[0]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert sum(bool(line) for line in lines(code)) == 12
    assert lines(printed.getvalue()) == lines(shown)


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_its_commands_are_targets_of_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    commands = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert {"demo", "test"} <= commands <= targets
