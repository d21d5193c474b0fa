"""The columns that the answers add to a frame: their names, their dtypes, in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_datetime64_any_dtype, is_float_dtype, is_integer_dtype

from ctnb.exceptions import ConfigError
from ctnb.leads.columns.cells import refuse_levels
from ctnb.outcomes import Attribution, Kind, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

PREFIX: Final = "ct_"
"""What the columns begin with, unless the caller asks for something else."""

OFFERED_SEPARATOR: Final = ">"
"""Between the types of ``offered``, which are in the order in which they were offered."""

CATEGORIES: Final[dict[str, pd.CategoricalDtype]] = {
    name: pd.CategoricalDtype([member.value for member in values])
    for name, values in {
        "status": Status,
        "matched_by": Kind,
        "attribution": Attribution,
        "error_code": Reason,
    }.items()
}
"""Dtypes of the columns whose values are a closed set: all of it, in the contract's order."""

DTYPES: Final[dict[str, Any]] = {
    **dict.fromkeys(("matched", "replayed"), "boolean"),
    **dict.fromkeys(("rule", "batch", "attempts"), "Int64"),
    **dict.fromkeys(("call_id", "call_reference_id", "sip_call_id", "request_id", "request_number", "error"), "string"),
    "answered_at": "datetime64[us, UTC]",
}
"""Dtypes of the other columns; `offered` is a category of what is seen."""

# How a missing value reads after CSV, or after astype(str).
_BLANK: Final = frozenset({"", "<NA>", "NaN", "nan", "NaT", "None"})
_TRUTH: Final = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_KINDS: Final = frozenset(member.value for member in Kind)


def answer_frame(
    columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]], index: pd.Index, prefix: str = PREFIX
) -> pd.DataFrame:
    """Build the answer columns from one plain value per row.

    Parameters
    ----------
    columns : mapping of str to sequence or ndarray
        By name without the prefix, n values each, None where there is none; `answered_at` in aware datetimes.
        A column that is left out is missing in every row.
    index : Index, length n
        The index of the deals.
    prefix : str
        What the names begin with.

    Returns
    -------
    DataFrame, shape (n, 17)
        The columns of the contract, in its order, with its dtypes.

    Raises
    ------
    ConfigError
        A value is not one that its column allows.
    """
    missing = [None] * min(len(index), 1)
    frame = {prefix + name: _built(name, columns.get(name, missing), prefix + name) for name in NAMES}
    for name in NAMES:
        if name not in columns:
            # Much sooner than n times None is read.
            frame[prefix + name] = frame[prefix + name].repeat(len(index))
    return pd.DataFrame(frame, index=index)


def join(deals: pd.DataFrame, answers: pd.DataFrame, prefix: str = PREFIX) -> pd.DataFrame:
    """Put the answers beside the deals, by position.

    Parameters
    ----------
    deals : DataFrame, n rows
        The user's frame, with any index. It is not changed.
    answers : DataFrame, n rows
        From `answer_frame`, with the same prefix.
    prefix : str
        What the names of the answers begin with.

    Returns
    -------
    DataFrame, n rows
        A new frame: the same rows, order and index; results of an earlier run under this prefix are replaced,
        and other columns that happen to begin with it are left alone.

    Raises
    ------
    ConfigError
        A column of the user's own stands under the name of one of ours, or the columns are a MultiIndex.
    """
    held = check_names(deals, prefix)
    kept = deals.loc[:, [label not in held for label in deals.columns]]
    return kept.assign(**{name: answers[name].array for name in answers.columns})


def check_names(deals: pd.DataFrame, prefix: str = PREFIX) -> list[str]:
    """Return the columns of a frame that results would replace.

    Raises
    ------
    ConfigError
        One of them is the user's own, or the columns are a MultiIndex.
    """
    refuse_levels(deals)
    names = {prefix + name for name in NAMES}
    held = list(dict.fromkeys(label for label in deals.columns if isinstance(label, str) and label in names))
    if held:
        try:
            restore(deals, prefix)
        except ConfigError as error:
            raise ConfigError(
                f"The frame has columns of its own under the names of the results: {', '.join(held)}. They are not "
                f"replaced, because they do not read as results ({error}) Pass another prefix=, or drop or rename them."
            ) from None
    return held


