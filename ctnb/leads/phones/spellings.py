"""Ways to write one number that the library, or a spreadsheet's way to write it, reads as a plainer text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_text import bytes_of, matching, strings_of_bytes
from ctnb.leads.phones.words import LONG_IDS, SHORT_IDS

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_lists import Rows
    from ctnb.leads.columns.arrow_text import Flags, Strings

LETTER: Final = "A-Za-zА-Яа-яЁё"
GAP: Final = r"[ \x{A0}]*"

# A word before the number, or a blank: the library begins at the first digit or plus.
LABEL: Final = rf"^(?:{GAP}[{LETTER}]{{1,20}}[.:]?{GAP}[(]?|[ (]+)([+0-9])"

# No label, but letters like the digits 0, 1, 3 and 6, as `ctnb.leads.phones.asides` has them, or one of no phone.
NO_LABEL: Final = rf"^{GAP}(?:[оОoOзЗбБlLiI]+[(]?[0-9]|(?i:(?:{SHORT_IDS})[^{LETTER}]|{LONG_IDS}|www))"

# An extension behind a number, with what the library cuts off at the end of a text.
EXTENSION: Final = rf"{GAP}(?:[дД]об|[eE]xt)[.:]?{GAP}[0-9]{{1,9}}[). ]*$"
ENDED: Final = r"[ ,;]+$"

# Eleven digits of which no more final zeros are left out than are sure to be zeros.
EXPONENT: Final = r"^ *([0-9])[.,]([0-9]{7,10})[eE][+]?10 *$"
EXPONENT_DIGITS: Final = 11

HAS_LETTER, HAS_SEPARATOR, HAS_OPENING = 1, 2, 4
IS_AT_END: Final = HAS_SEPARATOR | HAS_OPENING  # A blank may stand behind a separator.
# Between signs that no strip takes off, as at an end of a text the word would be no separator.
CONJUNCTION: Final = rf"(?i)([0-9).]) (?:и|или|or|and|&) ([+0-9({LETTER}])"
BLANK: Final = ord(" ")


def signs_of_bytes() -> npt.NDArray[np.uint8]:
    """Return for each byte whether it may be of a letter, is a separator, or may stand before a number."""
    signs = np.zeros(256, dtype=np.uint8)
    signs[[*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1), 0xD0, 0xD1]] = HAS_LETTER
    signs[list(b" (")] = HAS_OPENING
    signs[list(b",;|/\\\n\r\t")] = HAS_SEPARATOR
    return signs


SIGNS: Final = signs_of_bytes()


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs that n texts hold, each a bit of `HAS_LETTER`, `HAS_SEPARATOR` and `HAS_OPENING`.

    Attributes
    ----------
    first, last, any : ndarray of uint8, shape (n,)
        Of the first byte, of the last byte, and of all bytes together.
    """

    first: npt.NDArray[np.uint8]
    last: npt.NDArray[np.uint8]
    any: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Strings) -> Signs:
        """Look at the bytes of some texts, none of which is null or empty."""
        letters, bounds = bytes_of(texts)
        if not len(texts):
            return cls(letters, letters, letters)
        signs = np.take(SIGNS, letters)
        starts = bounds[:-1]
        return cls(signs[starts], signs[bounds[1:] - 1], np.bitwise_or.reduceat(signs, starts))

    @property
    def may_be_single(self) -> Flags:
        """Texts that may be one number, with separators at the end or none."""
        # The comma of an exponent is no separator.
        parted: Flags = (self.any & (HAS_SEPARATOR | HAS_LETTER) == HAS_SEPARATOR) & (self.last & IS_AT_END == 0)
        return ~parted

    @property
    def may_be_several(self) -> Flags:
        """Texts that may be several numbers; a separator may be a word."""
        found: Flags = self.any & (HAS_LETTER | HAS_SEPARATOR) > 0
        return found


def plainer(texts: Strings) -> Strings:
    """Write texts as plainer ones that are read as the same number, if as a number at all.

    Parameters
    ----------
    texts : LargeStringArray of length n
        Without nulls and without empty ones.

    Returns
    -------
    LargeStringArray of length n
        A label, an extension, an exponent or separators at the end are gone; any other text stays as it is.
    """
    signs = Signs.of(texts)
    lettered = signs.any & HAS_LETTER > 0
    # First, as with a label before it the text is no exponent to the reference.
    exponents = lettered & matching(texts, EXPONENT)
    is_labelled = signs.first & (HAS_LETTER | HAS_OPENING) > 0
    words = np.flatnonzero(is_labelled & lettered)
    is_labelled[words] = ~matching(texts.take(pa.array(words)), NO_LABEL)
    texts = replaced(texts, is_labelled, LABEL, r"\1")
    texts = replaced(texts, signs.last & IS_AT_END > 0, ENDED, "")
    texts = replaced(texts, lettered & ~exponents, EXTENSION, "")
    padded = replaced(texts, exponents, EXPONENT, r"\1\2000")
    return pc.if_else(pa.array(exponents), pc.utf8_slice_codeunits(padded, 0, EXPONENT_DIGITS), texts)


def replaced(texts: Strings, rows: Flags, pattern: str, replacement: str) -> Strings:
    """Replace an RE2 pattern in some of the texts."""
    if not rows.any():
        return texts
    mask = pa.array(rows)
    return pc.replace_with_mask(texts, mask, pc.replace_substring_regex(texts.filter(mask), pattern, replacement))


def split(texts: Strings) -> tuple[Rows, Strings]:
    """Split texts at their separators.

    Parameters
    ----------
    texts : LargeStringArray of length n
        Without nulls and without empty ones.

    Returns
    -------
    rows : ndarray of intp, shape (m,)
        Text that each piece is from, ascending.
    pieces : LargeStringArray of length m
        Blank ones left out, each with its separator as a blank at the end.
    """
    texts = replaced(texts, Signs.of(texts).any & HAS_LETTER > 0, CONJUNCTION, r"\1,\2")
    letters, bounds = bytes_of(texts)
    letters = letters.copy()
    separators = np.flatnonzero(np.take(SIGNS, letters) == HAS_SEPARATOR)
    letters[separators] = BLANK
    # The end of a text that ends with a separator stands twice, with nothing between.
    ends = np.sort(np.concatenate([bounds[:-1], separators + 1, bounds[-1:]]))
    filled = np.add.reduceat(np.append(letters != BLANK, False), ends[:-1], dtype=np.int64) * (np.diff(ends) > 0) > 0
    rows = np.searchsorted(bounds, ends[:-1], side="right") - 1
    return rows[filled], strings_of_bytes(letters, ends).filter(pa.array(filled))
