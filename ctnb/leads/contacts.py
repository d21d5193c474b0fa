"""A column of contacts: what could be read in each cell, and what could not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Contacts", "mask_email", "mask_phone"]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of n cells, by position.

    Attributes
    ----------
    values : ndarray of object, shape (n,)
        A tuple of str in each place, in the order of the cell, without repeats; empty where none is valid.
    problems : ndarray of object, shape (n,)
        Why a part of the cell was refused, contacts masked; None where nothing was.
    """

    values: npt.NDArray[np.object_]
    problems: npt.NDArray[np.object_]


def mask_phone(text: str) -> str:
    """Keep the first digits and the last two.

    >>> mask_phone("79157771122")
    '7915*****22'
    """
    digits = [place for place, sign in enumerate(text) if sign.isdigit()]
    hidden = set(digits[4:-2]) if len(digits) > 6 else set(digits)
    return "".join("*" if place in hidden else sign for place, sign in enumerate(text))


def mask_email(text: str) -> str:
    """Keep the first letter and the domain.

    >>> mask_email("ivan@mail.ru")
    'i***@mail.ru'
    """
    name, at, domain = text.rpartition("@")
    return f"{name[:1]}***{at}{domain}" if at else f"{text[:1]}***"
