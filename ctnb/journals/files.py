"""Journals from frames and files, flat or in the vendor's nested form, and back into files."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pandas as pd

from ctnb.exceptions import ColumnNotFoundError
from ctnb.i18n.message import lazy_gettext
from ctnb.journals.columns import COMMENTS, FORMS
from ctnb.journals.flat import flat_journal
from ctnb.journals.json_files import read_json
from ctnb.journals.records import flat_records, records_of
from ctnb.leads.columns.cells import refuse_levels
from ctnb.paths import checked_path, content_of
from ctnb.tables.files import read_leads, write_table
from ctnb.tables.sources import PARQUET_ENDINGS, nearest_files

if TYPE_CHECKING:
    from pathlib import Path

    from ctnb.journals.columns import FlatForm
    from ctnb.journals.flat import FlatJournal

Source: TypeAlias = "pd.DataFrame | str | os.PathLike[str]"

JSON_ENDING: Final = ".json"


def read_journal_source(source: Source, form: FlatForm, timezone: str) -> FlatJournal:
    """Read one journal from a frame or a file.

    Parameters
    ----------
    source : DataFrame or path
        Flat, under the contract's names or the headings of an export; or the vendor's records, as a frame or as JSON;
        JSON may be flat too.
    form : FlatForm
    timezone : str

    Raises
    ------
    ColumnNotFoundError, JournalError, ConfigError, FileNotFoundError
        When it cannot be read; see `flat_journal`, `flat_records` and `ctnb.read_leads`.
    """
    if isinstance(source, str | os.PathLike):
        file = checked_path(source)
        if file.suffix.lower() == JSON_ENDING:
            return read_json(content_of(file, advice=nearest_files), repr(file.name), form, timezone)
        source = read_leads(file)
    refuse_levels(source)
    records = records_of(source, form)
    return flat_journal(source, form, timezone) if records is None else flat_records(records, form, timezone)


def form_of(file: str | os.PathLike[str]) -> FlatForm:
    """Return which journal a file holds, by its columns.

    Raises
    ------
    ColumnNotFoundError
        When it has neither calls' nor requests' id.
    """
    path = checked_path(file)
    if path.suffix.lower() == JSON_ENDING:
        text = content_of(path, advice=nearest_files)
        return max(FORMS, key=lambda form: text.count(f'"{form.vendor_id}"'.encode()))
    headings = read_leads(path, nrows=1).columns
    for form in FORMS:
        if form.vendor_id in form.found(headings):
            return form
    raise ColumnNotFoundError.among(
        FORMS[0].vendor_id,
        headings,
        wanted_by=lazy_gettext("a journal of calls, as {name} one of requests", name=FORMS[1].vendor_id),
        also=[form.headings[form.vendor_id][0] for form in FORMS],
    )


def write_journal(frame: pd.DataFrame, path: Path) -> None:
    """Write one journal as a table; see `as_table`."""
    write_table(as_table(frame, keep_lists=path.suffix.lower() in PARQUET_ENDINGS), path)


def as_table(frame: pd.DataFrame, *, keep_lists: bool) -> pd.DataFrame:
    """Return a journal whose cells a table can hold: comments as JSON, and lists too where a text would not show them.

    A list whose items have a comma or another separator in them is written as JSON, else joined with commas.
    """
    table = frame.copy()
    for name in table.columns:
        if name == COMMENTS:
            table[name] = pd.Series([_json(cell) for cell in table[name]], dtype="string")
        elif table[name].dtype == object and not keep_lists:
            table[name] = pd.Series([_list_text(cell) for cell in table[name]], dtype="string")
    return table


def _json(cell: object) -> str | None:
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, list) else None


def _list_text(cell: Any) -> str | None:
    if not isinstance(cell, list):
        return cell if isinstance(cell, str) else None
    separated = any(sign in item for item in cell for sign in ",;/|\n") or cell[0].startswith("[")
    return json.dumps(cell, ensure_ascii=False) if separated else ", ".join(cell)
