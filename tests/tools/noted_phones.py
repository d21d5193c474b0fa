"""Cells with one written number whose truth is known: of a dozen countries, in any fashion, with a note or a mistake.

What is read in such a cell is right, or a stranger's number; `count_cells` tells of which kind the strangers are.
"""

import random
import re
from dataclasses import dataclass, field
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, PhoneNumberType

HOME = "RU"
COUNTRIES = ["RU"] * 6 + ["UA", "UZ", "AM", "KZ", "BY", "GE", "AZ", "KG", "TJ", "MD", "TR", "DE", "IL", "CN", "US"]
KINDS = [PhoneNumberType.MOBILE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE]
UNTELLABLE = " 22 Ореховая"  # Behind a number that lacks two digits, or may have two more.
LABELS = [
    *[""] * 6,
    *(
        "т. ",
        "тел. ",
        "тел:",
        "моб. ",
        "моб.",
        "Иван ",
        "Иван, ",
        "жена - ",
        "раб. ",
        "Tel. ",
        "WhatsApp ",
        "☎ ",
        "дом. ",
    ),
    *("клиент: ", "перезвонить на ", "д. ", "сот ", "с. ", "(моб) ", "№ ", "в Телеграме ", "код города ", "а/я "),
    *("18+ ", "5+ ", "2+1 ", "ИНН 7712345678 ", "паспорт 4511 "),
]
REMARKS = [
    *[""] * 4,
    *(
        " 2 шт",
        " 2 раза",
        " 10 утра",
        " 5 этаж",
        " 2 подъезд",
        " (2 шт)",
        " - 2 шт",
        " 3 комнаты",
        " 15 кв",
        " 2шт",
        " 5-й этаж",
    ),
    *(
        " Иван",
        " (Иван)",
        " - Иван",
        " Иван 2",
        " вечером",
        " после 18",
        " после 18:00",
        " до 5",
        " с 9 до 18",
        " кв 15",
        " 12:30",
    ),
    *(
        " доб. 12",
        " доб 5",
        " 12.03.2024",
        " 18.00 звонить",
        " 100 руб",
        " 7 лет",
        " 25 декабря",
        " этаж 3",
        ", 2 шт",
        " / 5 этаж",
    ),
    *(" *2", " [2]", ". 2", " ИНН 7712345678", " id9161234567", " заказ №9161234567", " vk.com/id9161234567", " 18+ "),
    *(
        " 2 floor",
        " x2",
        " 3 Ореховая",
        UNTELLABLE,
        " 5 5 этаж",
        " 8 марта",
        " 9 мая 12",
        " 10-12 утра",
        " 1 из 2",
        " а не 5",
    ),
]
SURE_LABELS = [
    *("1. ", "1) ", "2) ", "3. ", "договор 4512 ", "заявка №12345 ", "кв 15 ", "д.4 кв.15 ", "12.03.2024 ", "12:30 "),
]
INTERNATIONAL = re.compile(r"\+[^+]*$|^8\W*10")
LIKE = {"0": "ОоOo", "3": "Зз", "1": "lI", "6": "б"}


@dataclass(frozen=True)
class Cell:
    """A cell and what was written in it.

    Attributes
    ----------
    text : str
    written : str
        The number as it stands in the text, mistakes included.
    phone : str
        What was meant, in E.164 without the plus.
    country : str
    is_mistyped : bool
    """

    text: str
    written: str
    phone: str
    country: str
    is_mistyped: bool


@cache
def metadata_of(country):
    return PhoneMetadata.metadata_for_region(country)


def some_number(rng, country):
    """Draw a valid number of a country."""
    while True:
        example = phonenumbers.example_number_for_type(country, rng.choice(KINDS))
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        kept = rng.choice([2, 3, 3, 4])
        digits = national[:kept] + "".join(rng.choices("0123456789", k=len(national) - kept))
        number = phonenumbers.parse(f"+{metadata_of(country).country_code}{digits}")
        if phonenumbers.is_valid_number(number) and phonenumbers.national_significant_number(number) == digits:
            return number


def grouped(rng, national):
    """Write a national number in groups, or without."""
    kind = rng.random()
    if kind < 0.2:
        return national
    area = rng.choice([2, 2, 3, 3, 3, 4]) if kind < 0.4 else 3 if len(national) > 9 else 2
    rest, groups = national[area:], []
    if kind > 0.4:
        while rest:
            size = 3 if len(rest) in {3, 5, 7} else 2
            groups.append(rest[:size])
            rest = rest[size:]
    while rest:
        size = rng.choice([2, 2, 3] if len(rest) > 3 else [len(rest), 2] if len(rest) != 3 else [3])
        groups.append(rest[:size])
        rest = rest[size:]
    gap = rng.choice([" ", "-", "-", "", ".", " ", "\u00a0", "–"])
    opened = rng.choice([("(", ") "), ("(", ")"), ("", " "), ("", "-"), ("", gap)])
    return opened[0] + national[:area] + opened[1] + gap.join(groups)


