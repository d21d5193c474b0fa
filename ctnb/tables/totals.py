"""Totals: the rows at a table's end that are no deals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ctnb.i18n.language import N_
from ctnb.tables.notes import listed

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.tables.notes import Notes

TOTAL: Final = re.compile(
    r"(?:(?:общий|промежуточный)\s+)?(?:итог|итоги|итого|всего|grand total|sub-?total|totals?)"
    r"(?:\s+(?:по|за|сделок|заявок|лидов|строк|записей)\b.{0,60})?"
    r"(?:,?\s*(?:руб|р|₽)\.?)?\s*[:=.]?\s*(?:\d[\d\s.,]*(?:сделок|заявок|лидов|строк|записей|шт\.?)?)?",
    re.IGNORECASE,
)
COMPANY: Final = re.compile("total", re.IGNORECASE)
"""A word that may also be a company's name."""

NUMBER: Final = re.compile(r"[-+−]?\d[\d\s]*(?:[.,]\d+)?\s*(?:%|₽|€|\$|р\.?|руб\.?|шт\.?)?", re.IGNORECASE)
LONG: Final = re.compile(r"[+\s]*(?:\d\s*){10,}")
"""A whole number that may be a phone or an id, of which a total has none."""

LAST_ROWS: Final = 5
"""Rows at the end among which a total is looked for."""


def without_totals(body: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Leave out the totals at a table's end, and single cells below them.

    A total is a row with the word in one cell and nothing but numbers in the others. A word that may be a company's
    name is none unless a column that most rows fill is blank there.

    Parameters
    ----------
    body : DataFrame of object
        The rows below the heading that are not blank; the index numbers the file's rows.
    notes : Notes
        Told of what is left out, and of a total that is not, for rows with more in them come after it.
    """
    last = [(position, body.iloc[position].dropna()) for position in range(max(len(body) - LAST_ROWS, 0), len(body))]
    if not any(_word(row) for _, row in last):
        return body
    mostly_filled = body.iloc[:-1].notna().mean().ge(0.5)
    first = next((position for position, row in last if _is_total(row, mostly_filled)), None)
    if first is None:
        return body
    lines = [int(label) + 1 for label in body.index[first:]]
    if any(len(row) > 1 and not _is_total(row, mostly_filled) for position, row in last if position > first):
        notes.add(
            "total",
            1,
            N_("Row {row} looks like a total and is read as any other, for rows come after it."),
            row=lines[0],
        )
        return body
    notes.add("total", len(lines), N_("The total at the end is left out: row {row}."), row=listed(lines))
    return body.iloc[:first]


def _word(row: pd.Series[Any]) -> str:
    """Return the one word for a total in a row that has nothing but numbers beside it; else a blank."""
    words = [cell for cell in row if isinstance(cell, str) and not NUMBER.fullmatch(cell.strip())]
    plain = len(words) == 1 and all(isinstance(cell, str | int | float | Decimal) for cell in row)
    plain = plain and not any(LONG.fullmatch(str(cell).strip()) for cell in row)
    return words[0] if plain and TOTAL.fullmatch(words[0].strip()) else ""


def _is_total(row: pd.Series[Any], mostly_filled: pd.Series[bool]) -> bool:
    word = _word(row)
    return bool(word) and (not COMPANY.search(word) or bool(mostly_filled.drop(row.index).any()))
