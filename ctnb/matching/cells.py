"""Cells of a journal's columns: texts, several items in a cell, flags and instants, a whole column at a time."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.exceptions import ConfigError
from ctnb.i18n.journal_names import journal_name
from ctnb.leads.columns.arrow_lists import Lists, gathered, lists_of, rows_of
from ctnb.leads.columns.arrow_text import TEXT, Flags, Strings, matching, strings_of, texts_of
from ctnb.leads.columns.cells import described, distinct, is_missing, is_unicode, scalars
from ctnb.leads.identifiers import parse_identifiers
from ctnb.leads.moments.parse import parse_moments
from ctnb.masking import Strength, masked
from ctnb.matching.instants import NO_INSTANT, Instants, instants

CONTACT_SEPARATORS: Final = r"[,;/|\n]"
TAG_SEPARATORS: Final = r"[,;]"

_TRUE_WORDS: Final = frozenset({"true", "1", "1.0", "yes", "да"})
_NESTED: Final = (list, tuple, set, frozenset, np.ndarray)

# ISO with an offset names an instant, whatever the account's clock shows then.
_AWARE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+ ?(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)$"


def id_texts(cells: pd.Series[Any]) -> Strings:
    """Return the id of each cell as a text, null where there is none; read as the deals' ids are."""
    return parse_identifiers(cells).texts


def items_of(cells: pd.Series[Any], separators: str) -> Lists:
    """Return the items of each cell: those of a list, or of a text with separators (RE2) between them.

    Parameters
    ----------
    cells : Series, shape (n,)
        Texts, numbers, lists, or a mix; any dtype.
    separators : str

    Returns
    -------
    LargeListArray of length n
        Texts without blanks around them; none is empty.
    """
    texts = texts_of(cells)
    nested = _nested_items(cells, separators) if texts is None else None
    if nested is not None:
        return _tidy(rows_of(nested), nested.flatten(), len(cells))
    if texts is None:
        texts = item_texts(cells)
    digits_only = pc.all(pc.ascii_is_decimal(texts), min_count=0).as_py()
    several = np.zeros(len(texts), dtype=bool) if digits_only else matching(texts, separators)
    single = texts.is_valid().to_numpy(zero_copy_only=False) & ~several
    parts = [(np.flatnonzero(single), texts.filter(pa.array(single)))]
    if several.any():
        split = pc.split_pattern_regex(texts.filter(pa.array(several)), separators)
        parts.append((np.flatnonzero(several)[rows_of(split)], split.flatten().cast(TEXT)))
    together = gathered(parts, len(cells))
    return _tidy(rows_of(together), together.flatten(), len(cells))


def item_texts(cells: pd.Series[Any]) -> Strings:
    """Return contacts or tags that are numbers, or numbers among texts, as texts; null where there is nothing.

    A whole float is written as the integer that it was: a column of phones with a gap is one of floats.
    """
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "iuf":
        return parse_identifiers(cells, whole=True).texts
    codes, values = distinct(cells)
    return strings_of([_item_text(value) for value in values]).take(pa.array(codes))


