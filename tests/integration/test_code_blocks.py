"""Every block of code in the READMEs and the docs does what a reader who copies it expects."""

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import typer

import ctnb
from ctnb.cli.app import app

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.ru.md"]
DOCS = ROOT / "docs"
PAGES = [READMES[0], *(path for path in sorted(DOCS.rglob("*.md")) if path.name != "benchmarks.md")]
COMMANDS = "plan|preview|comment|compare|report|runs|ledger|journal|studio|demo|emulator"
RUN_ELSEWHERE = {"polars.md", "dask.md"}
"""Pages whose Python is run by tests/unit/engines/test_howtos.py."""


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def pages_with(language, *, without=()):
    return [
        pytest.param(path, id=path.relative_to(ROOT).as_posix())
        for path in PAGES
        if path.name not in without and blocks(path, language)
    ]


def test_both_readmes_have_the_same_code():
    every = r"```\w*\n.*?```"
    english, russian = (re.findall(every, path.read_text(encoding="utf-8"), flags=re.DOTALL) for path in READMES)

    def plain(block):
        # Comments are prose.
        return [re.sub(r"\s*#.*", "", line) for line in block.splitlines()]

    assert [plain(block) for block in russian] == [plain(block) for block in english]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_links_of_a_readme_lead_somewhere(readme):
    links = re.findall(r"\]\(([^)#]+)\)", readme.read_text(encoding="utf-8"))
    assert len(links) > 20
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


@pytest.fixture
def names(tmp_path, monkeypatch):
    """What the blocks take for granted: deals, rules, journals, and a connection with a ledger in a file."""
    pytest.importorskip("openpyxl")
    for name in ("calls.csv", "requests.csv", "rules.toml"):
        shutil.copy(ROOT / "data" / name, tmp_path)
    deals = ctnb.read_leads(ROOT / "data" / "deals.csv", nrows=60)
    requests = ctnb.read_leads(ROOT / "data" / "requests.csv", nrows=200)
    (tmp_path / "data").mkdir()
    for name in ("deals.csv", "calls.csv", "requests.csv", "rules.toml"):
        shutil.copy(ROOT / "data" / name, tmp_path / "data")
    ctnb.write_table(deals, tmp_path / "deals.csv")
    ctnb.write_table(requests, tmp_path / "requests.xlsx")
    sheet = pd.concat([deals.head(2), deals.head(8)]).astype("object")
    with pd.ExcelWriter(tmp_path / "deals.xlsx") as book:
        sheet.to_excel(book, sheet_name="Deals", index=False, startrow=2)
    monkeypatch.chdir(tmp_path)
    book = ctnb.load_rulebook("rules.toml")
    with ctnb.Emulator("calls.csv", "requests.csv", rate=None) as vendor:
        access = vendor.connection
        variables = {
            "CALLTOUCH_BASE_URL": access.base_url,
            "CALLTOUCH_SITE_ID": str(access.site_id),
            "CALLTOUCH_ACCESS_TOKEN": access.token,
            "CTNB_LEDGER": str(tmp_path / "ledger.sqlite3"),
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        connection = ctnb.Connection.from_env(rate=float("inf"))
        done = deals.calltouch.comment(book, connection=connection, progress=False)
        journal = ctnb.Journal("calls.csv", "requests.csv")
        yield {
            "ctnb": ctnb,
            "deals": deals,
            "rules": list(book.rules),
            "book": book,
            "connection": connection,
            "done": done,
            "earlier": done.copy(),
            "before": journal,
            "journal": journal,
            "path": "rules.toml",
        }


@pytest.mark.filterwarnings("ignore::UserWarning")  # of the journals' clock, and of columns that a short journal lacks
@pytest.mark.parametrize("page", pages_with("python", without=RUN_ELSEWHERE))
def test_the_python_of_a_page_runs(page, names, monkeypatch):
    import matplotlib.pyplot as plt

    class Quick(ctnb.Emulator):
        def __init__(self, *journals, **settings):
            super().__init__(*journals, **{"rate": None} | settings)

    monkeypatch.setattr(ctnb, "Emulator", Quick, raising=False)
    for code in blocks(page, "python"):
        exec(compile(code, page.name, "exec"), names)
    plt.close("all")


@pytest.mark.parametrize("page", ["amocrm.md", "first-chart.md"])
def test_dates_of_another_zone_are_sent_in_that_of_the_account(page):
    text = (DOCS / "howto" / page).read_text(encoding="utf-8")
    (code,) = re.findall(r"deals\[[^`\n]+UTC\+5\"", text)
    (name,) = set(re.findall(r'\["(.+?)"\]', code))
    deals = pd.DataFrame({name: ["01.03.2026 12:00"], "phone": ["79157771122"]})
    exec(code, {"deals": deals})
    (lead,) = deals.calltouch.plan([ctnb.CallContact(phones=["phone"], date=name, depth="2h")], "text").leads(1)
    assert lead["matching"][0]["callContactParams"]["date"] == "01-03-2026 10:00:00"


@pytest.mark.parametrize("page", pages_with("toml"))
def test_the_rulebook_of_a_page_reads_a_frame_of_its_columns(page, tmp_path):
    for text in blocks(page, "toml"):
        (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
        book = ctnb.load_rulebook(tmp_path / "rules.toml")
        named = set(re.findall(r"\{([^|:}]+)", book.comment)) | {book.key}
        for rule in tomllib.loads(text)["rules"]:
            for field in ("id", "phones", "emails", "date"):
                value = rule.get(field, [])
                named |= {value} if isinstance(value, str) else set(value)
        cells = dict.fromkeys(sorted(named), "79157771122")
        dates = {column for column in named if re.search(r"(?i)дата|date|created|day", column)}
        cells |= dict.fromkeys(dates, "01.10.2020") | {"time": "12:00", "Сумма": "229 000,50"}
        plan = pd.DataFrame({name: [cell] for name, cell in cells.items()}).calltouch.plan(book)
        assert plan.counts == {"ready": 1, "invalid": 0}


@pytest.mark.parametrize("page", pages_with("sh"))
def test_the_commands_of_a_page_are_there(page, tmp_path):
    for text in blocks(page, "sh"):
        if os.name == "posix":
            subprocess.run(["bash", "-n", "-c", text], check=True, timeout=60)
        for line in text.splitlines():
            command = re.search(rf"(?:^|[\s/])ctnb ((?:{COMMANDS})\b[^|;&>#]*)", line)
            if command:
                check(shlex.split(command[1].split("'")[0]))
            for target in re.findall(r"^make ([a-z-]+)", line):
                assert re.search(rf"(?m)^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"))


def check(words):
    """Find a command, and each of its options, in the command line."""
    found = typer.main.get_command(app)
    while words and words[0] in getattr(found, "commands", {}):
        found = found.commands[words.pop(0)]
    known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known
