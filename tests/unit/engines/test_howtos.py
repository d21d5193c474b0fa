"""The how-tos of Polars and Dask do what they show."""

import importlib
import re
import sys
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


@pytest.mark.parametrize("package", ["polars", "dask"])
def test_a_missing_package_is_named_with_its_extra(package, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(f"ctnb.engines.{package}")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ctnb.MissingExtraError, match=rf'pip install "ctnb\[{package}\]"'):
        importlib.import_module(f"ctnb.engines.{package}")
