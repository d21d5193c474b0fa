"""The how-tos of Polars and Dask do what they show."""

import re
from pathlib import Path

import dask
import pytest

import ctnb

PAGES = Path(__file__).parents[3] / "docs" / "howto"


@pytest.mark.parametrize("page", ["polars", "dask"])
def test_the_code_of_a_how_to_runs(page):
    (code,) = re.findall(r"```python\n(.*?)```", (PAGES / f"{page}.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    with ctnb.Emulator("data/calls.csv", "data/requests.csv", rate=None) as vendor:
        names = {"connection": vendor.connection}
        with dask.config.set(scheduler="synchronous"):
            exec(compile(code, page, "exec"), names)
        assert len(vendor.comments) > 100
    there = ctnb.read_leads("data/deals.csv").calltouch.plan(names["book"])
    assert len(names["done"]) == len(there)
