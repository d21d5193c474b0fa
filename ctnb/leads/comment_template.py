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
from ctnb.leads.columns.cells import distinct, is_missing, is_unicode
from ctnb.leads.columns.problems import CodedProblems, Problems, first_of
from ctnb.leads.limits import COMMENT_LIMIT
from ctnb.leads.rules import Col
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    """A field of a template: a column, and the format that its values are written in."""

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

    def render(self, cells: Mapping[str, pd.Series[Any]], length: int) -> tuple[Strings, Problems]:
        """Write the text of each row; a missing value is an empty text.

        Parameters
        ----------
        cells : mapping of str to Series, n cells each
            With the template's columns.
        length : int
            Rows, n.

        Returns
        -------
        texts : large_string, length n
            Half a surrogate pair, which is no Unicode, is written as a question mark.
        problems : Problems, length n
            Which value does not fit its format, or is no Unicode; the first of a row counts.
        """
        parts: list[Any] = [pa.repeat(text(""), length)]
        problems = [Problems.none(length)]
        for part in self.parts:
            if isinstance(part, str):
                parts.append(text(whole(part)))
                if not is_unicode(part):
                    problems.append(Problems(np.zeros(length, dtype=np.int32), [NOT_UNICODE]))
                continue
            values, misfits = _rendered(cells[part.column], part)
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
        parts: list[str | Field] = [Field(comment.name)]
    elif isinstance(comment, str):
        parts, end = _parts(comment, names)
        if end < len(comment):
            raise RuleError(
                f"The comment template {comment!r} cannot be read from {comment[end : end + 20]!r} on: a field is "
                "{column} or {column:format}. Write {{ and }} for braces."
            )
    else:
        raise RuleError(
            f'The comment is {type(comment).__name__}; a text with {{column}} fields is wanted, or col("name").'
        )
    template = Template(tuple(parts))
    faults = [_format_fault(part) for part in parts if isinstance(part, Field)]
    if not template.columns:
        faults.append(_fault_of("".join(map(str, parts)), names))
    fault = next(filter(None, faults), None)
    if fault is not None:
        raise RuleError(fault)
    for name in template.columns:
        if name not in names:
            raise ColumnNotFoundError.among(name, columns, wanted_by="the comment template")
    return template


def _parts(comment: str, names: Sequence[str]) -> tuple[list[str | Field], int]:
    """Split a template into literals and fields; also return where it ends, or cannot be read on.

    A field is read by the columns there are, the longest name first: CRM headings hold colons and
    exclamation marks, which Python's own templates take for something else.
    """
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    field = rf"(?P<known>{known or '(?!)'})(?::(?P<form>[^{{}}]*))?|(?P<other>[^{{}}:]+)(?::[^{{}}]*)?"
    token = re.compile(rf"(?P<brace>\{{\{{|\}}\}})|\{{(?:{field})\}}|(?P<literal>[^{{}}]+)")
    parts: list[str | Field] = []
    end = 0
    while found := token.match(comment, end):
        if name := found["known"] or found["other"]:
            parts.append(Field(name, found["form"] or ""))
        else:
            parts.append(found["literal"] or found["brace"][0])
        end = found.end()
    return parts, end


def _format_fault(field: Field) -> str | None:
    """Return why a format of Python's or of a date cannot be used, or None: a huge width takes gigabytes."""
    standard = _FORMAT.fullmatch(field.format)
    numbers = standard.groups() if standard else _DATE_WIDTH.findall(field.format)
    if any(number and (len(number) > _DIGITS or int(number) > WIDEST) for number in numbers):
        shown = f"{{{field.column}:{field.format}}}"[:40]
        return (
            f"The comment template's {shown!r}: expected a width and a precision of at most {WIDEST:,}. Make it less."
        )
    return None


def _fault_of(text: str, columns: Sequence[str]) -> str | None:
    """Return why a text without fields cannot be meant, or None."""
    if not text.strip():
        return 'The comment is blank. Give a text, or a template over columns such as "{stage}: {manager}".'
    if text in columns:
        return (
            f"The comment {text!r} has no field, but is the name of a column. "
            f'Write col("{text}") or "{{{text}}}" for the column\'s text.'
        )
    if len(text) > COMMENT_LIMIT:
        return f"The comment has {len(text)} characters; at most {COMMENT_LIMIT} are allowed."
    return None


def _rendered(cells: pd.Series[Any], field: Field) -> tuple[Strings, Problems]:
    """Return the texts of one field, row by row, and why a value could not be written."""
    plain = None if field.format else _plain(cells)
    if plain is not None:
        return plain, Problems.none(len(cells))
    codes, uniques = distinct(cells)
    texts, problems = zip(*(_tried(cell, field) for cell in uniques), strict=True)
    return strings_of(list(texts)).take(pa.array(codes)), Problems.of(problems).take(codes)


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
        value = _text_of(cell, field.format)
        return whole(value), None if is_unicode(value) else NOT_UNICODE
    except (TypeError, ValueError, OverflowError):
        form = f"the format {field.format!r}" if field.format else "a text"
        return "", f"a value of type {type(cell).__name__} in the column {field.column!r} does not fit {form}"


def _text_of(cell: object, form: str) -> str:
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


def whole(value: str) -> str:
    """Return a text that UTF-8 can hold."""
    return value if is_unicode(value) else value.encode(errors="replace").decode()


def check_texts(texts: Strings, misfits: Problems) -> list[CodedProblems]:
    """Check final texts against the limits.

    Parameters
    ----------
    texts : large_string, length n
    misfits : Problems, length n
        Why a text could not be written whole.

    Returns
    -------
    list of CodedProblems
        Why a text cannot be sent; a row has a problem in at most one of them.
    """
    lengths = pc.utf8_length(texts).to_numpy()
    fits = misfits.codes < 0
    empty = fits & blank(texts)
    long = fits & (lengths > COMMENT_LIMIT)
    found = [CodedProblems(Reason.BAD_TEXT, misfits)]
    if empty.any():
        found.append(CodedProblems(Reason.BLANK_COMMENT, Problems(np.where(empty, 0, -1).astype(np.int32), [BLANK])))
    if long.any():
        too_long = [
            f"the comment has {count} characters; at most {COMMENT_LIMIT} are allowed"
            for count in lengths[long].tolist()
        ]
        problems = Problems.of(too_long).spread(np.flatnonzero(long), len(texts))
        found.append(CodedProblems(Reason.LONG_COMMENT, problems))
    return found
