"""The docs are built without a warning, in two languages, with nothing untranslated and no link that leads nowhere."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import typer
from babel.messages.pofile import read_po
from site_pages import Site

import ctnb
from ctnb.cli.app import app
from ctnb.i18n import findings
from ctnb.matching.reasons import SearchOutcome
from ctnb.matching.undecided import UndecidedReason
from ctnb.outcomes import Reason, Status
from ctnb.results.change import Change, Unpaired
from ctnb.results.columns import NAMES

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "docs" / "locale"
CATALOGUES = sorted(LOCALE.rglob("*.po"))
CODE = re.compile(r"``[^`]+``|`[^`]+`|\]\([^)]+\)")
LONGEST = 400  # seconds; 30 on an idle machine


def messages(path):
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_every_message_is_translated(path):
    assert [message.id for message in messages(path) if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_translation_keeps_code_and_links(path):
    differ = [
        message.id
        for message in messages(path)
        if sorted(CODE.findall(message.id)) != sorted(CODE.findall(message.string))
    ]
    assert differ == []


def test_a_russian_translation_is_russian():
    """Prose of four words or more that has no Russian letter was copied."""
    copied = [
        message.id
        for path in CATALOGUES
        if "ru" in path.parts
        for message in messages(path)
        if len(re.findall(r"[A-Za-z]{2,}", CODE.sub("", message.id))) >= 4
        and not re.search("[а-яё]", message.string)
        and not re.fullmatch(r"\*[^*]+\*|ndarray of .*", message.id)
    ]
    assert copied == []


def test_no_code_has_a_comment_for_both_languages_show_the_same():
    commented = [
        (path.name, line)
        for path, block in code_blocks()
        for line in block.splitlines()
        if re.search(r"(^|\s)#\s", line)
    ]
    assert commented == []


def code_blocks():
    """Yield the code of pages and notebooks, each with its file."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        for block in re.findall(r"(?ms)^```\w*\n(.*?)^```", path.read_text(encoding="utf-8")):
            yield path, block
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                yield path, cell.source


def test_a_dead_link_is_found(tmp_path):
    site = tmp_path.resolve()
    (site / "en").mkdir()
    (site / "there.png").touch()
    (site / "en" / "other.html").write_text('<h1 id="here"></h1><a href="../index.html">back</a>', encoding="utf-8")
    (site / "index.html").write_text(
        """
        <a href="en/other.html#here"><a href="#top"><p id="top"><a href="https://example.com/a"><img src="there.png">
        <a href="gone.html"><a href="en/other.html#gone"><a href="#gone"><img src="gone.png">
        <script src="https://example.com/b.js"></script><img src="data:,">
        """,
        encoding="utf-8",
    )
    found = Site(site)
    gone = ["gone.html", "en/other.html#gone", "#gone", "gone.png"]
    assert found.dead == [("index.html", url) for url in gone]
    assert found.foreign == [("index.html", "https://example.com/b.js")]
    assert found.outside == {"https://example.com/a"}


def built(*arguments):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return subprocess.run(
        [sys.executable, str(ROOT / "docs" / "build_site.py"), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
        env=environment,
    )


# One test, for there is to be one build: in a suite of several processes a fixture would make one in each.
@pytest.mark.timeout(2 * LONGEST)
@pytest.mark.skipif(
    importlib.util.find_spec("sphinx") is None and not os.environ.get("CI"), reason="needs the extra docs"
)
def test_the_site(tmp_path):
    site = tmp_path / "site"
    done = built("--site", site)
    assert done.returncode == 0, done.stderr
    whole = Site(site)
    pages = whole.pages

    # Both languages have the same pages, each in its own language.
    english = {path.relative_to(site / "en") for path in pages if "en" in path.relative_to(site).parts[:1]}
    russian = {path.relative_to(site) for path in pages if "en" not in path.relative_to(site).parts[:1]}
    assert english == russian
    assert '<html lang="ru"' in (site / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in (site / "en" / "index.html").read_text(encoding="utf-8")

    # Links lead somewhere; nothing is loaded from outside; addresses outside are listed and not fetched.
    (ROOT / "build" / "docs-outside-links.txt").write_text("\n".join(sorted(whole.outside)), encoding="utf-8")
    assert whole.foreign == []
    assert whole.dead == []

    # Each drawn picture is there for light pages and for dark ones, for desks and for phones.
    pictures = re.findall(r"\]\(_gallery/", (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8"))
    for language in ("", "en/"):
        drawn = [Path(url).name for url in pages[site / f"{language}gallery.html"].loaded if "_images/" in url]
        assert len(drawn) == len(set(drawn)) == 4 * len(pictures)

    # Every public name, column, status and error code has its place.
    for language in ("", "en/"):
        python = "".join(path.read_text(encoding="utf-8") for path in (site / f"{language}api").glob("*.html"))
        assert [name for name in ctnb.__all__ if f'id="ctnb.{name}"' not in python] == []
        errors = pages[site / f"{language}reference/errors.html"].anchors
        assert {f"code-{reason.value}" for reason in Reason} <= errors
        columns = pages[site / f"{language}reference/columns.html"]
        assert {f"code-{status.value}" for status in Status} <= columns.anchors
        text = (site / f"{language}reference/columns.html").read_text(encoding="utf-8")
        assert [name for name in (*NAMES, "minutes") if f"ct_{name}<" not in text] == []
        codes = pages[site / f"{language}reference/codes.html"].anchors
        others = [*SearchOutcome, *UndecidedReason, *Change, *Unpaired, *findings.ADVICE]
        assert {f"code-{code}" for code in others} <= codes

    # So has every command with its options, as they are typed.
    text = (site / "reference" / "cli.html").read_text(encoding="utf-8")
    assert [option for option in options(typer.main.get_command(app)) if f">{option}<" not in text] == []
    assert "–key" not in text

    # No page sends its reader to a name that the reference does not have.
    api = "".join(path.read_text(encoding="utf-8") for path in (site / "en" / "api").glob("*.html"))
    unlinked = re.findall(
        r'<code class="xref[^"]*"[^>]*>(.*?)</code>', re.sub(r"(?s)<a [^>]*>\s*<code.*?</a>", "", api)
    )
    named = {re.sub("<[^>]+>", "", name) for name in unlinked}
    assert {name for name in named if re.search(r"[A-Z]|\w\.\w", name)} <= {"time.monotonic"}

    # The catalogues know all that pages, docstrings and notebooks say.
    fresh = tmp_path / "locale"
    done = built("--catalogues", fresh)
    assert done.returncode == 0, done.stderr
    missing = {
        str(path.relative_to(fresh)): new
        for path in fresh.rglob("*.po")
        if (new := [m.id for m in messages(path) if m.id not in known(LOCALE / path.relative_to(fresh))])
    }
    assert missing == {}, "run make catalogues, and translate what is new"


def options(command):
    """Yield the options of a command and of all under it."""
    for parameter in command.params:
        if not parameter.hidden and "--help" not in parameter.opts and parameter.opts[0].startswith("-"):
            yield ", ".join([*parameter.opts, *parameter.secondary_opts])
    for under in getattr(command, "commands", {}).values():
        yield from options(under)


def known(path):
    return {message.id for message in messages(path)} if path.exists() else set()
