"""Results read back from a frame that may have been saved, loaded, filtered or joined to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_datetime64_any_dtype, is_float_dtype, is_integer_dtype

from ctnb.defaults import PREFIX
from ctnb.exceptions import ConfigError
from ctnb.i18n.message import lazy_gettext
from ctnb.leads.columns.cells import refuse_levels
from ctnb.outcomes import Kind
from ctnb.results.columns import DTYPES, NAMES, OFFERED_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ctnb.i18n.message import LazyMessage

# How a missing value reads after CSV, or after astype(str).
_BLANK: Final = frozenset({"", "<NA>", "NaN", "nan", "NaT", "None"})
# A Russian spreadsheet saves a CSV with words of its own.
_TRUTH: Final = {
    **dict.fromkeys(("true", "1", "1.0", "истина"), True),
    **dict.fromkeys(("false", "0", "0.0", "ложь"), False),
}
_KINDS: Final = frozenset(member.value for member in Kind)
_LONGEST_SHOWN: Final = 40


def restore(frame: pd.DataFrame, prefix: str = PREFIX, *, only: Collection[str] | None = None) -> pd.DataFrame:
    """Read the results of a frame.

    Parameters
    ----------
    frame : DataFrame, n rows
        With results under `prefix`: of this process, or back from CSV (even all text), Excel, Parquet or pickle.
    prefix : str
        What the names of the results begin with.
    only : collection of str, optional
        Names without the prefix, each of which must be there. By default every column of ours that is there.

    Returns
    -------
    DataFrame, n rows
        The same index; names without the prefix, in the contract's order, with its dtypes.

    Raises
    ------
    ConfigError
        There is no status column, a column of `only` is not there or is there twice, a value is not one of
        ours, or a row has no status.
    """
    refuse_levels(frame)
    if prefix + "status" not in frame.columns:
        raise ConfigError(
            "There is no column {name!r}, so this frame has no results: call comment(...) first. If its results have "
            "another prefix, pass it as prefix=.",
            name=prefix + "status",
        )
    wanted = [name for name in NAMES if (prefix + name in frame.columns if only is None else name in only)]
    return pd.DataFrame({name: read_column(name, frame, prefix + name) for name in wanted}, index=frame.index)


def check_names(deals: pd.DataFrame, prefix: str = PREFIX) -> None:
    """Check that what results would replace in a frame are results.

    Raises
    ------
    ConfigError
        A column of the user's own stands under the name of one of ours, or the columns are a MultiIndex.
    """
    refuse_levels(deals)
    held = [prefix + name for name in NAMES if prefix + name in deals.columns]
    if held:
        try:
            restore(deals, prefix)
        except ConfigError as error:
            raise ConfigError(
                "The frame has columns of its own under the names of the results: {names}. They are not replaced, "
                "because they do not read as results ({error}) Pass another prefix=, or drop or rename them.",
                names=", ".join(held),
                error=error,
            ) from None


def read_column(name: str, frame: pd.DataFrame, label: str) -> pd.Series[Any]:
    """Read the column of one name, whatever dtype it has come back with; the errors are those of `restore`."""
    if label not in frame.columns:
        raise ConfigError(
            "The column {name!r} is missing from the results. Keep the columns of one run together.", name=label
        )
    column = frame[label]
    if isinstance(column, pd.DataFrame):
        raise ConfigError(
            "There are {count} columns called {name!r}. Drop or rename all but one.", count=column.shape[1], name=label
        )
    dtype = DTYPES[name]
    if not isinstance(dtype, pd.CategoricalDtype):
        return _READERS[dtype](column, label)
    values = list(map(str, dtype.categories))
    found = _checked(column, label, values.__contains__, ", ".join(values)).cat.set_categories(dtype.categories)
    if name == "status" and found.isna().any():
        raise ConfigError(
            "{name} is empty in {count} of {rows} rows, and a result has a status in every row. Leave the others out: "
            "frame.dropna(subset=[{name!r}]).",
            name=label,
            count=int(found.isna().sum()),
            rows=len(found),
        )
    return found


def _offered(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    def are_kinds(text: str) -> bool:
        return _KINDS.issuperset(text.split(OFFERED_SEPARATOR))

    allowed = lazy_gettext("{kinds} with {sign} between them", kinds=", ".join(Kind), sign=OFFERED_SEPARATOR)
    return _checked(column, label, are_kinds, allowed)


def _truth(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    if column.dtype == "boolean":
        return column
    text = _categories(column)
    truths = pd.array([_TRUTH.get(seen.casefold()) for seen in text.cat.categories], dtype="boolean")
    return _spread(truths, text, column, label, lazy_gettext("True or False"))


def _whole_numbers(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    if column.dtype == "Int64":
        return column
    text = _categories(column)
    numbers = pd.to_numeric(text.cat.categories.to_series(), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    whole = np.isfinite(numbers) & (numbers >= 0) & (np.floor(numbers) == numbers)
    counts = pd.arrays.IntegerArray(np.where(whole, numbers, 0).astype("int64"), ~whole)
    return _spread(counts, text, column, label, lazy_gettext("whole numbers"))


def _moments(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.ArrowDtype) or not is_datetime64_any_dtype(column.dtype):
        # A naive moment is taken for UTC: that is what the column holds.
        text = _text(column)
        moments = pd.to_datetime(text.astype(object), utc=True, format="ISO8601", errors="coerce")
        allowed = lazy_gettext("ISO dates, such as 2026-01-31 12:00:00+00:00")
        _refuse(label, column, text.notna() & moments.isna(), allowed)
        column = moments
    naive = column if column.dt.tz is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
    in_microseconds: pd.Series[Any] = naive.dt.as_unit("us")
    return in_microseconds


def _texts(column: pd.Series[Any], label: str) -> pd.Series[Any]:  # noqa: ARG001  the readers share one shape
    return column if column.dtype == pd.StringDtype() else _text(column)


_READERS: Final[dict[str, Callable[[pd.Series[Any], str], pd.Series[Any]]]] = {
    "boolean": _truth,
    "Int64": _whole_numbers,
    "string": _texts,
    "category": _offered,
    "datetime64[us]": _moments,
}
"""By dtype of the contract."""


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return any column as text, missing where it is blank."""
    if is_integer_dtype(column.dtype):
        column = column.astype("Int64")
    elif is_float_dtype(column.dtype):
        # An id with gaps comes back from CSV as 7.0.
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        numbers = numbers[~np.isnan(numbers)]
        if (np.isfinite(numbers) & (np.floor(numbers) == numbers)).all():
            column = column.astype("Float64").astype("Int64")
    elif column.dtype == object and infer_dtype(column, skipna=True) != "string":
        column = column.map(lambda value: int(value) if isinstance(value, float) and value.is_integer() else value)
    text = column.astype("string")
    return text.mask(text.isin(_BLANK))


