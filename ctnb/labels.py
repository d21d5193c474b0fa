"""What the values in the ``ct_`` columns are called where people look at them."""

from __future__ import annotations

from typing import Any

from ctnb.outcome import ADVICE, Reason

__all__ = ["advice_for", "kind_label", "reason_label", "status_label"]


def status_label(value: Any) -> str:
    """Name a status."""
    return str(value)


def kind_label(value: Any) -> str:
    """Name a matching type."""
    return str(value)


def reason_label(value: Any) -> str:
    """Name an error code."""
    return str(value)


def advice_for(code: Any) -> str:
    """Say what to do about an error code."""
    return ADVICE[Reason(code)]
