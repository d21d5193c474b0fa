"""The race of the encoders: four ways to make the bodies from the columns of one plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.columns import deals
from benchmarks.planning import bodies, drain, planned
from benchmarks.race import Row, milliseconds, ratio, say, timed
from ctnb.delivery.wire_encode import WINDOW, vendor_dates
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.outcomes import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnb import Plan
    from ctnb.leads.rule_data import Offer

# The wire's own names, as the vendor writes them.
PARAMETERS = {
    Kind.CALL_CONTACT: "callContactParams",
    Kind.REQUEST_CONTACT: "requestContactParams",
}
MATCH = {Kind.CALL_CONTACT: "callTypeToMatch", Kind.REQUEST_CONTACT: "requestTypeToMatch"}


class CallParams(msgspec.Struct, gc=False):
    """Parameters of a call rule."""

    callId: int | str  # noqa: N815 - the vendor's name


class CallContactParams(msgspec.Struct, gc=False):
    """Parameters of a call contact rule."""

    phones: list[str]
    date: str
    callTypeToMatch: str  # noqa: N815 - the vendor's name
    searchDepth: int  # noqa: N815 - the vendor's name


class RequestContactParams(msgspec.Struct, gc=False, omit_defaults=True):
    """Parameters of a request contact rule."""

    date: str
    requestTypeToMatch: str  # noqa: N815 - the vendor's name
    searchDepth: int  # noqa: N815 - the vendor's name
    phones: list[str] | None = None
    emails: list[str] | None = None


class Rule(msgspec.Struct, gc=False, omit_defaults=True):
    """A rule of a lead."""

    type: str
    callParams: CallParams | None = None  # noqa: N815 - the vendor's name
    callContactParams: CallContactParams | None = None  # noqa: N815 - the vendor's name
    requestContactParams: RequestContactParams | None = None  # noqa: N815 - the vendor's name


class Lead(msgspec.Struct, gc=False):
    """A lead and its comment."""

    matching: list[Rule]
    addComment: str  # noqa: N815 - the vendor's name


class Body(msgspec.Struct, gc=False):
    """The leads of one request."""

    comments: list[Lead]


def race_encoders(rows: int, rounds: int) -> list[Row]:
    """Race four ways to write the bodies of one plan, each from the plan's columns to bytes. One round is not counted.

    The three that make objects take the columns as Python lists, made thousands of leads at a time inside the clock, as
    ctnb's own encoder goes about it.
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
    counted = {name: times[1:] for name, times in found.items()}
    encoded = {
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
                json.loads(one) != json.loads(other) for one, other in zip(bodies(made), encoded[name], strict=True)
            ),
        )
        for name, against in names.items()
    ]


def plain_json(body: object) -> bytes:
    """Return a body as the standard library encodes it."""
    return json.dumps(body, ensure_ascii=False).encode()


def as_structs(made: Plan) -> Iterator[bytes]:
    """Yield bodies that msgspec makes from Structs."""
    encode = msgspec.json.Encoder().encode
    for rows in windows(made):
        rules = [structs_of(offer, rows) for offer in made.offers]
        leads = [
            Lead([rule for rule in matching if rule is not None], comment)
            for *matching, comment in zip(*rules, made.texts.take(rows).to_pylist(), strict=True)
        ]
        for begin in range(0, len(leads), LEADS_PER_REQUEST):
            yield encode(Body(leads[begin : begin + LEADS_PER_REQUEST]))


def as_dicts(made: Plan, encode: Callable[[object], bytes]) -> Iterator[bytes]:
    """Yield bodies that are made from dicts."""
    for rows in windows(made):
        rules = [dicts_of(offer, rows) for offer in made.offers]
        leads = [
            {"matching": [rule for rule in matching if rule is not None], "addComment": comment}
            for *matching, comment in zip(*rules, made.texts.take(rows).to_pylist(), strict=True)
        ]
        for begin in range(0, len(leads), LEADS_PER_REQUEST):
            yield encode({"comments": leads[begin : begin + LEADS_PER_REQUEST]})


def windows(made: Plan) -> Iterator[Any]:
    """Yield the positions of the leads that are sent, as many together as ctnb's encoder takes."""
    for begin in range(0, len(made.sent), WINDOW):
        yield made.sent[begin : begin + WINDOW]


def structs_of(offer: Offer, rows: Any) -> list[Rule | None]:
    """Return the Structs of one rule, None where it has no data."""
    if offer.kind == Kind.CALL:
        return [Rule("call", callParams=CallParams(ids)) if there else None for there, ids in ids_of(offer, rows)]
    match, depth = offer.match.values[0], offer.depth.values[0]
    if offer.kind == Kind.CALL_CONTACT:
        return [
            Rule("callContact", callContactParams=CallContactParams(phones, date, match, depth)) if there else None
            for there, phones, _, date in contacts_of(offer, rows)
        ]
    return [
        Rule(
            "requestContact",
            requestContactParams=RequestContactParams(date, match, depth, phones or None, emails or None),
        )
        if there
        else None
        for there, phones, emails, date in contacts_of(offer, rows)
    ]


def dicts_of(offer: Offer, rows: Any) -> list[dict[str, Any] | None]:
    """Return the dicts of one rule, None where it has no data."""
    if offer.kind == Kind.CALL:
        return [
            {"type": "call", "callParams": {"callId": ids}} if there else None for there, ids in ids_of(offer, rows)
        ]
    match, depth = offer.match.values[0], offer.depth.values[0]
    name, params, kind = offer.kind.value, PARAMETERS[offer.kind], MATCH[offer.kind]
    found: list[dict[str, Any] | None] = []
    for there, phones, emails, date in contacts_of(offer, rows):
        if not there:
            found.append(None)
            continue
        given = {"date": date, kind: match, "searchDepth": depth}
        if phones:
            given["phones"] = phones
        if emails:
            given["emails"] = emails
        found.append({"type": name, params: given})
    return found


def ids_of(offer: Offer, rows: Any) -> Iterator[tuple[bool, int | str]]:
    """Yield for each lead whether there is an id, and the id."""
    texts, numeric = offer.ids.texts.take(rows).to_pylist(), offer.ids.numeric[rows].tolist()
    ids = [int(text) if whole else text for text, whole in zip(texts, numeric, strict=True)]
    return zip(offer.present[rows].tolist(), ids, strict=True)


def contacts_of(offer: Offer, rows: Any) -> Iterator[tuple[bool, list[str], list[str], str]]:
    """Yield for each lead whether the rule has its data, then phones, e-mails and the date as it is sent."""
    nothing: list[list[str]] = [[]] * len(rows)
    phones = nothing if offer.phones is None else offer.phones.take(rows).to_pylist()
    emails = nothing if offer.emails is None else offer.emails.take(rows).to_pylist()
    dates = vendor_dates(offer.dates[rows]).to_pylist()
    return zip(offer.present[rows].tolist(), phones, emails, dates, strict=True)
