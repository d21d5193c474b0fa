"""A run with a limit sends the first leads that are to be sent, and leaves the rest to the next run."""

import asyncio

import pandas as pd
import pytest
from command_line import account, run_here

import ctnb
from ctnb import Call, Emulator
from ctnb.exceptions import ConfigError

CALLS = pd.DataFrame({"callId": range(1, 1001), "date": "01-10-2020 12:00:00"})


@pytest.fixture
def vendor():
    with Emulator(CALLS, rate=None) as started:
        yield started


def numbered(*ids):
    return pd.DataFrame({"id": ids, "deal": [f"d{number}" for number in ids]})


def sent(vendor, deals, **options):
    return ctnb.comment(deals, Call("id"), "text", connection=vendor.connection, key="deal", progress=False, **options)


def statuses(done):
    return done["ct_status"].tolist()


def test_the_first_leads_are_sent_and_the_next_run_sends_the_next(vendor):
    deals = numbered(*range(1, 1001))
    runs = [sent(vendor, deals, limit=450) for _ in range(3)]
    assert [statuses(run).count("commented") for run in runs] == [450, 900, 1000]
    assert statuses(runs[0]) == ["commented"] * 450 + ["unsent"] * 550
    assert runs[0].loc[450:, "ct_error_code"].eq("limited").all()
    assert runs[1]["ct_replayed"].sum() == 450
    assert len(vendor.comments) == 1000


def test_answers_of_the_ledger_do_not_count_wherever_they_stand(vendor):
    sent(vendor, numbered(2, 4))
    done = sent(vendor, numbered(1, 2, 3, 4, 5), limit=1)
    assert statuses(done) == ["commented", "commented", "unsent", "commented", "unsent"]
    assert done["ct_replayed"].tolist() == [False, True, False, True, False]


def test_rows_of_one_lead_count_once_and_share_what_became_of_it(vendor):
    done = sent(vendor, numbered(1, 1, 2, 3, 3), limit=2)
    assert statuses(done) == ["commented"] * 3 + ["unsent"] * 2
    assert done["ct_error_code"].tolist()[3:] == ["limited"] * 2


def test_a_lead_that_is_asked_for_again_counts(vendor):
    missing = numbered(5001, 5002, 5003)
    sent(vendor, missing)
    done = sent(vendor, missing, limit=2, resend="unmatched")
    assert statuses(done) == ["unmatched", "unmatched", "unsent"]
    assert vendor.posts["leads"].sum() == 5


@pytest.mark.parametrize("limit", [0, 1])
def test_a_run_in_the_callers_loop_has_the_same_limit(vendor, limit):
    deals = numbered(1, 2)
    coroutine = ctnb.acomment(
        deals, Call("id"), "text", connection=vendor.connection, key="deal", progress=False, limit=limit
    )
    assert statuses(asyncio.run(coroutine)).count("commented") == limit == len(vendor.comments)


@pytest.mark.parametrize("limit", [-1, 1.5, "10", True])
def test_another_limit_is_refused(vendor, limit):
    with pytest.raises(ConfigError, match="limit: expected a whole number"):
        sent(vendor, numbered(1), limit=limit)


def test_the_command_ends_well_when_the_limit_leaves_rows(vendor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ctnb.write_table(numbered(*range(1, 8)), "deals.csv")
    (tmp_path / "rules.toml").write_text(
        'comment = "text"\nkey = "deal"\n[[rules]]\ntype = "call"\nid = "id"\n', encoding="utf-8"
    )
    done = run_here(
        *("comment", "deals.csv", "--rules", "rules.toml", "--out", "done.csv", "--limit", "3", "--quiet"),
        **account(vendor),
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert "4 rows are beyond the limit" in done.stdout
    assert len(vendor.comments) == 3
