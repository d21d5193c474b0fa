"""The verbs on frames of Dask, on schedulers of one process."""

import os
import pickle
import subprocess
import sys

import cloudpickle
import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

import ctnb
import ctnb.engines.dask
from ctnb import Call, CallContact, Connection
from ctnb.engines import dask_worker
from ctnb.engines.dask_worker import CommentTask, WorkerAccount
from ctnb.engines.spread_keys import key_hashes
from ctnb.outcomes import Status
from ctnb.results.columns import NAMES

RULES = [Call("call"), CallContact("phone", "at", depth="2h")]
CALLS = pd.DataFrame(
    {
        "callId": [7, 8, 9],
        "date": "01-10-2020 12:00:00",
        "callerNumber": ["79157771122", "79157771133", "79157771144"],
    }
)
FILE = Connection(4242, "canary-token", ledger="/nowhere/ledger.sqlite3")


def deals_of():
    """Deals of which 1 and 2 stand in several partitions of two rows."""
    return pd.DataFrame(
        {
            "deal": ["1", "2", "3", "1.0", None, "2", "4", "1", None],
            "call": pd.array([None, 8, 100, 7, 9, None, None, None, 9], dtype="Int64"),
            "phone": [None, None, "8 915 777-11-44", None, None, None, "no", None, None],
            "at": "01-10-2020 12:00:00",
            "stage": ["a", "b", "c", "a", "e", "b", "f", "a", "e"],
        },
        index=pd.Index(range(10, 19), name="row"),
    )


@pytest.fixture
def deals():
    return dd.from_pandas(deals_of(), chunksize=2)


@pytest.fixture
def vendor():
    with ctnb.Emulator(CALLS, rate=None) as vendor:
        yield vendor


@pytest.fixture(autouse=True)
def scheduler():
    with dask.config.set(scheduler="synchronous"):
        yield


def plain(frame, without=()):
    """A frame in dtypes that do not depend on the engine."""
    return frame.drop(columns=list(without)).astype(object).where(frame.notna(), None)


def assert_alike(here, there):
    changing = ["ct_batch", "ct_answered_at"]
    pd.testing.assert_frame_equal(plain(here, changing), plain(there, changing))


def test_building_a_graph_sends_nothing_and_touches_no_ledger(deals, vendor, tmp_path):
    connection = Connection(
        vendor.connection.site_id, vendor.connection.token, base_url=vendor.connection.base_url, ledger=tmp_path / "l"
    )
    called = []
    texts = lambda frame: called.append(len(frame)) or frame["stage"]  # noqa: E731
    done = deals.calltouch.comment(RULES, texts, key="deal", connection=connection)
    deals.calltouch.plan(RULES, texts, key="deal", connection=connection)
    deals.calltouch.preview(RULES, texts, key="deal", journal=ctnb.Journal(CALLS))
    assert called == []
    assert len(vendor.posts) == 0
    assert list(tmp_path.iterdir()) == []
    assert done.columns.tolist()[:6] == [*deals.columns, "ct_status"]


@pytest.mark.parametrize("scheduler_name", ["synchronous", "threads"])
def test_comments_are_those_of_pandas(deals, vendor, scheduler_name):
    done = deals.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection)
    assert done.divisions == deals.divisions
    here = done.compute(scheduler=scheduler_name)
    assert sorted(vendor.comments["comment"]) == ["a", "b", "c", "e"]
    sent = len(vendor.posts)

    with ctnb.Emulator(CALLS, rate=None) as other:
        there = deals_of().calltouch.comment(RULES, "{stage}", key="deal", connection=other.connection, progress=False)
    assert here["ct_status"].tolist() == there["ct_status"].tolist()
    assert_alike(here.drop(columns="ct_replayed"), there.drop(columns="ct_replayed"))
    assert {name: str(kind) for name, kind in done.dtypes.items()} == {
        name: str(kind) for name, kind in here.dtypes.items()
    }

    again = done.compute()
    assert len(vendor.posts) == sent
    assert again["ct_replayed"][again["ct_status"] != "invalid"].all()


