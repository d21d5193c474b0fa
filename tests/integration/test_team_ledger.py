"""A team's ledger in PostgreSQL under whole runs: the verbs, the command line, and a server that is restarted."""

import logging
import threading
from dataclasses import replace

import pandas as pd
import pytest
from command_line import account, run_here

import ctnb
from ctnb.delivery.client import Client, Lost
from ctnb.exceptions import ConfigError
from ctnb.outcomes import Reason

ROWS = 300
OLD, NEW = "7e" * 32, "8f" * 32
RULES = ctnb.Call("call")


@pytest.fixture
def vendor():
    calls = pd.DataFrame({"callId": range(0, ROWS, 2), "date": "01-10-2020 12:00:00"})
    with ctnb.Emulator(calls, rate=None) as emulator:
        yield emulator


@pytest.fixture
def deals():
    return pd.DataFrame({"call": range(ROWS)})


@pytest.fixture
def team(vendor, team_ledger):
    """A connection of an analyst of the team; each makes its own."""
    return lambda: replace(vendor.connection, ledger=team_ledger)


def comment(deals, connection, text="deal {call}", **settings):
    return ctnb.comment(deals, RULES, text, connection=connection, progress=False, **settings)


def test_what_one_analyst_has_sent_another_does_not_send_again(vendor, deals, team):
    first = comment(deals, team())
    requests = len(vendor.posts)
    second = comment(deals, team())

    assert first["ct_status"].value_counts()[["commented", "unmatched"]].tolist() == [ROWS // 2, ROWS // 2]
    assert len(vendor.posts) == requests
    assert second["ct_replayed"].all()
    assert second["ct_status"].tolist() == first["ct_status"].tolist()
    assert len(vendor.comments) == ROWS // 2


def test_runs_beside_each_other_send_each_comment_once(vendor, deals, team):
    done, start = [], threading.Barrier(3)

    def run():
        start.wait()
        done.append(comment(deals, team()))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(done) == 3
    assert vendor.comments["comment"].is_unique
    assert set(comment(deals, team())["ct_status"]) == {"commented", "unmatched"}
    assert len(vendor.comments) == ROWS // 2


def test_a_run_lives_through_a_restart_of_the_server(vendor, deals, team, postgres_server):
    connection = team()
    comment(deals.head(10), connection)
    stop = threading.Event()

    def restart():
        while not stop.wait(0.03):
            postgres_server.end()
            postgres_server.start()

    restarting = threading.Thread(target=restart)
    restarting.start()
    try:
        comment(deals, connection)
    except ctnb.LedgerError:
        pass  # the server was away when the run was opened
    finally:
        stop.set()
        restarting.join()
    done = comment(deals, connection)

    assert vendor.comments["comment"].is_unique
    assert done["ct_status"].isin(["commented", "unmatched", "uncertain"]).all()
    reached = done.loc[done["ct_status"] == "commented", "call"]
    assert set(reached) <= set(vendor.comments["comment"].str.removeprefix("deal ").astype(int))


def test_a_plan_says_what_the_team_has_sent_and_makes_no_ledger(deals, team, postgres_server):
    plan = ctnb.plan(deals, RULES, "deal {call}", connection=team())
    assert set(plan.frame["record"]) == {"new"}
    assert postgres_server.execute("SELECT to_regnamespace('ctnb')") == [(None,)]

    comment(deals, team())

    assert set(ctnb.plan(deals, RULES, "deal {call}", connection=team()).frame["record"]) == {"answered"}
    assert set(ctnb.plan(deals, RULES, "other {call}", connection=team()).frame["record"]) == {"changed", "new"}


def test_leads_that_are_named_otherwise_are_refused_with_the_comments_at_stake(deals, team):
    comment(deals, team())

    with pytest.raises(ConfigError, match=f"{ROWS // 2} comments"):
        comment(deals.assign(deal=range(ROWS)), team(), key="deal")


def test_the_command_line_and_the_public_ledger_know_the_teams_ledger(vendor, deals, team, team_ledger):
    comment(deals, team())

    counts = ctnb.Ledger(team_ledger).counts()
    assert counts[["commented", "unmatched"]].tolist() == [ROWS // 2, ROWS // 2]
    key = {"CTNB_LEDGER_KEY": OLD}
    shown = run_here("ledger", "show", **account(vendor, CTNB_LEDGER=team_ledger), **key)
    assert shown.exit_code == 0, shown.output
    assert "postgresql://***@127.0.0.1" in shown.output
    assert "150" in shown.output
    assert "Nothing is uncertain" in run_here("ledger", "list", "--ledger", team_ledger, **key).output
    assert run_here("ledger", "adopt", "--yes", "--ledger", team_ledger, **key).exit_code == 0


def test_ids_tell_which_deals_are_meant(deals, team, team_ledger):
    comment(deals, team())

    ids = ctnb.Ledger(team_ledger).ids(deals, RULES, "deal {call}", connection=team())

    assert ids.is_unique
    assert ids.str.fullmatch("[0-9a-f]{12}").all()


def test_what_was_sent_under_an_older_key_is_not_sent_again(vendor, deals, team, monkeypatch):
    comment(deals.head(100), team())
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{NEW},{OLD}")
    assert set(ctnb.plan(deals.head(100), RULES, "deal {call}", connection=team()).frame["record"]) == {"answered"}

    done = comment(deals, team())
    again = comment(deals, team())

    assert done["ct_replayed"].tolist() == [True] * 100 + [False] * (ROWS - 100)
    assert again["ct_replayed"].all()
    assert vendor.comments["comment"].is_unique
    assert len(vendor.comments) == ROWS // 2


def test_what_may_be_sent_again_is_sent_under_the_key_that_it_has(vendor, deals, team, monkeypatch):
    comment(deals, team())
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{NEW},{OLD}")
    requests = len(vendor.posts)

    done = comment(deals, team(), resend="unmatched")

    assert len(vendor.posts) > requests
    assert done["ct_replayed"].sum() == ROWS // 2
    assert comment(deals, team())["ct_replayed"].all()
    assert vendor.comments["comment"].is_unique


def test_other_names_are_refused_under_an_older_key_too(deals, team, monkeypatch):
    comment(deals, team())
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{NEW},{OLD}")

    with pytest.raises(ConfigError, match=f"{ROWS // 2} comments"):
        comment(deals.assign(deal=range(ROWS)), team(), key="deal")


def test_another_text_of_a_deal_is_known_under_an_older_key_too(deals, team, monkeypatch):
    comment(deals, team())
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{NEW},{OLD}")

    records = ctnb.plan(deals, RULES, "other {call}", connection=team()).frame["record"]

    assert (records == "changed").sum() == ROWS // 2


def test_an_uncertain_deal_is_found_by_its_id_under_an_older_key_too(deals, team, team_ledger, monkeypatch):
    comment(deals.head(3), team())
    before = ctnb.Ledger(team_ledger).ids(deals.head(3), RULES, "deal {call}", connection=team())
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{NEW},{OLD}")

    after = ctnb.Ledger(team_ledger).ids(deals.head(5), RULES, "deal {call}", connection=team())

    assert after.head(3).tolist() == before.tolist()
    assert after.is_unique


def test_no_log_of_a_run_shows_the_password(vendor, deals, team_ledger, caplog):
    caplog.set_level(logging.DEBUG)
    done = comment(deals, replace(vendor.connection, ledger=team_ledger))

    assert "p%40ss" not in caplog.text
    assert done.attrs == {}


def test_the_advice_for_uncertain_rows_names_the_ledger_without_its_password(deals, team, caplog, monkeypatch):
    answered = Client.exchange

    async def lose(client, body, gate):
        await answered(client, body, gate)
        return Lost(Reason.TIMED_OUT, "no answer in time")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "exchange", lose)
        comment(deals.head(2), team())

    assert 'ctnb ledger list --ledger "postgresql://ctnb@127.0.0.1' in caplog.text
    assert "p%40ss" not in caplog.text
    assert len(ctnb.Ledger(team().ledger).uncertain()) == 2
