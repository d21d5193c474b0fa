"""A worksheet of an XLSX file: numbers as their text stands there, hidden rows and formulas without a value noted."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from ctnb.tables.notes import FORMULAS, HIDDEN_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnb.tables.notes import Notes


class StoredSheet(WorkSheetParser):
    """openpyxl's own parser, which alone is left with the text of a number; its cells have a float."""

    @classmethod
    @contextmanager
    def opened(cls, sheet: Any) -> Iterator[StoredSheet]:
        """Open a worksheet of a workbook that was opened to be read only."""
        book = sheet.parent
        with sheet._get_source() as source:  # noqa: SLF001  openpyxl's worksheet does just this to read itself
            yield cls(
                source,
                sheet._shared_strings,  # noqa: SLF001
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,  # noqa: SLF001
                timedelta_formats=book._timedelta_formats,  # noqa: SLF001
            )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._hidden: set[int] = set()
        self._hidden_with_cells = 0
        self._without_value = 0

    def rows(self) -> Iterator[tuple[int, list[tuple[int, object]]]]:
        """Yield the rows that stand in the file with their cells, each under its 0-based number."""
        for number, cells in self.parse():
            # Errors, such as #N/A, are blank.
            held = [(cell["column"] - 1, cell["value"]) for cell in cells if cell["data_type"] != "e"]
            if number in self._hidden and any(value is not None for _, value in held):
                self._hidden_with_cells += 1
            yield number - 1, held

    def tell(self, notes: Notes) -> None:
        """Note what reading all the rows has found."""
        notes.add("hidden_rows", self._hidden_with_cells, HIDDEN_ROWS, count=self._hidden_with_cells)
        notes.add("formulas", self._without_value, FORMULAS, count=self._without_value)

    def parse_row(self, row: Any) -> Any:
        """Read one row, and note whether it is hidden."""
        number, cells = super().parse_row(row)
        if row.get("hidden") in {"1", "true"}:
            self._hidden.add(number)
        return number, cells

    def parse_cell(self, element: Any) -> Any:
        """Read one cell, a number with a fraction or an exponent as a Decimal."""
        cell = super().parse_cell(element)
        value, kind = cell["value"], cell["data_type"]
        if value is None:
            if kind != "str" and element.find(FORMULA_TAG) is not None:
                self._without_value += 1
        elif kind == "n" and isinstance(value, float):
            try:
                cell["value"] = Decimal(element.findtext(VALUE_TAG))
            except InvalidOperation:
                cell["value"] = value
        return cell
