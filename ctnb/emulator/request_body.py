"""The body of a request: read as JSON, and held against the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ctnb.emulator.checks import (
    MISSING,
    Check,
    CheckFailure,
    depth,
    email,
    identifier,
    moment,
    one_of,
    phone,
    record,
    several,
    text,
    within,
)
from ctnb.emulator.journals import MATCHES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_LEADS: Final = 100
MOST_RULES: Final = 20


def tagged(params: Check) -> Check:
    """Require ``tagsLogic`` where there are several tags."""

    def check(path: str, value: Any) -> Iterator[CheckFailure]:
        yield from params(path, value)
        if isinstance(value, dict) and "tagsLogic" not in value:
            tags = value.get("tags")
            if isinstance(tags, list) and len(tags) > 1:
                yield CheckFailure(within(path, "tagsLogic"), MISSING)

    return check


def reachable(params: Check) -> Check:
    """Require phones or e-mails."""

    def check(path: str, value: Any) -> Iterator[CheckFailure]:
        yield from params(path, value)
        if isinstance(value, dict) and not value.keys() & {"phones", "emails"}:
            yield CheckFailure(within(path, "phones"), MISSING)

    return check


def rule(params: Mapping[str, Check]) -> Check:
    """Require a known type, and the parameter object of that type alone."""
    forms = {kind: record({"type": text, f"{kind}Params": check}) for kind, check in params.items()}

    def check(path: str, value: Any) -> Iterator[CheckFailure]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            yield CheckFailure(path, "This value should be of type object.")
        elif isinstance(kind, str) and kind in forms:
            yield from forms[kind](path, value)
        elif "type" in value:
            yield from one_of(*forms)(within(path, "type"), kind)
        else:
            yield CheckFailure(within(path, "type"), MISSING)

    return check


def whole_body(match: Check) -> Check:
    """Return the check of a request's body; ``match`` checks the match values."""
    tags = {"tags": several(text), "tagsLogic": one_of("and", "or")}
    phones = several(phone, least=1)
    emails = several(email, least=1)
    search = {"date": moment, "searchDepth": depth}
    rules = rule(
        {
            "request": tagged(record({"requestId": identifier}, tags)),
            "call": tagged(record({"callId": identifier}, tags)),
            "requestContact": tagged(
                reachable(record({**search, "requestTypeToMatch": match}, {"phones": phones, "emails": emails, **tags}))
            ),
            "callContact": tagged(record({"phones": phones, **search, "callTypeToMatch": match}, tags)),
        }
    )
    lead = record({"matching": several(rules, least=1, most=MOST_RULES), "addComment": text})
    return record({"comments": several(lead, least=1, most=MOST_LEADS)})


DOCUMENTED: Final = whole_body(one_of(*MATCHES))
UNDOCUMENTED: Final = whole_body(text)


def validate(body: Any, *, undocumented: bool = False) -> list[CheckFailure]:
    """Return everything in a request's body that the contract does not allow.

    Parameters
    ----------
    body : object
        What `read_body` returns.
    undocumented : bool
        Whether a match value outside the documented three is allowed.

    Returns
    -------
    list of CheckFailure
        With paths such as ``comments[0].matching[1].callParams.callId``, counted from 0; empty when the body may be
        carried out.
    """
    if not isinstance(body, dict):
        return [CheckFailure("comments", "The body should be an object with the field comments.")]
    return list((UNDOCUMENTED if undocumented else DOCUMENTED)("", body))


def read_body(body: bytes) -> Any:
    """Read JSON as its standard says: UTF-8, no NaN, no name twice in an object; ValueError otherwise."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse_constant, object_pairs_hook=unique_names)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def refuse_constant(name: str) -> None:
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(f"{name} is not a JSON value")


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; readers of JSON do not agree on what a second field of the same name means."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field comes twice in one object")
    return fields


def count_leads(body: bytes) -> int:
    """Return how many leads a body carries, refused or not; 0 where that cannot be read."""
    try:
        leads = read_body(body)["comments"]
    except (ValueError, KeyError, TypeError):
        return 0
    return len(leads) if isinstance(leads, list) else 0