def test_plans_and_previews_are_those_of_pandas(deals):
    options = {"key": "deal"}
    planned = deals.calltouch.plan(RULES, "{stage}", **options).compute()
    assert_frame_of(planned, deals_of().calltouch.plan(RULES, "{stage}", **options).frame)
    journal = ctnb.Journal(CALLS)
    preview = deals.calltouch.preview(RULES, "{stage}", journal=journal, **options)
    assert preview.divisions == deals.divisions
    here = preview.compute()
    there = deals_of().calltouch.preview(RULES, "{stage}", journal=journal, **options).frame
    assert_alike(here, there)
    assert_alike(preview.calltouch.preview(RULES, "{stage}", journal=journal, **options).compute(), there)


def assert_frame_of(here, there):
    pd.testing.assert_frame_equal(plain(here), plain(there))


def test_rules_may_come_from_an_iterator(deals):
    options = {"key": "deal"}
    planned = deals.calltouch.plan(iter(RULES), "{stage}", **options).compute()
    assert_frame_of(planned, deals_of().calltouch.plan(RULES, "{stage}", **options).frame)


def test_a_plan_knows_what_was_sent(deals, vendor):
    deals.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection).compute()
    found = deals.calltouch.plan(RULES, "{stage}", key="deal", connection=vendor.connection).compute()
    assert set(found["record"].dropna()) == {"answered"}


def test_a_key_of_the_index_that_is_in_partitions_of_unlike_dtypes(vendor):
    parts = [
        pd.DataFrame({"call": [9007199254740993, 8]}, index=pd.Index([1, 2], name="deal")),
        pd.DataFrame({"call": [float("nan"), 7.0]}, index=pd.Index([2, 1], name="deal")),
    ]
    deals = dd.from_map(lambda number: parts[number], [0, 1], meta=parts[0].iloc[:0])
    done = deals.calltouch.comment(Call("call"), "x", key="deal", connection=vendor.connection).compute()
    assert done["ct_call_id"].fillna("").tolist() == ["7", "8", "", "7"]
    assert len(vendor.comments) == 2


def test_empty_partitions(vendor):
    deals = dd.from_pandas(deals_of(), chunksize=2)
    deals = deals[deals["stage"] == "a"]
    done = deals.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection).compute()
    assert done["ct_status"].tolist() == ["invalid", "commented", "invalid"]
    none = deals[deals["stage"] == "z"].calltouch.comment(RULES, "x", key="deal", connection=vendor.connection)
    assert none.compute().columns.tolist() == done.columns.tolist()


@pytest.mark.parametrize(
    ("arguments", "options", "kind", "message"),
    [
        ((RULES, "x"), {}, ctnb.ConfigError, "key: expected"),
        ((Call("cal"), "x"), {"key": "deal"}, ctnb.ColumnNotFoundError, "Did you mean 'call'"),
        ((RULES, "{stag}"), {"key": "deal"}, ctnb.ColumnNotFoundError, "Did you mean 'stage'"),
        ((RULES,), {"key": "deal"}, ctnb.RuleError, "comment is missing"),
        ((RULES, "x"), {"key": "dela"}, ctnb.ColumnNotFoundError, "Did you mean 'deal'"),
        ((RULES, "x"), {"key": "deal", "limt": 3}, TypeError, "limt"),
        ((RULES, "x"), {"key": "deal", "limit": 3}, ctnb.ConfigError, r"ddf\.head"),
        ((RULES, "x"), {"key": "deal", "resend": "uncertain"}, ctnb.ConfigError, "third time"),
        ((RULES, "x"), {"key": "deal", "resend": "all"}, ctnb.ConfigError, "resend is 'all'"),
        ((RULES, "x"), {"key": "deal", "connection": "prod"}, ctnb.ConfigError, "expected a ctnb.Connection"),
        ((RULES, pd.Series(["x"])), {"key": "deal"}, ctnb.ConfigError, "ctnb.col"),
    ],
)
def test_mistakes_are_found_when_the_graph_is_built(deals, arguments, options, kind, message):
    with pytest.raises(kind, match=message):
        deals.calltouch.comment(*arguments, **options)


def test_no_secret_travels(deals):
    address = "postgresql://anna:canary-password@db.example.com/crm"
    connection = Connection(4242, "canary-token", ledger=address)
    done = deals.calltouch.comment(RULES, "{stage}", key="deal", connection=connection)
    graph = cloudpickle.dumps(done.__dask_graph__())
    assert b"canary" not in graph
    assert b"db.example.com" in graph


