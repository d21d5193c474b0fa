"""Build the docs: Russian at the root, English under en. With ``--catalogues`` bring catalogues up to date instead."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
STAGE = ROOT / "build" / "docs-source"
PAGES = ("*.md", "*/*.md", "*/*.rst", "howto/ctnb*", "_static/*", "_templates/*", "conf.py", "site_directives.py")
LEFT_OUT = ("benchmarks.md",)
"""Figures that are published anew with each measurement; the repository shows them."""
TURNED = "notebooks"
"""The domain of the catalogue whose source is Russian: the notebooks."""


def stage(language: str) -> Path:
    """Put the pages, the notebooks and the catalogues of a language into a folder of their own; return it."""
    folder = STAGE / language
    shutil.rmtree(folder, ignore_errors=True)
    for page in sorted(path for pattern in PAGES for path in DOCS.glob(pattern)):
        if page.name not in LEFT_OUT:
            put(page, folder / page.relative_to(DOCS))
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        put(notebook, folder / TURNED / notebook.name)
    for catalogue in (DOCS / "locale" / language).rglob("*.po"):
        put(catalogue, folder / catalogue.relative_to(DOCS))
    return folder


def put(source: Path, target: Path) -> None:
    """Copy a file, and make the folders above it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def sphinx(builder: str, source: Path, target: Path, language: str) -> None:
    """Run Sphinx; a warning is an error."""
    # The dates of the demo and the words of the code follow the language, not the machine.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1767225600"}
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-D", f"language={language}"]
    trees = STAGE / f"trees-{builder}-{language}"
    subprocess.run([*command, "-d", str(trees), str(source), str(target)], check=True, env=environment)


def build(site: Path) -> None:
    """Build both languages into a folder."""
    shutil.rmtree(site, ignore_errors=True)
    shutil.rmtree(STAGE, ignore_errors=True)
    with ThreadPoolExecutor() as pool:
        list(pool.map(build_language, ("ru", "en"), (site, site / "en")))


def build_language(language: str, target: Path) -> None:
    """Build one language into a folder."""
    source = stage(language)
    draw = [sys.executable, str(DOCS / "draw_gallery.py"), str(source)]
    subprocess.run(draw, check=True, env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"})
    sphinx("html", source, target, language)


def renew_catalogues(folder: Path) -> None:
    """Bring the catalogues of a folder up to date with pages, docstrings and notebooks; what is new is untranslated."""
    source, templates = stage("en"), STAGE / "templates"
    shutil.rmtree(source / "locale", ignore_errors=True)
    draw = [sys.executable, str(DOCS / "draw_gallery.py"), "--blank", str(source)]
    subprocess.run(draw, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    shutil.rmtree(templates, ignore_errors=True)
    sphinx("gettext", source, templates, "en")
    for language in ("ru", "en"):
        chosen = STAGE / f"templates-{language}"
        shutil.rmtree(chosen, ignore_errors=True)
        for template in templates.glob("*.pot"):
            if template.stem != "sphinx" and (template.stem == TURNED) == (language == "en"):
                put(template, chosen / template.name)
        intl = [sys.executable, "-m", "sphinx_intl", "update", "-p", str(chosen), "-l", language, "-w", "120"]
        subprocess.run([*intl, "-d", str(folder), "--no-obsolete"], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "build" / "docs", help="where the site goes")
    parser.add_argument("--catalogues", type=Path, metavar="FOLDER", help="such as docs/locale; nothing is built then")
    arguments = parser.parse_args()
    if arguments.catalogues:
        renew_catalogues(arguments.catalogues.resolve())
    else:
        build(arguments.site.resolve())
