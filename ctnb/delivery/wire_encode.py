"""The body of a request: leads as JSON, encoded a column at a time (contract, Request).

The vendor's date format, ids, contacts and escapes are here. The two wire modules and the emulator are the only ones
that spell the vendor's field names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_lists import filled
from ctnb.leads.columns.arrow_text import (
    TEXT,
    Flags,
    Part,
    Strings,
    joined,
    listed,
    matching,
    mended,
    strings_of,
    text,
)
from ctnb.outcomes import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.identifiers import Identifiers
    from ctnb.leads.moments.wall_clock import Seconds
    from ctnb.leads.plan import Plan
    from ctnb.leads.rule_data import Offer, Policy

PATH: Final = "/lead-service/v1/api/comment/lead/add"
TOKEN_HEADER: Final = "Access-Token"  # noqa: S105  a name, not a token
SITE_HEADER: Final = "SiteId"

_PARAMETERS: Final = {
    Kind.CALL: "callParams",
    Kind.REQUEST: "requestParams",
    Kind.CALL_CONTACT: "callContactParams",
    Kind.REQUEST_CONTACT: "requestContactParams",
}
_ID: Final = {Kind.CALL: "callId", Kind.REQUEST: "requestId"}
_MATCH: Final = {Kind.CALL_CONTACT: "callTypeToMatch", Kind.REQUEST_CONTACT: "requestTypeToMatch"}

_encoder = msgspec.json.Encoder()

WINDOW: Final = 2_000
"""Leads that are encoded together: enough to make a call cheap, few enough that the first request goes out soon."""

HEAD: Final = b'{"comments":['
TAIL: Final = b"]}"


class Encoder:
    """Encodes the bodies of a plan's requests, many leads at a time.

    Parameters
    ----------
    plan : Plan
    window : int
        Leads that are encoded together.
    """

    def __init__(self, plan: Plan, window: int = WINDOW) -> None:
        self._plan, self._sent, self._window = plan, plan.sent, window
        self._begin, self._leads = 0, strings_of([])

    def body(self, rows: Sequence[int]) -> bytes:
        """Return the UTF-8 body of one request.

        Parameters
        ----------
        rows : sequence of int
            Rows of the plan that are sent, ascending. Bodies are cheap when asked for in order.
        """
        order = np.searchsorted(self._sent, rows)
        # A run that skips what an earlier one delivered has gaps.
        inside = self._begin <= order[0] and order[-1] < self._begin + len(self._leads)
        if not inside and order[-1] - order[0] < self._window:
            self._begin = int(order[0])
            self._leads = encoded(self._plan, self._sent[self._begin : self._begin + self._window])
        elif not inside:
            return encode(self._plan, rows)
        order = order - self._begin
        if order[-1] - order[0] == len(order) - 1:
            return _body(self._leads[order[0] : order[-1] + 1])
        return _body(self._leads.take(pa.array(order)))


def encode(plan: Plan, rows: Sequence[int]) -> bytes:
    """Return the UTF-8 body of one request that carries the leads of these rows of the plan."""
    return _body(encoded(plan, np.asarray(rows, dtype=np.int64)))


def lead_dicts(plan: Plan, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Return the leads of these rows of the plan as the dicts of the vendor's JSON."""
    leads: list[dict[str, Any]] = msgspec.json.decode(encode(plan, rows))["comments"] if rows else []
    return leads


def encoded(plan: Plan, rows: npt.NDArray[np.int64]) -> Strings:
    """Encode leads as JSON, a column at a time.

    Parameters
    ----------
    plan : Plan
    rows : ndarray of int64, shape (m,)
        Rows of the plan.

    Returns
    -------
    large_string, length m
        One lead in each, with a comma after it, so that leads that follow each other are ready to be sent.
    """
    offers = plan.offered(rows)
    # Rules that read the same dates share their texts.
    texts = {id(moments): vendor_dates(moments) for moments in (offer.dates for offer in offers) if moments is not None}
    rules = [_rule(offer, texts.get(id(offer.dates))) for offer in offers]
    comments = _escaped(plan.texts.take(pa.array(rows)))
    return joined(text('{"matching":['), listed(rules), text('],"addComment":"'), comments, text('"},'))


