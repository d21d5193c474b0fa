"""A column of phones of any dtype: texts and numbers by their digits, everything else cell by cell."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from ctnb.leads.columns.arrow_text import TEXT, texts_of
from ctnb.leads.columns.cells import EXACT_FLOAT
from ctnb.leads.contacts import Contacts
from ctnb.leads.phones.texts import read_each, read_texts

TYPES: Final = {str: "str", int: "int64", float: "float64"}
"""Types of which the objects of a mixed column are read together, and the dtypes that hold them."""

NUMBERS: Final = (pd.Int64Dtype, pd.UInt64Dtype, pd.Int32Dtype, pd.Float64Dtype)


def read_column(cells: pd.Series[Any], region: str) -> Contacts:
    """Find the phones of a column; what `read_cell` finds in each cell.

    Parameters
    ----------
    cells : Series, shape (n,)
        Any dtype.
    region : str
        Country whose numbers are written without a country code, checked.
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return read_categories(cells, region)
    if cells.dtype.kind in "iuf" and isinstance(cells.dtype, (np.dtype, pd.ArrowDtype, *NUMBERS)):
        return read_numbers(cells, region)
    texts = texts_of(cells)
    if texts is not None:
        return read_texts(texts, cells, region)
    return read_objects(cells, region) if cells.dtype == object else read_each(cells, region)


def read_categories(cells: pd.Series[Any], region: str) -> Contacts:
    """Read each category that occurs once."""
    cells = cells.cat.remove_unused_categories()
    read = read_column(pd.Series(cells.cat.categories), region)
    # One more, empty, for the cells that have no category.
    whole = Contacts.gathered([(np.arange(len(read.values)), read)], len(read.values) + 1)
    return whole.take(cells.cat.codes.to_numpy().astype(np.intp) % len(whole.values))


def read_objects(cells: pd.Series[Any], region: str) -> Contacts:
    """Read a column of mixed objects: texts together, numbers of a type together, and the others one by one."""
    dtypes = np.array([TYPES.get(type(cell), "") for cell in cells])
    parts = [(np.flatnonzero(dtypes == dtype), dtype) for dtype in np.unique(dtypes).tolist()]
    return Contacts.gathered([(rows, read_alike(cells.iloc[rows], dtype, region)) for rows, dtype in parts], len(cells))


def read_alike(cells: pd.Series[Any], dtype: str, region: str) -> Contacts:
    """Read objects of one type as a column of its dtype, if that can hold them; one by one where it is blank."""
    if dtype == "str":
        texts = texts_of(cells)
        if texts is not None:
            return read_texts(texts, cells, region)
    elif dtype:
        with suppress(OverflowError):
            return read_numbers(pd.Series(cells.to_numpy(), dtype=dtype), region)
    return read_each(cells, region)


def read_numbers(cells: pd.Series[Any], region: str) -> Contacts:
    """Read a column of integers or floats by their digits, as far as these are sure."""
    numbers = pa.array(cells.to_numpy() if isinstance(cells.dtype, np.dtype) else cells.array, from_pandas=True)
    numbers = numbers.combine_chunks() if isinstance(numbers, pa.ChunkedArray) else numbers
    if cells.dtype.kind in "iu":
        return read_texts(numbers.cast(TEXT), cells, region)
    if not pa.types.is_float64(numbers.type):
        return read_each(cells, region)
    floats = numbers.to_numpy(zero_copy_only=False)
    is_whole = (np.abs(floats) < EXACT_FLOAT) & (floats == np.trunc(floats))
    whole, rest = np.flatnonzero(is_whole), np.flatnonzero(~is_whole & ~np.isnan(floats))
    texts = pa.array(floats[whole].astype(np.int64)).cast(TEXT)
    read = read_texts(texts, cells.iloc[whole], region)
    return Contacts.gathered([(whole, read), (rest, read_each(cells.iloc[rest], region))], len(cells))
