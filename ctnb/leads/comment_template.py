"""Comment texts: a template over the columns of a frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.exceptions import ColumnNotFoundError, RuleError
from ctnb.leads.columns.arrow_text import TEXT, Strings, blank, joined, strings_of, text, texts_of
from ctnb.leads.columns.cells import column, distinct, is_missing, is_unicode
from ctnb.leads.columns.problems import Problems, first_of
from ctnb.leads.limits import COMMENT_LIMIT
from ctnb.leads.rules import Col
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

WIDEST: Final = 1_000
"""The most that a width or a precision of a format may be; a comment has 10,000 characters at the most."""

_DIGITS: Final = 9
# Fill and align, sign, width, grouping, precision, type; a type that Python does not know is the value's own problem.
_FORMAT: Final = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?(\d*)[,_]?(?:\.(\d*))?[,_]?\D?", re.DOTALL)
_DATE_WIDTH: Final = re.compile(r"%[-_0^#+]*(\d+)")

BLANK: Final = "the comment is blank"
NOT_UNICODE: Final = "the comment holds a character that is not Unicode"


@dataclass(frozen=True, slots=True)
class Field:
    """A column's place in a template, with the format that its values are shown in."""

    column: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A comment as literal texts and fields, in order."""

    parts: tuple[str | Field, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are read, without repeats."""
        return tuple(dict.fromkeys(part.column for part in self.parts if isinstance(part, Field)))

    def render(self, deals: pd.DataFrame) -> tuple[Strings, Problems]:
        """Write the text of each row; a missing value is an empty text.

        Returns
        -------
        texts : large_string, length n
            Half a surrogate pair, which is no Unicode, is written as a question mark.
        problems : Problems, length n
            Which value does not fit its format, or is no Unicode; the first of a row counts.

        Raises
        ------
        ColumnNotFoundError
            When a field names no column.
        """
        parts: list[Any] = [pa.repeat(text(""), len(deals))]
        problems = [Problems.none(len(deals))]
        for part in self.parts:
            if isinstance(part, str):
                parts.append(text(whole(part)))
                if not is_unicode(part):
                    problems.append(Problems(np.zeros(len(deals), dtype=np.int32), [NOT_UNICODE]))
                continue
            values, misfits = _rendered(deals, part)
            parts.append(values)
            problems.append(misfits)
        return joined(*parts), first_of(problems)


def parse_template(comment: str | Col, columns: Sequence[object]) -> Template:
    """Read a comment template such as ``"{stage}: {manager}"``.

    Parameters
    ----------
    comment : str or col
        Text with ``{column}`` fields, optionally with a format (``{amount:.0f}``); ``{{`` and ``}}``
        are braces. ``col("name")`` takes the column's text as it is.
    columns : sequence
        Names of the frame's columns.

    Raises
    ------
    RuleError
        When the text is blank or too long, its braces do not fit, or it has no field but is a
        column's name.
    ColumnNotFoundError
        When a field names no column.
    """
    names = [str(name) for name in columns]
    if isinstance(comment, Col):
        template = Template((Field(comment.name),))
    elif isinstance(comment, str):
        template = Template(tuple(_parts(comment, names)))
    else:
        raise RuleError(
            f'The comment is {type(comment).__name__}; a text with {{column}} fields is wanted, or col("name").'
        )
    if not template.columns:
        _check_literal("".join(str(part) for part in template.parts), names)
    for name in template.columns:
        if name not in names:
            raise ColumnNotFoundError.among(name, columns, wanted_by="the comment template")
    return template


def _parts(comment: str, names: Sequence[str]) -> list[str | Field]:
    """Split a template into literals and fields.

    A field is read by the columns there are, the longest name first: CRM headings hold colons and
    exclamation marks, which Python's own templates take for something else.
    """
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    field = rf"(?P<known>{known or '(?!)'})(?::(?P<form>[^{{}}]*))?|(?P<other>[^{{}}:]+)(?::[^{{}}]*)?"
    token = re.compile(rf"(?P<brace>\{{\{{|\}}\}})|\{{(?:{field})\}}|(?P<literal>[^{{}}]+)")
    parts: list[str | Field] = []
    place = 0
    while place < len(comment):
        found = token.match(comment, place)
        if found is None:
            raise RuleError(
                f"The comment template {comment!r} cannot be read from {comment[place : place + 20]!r} on: a field is "
                "{column} or {column:format}. Write {{ and }} for braces."
            )
        if name := found["known"] or found["other"]:
            _check_format(found["form"] or "", found[0])
            parts.append(Field(name, found["form"] or ""))
        else:
            parts.append(found["literal"] or found["brace"][0])
        place = found.end()
    return parts