def vendor_dates(moments: Seconds) -> Strings:
    """Return moments, datetime64[s], as ``dd-mm-YYYY HH:MM:SS``; null for NaT.

    Arrow's own text with day and year exchanged: its strftime takes four times as long, and on Windows it looks for
    a database of time zones.
    """
    return pc.replace_substring_regex(
        pa.array(moments).cast(TEXT), pattern=r"^(\d+)-(\d+)-(\d+)", replacement=r"\3-\2-\1"
    )


def _body(leads: Strings) -> bytes:
    """Put the bytes of leads that lie side by side into a body, the last comma left out."""
    _, offsets, data = leads.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[leads.offset :][: len(leads) + 1]
    begin = int(ends[0])
    end = max(begin, int(ends[-1]) - 1)
    return b"".join((HEAD, memoryview(data)[begin:end], TAIL))


def _rule(offer: Offer, dates: Strings | None) -> Strings:
    """Encode one rule of some leads; null where it has no data."""
    present = offer.present
    parts = [text(f'{{"type":"{offer.kind.value}","{_PARAMETERS[offer.kind]}":{{')]
    if offer.ids is not None:
        parts += [text(f'"{_ID[offer.kind]}":'), *_id(offer.ids, present)]
    if dates is not None and offer.match is not None and offer.depth is not None:
        for name, lists in _lists(offer):
            parts += _contacts(name, lists, present)
        parts += [text('"date":"'), _where(present, dates), text(f'","{_MATCH[offer.kind]}":')]
        parts += [_policy(offer.match), text(',"searchDepth":'), _policy(offer.depth)]
    return joined(*parts, _tags(offer), text("}}"))


def _where(present: Flags, column: Strings) -> Strings:
    """Make texts null where a rule is not present; whatever they are joined to is null then."""
    return pc.if_else(pa.array(present), column, pa.scalar(None, TEXT))


def _id(ids: Identifiers, present: Flags) -> list[Part]:
    """Encode an id: a number as it is, a text in quotes."""
    texts = _escaped(_where(present, ids.texts))
    numeric = ids.numeric
    if numeric.any() and not numeric[present].all():
        quote = pc.if_else(pa.array(numeric), text(""), text('"'))
    else:
        quote = text("" if numeric.any() else '"')
    return [quote, texts, quote]


def _lists(offer: Offer) -> list[tuple[str, Lists]]:
    """Name the contacts of an offer as the vendor does; it tries them in this order."""
    named = ("phones", offer.phones), ("emails", offer.emails)
    return [(name, lists) for name, lists in named if lists is not None]


def _contacts(name: str, lists: Lists, present: Flags) -> list[Part]:
    """Encode a list of contacts and a comma, or nothing for an empty list. Contacts hold nothing that JSON escapes."""
    parts = [text(f'"{name}":["'), pc.binary_join(lists, text('","')), text('"],')]
    some = filled(lists)
    return parts if some[present].all() else [pc.if_else(pa.array(some), joined(*parts), text(""))]


def _policy(policy: Policy) -> Part:
    """Encode policy values, each distinct one once."""
    values = [_json(value) for value in policy.values]
    return text(values[0]) if len(values) == 1 else strings_of(values).take(pa.array(policy.codes))


def _tags(offer: Offer) -> Part:
    """Encode tags and their logic, with a comma before; nothing where there are none."""
    if not any(offer.tags.values):
        return text("")
    tagged = np.array([bool(tags) for tags in offer.tags.values])[offer.tags.codes]
    parts = text(',"tags":'), _policy(offer.tags), text(',"tagsLogic":'), _policy(offer.tags_logic)
    return pc.if_else(pa.array(tagged), joined(*parts), text(""))


def _escaped(texts: Strings) -> Strings:
    """Escape what JSON cannot hold as it is: quotes, backslashes and controls."""
    return mended(texts, matching(texts, r'["\\\x00-\x1f]'), lambda value: _json(value)[1:-1])


def _json(value: object) -> str:
    """Return one value as JSON."""
    return _encoder.encode(value).decode()
