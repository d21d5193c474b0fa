"""A token that is typed into the studio is nowhere but in the connection."""

import json
import pprint
import traceback

import pandas as pd
import pytest
from ipywidgets.embed import dependency_state
from studio_driving import TIMEOUT
from widget_reading import displayed, text

from ctnb import Connection, Emulator
from ctnb.views.studio.code import settings_of

TOKEN = "canary-token-91ac"


@pytest.fixture
def studio(monkeypatch, tmp_path):
    for name in ("CALLTOUCH_SITE_ID", "CALLTOUCH_ACCESS_TOKEN", "CALLTOUCH_BASE_URL", "CTNB_LEDGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return pd.DataFrame({"call_id": ["7", "8"]}).calltouch.studio(comment="text")


def state_of(studio):
    return json.dumps(dependency_state(studio.widget, drop_defaults=False))


def test_a_typed_token_is_taken_out_of_its_field(studio):
    account = studio.send.account
    account.site_id.value, account.token.value = "4242", TOKEN
    assert account.token.value == ""
    assert account.connection() == Connection(4242, TOKEN)
    assert "Account 4242 at api.calltouch.ru" in text(account.widget)
    assert "4242" in state_of(studio)
    assert TOKEN not in state_of(studio)


def test_the_kernel_does_not_send_the_token_back(studio):
    assert studio.send.account.token.trait_metadata("value", "echo_update") is False


def test_a_token_that_the_browser_sends_is_answered_with_a_blank_field(studio):
    field = studio.send.account.token
    sent = []
    field.comm.send = lambda data=None, buffers=None, **_: sent.append(data)
    field.set_state({"value": TOKEN})
    assert TOKEN not in json.dumps(sent)
    assert {"value": ""} in [message["state"] for message in sent if message.get("method") == "update"]


def test_no_repr_no_code_and_no_error_has_it(studio, monkeypatch):
    account = studio.send.account
    account.site_id.value, account.token.value = "4242", TOKEN
    texts = [
        repr(studio),
        repr(account),
        # What a debugger or a traceback with locals shows, whatever the attributes are called.
        repr(vars(account)),
        pprint.pformat(vars(studio)),
        studio.code,
        studio.export.rulebook.value,
        str(displayed(studio)),
    ]
    account.site_id.value = "no number"
    try:
        account.connection()
    except ValueError as error:
        lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
        texts += [str(error), repr(error), "".join(lines), text(account.widget)]
    assert len(texts) == 11
    assert [each for each in texts if TOKEN in each] == []


def test_the_token_is_not_in_the_state_after_a_run(studio, monkeypatch):
    with Emulator(pd.DataFrame({"callId": [7], "date": ["01-10-2020 12:00:00"]}), rate=None, token=TOKEN) as vendor:
        monkeypatch.setenv("CALLTOUCH_BASE_URL", vendor.connection.base_url)
        account = studio.send.account
        account.site_id.value, account.token.value = "4242", TOKEN
        studio.send.begin.click()
        assert studio.wait(TIMEOUT)
        studio.send.confirm.click()
        assert studio.wait(TIMEOUT)
    assert studio.result["ct_status"].tolist() == ["commented", "unmatched"]
    assert TOKEN not in state_of(studio)


def test_what_is_missing_is_named(studio):
    account = studio.send.account
    assert "Type the account id and the token" in text(account.widget)
    account.site_id.value = "4242"
    assert "Type the token" in text(account.widget)
    studio.send.begin.click()
    assert "No token is given" in studio.send.message.text
    account.token.value = TOKEN
    assert "Account 4242" in text(account.widget)


def test_the_environment_gives_what_is_not_typed(studio, monkeypatch):
    monkeypatch.setenv("CALLTOUCH_SITE_ID", "77")
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", TOKEN)
    account = studio.send.account
    assert account.connection().site_id == 77
    account.site_id.value = "78"
    assert account.connection().site_id == 78
    assert "from_env(site_id=78)  # CALLTOUCH_ACCESS_TOKEN" in studio.code


def test_the_code_of_a_run_names_a_teams_ledger_without_its_password():
    connection = Connection(4242, TOKEN, ledger="postgresql://anna:hidden@host/crm?sslmode=require")

    assert settings_of(connection)["ledger"] == "postgresql://anna@host/crm?sslmode=require"
