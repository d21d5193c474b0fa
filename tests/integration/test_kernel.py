"""In a live kernel: cells that send, cells that await, and the stop button."""

import json
import time

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from ctnb import Emulator
from ctnb.tables.samples import sample

LONGEST_WAIT = 120  # seconds
INTERRUPTED = {"comment": {"KeyboardInterrupt"}, "acomment": {"KeyboardInterrupt", "CancelledError"}}

SETUP = """
import logging
import ctnb
deals = ctnb.read_leads({deals!r}).head({rows})
rules = ctnb.load_rulebook({rules!r}).rules
text = "{{stage}}: {{manager}}"
connection = ctnb.Connection({site_id}, {token!r}, base_url={base_url!r}, rate={rate}, ledger=None)
"""
SYNC = "done = deals.calltouch.comment(rules, text, key='deal_id', connection=connection)"
ASYNC = "done = await deals.calltouch.acomment(rules, text, key='deal_id', connection=connection)"
COUNTS = "print(done.calltouch.counts().to_json(), done['ct_replayed'].sum())"
LEFT_OVER = """
import threading
print(sum(thread.name == "ctnb-run" for thread in threading.enumerate()))
"""


@pytest.fixture
def vendor():
    """The sample account; it refuses no request that comes late, for the kernel itself keeps the pace."""
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as started:
        yield started


def setup(vendor, rows, rate):
    access = vendor.connection
    return SETUP.format(
        deals=str(sample("deals.csv")),
        rules=str(sample("rules.toml")),
        rows=rows,
        site_id=access.site_id,
        token=str(access.token),
        base_url=access.base_url,
        rate=rate,
    )


def printed(cell):
    return "".join(out["text"] for out in cell["outputs"] if out.get("name") == "stdout")


def warnings(cell):
    return "".join(out["text"] for out in cell["outputs"] if out.get("name") == "stderr")


def test_a_notebook_sends_from_a_cell_and_awaits_in_another(kernel_name, vendor):
    cells = [
        SYNC,
        COUNTS,
        ASYNC,
        COUNTS,
        "done = await deals.calltouch.acomment(rules, text, job='again', connection=connection, progress=False)",
        COUNTS,
        LEFT_OVER,
    ]
    sources = [setup(vendor, 300, "float('inf')"), *cells]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name=kernel_name, timeout=LONGEST_WAIT).execute()
    applied = len(vendor.comments)
    assert [warnings(cell) for cell in notebook.cells] == [""] * len(notebook.cells)
    counts = [printed(notebook.cells[number]).rsplit(maxsplit=1) for number in (2, 4, 6)]
    first, second, third = (json.loads(by_status) for by_status, _ in counts)
    assert sum(first.values()) == 300
    assert first == second == third
    assert first["commented"] > 0
    assert applied == first["commented"] + third["commented"]
    answered = first["commented"] + first["unmatched"]
    assert [int(replayed) for _, replayed in counts] == [0, answered, 0]
    assert printed(notebook.cells[7]).strip() == "0"


@pytest.fixture(scope="module")
def kernel(kernel_name):
    """A kernel without a notebook client, so that a cell can be interrupted."""
    manager = KernelManager(kernel_name=kernel_name)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=LONGEST_WAIT)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def executed(client, source):
    """Run a cell to its end; return the reply and what it printed."""
    texts = []

    def keep(message):
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            texts.append(message["content"]["text"])

    reply = client.execute_interactive(source, timeout=LONGEST_WAIT, output_hook=keep)
    return reply["content"], "".join(texts)


def begun(client, source, vendor, posts):
    """Begin a cell, and wait until the emulator has so many requests of it."""
    # Else the kernel drops what it is asked soon after the interrupt.
    request = client.execute(source, stop_on_error=False)
    deadline = time.monotonic() + LONGEST_WAIT
    while len(vendor.posts) < posts:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return request


def reply_to(client, request):
    while True:
        reply = client.get_shell_msg(timeout=LONGEST_WAIT)
        if reply["parent_header"].get("msg_id") == request:
            return reply["content"]


@pytest.mark.parametrize(("verb", "cell"), [("comment", SYNC), ("acomment", ASYNC)], ids=["sync", "async"])
def test_an_interrupted_cell_keeps_its_answers_and_carries_on(kernel, vendor, verb, cell):
    manager, client = kernel
    ready, _ = executed(client, setup(vendor, 1200, 5))
    assert ready["status"] == "ok", ready
    request = begun(client, cell, vendor, posts=3)
    manager.interrupt_kernel()
    stopped = reply_to(client, request)
    comments, sent = len(vendor.comments), vendor.posts["leads"].sum()
    assert stopped["status"] == "error"
    assert stopped["ename"] in INTERRUPTED[verb]
    assert 0 < sent < 1000
    _, threads = executed(client, LEFT_OVER)
    assert threads.strip() == "0"
    assert (len(vendor.comments), vendor.posts["leads"].sum()) == (comments, sent)

    again, text = executed(client, f"{cell}\n{COUNTS}")
    assert again["status"] == "ok", again
    counts, replayed = text.rsplit(maxsplit=1)
    by_status = json.loads(counts)
    assert sum(by_status.values()) == 1200
    assert by_status["uncertain"] == by_status["unsent"] == by_status["busy"] == 0
    # What was sent before the stop is answered from memory, the rest is sent, nothing twice.
    assert int(replayed) == sent
    assert vendor.posts["leads"].sum() == by_status["commented"] + by_status["unmatched"]
    assert len(vendor.comments) == by_status["commented"] > comments
    assert (vendor.posts["status"] == 200).all()
