"""The commands: what they print, which files they leave and how they end."""

import io
import re
from functools import partial
from itertools import count

import pandas as pd
import pytest
from command_line import DEALS, RULES, account, rows_by_status, run_here

import ctnb
from ctnb import Emulator
from ctnb.cli.app import main
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.exceptions import LedgerError
from ctnb.tables.samples import sample

OWN_RULES = """
[[rules]]
type = "callContact"
phones = ["phone"]
date = "at"
match = "nearest"
depth = "2h"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def vendor():
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as started:
        yield started


@pytest.fixture
def few_deals(folder):
    """The first 200 sample deals, in a file of their own."""
    path = folder / "few.csv"
    ctnb.write_table(ctnb.read_leads(DEALS).head(200), path)
    return path


def rules_file(folder, *, text="{stage}", rule='type = "call"\nid = "call_id"', **settings):
    path = folder / "own_rules.toml"
    lines = [f'{name} = "{value}"\n' for name, value in {"comment": text, **settings}.items()]
    path.write_text(f"{''.join(lines)}[[rules]]\n{rule}\n", encoding="utf-8")
    return path


# Demo


def test_the_demo_runs_in_an_empty_folder(folder, monkeypatch):
    # At an emulator that does not make it wait.
    monkeypatch.setattr("ctnb.cli.demo.Emulator", partial(Emulator, rate=None))
    done = run_here("demo", "--quiet")
    assert (done.exit_code, done.stderr) == (0, "")
    by_status = rows_by_status(done.stdout)
    assert sum(by_status.values()) == 5_000
    in_all = re.search(r"in all 5,000; the emulator's own record has ([0-9,]+) comments", done.stdout)
    assert int(in_all[1].replace(",", "")) == by_status["commented"]
    assert "The same again: 0 requests" in done.stdout
    assert "Prediction and answers agree on every row: 3,000 of 3,000" in done.stdout
    assert "Prediction and answers agree on every row: 2,000 of 2,000" in done.stdout
    output = folder / "demo_output"
    tables = [ctnb.read_leads(path) for path in sorted(output.glob("*.csv"))]
    assert sorted(map(len, tables)) == [2_000, 3_000]
    assert sum((table["ct_status"] == "commented").sum() for table in tables) == by_status["commented"]
    pictures = list(output.glob("*.png"))
    assert {"match_rates.png", "errors.png", "waterfall.png", "timeline.png"} <= {path.name for path in pictures}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)
    assert "<svg" in (output / "report.html").read_text(encoding="utf-8")
    assert [path.name for path in folder.iterdir()] == ["demo_output"]


def test_the_demo_wants_a_folder(folder):
    (folder / "a file").write_text("", encoding="utf-8")
    failed = run_here("demo", "--out", "a file")
    assert failed.exit_code == 1
    assert "--out" in failed.stderr


# Plan


def figures(output):
    """Return the figures that a plan has printed above its problems."""
    return {name: float(number.replace(",", "")) for name, number in re.findall(r"(?m)^(\w+) +([0-9.,]+)", output)}


def test_a_plan_counts_and_sends_nothing(vendor):
    done = run_here("plan", DEALS, "--rules", RULES, **account(vendor))
    assert (done.exit_code, done.stderr) == (0, "")
    found = figures(done.stdout)
    assert found["rows"] == found["ready"] + found["invalid"] == 3_000
    assert found["seconds"] == pytest.approx(found["requests"] / 5)
    assert "Problems, the commonest first" in done.stdout
    assert len(vendor.posts) == 0
    assert vendor.connection.token not in done.stdout


def test_a_plan_lists_no_problem_that_no_row_has(folder):
    export = folder / "deals.csv"
    export.write_text("stage,call_id\nnew,5\n,6\nnew,\n", encoding="utf-8")
    done = run_here("plan", export, "--rules", rules_file(folder))
    problems = done.stdout.partition("Problems")[2].splitlines()[1:]
    rows = [int(line.split()[0]) for line in problems if line.split()[0].isdigit()]
    assert sum(rows) == figures(done.stdout)["invalid"] == 2
    assert min(rows) > 0


def test_a_plan_without_problems_has_no_list_of_them(folder):
    export = folder / "deals.csv"
    export.write_text("stage,call_id\nnew,5\n", encoding="utf-8")
    assert "Problems" not in run_here("plan", export, "--rules", rules_file(folder)).stdout


BY_CONTACT = 'type = "callContact"\nphones = ["phone"]\ndate = "created_at"\ndepth = "2h"'


def test_a_plan_reads_dates_in_the_time_zone_of_the_rules_file(folder):
    export = folder / "deals.csv"
    # In Moscow this is a moment of the year 2101, which no lead has.
    export.write_text("stage,phone,created_at\nnew,+7 915 777-11-22,2100-12-31T22:30:00Z\n", encoding="utf-8")
    here = rules_file(folder, rule=BY_CONTACT, timezone="UTC")
    assert figures(run_here("plan", export, "--rules", here).stdout)["ready"] == 1
    moved = run_here("plan", export, "--rules", here, "--timezone", "Europe/Moscow")
    assert figures(moved.stdout)["ready"] == 0


@pytest.mark.parametrize("command", [["plan"], ["comment", "--out", "out.csv"]])
def test_a_time_zone_that_is_not_known_is_refused(folder, vendor, few_deals, command):
    rules = rules_file(folder, timezone="Mars/Olympus")
    failed = run_here(*command, few_deals, "--rules", rules, **account(vendor))
    assert failed.exit_code == 1
    assert "Mars/Olympus" in failed.stderr


def test_a_plan_shows_the_checks_and_what_was_sent_before(folder, vendor, few_deals):
    rules, changed = rules_file(folder, key="deal_id"), rules_file(folder, key="deal_id").with_name("changed.toml")
    changed.write_text(rules.read_text(encoding="utf-8").replace("{stage}", "{stage}!"), encoding="utf-8")
    done = run_here("comment", few_deals, "--rules", rules, "--out", "done.csv", "--quiet", **account(vendor))
    commented = rows_by_status(done.stdout)["commented"]
    again = run_here("plan", few_deals, "--rules", rules, **account(vendor)).stdout
    assert figures(again)["requests"] == 0
    assert "already have another text" not in again
    other = run_here("plan", few_deals, "--rules", changed, **account(vendor)).stdout
    assert figures(other)["changed"] == commented
    assert f"{commented} deals already have another text" in other
    keyless = run_here("plan", few_deals, "--rules", rules_file(folder), **account(vendor)).stdout
    assert "- grave" in keyless
    assert f"{commented} comments that may be in the account look new" in keyless


# Preview


JOURNALS = "--journal", sample("calls.csv"), "--journal", sample("requests.csv")


def test_a_preview_says_what_would_match_and_why_not(folder, few_deals):
    rules = rules_file(folder, rule='type = "call"\nid = "call_id"')
    done = run_here("preview", few_deals, "--rules", rules, *JOURNALS, "--out", "foretold.csv")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Predicted")
    outcomes = dict(line.split()[:2] for line in done.stdout.splitlines() if line.startswith(("would_", "unknown_")))
    foretold = ctnb.read_leads("foretold.csv")
    assert (foretold["ct_predicted"] == "True").all()
    by_status = foretold["ct_status"].value_counts()
    assert outcomes == {"would_match": str(by_status["commented"]), "unknown_id": str(by_status["unmatched"])}


def test_a_preview_needs_no_comment_and_no_account(folder, few_deals):
    rules = folder / "bare.toml"
    rules.write_text('[[rules]]\ntype = "call"\nid = "call_id"\n', encoding="utf-8")
    assert run_here("preview", few_deals, "--rules", rules, *JOURNALS).exit_code == 0


def test_a_preview_without_a_journal_says_what_to_give(folder, few_deals):
    failed = run_here("preview", few_deals, "--rules", rules_file(folder))
    assert failed.exit_code == 1
    assert "--journal" in failed.stderr
    assert "--since" in failed.stderr


# Comment


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_comment_writes_the_table_with_the_answers(folder, vendor, few_deals, name):
    done = run_here("comment", few_deals, "--rules", RULES, "--out", name, "--quiet", **account(vendor))
    assert (done.exit_code, done.stderr) == (0, "")
    assert rows_by_status(done.stdout)["commented"] == len(vendor.comments)
    table = ctnb.read_leads(folder / name)
    assert len(table) == 200
    assert (table["ct_status"] == "commented").sum() == len(vendor.comments)
    assert (table.calltouch.match_rates()["matched"] > 0).all()
    everything = done.stdout + (folder / name).read_bytes().decode("latin-1")
    assert vendor.connection.token not in everything


def test_the_account_may_stand_in_the_folders_env_file(folder, vendor, few_deals):
    lines = [f"{name}={value}\n" for name, value in account(vendor).items()]
    (folder / ".env").write_text("".join(lines), encoding="utf-8")
    done = run_here("comment", few_deals, "--rules", RULES, "--out", "out.csv", "--quiet")
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(vendor.comments) > 0


def test_an_option_wins_over_the_rules_file(vendor, few_deals):
    options = ["--rules", RULES, "--comment", "by hand", "--out", "out.csv", "--quiet"]
    assert run_here("comment", few_deals, *options, **account(vendor)).exit_code == 0
    assert set(vendor.comments["comment"]) == {"by hand"}


def test_rows_that_were_not_delivered_are_counted(folder, vendor, few_deals, monkeypatch):
    monkeypatch.setattr("ctnb.delivery.sender.FIRST_BACKOFF", 0.001)
    out = folder / "out.csv"
    arguments = ["comment", few_deals, "--rules", RULES, "--out", out, "--quiet"]
    refused = run_here(*arguments, **account(vendor, CALLTOUCH_ACCESS_TOKEN="not-the-token"))
    assert refused.exit_code == 3
    assert rows_by_status(refused.stdout)["rejected"] > 0
    assert "not-the-token" not in refused.output + out.read_text(encoding="utf-8-sig")
    vendor.stop()
    unreachable = run_here(*arguments, **account(vendor))
    assert unreachable.exit_code == 3
    assert rows_by_status(unreachable.stdout)["unsent"] > 0
    assert set(ctnb.read_leads(out)["ct_status"]) == {"unsent", "invalid"}


def test_answers_that_came_before_an_error_are_written(folder, vendor, few_deals, monkeypatch):
    intend, batches = MemoryLedger.intend, count()

    def intend_once(*given):
        if next(batches):
            raise LedgerError("the disk is full.")
        intend(*given)

    monkeypatch.setattr(MemoryLedger, "intend", intend_once)
    failed = run_here("comment", few_deals, "--rules", RULES, "--out", "out.csv", "--quiet", **account(vendor))
    assert failed.exit_code == 1
    assert failed.stderr.splitlines()[-1] == "Error: the disk is full."
    table = ctnb.read_leads(folder / "out.csv")
    assert (table["ct_status"] == "commented").sum() == len(vendor.comments) > 0
    assert (table["ct_status"] == "unsent").any()


def test_the_export_itself_is_not_overwritten(folder):
    export = folder / "mine.csv"
    export.write_bytes(sample("deals.csv").read_bytes())
    failed = run_here("comment", export, "--rules", RULES, "--out", export)
    assert failed.exit_code == 1
    assert "names the export itself" in failed.stderr
    assert export.read_bytes() == sample("deals.csv").read_bytes()


def test_answers_that_a_sheet_cannot_hold_are_written_as_csv(folder):
    export = folder / "long.csv"
    export.write_text(f"deal_id,stage,call_id,note\n1,new,5,{'x' * 40_000}\n", encoding="utf-8")
    with Emulator(rate=None) as vendor:
        options = ["--rules", rules_file(folder), "--out", "done.xlsx", "--quiet"]
        done = run_here("comment", export, *options, **account(vendor))
    assert done.exit_code == 0
    assert ctnb.read_leads(folder / "done_answers.csv")["ct_status"].tolist() == ["unmatched"]


# Consoles


class Console(io.TextIOWrapper):
    """A terminal in a code page that has no letters but Russian and English ones."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="cp1251")

    def isatty(self):
        return True

    @property
    def text(self):
        self.flush()
        return self.buffer.getvalue().decode("cp1251")


