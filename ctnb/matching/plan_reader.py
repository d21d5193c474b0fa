"""What a plan asks for, rule by rule: the only file here that knows how offers and policies are laid out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ctnb.leads.stacking import stacked_offer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.moments.wall_clock import Seconds
    from ctnb.leads.plan import Plan
    from ctnb.leads.rule_data import Offer, Policy
    from ctnb.outcomes import Kind

Integers = npt.NDArray[np.int64]


class Setting(NamedTuple):
    """A policy value for each of m searches: ``values[codes[i]]``."""

    codes: npt.NDArray[np.int32]
    values: Sequence[Any]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Search:
    """What one rule looks for, in m searches; a comment may have several of a rank. No repr: it would show contacts.

    Attributes
    ----------
    rank : int
        1-based; ranks are tried in order.
    kind : Kind
    comments : ndarray of int64, shape (m,)
        The comment that each search is for, ascending; those of one comment in the order in which they are tried.
    rows : ndarray of int64, shape (m,)
        Where the contacts and dates of each search stand in the columns, which rules may share.
    ids : large_string, length m, or None
    numeric : ndarray of bool, shape (m,), or None
        Whether an id is a number, which is the vendor's own.
    phones, emails : large_list of large_string, or None
    dates : ndarray of datetime64[s], or None
        Wall clock of the account.
    match, depth : Setting or None
        Of str, and of int minutes.
    tags, tags_logic : Setting
        Of tuples of str, and of ``and`` / ``or``.
    """

    rank: int
    kind: Kind
    comments: Integers
    rows: Integers
    ids: Strings | None
    numeric: Flags | None
    phones: Lists | None
    emails: Lists | None
    dates: Seconds | None
    match: Setting | None
    depth: Setting | None
    tags: Setting
    tags_logic: Setting

    def __len__(self) -> int:
        return len(self.comments)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlannedSearches:
    """All searches of a plan of n rows, whose rows of one comment are one.

    Attributes
    ----------
    searches : tuple of Search
        One for each rule, in order.
    comment_of_row : ndarray of int64, shape (n,)
        The comment of each row, from 0; -1 for a row that is invalid.
    first_rows : ndarray of int64, shape (comments,)
        The row that stands for each comment, ascending.
    """

    searches: tuple[Search, ...]
    comment_of_row: Integers
    first_rows: Integers

    def spread(self, of_comments: npt.NDArray[Any], blank: int = -1) -> npt.NDArray[Any]:
        """Return for each row what belongs to its comment; `blank` for rows that are invalid."""
        return np.append(of_comments, np.asarray(blank, dtype=of_comments.dtype))[self.comment_of_row]

    def rows_of_comments(self) -> Integers:
        """Return how many rows each comment stands for."""
        counts = np.bincount(self.comment_of_row[self.comment_of_row >= 0], minlength=len(self.first_rows))
        return counts.astype(np.int64)


def read_plan(plan: Plan) -> PlannedSearches:
    """Return what a plan would have the vendor look for."""
    sent = plan.sent
    numbers = np.full(len(plan), -1, dtype=np.int64)
    numbers[sent] = np.arange(len(sent))
    comment_of_row = np.where(plan.ready, numbers[plan.first], -1)
    if plan.united is None:
        searches = tuple(_search(offer, sent) for offer in plan.offers)
    else:
        # What the rows of one lead offer may be several searches of a rank, which are tried in their order.
        offered = groupby(plan.offered(sent), key=attrgetter("rank"))
        searches = tuple(_united_search(list(variants), len(sent)) for _, variants in offered)
    return PlannedSearches(searches, comment_of_row, sent)


def _search(offer: Offer, sent: Integers) -> Search:
    """Return what one rule offers for the rows that are sent."""
    comments = np.flatnonzero(offer.present[sent])
    return _asked(offer, comments, sent[comments])


def _united_search(variants: list[Offer], comments: int) -> Search:
    """Return what one rule offers for m comments, given the first variant for each of them, the second, and so on."""
    whole = variants[0] if len(variants) == 1 else stacked_offer(variants)
    present = np.flatnonzero(whole.present)
    rows = present[np.argsort(present % comments, kind="stable")]
    return _asked(whole, rows % comments, rows)


def _asked(offer: Offer, comments: Integers, rows: Integers) -> Search:
    """Return the searches of one rule for some comments, given the rows of the offer that ask for them."""
    return Search(
        rank=offer.rank,
        kind=offer.kind,
        comments=comments,
        rows=rows,
        ids=None if offer.ids is None else _taken(offer.ids.texts, rows),
        numeric=None if offer.ids is None else offer.ids.numeric[rows],
        phones=offer.phones,
        emails=offer.emails,
        dates=offer.dates,
        match=_setting(offer.match, rows),
        depth=_setting(offer.depth, rows),
        tags=Setting(offer.tags.codes[rows], offer.tags.values),
        tags_logic=Setting(offer.tags_logic.codes[rows], offer.tags_logic.values),
    )


def _taken(texts: Strings, rows: Integers) -> Strings:
    """Return the texts of some rows, without a copy where they are all, in their order."""
    return texts if np.array_equal(rows, np.arange(len(texts))) else texts.take(pa.array(rows))


def _setting(policy: Policy | None, rows: Integers) -> Setting | None:
    """Return a policy's values in some rows."""
    return None if policy is None else Setting(policy.codes[rows], policy.values)
