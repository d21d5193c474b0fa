"""The types that were offered for a row, as one text: the values of ``ct_offered``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.rule_data import Offer
    from ctnb.outcomes import Kind

SEPARATOR: Final = ">"
"""Between the types, which are in the order of the rules."""


def ranks_offered(offers: Sequence[Offer], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return which rules have data in each of some rows: a number with a bit for each rank, the first in the lowest."""
    # Many rows, few sets of rules.
    ranks = np.zeros(len(rows), dtype=np.int64)
    for offer in offers:
        ranks |= offer.present[rows].astype(np.int64) << (offer.rank - 1)
    return ranks


def types_of(kinds: Sequence[Kind], ranks: int) -> str | None:
    """Return the types of a set of ranks, in order and each rank once, as ``"call>callContact"``; None for none."""
    return SEPARATOR.join(kind for bit, kind in enumerate(kinds) if ranks >> bit & 1) or None


def offered_types(kinds: Sequence[Kind], ranks: npt.NDArray[np.int64]) -> list[str | None]:
    """Return the types offered for some rows; None where no rule has data.

    Parameters
    ----------
    kinds : sequence of Kind
        One for each rule, in order.
    ranks : ndarray of int64
        As of `ranks_offered`.
    """
    sets, codes = np.unique(ranks, return_inverse=True)
    texts = [types_of(kinds, found) for found in sets.tolist()]
    return [texts[code] for code in codes.tolist()]
