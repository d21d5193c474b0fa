"""The rule list as the answers show it: which rule stands at which place, and what won in each row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import pandas as pd

from ctnb.results.columns import OFFERED_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# The vendor takes no longer list, so a larger place is not from a run.
_MOST_RULES = 20

Offer = tuple[str, ...]
"""The types offered for a row, in order."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Answered rows that are alike: what was offered, what won, and how many they are.

    ``by`` and ``rule`` (1-based) are None where nothing won, and where it is not known what did.
    """

    offer: Offer
    matched: bool
    by: str | None
    rule: int | None
    rows: int


def tally(results: pd.DataFrame) -> list[Answered]:
    """Count the answered rows by what was offered and what won.

    Parameters
    ----------
    results : DataFrame
        From `restore`, with `offered`, `matched`, `matched_by` and `rule`.
    """
    answered = results.loc[results["matched"].notna().to_numpy()]
    offered, by = answered["offered"].cat, answered["matched_by"].cat
    keys = pd.DataFrame(
        {
            "offered": offered.codes.to_numpy(),
            "matched": answered["matched"].to_numpy(dtype=bool),
            "by": by.codes.to_numpy(),
            "rule": answered["rule"].fillna(0).to_numpy(dtype="int64"),
        }
    )
    groups = keys.groupby(list(keys), sort=True).size().rename("rows").reset_index()
    return [
        Answered(
            offer=_split(offered.categories[code]) if code >= 0 else (),
            matched=bool(matched),
            by=str(by.categories[kind]) if matched and kind >= 0 else None,
            rule=rule if matched and rule > 0 else None,
            rows=rows,
        )
        for code, matched, kind, rule, rows in groups.astype("int64").to_numpy().tolist()
    ]


def offers(results: pd.DataFrame) -> set[Offer]:
    """Return what was offered in any row, answered or not."""
    return {_split(text) for text in results["offered"].cat.remove_unused_categories().cat.categories}


def _split(text: object) -> Offer:
    return tuple(str(text).split(OFFERED_SEPARATOR))


@dataclass(frozen=True, slots=True)
class RuleList:
    """What is known of the rules behind a frame.

    Attributes
    ----------
    kinds : tuple of str or None
        The type at each place, the first place first; None where it cannot be known.
    whole : bool
        Whether offers can be laid along `kinds`; if not, only the places that won are known.
    """

    kinds: tuple[str | None, ...]
    whole: bool

    def spans(self, offer: Offer) -> list[tuple[int, int] | None]:
        """Return, for each type of the offer, the first and last place it may stand at; None where not known."""
        if not self.whole:
            return [None] * len(offer)
        known = [kind for kind in offer if kind in self.kinds]
        length = len(self.kinds)
        first = _along(known, self.kinds)
        last = _along(known[::-1], self.kinds[::-1])
        if first is None or last is None:
            return [None] * len(offer)
        ends = iter(zip(first, (length + 1 - place for place in reversed(last)), strict=True))
        return [next(ends) if kind in self.kinds else None for kind in offer]

    def winners(self, row: Answered) -> list[int]:
        """Return the positions in the row's offer (0-based) that may have won; all that the row does not exclude."""
        of_type = [at for at, kind in enumerate(row.offer) if row.by is None or kind == row.by]
        if row.rule is None:
            return of_type
        spans = self.spans(row.offer)
        # Where the list is not known, at most rule - 1 types can stand before the winner.
        fitting = [at for at in of_type if _holds(spans[at] or (at + 1, _MOST_RULES), row.rule)]
        return fitting or of_type

    def reached(self, row: Answered) -> int:
        """Return up to which position of its offer (0-based) the row is known to have come."""
        return min(self.winners(row), default=0) if row.matched else len(row.offer)


def infer_rules(seen: Collection[Offer], answered: Iterable[Answered]) -> RuleList:
    """Find the shortest rule list that explains every offer and every winner.

    A rule that no row was offered leaves no trace but a gap in the places that won. Where several lists of
    the same length explain the frame, a place on which they differ is not known; where none does (results of
    runs with other rules in one frame, say), only the places that won are.

    Parameters
    ----------
    seen : collection of tuple of str
        From `offers`.
    answered : iterable of Answered
        From `tally`.
    """
    won = [(row.rule, row) for row in answered if row.rule is not None]
    places: dict[int, set[str]] = {}
    for rule, row in won:
        if row.by is not None:
            places.setdefault(rule, set()).add(row.by)
    last = max((rule for rule, _ in won), default=0)
    fixed = {place: next(iter(kinds)) for place, kinds in places.items() if len(kinds) == 1}
    if len(fixed) == len(places) and last <= _MOST_RULES:
        once = all(len(set(offer)) == len(offer) for offer in seen) and len(set(fixed.values())) == len(fixed)
        kinds = _each_once(seen, fixed, last) if once else _longest(seen, fixed, last)
        found = RuleList(kinds, whole=True)
        if kinds and all(_explained(found, rule, row) for rule, row in won):
            return found
    return RuleList(tuple(fixed.get(place) for place in range(1, last + 1)), whole=False)


def _each_once(seen: Collection[Offer], fixed: dict[int, str], last: int) -> tuple[str | None, ...]:
    """Lay out a list in which no type comes twice: the fixed places, and the other types between them."""
    types = sorted({kind for offer in seen for kind in offer} | set(fixed.values()))
    free = [kind for kind in types if kind not in fixed.values()]
    for length in range(max(last, len(types)), last + len(free) + 1):
        gaps = [place for place in range(1, length + 1) if place not in fixed]
        layouts = [fixed | dict(zip(chosen, free, strict=True)) for chosen in permutations(gaps, len(free))]
        lists = [tuple(layout.get(place) for place in range(1, length + 1)) for layout in layouts]
        fitting = [kinds for kinds in lists if all(_along(offer, kinds) is not None for offer in seen)]
        if fitting:
            return tuple(at[0] if len(set(at)) == 1 else None for at in zip(*fitting, strict=True))
    return ()


def _longest(seen: Collection[Offer], fixed: dict[int, str], last: int) -> tuple[str | None, ...]:
    """Take the longest offer for the list, if all others lie along it and the fixed places agree."""
    longest = max(seen, key=len, default=())
    agree = last <= len(longest) and all(longest[place - 1] == kind for place, kind in fixed.items())
    return longest if agree and all(_along(offer, longest) is not None for offer in seen) else ()


def _along(offer: Iterable[str], kinds: tuple[str | None, ...]) -> list[int] | None:
    """Return the earliest places (1-based) at which the offer lies along the list, or None if it does not."""
    places, place = [], 0
    for kind in offer:
        try:
            place = kinds.index(kind, place) + 1
        except ValueError:
            return None
        places.append(place)
    return places


def _explained(rules: RuleList, rule: int, row: Answered) -> bool:
    spans = rules.spans(row.offer)
    return any(
        row.by in (kind, None) and span is not None and _holds(span, rule)
        for kind, span in zip(row.offer, spans, strict=True)
    )


def _holds(span: tuple[int, int], place: int) -> bool:
    return span[0] <= place <= span[1]
