"""``ctnb comment`` as a nightly job has it: one line of facts, thresholds, only what is new, again but not for ever."""

import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from command_line import account, run_here

import ctnb
from ctnb import Emulator
from ctnb.cli.facts import Facts
from ctnb.connection import Connection
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Reason, Status
from ctnb.run import Run

CALLS = pd.DataFrame({"callId": range(1, 11), "date": "01-10-2020 12:00:00"})
RULES = 'comment = "{text}"\nkey = "deal"\njob = "night"\n[[rules]]\ntype = "call"\nid = "id"\n'
PHONE, TEXT = "79157771122", "sold to Anna"
EXITS = {"done": 0, "failed": 1, "usage": 2, "stopped": 3, "not_delivered": 3, "threshold": 4, "interrupted": 130}
DOCS = Path(__file__).parents[3] / "docs" / "json.md"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def vendor():
    with Emulator(CALLS, rate=None) as started:
        yield started


@pytest.fixture
def nightly(vendor, folder):
    """Run the command over deals with these ids; the next ones of the same number are the same deals."""

    def run(*options, ids=range(1, 11), text=TEXT, as_json=True, **variables):
        deals = {"id": list(ids), "deal": [f"d{number}" for number in range(len(ids))], "text": text, "phone": PHONE}
        ctnb.write_table(pd.DataFrame(deals), "deals.csv")
        arguments = ["comment", "deals.csv", "--rules", "rules.toml", "--out", "done.csv", "--quiet", *options]
        ledger = {"CTNB_LEDGER": str(folder / "ledger.sqlite3")}
        return run_here(*arguments, *(["--json"] if as_json else []), **(account(vendor, **ledger) | variables))

    return run


def facts(done):
    """Return the facts, which are all that is on standard output."""
    (line,) = done.stdout.splitlines()
    assert PHONE not in line
    assert "Anna" not in line
    found = json.loads(line)
    assert found["exit_code"] == done.exit_code
    return found


def sent_again(done):
    return facts(done)["answered"]["new"]


# The line


def test_the_facts_of_a_run_are_one_line_of_counts(nightly, vendor):
    done = nightly(ids=[1, 2, 3, 99])
    found = facts(done)

    assert (done.exit_code, done.stderr) == (0, "")
    assert (found["schema"], found["version"], found["command"]) == (1, ctnb.__version__, "comment")
    assert (found["site"], found["job"]) == (vendor.connection.site_id, "night")
    assert (found["end"], found["reason"], found["error"]) == ("done", None, None)
    assert (found["rows"], found["leads"], found["requests"]) == (4, 4, 1)
    assert found["statuses"] == dict.fromkeys(Status, 0) | {"commented": 3, "unmatched": 1}
    assert found["answered"] == {"new": 4, "replayed": 0}
    assert (found["matched"], found["match_rate"], found["uncertain"]) == (3, 0.75, 0)
    assert found["error_codes"] == {"lead_not_found": 1}
    assert found["left"] == {"limited": 0, "not_new": 0}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[name]) for name in ("began", "ended"))
    assert found["began"] <= found["ended"]
    again = facts(nightly(ids=[1, 2, 3, 99]))
    assert (again["requests"], again["answered"]) == (0, {"new": 0, "replayed": 4})
    assert (again["matched"], again["match_rate"]) == (0, None)


def test_the_fields_are_those_of_the_docs():
    fields, _, exits = DOCS.read_text(encoding="utf-8").partition("\n## Plans")[0].partition("\n| `end` | exit code |")
    assert [name for line in fields.splitlines() for name in named(line)] == list(json.loads(Facts().line))
    codes = {line.split("`")[1]: int(line.split("|")[2]) for line in exits.splitlines() if line.startswith("| `")}
    assert codes == EXITS


def named(line):
    """Return the fields that a line of a table explains."""
    cells = line.split("|")
    return re.findall(r"`(\w+)`", cells[1]) if line.startswith("| `") else []


def test_the_facts_of_plans_and_previews_are_those_of_the_docs(nightly, vendor, folder):
    tables = DOCS.read_text(encoding="utf-8").partition("\n## Plans and previews")[2].split("\n| field of ")
    nightly(ids=[1, 99])
    ctnb.write_table(CALLS.assign(callerNumber="79157771122"), "calls.csv")
    for table, command in zip(tables[1:3], (["plan"], ["preview", "--journal", "calls.csv"]), strict=True):
        done = run_here(*command, "deals.csv", "--rules", "rules.toml", "--json", **account(vendor))
        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        assert [name for line in table.splitlines() for name in named(line)] == list(found)
        assert found["command"] == command[0] == table.split("`")[1]
        assert found["rows"] == 2
        assert TEXT not in done.stdout
        assert PHONE not in done.stdout