def test_a_console_in_another_code_page_does_not_fail(folder, vendor, few_deals, monkeypatch):
    for name, value in account(vendor).items():
        monkeypatch.setenv(name, value)
    output, errors = Console(), Console()
    monkeypatch.setattr("sys.argv", ["ctnb", "comment", str(few_deals), "--rules", RULES, "--out", "\N{BELL}.csv"])
    monkeypatch.setattr("sys.stdout", output)
    monkeypatch.setattr("sys.stderr", errors)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert rows_by_status(output.text)["commented"] == len(vendor.comments) > 0
    assert output.text.endswith("The table is in ?.csv\n")
    # A bar is drawn on a terminal.
    assert "| 187 of 187 comments" in errors.text
    assert len(ctnb.read_leads(folder / "\N{BELL}.csv")) == 200


# What goes wrong, by exit code


@pytest.mark.parametrize(
    ("rule", "word"), [('type = "call"\ndepth = "2h"', "depth"), ('type = "call"\nid = "cal_id"', "call_id")]
)
def test_rules_and_columns_that_cannot_be_used_fail_with_a_reason(folder, few_deals, rule, word):
    failed = run_here("plan", few_deals, "--rules", rules_file(folder, rule=rule))
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Error: ")
    assert word in failed.stderr


def test_rules_without_a_comment_ask_for_one(folder, few_deals):
    rules = folder / "rules.toml"
    rules.write_text('[[rules]]\ntype = "call"\nid = "call_id"\n', encoding="utf-8")
    failed = run_here("plan", few_deals, "--rules", rules)
    assert failed.exit_code == 1
    assert "--comment" in failed.stderr
    assert run_here("plan", few_deals, "--rules", rules, "--comment", "{stage}").exit_code == 0


