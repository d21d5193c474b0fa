"""Comment texts: a template over the columns of a frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnb.errors import ColumnNotFoundError, RuleError
from ctnb.leads.cells import Objects, as_objects, column, distinct, is_missing, is_unicode
from ctnb.leads.limits import COMMENT_LIMIT
from ctnb.leads.rules import Col
from ctnb.outcome import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["Field", "Template", "check_texts", "parse_template"]


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

    def render(self, deals: pd.DataFrame) -> tuple[Objects, Objects]:
        """Write the text of each row; a missing value is an empty text.

        Returns
        -------
        texts : ndarray of str, shape (n,)
        problems : ndarray of object, shape (n,)
            Which value does not fit its format; None where all do.

        Raises
        ------
        ColumnNotFoundError
            When a field names no column.
        """
        texts, problems = np.full(len(deals), "", dtype=object), np.full(len(deals), None, dtype=object)
        for part in self.parts:
            if isinstance(part, str):
                texts = texts + part
                continue
            values, misfits = _rendered(deals, part)
            texts = texts + values
            problems = np.where(problems == None, misfits, problems)  # noqa: E711  element by element, as NumPy does
        return texts, problems


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
            parts.append(Field(name, found["form"] or ""))
        else:
            parts.append(found["literal"] or found["brace"][0])
        place = found.end()
    return parts


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


def _rendered(deals: pd.DataFrame, field: Field) -> tuple[Objects, Objects]:
    """Return the texts of one field, row by row, and why a value could not be written."""
    codes, cells = distinct(column(deals, field.column, wanted_by="the comment template"))
    texts, problems = zip(*(_tried(cell, field) for cell in cells), strict=True)
    return as_objects(texts)[codes], as_objects(problems)[codes]


def _tried(cell: object, field: Field) -> tuple[str, str | None]:
    """Write a cell; a value that does not fit its format is the row's problem."""
    try:
        return _written(cell, field.format), None
    except (TypeError, ValueError, OverflowError):
        form = f"the format {field.format!r}" if field.format else "a text"
        return "", f"a value of type {type(cell).__name__} in the column {field.column!r} does not fit {form}"


def _written(cell: object, form: str) -> str:
    """Return a cell as a person would write it: whole floats without ``.0``, a missing value as nothing."""
    if is_missing(cell):
        return ""
    if form:
        return format(cell, form)
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell)


def check_texts(texts: Objects, misfits: Objects) -> tuple[Objects, Objects]:
    """Check final texts against the limits.

    Parameters
    ----------
    texts : ndarray of str, shape (n,)
    misfits : ndarray of object, shape (n,)
        What kept a text from being written whole, None where nothing did.

    Returns
    -------
    problems, reasons : ndarray of object, shape (n,)
        None where the text can be sent.
    """
    problems, reasons = np.full(len(texts), None, dtype=object), np.full(len(texts), None, dtype=object)
    for place, text in enumerate(texts):
        if misfits[place] is not None:
            problems[place], reasons[place] = misfits[place], Reason.BAD_TEXT
        elif not text or text.isspace():
            problems[place], reasons[place] = "the comment is blank", Reason.BLANK_COMMENT
        elif len(text) > COMMENT_LIMIT:
            problems[place] = f"the comment has {len(text)} characters; at most {COMMENT_LIMIT} are allowed"
            reasons[place] = Reason.LONG_COMMENT
        elif not is_unicode(text):
            problems[place], reasons[place] = "the comment holds a character that is not Unicode", Reason.BAD_TEXT
    return problems, reasons