def prefixed(rng, country, national):
    """Put before a national number what is dialled or written before it."""
    code = str(metadata_of(country).country_code)
    trunk = metadata_of(country).national_prefix or ""
    gap = rng.choice(["", " ", " ", "-"])
    if country == HOME:
        return (
            rng.choice(["8", "8", "7", "+7", "+7", "+ 7", "", "(+7)", "8 +7", "810 7", "++7", "7 8"]) + gap + national
        )
    abroad = [
        f"+{code}",
        f"+{code}",
        f"+{code}",
        f"+ {code}",
        f"(+{code})",
        f"++{code}",
        code,
        f"8 10 {code}",
        f"810{code}",
    ]
    abroad += [
        f"8~10 {code}",
        f"8-10-{code}",
        f"00{code}",
        f"00 {code}",
        f"8 +{code}",
        f"8{code}",
        f"8 {code}",
        f"+{code} {trunk}",
    ]
    home = [trunk, f"8 {trunk}", f"8{trunk}", "8 ", "8-", "8 0 ", "80 ", "80", f"({trunk})", "0", f"+{trunk}", ""]
    return rng.choice(abroad if rng.random() < 0.65 else home) + gap + national


def mistyped(rng, text):
    """Make one typing mistake in a number."""
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    place = rng.choice(places[2:])
    alike = [place for place in places if text[place] in LIKE]
    kind = rng.choices(["lost", "last", "last ones", "more", "sign", "letter"], [25, 10, 10, 15, 10, 30])[0]
    if kind == "lost":
        return text[:place] + text[place + 1 :]
    if kind == "last ones":
        return text[: places[-rng.choice([2, 2, 3])]].rstrip(" -.\u00a0–(")
    if kind == "more":
        return text[:place] + rng.choice("0123456789") + text[place:]
    if kind == "sign":
        return text[:place] + rng.choice([" ", "-", ".", ":", "=", "*"]) + text[place + 1 :]
    if kind == "letter" and alike:
        place = rng.choice(alike)
        return text[:place] + rng.choice(LIKE[text[place]]) + text[place + 1 :]
    return text[: places[-1]]


def some_cell(rng):
    """Draw a cell that does not plainly hold another number than was meant."""
    while True:
        country = rng.choice(COUNTRIES)
        number = some_number(rng, country)
        phone = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
        written = prefixed(rng, country, grouped(rng, phonenumbers.national_significant_number(number)))
        is_mistyped = rng.random() < 0.4
        if is_mistyped:
            written = mistyped(rng, written)
        if is_plain_other(written, phone):
            continue
        label = rng.choice(LABELS if rng.random() < 0.85 else SURE_LABELS)
        remark = rng.choice(REMARKS)
        is_long = len(phonenumbers.national_significant_number(number)) >= 10 and country != "DE"
        if remark != UNTELLABLE or (is_long and not is_mistyped):
            return Cell(label + written + remark, written, phone, country, is_mistyped)


def is_plain_other(written, phone):
    """Tell whether a written number, read as a whole at home, is another number than was meant: nobody can know.

    A trunk prefix that stands alone belongs to no area code.
    """
    groups = "".join(sign if sign.isdigit() else " " for sign in written).split()
    if len(groups) > 1 and len(groups[0]) < 3 and groups[0][0] == "8" and "+" not in written:
        head = library(written)
        return head is not None and head != phone and len("".join(groups)) > 10
    return library(written) not in {None, phone}


def library(text):
    """Return what the library reads, or None."""
    try:
        number = phonenumbers.parse(text, HOME)
    except NumberParseException:
        return None
    return (
        phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:] if phonenumbers.is_valid_number(number) else None
    )


@dataclass
class Counts:
    """Cells by what was read in them.

    Attributes
    ----------
    right : int
    country, part, note : int
        Cells with a number of another country, with a part of the written one, with a digit that is none of it.
    examples : list of str
        Some of the wrong ones.
    """

    cells: int = 0
    right: int = 0
    country: int = 0
    part: int = 0
    note: int = 0
    right_cells: set = field(default_factory=set)
    examples: list = field(default_factory=list)


def kind_of(cell, phone):
    """Return which kind of stranger a number is that was read in a cell, or None."""
    digits = "".join(sign for sign in cell.written if sign.isdigit())
    abroad = INTERNATIONAL.search(cell.written)
    if phone == cell.phone or (abroad and library(cell.written[abroad.start() :]) == phone):
        return None
    number = phonenumbers.parse(f"+{phone}")
    if number.country_code != metadata_of(cell.country).country_code:
        return "country"
    return "part" if phonenumbers.national_significant_number(number) in digits else "note"


def count_cells(read, cells, seed):
    """Read cells and count the strangers.

    Parameters
    ----------
    read : callable
        Gives the phones of one text.
    cells, seed : int
    """
    rng = random.Random(f"noted {seed}")
    counts = Counts()
    for _ in range(cells):
        cell = some_cell(rng)
        phones = read(cell.text)
        kinds = {kind_of(cell, phone) for phone in phones}
        counts.cells += 1
        for kind in sorted(kinds - {None}):
            setattr(counts, kind, getattr(counts, kind) + 1)
            counts.examples.append(f"{kind}: {cell.text!r}, meant is {cell.phone}, read is {phones}")
        if kinds == {None}:
            counts.right += 1
            counts.right_cells.add(cell.text)
    return counts
