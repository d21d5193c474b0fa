"""Comment texts: a template over the columns of a frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, Union

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.exceptions import ColumnNotFoundError, RuleError
from ctnb.i18n.language import N_, gettext
from ctnb.i18n.message import lazy_gettext
from ctnb.leads.columns.arrow_text import TEXT, Strings, blank, joined, strings_of, text, texts_of
from ctnb.leads.columns.cells import distinct, is_empty, is_missing, is_unicode
from ctnb.leads.columns.problems import Problems, first_of
from ctnb.leads.field_formats import (
    WIDEST,
    AmbiguousNumberError,
    formatted,
    is_date_format,
    last_directive,
    moments_in,
    too_wide,
)
from ctnb.leads.limits import COMMENT_LIMIT
from ctnb.leads.moments.serials import serial_moments
from ctnb.leads.rules import Col

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ctnb.i18n.message import LazyMessage

Comment: TypeAlias = Union[str, Col, "pd.Series[Any]", Callable[[pd.DataFrame], "pd.Series[Any]"]]
"""A template, a column, the texts themselves, or what makes them of the frame."""

GIVEN: Final = ""
"""Name of the field that a Series, which was given as the comment, stands for: no column has a blank name."""

# What is a format and no other text, where it stands behind a default and a colon.
_CLEAR_FORMAT: Final = re.compile(r"[,_]?\.[0-9]+[eEfFgGn%]|n")
_FILL: Final = re.compile(r"\|[<>=^]")

COMMENT_TEMPLATE: Final = lazy_gettext("the comment template")
NOT_UNICODE: Final = N_("the comment holds a character that is not Unicode")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a template: a column, the format that its values are written in, and the text of an empty cell."""

    column: str
    format: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A comment as literal texts and fields, in order."""

    parts: tuple[str | Field, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are read, without repeats."""
        return tuple(dict.fromkeys(part.column for part in self._fields if part.column != GIVEN))

    @property
    def dates(self) -> tuple[str, ...]:
        """Names of the columns that are written as dates."""
        fields = [part for part in self._fields if is_date_format(part.format)]
        return tuple(dict.fromkeys(part.column for part in fields if part.column != GIVEN))

    @property
    def _fields(self) -> list[Field]:
        return [part for part in self.parts if isinstance(part, Field)]

    def render(
        self, cells: Mapping[str, pd.Series[Any]], length: int, serials: Collection[str] = ()
    ) -> tuple[Strings, Problems]:
        """Write the text of each row; a missing value is its field's default, or an empty text.

        A row is blank where the template has fields, and none of them has a value or a default.

        Parameters
        ----------
        cells : mapping of str to Series, n cells each
            With the template's columns, and what `given_cells` gives.
        length : int
            Rows, n.
        serials : collection of str
            Columns whose dates are numbers, as Excel stores them.

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
                    problems.append(Problems(np.zeros(length, dtype=np.int32), [gettext(NOT_UNICODE)]))
                continue
            given = cells[part.column]
            if part.column in serials and is_date_format(part.format):
                given = pd.Series(serial_moments(given))
            values, misfits = _rendered(given, part)
            parts.append(values)
            problems.append(misfits)
        return self._blanked(joined(*parts)), first_of(problems)

    def _blanked(self, texts: Strings) -> Strings:
        """Make blank the texts of which no field has a part."""
        fields = self._fields
        literals = sum(len(whole(part).encode()) for part in self.parts if isinstance(part, str))
        if not fields or not literals or any(part.default.strip() for part in fields):
            return texts
        bare = pc.equal(pc.binary_length(texts), literals)
        return pc.if_else(bare, text(""), texts) if pc.any(bare).as_py() else texts


def given_cells(comment: object, deals: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Return the cells of a comment that is a Series, or a callable that makes one of the frame.

    Returns
    -------
    dict of str to Series
        By `GIVEN`; empty where the comment is a template or a column.

    Raises
    ------
    RuleError
        When it is no Series, or not one of the frame's rows: the same index in the same order.
    """
    if isinstance(comment, str | Col) or not (callable(comment) or isinstance(comment, pd.Series)):
        return {}
    # A new column in the copy is none in the user's frame.
    cells = comment(deals.copy(deep=False)) if callable(comment) else comment
    if not isinstance(cells, pd.Series):
        raise RuleError(
            "The callable that makes the comment returned {kind}: expected a Series with a text for each row. "
            'Return one, such as frame["stage"] + ": " + frame["manager"].',
            kind=type(cells).__name__,
        )
    if not cells.index.equals(deals.index):
        raise RuleError(
            "The comment is a Series of {count} rows: expected one with the index of the frame, which has {rows} "
            "rows, in the same order. "
            "Make it of the frame's own columns, or write pd.Series(texts, index=frame.index).",
            count=len(cells),
            rows=len(deals),
        )
    return {GIVEN: cells}


