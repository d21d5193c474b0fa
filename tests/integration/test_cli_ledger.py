"""`ctnb ledger`: what is in doubt is listed, and settled by hand."""

import json
import logging
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from typer.testing import CliRunner

import ctnb
from ctnb import Call, Emulator
from ctnb.cli.app import app
from ctnb.delivery.client import Client, Lost
from ctnb.outcomes import Reason

DEALS = pd.DataFrame({"deal": ["a", "b"], "call": [7, 8]})
CALLS = pd.DataFrame({"callId": [7, 8], "date": ["01-10-2020 12:00:00"] * 2})


@pytest.fixture
def vendor():
    with Emulator(CALLS, rate=None) as emulator:
        yield emulator


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "ledger.sqlite3"


def commented(vendor, path):
    connection = replace(vendor.connection, ledger=path)
    return ctnb.comment(DEALS, Call("call"), "text", key="deal", connection=connection, progress=False)


@pytest.fixture
def in_doubt(vendor, path, monkeypatch):
    """A ledger of two comments that were sent and applied, and whose answer was lost."""
    answered = Client.exchange

    async def lose(client, body, gate):
        await answered(client, body, gate)
        return Lost(Reason.TIMED_OUT, "no answer in time")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "exchange", lose)
        assert commented(vendor, path)["ct_status"].tolist() == ["uncertain"] * 2
    return path


def run(path, *words, **more):
    return CliRunner().invoke(app, ["ledger", *words, "--ledger", str(path)], **more)


def test_the_counts_are_one_line_of_json_for_machines(vendor, path):
    commented(vendor, path)

    shown = run(path, "show", "--json")

    assert shown.stdout.count("\n") == 1
    facts = json.loads(shown.stdout)
    assert facts["ledger"] == str(path)
    assert facts["comments"] == ctnb.Ledger(path).counts().to_dict()


def test_a_doubt_is_listed_and_marked_as_delivered(vendor, in_doubt):
    ids = ctnb.Ledger(in_doubt).uncertain()["id"].tolist()
    listed = run(in_doubt, "list")
    assert listed.exit_code == 0
    assert all(shown in listed.output for shown in ids)
    assert run(in_doubt, "mark", ids[0], "--delivered").exit_code == 0
    assert ctnb.Ledger(in_doubt).counts()[["commented", "uncertain"]].tolist() == [1, 1]
    assert sorted(commented(vendor, in_doubt)["ct_status"]) == ["commented", "uncertain"]
    assert len(vendor.posts) == 1


def test_the_comments_are_counted_by_state(in_doubt):
    shown = run(in_doubt, "show")
    assert shown.exit_code == 0
    assert str(in_doubt) in shown.output
    assert re.search(r"(?m)^uncertain +2$", shown.output)
    assert "ctnb ledger list" in shown.output


def test_what_is_marked_as_not_delivered_is_sent_again(vendor, in_doubt):
    assert run(in_doubt, "mark", "--all", "--not-delivered", "--yes").exit_code == 0
    assert commented(vendor, in_doubt)["ct_status"].tolist() == ["commented"] * 2
    assert len(vendor.posts) == 2


def test_all_is_asked_for_before_it_is_done(in_doubt):
    assert run(in_doubt, "mark", "--all", "--delivered", input="n\n").exit_code != 0
    assert ctnb.Ledger(in_doubt).counts()["uncertain"] == 2


@pytest.mark.parametrize(
    "words", [["mark", "--all"], ["mark", "--delivered"], ["mark", "x", "--delivered", "--not-delivered"]]
)
def test_a_mark_that_does_not_say_which_and_how_is_wrong_usage(in_doubt, words):
    assert run(in_doubt, *words).exit_code == 2
    assert ctnb.Ledger(in_doubt).counts()["uncertain"] == 2


def test_an_unknown_id_marks_nothing(in_doubt):
    assert run(in_doubt, "mark", "0123456789ab", "--delivered").exit_code == 1
    assert ctnb.Ledger(in_doubt).counts()["uncertain"] == 2


def test_a_ledger_that_is_not_there_is_an_error(tmp_path):
    failed = run(tmp_path / "none.sqlite3", "show")
    assert failed.exit_code == 1
    assert "no ledger" in failed.stderr


def test_a_copy_is_used_once_it_is_adopted(vendor, in_doubt, tmp_path):
    copy = tmp_path / "copy" / in_doubt.name
    shutil.copytree(in_doubt.parent, copy.parent)
    with pytest.raises(ctnb.LedgerError, match="ctnb ledger adopt"):
        commented(vendor, copy)
    assert run(copy, "adopt", input="y\n").exit_code == 0
    assert commented(vendor, copy)["ct_status"].tolist() == ["uncertain"] * 2
    assert len(vendor.posts) == 1


def test_the_log_tells_which_rows_are_in_doubt_and_what_to_do(vendor, in_doubt, caplog):
    with caplog.at_level(logging.WARNING, logger="ctnb"):
        commented(vendor, in_doubt)
    assert "2 rows are uncertain (counted from 0: 0, 1)" in caplog.text
    assert "ctnb ledger list" in caplog.text
    assert 'resend="uncertain"' in caplog.text