def restore(frame: pd.DataFrame, prefix: str = PREFIX, *, only: Collection[str] | None = None) -> pd.DataFrame:
    """Read the results of a frame that may have been saved, loaded, filtered or joined to others.

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
            f"There is no column {prefix + 'status'!r}, so this frame has no results: call comment(...) first. "
            "If its results have another prefix, pass it as prefix=."
        )
    found = {}
    for name in NAMES:
        label = prefix + name
        if (name in only) if only is not None else (label in frame.columns):
            found[name] = _READERS[name](_column(frame, label), label)
    return pd.DataFrame(found, index=frame.index)


def _column(frame: pd.DataFrame, label: str) -> pd.Series[Any]:
    if label not in frame.columns:
        raise ConfigError(f"The column {label!r} is missing from the results. Keep the columns of one run together.")
    column = frame[label]
    if isinstance(column, pd.DataFrame):
        raise ConfigError(f"There are {column.shape[1]} columns called {label!r}. Drop or rename all but one.")
    return column


def _refuse(label: str, values: pd.Series[Any], bad: Any, allowed: str) -> None:
    """Raise where `bad` marks a place, with the first value there."""
    places = np.flatnonzero(np.asarray(bad, dtype=bool))
    if len(places):
        shown = str(values.iloc[places[0]])
        shown = shown if len(shown) <= 40 else shown[:39] + "…"
        raise ConfigError(f"{label} has {shown!r} in row {places[0] + 1}, which is not one of ours: {allowed}.")


def _built(name: str, values: Sequence[Any] | np.ndarray[Any, Any], label: str) -> Any:
    wanted = DTYPES.get(name, CATEGORIES.get(name))
    if wanted is not None and getattr(values, "dtype", None) == wanted:
        return values
    if name in DTYPES:
        return pd.array(values, dtype=wanted)
    categories = values if isinstance(values, pd.Categorical) else pd.Categorical(values)
    return _READERS[name](pd.Series(categories), label).array


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Any column as text, missing where it is blank."""
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
    """Any column as categories of text, so that a value is read once, however often it stands."""
    seen = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    codes, words = pd.factorize(_text(pd.Series(seen.cat.categories)).str.strip())
    values = pd.Categorical.from_codes(
        np.append(codes, -1)[seen.cat.codes.to_numpy()], categories=pd.Index(list(words), dtype=str)
    )
    return pd.Series(values, index=column.index)


def _closed(name: str) -> Callable[[pd.Series[Any], str], pd.Series[Any]]:
    dtype = CATEGORIES[name]
    allowed = ", ".join(map(str, dtype.categories))

    def read(column: pd.Series[Any], label: str) -> pd.Series[Any]:
        text = _categories(column)
        _refuse(label, column, ~text.isin(dtype.categories) & text.notna(), allowed)
        if name == "status" and text.isna().any():
            raise ConfigError(
                f"{label} is empty in {int(text.isna().sum())} of {len(text)} rows, and a result has a status in "
                f"every row. Leave the others out: frame.dropna(subset=[{label!r}])."
            )
        return text.cat.set_categories(dtype.categories)

    return read


def _offered(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    text = _categories(column)
    strange = [seen for seen in text.cat.categories if not _KINDS.issuperset(seen.split(OFFERED_SEPARATOR))]
    _refuse(label, column, text.isin(strange), f"{', '.join(Kind)} with {OFFERED_SEPARATOR} between them")
    return text


def _truth(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    if column.dtype == "boolean":
        return column
    text = _categories(column)
    truths = pd.array([_TRUTH.get(seen.casefold()) for seen in text.cat.categories], dtype="boolean")
    return _spread(truths, text, column, label, "True or False")


def _whole(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    if column.dtype == "Int64":
        return column
    text = _categories(column)
    numbers = pd.to_numeric(text.cat.categories.to_series(), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    whole = np.isfinite(numbers) & (numbers >= 0) & (np.floor(numbers) == numbers)
    counts = pd.arrays.IntegerArray(np.where(whole, numbers, 0).astype("int64"), ~whole)
    return _spread(counts, text, column, label, "whole numbers")


def _spread(values: Any, text: pd.Series[Any], column: pd.Series[Any], label: str, allowed: str) -> pd.Series[Any]:
    """Give every row the value that its category was read as; one that could not be read is refused."""
    spread = pd.Series(values.take(text.cat.codes.to_numpy(), allow_fill=True), index=column.index)
    _refuse(label, column, text.notna() & spread.isna(), allowed)
    return spread


def _moment(column: pd.Series[Any], label: str) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.ArrowDtype) or not is_datetime64_any_dtype(column.dtype):
        # A naive moment is taken for UTC: that is what the column holds.
        text = _text(column)
        moments = pd.to_datetime(text.astype(object), utc=True, format="ISO8601", errors="coerce")
        _refuse(label, column, text.notna() & moments.isna(), "ISO dates, such as 2026-01-31 12:00:00+00:00")
        column = moments
    aware = column.dt.tz_localize("UTC") if column.dt.tz is None else column.dt.tz_convert("UTC")
    moments_in_us: pd.Series[Any] = aware.dt.as_unit("us")
    return moments_in_us


def _words(column: pd.Series[Any], label: str) -> pd.Series[Any]:  # noqa: ARG001  # the readers share one shape
    return column if column.dtype == pd.StringDtype() else _text(column)


_READERS: Final[dict[str, Callable[[pd.Series[Any], str], pd.Series[Any]]]] = {
    "status": _closed("status"),
    "matched": _truth,
    "matched_by": _closed("matched_by"),
    "rule": _whole,
    "attribution": _closed("attribution"),
    "offered": _offered,
    "call_id": _words,
    "call_reference_id": _words,
    "sip_call_id": _words,
    "request_id": _words,
    "request_number": _words,
    "error": _words,
    "error_code": _closed("error_code"),
    "replayed": _truth,
    "batch": _whole,
    "attempts": _whole,
    "answered_at": _moment,
}

NAMES: Final = tuple(_READERS)
"""The columns of a result, without the prefix, in their order."""
