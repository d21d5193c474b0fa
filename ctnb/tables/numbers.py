"""Numbers of a sheet as text: every digit that the file stores, and none that it does not."""

from __future__ import annotations

from decimal import Decimal
from math import ulp
from typing import Final

MOST_DIGITS: Final = 15
"""Digits of a number that a spreadsheet keeps."""

NOISE: Final = 2
"""Units in the last place by which arithmetic misses the number that is meant, as in 0.1 + 0.2."""

MEANT_DIGITS: Final = 12
"""Digits of a round number, at the most: an id has more."""


def number_text(number: float | Decimal) -> str:
    """Return a number as its file stores it.

    Parameters
    ----------
    number : float or Decimal
        A Decimal where the file's own text is known.

    Returns
    -------
    str
        Digits without exponent and ``.0``. ``1.23456789012345E+18`` keeps its form: its final digits are lost, and
        zeros in their place would be another id.
    """
    stored = number if isinstance(number, Decimal) else Decimal(repr(number))
    if not stored.is_finite():
        return str(number)
    _, digits, exponent = stored.as_tuple()
    lost = isinstance(exponent, int) and exponent > 0 and stored.adjusted() >= MOST_DIGITS
    if lost and len(digits) > MEANT_DIGITS:
        rest = "".join(map(str, digits[1:]))
        return f"{'-' if stored < 0 else ''}{digits[0]}.{rest}E+{stored.adjusted()}"
    if len(digits) > MOST_DIGITS:
        stored = _meant(stored)
    text = format(stored, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _meant(stored: Decimal) -> Decimal:
    """Return 0.3 for 0.30000000000000004, which is how a sheet shows it; any other number as it is."""
    rounded = Decimal(f"{stored:.{MOST_DIGITS}g}")
    if len(rounded.normalize().as_tuple().digits) > MEANT_DIGITS:
        return stored
    near = abs(rounded - stored) <= NOISE * Decimal(ulp(float(stored)))
    return rounded if near else stored
