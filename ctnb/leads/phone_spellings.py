"""Ways to write one number that the library, or a spreadsheet's way to write it, reads as a plainer text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.strings import TEXT, matching

if TYPE_CHECKING:
    from ctnb.leads.contact_lists import Rows
    from ctnb.leads.strings import Flags, Strings

__all__ = ["plainer", "split"]

LETTER: Final = "A-Za-zА-Яа-яЁё"
GAP: Final = r"[ \x{A0}]*"

# A word before the number, or a blank: the library begins at the first digit or plus.
LABEL: Final = rf"^(?:{GAP}[{LETTER}]{{1,20}}[.:]?{GAP}[(]?|[ (]+)([+0-9])"

# An extension behind a number, with what the library cuts off at the end of a text.
EXTENSION: Final = rf"{GAP}(?:[дД]об|[eE]xt)[.:]?{GAP}[0-9]{{1,9}}[). ]*$"
EXTENSION_SIGNS: Final = ("об", "xt")
ENDED: Final = r"[ ,;]+$"

# Eleven digits of which no more final zeros are left out than are sure to be zeros.
EXPONENT: Final = r"^([0-9])[.,]([0-9]{7,10})[eE][+]?10$"
EXPONENT_DIGITS: Final = 11

FRACTION: Final = r",0+[^0-9]*$"
SEPARATOR: Final = r"[,;|/\\\n\r\t]|(?i: (?:и|или|or|and|&) )"


def plainer(texts: Strings) -> Strings:
    """Write texts as plainer ones that are read as the same number, if as a number at all.

    Returns
    -------
    LargeStringArray of length n
        A label, an extension, an exponent or separators at the end are gone; any other text stays as it is.
    """
    # First, as with a label before it the text is no exponent to the reference.
    exponents = matching(texts, EXPONENT)
    texts = replaced(texts, matching(texts, LABEL), LABEL, r"\1")
    texts = replaced(texts, matching(texts, ENDED), ENDED, "")
    extended = np.logical_or.reduce([containing(texts, sign) for sign in EXTENSION_SIGNS])
    texts = replaced(texts, extended, EXTENSION, "")
    if not exponents.any():
        return texts
    padded = replaced(texts, exponents, EXPONENT, r"\1\2000")
    return pc.if_else(pa.array(exponents), pc.utf8_slice_codeunits(padded, 0, EXPONENT_DIGITS), texts)


def containing(texts: Strings, part: str) -> Flags:
    """Tell which texts have some other text in them."""
    found: Flags = pc.match_substring(texts, part).to_numpy(zero_copy_only=False)
    return found


def replaced(texts: Strings, rows: Flags, pattern: str, replacement: str) -> Strings:
    """Replace an RE2 pattern in some of the texts."""
    if not rows.any():
        return texts
    mask = pa.array(rows)
    return pc.replace_with_mask(texts, mask, pc.replace_substring_regex(texts.filter(mask), pattern, replacement))


def split(texts: Strings) -> tuple[Rows, Strings]:
    """Split texts at their separators.

    Returns
    -------
    rows : ndarray of intp, shape (m,)
        Place of the text that each piece is from, ascending.
    pieces : LargeStringArray of length m
        Blank ones left out.
    """
    lists = pc.split_pattern_regex(texts, SEPARATOR)
    rows = np.repeat(np.arange(len(texts)), pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    pieces = lists.flatten().cast(TEXT)
    filled: Flags = ~matching(pieces, rf"^{GAP}$")
    # Digits, a comma and zeros may be one number with a fraction of nothing.
    filled |= matching(texts, FRACTION)[rows]
    return rows[filled], pieces.filter(pa.array(filled))
