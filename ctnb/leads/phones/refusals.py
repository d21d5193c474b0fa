"""Why texts of digits are no phones, for a whole column: each text masked, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.i18n.language import gettext
from ctnb.leads.columns.arrow_text import bytes_of, joined, matching, mended, strings_of, strings_of_bytes, text
from ctnb.leads.columns.cells import LONGEST_SHOWN, plain_text, shown
from ctnb.leads.columns.problems import Problems
from ctnb.leads.phones.digits import is_digit

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.leads.phones.numbering_plan import NumberingPlan

PLAIN: Final = r"^[0-9*+().-]+(?: [0-9*+().-]+)*$"
"""Texts that are shown as they are, RE2, unless they are long."""

STAR: Final = ord("*")
# As `ctnb.masking.masked` hides a cell of a column of phones.
FEWEST_WITH_HEAD, FEWEST_WITH_TAIL, HEAD_SHOWN, TAIL_SHOWN = 10, 7, 4, 2


def refusals(texts: Strings, codes: npt.NDArray[np.uint16], plan: NumberingPlan) -> Problems:
    """Name each of n texts, contacts masked, and why it is no phone.

    Parameters
    ----------
    texts : LargeStringArray of length n
        Without nulls, with a digit in each, and with no digits but ASCII ones.
    codes : ndarray of uint16, shape (n,)
        Indices in ``plan.conversions``; equal texts have equal codes.
    """
    if not len(texts):
        return Problems.none(0)
    reasons = strings_of([each.reason and gettext(each.reason) for each in plan.conversions])
    coded = masked(texts).dictionary_encode()
    pairs, pair_codes = np.unique(coded.indices.to_numpy() * np.int64(len(reasons)) + codes, return_inverse=True)
    values = coded.dictionary.take(pa.array(pairs // len(reasons)))
    # Stripped twice, as the reference strips the whole text and then its only piece.
    plain = matching(values, PLAIN) & (pc.binary_length(values).to_numpy() <= LONGEST_SHOWN)
    values = mended(values, ~plain, lambda value: shown(plain_text(plain_text(value))))
    texts = joined(text("'"), values, text("': "), reasons.take(pa.array(pairs % len(reasons))))
    return Problems(pair_codes.astype(np.int32), texts.to_pylist())


def masked(texts: Strings) -> Strings:
    """Hide digits as `ctnb.masking.masked` does in a column of phones, in texts as `refusals` takes them."""
    letters, bounds = bytes_of(texts)
    letters = letters.copy()
    digits = is_digit(letters)
    counts = np.add.reduceat(digits, bounds[:-1], dtype=np.int64)
    ranks = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    of_text = np.repeat(counts, counts)
    shown_digits = (of_text >= FEWEST_WITH_HEAD) & (ranks < HEAD_SHOWN)
    shown_digits |= (of_text >= FEWEST_WITH_TAIL) & (ranks >= of_text - TAIL_SHOWN)
    letters[np.flatnonzero(digits)[~shown_digits]] = STAR
    return strings_of_bytes(letters, bounds)