def parse_template(comment: Comment, columns: Sequence[object]) -> Template:
    """Read a comment template such as ``"{stage}: {manager}"``.

    Parameters
    ----------
    comment : str, col, Series or callable
        Text with ``{column}`` fields, optionally with a format (``{amount:.0f}``), with what stands there
        when the cell is empty (``{manager|nobody}``), or with both (``{amount:.0f|none}``); ``{{`` and ``}}``
        are braces. ``col("name")`` takes the column's text as it is, and so does a Series its own, or that of
        a callable; their cells come from `given_cells`.
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
                "The comment template {comment!r} cannot be read from {rest!r} on: a field is {{column}}, "
                "{{column:format}} or {{column|text of an empty cell}}. Write {{{{ and }}}} for braces.",
                comment=comment,
                rest=comment[end : end + 20],
            )
    elif isinstance(comment, pd.Series) or callable(comment):
        parts = [Field(GIVEN)]
    else:
        raise RuleError(
            'The comment is {kind}; a text with {{column}} fields is wanted, or col("name").',
            kind=type(comment).__name__,
        )
    template = Template(tuple(parts))
    faults = [_format_fault(part) for part in parts if isinstance(part, Field)]
    if not faults:
        faults.append(_fault_of("".join(map(str, parts)), names))
    fault = next(filter(None, faults), None)
    if fault is not None:
        raise RuleError(fault)
    for name in template.columns:
        if name not in names:
            raise ColumnNotFoundError.among(name, columns, wanted_by=COMMENT_TEMPLATE)
    return template


def _parts(comment: str, names: Sequence[str]) -> tuple[list[str | Field], int]:
    """Split a template into literals and fields; also return where it ends, or cannot be read on.

    A field is read by the columns there are, the longest name first: CRM headings hold colons and
    exclamation marks, which Python's own templates take for something else.
    """
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    field = rf"(?P<name>{known or '(?!)'}|[^{{}}:|]+)(?P<rest>[:|][^{{}}]*)?"
    token = re.compile(rf"(?P<brace>\{{\{{|\}}\}})|\{{(?:{field})\}}|(?P<literal>[^{{}}]+)")
    parts: list[str | Field] = []
    end = 0
    while found := token.match(comment, end):
        if found["name"]:
            parts.append(_field(found["name"], found["rest"] or ""))
        else:
            parts.append(found["literal"] or found["brace"][0])
        end = found.end()
    return parts, end


def _field(name: str, rest: str) -> Field:
    """Read what stands behind the name of a field: ``:format``, ``|default`` or both, the format first."""
    if rest.startswith("|"):
        default, _, form = rest[1:].rpartition(":")
        if is_date_format(form) or _CLEAR_FORMAT.fullmatch(form):
            return Field(name, form, default)
        return Field(name, "", rest[1:])
    form = rest[1:]
    # A bar may also be what fills a width, or stand among the parts of a date.
    dated = last_directive(form)
    bar = form.find("|", dated or (1 if _FILL.match(form) else 0))
    return Field(name, form) if bar < 0 or (dated and form.endswith("|")) else Field(name, form[:bar], form[bar + 1 :])


def _format_fault(field: Field) -> LazyMessage | None:
    """Return why a format cannot be used, or None: a huge width takes gigabytes."""
    if too_wide(field.format):
        shown = f"{{{field.column}:{field.format}}}"[:40]
        return lazy_gettext(
            "The comment template's {shown!r}: expected a width and a precision of at most {most:n}. Make it less.",
            shown=shown,
            most=WIDEST,
        )
    return None


def _fault_of(text: str, columns: Sequence[str]) -> LazyMessage | None:
    """Return why a text without fields cannot be meant, or None."""
    if not text.strip():
        return lazy_gettext(
            'The comment is blank. Give a text, or a template over columns such as "{stage}: {manager}".'
        )
    if text in columns:
        return lazy_gettext(
            "The comment {text!r} has no field, but is the name of a column. "
            'Write col("{text}") or "{{{text}}}" for the column\'s text.',
            text=text,
        )
    if len(text) > COMMENT_LIMIT:
        return lazy_gettext(
            "The comment has {count} characters; at most {most} are allowed.", count=len(text), most=COMMENT_LIMIT
        )
    return None


def _rendered(cells: pd.Series[Any], field: Field) -> tuple[Strings, Problems]:
    """Return the texts of one field, row by row, and why a value could not be written."""
    values, misfits = _written(cells, field)
    if field.default.strip():
        values = pc.if_else(pc.equal(values, text("")), text(whole(field.default)), values)
        if not is_unicode(field.default):
            misfits = Problems(np.zeros(len(cells), dtype=np.int32), [gettext(NOT_UNICODE)])
    return values, misfits


def _written(cells: pd.Series[Any], field: Field) -> tuple[Strings, Problems]:
    """Return the texts of one column, and why a value could not be written; a missing value is an empty text."""
    plain = None if field.format else _plain(cells)
    if plain is not None:
        return plain, Problems.none(len(cells))
    codes, uniques = distinct(cells)
    if is_date_format(field.format):
        uniques = _with_moments(uniques)
    texts, problems = zip(*(_tried(cell, field) for cell in uniques), strict=True)
    return strings_of(list(texts)).take(pa.array(codes)), Problems.of(problems).take(codes)


def _with_moments(cells: list[object]) -> list[object]:
    """Return cells with a date in the place of each text that is one."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    moments = dict(zip(texts, moments_in(texts), strict=True))
    return [moments[cell] or cell if isinstance(cell, str) else cell for cell in cells]


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
        return whole(value), None if is_unicode(value) else gettext(NOT_UNICODE)
    except AmbiguousNumberError:
        if field.column == GIVEN:
            return "", gettext("a number of the comment may have a fraction or thousands behind its comma")
        return "", gettext(
            "a number in the column {column!r} may have a fraction or thousands behind its comma", column=field.column
        )
    except (TypeError, ValueError, OverflowError):
        # What an export writes into an empty cell fits no format but those of texts.
        if field.format and is_empty(cell):
            return "", None
        return "", _misfit(type(cell).__name__, field)


def _misfit(kind: str, field: Field) -> str:
    """Say that a value of a type does not fit its field."""
    if field.column == GIVEN:
        return gettext("a value of type {kind} of the comment does not fit a text", kind=kind)
    if not field.format:
        return gettext(
            "a value of type {kind} in the column {column!r} does not fit a text", kind=kind, column=field.column
        )
    return gettext(
        "a value of type {kind} in the column {column!r} does not fit the format {form!r}",
        kind=kind,
        column=field.column,
        form=field.format,
    )


def _text_of(cell: object, form: str) -> str:
    """Return a cell as a person would write it: whole floats without ``.0``, a missing value as nothing."""
    if is_missing(cell):
        return ""
    if form:
        return formatted(cell, form)
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell)


def whole(value: str) -> str:
    """Return a text that UTF-8 can hold."""
    return value if is_unicode(value) else value.encode(errors="replace").decode()
