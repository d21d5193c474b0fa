"""Windows: a frame is planned some ten thousand rows at a time, so that the arrays of one step stay small.

The windows are stacked column by column, and each part is released as soon as it is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ctnb.leads.columns.problems import Problems
from ctnb.leads.identifiers import Identifiers
from ctnb.leads.reading import ReadCounts
from ctnb.leads.rule_data import Offer, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnb.leads.columns.arrow_text import Flags, Strings

WINDOW: Final = 1 << 15
"""Rows that are planned together."""


@dataclass(slots=True)
class Window:
    """Columns of a plan for some rows; see `ctnb.leads.plan.Plan`."""

    offers: list[Offer]
    texts: Strings
    leads_named: Strings
    ready: Flags
    problems: Problems
    reason_codes: npt.NDArray[np.int8]
    reading: ReadCounts


def stacked(windows: list[Window]) -> Window:
    """Return the rows of windows, one at least, one below the other; the windows are emptied on the way."""
    if len(windows) == 1:
        return windows[0]
    # The largest first, as long as nothing else is there twice.
    texts = _drained(windows, "texts", pa.concat_arrays)
    return Window(
        offers=_stacked_offers(windows),
        texts=texts,
        leads_named=_drained(windows, "leads_named", pa.concat_arrays),
        ready=_drained(windows, "ready", np.concatenate),
        problems=_drained(windows, "problems", Problems.stacked),
        reason_codes=_drained(windows, "reason_codes", np.concatenate),
        reading=sum((window.reading for window in windows), ReadCounts()),
    )


def _drained(windows: Sequence[Window], name: str, stack: Callable[[Any], Any]) -> Any:
    """Stack one column of all windows, and release its parts."""
    column = stack([getattr(window, name) for window in windows])
    for window in windows:
        setattr(window, name, None)
    _give_back()
    return column


def _give_back() -> None:
    """Return freed memory to the machine: Arrow keeps it for later, in pieces that fit no stacked column."""
    pa.default_memory_pool().release_unused()


def _stacked_offers(windows: Sequence[Window]) -> list[Offer]:
    """Stack the offers, one rule after the other."""
    shared, offers = _Shared(), []
    while windows[0].offers:
        offers.append(stacked_offer([window.offers.pop(0) for window in windows], shared))
        _give_back()
    return offers


class _Shared:
    """Columns that are stacked already: rules that read the same columns share them, before and after."""

    def __init__(self) -> None:
        # The first part is kept, so that its id stays its own.
        self._found: dict[int, tuple[Any, Any]] = {}

    def stack(self, parts: Sequence[Any], stack: Callable[[Any], Any]) -> Any:
        """Return the parts stacked; None where there are none."""
        if parts[0] is None:
            return None
        if id(parts[0]) not in self._found:
            self._found[id(parts[0])] = parts[0], stack(parts)
        return self._found[id(parts[0])][1]


def stacked_offer(parts: Sequence[Offer], shared: _Shared | None = None) -> Offer:
    """Stack the offers of one rule, one below the other."""
    shared = shared or _Shared()
    return Offer(
        rank=parts[0].rank,
        kind=parts[0].kind,
        present=np.concatenate([part.present for part in parts]),
        tags=Policy.stacked([part.tags for part in parts]),
        tags_logic=Policy.stacked([part.tags_logic for part in parts]),
        ids=shared.stack([part.ids for part in parts], Identifiers.stacked),
        phones=shared.stack([part.phones for part in parts], pa.concat_arrays),
        emails=shared.stack([part.emails for part in parts], pa.concat_arrays),
        dates=shared.stack([part.dates for part in parts], np.concatenate),
        match=shared.stack([part.match for part in parts], Policy.stacked),
        depth=shared.stack([part.depth for part in parts], Policy.stacked),
    )
