"""The command line as a user meets it: a process of its own, its output and its exit code."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import ctnb
from ctnb import Emulator
from ctnb.cli.app import app
from ctnb.tables.samples import sample

CTNB = [sys.executable, "-c", "from ctnb.cli.app import main; main()"]
DEALS, RULES = str(sample("deals.csv")), str(sample("rules.toml"))
PATIENCE = 120


def environment(**more):
    """This process's environment without any account, and with the ctnb under test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CALLTOUCH_", "CTNB_"))}
    home = str(Path(ctnb.__file__).parents[1])
    path = os.pathsep.join(filter(None, [home, kept.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"} | more


def run(*arguments, folder, **variables):
    encoding = variables.get("PYTHONIOENCODING", "utf-8")
    return subprocess.run(
        [*CTNB, *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        encoding=encoding,
        timeout=PATIENCE,
        check=False,
    )


def account(vendor, **more):
    access = vendor.connection
    names = {"CALLTOUCH_BASE_URL": access.base_url, "CALLTOUCH_SITE_ID": access.site_id}
    return {name: str(value) for name, value in {**names, "CALLTOUCH_ACCESS_TOKEN": access.token, **more}.items()}


def counted(text):
    """Return the rows by status that a run has printed."""
    return {name: int(rows) for name, rows in re.findall(r"(?m)^([a-z]+) +([0-9]+)$", text)}


@pytest.fixture
def vendor():
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as started:
        yield started


@pytest.fixture
def few_deals(tmp_path):
    """The first 200 sample deals, in a file of their own."""
    path = tmp_path / "few.csv"
    ctnb.write_table(ctnb.read_leads(DEALS).head(200), path)
    return path


def test_the_demo_runs_in_an_empty_folder(tmp_path):
    done = run("demo", "--quiet", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    by_status = counted(done.stdout)
    assert sum(by_status.values()) == 5_000
    told = re.search(r"in all 5,000; the emulator's own record has ([0-9,]+) comments", done.stdout)
    assert int(told[1].replace(",", "")) == by_status["commented"]
    assert "The same again: 0 requests" in done.stdout
    folder = tmp_path / "demo_output"
    tables = [ctnb.read_leads(path) for path in sorted(folder.glob("*.csv"))]
    assert sorted(map(len, tables)) == [2_000, 3_000]
    assert sum((table["ct_status"] == "commented").sum() for table in tables) == by_status["commented"]
    pictures = list(folder.glob("*.png"))
    assert {"match_rates.png", "errors.png", "waterfall.png", "timeline.png"} <= {path.name for path in pictures}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)
    assert "<svg" in (folder / "report.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["demo_output"]


def test_a_preview_counts_and_sends_nothing(tmp_path, vendor):
    done = run("preview", DEALS, "--rules", RULES, folder=tmp_path, **account(vendor))
    assert done.returncode == 0, done.stderr
    told = {name: float(number.replace(",", "")) for name, number in re.findall(r"(?m)^(\w+) +([0-9.,]+)", done.stdout)}
    assert told["rows"] == told["ready"] + told["invalid"] == 3_000
    assert told["seconds"] == pytest.approx(told["requests"] / 5)
    assert "Problems, the commonest first" in done.stdout
    assert len(vendor.posts) == 0
    assert vendor.connection.token not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_comment_writes_the_table_with_the_answers(tmp_path, vendor, few_deals, name):
    done = run("comment", few_deals, "--rules", RULES, "--out", name, "--quiet", folder=tmp_path, **account(vendor))
    assert (done.returncode, done.stderr) == (0, "")
    assert counted(done.stdout)["commented"] == len(vendor.comments)
    written = ctnb.read_leads(tmp_path / name)
    assert len(written) == 200
    assert (written["ct_status"] == "commented").sum() == len(vendor.comments)
    assert (written.calltouch.match_rates()["matched"] > 0).all()
    everything = done.stdout + (tmp_path / name).read_bytes().decode("latin-1")
    assert vendor.connection.token not in everything


@contextmanager
def serving(folder, *arguments):
    """Run ``ctnb emulator`` and give the settings that it prints."""
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
    process = subprocess.Popen(
        [*CTNB, "emulator", *map(str, arguments)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        creationflags=flags,
    )
    with process:
        try:
            settings = {}
            while len(settings) < 3 and (line := process.stdout.readline()):
                name, equals, value = line.strip().partition("=")
                settings |= {name: value} if equals else {}
            yield process, settings
        finally:
            process.kill()


def test_comment_reaches_the_emulator_of_the_command_line(tmp_path, few_deals):
    journals = ["--calls", sample("calls.csv"), "--requests", sample("requests.csv"), "--rate", 50, "--port", 0]
    out = tmp_path / "out.csv"
    with serving(tmp_path, *journals) as (process, settings):
        done = run("comment", few_deals, "--rules", RULES, "--out", out, "--quiet", folder=tmp_path, **settings)
        assert done.returncode == 0, done.stderr
        assert settings["CALLTOUCH_ACCESS_TOKEN"] not in done.stdout + done.stderr
        commented = counted(done.stdout)["commented"]
        assert commented > 0
        if sys.platform != "win32":
            process.send_signal(signal.SIGINT)
            said, complaints = process.communicate(timeout=PATIENCE)
            assert f"{commented} comments were applied" in said
            assert (process.returncode, complaints) == (0, "")


def test_the_account_may_stand_in_the_folders_env_file(tmp_path, vendor, few_deals):
    lines = [f"{name}={value}\n" for name, value in account(vendor).items()]
    (tmp_path / ".env").write_text("".join(lines), encoding="utf-8")
    done = run("comment", few_deals, "--rules", RULES, "--out", "out.csv", "--quiet", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(vendor.comments) > 0


# What goes wrong, by exit code.


def run_here(*arguments, **variables):
    """Run the command line in this process, which saves its start."""
    clean = {name: None for name in os.environ if name.startswith(("CALLTOUCH_", "CTNB_"))}
    return CliRunner().invoke(app, [*map(str, arguments)], env=clean | variables)


def test_rules_and_columns_that_cannot_be_used_fail_with_a_reason(tmp_path, few_deals):
    bad_rules, no_column = tmp_path / "bad.toml", tmp_path / "column.toml"
    bad_rules.write_text('comment = "{stage}"\n[[rules]]\ntype = "call"\ndepth = "2h"\n', encoding="utf-8")
    no_column.write_text('comment = "{stage}"\n[[rules]]\ntype = "call"\nid = "cal_id"\n', encoding="utf-8")
    for rules, word in [(bad_rules, "depth"), (no_column, "call_id")]:
        failed = run_here("preview", few_deals, "--rules", rules)
        assert (failed.exit_code, failed.stdout) == (1, "")
        assert failed.stderr.startswith("Error: ")
        assert word in failed.stderr


def test_without_an_account_or_with_a_bad_option_nothing_is_sent(tmp_path, vendor, few_deals, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["comment", few_deals, "--rules", RULES, "--out", "out.csv", "--quiet"]
    failed = run_here(*arguments)
    assert failed.exit_code == 1
    assert "CALLTOUCH_" in failed.stderr
    failed = run_here(*arguments, "--resend", "all", **account(vendor))
    assert failed.exit_code == 2
    assert "resend" in failed.stderr
    assert len(vendor.posts) == 0
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("arguments", [["preview", "no such.csv", "--rules", RULES], ["comment", DEALS], ["commnet"]])
def test_wrong_usage_is_told_from_failure(arguments):
    assert run_here(*arguments).exit_code == 2


def test_rows_that_were_not_delivered_are_told(tmp_path, vendor, few_deals, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ctnb.delivery.sender.FIRST_BACKOFF", 0.001)
    out = tmp_path / "out.csv"
    arguments = ["comment", few_deals, "--rules", RULES, "--out", out, "--quiet"]
    refused = run_here(*arguments, **account(vendor, CALLTOUCH_ACCESS_TOKEN="not-the-token"))
    assert refused.exit_code == 3
    assert counted(refused.stdout)["rejected"] > 0
    assert "not-the-token" not in refused.output + out.read_text(encoding="utf-8-sig")
    vendor.stop()
    unreachable = run_here(*arguments, **account(vendor))
    assert unreachable.exit_code == 3
    assert counted(unreachable.stdout)["unsent"] > 0
    assert set(ctnb.read_leads(out)["ct_status"]) == {"unsent", "invalid"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a console, not to a process")
def test_an_interrupted_run_writes_what_was_answered(tmp_path):
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=5) as slow:
        process = subprocess.Popen(
            [*CTNB, "comment", DEALS, "--rules", RULES, "--out", "out.csv"],
            cwd=tmp_path,
            env=environment(**account(slow)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        with process:
            # The signal comes in mid-run, when something has been applied.
            while slow.comments.empty:
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            said, complaints = process.communicate(timeout=PATIENCE)
        applied = len(slow.comments)
    assert process.returncode == 3
    # No bar is drawn where stderr is no terminal.
    assert "%|" not in complaints
    assert 0 < counted(said)["commented"] == applied
    assert counted(said)["unsent"] > 0
    assert sum(counted(said).values()) == len(ctnb.read_leads(tmp_path / "out.csv")) == 3_000


def test_a_console_in_another_code_page_does_not_fail(tmp_path, vendor, few_deals):
    arguments = [few_deals, "--rules", RULES]
    narrow = account(vendor, PYTHONIOENCODING="cp1251")
    preview = run("preview", *arguments, folder=tmp_path, **narrow)
    assert (preview.returncode, preview.stderr) == (0, "")
    assert "Problems" in preview.stdout
    # The bar draws blocks that this code page does not have.
    done = run("comment", *arguments, "--out", "out.csv", folder=tmp_path, **narrow)
    assert done.returncode == 0, done.stderr
    assert counted(done.stdout)["commented"] == len(vendor.comments) > 0


def test_the_export_itself_is_not_overwritten(tmp_path):
    export = tmp_path / "mine.csv"
    export.write_bytes(sample("deals.csv").read_bytes())
    told = run_here("comment", export, "--rules", RULES, "--out", export)
    assert told.exit_code == 1
    assert "names the export itself" in told.stderr
    assert export.read_bytes() == sample("deals.csv").read_bytes()


def test_answers_that_a_sheet_cannot_hold_are_written_as_csv(tmp_path):
    export, out = tmp_path / "long.csv", tmp_path / "done.xlsx"
    export.write_text(f"deal_id,stage,call_id,note\n1,new,5,{'x' * 40_000}\n", encoding="utf-8")
    rules = tmp_path / "rules.toml"
    rules.write_text('comment = "{stage}"\n[[rules]]\ntype = "call"\nid = "call_id"\n', encoding="utf-8")
    with Emulator(rate=None) as vendor:
        told = run_here("comment", export, "--rules", rules, "--out", out, "--quiet", **account(vendor))
    assert told.exit_code == 0
    assert ctnb.read_leads(tmp_path / "done_answers.csv")["ct_status"].tolist() == ["unmatched"]


@pytest.mark.parametrize("name", ["done.csv", "done.xlsx", "done.parquet"])
def test_report_reads_every_table_of_results(tmp_path, vendor, few_deals, name):
    deals = ctnb.read_leads(few_deals)
    rules = ctnb.load_rulebook(RULES).rules
    done = ctnb.comment(deals, rules, "{stage}", key="deal_id", connection=vendor.connection, progress=False)
    if name.endswith(".parquet"):
        done.to_parquet(tmp_path / name)
    else:
        ctnb.write_table(done, tmp_path / name)
    told = run("report", name, "--rules", RULES, "--by", "manager", "--lang", "ru", "--out", "r.html", folder=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert "r.html" in told.stdout
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert '<html lang="ru">' in page
    assert "nearestUniqLead" in page
    assert vendor.connection.token not in page
    contacts = pd.concat([deals["phone"], deals["email"]]).dropna()
    real = [contact for contact in contacts if re.search("[a-z]@[a-z]", contact) or sum(map(str.isdigit, contact)) > 6]
    assert len(real) > 100
    assert not [contact for contact in real if contact in page]


def test_report_refuses_what_is_no_table_of_results(tmp_path, few_deals):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    for arguments, told in (
        ((few_deals,), "no column 'ct_status'"),
        (("broken.parquet",), "not a Parquet file"),
        ((few_deals, "--out", "."), "is a folder"),
    ):
        done = run("report", *arguments, folder=tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1
