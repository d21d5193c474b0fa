"""Phones: every valid number of a cell or of a column, as the digits of E.164 without the plus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import phonenumbers

from ctnb.exceptions import ConfigError
from ctnb.leads.columns.arrow_lists import firsts_of, objects_of
from ctnb.leads.columns.arrow_text import matching
from ctnb.leads.contacts import Contacts
from ctnb.leads.parallel import mapped, slices
from ctnb.leads.phones.column import read_column
from ctnb.leads.phones.one_cell import read_cell

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.contacts import Found

ROW_LENGTH: Final = 7
ROWS: Final = ("01234567890", "09876543210", *(str(digit) * ROW_LENGTH for digit in range(10)))
PLACEHOLDER: Final = "(?:{})$".format(
    "|".join(row[at : at + ROW_LENGTH] for row in ROWS for at in range(len(row) - ROW_LENGTH + 1))
)
"""Ends of numbers that are typed where none is known, RE2: one digit seven times, or seven digits that rise or fall."""

PIECE: Final = 1 << 18
"""Cells that one thread works on at a time."""


def checked_region(region: object) -> str:
    """Return a region code in upper case.

    Parameters
    ----------
    region : str
        ISO 3166 code of the country whose numbers are written without a country code.

    Raises
    ------
    ConfigError
        When `phonenumbers` does not know the region.
    """
    code = region.strip().upper() if isinstance(region, str) else ""
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ConfigError(
            "region {region!r} is not known. Use a two-letter country code such as 'RU', 'KZ' or 'BY'.", region=region
        )
    return code


def parse_phones(cells: pd.Series[Any], region: str = "RU") -> Contacts:
    """Find the phones of a column.

    Parameters
    ----------
    cells : Series, shape (n,)
        Text, numbers, lists of them, or a mix; any dtype. What is plain is read whole; each other distinct cell once.
    region : str
        Country whose numbers are written without a country code.

    Returns
    -------
    Contacts
        n cells; in each exactly what `phones_in` finds in it.

    Raises
    ------
    ConfigError
        When the region is not known. A bad cell raises nothing: it is a problem of its row.
    """
    known = checked_region(region)
    # The categories of a column are not cut, and would be read again with each piece.
    whole = isinstance(cells.dtype, pd.CategoricalDtype)
    pieces = slices(len(cells), max(len(cells), 1) if whole else PIECE)
    return Contacts.stacked(mapped(lambda rows: read_column(cells.iloc[rows], known), pieces))


def phones_in(cell: object, region: str = "RU") -> Found:
    """Find the phones of one cell.

    Parameters
    ----------
    cell : object
        Text, a number, a list, tuple, set or array of them, or anything else.
    region : str
        Country whose numbers are written without a country code.

    Returns
    -------
    Found
        Digits of E.164 without the plus, in order, without repeats; and the problem, or None.

    Raises
    ------
    ConfigError
        When the region is not known.

    Notes
    -----
    Text that consists of valid numbers between separators is those numbers. Otherwise each part is one number with a
    label before it and an extension behind, or a note, in which a stretch of digits is a number as a whole or not at
    all: the digits of a remark are never taken, and a number is never begun in the middle. A stretch of seven digits
    or more that could not be read is a problem even beside a good number.

    Examples
    --------
    >>> phones_in("8 (915) 777-11-22 доб. 12")
    Found(contacts=('79157771122',), problem=None)
    >>> phones_in("моб. 89157771122; 8 916 77")
    Found(contacts=('79157771122',), problem="'* *** **': too short for a phone number")
    """
    return read_cell(cell, checked_region(region))


def first_phones(cells: pd.Series[Any], region: str = "RU") -> pd.Series[str]:
    """Return the first phone of each cell as a column of strings with the same index and name, NA where none is."""
    numbers = firsts_of(parse_phones(cells, region).values).to_numpy(zero_copy_only=False)
    return pd.Series(numbers, index=cells.index, dtype="string", name=cells.name)


def all_phones(cells: pd.Series[Any], region: str = "RU") -> pd.Series[Any]:
    """Return the phones of each cell as a column of lists with the same index and name, empty where none is."""
    numbers = objects_of(parse_phones(cells, region).values)
    return pd.Series(numbers, index=cells.index, dtype=object, name=cells.name)


def are_placeholders(phones: Strings) -> Flags:
    """Tell which numbers look typed only to fill a field, such as 79999999999 and 79001234567; a null is none.

    Parameters
    ----------
    phones : LargeStringArray of length n
        Digits of E.164 without the plus, as in `Contacts.values`.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    return matching(phones, PLACEHOLDER)