def test_without_an_account_or_with_a_bad_option_nothing_is_sent(folder, vendor, few_deals):
    arguments = ["comment", few_deals, "--rules", RULES, "--out", "out.csv", "--quiet"]
    failed = run_here(*arguments)
    assert failed.exit_code == 1
    assert "CALLTOUCH_" in failed.stderr
    failed = run_here(*arguments, "--resend", "all", **account(vendor))
    assert failed.exit_code == 2
    assert "resend" in failed.stderr
    assert len(vendor.posts) == 0
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize("arguments", [["plan", "no such.csv", "--rules", RULES], ["comment", DEALS], ["commnet"]])
def test_wrong_usage_has_a_code_of_its_own(arguments):
    assert run_here(*arguments).exit_code == 2


# Report


@pytest.fixture(scope="module")
def results():
    """Sample deals with their answers."""
    deals, rules = ctnb.read_leads(DEALS).head(200), ctnb.load_rulebook(RULES).rules
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as vendor:
        return ctnb.comment(deals, rules, "{stage}", key="deal_id", connection=vendor.connection, progress=False)


@pytest.mark.parametrize("name", ["done.csv", "done.xlsx", "done.parquet"])
def test_report_reads_every_table_of_results(folder, results, name):
    if name.endswith(".parquet"):
        results.to_parquet(folder / name)
    else:
        ctnb.write_table(results, folder / name)
    done = run_here("report", name, "--rules", RULES, "--by", "manager", "--lang", "ru", "--out", "r.html")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "r.html" in done.stdout
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert '<html lang="ru">' in page
    assert "nearestUniqLead" in page
    contacts = pd.concat([results["phone"], results["email"]]).dropna()
    real = [contact for contact in contacts if re.search("[a-z]@[a-z]", contact) or sum(map(str.isdigit, contact)) > 6]
    assert len(real) > 100
    assert not [contact for contact in real if contact in page]


