"""The studio driven as by hand: a step is opened, a button pressed, and its end waited for."""

from typing import Any

TIMEOUT = 60
"""Seconds that a check or a run may take."""
TEMPLATE = "{stage}: {manager}"
COLUMNS, RULES, COMMENT, CHECK, SEND = range(5)


def opened(deals: Any, *given: Any, comment: Any = TEMPLATE, **settings: Any) -> Any:
    """Open the studio."""
    return deals.calltouch.studio(*given, comment=comment, **settings)


def checked(studio: Any) -> Any:
    """Open the step that checks, and return the plan."""
    studio.open(CHECK)
    assert studio.wait(TIMEOUT)
    return studio.plan


def asked(studio: Any) -> None:
    """Press Send, up to the question."""
    studio.send.begin.click()
    assert studio.wait(TIMEOUT)


def sent(studio: Any) -> Any:
    """Send, with the question answered, and return the rows."""
    asked(studio)
    studio.send.confirm.click()
    assert studio.wait(TIMEOUT)
    return studio.result
