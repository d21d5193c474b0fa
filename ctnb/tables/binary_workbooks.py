"""Workbooks of Excel's binary kinds, XLS and XLSB, through python-calamine."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.i18n.message import lazy_gettext
from ctnb.tables.workbooks import compact, sheet_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from ctnb.tables.notes import Notes

CHILD: Final = Path(__file__).with_name("calamine_child.py")
# The child's folder must not be searched for modules: its names are also those of the standard library.
START: Final = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
Row = tuple[int, list[tuple[int, Any]]]


def binary_workbook_cells(data: bytes, sheet_name: int | str, notes: Notes) -> pd.DataFrame:
    """Return the cells of a worksheet that hold something, as `ctnb.tables.workbooks.workbook_cells` does.

    Another process reads the file, for one that is damaged, or that has cells very far apart, may end it.
    """
    if find_spec("python_calamine") is None:
        raise MissingExtraError.of("python-calamine", extra="excel", purpose=lazy_gettext("Reading XLS and XLSB"))
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(  # noqa: S603  our own script
        [sys.executable, "-P", "-c", START, str(CHILD), json.dumps(sheet_name)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | paths,
    ) as child:
        try:
            assert child.stdin is not None  # noqa: S101  for the types: both are pipes
            assert child.stdout is not None  # noqa: S101
            try:
                child.stdin.write(data)
                child.stdin.close()
                sheet_number(sheet_name, pickle.load(child.stdout), notes.name)  # noqa: S301  of our own process
                return compact(_rows(child.stdout), notes.name)
            except (EOFError, OSError, pickle.UnpicklingError):
                raise ConfigError(
                    "{name} is not a workbook that can be read: it is damaged, or protected by a password, or has "
                    "cells too far apart. Save it as XLSX or CSV.",
                    name=notes.name,
                ) from None
        finally:
            child.kill()


def _rows(pickles: IO[bytes]) -> Iterator[Row]:
    """Yield the rows that the child sends; EOFError where it ended before."""
    while True:
        row: Row | None = pickle.load(pickles)  # noqa: S301  of our own process
        if row is None:
            return
        yield row