def _item_text(value: object) -> str | None:
    if is_missing(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    text = str(value)
    return text if is_unicode(text) else None


def whole_floats(texts: Strings) -> Strings:
    """Return texts, floats that were written as text (``79157771122.0``) as the integers that they were."""
    floats = pc.ends_with(texts, ".0")
    if not pc.any(floats, min_count=0).as_py():
        return texts
    return pc.replace_substring_regex(texts, r"^([0-9]+)\.0$", r"\1")


def _nested_items(cells: pd.Series[Any], separators: str) -> Lists | None:
    """Return the items of a column that has lists; None when it has none."""
    if isinstance(cells.dtype, pd.ArrowDtype) and pa.types.is_nested(cells.dtype.pyarrow_dtype):
        return lists_of([_texts_in(cell, separators) for cell in cells])
    if cells.dtype != object or not any(isinstance(cell, _NESTED) for cell in cells.to_numpy()):
        return None
    if any(isinstance(cell, str) for cell in cells.to_numpy()):  # Arrow takes a text for a list of its letters
        return lists_of([_texts_in(cell, separators) for cell in cells])
    try:
        found = pa.array(cells.to_numpy(), pa.large_list(TEXT), from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError):
        return lists_of([_texts_in(cell, separators) for cell in cells])
    return pc.fill_null(found, pa.scalar([], pa.large_list(TEXT)))


def _texts_in(cell: object, separators: str) -> list[str]:
    """Return the items of one cell as texts."""
    items = re.split(separators, cell) if isinstance(cell, str) else scalars(cell)
    return [text for item in items if (text := _item_text(item))]


def _tidy(rows: npt.NDArray[np.intp], values: Strings, length: int) -> Lists:
    """Strip items, and drop those that are blank."""
    bare = pc.utf8_trim_whitespace(values)
    kept = pc.not_equal(bare, "").fill_null(False).to_numpy(zero_copy_only=False)
    return gathered([(rows[kept], bare.filter(pa.array(kept)))], length)


def flags_of(cells: pd.Series[Any]) -> Flags:
    """Tell for each cell whether it says yes: true, 1, yes or «да» in any case."""
    if cells.dtype == bool:
        return cells.to_numpy()
    codes, values = distinct(cells)
    truths = [not is_missing(value) and str(value).strip().casefold() in _TRUE_WORDS for value in values]
    return np.array(truths, dtype=bool)[codes]


def instants_of(cells: pd.Series[Any], timezone: str, journal: str) -> Instants:
    """Return the instant of each cell; `NO_INSTANT` where it is blank.

    Parameters
    ----------
    cells : Series, shape (n,)
        datetime64, naive (the account's wall clock) or aware; or texts that `parse_moments` reads, to the second.
    timezone : str
        IANA name of the account's time zone.
    journal : str
        The journal's name, for the message.

    Raises
    ------
    ConfigError
        When a cell that is not blank cannot be read: a lead without its date would be looked for in vain.
    """
    zone = zoneinfo.ZoneInfo(timezone)
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return _microseconds(cells)
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M":
        local = cells.to_numpy().astype("datetime64[us]")
        whole = local.astype("datetime64[s]")
        fraction = np.where(np.isnat(local), 0, (local - whole).astype(np.int64))
        return np.asarray(instants(whole, zone) + fraction)
    found = _aware_cells(cells)
    rest = np.flatnonzero(found == NO_INSTANT)
    read = parse_moments(cells.iloc[rest], timezone)
    unread = rest[read.problems.rows]
    if len(unread):
        # Where columns are shifted, a contact may stand in the place of the date.
        value = masked(described(cells.iloc[unread[0]]), Strength.SHARED, column="dates")
        raise ConfigError(
            "The {journal}, row {row} (counted from 0): expected a date such as 2020-10-01 12:00:00, got {value}. Mend "
            "it, or leave it blank; {count} rows are so.",
            journal=journal_name(journal),
            row=unread[0],
            value=value,
            count=len(unread),
        )
    found[rest] = instants(read.local, zone)
    return found


def wall_clocks(cells: pd.Series[Any]) -> Flags:
    """Tell which cells, as far as they are moments, name no time zone of their own."""
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return np.zeros(len(cells), dtype=bool)
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M":
        return np.ones(len(cells), dtype=bool)
    return np.asarray(_aware_cells(cells) == NO_INSTANT)


def _aware_cells(cells: pd.Series[Any]) -> Instants:
    """Return the instants of cells that name their own time zone; `NO_INSTANT` for all others."""
    texts = texts_of(cells)
    aware = matching(texts, _AWARE) if texts is not None else np.array([_is_aware(cell) for cell in cells], dtype=bool)
    found = np.full(len(cells), NO_INSTANT, dtype=np.int64)
    if aware.any():
        found[aware] = _microseconds(
            pd.to_datetime(cells[aware].astype(object), utc=True, format="ISO8601", errors="coerce")
        )
    return found


def _is_aware(cell: object) -> bool:
    """Tell whether a cell among cells of several types names its own time zone."""
    if isinstance(cell, str):
        return re.match(_AWARE, cell) is not None
    return isinstance(cell, dt.datetime) and cell.tzinfo is not None


def _microseconds(moments: pd.Series[Any]) -> Instants:
    """Return aware moments as instants."""
    utc = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    microseconds: Instants = utc.to_numpy().astype("datetime64[us]").astype(np.int64)
    return microseconds
