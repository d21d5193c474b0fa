"""Deals as a CRM exports them, by the million: messy, mostly distinct, and the same for the same seed.

The shapes and their shares are those of the sample data (`data/messy_cells.py`), with wrong numbers added. Cells are
made a shape at a time, as tables of bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.messy_cells import (
    BROKEN_EMAILS,
    IMPOSSIBLE_MOMENTS,
    JUNK_EMAILS,
    JUNK_PHONES,
    MOMENT_FORMS,
    PARTNER_SHAPES,
    PHONE_PATTERNS,
    READABLE_EMAILS,
    TWO_PHONES,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Strings: TypeAlias = pa.LargeStringArray

COMMENT = "{stage}: {manager}, {amount} руб."


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to write cells.

    Attributes
    ----------
    pattern : str
        Every X takes a digit.
    weight : float
        Relative to the other shapes of the column.
    starts : tuple of str
        First digits of the number, one drawn for each cell.
    """

    pattern: str | None
    weight: float
    starts: tuple[str, ...] = ("",)


STARTS = {
    "mobile": ("90", "91", "92", "93", "95", "96", "98", "99"),
    "landline": ("495", "499", "812", "343", "831", "383", "3412", "8442"),
    "kazakh": ("701", "705", "747", "777"),
    "belarusian": ("29", "33", "44"),
}
PAIRS = tuple(PHONE_PATTERNS["mobile"][shape][0] for shape in PARTNER_SHAPES)
MESSY = (
    *(
        Shape(pattern, weight, STARTS[kind])
        for kind, patterns in PHONE_PATTERNS.items()
        for pattern, weight in patterns.values()
    ),
    *(
        Shape(f"{PAIRS[number]}{mark}{PAIRS[-number - 1].replace('XXX', '9XX', 1)}", 2, STARTS["mobile"])
        for number, mark in enumerate(TWO_PHONES.values())
    ),
    *(Shape(text, 0.4) for text in JUNK_PHONES),
    Shape("+7 (XXX) XXX-XX-XX", 1, ("0", "1", "2")),  # no such area
    Shape("8XXXXXXXXX", 1, ("9",)),  # a digit short
    Shape("+7XXXXXXXXXXX", 1, ("9",)),  # a digit long
    Shape(None, 8),
)
READY = (Shape("7XXXXXXXXXX", 92, ("903", "915", "916", "926", "985")), Shape(None, 8))
"""Phones that somebody else has already read: digits of E.164, of ranges that are valid from end to end."""

DOMAINS = ("mail.ru", "yandex.ru", "gmail.com", "bk.ru", "list.ru", "inbox.ru", "rambler.ru", "stroymarket.example")
NAMES = ("ivan", "a.petrova", "sergey_k", "olga-n", "info", "zakupki", "m.sidorov", "elena", "dmitry.v", "natalia")
EMAILS = {
    "{name}@{domain}": 70.0,
    **dict.fromkeys(READABLE_EMAILS.values(), 2.0),
    **dict.fromkeys(BROKEN_EMAILS.values(), 1.0),
    **dict.fromkeys(JUNK_EMAILS, 0.5),
}
MISSING_EMAILS = 0.25
CODES = {"%Y": range(4), "%m": range(5, 7), "%d": range(8, 10), "%H": range(11, 13), "%M": range(14, 16)}
CODES["%S"] = range(17, 19)
STAGES = ("Новая заявка", "Первичный контакт", "Замер назначен", 'Договор "подписан"', "Оплата", "Отказ: дорого")
MANAGERS = ("Анна Ковылкина", "Борис Залесов", "Вера Туманова", "Глеб Ярцев", "Дарья О'Коннор", "Егор Пшеницын")
FIRST_DAY = np.datetime64("2026-01-01T00:00:00")
YEAR = 365 * 24 * 3600


def rules() -> list[Any]:
    """Return the three rules of the benchmark."""
    from ctnb import Call, CallContact, RequestContact

    return [
        Call(id="call_id"),
        CallContact(phones=["phone", "phone_2"], date="created_at", match="nearestUniqLead", depth="2h"),
        RequestContact(phones=["phone"], emails=["email"], date="created_at", match="nearestUniq", depth="7d"),
    ]


def deals(rows: int, seed: int, phones: Sequence[Shape] = MESSY) -> pd.DataFrame:
    """Return deals, all columns but the key as text.

    Parameters
    ----------
    rows : int
    seed : int
    phones : sequence of Shape
        How the cells of the phone columns are written.

    Returns
    -------
    DataFrame
        Columns ``deal_id``, ``call_id``, ``phone``, ``phone_2``, ``email``, ``created_at``, ``stage``, ``manager``,
        ``amount``; `rows` rows under a ``RangeIndex``.
    """
    rng = np.random.default_rng(seed)
    columns = {
        "call_id": call_ids(rng, rows),
        "phone": phone_cells(rng, phones, rows),
        "phone_2": thinned(rng, phone_cells(rng, phones, rows), 0.8),
        "email": emails(rng, rows),
        "created_at": moments(rng, rows),
        "stage": drawn(rng, STAGES, rows),
        "manager": thinned(rng, drawn(rng, MANAGERS, rows), 0.02),
        "amount": pa.array(rng.integers(1_000, 3_000_000, rows)).cast(pa.large_string()),
    }
    frame = pd.DataFrame({name: column.to_pandas() for name, column in columns.items()})
    frame.insert(0, "deal_id", np.arange(10_000_000, 10_000_000 + rows))
    return frame


