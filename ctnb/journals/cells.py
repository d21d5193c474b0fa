"""Cells of a flat journal in their one form: texts, lists of texts, flags, instants and comments."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_lists import filled, objects_of
from ctnb.leads.columns.arrow_text import Strings, texts_of
from ctnb.leads.columns.cells import as_objects, is_missing
from ctnb.matching.cells import TAG_SEPARATORS, flags_of, id_texts, instants_of, item_texts, items_of

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_VALUES: Final = frozenset({"<не указано>", "<не заполнено>", "(not set)", "(none)", "(not provided)"})
"""What the vendor writes where there is nothing (vendor-facts, 5.1); in lower case."""

YES_WORDS: Final = frozenset(
    {"+", "v", "✓", "✔", "истина"}
    | {f"{what}{end}" for what in ("уникальн", "целев", "уникально-целев", "уникальн") for end in ("ый", "ая", "ой")}
)
"""What an export writes in the place of «да», besides."""

NESTED: Final = (list, tuple, set, frozenset, np.ndarray)


def text_column(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return ids as texts, read as the deals' ids are; NA where there is none."""
    return _strings(_valued(id_texts(cells)))


def items_column(cells: pd.Series[Any], separators: str) -> pd.Series[Any]:
    """Return contacts or tags: texts as they are; where some cell is a list, a list or None in each.

    A text that is a JSON array, as `as_table` writes it into a table of text, is a list. Tags as the vendor nests them
    are their names.
    """
    if _has_objects(cells):
        cells = pd.Series(as_objects([tag_names(cell) for cell in cells]), index=cells.index)
    texts = texts_of(cells)
    if texts is not None and pc.any(pc.starts_with(texts, "["), min_count=0).as_py():
        found = [_listed(text) for text in texts.to_pylist()]
        if any(isinstance(item, list) for item in found):
            return items_column(pd.Series(as_objects(found), index=cells.index), separators)
    if texts is None and not _has_nested(cells):
        texts = item_texts(cells)
    if texts is not None:
        return _strings(_valued(texts))
    items = items_of(cells, separators)
    lists = objects_of(items)
    if any(_is_no_value(item) for item in pc.unique(items.flatten()).to_pylist()):
        lists = [[item for item in each if not _is_no_value(item)] for each in lists]
    found = [each or None for each in lists] if filled(items).size else []
    return pd.Series(as_objects(found), dtype=object)


def flag_column(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return flags as booleans: true for true, 1, yes, «да», a plus and «уникальный», in any case and type."""
    flags = flags_of(cells)
    if texts_of(cells) is not None:
        words = cells.astype("string").str.strip().str.casefold().fillna("")
        flags = flags | words.isin(YES_WORDS).to_numpy(dtype=bool)
    return pd.Series(flags)


def date_column(cells: pd.Series[Any], timezone: str, journal: str) -> pd.Series[Any]:
    """Return moments as ``datetime64[us, UTC]``, NaT where blank; naive ones are read in the time zone."""
    return utc_moments(instants_of(cells, timezone, journal))


def utc_moments(instants: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """Return instants, microseconds since 1970, as aware moments."""
    return pd.Series(instants.astype("datetime64[us]")).dt.tz_localize("UTC")


def comment_column(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return comments: a list of dicts in each cell, or None; see `comments_in`."""
    return pd.Series(as_objects([comments_in(cell) for cell in cells.tolist()]), dtype=object)


def comments_in(cell: object) -> list[dict[str, Any]] | None:
    """Return the comments of one lead, or None when it has none.

    Parameters
    ----------
    cell : object
        A list of the vendor's comments, or the same as JSON. Any other text is no comment: without the vendor's
        ``commentId`` it cannot be set apart from others.

    Returns
    -------
    list of dict, or None
        ``commentId`` (int, 0 where the vendor gave none), ``comment`` (text) and ``partyName`` (text or None).
    """
    if isinstance(cell, str):
        if not cell.lstrip().startswith(("[", "{")):
            return None
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return None
    if not isinstance(cell, (dict, *NESTED)):
        return None
    found = [
        _comment(item) for item in items_in(cell) if isinstance(item, dict) and isinstance(item.get("comment"), str)
    ]
    return [comment for comment in found if comment["comment"].strip()] or None


def _comment(item: dict[str, Any]) -> dict[str, Any]:
    party = item.get("partyName")
    return {
        "commentId": whole(item.get("commentId")) or 0,
        "comment": item["comment"],
        "partyName": party if isinstance(party, str) and party.strip() else None,
    }


def items_in(value: object) -> Iterable[Any]:
    """Return the items of an array; an object or a text in its place is the only one."""
    if isinstance(value, dict | str):
        return (value,)
    return value if isinstance(value, NESTED) else ()


def tag_names(value: object) -> list[str] | None:
    """Return all names of one lead's tags, each once: those of ``{"names": [...]}``, or plain texts."""
    names: dict[str, None] = {}
    for item in re.split(TAG_SEPARATORS, value) if isinstance(value, str) else items_in(value):
        given = item.get("names") if isinstance(item, dict) else item
        names.update((name.strip(), None) for name in items_in(given) if isinstance(name, str))
    names.pop("", None)
    return list(names) or None


def whole(value: object) -> int | None:
    """Return a whole number that may come as a text or a float; None for anything else."""
    if isinstance(value, bool) or is_missing(value):
        return None
    if isinstance(value, str):
        text = value.strip().removesuffix(".0")
        return int(text) if text.isascii() and text.lstrip("-").isdigit() and len(text) < 20 else None
    if isinstance(value, int | np.integer):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _listed(text: str | None) -> object:
    """Return the list that a text of JSON holds, else the text."""
    if text is None or not text.startswith("["):
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, list) and all(isinstance(item, str | dict) for item in found) else text


def _has_nested(cells: pd.Series[Any]) -> bool:
    """Tell whether some cell is a list."""
    arrow = isinstance(cells.dtype, pd.ArrowDtype) and pa.types.is_nested(cells.dtype.pyarrow_dtype)
    return arrow or (cells.dtype == object and any(isinstance(cell, NESTED) for cell in cells.to_numpy()))


def _has_objects(cells: pd.Series[Any]) -> bool:
    """Tell whether some cell is a list of objects, as the vendor nests tags."""
    if isinstance(cells.dtype, pd.ArrowDtype):
        kind = cells.dtype.pyarrow_dtype
        return hasattr(kind, "value_type") and pa.types.is_struct(kind.value_type)
    if cells.dtype != object:
        return False
    lists = (cell for cell in cells.to_numpy() if isinstance(cell, NESTED))
    return any(isinstance(item, dict) for cell in lists for item in cell)


def _is_no_value(text: str) -> bool:
    return text.strip().casefold() in NO_VALUES


def _valued(texts: Strings) -> Strings:
    """Return texts, null in the place of those that say that there is nothing."""
    folded = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    nothing = pc.is_in(folded, value_set=pa.array(["", *NO_VALUES], folded.type))
    return pc.if_else(nothing, pa.scalar(None, texts.type), texts)


def _strings(texts: Strings) -> pd.Series[Any]:
    return pd.Series(texts.to_numpy(zero_copy_only=False), dtype="string")
