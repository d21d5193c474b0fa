"""The studio in a live kernel, its widgets talked to as a browser does."""

import json
import time

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from ctnb import Emulator
from ctnb.tables.samples import sample

pytestmark = pytest.mark.alone

TIMEOUT = 60
TOKEN = "canary-token-5e77"
OPEN = f"""
import os
import ctnb, pandas
os.environ["CALLTOUCH_BASE_URL"] = {{base_url!r}}
os.environ["CTNB_LEDGER"] = {{ledger!r}}
deals = pandas.concat([ctnb.read_leads({str(sample("deals.csv"))!r})] * 2, ignore_index=True)
deals["deal_id"] = range(len(deals))
studio = deals.calltouch.studio(comment="{{{{stage}}}}")
send, account = studio.send, studio.send.account
"""
IDS = """
import json
print(json.dumps({"site": account.site_id.comm.comm_id, "token": account.token.comm.comm_id,
    "begin": send.begin.comm.comm_id, "confirm": send.confirm.comm.comm_id, "stop": send.stop.comm.comm_id,
    "bar": send.bar.comm.comm_id, "message": send.message.widget.comm.comm_id}))
"""
COUNTS = "print(studio.result.calltouch.counts().to_json())"
AGAIN = """
done = deals.calltouch.comment(studio.rules, "{stage}", key="deal_id", progress=False,
    connection=ctnb.Connection.from_env(site_id=4242, token=%r))
print(done.calltouch.counts().to_json(), int(done["ct_replayed"].sum()))
"""


@pytest.fixture
def vendor():
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=5, token=TOKEN) as started:
        yield started


@pytest.fixture
def start(kernel_name):
    """Start kernels, each with a client that speaks like a browser."""
    running = []

    def started():
        manager = KernelManager(kernel_name=kernel_name)
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=TIMEOUT)
        running.append((manager, client))
        return manager, Browser(client)

    yield started
    for manager, client in running:
        client.stop_channels()
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


class Browser:
    """The part of a page: it types, clicks, and sees what the kernel sends."""

    def __init__(self, client):
        self.client = client
        self.heard = []

    def executed(self, source):
        printed = []

        def hear(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(source, timeout=TIMEOUT, output_hook=hear)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed)

    def sent(self, comm, data):
        content = {"comm_id": comm, "data": data}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))

    def typed(self, comm, value):
        self.sent(comm, {"method": "update", "state": {"value": value}, "buffer_paths": []})

    def clicked(self, comm):
        self.sent(comm, {"method": "custom", "content": {"event": "click"}})

    def seen(self, comm, wanted):
        """Wait until the kernel sends a widget's state as it is wanted."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            self.heard.append(json.dumps(message["content"], default=str))
            if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == comm:
                state = message["content"]["data"].get("state", {})
                if wanted(state):
                    return state
        raise AssertionError("the kernel did not send it")


def sending(browser, vendor, tmp_path):
    """Open the studio, type the account, and begin to send; return the widgets' ids once answers come."""
    browser.executed(OPEN.format(base_url=vendor.connection.base_url, ledger=str(tmp_path / "ledger.sqlite3")))
    ids = json.loads(browser.executed(IDS))
    browser.typed(ids["site"], "4242")
    browser.typed(ids["token"], TOKEN)
    browser.seen(ids["token"], lambda state: state.get("value") == "")
    browser.clicked(ids["begin"])
    browser.seen(ids["confirm"], lambda state: "Yes, send" in state.get("description", ""))
    browser.clicked(ids["confirm"])
    browser.seen(ids["bar"], lambda state: state.get("value", 0) > 0)
    return ids


def test_the_stop_button_lives_while_comments_are_sent(start, vendor, tmp_path):
    _, browser = start()
    ids = sending(browser, vendor, tmp_path)
    # The kernel is free: another cell runs in the meantime.
    assert browser.executed("print(send.going)").strip() == "True"
    browser.clicked(ids["stop"])
    browser.seen(ids["message"], lambda state: "Stopped." in state.get("value", ""))
    counts = json.loads(browser.executed(f"assert studio.wait({TIMEOUT})\n{COUNTS}"))
    assert sum(counts.values()) == 6000
    assert counts["unsent"] > 0
    assert counts["uncertain"] == 0
    assert counts["commented"] == len(vendor.comments) > 0
    assert [text for text in browser.heard if TOKEN in text] == []


def test_a_kernel_that_is_shut_down_in_mid_run_records_what_it_sent(start, vendor, tmp_path):
    manager, browser = start()
    sending(browser, vendor, tmp_path)
    manager.shutdown_wait_time = 20.0
    manager.shutdown_kernel()
    posted = int(vendor.posts["leads"].sum())
    assert 0 < posted < 5000
    _, another = start()
    another.executed(OPEN.format(base_url=vendor.connection.base_url, ledger=str(tmp_path / "ledger.sqlite3")))
    counts, replayed = another.executed(AGAIN % TOKEN).rsplit(maxsplit=1)
    assert json.loads(counts)["uncertain"] == 0
    assert int(replayed) == posted


def test_a_saved_notebook_has_no_token(kernel_name, vendor, tmp_path):
    cells = [
        OPEN.format(base_url=vendor.connection.base_url, ledger=str(tmp_path / "ledger.sqlite3")),
        "studio",
        f"account.site_id.value = '4242'; account.token.set_state({{'value': {TOKEN[:8]!r} + {TOKEN[8:]!r}}})",
        "account, account.connection(), vars(account)",
        "studio",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, kernel_name=kernel_name, timeout=TIMEOUT, store_widget_state=True).execute()
    assert "4242" in notebook.cells[3].outputs[0]["data"]["text/plain"]
    saved = nbformat.writes(notebook)
    assert "application/vnd.jupyter.widget-state+json" in saved
    assert TOKEN not in saved