def phone_column(rows: int, seed: int) -> pd.Series[Any]:
    """Return one messy column of phones, with missing cells."""
    return phone_cells(np.random.default_rng(seed), MESSY, rows).to_pandas().rename("phone")


def phone_cells(rng: np.random.Generator, shapes: Sequence[Shape], rows: int) -> Strings:
    """Write random numbers, each in a shape drawn by weight."""

    def write(number: int, count: int, _: Any) -> Strings:
        shape = shapes[number]
        if shape.pattern is None:
            return pa.nulls(count, pa.large_string())
        wanted = shape.pattern.count("X")
        digits = rng.integers(ord("0"), ord("9") + 1, (count, wanted), dtype=np.uint8)
        chosen = rng.integers(0, len(shape.starts), count)
        for option, start in enumerate(shape.starts if wanted else ()):
            digits[chosen == option, : len(start)] = np.frombuffer(start.encode(), dtype=np.uint8)
        return filled(shape.pattern, digits)

    return scattered(rng, [shape.weight for shape in shapes], rows, write)


def emails(rng: np.random.Generator, rows: int) -> Strings:
    """Write addresses, a few per cent of them broken."""
    names = joined(drawn(rng, NAMES, rows), pa.array(rng.integers(1, 10**7, rows)).cast(pa.large_string()))
    domains = drawn(rng, DOMAINS, rows)
    fields = {"name": names, "domain": domains, "host": pc.replace_substring_regex(domains, r"[.].*", "")}
    fields["upper"] = pc.utf8_upper(joined(names, scalar("@"), domains))
    templates = list(EMAILS)

    def write(number: int, count: int, rows_of_shape: Any) -> Strings:
        parts = []
        for literal, field, _, _ in Formatter().parse(templates[number]):
            parts += [scalar(literal)] if literal else []
            parts += [fields[field].take(pa.array(rows_of_shape))] if field else []
        # A template without a field is junk, the same in each cell.
        return joined(pa.array([""] * count, pa.large_string()), *parts)

    return thinned(rng, scattered(rng, list(EMAILS.values()), rows, write), MISSING_EMAILS)


def moments(rng: np.random.Generator, rows: int) -> Strings:
    """Write moments of a year, ISO or with the day first, one of a hundred on a day that there is not."""
    instants = FIRST_DAY + rng.integers(0, YEAR, rows).astype("timedelta64[s]")
    letters = np.datetime_as_string(instants).astype("S19").view(np.uint8).reshape(rows, 19)
    forms, impossible = list(MOMENT_FORMS.values()), len(IMPOSSIBLE_MOMENTS)

    def write(number: int, count: int, rows_of_shape: Any) -> Strings:
        if number >= len(forms):
            return pa.array([IMPOSSIBLE_MOMENTS[number - len(forms)]] * count, pa.large_string())
        digits = [column for code in re.findall("%.", forms[number]) for column in CODES[code]]
        pattern = re.sub("%.", lambda code: "X" * len(CODES[code[0]]), forms[number])
        return filled(pattern, letters[rows_of_shape][:, digits])

    return scattered(rng, [1.0] * len(forms) + [0.06 / impossible] * impossible, rows, write)


def call_ids(rng: np.random.Generator, rows: int) -> Strings:
    """Write ids with the ``.0`` that a spreadsheet leaves where more than half of a column is missing."""
    numbers = pa.array(rng.integers(10**8, 10**9, rows)).cast(pa.large_string())
    return thinned(rng, joined(numbers, pa.scalar(".0", pa.large_string())), 0.6)


def scattered(
    rng: np.random.Generator, weights: Sequence[float], rows: int, write: Callable[[int, int, Any], Strings]
) -> Strings:
    """Return cells whose shapes are drawn by weight; those of one shape are made together."""
    shares = np.array(weights) / sum(weights)
    shapes = rng.choice(len(shares), rows, p=shares)
    order = np.argsort(shapes, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(shapes, minlength=len(shares)))[:-1])
    cells = pa.concat_arrays([write(number, len(part), part) for number, part in enumerate(parts)])
    back = np.empty(rows, dtype=np.int64)
    back[order] = np.arange(rows)
    return cells.take(pa.array(back))


def filled(pattern: str, digits: Any) -> Strings:
    """Return a pattern with digits, as bytes of shape (n, number of X), for its X."""
    model = np.frombuffer(pattern.encode(), dtype=np.uint8)
    letters = np.tile(model, (len(digits), 1))
    letters[:, model == ord("X")] = digits
    ends = np.arange(0, (len(digits) + 1) * len(model), len(model), dtype=np.int64)
    return pa.LargeStringArray.from_buffers(len(digits), pa.py_buffer(ends), pa.py_buffer(letters))


def drawn(rng: np.random.Generator, words: Sequence[str], rows: int) -> Strings:
    """Draw words, all as likely."""
    return pa.array(words, pa.large_string()).take(pa.array(rng.integers(0, len(words), rows)))


def thinned(rng: np.random.Generator, cells: Strings, share: float) -> Strings:
    """Return the cells with a share of them missing."""
    return pc.if_else(pa.array(rng.random(len(cells)) < share), scalar(None), cells)


def joined(*parts: Any) -> Strings:
    """Join columns and single texts row by row."""
    return pc.binary_join_element_wise(*parts, scalar(""))


def scalar(text: str | None) -> pa.LargeStringScalar:
    """Return one text that stands for a column."""
    return pa.scalar(text, pa.large_string())
