"""What a run leaves in a notebook that is saved without the state of its widgets."""

import itertools

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from ctnb import Emulator

SEND = """
import pandas as pd
import ctnb
ctnb.set_language({language!r})
deals = pd.DataFrame({{"call": range(1, 301)}})
connection = ctnb.Connection(4242, {token!r}, base_url={base_url!r}, ledger=None)
done = {verb}(deals, ctnb.Call("call"), "text", job={job!r}, connection=connection)
"""
PLAN = """
import pandas as pd
import ctnb
ctnb.set_language("ru")
deals = pd.DataFrame({"phone": ["89157771122"], "at": ["2024-03-01"]})
ctnb.plan(deals, ctnb.CallContact("phone", "at", depth="2h"), "text")
"""
VERBS = ["ctnb.comment", "await ctnb.acomment"]
SHOWN = {
    "en": ("commented 250, unmatched 50; requests 3, ", "Where next: .calltouch.match_rates()"),
    "ru": ("прокомментировано 250, не найдено 50; запросов 3, ", "Что дальше: .calltouch.match_rates()"),
}
RUNS = list(itertools.product(VERBS, SHOWN))
JOURNAL = pd.DataFrame({"callId": range(1, 251), "date": "01-03-2024 10:00:00"})
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def cells(kernel_name):
    """One notebook with a cell for each run and one for the plan, carried out to its end."""
    with Emulator(JOURNAL, rate=None) as vendor:
        account = {"token": str(vendor.connection.token), "base_url": vendor.connection.base_url}
        runs = [
            SEND.format(verb=verb, language=language, job=f"{verb} {language}", **account) for verb, language in RUNS
        ]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in [*runs, PLAN]])
        NotebookClient(notebook, timeout=120, kernel_name=kernel_name, store_widget_state=False).execute()
    return notebook.cells


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("language", SHOWN)
def test_a_saved_notebook_shows_what_came_of_the_run(cells, verb, language):
    outputs = cells[RUNS.index((verb, language))].outputs
    shown = [output["data"] for output in outputs if output.output_type == "display_data"]
    assert WIDGET not in [kind for data in shown for kind in data]
    (card,) = shown
    summary, next_step = SHOWN[language]
    assert card["text/plain"].startswith(summary)
    assert "<table" in card["text/html"]
    assert next_step in card["text/html"]
    assert not [output for output in outputs if output.get("name") == "stdout"]


def test_a_plan_in_a_notebook_is_a_card(cells):
    (shown,) = [output["data"] for output in cells[-1].outputs if output.output_type == "execute_result"]
    assert "+7 915 ***-**-22" in shown["text/html"]
    assert shown["text/plain"].startswith("<Plan: строк 1, готово 1")
