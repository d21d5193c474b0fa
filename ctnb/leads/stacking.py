"""Windows: a frame is planned some ten thousand rows at a time, so that what a step needs on the way stays small.

The windows are stacked column by column, each let go of as soon as it is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ctnb.leads.columns.problems import Problems
from ctnb.leads.identifiers import Identifiers
from ctnb.leads.rule_data import Offer, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnb.leads.columns.arrow_text import Flags, Strings

WINDOW: Final = 1 << 15
"""Rows that are planned together."""


@dataclass(slots=True)
class Window:
    """What is planned for some rows; see `ctnb.leads.plan.Plan` for the columns."""

    offers: list[Offer]
    texts: Strings
    leads_named: Strings
    ready: Flags
    problems: Problems
    reason_codes: npt.NDArray[np.int8]


def stacked(windows: list[Window]) -> Window:
    """Put windows, one at least, above each other; they are emptied on the way."""
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
    )


def _drained(windows: Sequence[Window], name: str, stack: Callable[[Any], Any]) -> Any:
    """Stack one column of all windows, and let go of its parts."""
    column = stack([getattr(window, name) for window in windows])
    for window in windows:
        setattr(window, name, None)
    _give_back()
    return column


def _give_back() -> None:
    """Return freed memory to the machine: Arrow keeps it for later, in pieces that fit no stacked column."""
    pa.default_memory_pool().release_unused()


def _stacked_offers(windows: Sequence[Window]) -> list[Offer]:
    """Stack what the rules offer, one rule after the other."""
    shared, offers = _Shared(), []
    while windows[0].offers:
        offers.append(_stacked_offer([window.offers.pop(0) for window in windows], shared))
        _give_back()
    return offers


class _Shared:
    """Columns that were stacked before: rules that read the same columns share them, before and after."""

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


def _stacked_offer(parts: list[Offer], shared: _Shared) -> Offer:
    """Stack what one rule offers."""
    return Offer(
        place=parts[0].place,
        kind=parts[0].kind,
        present=np.concatenate([part.present for part in parts]),
        tags=_stacked_policies([part.tags for part in parts]),
        tags_logic=_stacked_policies([part.tags_logic for part in parts]),
        ids=shared.stack([part.ids for part in parts], _stacked_identifiers),
        phones=shared.stack([part.phones for part in parts], pa.concat_arrays),
        emails=shared.stack([part.emails for part in parts], pa.concat_arrays),
        dates=shared.stack([part.dates for part in parts], np.concatenate),
        match=shared.stack([part.match for part in parts], _stacked_policies),
        depth=shared.stack([part.depth for part in parts], _stacked_policies),
    )


def _stacked_policies(parts: Sequence[Policy]) -> Policy:
    """Stack policy values; a literal is the same in all parts."""
    if all(len(part.values) == 1 and part.values[0] == parts[0].values[0] for part in parts):
        return Policy.of(parts[0].values[0], sum(len(part.codes) for part in parts))
    values = [value for part in parts for value in part.values]
    begins = np.cumsum([0, *(len(part.values) for part in parts[:-1])], dtype=np.int32)
    codes = [part.codes + begin for part, begin in zip(parts, begins, strict=True)]
    return Policy(np.concatenate(codes), values)


def _stacked_identifiers(parts: Sequence[Identifiers]) -> Identifiers:
    """Stack ids."""
    return Identifiers(
        pa.concat_arrays([part.texts for part in parts]),
        np.concatenate([part.numeric for part in parts]),
        Problems.stacked([part.problems for part in parts]),
    )
