"""Ways to write the bodies, from the same columns of the same plan: why ctnb joins Arrow columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.columns import deals
from benchmarks.planning import bodies, drain, planned
from benchmarks.race import Row, milliseconds, ratio, say, timed
from ctnb.delivery.wire import _dates
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnb import Plan

__all__ = ["race_encoders"]

# The wire's own names, as the vendor writes them.
PARAMETERS = {
    Kind.CALL: "callParams",
    Kind.CALL_CONTACT: "callContactParams",
    Kind.REQUEST_CONTACT: "requestContactParams",
}
MATCH = {Kind.CALL_CONTACT: "callTypeToMatch", Kind.REQUEST_CONTACT: "requestTypeToMatch"}


class CallParams(msgspec.Struct):
    """Parameters of a call rule."""

    callId: int | str  # noqa: N815 - the vendor's name


class CallContactParams(msgspec.Struct):
    """Parameters of a call contact rule."""

    phones: list[str]
    date: str
    callTypeToMatch: str  # noqa: N815 - the vendor's name
    searchDepth: int  # noqa: N815 - the vendor's name


class RequestContactParams(msgspec.Struct, omit_defaults=True):
    """Parameters of a request contact rule."""

    date: str
    requestTypeToMatch: str  # noqa: N815 - the vendor's name
    searchDepth: int  # noqa: N815 - the vendor's name
    phones: list[str] | None = None
    emails: list[str] | None = None


class Rule(msgspec.Struct, omit_defaults=True):
    """A rule of a lead."""

    type: str
    callParams: CallParams | None = None  # noqa: N815 - the vendor's name
    callContactParams: CallContactParams | None = None  # noqa: N815 - the vendor's name
    requestContactParams: RequestContactParams | None = None  # noqa: N815 - the vendor's name


class Lead(msgspec.Struct):
    """A lead and its comment."""

    matching: list[Rule]
    addComment: str  # noqa: N815 - the vendor's name


class Body(msgspec.Struct):
    """The leads of one request."""

    comments: list[Lead]


STRUCTS: dict[Kind, Any] = {
    Kind.CALL: CallParams,
    Kind.CALL_CONTACT: CallContactParams,
    Kind.REQUEST_CONTACT: RequestContactParams,
}


def race_encoders(rows: int, rounds: int) -> list[Row]:
    """Race four ways to write the bodies of one plan, each from the plan's columns to bytes. One round is not counted.

    The three that make objects take the columns as Python lists, made whole columns at a time inside the clock.
    """
    made = planned(deals(rows, seed=0))
    ways: dict[str, Callable[[], object]] = {
        "arrow": lambda: drain(made),
        "msgspec_structs": lambda: sum(map(len, as_structs(made))),
        "msgspec_dicts": lambda: sum(map(len, as_dicts(made, msgspec.json.Encoder().encode))),
        "json_dicts": lambda: sum(map(len, as_dicts(made, plain_json))),
    }
    names = {
        "msgspec_structs": "msgspec on Structs",
        "msgspec_dicts": "msgspec on dicts",
        "json_dicts": "`json.dumps` on dicts",
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, work in ways.items():
            found[name].append(timed(work))
        say(f"encoders, round {number} of {rounds}: " + ", ".join(f"{name} {found[name][-1]:.2f} s" for name in ways))
    counted = {name: taken[1:] for name, taken in found.items()}
    written = {
        "msgspec_structs": as_structs(made),
        "msgspec_dicts": as_dicts(made, msgspec.json.Encoder().encode),
        "json_dicts": as_dicts(made, plain_json),
    }
    return [
        Row(
            key=f"encoders_{name}",
            work="encode alone",
            size=f"{len(made.sent):,} leads",
            ours=milliseconds(counted["arrow"]),
            against=against,
            theirs=milliseconds(counted[name]),
            measured=ratio(counted[name], counted["arrow"]),
            goal=None,
            unit="x",
            samples={"ctnb": counted["arrow"], name: counted[name]},
            differences=sum(
                json.loads(one) != json.loads(other) for one, other in zip(bodies(made), written[name], strict=True)
            ),
        )
        for name, against in names.items()
    ]


def plain_json(body: object) -> bytes:
    """Write a body with the standard library."""
    return json.dumps(body, ensure_ascii=False).encode()


def as_structs(made: Plan) -> Iterator[bytes]:
    """Yield bodies that msgspec writes from Structs."""
    encode = msgspec.json.Encoder().encode
    rules = [
        [
            None
            if params is None
            else Rule(offer.kind.value, **{PARAMETERS[offer.kind]: STRUCTS[offer.kind](**params)})
            for params in parameters(made, number)
        ]
        for number, offer in enumerate(made.offers)
    ]
    leads = [
        Lead([rule for rule in matching if rule is not None], comment)
        for *matching, comment in zip(*rules, comments(made), strict=True)
    ]
    for begin in range(0, len(leads), LEADS_PER_REQUEST):
        yield encode(Body(leads[begin : begin + LEADS_PER_REQUEST]))


def as_dicts(made: Plan, encode: Callable[[object], bytes]) -> Iterator[bytes]:
    """Yield bodies that are written from dicts."""
    rules = [
        [
            None if params is None else {"type": offer.kind.value, PARAMETERS[offer.kind]: params}
            for params in parameters(made, number)
        ]
        for number, offer in enumerate(made.offers)
    ]
    leads = [
        {"matching": [rule for rule in matching if rule is not None], "addComment": comment}
        for *matching, comment in zip(*rules, comments(made), strict=True)
    ]
    for begin in range(0, len(leads), LEADS_PER_REQUEST):
        yield encode({"comments": leads[begin : begin + LEADS_PER_REQUEST]})


def comments(made: Plan) -> list[str]:
    """Return the texts of the leads that are sent."""
    texts: list[str] = made.texts.take(made.sent).to_pylist()
    return texts


def parameters(made: Plan, number: int) -> list[dict[str, Any] | None]:
    """Return what one rule gives for each lead that is sent; None where it has no data."""
    offer, sent = made.offers[number], made.sent
    present = offer.present[sent].tolist()
    if offer.ids is not None:
        ids = offer.ids.texts.take(sent).to_pylist()
        numeric = offer.ids.numeric[sent].tolist()
        return [
            {"callId": int(text) if whole else text} if there else None
            for text, whole, there in zip(ids, numeric, present, strict=True)
        ]
    nothing: list[list[str]] = [[]] * len(sent)
    phones = nothing if offer.phones is None else offer.phones.take(sent).to_pylist()
    emails = nothing if offer.emails is None else offer.emails.take(sent).to_pylist()
    dates = _dates(offer.dates[sent]).to_pylist()
    match, depth = offer.match.values[0], offer.depth.values[0]
    kind = MATCH[offer.kind]
    found: list[dict[str, Any] | None] = []
    for numbers, addresses, date, there in zip(phones, emails, dates, present, strict=True):
        params = {"date": date, kind: match, "searchDepth": depth}
        if numbers:
            params["phones"] = numbers
        if addresses:
            params["emails"] = addresses
        found.append(params if there else None)
    return found