def test_report_refuses_what_is_no_table_of_results(folder, few_deals):
    (folder / "broken.parquet").write_bytes(b"PAR1 no")
    for arguments, reason in (
        ((few_deals,), "no column 'ct_status'"),
        (("broken.parquet",), "not a Parquet file"),
        ((few_deals, "--out", "."), "is a folder"),
    ):
        failed = run_here("report", *arguments)
        assert failed.exit_code == 1
        assert failed.stderr.startswith("Error: ")
        assert reason in failed.stderr
        assert len(failed.stderr.splitlines()) == 1


def test_a_preview_does_not_write_over_what_it_reads(folder):
    (folder / "calls.csv").write_text("callId,callerNumber,date\n1,79157771122,01.03.2026 12:00\n", encoding="utf-8")
    (folder / "deals.csv").write_text("phone,at\n79157771122,01.03.2026 12:10\n", encoding="utf-8")
    (folder / "own.toml").write_text(OWN_RULES, encoding="utf-8")
    for read in ("deals.csv", "calls.csv"):
        before = (folder / read).read_bytes()
        failed = run_here("preview", "deals.csv", "--rules", "own.toml", "--journal", "calls.csv", "--out", read)
        assert failed.exit_code == 1
        assert f"--out names what is read, '{read}'" in failed.stderr
        assert (folder / read).read_bytes() == before


def test_a_preview_reads_the_journals_dates_in_the_jobs_time_zone(folder):
    (folder / "calls.csv").write_text("callId,callerNumber,date\n1,79157771122,01.03.2026 12:00\n", encoding="utf-8")
    (folder / "deals.csv").write_text("phone,at\n79157771122,01.03.2026 12:10\n", encoding="utf-8")
    (folder / "own.toml").write_text(OWN_RULES, encoding="utf-8")
    zone = ("--timezone", "Asia/Vladivostok", "--out", "foretold.csv")
    assert run_here("preview", "deals.csv", "--rules", "own.toml", "--journal", "calls.csv", *zone).exit_code == 0
    assert ctnb.read_leads("foretold.csv")["ct_status"].tolist() == ["commented"]
