"""A canary token and canary contacts are found nowhere that they should not be."""

import asyncio
import logging
import math
import pickle
import pprint
import re
import sqlite3

import nbformat
import pandas as pd
import pytest
from fault_proxy import FaultProxy, answers_with
from nbclient import NotebookClient
from tracebacks import shown_with_locals
from typer.testing import CliRunner

import ctnb
from ctnb import Call, CallContact, Connection, Emulator, RequestContact
from ctnb.cli.app import app
from ctnb.delivery import sender
from ctnb.exceptions import LedgerError

TOKEN = "canary-token-7d1f"
PHONE, EMAIL, TEXT = "79157771122", "canary.person@example.org", "canary comment"
CONTACTS = (PHONE, PHONE[1:], EMAIL, TEXT)
RULES = [
    Call("call"),
    CallContact("phone", "date", depth="2h"),
    RequestContact("date", depth="2h", phones="phone", emails="email"),
]


@pytest.fixture
def deals():
    row = {"call": "5", "phone": f"+{PHONE}", "email": EMAIL, "date": "01-10-2020 12:00:00", "stage": TEXT}
    return pd.DataFrame([row, row | {"phone": f"{PHONE}99", "email": f"{EMAIL}@", "call": None}])


@pytest.fixture
def vendor():
    with Emulator(rate=None, token=TOKEN) as emulator:
        yield emulator


def connection_to(vendor, ledger):
    return Connection(4242, TOKEN, base_url=vendor.connection.base_url, rate=math.inf, timeout=2, ledger=ledger)


def failing(vendor, folder, monkeypatch):
    """Ways in which a run raises, and what to call then."""
    ledger = folder / "ledger.sqlite3"

    def refuse(*_):
        raise LedgerError("the disk is full")

    def intent():
        monkeypatch.setattr("ctnb.delivery.ledger.sqlite.SqliteLedger.intend", refuse)
        return connection_to(vendor, ledger)

    def claim():
        monkeypatch.setattr("ctnb.delivery.ledger.sqlite.SqliteLedger.claim", refuse)
        return connection_to(vendor, ledger)

    def bug():
        monkeypatch.setattr(sender, "judge", lambda *_: 1 / 0)
        return connection_to(vendor, ledger)

    return {"intent": intent, "claim": claim, "bug": bug}


@pytest.mark.parametrize("way", ["intent", "claim", "bug"])
def test_no_error_and_no_traceback_shows_the_token(vendor, deals, tmp_path, monkeypatch, way):
    connection = failing(vendor, tmp_path, monkeypatch)[way]()
    with pytest.raises((LedgerError, ZeroDivisionError)) as caught:
        ctnb.comment(deals, RULES, "{stage}", connection=connection, progress=False)
    shown = shown_with_locals(caught.value)
    assert shown.count("\n") > 3
    assert TOKEN not in shown
    assert TOKEN.encode() not in pickle.dumps(caught.value)
    assert not [contact for contact in CONTACTS if contact.encode() in pickle.dumps(caught.value)]


def test_a_cancelled_run_shows_no_token(vendor, deals, tmp_path):
    async def cancelled():
        run = asyncio.create_task(
            ctnb.acomment(deals, RULES, "{stage}", connection=connection_to(vendor, tmp_path / "l"), progress=False)
        )
        await asyncio.sleep(0)
        run.cancel()
        await run

    with pytest.raises(asyncio.CancelledError) as caught:
        asyncio.run(cancelled())
    assert TOKEN not in shown_with_locals(caught.value)


def test_a_setting_that_is_refused_shows_no_token():
    for wrong in ({"rate": 99}, {"timeout": -1}, {"base_url": "ftp://x"}, {"timezone": "Moon"}):
        with pytest.raises(ctnb.ConfigError) as caught:
            Connection(4242, TOKEN, **wrong)
        assert TOKEN not in shown_with_locals(caught.value)
    for broken in (f"{TOKEN}\r\nX: y", f"{TOKEN}\n", f"{TOKEN}\x00"):
        with pytest.raises(ctnb.ConfigError) as caught:
            Connection(4242, broken)
        assert TOKEN not in shown_with_locals(caught.value)