@pytest.fixture
def worker(monkeypatch):
    """Give an account as a task in another process of this machine has it."""

    def arrived(connection):
        account = pickle.loads(pickle.dumps(WorkerAccount(connection)))
        monkeypatch.setattr(os, "getpid", lambda: account.process + 1)
        return account

    for name in ("SITE_ID", "ACCESS_TOKEN", "BASE_URL"):
        monkeypatch.delenv(f"CALLTOUCH_{name}", raising=False)
    monkeypatch.delenv("CTNB_LEDGER", raising=False)
    return arrived


def test_a_worker_adds_the_token_and_the_password_of_its_environment(worker, monkeypatch):
    given = Connection(4242, "old", rate=2, ledger="postgresql://anna:secret@db.example.com/crm")
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", "its own")
    monkeypatch.setenv("CTNB_LEDGER", "postgresql://anna:other@db.example.com/crm")
    found = worker(given).connect()
    assert (str.__str__(found.token), found.rate, found.site_id) == ("its own", 2.0, 4242)
    assert os.fspath(found.ledger) == "postgresql://anna:other@db.example.com/crm"

    monkeypatch.setenv("CTNB_LEDGER", "postgresql://anna:other@elsewhere.example.com/crm")
    with pytest.raises(ctnb.ConfigError, match="two records"):
        worker(given).connect()
    monkeypatch.setenv("CALLTOUCH_SITE_ID", "1")
    with pytest.raises(ctnb.ConfigError, match="account 4242, and this worker's environment has account 1"):
        worker(given).connect()
    monkeypatch.delenv("CALLTOUCH_ACCESS_TOKEN")
    with pytest.raises(ctnb.ConfigError, match="No token is given on this worker"):
        worker(given).connect()


@pytest.mark.parametrize("ledger", [None, "default"])
def test_a_ledger_in_memory_is_refused_in_another_process(worker, monkeypatch, ledger):
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", "its own")
    connection = Connection(4242, "t", base_url="http://127.0.0.1:9", ledger=ledger)
    assert WorkerAccount(connection).connect() is connection
    with pytest.raises(ctnb.ConfigError, match="memory of a process"):
        worker(connection).connect()


def test_a_file_is_refused_on_another_machine(worker, monkeypatch):
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", "its own")
    account = worker(FILE)
    assert account.connect().ledger == FILE.ledger
    monkeypatch.setattr(dask_worker, "_this_machine", lambda: ("other", ""))
    with pytest.raises(ctnb.ConfigError, match="another machine"):
        account.connect()


def results_of(deals, statuses):
    done = pd.DataFrame({f"ct_{name}": pd.NA for name in NAMES}, index=deals.index)
    return done.assign(ct_status=pd.Categorical(statuses, categories=list(Status)))


def test_a_task_waits_for_rows_that_another_has(monkeypatch):
    asked, slept = [], []
    answers = iter([["commented", "busy", "unmatched", "busy"], ["busy", "busy"], ["commented", "busy"], ["invalid"]])

    def comment(deals, *arguments, **options):
        asked.append(deals["deal"].tolist())
        return results_of(deals, next(answers))

    monkeypatch.setattr(dask_worker.api, "comment", comment)
    task = CommentTask(WorkerAccount(FILE), (RULES, "x"), {}, slept.append)
    done = task(pd.DataFrame({"deal": [1, 2, 3, 4]}))
    assert asked == [[1, 2, 3, 4], [2, 4], [2, 4], [4]]
    assert done["ct_status"].tolist() == ["commented", "commented", "unmatched", "invalid"]
    assert slept == [1.0] * 3


def test_a_task_gives_up_on_rows_that_never_change(monkeypatch):
    slept = []
    monkeypatch.setattr(dask_worker.api, "comment", lambda deals, *_, **__: results_of(deals, ["busy"]))
    done = CommentTask(WorkerAccount(FILE), (RULES, "x"), {}, slept.append)(pd.DataFrame({"deal": [1]}))
    assert done["ct_status"].tolist() == ["busy"]
    assert sum(slept) == dask_worker.UNCHANGED


def test_importing_ctnb_imports_no_engine():
    code = "import ctnb, sys; raise SystemExit(any(name in sys.modules for name in ('dask', 'polars', 'ctnb.engines')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_hashes_of_keys_are_one_number_for_one_key():
    hashes, keyed = key_hashes(
        pd.DataFrame({"key": pd.Series([1013, "1013.0", " 1013 ", None, 7], dtype=object)}), "key"
    )
    assert len(np.unique(hashes[:3])) == 1
    assert keyed.tolist() == [True, True, True, False, True]
