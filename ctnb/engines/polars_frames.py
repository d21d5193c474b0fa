"""Frames of Polars as pandas reads them, through Arrow, and results as columns of Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from ctnb.defaults import PREFIX
from ctnb.exceptions import ColumnNotFoundError
from ctnb.i18n.message import LazyMessage
from ctnb.leads.columns.cells import as_objects
from ctnb.leads.comment_template import parse_template
from ctnb.leads.rule_data import columns_read
from ctnb.leads.rulebook import Rulebook, checked_key
from ctnb.results.columns import MINUTES, NAMES
from ctnb.tables.parquet import index_as_columns, unique_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

NARROW: Final = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)
"""Whole numbers that an Int64 holds."""

FEW_VALUES: Final = (pl.Categorical, pl.Enum, pl.Date, pl.Time, pl.Decimal)
"""Types whose distinct cells are read, each once."""


def pandas_frame(frame: pl.DataFrame, names: Iterable[str] | None = None) -> pd.DataFrame:
    """Return columns of a frame as one of pandas, with an index from 0.

    Numbers and moments without a null share their memory with the frame; texts are copied once, in Arrow's form.

    Parameters
    ----------
    frame : polars.DataFrame, n rows
    names : iterable of str, optional
        Columns, in the order of the frame; by default all.
    """
    chosen = frame.columns if names is None else [name for name in frame.columns if name in set(names)]
    columns = {name: pandas_column(frame.get_column(name)) for name in chosen}
    return pd.DataFrame(columns, index=pd.RangeIndex(frame.height), copy=False)


def pandas_column(column: pl.Series) -> pd.Series[Any]:
    """Return a column as one of pandas, so that each cell is read as the same cell in a frame of pandas is.

    Whole numbers stay whole beside a null, as they do not in a float column of pandas; NaN is missing, as null is.
    """
    return pd.Series(_values(column), name=column.name, copy=False)


def _values(column: pl.Series) -> Any:
    kind = column.dtype
    if kind == pl.String or (isinstance(kind, pl.List) and kind.inner == pl.String):
        return pd.arrays.ArrowExtensionArray(_wide(column.to_arrow()))
    if kind.is_integer():
        values = _whole_numbers(column)
    elif kind.is_float() or kind == pl.Duration:
        values = column.to_numpy()
    elif kind == pl.Boolean:
        filled, missing = column.fill_null(value=False), column.is_null()
        values = pd.arrays.BooleanArray(filled.to_numpy(), missing.to_numpy())
    elif isinstance(kind, pl.Datetime):
        # A zone's moments are in UTC here.
        values = pd.DatetimeIndex(column.to_numpy())
        values = values if kind.time_zone is None else values.tz_localize("UTC").tz_convert(kind.time_zone)
    elif isinstance(kind, FEW_VALUES):
        values = _categories(column)
    else:
        values = as_objects(column.to_list())
    return values


def _wide(texts: pa.Array) -> pa.Array:
    """Return texts, or lists of them, with offsets of 64 bits, as pandas and the kernels take them."""
    return texts.cast(pa.large_list(pa.large_string()) if pa.types.is_large_list(texts.type) else pa.large_string())


def _whole_numbers(column: pl.Series) -> Any:
    if not isinstance(column.dtype, NARROW):
        return as_objects(column.to_list())
    if not column.null_count():
        return column.to_numpy()
    filled = column.fill_null(0).cast(pl.Int64).to_numpy()
    return pd.arrays.IntegerArray(filled, column.is_null().to_numpy())


def _categories(column: pl.Series) -> pd.Categorical:
    coded = column.to_arrow()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    codes = coded.indices.cast(pa.int64()).fill_null(-1).to_numpy()
    # By way of Polars, which knows times that Arrow does not write as Python's.
    cells = as_objects(pl.Series(coded.dictionary).to_list())
    return pd.Categorical.from_codes(codes, categories=pd.Index(cells, dtype=object))


def pandas_comment(frame: pl.DataFrame, comment: Any) -> Any:
    """Return a comment as the verbs take it: a Series, an expression or a callable of Polars as a Series of pandas."""
    if callable(comment):
        comment = comment(frame)
    if isinstance(comment, pl.Expr):
        comment = frame.select(comment).to_series()
    return pandas_column(comment) if isinstance(comment, pl.Series) else comment


def pandas_by(by: Any) -> Any:
    """Return what rows are grouped by, each Series of Polars as one of pandas."""
    if isinstance(by, list):
        return [pandas_by(each) for each in by]
    return pandas_column(by) if isinstance(by, pl.Series) else by


def read_deals(frame: pl.DataFrame, rules: Any, comment: Any, *, key: Any, prefix: str = PREFIX) -> pd.DataFrame:
    """Take out of a frame what rules, comment and key read, and the results that are there.

    Without a key all columns are read: one of them may name the deal, which the plan's checks say then.

    Parameters
    ----------
    frame : polars.DataFrame, n rows
    rules, key
        As the verb is given them.
    comment
        From `pandas_comment`.
    prefix : str
        What the names of results begin with.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        When a rule or the template cannot be used for any row.
    """
    book = rules if isinstance(rules, Rulebook) else Rulebook(rules)
    text = book.comment if comment is None else comment
    key = book.key if key is None else key
    if key is None:
        return pandas_frame(frame)
    read = [pair for rank, rule in enumerate(book.rules, start=1) for pair in columns_read(rule, rank)]
    read.append((checked_key(key), LazyMessage("key")))
    for name, wanted_by in read:
        if name not in frame.columns:
            raise ColumnNotFoundError.among(name, frame.columns, wanted_by=wanted_by)
    in_text = () if text is None else parse_template(text, frame.columns).columns
    return pandas_frame(frame, [*(name for name, _ in read), *in_text, *names_of_results(frame, prefix)])


def names_of_results(frame: pl.DataFrame, prefix: str) -> list[str]:
    """Return the columns of a frame that stand under the names of results."""
    names = [prefix + name for name in NAMES if prefix + name in frame.columns]
    predicted = prefix + "predicted" in names and prefix + MINUTES in frame.columns
    return [*names, prefix + MINUTES] if predicted else names


def with_results(frame: pl.DataFrame, done: pd.DataFrame, prefix: str, *, minutes: bool = False) -> pl.DataFrame:
    """Put the results of a run or a preview beside the deals, by position, in place of those that are there.

    Parameters
    ----------
    frame : polars.DataFrame, n rows
        It is not changed.
    done : pandas.DataFrame, n rows
        With results under `prefix`.
    prefix : str
    minutes : bool
        Whether they are a preview's, which have a column more.
    """
    made = [prefix + name for name in ((*NAMES, MINUTES) if minutes else NAMES)]
    kept = frame.drop({*names_of_results(frame, prefix), *made}.intersection(frame.columns))
    return kept.with_columns([polars_column(done[name]) for name in made])


def polars_table(table: pd.DataFrame) -> pl.DataFrame:
    """Return a table as a frame of Polars; what its index names becomes the first columns, an unnamed one goes.

    A group or a key of the user's may be called as a column of ours is; that one gets a number then.
    """
    flat = index_as_columns(table)
    names = unique_texts(list(flat.columns))
    return pl.DataFrame([polars_column(flat.iloc[:, at].rename(name)) for at, name in enumerate(names)])


def polars_column(column: pd.Series[Any]) -> pl.Series:
    """Return a column of ours as one of Polars: texts String, closed sets Enum, whole numbers Int64."""
    name = str(column.name)
    closed = isinstance(column.dtype, pd.CategoricalDtype)
    if column.dtype == object or (closed and not all(isinstance(word, str) for word in column.cat.categories)):
        cells = [None if cell is pd.NA or cell is pd.NaT else cell for cell in column.tolist()]
        return pl.Series(name, cells, strict=False)
    if not closed:
        return pl.Series(name, pa.array(column.array, from_pandas=True))
    codes = column.cat.codes.to_numpy().astype(np.int64)
    words = list(column.cat.categories)
    at = pl.Series(codes).to_frame("at").select(pl.when(pl.col("at") >= 0).then(pl.col("at"))).to_series()
    return pl.Series(name, words, dtype=pl.Enum(words)).gather(at).alias(name)
