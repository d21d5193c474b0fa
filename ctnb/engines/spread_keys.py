"""Keys that stand in several partitions: found, their rows taken out, and the results put back by position.

Rows of one key are one lead, whose offers are put together, so that they have to be planned together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.leads.columns.cells import column
from ctnb.leads.identity import named_by_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Hashes: TypeAlias = npt.NDArray[np.uint64]
"""Hashes of canonical keys, the same on every machine. Two keys of one hash are gathered for nothing, and no more."""


def key_hashes(frame: pd.DataFrame, key: str) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """Return the hash of each row's key, and which rows have one; two arrays of shape (n,)."""
    named = named_by_key(column(frame, key, wanted_by="key"))
    texts = named.fill_null("").to_numpy(zero_copy_only=False).astype(object)
    return pd.util.hash_array(texts, categorize=False), named.is_valid().to_numpy(zero_copy_only=False)


def keys_of(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the hashes of a partition's keys, each once, in one column."""
    hashes, keyed = key_hashes(frame, key)
    return pd.DataFrame({"key": np.unique(hashes[keyed])})


def spread_keys(partitions: Sequence[pd.DataFrame]) -> Hashes:
    """Return the keys that several partitions have, sorted, given those of each."""
    found = np.sort(np.concatenate([keys["key"].to_numpy(np.uint64) for keys in partitions]))
    again: Hashes = np.unique(found[1:][found[1:] == found[:-1]])
    return again


def spread_rows(frame: pd.DataFrame, spread: Hashes, key: str) -> pd.DataFrame:
    """Return a partition's rows whose key other partitions have too."""
    return frame[_is_spread(frame, spread, key)]


def _is_spread(frame: pd.DataFrame, spread: Hashes, key: str) -> npt.NDArray[np.bool_]:
    hashes, keyed = key_hashes(frame, key)
    found: npt.NDArray[np.bool_] = np.isin(hashes, spread) & keyed
    return found


def gathered(partitions: Sequence[pd.DataFrame], work: Callable[[pd.DataFrame], pd.DataFrame]) -> list[pd.DataFrame]:
    """Carry work out over the spread rows of all partitions, in their order; return each partition's share."""
    frame = stacked_rows(partitions)
    if not len(frame):
        return [pd.DataFrame() for _ in partitions]
    done, ends = work(frame), np.cumsum([0, *map(len, partitions)])
    return [done.iloc[begin:end] for begin, end in pairwise(ends)]


def stacked_rows(partitions: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put partitions one below the other, each cell as it is: pandas makes floats of whole numbers beside floats."""
    frames = [frame for frame in partitions if len(frame)] or list(partitions[:1])
    differ = [name for at, name in enumerate(frames[0]) if len({str(frame.dtypes.iloc[at]) for frame in frames}) > 1]
    return pd.concat([frame.astype(dict.fromkeys(differ, object)) for frame in frames])


@dataclass(frozen=True, slots=True)
class Shared:
    """A partition's share of what was gathered: the keys that are spread, and the results of its rows, in order."""

    spread: Hashes
    results: pd.DataFrame

    def completed(self, frame: pd.DataFrame, key: str, work: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
        """Carry work out over the other rows of a partition; return the results of all, in the order of the rows."""
        is_spread = _is_spread(frame, self.spread, key)
        return interleaved(work(frame[~is_spread]), self.results, is_spread) if is_spread.any() else work(frame)


def interleaved(first: pd.DataFrame, second: pd.DataFrame, are_second: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Put the rows of two frames together, given for each row of the whole whether it is the second frame's next."""
    order = np.empty(len(are_second), dtype=np.intp)
    order[~are_second] = np.arange(len(first))
    order[are_second] = np.arange(len(first), len(are_second))
    return pd.DataFrame({name: _joined(first[name], second[name]).take(order) for name in first.columns})


def _joined(first: pd.Series[Any], second: pd.Series[Any]) -> Any:
    """Return the cells of two columns of one dtype; those of a category may have other categories."""
    if isinstance(first.dtype, pd.CategoricalDtype) and first.dtype != second.dtype:
        return pd.api.types.union_categoricals([first, second], sort_categories=True)
    return pd.concat([first, second], ignore_index=True).array