def _check_format(form: str, field: str) -> None:
    """Refuse a width or a precision that takes more memory than any comment, in a format of Python's or of a date."""
    standard = _FORMAT.fullmatch(form)
    numbers = standard.groups() if standard else _DATE_WIDTH.findall(form)
    if any(number and (len(number) > _DIGITS or int(number) > WIDEST) for number in numbers):
        raise RuleError(
            f"The comment template's {field[:40]!r}: expected a width and a precision of at most {WIDEST:,}. Make it "
            "less."
        )


def _check_literal(text: str, columns: Sequence[str]) -> None:
    """Refuse a text without fields that cannot be meant."""
    if not text.strip():
        raise RuleError('The comment is blank. Give a text, or a template over columns such as "{stage}: {manager}".')
    if text in columns:
        raise RuleError(
            f"The comment {text!r} has no field, but is the name of a column. "
            f'Write col("{text}") or "{{{text}}}" for the column\'s text.'
        )
    if len(text) > COMMENT_LIMIT:
        raise RuleError(f"The comment has {len(text)} characters; at most {COMMENT_LIMIT} are allowed.")


def _rendered(deals: pd.DataFrame, field: Field) -> tuple[Strings, Problems]:
    """Return the texts of one field, row by row, and why a value could not be written."""
    cells = column(deals, field.column, wanted_by="the comment template")
    plain = None if field.format else _plain(cells)
    if plain is not None:
        return plain, Problems.none(len(cells))
    codes, uniques = distinct(cells)
    texts, problems = zip(*(_tried(cell, field) for cell in uniques), strict=True)
    places = codes % len(uniques)
    return strings_of(list(texts)).take(pa.array(places)), Problems.of(problems).take(places)


def _plain(cells: pd.Series[Any]) -> Strings | None:
    """Write a column of texts or whole numbers without looking at each cell; None for any other."""
    texts = texts_of(cells)
    if texts is not None:
        empty = blank(texts)
        return (pc.if_else(pa.array(empty), text(""), texts) if empty.any() else texts).fill_null(text(""))
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "iu":
        return pa.array(cells.to_numpy()).cast(TEXT)
    return None


def _tried(cell: object, field: Field) -> tuple[str, str | None]:
    """Write a cell; a value that does not fit its format is the row's problem."""
    try:
        written = _written(cell, field.format)
        return whole(written), None if is_unicode(written) else NOT_UNICODE
    except (TypeError, ValueError, OverflowError):
        form = f"the format {field.format!r}" if field.format else "a text"
        return "", f"a value of type {type(cell).__name__} in the column {field.column!r} does not fit {form}"


def _written(cell: object, form: str) -> str:
    """Return a cell as a person would write it: whole floats without ``.0``, a missing value as nothing."""
    if is_missing(cell):
        return ""
    if form:
        if isinstance(cell, Decimal) and cell.is_finite() and abs(cell.adjusted()) > WIDEST:
            raise OverflowError
        return format(cell, form)
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell)


def whole(written: str) -> str:
    """Return a text that UTF-8 can hold."""
    return written if is_unicode(written) else written.encode(errors="replace").decode()


def check_texts(texts: Strings, misfits: Problems) -> list[tuple[Reason, Problems]]:
    """Check final texts against the limits.

    Parameters
    ----------
    texts : large_string, length n
    misfits : Problems, length n
        What kept a text from being written whole.

    Returns
    -------
    list of (Reason, Problems)
        What keeps a text from being sent; at most one of them speaks of a row.
    """
    lengths = pc.utf8_length(texts).to_numpy()
    fits = misfits.codes < 0
    empty = fits & blank(texts)
    long = fits & (lengths > COMMENT_LIMIT)
    found = [(Reason.BAD_TEXT, misfits)]
    if empty.any():
        found.append((Reason.BLANK_COMMENT, Problems(np.where(empty, 0, -1).astype(np.int32), [BLANK])))
    if long.any():
        told = [
            f"the comment has {count} characters; at most {COMMENT_LIMIT} are allowed"
            for count in lengths[long].tolist()
        ]
        found.append((Reason.LONG_COMMENT, Problems.of(told).spread(np.flatnonzero(long), len(texts))))
    return found
