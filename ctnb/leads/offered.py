"""The types that were offered for a row, as one text: the values of ``ct_offered``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.rule_data import Offer

SEPARATOR: Final = ">"
"""Between the types, which are in the order of the rules."""


def offered_types(offers: Sequence[Offer], rows: Sequence[int]) -> list[str | None]:
    """Return the types offered for some rows, in order, as ``"call>callContact"``; None where no rule has data.

    Parameters
    ----------
    offers : sequence of Offer
        One for each rule, in order.
    rows : sequence of int
        0-based.
    """
    # Many rows, few sets of rules: a bit for each rule.
    present = np.zeros(len(rows), dtype=np.int64)
    for bit, offer in enumerate(offers):
        present |= offer.present[rows].astype(np.int64) << bit
    sets, codes = np.unique(present, return_inverse=True)
    texts = [
        SEPARATOR.join(offer.kind for bit, offer in enumerate(offers) if found >> bit & 1) or None
        for found in sets.tolist()
    ]
    return [texts[code] for code in codes.tolist()]
