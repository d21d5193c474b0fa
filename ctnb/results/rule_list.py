"""The rule list as the answers show it: which type stands at which rank, and which rules each row came to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pandas as pd

from ctnb.outcomes import Status
from ctnb.results.columns import OFFERED_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# The vendor takes no longer list, so a larger rank is not from a run.
_MOST_RULES: Final = 20

Types: TypeAlias = tuple[str, ...]
"""The types offered for a row, in order."""


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """Answered rows that are alike: what was offered, what won, and how many they are.

    ``kind`` and ``rank`` (1-based) are None where nothing won, and where it is not known what did. Where
    something won and ``rank`` is None, the rows may have been answered under another rule list.
    """

    offered: Types
    matched: bool
    kind: str | None
    rank: int | None
    rows: int


def answer_groups(results: pd.DataFrame) -> list[AnswerGroup]:
    """Count the answered rows by what was offered and what won.

    Parameters
    ----------
    results : DataFrame
        From `restore`, with `offered`, `matched`, `matched_by` and `rule`.
    """
    answered = results.loc[results["matched"].notna().to_numpy()]
    offered, kinds = answered["offered"].cat, answered["matched_by"].cat
    keys = pd.DataFrame(
        {
            "offered": offered.codes.to_numpy(),
            "matched": answered["matched"].to_numpy(dtype=bool),
            "kind": kinds.codes.to_numpy(),
            "rank": answered["rule"].fillna(0).to_numpy(dtype="int64"),
        }
    )
    groups = keys.groupby(list(keys), sort=True).size().rename("rows").reset_index()
    return [
        AnswerGroup(
            offered=_split(offered.categories[code]) if code >= 0 else (),
            matched=bool(matched),
            kind=str(kinds.categories[kind]) if matched and kind >= 0 else None,
            rank=rank if matched and rank > 0 else None,
            rows=rows,
        )
        for code, matched, kind, rank, rows in groups.astype("int64").to_numpy().tolist()
    ]


def offered_types(offered: pd.Series[Any]) -> set[Types]:
    """Return what was offered in any of some rows."""
    return {_split(text) for text in offered.cat.remove_unused_categories().cat.categories}


def _split(text: object) -> Types:
    return tuple(str(text).split(OFFERED_SEPARATOR))


@dataclass(frozen=True, slots=True)
class RuleList:
    """What is known of the rules behind a frame.

    Attributes
    ----------
    kinds : tuple of str or None
        The type at each rank, rank 1 first; None where it cannot be known.
    complete : bool
        Whether what was offered can be laid along `kinds`; if not, only the ranks that won are known.
    """

    kinds: tuple[str | None, ...]
    complete: bool

    def spans(self, offered: Types) -> list[tuple[int, int] | None]:
        """Return, for each type offered, the first and last rank that it may have; None where not known."""
        if not self.complete:
            return [None] * len(offered)
        known = [kind for kind in offered if kind in self.kinds]
        length = len(self.kinds)
        first = _along(known, self.kinds)
        last = _along(known[::-1], self.kinds[::-1])
        if first is None or last is None:
            return [None] * len(offered)
        ends = iter(zip(first, (length + 1 - rank for rank in reversed(last)), strict=True))
        return [next(ends) if kind in self.kinds else None for kind in offered]

    def reached(self, group: AnswerGroup) -> int:
        """Return the 0-based position among the types offered up to which the rows are known to have come."""
        return min(self._winners(group), default=0) if group.matched else len(group.offered)

    def explains(self, group: AnswerGroup) -> bool:
        """Whether a type that was offered can have won at the group's rank."""
        return any(
            group.kind in (kind, None) and span is not None and _within(span, group.rank)
            for kind, span in zip(group.offered, self.spans(group.offered), strict=True)
        )

    def _winners(self, group: AnswerGroup) -> list[int]:
        """Return the 0-based positions among the types offered that may have won; all that are not excluded."""
        of_kind = [at for at, kind in enumerate(group.offered) if group.kind in (kind, None)]
        if group.rank is None:
            return of_kind
        spans = self.spans(group.offered)
        # Where the list is not known, at most rank - 1 types can stand before the winner.
        fitting = [at for at in of_kind if _within(spans[at] or (at + 1, _MOST_RULES), group.rank)]
        return fitting or of_kind


