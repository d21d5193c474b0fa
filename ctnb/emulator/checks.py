"""Checks of the values in a request, in the vendor's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from ctnb.emulator.journal_rows import normal_phone

DEEPEST: Final = 525_600
"""Minutes in a year, the deepest search."""

MISSING: Final = "This field is missing."
BLANK: Final = "This value should not be blank."
UNEXPECTED: Final = "This field was not expected."

DATE: Final = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
SURROGATE: Final = re.compile("[\ud800-\udfff]")
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class CheckFailure(NamedTuple):
    """A value that is not allowed: its path in the body, and the vendor's reason."""

    path: str
    message: str


Check = Callable[[str, Any], Iterator[CheckFailure]]
"""Takes the path of a value and the value, and yields a failure for each thing that is not allowed."""


def text(path: str, value: Any) -> Iterator[CheckFailure]:
    """Allow a text that is not blank and can be written in UTF-8."""
    if not isinstance(value, str):
        yield CheckFailure(path, "This value should be of type string.")
    elif not value.strip():
        yield CheckFailure(path, BLANK)
    elif SURROGATE.search(value):
        yield CheckFailure(path, "This value is not valid UTF-8.")


def identifier(path: str, value: Any) -> Iterator[CheckFailure]:
    """Allow an integer or a text."""
    if isinstance(value, str):
        yield from text(path, value)
    elif not is_integer(value):
        yield CheckFailure(path, "This value should be of type int|string.")


def read_date(text: str) -> datetime | None:
    """Read ``dd-mm-YYYY HH:MM:SS``, naive; None when it is not that or no real date."""
    parts = DATE.fullmatch(text)
    if parts is None:
        return None
    day, month, year, hour, minute, second = map(int, parts.groups())
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - naive: the zone is the account's
    except ValueError:
        return None


def text_that(allowed: Callable[[str], object], message: str) -> Check:
    """Allow a text that is not blank and of which ``allowed`` returns something true."""

    def check(path: str, value: Any) -> Iterator[CheckFailure]:
        failures = list(text(path, value))
        yield from failures
        if not failures and not allowed(value):
            yield CheckFailure(path, message)

    return check


phone: Final = text_that(normal_phone, "This value is not a phone number.")
"""Allows a text with digits in it, which is a phone in any format."""
email: Final = text_that(EMAIL.fullmatch, "This value is not a valid email address.")
"""Allows ``x@x.x``."""
moment: Final = text_that(read_date, "This value is not a valid date of the form dd-mm-YYYY HH:MM:SS.")
"""Allows a real date as ``dd-mm-YYYY HH:MM:SS``."""


def depth(path: str, value: Any) -> Iterator[CheckFailure]:
    """Allow whole minutes, up to a year."""
    if not is_integer(value):
        yield CheckFailure(path, "This value should be of type int.")
    elif not 1 <= value <= DEEPEST:
        yield CheckFailure(path, f"This value should be between 1 and {DEEPEST}.")


def one_of(*choices: str) -> Check:
    """Allow one of the texts."""

    def check(path: str, value: Any) -> Iterator[CheckFailure]:
        if value not in choices:
            yield CheckFailure(path, f"This value should be one of: {', '.join(choices)}.")

    return check


def several(item: Check, *, least: int = 0, most: int | None = None) -> Check:
    """Allow a list of so many items; the items are checked when their number is allowed."""

    def check(path: str, value: Any) -> Iterator[CheckFailure]:
        if not isinstance(value, list):
            yield CheckFailure(path, "This value should be of type array.")
        elif len(value) < least:
            yield CheckFailure(path, f"This collection should contain {least} element or more.")
        elif most is not None and len(value) > most:
            yield CheckFailure(path, f"This collection should contain {most} elements or less.")
        else:
            for position, one in enumerate(value):
                yield from item(f"{path}[{position}]", one)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Allow an object with these fields and no other."""
    known = {**required, **(optional or {})}

    def check(path: str, value: Any) -> Iterator[CheckFailure]:
        if not isinstance(value, dict):
            yield CheckFailure(path, "This value should be of type object.")
            return
        for name, field in known.items():
            if name in value:
                yield from field(within(path, name), value[name])
            elif name in required:
                yield CheckFailure(within(path, name), MISSING)
        for name in [name for name in value if name not in known]:
            yield CheckFailure(within(path, name), UNEXPECTED)

    return check


def is_integer(value: object) -> bool:
    """Tell a JSON integer from everything else; Python counts booleans as integers, JSON does not."""
    return isinstance(value, int) and not isinstance(value, bool)


def within(path: str, name: str) -> str:
    """Join a path and a field's name."""
    return f"{path}.{name}" if path else name
