"""The docs are built without a warning, in two languages, with nothing untranslated and no link that leads nowhere."""

import importlib.util
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from babel.messages.pofile import read_po

import ctnb
from ctnb.outcomes import Reason, Status
from ctnb.results.columns import NAMES

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "docs" / "locale"
CATALOGUES = sorted(LOCALE.rglob("*.po"))
CODE = re.compile(r"``[^`]+``|`[^`]+`|\]\([^)]+\)")
LONGEST = 170  # seconds; 20 on an idle machine


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


class Page(HTMLParser):
    """Links, what the page loads, and where a link may lead in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") in {"stylesheet", "preload", "icon", "shortcut icon"}:
            self.loaded.append(values.get("href"))
        elif values.get("src"):
            self.loaded.append(values["src"])


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
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}

    # Both languages have the same pages, each in its own language.
    english = {path.relative_to(site / "en") for path in pages if "en" in path.relative_to(site).parts[:1]}
    russian = {path.relative_to(site) for path in pages if "en" not in path.relative_to(site).parts[:1]}
    assert english == russian
    assert '<html lang="ru"' in (site / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in (site / "en" / "index.html").read_text(encoding="utf-8")

    # Links lead somewhere; nothing is loaded from outside; addresses outside are listed and not fetched.
    outside, broken, foreign = set(), [], []
    for path, page in pages.items():
        foreign += [(path.name, url) for url in page.loaded if urlsplit(url).scheme not in {"", "data"}]
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                outside.add(link)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file() or (
                target in pages and parts.fragment and unquote(parts.fragment) not in pages[target].anchors
            ):
                broken.append((str(path.relative_to(site)), link))
    (ROOT / "build" / "docs-outside-links.txt").write_text("\n".join(sorted(outside)), encoding="utf-8")
    assert foreign == []
    assert broken == []

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


def known(path):
    return {message.id for message in messages(path)} if path.exists() else set()
