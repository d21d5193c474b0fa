"""What a run leaves in a notebook that is saved without the state of its widgets."""

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from ctnb import Emulator

CELL = """
import pandas as pd
import ctnb
ctnb.set_language({language!r})
deals = pd.DataFrame({{"call": range(1, 301)}})
connection = ctnb.Connection(4242, {token!r}, base_url={base_url!r}, ledger=None)
done = {verb}(deals, ctnb.Call("call"), "text", connection=connection)
"""
JOURNAL = pd.DataFrame({"callId": range(1, 251), "date": "01-03-2024 10:00:00"})
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize("verb", ["ctnb.comment", "await ctnb.acomment"])
@pytest.mark.parametrize(
    ("language", "bar", "summary"),
    [
        ("en", "Comments: 100 %|", "commented 250, unmatched 50; requests 3, "),
        ("ru", "Комментарии: 100 %|", "прокомментировано 250, не найдено 50; запросов 3, "),
    ],
)
def test_a_saved_notebook_tells_what_came_of_the_run(kernel_name, verb, language, bar, summary):
    with Emulator(JOURNAL, rate=5) as vendor:
        account = vendor.connection
        cell = CELL.format(verb=verb, language=language, token=str(account.token), base_url=account.base_url)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
        NotebookClient(notebook, timeout=120, kernel_name=kernel_name, store_widget_state=False).execute()
    shown = [output["data"] for output in notebook.cells[0].outputs if output.output_type == "display_data"]
    assert WIDGET not in [kind for data in shown for kind in data]
    moving, line = shown
    assert moving["text/plain"].startswith(bar)
    assert line["text/plain"].startswith(summary)
    assert "<table" in line["text/html"]
    assert not [output for output in notebook.cells[0].outputs if output.get("name") == "stdout"]


def test_a_plan_in_a_notebook_is_a_card(kernel_name):
    cell = """
import pandas as pd
import ctnb
ctnb.set_language("ru")
deals = pd.DataFrame({"phone": ["89157771122"], "at": ["2024-03-01"]})
ctnb.plan(deals, ctnb.CallContact("phone", "at", depth="2h"), "text")
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    NotebookClient(notebook, timeout=120, kernel_name=kernel_name).execute()
    (shown,) = [output["data"] for output in notebook.cells[0].outputs if output.output_type == "execute_result"]
    assert "+7 915 ***-**-22" in shown["text/html"]
    assert shown["text/plain"].startswith("<Plan: строк 1, готово 1")
