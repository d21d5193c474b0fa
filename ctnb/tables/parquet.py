"""Parquet: columns come and go with their types."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ctnb.exceptions import ConfigError
from ctnb.tables.safe_cells import plain_text

if TYPE_CHECKING:
    from ctnb.tables.selection import Selection


def read_parquet(data: bytes, name: str, selection: Selection) -> pd.DataFrame:
    """Return the table of a Parquet file; a named index is columns in front, an unnamed one is left out."""
    try:
        table = pq.read_table(io.BytesIO(data))
        # Whole numbers with a gap become floats otherwise, which keep 15 digits.
        frame = table.to_pandas(integer_object_nulls=True)
    except (pa.ArrowException, OSError, TypeError, ValueError):
        raise ConfigError(
            "{name} is not a Parquet file that can be read. Write it anew, or as CSV.", name=name
        ) from None
    frame.attrs.clear()
    for field in table.schema:
        if pa.types.is_integer(field.type) and field.name in frame and frame[field.name].dtype == object:
            frame[field.name] = frame[field.name].astype("UInt64" if field.type == pa.uint64() else "Int64")
    frame = index_as_columns(frame)
    if selection.skiprows is not None:
        frame = frame[[not selection.skips(row) for row in range(len(frame))]]
    frame = frame if selection.nrows is None else frame.head(selection.nrows)
    return frame.iloc[:, selection.columns(list(frame.columns))].reset_index(drop=True)


def write_parquet(frame: pd.DataFrame, file: BinaryIO) -> None:
    """Write a table; columns that Parquet has no type for, such as texts among numbers, are written as text."""
    columns = {}
    for number, name in enumerate(unique_texts(list(frame.columns))):
        column = frame.iloc[:, number]
        try:
            pa.array(column, from_pandas=True)
        except (pa.ArrowException, NotImplementedError, OverflowError, TypeError, ValueError):
            column = pd.Series([plain_text(value) for value in column], dtype=object)
        columns[name] = column
    pq.write_table(pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False), file)


def index_as_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame under a fresh index; a named one is columns in front."""
    if any(level is not None for level in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    return frame.reset_index(drop=True)


def unique_texts(names: list[Any]) -> list[str]:
    """Return names as texts, those that come again with a number."""
    texts: list[str] = []
    for name in map(str, names):
        text, number = name, 0
        while text in texts:
            number += 1
            text = f"{name}.{number}"
        texts.append(text)
    return texts
