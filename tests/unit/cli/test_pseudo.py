"""What the command line shows is translated, but for names, codes and data."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import typer
from command_line import account
from pseudo_language import assert_translated
from typer.testing import CliRunner

import ctnb
from ctnb import Emulator
from ctnb.cli import demo
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

    def run(*words, exits=(0, 1, 2), typed=None, **variables):
        found = CliRunner().invoke(app, list(words), input=typed, env=variables)
        assert found.exit_code in exits, (found.output, found.exception)
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


# What the commands print; in Russian, for in English a code is its own word.

OUTPUTS = [
    r"http://\S+",
    *NAMES,
    r"CALLTOUCH_\w+=\S+|(?<!\w)/\S+|[A-Z]:\\\S+|[\w/]+\.(?:csv|doc|html|parquet|sqlite3|toml)\b",  # settings and paths
    r"'[^'⟦]*'",  # values of several words
    r"\b[0-9a-f]{12}\b|postgresql|`(?:before|after)|(?:before|after)`|\bsince\b",
    r"no lead found|Лид не найден|Access token не найден",  # the vendor's words
]
AT = np.arange(40)
DATES = (pd.Timestamp("2026-03-02 12:00") + pd.to_timedelta(AT, unit="h")).strftime("%d-%m-%Y %H:%M:%S")
PHONES = [f"7915{row:07}" for row in AT]
TOML = """
comment = "{στάδιο}"
key = "κωδικός"
[[rules]]
type = "call"
id = "κλήση"
[[rules]]
type = "callContact"
phones = "τηλέφωνο"
date = "ημέρα"
depth = "2h"
match = "nearestUniq"
[[rules]]
type = "requestContact"
phones = "τηλέφωνο"
date = "ημέρα"
depth = "2h"
tags = ["α"]
"""


def deals():
    return pd.DataFrame(
        {
            "κωδικός": [f"Δ{row}" for row in AT],
            "κλήση": np.where(AT % 3 == 0, (1000 + AT).astype(str), ""),
            "τηλέφωνο": np.where(AT % 10 == 9, "12", PHONES),
            "ημέρα": np.where(AT % 11 == 10, "αύριο", DATES),
            "στάδιο": np.where(AT % 7 == 6, "", "νέο"),
        }
    )


def journals():
    calls = {"callId": 1000 + AT, "callerNumber": PHONES, "date": DATES, "uniqueCall": AT % 5 > 0, "callTags": "β"}
    requests = {"requestId": 5000 + AT, "phoneNumber": PHONES, "date": DATES, "tags": np.where(AT % 2, "α", "β")}
    return pd.DataFrame(calls).iloc[::2], pd.DataFrame(requests)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of Greek files, in which the commands run in Russian."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    for name in ("CALLTOUCH_SITE_ID", "CALLTOUCH_ACCESS_TOKEN", "CALLTOUCH_BASE_URL", "CTNB_LEDGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("ctnb.journals.cache.default_folder", lambda: tmp_path / "μνήμη")
    ctnb.set_language("ru")
    ctnb.write_table(deals(), "δ.csv")
    for frame, name in zip(journals(), ("κ.csv", "α.csv"), strict=True):
        ctnb.write_table(frame, name)
    (tmp_path / "ρ.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "χ.toml").write_text('[[rules]]\ntype = "call"\nid = "κλήση"', encoding="utf-8")
    return tmp_path


JOB = ("δ.csv", "--rules", "ρ.toml")
BOTH = ("--journal", "κ.csv", "--journal", "α.csv")


def check(lines):
    assert_translated(lines, allowed=OUTPUTS)


@pytest.mark.usefixtures("folder")
def test_plan(shown):
    check(shown("plan", *JOB))
    with Emulator(*journals(), rate=None) as vendor:
        known = account(vendor, CTNB_LEDGER="λ.sqlite3")
        shown("comment", *JOB, "--out", "έξω.csv", "--quiet", "--limit", "5", **known)
        check(shown("plan", *JOB, **known))
    check(shown("plan", "δ.csv", "--rules", "ρ.toml", "--key", "άλλο"))
    check(shown("plan", *JOB, "--comment", "{"))
    check(shown("plan", "δ.csv", "--rules", "χ.toml"))


@pytest.mark.usefixtures("folder")
def test_preview(shown):
    check(shown("preview", *JOB, *BOTH, "--out", "π.csv"))
    check(shown("preview", *JOB, "--journal", "κ.csv", "--since", "2026-03-02", "--until", "2026-03-02"))
    for wrong in (
        (*BOTH, "--journal", "κ.csv"),
        (*BOTH, "--out", "δ.csv"),
        (*BOTH, "--out", "π.doc"),
        (*BOTH, "--out", "ό" * 300 + ".csv"),
        ("--journal", "δ.csv"),
        ("--since", "χθες", "--until", "σήμερα"),
    ):
        check(shown("preview", *JOB, *wrong))


@pytest.mark.usefixtures("folder")
def test_compare(shown):
    shown("preview", *JOB, *BOTH, "--out", "π.csv")
    shown("preview", *JOB, "--journal", "κ.csv", "--out", "ά.csv")
    before = ctnb.read_leads("ά.csv")
    ctnb.write_table(pd.concat([before.iloc[5:], before.iloc[:3].assign(κωδικός=["", "Ω", "Δ7"])]), "ά.csv")
    for by in ((), ("--by", "type", "--by", "στάδιο"), ("--out", "ζ.csv")):
        check(shown("compare", "π.csv", "ά.csv", "--key", "κωδικός", *by))
    for wrong in ((), ("--key", "άλλο"), ("--key", "κωδικός", "--by", "κωδικός"), ("--key", "κωδικός", "--by", "άλλο")):
        check(shown("compare", "π.csv", "ά.csv", *wrong))
    check(shown("compare", "δ.csv", "π.csv"))


@pytest.mark.usefixtures("folder")
def test_comment(shown):
    job = ("comment", *JOB, "--quiet", "--out")
    with Emulator(*journals(), rate=None) as vendor:
        known = account(vendor, CTNB_LEDGER="λ.sqlite3")
        check(shown(*job, "έξω.csv", "--limit", "5", **known))
        check(shown(*job, "έξω.csv", "--only-new", **known))
        check(shown(*job, "έξω.csv", "--resend", "unmatched", "--min-match-rate", "100%", exits=[4], **known))
        check(shown(*job, "έξω.csv", "--resend-after", "πολύ", **known))
        check(shown(*job, "δ.csv", **known))
        check(shown(*job, "ό" * 300 + ".csv", **known))
        check(shown(*job, "έξω.csv", "--key", "άλλο", "--alert", "δεν-υπάρχει", **known))
        wrong = known | {"CALLTOUCH_ACCESS_TOKEN": "λάθος".encode().hex(), "CTNB_LEDGER": "μ.sqlite3"}
        check(shown(*job, "έξω.csv", exits=[3], **wrong))
        check(shown("runs", "--ledger", "μ.sqlite3"))
    check(shown(*job, "έξω.csv"))


@pytest.mark.usefixtures("folder")
def test_ledger_and_runs(shown):
    check(shown("ledger", "show", "--ledger", "λ.sqlite3"))
    with Emulator(*journals(), rate=None, lose_answer=1) as vendor:
        known = account(vendor, CTNB_LEDGER="λ.sqlite3")
        check(shown("comment", *JOB, "--quiet", "--out", "έξω.csv", "--max-uncertain", "1", exits=[3, 4], **known))
        again = shown("comment", *JOB, "--quiet", "--out", "έξω.csv", exits=[0, 3], **known)
        check(again)
    for words in (("show",), ("list",), ("mark", "--delivered", "00"), ("mark", "--delivered", "0" * 12)):
        check(shown("ledger", *words, **known))
    uncertain = ctnb.Ledger("λ.sqlite3").uncertain()["id"].tolist()
    check(shown("ledger", "mark", "--delivered", uncertain[0], **known))
    check(shown("ledger", "mark", "--delivered", uncertain[0], **known))
    check(shown("ledger", "mark", "--all", "--not-delivered", typed="n\n", **known))
    check(shown("ledger", "mark", "--all", "--delivered", typed="y\n", **known))
    for words in (("list",), ("mark", "--all", "--delivered"), ("show",)):
        check(shown("ledger", *words, **known))
    check(shown("runs", **known))
    check(shown("ledger", "adopt", typed="n\n", **known))
    check(shown("ledger", "adopt", "--yes", **known))
    check(shown("ledger", "copy", "λ.sqlite3", "τ.sqlite3", typed="y\n"))
    for wrong in ("postgresql:/h", "ό" * 300, "."):
        check(shown("ledger", "show", "--ledger", wrong))
    ctnb.Ledger("λ.sqlite3").path.write_bytes(b"x" * 5_000)
    check(shown("ledger", "show", **known))


@pytest.mark.usefixtures("folder")
def test_journal(shown):
    check(shown("journal", "info", "κ.csv", "α.csv"))
    check(shown("journal", "info", "κ.csv", "κ.csv"))
    check(shown("journal", "info", "δ.csv"))
    check(shown("journal", "info", "κ.csv", "--timezone", "Ζώνη"))
    span = ("--since", "2026-03-02", "--until", "2026-03-03")
    with Emulator(*journals(), rate=None) as vendor:
        check(shown("journal", "download", *span, "--out", "η.csv", "--quiet", **account(vendor)))
        wrong = account(vendor, CALLTOUCH_ACCESS_TOKEN="other")
        check(shown("journal", "download", *span, "--quiet", **wrong))
    check(shown("journal", "download", "--since", "χθες", "--until", "2026-03-03", **wrong))
    check(shown("journal", "download", *span))
    check(shown("journal", "forget"))


@pytest.mark.usefixtures("folder")
def test_report_emulator_and_studio(shown, monkeypatch):
    monkeypatch.setattr(Emulator, "run", lambda _: None)
    monkeypatch.setattr("ctnb.views.report.report", lambda *_, **__: "ε.html")
    monkeypatch.setattr("ctnb.views.studio.page.server.serve", lambda *_, announce, **__: announce("http://h"))
    check(shown("report", "δ.csv"))
    check(shown("emulator", "--calls", "κ.csv"))
    check(shown("studio"))


def test_demo(shown, folder, monkeypatch):
    monkeypatch.setattr(demo, "read_leads", lambda file: ctnb.read_leads(file).head(30))
    monkeypatch.setattr(demo, "Emulator", partial(Emulator, rate=None))
    monkeypatch.setattr(demo, "_draw_plots", lambda *_: None)
    monkeypatch.setattr("ctnb.views.report.report", lambda *_, **__: "ε.html")
    for _ in range(2):
        check(shown("demo", "--quiet", "--out", "ε"))
    check(shown("demo", "--out", "δ.csv"))
