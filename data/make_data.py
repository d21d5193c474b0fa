"""Make the sample data: 5,000 invented CRM deals and the journals of calls and requests they came from.

`python data/make_data.py [folder]` writes four CSV files, byte for byte the same on every system, and prints the
tables of README.md.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from market import FIRST_CALL_ID, FIRST_REQUEST_ID, Deal, Lead, Market, invent_deals, invent_strangers
from messy_cells import (
    CUT_IDS,
    FOREIGN_WITH_REMARKS,
    JUNK_PHONES,
    PLACEHOLDERS,
    REMARKS,
    Cell,
    email_cell,
    moment_cell,
    phone_cell,
    pick,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEED = 20260301
AMO_DEALS, AMO_TWICE = 2976, 24
BITRIX_DEALS, BITRIX_TWICE = 1984, 16
STRANGER_CALLERS, STRANGER_WRITERS = 900, 500
MOSCOW = timezone(timedelta(hours=3))
VENDOR_MOMENT = "%d-%m-%Y %H:%M:%S"
CALL_TAGS = ("Целевой", "Отдел продаж", "Сервис", "Повторное обращение", "Недозвон", "VIP")
REQUEST_TAGS = ("Заявка с сайта", "Обратный звонок", "Калькулятор", "Чат", "Акция")

SOURCES = ("yandex", "vk_ads", "seo", "2gis", "email", "")
SITES = ("zabory.example", "kuhni.example", "okna.example")

CALL_COLUMNS = (
    "callId",
    "callReferenceId",
    "sipCallId",
    "callerNumber",
    "date",
    "uniqueCall",
    "targetCall",
    "uniqTargetCall",
    "callTags",
)
REQUEST_COLUMNS = (
    "requestId",
    "requestNumber",
    "date",
    "phoneNumber",
    "email",
    "uniqueRequest",
    "targetRequest",
    "uniqTargetRequest",
    "tags",
)

DEAL_TITLES = ("Входящий звонок", "Заявка с сайта", "Обратный звонок", "Повторный заказ", "Замер и расчёт")


@dataclass(frozen=True, slots=True)
class Crm:
    """A CRM: its stages in order and its forms of a date, each with a weight, and its managers."""

    stages: dict[str, int]
    managers: tuple[str, ...]
    moments: dict[str, int]


AMO = Crm(
    stages={
        "Неразобранное": 10,
        "Первичный контакт": 24,
        "Переговоры": 18,
        "Принимают решение": 14,
        "Согласование договора": 9,
        "Успешно реализовано": 13,
        "Закрыто и не реализовано": 12,
    },
    managers=(
        "Анна Ковылкина",
        "Борис Залесов",
        "Вера Подгорнова",
        "Глеб Синичкин",
        "Дарья Ручьёва",
        "Егор Камышин",
        "Жанна Ельникова",
        "Илья Туманский",
    ),
    moments={
        "dd.mm.YYYY HH:MM:SS": 40,
        "dd.mm.YYYY HH:MM": 20,
        "ISO, T and offset": 12,
        "ISO, T": 8,
        "ISO, space": 10,
        "dd-mm-YYYY HH:MM:SS": 10,
    },
)
BITRIX = Crm(
    stages={
        "Новая": 20,
        "Подготовка документов": 16,
        "Счёт на предоплату": 12,
        "В работе": 22,
        "Финальный счёт": 8,
        "Сделка успешна": 12,
        "Сделка провалена": 10,
    },
    managers=(
        "Лугова Кира",
        "Мостовой Лев",
        "Незабудкина Майя",
        "Овражин Пётр",
        "Полянская Рита",
        "Родничков Семён",
    ),
    moments={"dd.mm.YYYY HH:MM:SS": 70, "dd.mm.YYYY HH:MM": 14, "ISO, space": 8, "dd-mm-YYYY HH:MM:SS": 8},
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of an export's columns."""

    phone: str
    email: str
    call_id: str


AMO_COLUMNS = Columns("phone", "email", "call_id")
BITRIX_COLUMNS = Columns("Контакт: Рабочий телефон", "Контакт: Рабочий e-mail", "ID звонка Calltouch")

