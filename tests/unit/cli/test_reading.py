"""Every command that reads a table takes the options of `read_leads`."""

import inspect

import openpyxl
import pytest
from command_line import run_here
from table_files import text_file

import ctnb
from ctnb.cli.reading import OPTIONS

RULES = 'comment = "{stage}"\nkey = "id"\n[[rules]]\ntype = "call"\nid = "call"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path


def counts(done):
    assert done.exit_code == 0, done.output
    return {
        line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines() if line[:5] in {"rows ", "ready"}
    }


def test_the_options_are_those_of_read_leads():
    assert set(OPTIONS) == set(inspect.signature(ctnb.read_leads).parameters) - {"path"}


@pytest.mark.parametrize("command", ["plan", "preview", "comment", "report", "studio"])
def test_every_command_that_reads_a_table_has_them(command):
    shown = run_here(command, "--help", COLUMNS="200").stdout
    assert all(f"--{name.replace('_', '-')} " in shown for name in OPTIONS)


def test_a_text_is_read_as_the_options_say(folder):
    lines = ["Выгрузка", "x^y", "id^stage^call", "1^new^5", "2^won^6", "3^won^7"]
    text_file(folder, "\n".join(lines), encoding="cp866")
    options = ("--encoding", "cp866", "--delimiter", "^", "--skiprows", 1, "--header", 1, "--nrows", 2)
    assert counts(run_here("plan", "deals.csv", "--rules", "rules.toml", *options)) == {"rows": 2, "ready": 2}


@pytest.mark.parametrize("sheet", ["2026", "1"])
def test_a_sheet_is_named_or_numbered(folder, sheet):
    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    other = book.create_sheet("2026")
    for row in (["id", "stage", "call", "note"], [1, "new", 5, "x"]):
        other.append(row)
    book.save(folder / "deals.xlsx")
    named = [part for name in ("id", "stage", "call") for part in ("--usecols", name)]
    done = run_here("plan", "deals.xlsx", "--rules", "rules.toml", "--sheet-name", sheet, *named)
    assert counts(done) == {"rows": 1, "ready": 1}


def test_a_column_that_is_not_there_is_named(folder):
    text_file(folder, "id;stage;call\n1;new;5\n")
    failed = run_here("plan", "deals.csv", "--rules", "rules.toml", "--usecols", "stages")
    assert failed.exit_code == 1
    assert "Did you mean 'stage'?" in failed.stderr