def test_predictions_of_a_preview_are_written_beside_the_facts(nightly, vendor, folder):
    nightly(ids=[1, 99])
    ctnb.write_table(CALLS, "calls.csv")
    options = ("--journal", "calls.csv", "--out", "foretold.csv", "--json")
    found = json.loads(run_here("preview", "deals.csv", "--rules", "rules.toml", *options).stdout)
    assert found["match_rate"] == 0.5
    assert len(ctnb.read_leads("foretold.csv")) == 2


# Every way to end


def test_a_failure_has_its_class_and_a_masked_message(nightly, folder):
    (folder / "rules.toml").write_text(RULES.replace('id = "id"', f'id = "{PHONE}"'), encoding="utf-8")
    done = nightly()
    found = facts(done)
    assert (done.exit_code, found["end"], found["error"]["class"]) == (1, "failed", "ColumnNotFoundError")
    assert "7915*****22" in found["error"]["message"]
    assert (found["rows"], found["statuses"]) == (None, None)
    assert done.stderr.startswith("Error: There is no column")


def test_settings_that_are_missing_are_a_failure_with_facts(nightly):
    found = facts(nightly(CALLTOUCH_ACCESS_TOKEN=""))
    assert (found["end"], found["error"]["class"], found["site"]) == ("failed", "ConfigError", None)


def test_a_ledger_that_cannot_be_used_is_a_failure_with_facts(nightly, folder):
    (folder / "ledger.sqlite3").write_text("not a ledger", encoding="utf-8")
    found = facts(nightly())
    assert (found["exit_code"], found["error"]["class"], found["site"]) == (1, "LedgerError", 4242)


@pytest.mark.parametrize(
    "options", [["--limit", "-1"], ["--resend", "commented"], ["--min-match-rate", "30"], ["--resend-times", "0"]]
)
def test_an_option_that_is_wrong_gives_facts_too(nightly, options):
    done = nightly(*options)
    found = facts(done)
    assert (done.exit_code, found["end"]) == (2, "usage")
    assert options[0] in found["error"]["message"] or options[0] in done.stderr


def test_an_error_that_is_not_ours_says_nothing_of_a_cell(nightly, monkeypatch):
    def fail(*_, **__):
        raise KeyError(PHONE)

    monkeypatch.setattr(Run, "carry_out", fail)
    with pytest.raises(KeyError):
        nightly("--alert", seen())
    found = json.loads(Path("alert.json").read_text(encoding="utf-8"))
    assert (found["exit_code"], found["error"]) == (1, {"class": "KeyError", "message": None})


def test_a_ledger_that_fails_in_mid_run_leaves_the_counts_and_the_answers(nightly, monkeypatch):
    def fail(run, **_):
        run.answers.put([0], [Outcome(Status.COMMENTED)])
        run.counts.requests = 1
        run.answers.put(range(1, 10), [Outcome(Status.UNSENT, reason=Reason.LEDGER_FAILED)] * 9)
        raise LedgerError("The disk is full.")

    monkeypatch.setattr(Run, "carry_out", fail)
    found = facts(nightly())
    assert (found["exit_code"], found["statuses"]["commented"], found["statuses"]["unsent"]) == (1, 1, 9)
    assert (ctnb.read_leads("done.csv")["ct_status"] == "commented").sum() == 1


def test_an_interrupt_has_its_code_and_what_was_answered_is_counted(nightly, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "carry_out", interrupt)
    found = facts(nightly())
    assert (found["exit_code"], found["end"], found["reason"]) == (130, "interrupted", "interrupted")
    assert (found["statuses"]["unsent"], found["error_codes"]) == (10, {"interrupted": 10})


def test_an_interrupt_before_the_run_has_its_code_too(nightly, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Connection, "from_env", interrupt)
    found = facts(nightly("--alert", seen()))
    assert (found["exit_code"], found["end"], found["rows"]) == (130, "interrupted", None)
    assert json.loads(Path("alert.json").read_text(encoding="utf-8")) == found