def test_logs_reprs_and_the_ledger_hold_neither_token_nor_contact(vendor, deals, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    ledger = tmp_path / "kept" / "ledger.sqlite3"
    connection = connection_to(vendor, ledger)
    plan = deals.calltouch.plan(RULES, "{stage}", connection=connection)
    ctnb.comment(deals, RULES, "{stage}", connection=connection, progress=False)
    # The card shows the first comments, which are what a plan is looked at for; their contacts are masked.
    assert TEXT in plan._repr_html_()
    shown = [repr(connection), str(connection), pprint.pformat(connection), repr(plan), repr(vendor)]
    shown += [connection._repr_html_(), plan._repr_html_().replace(TEXT, "")]
    shown += [record.getMessage() for record in caplog.records]
    assert len(vendor.posts) == 1
    assert [secret for secret in (TOKEN, *CONTACTS) if any(secret in text for text in shown)] == []
    kept = b"".join(file.read_bytes() for file in ledger.parent.rglob("*") if file.is_file())
    assert len(sqlite3.connect(ledger).execute("SELECT * FROM comments").fetchall()) == 1
    assert [secret for secret in (TOKEN, *CONTACTS) if secret.encode() in kept] == []


def test_the_command_line_prints_neither_token_nor_contact(vendor, deals, tmp_path):
    export, rules, out = tmp_path / "deals.csv", tmp_path / "rules.toml", tmp_path / "out.csv"
    deals.to_csv(export, index=False)
    ctnb.dump_rulebook(ctnb.Rulebook(RULES), rules)
    account = {
        "CALLTOUCH_BASE_URL": vendor.connection.base_url,
        "CALLTOUCH_SITE_ID": "4242",
        "CALLTOUCH_ACCESS_TOKEN": TOKEN,
        "CTNB_LEDGER": str(tmp_path / "ledger.sqlite3"),
    }
    arguments = [str(export), "--rules", str(rules), "--comment", "{stage}"]
    runs = [
        ["plan", *arguments],
        ["comment", *arguments, "--out", str(out), "--quiet"],
        ["ledger", "show"],
        ["ledger", "list"],
    ]
    shown = [CliRunner().invoke(app, run, env=account) for run in runs]
    assert [run.exit_code for run in shown] == [0, 0, 0, 0]
    assert [secret for secret in (TOKEN, *CONTACTS) if any(secret in run.output for run in shown)] == []
    assert TOKEN.encode() not in out.read_bytes()


def test_an_executed_notebook_holds_no_token(vendor, deals, tmp_path, kernel_name, monkeypatch):
    deals.to_csv(tmp_path / "deals.csv", index=False)
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("CALLTOUCH_SITE_ID", "4242")
    monkeypatch.setenv("CALLTOUCH_BASE_URL", vendor.connection.base_url)
    monkeypatch.setenv("CTNB_LEDGER", str(tmp_path / "ledger.sqlite3"))
    cells = [
        "import ctnb\ndeals = ctnb.read_leads('deals.csv')\nconnection = ctnb.Connection.from_env()\nconnection",
        "rules = [ctnb.Call('call')]\nplan = deals.calltouch.plan(rules, '{stage}', connection=connection)\nplan",
        "done = deals.calltouch.comment(rules, '{stage}', connection=connection)\ndone.calltouch.counts()",
        "ctnb.Connection(4242, connection.token, rate=99)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, kernel_name=kernel_name, resources=resources, allow_errors=True).execute()
    assert len(vendor.posts) == 1
    assert notebook.cells[3]["outputs"][0]["ename"] == "ConfigError"
    assert TOKEN not in nbformat.writes(notebook)
    assert TOKEN.encode() not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


ECHOES = [
    TOKEN,
    TOKEN.upper(),
    "".join(f"\\u{ord(sign):04X}" for sign in TOKEN),
    "".join(f"%{ord(sign):02x}" for sign in TOKEN),
    "".join(f"&#{ord(sign)};" for sign in TOKEN),
    f"+7 ( 915 ) - 777 - 11 - 22 {PHONE} 8·915·777·11·22",
    "canary.person%40example.org canary.person@example.org",
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("refusal", [False, True], ids=["of a lead", "of the request"])
def test_what_the_vendor_repeats_is_neither_kept_nor_shown(vendor, deals, tmp_path, caplog, echo, refusal):
    items = [{"commented": False, "error": f"no lead for {echo}!", "callInfo": {"callId": TOKEN}}]
    listed = [{"fieldPath": "comments[0].addComment", "message": f"not {echo}!"}]
    bodies = {"comments": items}, {"type": "validationError", "validationErrorData": {"violations": listed}}
    with FaultProxy(vendor.connection.base_url) as proxy:
        proxy.faults[1] = False, answers_with(400 if refusal else 200, {"meta": [], "data": bodies[refusal]})
        connection = Connection(
            4242, TOKEN, base_url=proxy.base_url, rate=math.inf, ledger=tmp_path / "kept" / "ledger"
        )
        done = ctnb.comment(deals.head(1), RULES, "{stage}", connection=connection, progress=False)
    assert done["ct_status"].tolist() == ["invalid" if refusal else "unmatched"]
    if not refusal:  # an id is never changed
        assert done["ct_call_id"].tolist() == [TOKEN]
        done["ct_call_id"] = None
    said = done["ct_error"].iloc[0]
    assert said.endswith("!")
    kept = b"".join(file.read_bytes() for file in (tmp_path / "kept").rglob("*") if file.is_file()).decode(
        errors="replace"
    )
    kept = kept.replace(f'"call_id":"{TOKEN}"', "").replace(f"{TOKEN}", "" if not refusal else TOKEN, 1)
    shown = [
        said,
        done.drop(columns=["phone", "email", "stage"]).to_csv(),
        caplog.text,
        done.calltouch.errors().to_csv(),
    ]
    for text in (*shown, kept):
        assert not re.search(re.escape(echo), text)
        assert TOKEN.casefold() not in text.casefold()
        assert PHONE[1:] not in re.sub(r"\D", "", said)
        assert "canary.person" not in text


def test_a_pickled_connection_holds_no_token(vendor, deals, tmp_path):
    connection = connection_to(vendor, tmp_path / "ledger")
    kept = pickle.dumps([connection, connection.token, {"settings": vars(connection)}])
    assert TOKEN.encode() not in kept
    with pytest.raises(ctnb.ConfigError, match="has no token") as caught:
        ctnb.comment(deals, RULES, "{stage}", connection=pickle.loads(kept)[0], progress=False)
    assert TOKEN not in shown_with_locals(caught.value)
    assert not (tmp_path / "ledger").exists()


def test_a_long_pause_is_not_taken_for_a_phone(vendor, deals, tmp_path, caplog):
    with FaultProxy(vendor.connection.base_url) as proxy:
        proxy.faults[1] = False, answers_with(429, Retry_After="1234567")
        connection = Connection(4242, TOKEN, base_url=proxy.base_url, rate=math.inf, ledger=None)
        done = ctnb.comment(deals.head(1), RULES, "{stage}", connection=connection, progress=False)
    assert "1234567 seconds" in done["ct_error"].iloc[0]
    assert "1234567 seconds" in caplog.text
