"""Workbooks as people have them, made by hand; run as a script, it makes the binary ones anew.

XLS and XLSB are kept as files (`tests/data`), for what writes them is not in the environment of the tests:
``pip install xlwt pyxlsbwriter`` and ``python tests/tools/workbook_files.py``.
"""

import re
import zipfile
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

DATA = Path(__file__).parents[1] / "data"
ASTERISK = 1711987200.123456
BINARY_ROWS = [
    ["Сделка", "Звонок", "Телефон", "Создана", "Оплачена"],
    ["007", ASTERISK, 79157771122, datetime(2026, 3, 1, 10, 30), True],  # noqa: DTZ001  a workbook's dates have no zone
    ["008", 1234567890123456789, "8 (915) 777-11-22", datetime(2026, 3, 2), False],  # noqa: DTZ001
]
SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
)


def open_document(folder, *rows, name="deals.ods", titles=("Сделки",)):
    """Write an OpenDocument sheet of rows that are XML already, or lists of cells."""
    body = "".join(row if isinstance(row, str) else ods_row(*row) for row in rows)
    tables = "".join(f'<table:table table:name="{title}">{body}</table:table>' for title in titles)
    file = folder / name
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:body><office:spreadsheet>{tables}</office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return file


def ods_row(*cells, **attributes):
    named = "".join(f' table:{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f"<table:table-row{named}>{''.join(map(ods_cell, cells))}</table:table-row>"


def ods_cell(value, **attributes):
    named = "".join(f' table:{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    if value is None:
        return f"<table:table-cell{named}/>"
    if isinstance(value, str):
        if value.startswith("<"):
            return value
        lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
        return f'<table:table-cell office:value-type="string"{named}>{lines}</table:table-cell>'
    if isinstance(value, bool):
        typed = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, datetime):
        typed = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        typed = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {typed}{named}><text:p>как показано</text:p></table:table-cell>"


def changed_part(file, part, *changes, regex=False):
    """Change the text of one part of a zipped file, of the first whose name has `part` in it."""
    with zipfile.ZipFile(file) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = next(each for each in parts if part in each)
    for old, new in changes:
        before = parts[name]
        parts[name] = re.sub(old, new, before) if regex else before.replace(old, new)
        assert parts[name] != before, old
    with zipfile.ZipFile(file, "w") as changed:
        for each, content in parts.items():
            changed.writestr(each, content)
    return file


def make_binary():
    """Make the XLS and XLSB files of `tests/data`."""
    import xlwt
    from pyxlsbwriter import XlsbWriter

    DATA.mkdir(exist_ok=True)
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Сделки")
    dates = xlwt.easyxf(num_format_str="dd.mm.yyyy hh:mm")
    for number, row in enumerate(BINARY_ROWS):
        for column, value in enumerate(row):
            sheet.write(number + 1, column + 1, value, *([dates] if isinstance(value, datetime) else []))
    # A far corner that is formatted and blank.
    sheet.write(65_535, 255, None, xlwt.easyxf("font: bold on"))
    book.add_sheet("Прочее").write(0, 0, "id")
    book.save(str(DATA / "deals.xls"))
    with XlsbWriter(str(DATA / "deals.xlsb")) as written:
        written.add_sheet("Сделки")
        written.write_sheet(BINARY_ROWS)


if __name__ == "__main__":
    make_binary()