def test_a_run_that_is_stopped_says_why(nightly, vendor):
    found = facts(nightly(CALLTOUCH_ACCESS_TOKEN="another"))
    assert (found["exit_code"], found["end"], found["reason"]) == (3, "stopped", "token_refused")
    assert found["statuses"]["rejected"] == 10


# Thresholds


@pytest.mark.parametrize(
    ("least", "code"), [("0.5", 0), ("50%", 0), ("0,5", 0), ("0.51", 4), ("100%", 4), ("0", 0), ("1", 4)]
)
def test_a_match_rate_that_is_too_low_is_an_exit_code_of_its_own(nightly, least, code):
    done = nightly("--min-match-rate", least, ids=[1, 99])
    found = facts(done)
    assert (done.exit_code, found["end"]) == (code, "threshold" if code else "done")
    assert found["reason"] == ("min_match_rate" if code else None)
    assert ("1 of 2 newly answered rows matched: 50.00%" in done.stderr) is bool(code)
    # The same again: nothing is newly answered, and so it is not judged.
    assert nightly("--min-match-rate", "1", ids=[1, 99]).exit_code == 0


def test_rows_that_were_not_delivered_win_over_a_threshold(nightly, vendor, monkeypatch):
    real = Run.carry_out

    def lose_one(run, **settings):
        done = real(run, **settings)
        done.loc[0, "ct_status"] = "busy"
        return done

    monkeypatch.setattr(Run, "carry_out", lose_one)
    done = nightly("--min-match-rate", "1", ids=[1, 2, 99])
    assert (done.exit_code, facts(done)["end"]) == (3, "not_delivered")
    assert "newly answered rows matched" in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "end"),
    [
        ([], 3, "not_delivered"),
        (["--max-uncertain", "1"], 4, "threshold"),
        (["--max-uncertain", "2"], 0, "done"),
        (["--max-uncertain", "2", "--min-match-rate", "1"], 4, "threshold"),
    ],
)
def test_uncertain_rows_are_judged_by_their_threshold_alone_where_there_is_one(
    nightly, monkeypatch, options, code, end
):
    real = Run.carry_out

    def lose_two(run, **settings):
        done = real(run, **settings)
        done.loc[[0, 1], "ct_status"] = "uncertain"
        return done

    monkeypatch.setattr(Run, "carry_out", lose_two)
    done = nightly(*options, ids=[1, 2, 3, 99])
    found = facts(done)
    assert (done.exit_code, found["end"], found["uncertain"]) == (code, end, 2)
    assert ("2 rows are uncertain, 1 more than --max-uncertain allows (1)" in done.stderr) is (options[1:] == ["1"])


# What is sent


def test_only_new_deals_are_sent_and_the_rest_is_no_failure(nightly, vendor):
    nightly(ids=[1, 2], text="first")
    done = nightly("--only-new", ids=[1, 2, 3, 99], text="second")
    found = facts(done)
    # The first two have another text in the account by now.
    assert (done.exit_code, found["end"], found["left"]) == (0, "done", {"limited": 0, "not_new": 2})
    assert found["answered"] == {"new": 2, "replayed": 0}
    assert vendor.comments["comment"].tolist().count("second") == 1
    shown = nightly("--only-new", ids=[1, 2, 3, 99], text="second", as_json=False)
    assert "2 rows are not new, and were left." in shown.stdout


def test_what_is_not_new_does_not_use_up_the_limit(nightly, vendor):
    nightly(ids=[1, 2], text="first")
    found = facts(nightly("--only-new", "--limit", "1", ids=[1, 2, 3, 4], text="second"))
    assert (found["left"], found["answered"]["new"]) == ({"limited": 1, "not_new": 2}, 1)


def test_new_deals_are_those_that_the_plan_calls_new(nightly, vendor, folder):
    nightly(ids=[1, 2, 98, 99], text="first")
    ctnb.write_table(ctnb.read_leads("deals.csv").assign(id=["1", "2", "3", "99"]), "deals.csv")
    connection = Connection(4242, vendor.connection.token, base_url=vendor.connection.base_url, ledger="ledger.sqlite3")
    deals = pd.concat([ctnb.read_leads("deals.csv"), ctnb.read_leads("deals.csv").assign(deal="new", id="4")])
    book = ctnb.load_rulebook("rules.toml")
    record = ctnb.plan(deals, book, connection=connection).frame["record"]
    done = ctnb.comment(deals, book, connection=connection, only_new=True, progress=False)
    assert set(record) == {"answered", "again", "new"}
    assert (done["ct_error_code"] == "not_new").tolist() == (record == "again").tolist()
    assert done["ct_status"].tolist()[4:] == ["commented"] * 4