def infer_rule_list(results: pd.DataFrame, groups: Iterable[AnswerGroup]) -> RuleList:
    """Find the shortest rule list that explains everything that was offered and every winner.

    A rule that no row was offered leaves no trace but a gap in the ranks that won. Where several lists of
    the same length explain the frame, a rank on which they differ is not known; where none does (results of
    runs with other rules in one frame, say), only the ranks that won are.

    Parameters
    ----------
    results : DataFrame
        From `restore`, with `status`, `matched`, `rule` and `offered`. Rows that may have been answered under
        another list (matched by no known rule, or neither answered nor left for later) are passed over.
    groups : iterable of AnswerGroup
        Of these results.
    """
    here = results["status"].isin([Status.UNMATCHED, Status.UNSENT, Status.BUSY]) | results["rule"].notna()
    offered = offered_types(results.loc[here.to_numpy(), "offered"])
    won = [(group.rank, group) for group in groups if group.rank is not None]
    kinds_at: dict[int, set[str]] = {}
    for rank, group in won:
        if group.kind is not None:
            kinds_at.setdefault(rank, set()).add(group.kind)
    last = max((rank for rank, _ in won), default=0)
    fixed = {rank: next(iter(kinds)) for rank, kinds in kinds_at.items() if len(kinds) == 1}
    if len(fixed) == len(kinds_at) and last <= _MOST_RULES:
        once = all(len(set(types)) == len(types) for types in offered) and len(set(fixed.values())) == len(fixed)
        kinds = _each_once(offered, fixed, last) if once else _longest(offered, fixed, last)
        found = RuleList(kinds, complete=True)
        if kinds and all(found.explains(group) for _, group in won):
            return found
    return RuleList(tuple(fixed.get(rank) for rank in range(1, last + 1)), complete=False)


def _each_once(offered: Collection[Types], fixed: dict[int, str], last: int) -> tuple[str | None, ...]:
    """Lay out a list in which no type comes twice: the fixed ranks, and the other types between them."""
    kinds = sorted({kind for types in offered for kind in types} | set(fixed.values()))
    free = [kind for kind in kinds if kind not in fixed.values()]
    for length in range(max(last, len(kinds)), last + len(free) + 1):
        gaps = [rank for rank in range(1, length + 1) if rank not in fixed]
        layouts = [fixed | dict(zip(chosen, free, strict=True)) for chosen in permutations(gaps, len(free))]
        lists = [tuple(layout.get(rank) for rank in range(1, length + 1)) for layout in layouts]
        fitting = [kinds for kinds in lists if all(_along(types, kinds) is not None for types in offered)]
        if fitting:
            return tuple(at[0] if len(set(at)) == 1 else None for at in zip(*fitting, strict=True))
    return ()


def _longest(offered: Collection[Types], fixed: dict[int, str], last: int) -> tuple[str | None, ...]:
    """Take the most that was offered for the list, if all else lies along it and the fixed ranks agree."""
    longest = max(offered, key=len, default=())
    agree = last <= len(longest) and all(longest[rank - 1] == kind for rank, kind in fixed.items())
    return longest if agree and all(_along(types, longest) is not None for types in offered) else ()


def _along(types: Iterable[str], kinds: tuple[str | None, ...]) -> list[int] | None:
    """Return the lowest ranks at which types lie along a list, or None if they do not."""
    ranks, rank = [], 0
    for kind in types:
        try:
            rank = kinds.index(kind, rank) + 1
        except ValueError:
            return None
        ranks.append(rank)
    return ranks


def _within(span: tuple[int, int], rank: int | None) -> bool:
    return rank is not None and span[0] <= rank <= span[1]