Row = dict[str, str]
Shapes = Counter[tuple[str, str]]


@dataclass(slots=True)
class ExportWriter:
    """Writes deals as one CRM exports them, and counts the shapes of its cells."""

    crm: Crm
    rng: Random
    shapes: Shapes = field(default_factory=Counter)

    def cell(self, kind: str, cell: Cell) -> str:
        """Count the cell's shape and return its text."""
        self.shapes[kind, cell.shape] += 1
        return cell.text

    def phones(self, deal: Deal) -> tuple[str, str]:
        """Return the two phone cells; the second is seldom filled in."""
        cells = phone_cell(self.rng, deal.phone, 0.45), phone_cell(self.rng, deal.phone_2, 0.05)
        return self.cell("phone", cells[0]), self.cell("phone", cells[1])

    def email(self, deal: Deal) -> str:
        """Return the e-mail cell."""
        return self.cell("e-mail", email_cell(self.rng, deal.email, broken_share=deal.broken_emails))

    def moment(self, deal: Deal) -> str:
        """Return the cell of the deal's date."""
        cell = moment_cell(self.rng, deal.moment, self.crm.moments, impossible=deal.impossible_date)
        return self.cell("date", cell)

    def lead_id(self, lead: Lead | str) -> str:
        """Return one of the ids that the lead has, mostly the vendor's; a stale id as it is."""
        if isinstance(lead, str):
            return lead
        others = [other for other in lead.ids[1:] if other]
        return self.rng.choice(others) if others and self.rng.random() < 0.35 else lead.ids[0]

    def stage(self) -> str:
        """Draw a stage."""
        return pick(self.rng, self.crm.stages)

    def manager(self) -> str:
        """Draw a manager; a few deals have none."""
        return "" if self.rng.random() < 0.012 else self.rng.choice(self.crm.managers)

    def mess_up(self, rows: list[Row], deals: list[Deal], columns: Columns) -> None:
        """Add what people write beside a number and what spreadsheets do to one; which lead a deal finds stays."""
        found = list(zip(rows, deals, strict=True))
        by_id = [row for row, deal in found if isinstance(deal.call, Lead)]
        plain = [row for row, _ in found if re.fullmatch(r"8\d{10}", row[columns.phone])]
        for row in self.rng.sample(plain, 40):
            self.replace(row, columns.phone, Cell(f"{row[columns.phone]} {self.rng.choice(REMARKS)}", "remark behind"))
        junk = self.rng.sample([row for row in by_id if row[columns.phone] in JUNK_PHONES], 12)
        for number, row in enumerate(junk):
            shape, texts = ("placeholder", PLACEHOLDERS) if number % 2 else ("foreign, remark", FOREIGN_WITH_REMARKS)
            self.replace(row, columns.phone, Cell(texts[number // 2 % len(texts)], shape))
        clean = self.rng.sample([row for row in by_id if re.fullmatch(r"[a-z0-9._-]+@\S+\w", row[columns.email])], 12)
        for number, row in enumerate(clean):
            email = row[columns.email]
            cells = (
                Cell(f"{email.partition('@')[0]}@почта.example", "Cyrillic domain"),
                Cell(f"{email}/office@example.com", "two, slash"),
            )
            self.replace(row, columns.email, cells[number % 2])
        stale = [
            row
            for row, deal in found
            if isinstance(deal.call, str) and deal.call and deal.phone and not deal.impossible_date
        ]
        for row in self.rng.sample(stale, 6):
            row[columns.call_id] = self.rng.choice(CUT_IDS)
            self.shapes["id of the call", "cut by a spreadsheet"] += 1

    def replace(self, row: Row, column: str, cell: Cell) -> None:
        """Write a cell anew; a shape that is not known by its text was junk, plain or clean."""
        kind = "e-mail" if "@" in cell.text else "phone"
        before = "clean" if kind == "e-mail" else "8 plain" if cell.shape == "remark behind" else "junk"
        self.shapes[kind, before] -= 1
        row[column] = self.cell(kind, cell)

    def with_repeats(self, rows: list[Row], stage: str, count: int) -> list[Row]:
        """Return the rows with some of them twice, further down and at a later stage, as joined exports have them."""
        order = list(self.crm.stages)
        numbers = [number for number, row in enumerate(rows) if row[stage] in order[:-2]]
        for number in sorted(self.rng.sample(numbers, count), reverse=True):
            later = self.rng.choice(order[order.index(rows[number][stage]) + 1 :])
            rows.insert(self.rng.randrange(number + 1, len(rows) + 1), rows[number] | {stage: later})
        return rows


def amo_row(export: ExportWriter, deal: Deal, number: int) -> Row:
    """Return a deal under the names of amoCRM's API."""
    phone, phone_2 = export.phones(deal)
    return {
        "deal_id": str(31_480_205 + 2 * number),
        "pipeline": export.rng.choice(("Розница", "Розница", "Опт")),
        "stage": export.stage(),
        "manager": export.manager(),
        "created_at": export.moment(deal),
        "phone": phone,
        "phone_2": phone_2,
        "email": export.email(deal),
        "call_id": export.lead_id(deal.call),
        "request_id": export.lead_id(deal.request),
        "amount": export.rng.choice(("", "0", *(str(thousands * 1000) for thousands in range(5, 400, 7)))),
        "utm_source": export.rng.choice(SOURCES),
        "site": export.rng.choice(SITES),
    }


def bitrix_row(export: ExportWriter, deal: Deal, number: int) -> Row:
    """Return a deal under the headings of Bitrix24's export."""
    phone, phone_2 = export.phones(deal)
    roubles, kopecks = export.rng.randrange(3000, 900_000), export.rng.choice((0, 0, 0, 50, 90))
    return {
        "ID": str(7301 + number),
        "Название сделки": export.rng.choice(DEAL_TITLES),
        "Стадия сделки": export.stage(),
        "Ответственный": export.manager(),
        "Дата создания": export.moment(deal),
        "Контакт: Рабочий телефон": phone,
        "Контакт: Мобильный телефон": phone_2,
        "Контакт: Рабочий e-mail": export.email(deal),
        "ID звонка Calltouch": export.lead_id(deal.call),
        "Номер заявки": export.lead_id(deal.request),
        "Сумма": f"{roubles},{kopecks:02d}",
        "Валюта": "Российский рубль",
    }


def number_leads(market: Market) -> None:
    """Put the leads in order of time and give them ids that grow with it."""
    market.calls.sort(key=lambda lead: lead.moment)
    market.requests.sort(key=lambda lead: lead.moment)
    vendor_id, channel = FIRST_CALL_ID, 1000
    for number, call in enumerate(market.calls):
        vendor_id += market.rng.randrange(1, 40)
        channel += market.rng.randrange(1, 9)
        imported = f"import-{number:05d}" if market.chance(0.15) else ""
        pbx = f"{int(call.moment.replace(tzinfo=MOSCOW).timestamp())}.{channel}" if market.chance(0.45) else ""
        call.ids = (str(vendor_id), imported, pbx)
    vendor_id = FIRST_REQUEST_ID
    for number, request in enumerate(market.requests):
        vendor_id += market.rng.randrange(1, 20)
        request.ids = (str(vendor_id), f"form-{number + 20100}" if market.chance(0.6) else "")


def flags(rng: Random, leads: list[Lead], target_share: float) -> Iterator[list[str]]:
    """Yield three flags a lead, oldest first: its contact's first lead, a target, its contact's first target."""
    met: set[str] = set()
    met_target: set[str] = set()
    for lead in leads:
        contacts = {lead.phone, lead.email} - {""}
        target = rng.random() < target_share
        first, first_target = met.isdisjoint(contacts), target and met_target.isdisjoint(contacts)
        met |= contacts
        met_target |= contacts if target else set()
        yield [str(flag).lower() for flag in (first, target, first_target)]


def tags(rng: Random, names: tuple[str, ...]) -> str:
    """Draw no, one or two tags."""
    return ", ".join(rng.sample(names, rng.choices((0, 1, 2), (55, 35, 10))[0]))


def call_rows(market: Market) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the journal of calls."""
    for call, mark in zip(market.calls, flags(market.rng, market.calls, 0.62), strict=True):
        yield (*call.ids, call.phone, call.moment.strftime(VENDOR_MOMENT), *mark, tags(market.rng, CALL_TAGS))


def request_rows(market: Market) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the journal of requests."""
    for request, mark in zip(market.requests, flags(market.rng, market.requests, 0.75), strict=True):
        moment = request.moment.strftime(VENDOR_MOMENT)
        yield (*request.ids, moment, request.phone, request.email, *mark, tags(market.rng, REQUEST_TAGS))


def total_of(rows: list[Row]) -> list[str]:
    """Return the row of totals that ends an export."""
    kopecks = sum(int(row["Сумма"].replace(",", "")) for row in rows)
    total = dict.fromkeys(rows[0], "") | {"ID": "Итого", "Сумма": f"{kopecks // 100},{kopecks % 100:02d}"}
    return list(total.values())


def write_table(
    path: Path, columns: Iterable[str], rows: Iterable[Iterable[str]], *, title: str = "", bitrix: bool = False
) -> None:
    """Write UTF-8 with commas, or Windows-1251 with semicolons and CRLF as Bitrix24 does, below a title if any."""
    encoding, delimiter, line_end = ("cp1251", ";", "\r\n") if bitrix else ("utf-8", ",", "\n")
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
        names = list(columns)
        writer.writerows([[title] + [""] * (len(names) - 1), [""] * len(names)] if title else [])
        writer.writerow(names)
        writer.writerows(rows)


def shape_table(amo: Shapes, bitrix: Shapes) -> str:
    """Return the counts of shapes as a table of README.md."""
    lines = ["| column | shape | deals.csv | deals_bitrix24.csv |", "|---|---|---:|---:|"]
    found = amo | bitrix
    lines += [
        f"| {kind} | {shape} | {amo[kind, shape]} | {bitrix[kind, shape]} |"
        for kind, shape in sorted(found, key=lambda key: (key[0], -found[key], key[1]))
    ]
    return "\n".join(lines)


def main(folder: Path) -> str:
    """Write the four files into a folder; return the table of shapes."""
    market = Market(Random(SEED))
    amo_deals, bitrix_deals = invent_deals(market, AMO_DEALS), invent_deals(market, BITRIX_DEALS)
    invent_strangers(market, STRANGER_CALLERS, STRANGER_WRITERS)
    number_leads(market)
    amo, bitrix = ExportWriter(AMO, market.rng), ExportWriter(BITRIX, market.rng)
    amo_rows = [amo_row(amo, deal, number) for number, deal in enumerate(amo_deals)]
    bitrix_rows = [bitrix_row(bitrix, deal, number) for number, deal in enumerate(bitrix_deals)]
    for export, rows, deals, columns in (
        (amo, amo_rows, amo_deals, AMO_COLUMNS),
        (bitrix, bitrix_rows, bitrix_deals, BITRIX_COLUMNS),
    ):
        # Draws of its own, so that all else stays as it is.
        drawing, export.rng = export.rng, Random(SEED)
        export.mess_up(rows, deals, columns)
        export.rng = drawing
    amo_rows = amo.with_repeats(amo_rows, "stage", AMO_TWICE)
    bitrix_rows = bitrix.with_repeats(bitrix_rows, "Стадия сделки", BITRIX_TWICE)

    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "calls.csv", CALL_COLUMNS, call_rows(market))
    write_table(folder / "requests.csv", REQUEST_COLUMNS, request_rows(market))
    write_table(folder / "deals.csv", amo_rows[0], (row.values() for row in amo_rows))
    write_table(
        folder / "deals_bitrix24.csv",
        bitrix_rows[0],
        [*(row.values() for row in bitrix_rows), total_of(bitrix_rows)],
        title="Сделки, выгрузка от 01.09.2026",
        bitrix=True,
    )
    return shape_table(amo.shapes, bitrix.shapes)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