def test_two_texts_of_a_new_deal_are_both_sent_whatever_the_windows(vendor):
    deals = pd.DataFrame({"id": [1] * 1200, "deal": ["d"] * 1200, "text": [f"text {row}" for row in range(1200)]})
    done = ctnb.comment(
        deals, ctnb.Call("id"), "{text}", key="deal", connection=vendor.connection, only_new=True, progress=False
    )
    assert done["ct_status"].eq("commented").all()


def test_unmatched_deals_are_sent_again_once_they_are_old_enough_and_not_for_ever(nightly, vendor):
    nightly(ids=[1, 98, 99])
    resend = ("--resend", "unmatched")
    assert sent_again(nightly(*resend, "--resend-after", "1d", ids=[1, 98, 99])) == 0
    assert sent_again(nightly(*resend, "--resend-times", "2", ids=[1, 98, 99])) == 2
    assert sent_again(nightly(*resend, "--resend", "uncertain", "--resend-times", "2", ids=[1, 98, 99])) == 2
    assert sent_again(nightly(*resend, "--resend-times", "2", ids=[1, 98, 99])) == 0
    assert len(vendor.comments) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--resend-after", "1d"], "resend_after says when to send again"),
        (["--resend-times", "3"], "resend_times says when to send again"),
        (["--resend", "unmatched", "--resend-after", "soon"], "resend_after: expected whole minutes"),
        (["--resend", "unmatched", "--only-new"], "only_new and resend contradict each other"),
    ],
)
def test_options_that_do_not_go_together_are_refused(nightly, vendor, options, message):
    found = facts(nightly(*options))
    assert (found["exit_code"], found["error"]["class"]) == (1, "ConfigError")
    assert message in found["error"]["message"]
    assert vendor.posts.empty


# The alert


def seen():
    """Return an alert command that keeps what it gets."""
    code = "import sys, pathlib; pathlib.Path('alert.json').write_text(sys.stdin.read())"
    return f'"{sys.executable}" -c "{code}"'


def test_the_alert_gets_the_facts_when_it_did_not_end_well_and_only_then(nightly):
    assert nightly("--alert", seen(), ids=[1]).exit_code == 0
    assert not Path("alert.json").exists()
    done = nightly("--alert", seen(), "--min-match-rate", "1", ids=[99], text="another")
    text = Path("alert.json").read_text(encoding="utf-8")
    assert text == done.stdout
    assert facts(done)["exit_code"] == 4


@pytest.mark.parametrize("options", [["--limit", "-1"], ["--min-match-rate", "rubbish"]])
def test_a_wrong_option_raises_the_alert_too(nightly, options):
    done = nightly(*options, "--alert", seen())
    assert json.loads(Path("alert.json").read_text(encoding="utf-8"))["end"] == "usage"
    assert done.exit_code == 2


@pytest.mark.parametrize("options", [["--bogus"], ["--out"], ["--limit", "many"], ["another.csv"]])
def test_an_option_that_there_is_not_gives_facts_and_raises_the_alert_too(nightly, options):
    done = nightly("--alert", seen(), *options, as_json=False)
    assert done.exit_code == 2
    assert json.loads(Path("alert.json").read_text(encoding="utf-8"))["end"] == "usage"
    found = facts(nightly("--alert=" + seen(), "--json", *options, as_json=False))
    assert (found["exit_code"], found["end"]) == (2, "usage")


@pytest.mark.parametrize("command", ["", "'open"])
def test_a_command_that_cannot_be_read_is_a_wrong_use(nightly, vendor, command):
    found = facts(nightly("--alert", command))
    assert (found["exit_code"], found["end"]) == (2, "usage")
    assert vendor.posts.empty


def test_the_alert_is_run_without_json_too(nightly):
    done = nightly("--alert", seen(), "--min-match-rate", "1", ids=[99], as_json=False)
    assert done.exit_code == 4
    assert "The table is in done.csv" in done.stdout
    assert json.loads(Path("alert.json").read_text(encoding="utf-8"))["end"] == "threshold"