def _categories(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return any column as categories of text, so that a value is read once, however often it stands."""
    if column.isna().all():
        # An older pandas makes no categories of such a column of Arrow's.
        column = pd.Series(None, index=column.index, dtype=object)
    seen = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    codes, words = pd.factorize(_text(pd.Series(seen.cat.categories)).str.strip())
    values = pd.Categorical.from_codes(
        np.append(codes, -1)[seen.cat.codes.to_numpy()], categories=pd.Index(list(words), dtype=str)
    )
    return pd.Series(values, index=column.index)


def _checked(
    column: pd.Series[Any], label: str, ours: Callable[[str], bool], allowed: str | LazyMessage
) -> pd.Series[Any]:
    """Return a column as categories of text; one that is not ours is refused."""
    text = _categories(column)
    strange = [seen for seen in text.cat.categories if not ours(seen)]
    if strange:
        _refuse(label, column, text.isin(strange), allowed)
    return text


def _spread(
    values: Any, text: pd.Series[Any], column: pd.Series[Any], label: str, allowed: str | LazyMessage
) -> pd.Series[Any]:
    """Give every row the value that its category was read as; one that could not be read is refused."""
    spread = pd.Series(values.take(text.cat.codes.to_numpy(), allow_fill=True), index=column.index)
    _refuse(label, column, text.notna() & spread.isna(), allowed)
    return spread


def _refuse(label: str, column: pd.Series[Any], bad: Any, allowed: str | LazyMessage) -> None:
    """Raise where `bad` marks a row, with the first value there."""
    rows = np.flatnonzero(np.asarray(bad, dtype=bool))
    if len(rows):
        shown = str(column.iloc[rows[0]])
        shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"
        raise ConfigError(
            "{name} has {value!r} in row {row}, which is not one of ours: {allowed}.",
            name=label,
            value=shown,
            row=rows[0] + 1,
            allowed=allowed,
        )
