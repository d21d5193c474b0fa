"""Which rows of two results are of one deal: by a key, or by an index that tells the rows apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.exceptions import ConfigError
from ctnb.i18n.message import lazy_gettext
from ctnb.leads.columns.arrow_text import joined, text
from ctnb.leads.columns.cells import column
from ctnb.leads.identity import named_by_key
from ctnb.results.change import Unpaired
from ctnb.results.columns import MINUTES, NAMES

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Strings

Rows = npt.NDArray[np.int64]

NO_ROW: Final = -1
_SIDES: Final = ("before", "after")


_REASONS: Final = {reason: code for code, reason in enumerate(Unpaired)}


@dataclass(frozen=True, slots=True)
class Pairing:
    """Lines of a comparison: a line for each pair, and for each row without a partner.

    First those with a row after, in that frame's order, then the others, in the order of the frame before.

    Attributes
    ----------
    before, after : ndarray of int64, shape (m,)
        Row in each frame, `NO_ROW` where there is none; of rows that share a key and an outcome, the first.
    rows_before, rows_after : ndarray of int64, shape (m,)
        Rows of each frame that the line stands for.
    reason : ndarray of int8, shape (m,)
        Code of `Unpaired`, -1 for a pair.
    """

    before: Rows
    after: Rows
    rows_before: Rows
    rows_after: Rows
    reason: npt.NDArray[np.int8]

    @property
    def paired(self) -> npt.NDArray[np.bool_]:
        """Whether a line is a pair, shape (m,)."""
        found: npt.NDArray[np.bool_] = self.reason < 0
        return found


def key_cells(frame: pd.DataFrame, key: str, side: str) -> pd.Series[Any]:
    """Return the cells of the key, by position."""
    if not isinstance(key, str):
        raise ConfigError("key= expected the name of one column, got a {kind}. Name one.", kind=type(key).__name__)
    return pd.Series(column(frame, key, wanted_by=lazy_gettext("key= in `{side}`", side=side)).array)


def pair(names: tuple[Strings, Strings], outcomes: tuple[Rows, Rows]) -> Pairing:
    """Pair the rows of two frames of results.

    Parameters
    ----------
    names : two columns of texts
        A name for each row before and after, equal where the deal is; null where it has none.
    outcomes : two ndarrays of int64
        A number for each row, equal where the outcome is.
    """
    return _paired(_codes(names), outcomes)


def _codes(names: tuple[Strings, ...]) -> tuple[Rows, Rows]:
    """Return numbers that are equal where names are, -1 where there is none."""
    every = pa.concat_arrays(names).dictionary_encode().indices.fill_null(NO_ROW).to_numpy().astype(np.int64)
    return every[: len(names[0])], every[len(names[0]) :]


def _paired(keys: tuple[Rows, Rows], outcomes: tuple[Rows, Rows]) -> Pairing:
    most = 1 + max((int(side.max()) for side in keys if len(side)), default=NO_ROW)
    sides = [_Side.of(key, outcome, most) for key, outcome in zip(keys, outcomes, strict=True)]
    there = (sides[0].rows > 0) & (sides[1].rows > 0)
    pairs = np.flatnonzero(there & sides[0].agree & sides[1].agree)
    lines = [(sides[0].first[pairs], sides[1].first[pairs], sides[0].rows[pairs], sides[1].rows[pairs])]
    reasons = [np.full(len(pairs), NO_ROW)]
    is_pair = np.zeros(most + 1, dtype=bool)
    is_pair[pairs] = True
    # A row without a key takes the last place, which is of no pair.
    there = np.append(there, False)
    for number, key in enumerate(keys):
        alone = np.flatnonzero(~is_pair[key])
        nothing, one = np.full(len(alone), NO_ROW), np.ones(len(alone), dtype=np.int64)
        none = np.zeros(len(alone), dtype=np.int64)
        lines.append((alone, nothing, one, none) if number == 0 else (nothing, alone, none, one))
        why = np.where(there[key[alone]], _REASONS[Unpaired.SEVERAL_OUTCOMES], _REASONS[Unpaired.NO_PARTNER])
        reasons.append(np.where(key[alone] < 0, _REASONS[Unpaired.BLANK_KEY], why))
    was, now, rows_before, rows_after = (np.concatenate(parts).astype(np.int64) for parts in zip(*lines, strict=True))
    order = np.lexsort((was, now, now < 0))
    return Pairing(
        was[order], now[order], rows_before[order], rows_after[order], np.concatenate(reasons)[order].astype(np.int8)
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """What one frame has of each key: its rows, the first of them, and whether they are of one outcome."""

    rows: Rows
    first: Rows
    agree: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, keys: Rows, outcomes: Rows, most: int) -> _Side:
        at = np.flatnonzero(keys >= 0)
        rows = np.bincount(keys[at], minlength=most)
        first = np.full(most, NO_ROW, dtype=np.int64)
        # The last that is written stays: so from the end.
        first[keys[at][::-1]] = at[::-1]
        differs = at[outcomes[at] != outcomes[first[keys[at]]]]
        agree = np.ones(most, dtype=bool)
        agree[keys[differs]] = False
        return cls(rows, first, agree)


def named_by_index(before: pd.DataFrame, after: pd.DataFrame, prefix: str) -> tuple[Strings, Strings]:
    """Return a name for each row from the indexes, which pair the rows where they are unique and of one kind."""
    for side, frame in zip(_SIDES, (before, after), strict=True):
        if not frame.index.is_unique:
            raise ConfigError(
                "The index of `{side}` has labels that stand more than once, so it cannot pair the rows. Name the "
                "column that names the deal: key=.",
                side=side,
            )
    known = [[level for level in frame.index.names if level is not None] for frame in (before, after)]
    if before.index.nlevels != after.index.nlevels or (all(known) and known[0] != known[1]):
        was, now = (", ".join(map(repr, names)) or lazy_gettext("no name") for names in known)
        raise ConfigError(
            "Expected indexes of one kind in `before` and `after`, got {before} and {after}. Name the column that "
            "names the deal: key=.",
            before=was,
            after=now,
        )
    names = _index_names(before.index), _index_names(after.index)
    positions = [
        isinstance(frame.index, pd.RangeIndex) and not of for frame, of in zip((before, after), known, strict=True)
    ]
    if any(positions):
        _check_positions(before, after, names, prefix)
    return names


def _index_names(index: pd.Index) -> Strings:
    """Return a name for each label; a level that is blank is blank in the name."""
    levels = [named_by_key(pd.Series(index.get_level_values(level).array)) for level in range(index.nlevels)]
    if len(levels) == 1:
        return levels[0]
    return joined(*(part for level in levels for part in (pc.fill_null(level, text("")), text("\n"))))


def _check_positions(before: pd.DataFrame, after: pd.DataFrame, names: tuple[Strings, Strings], prefix: str) -> None:
    """Refuse to pair by numbers of rows where the rows do not show that they are the same deals.

    They do where a column that they share tells the rows apart and is the same in each; or where both have the same
    numbers, and all columns that they share are the same.
    """
    codes = _codes(names)
    _, at_before, at_after = np.intersect1d(*codes, return_indices=True)
    ours = {prefix + name for name in (*NAMES, MINUTES)}
    shared = [name for name in before.columns if name not in ours and name in after.columns]
    all_equal = len(at_before) == len(before) == len(after)
    for name in shared:
        if isinstance(before[name], pd.DataFrame) or isinstance(after[name], pd.DataFrame):
            all_equal = False
            continue
        was, now = _codes(
            tuple(
                named_by_key(pd.Series(frame[name].array[rows]))
                for frame, rows in ((before, at_before), (after, at_after))
            )
        )
        equal = bool((was == now).all())
        if equal and len(was) and (was >= 0).all() and len(np.unique(was)) == len(was):
            return
        all_equal &= equal
    if not all_equal:
        raise ConfigError(
            "The rows have numbers for an index, and their cells do not show that a number means the same deal in both "
            "frames: they may come from different exports. Name the column that names the deal: key=."
        )
