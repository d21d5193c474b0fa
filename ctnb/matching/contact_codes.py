"""Contacts as numbers: each phone and e-mail of the journals has a code, which the deals' contacts are turned into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_lists import Lists, lengths_of
from ctnb.leads.columns.arrow_text import Strings, mended

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_lists import Rows

_NO_PHONE: Final = -1
_LONGEST: Final = 18
"""Digits that an int64 surely holds; no phone has so many."""


def phone_numbers(texts: Strings) -> npt.NDArray[np.int64]:
    """Return phones in any format as the numbers that the vendor makes of them, shape (n,); -1 for none.

    The vendor's rule is 11 digits from 7: an 8 before ten digits is a 7, ten digits have it put before them. A number
    with a zero before it is none: no deal's phone begins so.

    >>> phone_numbers(pa.array(["8 (915) 777-11-22", "9157771122", "+375 29 123-45-67"], pa.large_string())).tolist()
    [79157771122, 79157771122, 375291234567]
    """
    digits = texts if _all_digits(texts) else pc.replace_substring_regex(texts, r"[^0-9]+", "")
    lengths = pc.binary_length(digits).to_numpy(zero_copy_only=False)
    usable = (lengths > 0) & (lengths <= _LONGEST)
    numbers = pc.if_else(pa.array(usable), digits, "0").cast(pa.int64()).to_numpy(zero_copy_only=False)
    lead = np.where(lengths == 10, 7 * 10**10, 0) - np.where((lengths == 11) & (numbers // 10**10 == 8), 10**10, 0)
    whole = usable & ((lengths == 10) | (numbers >= 10 ** np.clip(lengths - 1, 0, _LONGEST)))
    return np.where(whole, numbers + lead, _NO_PHONE)


def _all_digits(texts: Strings) -> bool:
    """Tell whether no text has anything but digits."""
    return bool(pc.all(pc.ascii_is_decimal(texts), min_count=0).as_py())


def folded_emails(texts: Strings) -> Strings:
    """Return e-mails in the one case that they are compared in."""
    lower = pc.ascii_lower(texts)
    ascii_only = pc.string_is_ascii(texts).to_numpy(zero_copy_only=False)
    return lower if ascii_only.all() else mended(lower, ~ascii_only, str.casefold)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CodeLists:
    """Contact codes of n rows, several or none in each: those of row i are ``codes[begins[i]:begins[i + 1]]``."""

    begins: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]

    def take(self, rows: Rows) -> CodeLists:
        """Return the codes of some rows, in their order."""
        first, counts = self.begins[rows], self.begins[rows + 1] - self.begins[rows]
        begins = np.concatenate([[0], np.cumsum(counts)])
        if begins[-1] == len(rows) and (counts == 1).all():
            return CodeLists(begins, self.codes[first])
        positions = np.repeat(first - begins[:-1], counts) + np.arange(begins[-1])
        return CodeLists(begins, self.codes[positions])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ContactCodes:
    """The contacts that the journals hold, by code: phones first, then e-mails.

    Attributes
    ----------
    phones : Index of int64
        As `phone_numbers` gives them, each once.
    emails : large_string
        As `folded_emails` gives them, each once.
    """

    phones: pd.Index[int]
    emails: Strings

    def __len__(self) -> int:
        return len(self.phones) + len(self.emails)

    def of_phones(self, lists: Lists) -> CodeLists:
        """Return the codes of phones; one that the journals do not hold has the code `len`."""
        return _code_lists(lists, self.phone_codes(phone_numbers(lists.flatten())))

    def of_emails(self, lists: Lists) -> CodeLists:
        """Return the codes of e-mails, as `of_phones` does."""
        return _code_lists(lists, self.email_codes(folded_emails(lists.flatten())))

    def phone_codes(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Return the code of each phone."""
        found = self.phones.get_indexer(pd.Index(numbers))
        return np.where(found < 0, len(self), found).astype(np.int32)

    def email_codes(self, texts: Strings) -> npt.NDArray[np.int32]:
        """Return the code of each e-mail."""
        found = pc.index_in(texts, value_set=self.emails).fill_null(-1).to_numpy(zero_copy_only=False)
        return np.where(found < 0, len(self), found + len(self.phones)).astype(np.int32)


def _code_lists(lists: Lists, codes: npt.NDArray[np.int32]) -> CodeLists:
    """Lay codes out as the contacts that they stand for."""
    return CodeLists(np.concatenate([[0], np.cumsum(lengths_of(lists))]), codes)
