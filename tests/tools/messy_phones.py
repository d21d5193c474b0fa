"""Cells of phones in every shape that we could think of, valid or nearly so, for differential tests."""

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.RFC3966,
)
SHAPES = [
    "+7XXXXXXXXXX",
    "7XXXXXXXXXX",
    "8XXXXXXXXXX",
    "XXXXXXXXXX",
    "+7 (XXX) XXX-XX-XX",
    "8 (XXX) XXX-XX-XX",
    "8(XXX)XXXXXXX",
    "8-XXX-XXX-XX-XX",
    "+7\u00a0XXX\u00a0XXX\u00a0XX\u00a0XX",
    "+7 XXX XXX–XX–XX",
    "8.XXX.XXX.XX.XX",
    "7XXXXXXXXXX.0",
    "7XXXXXXXXX0.00",
    "7.XXXXXXXXXXE+10",
    "7.XXXXXXXXXE+10",
    "7,XXXXXXXXe10",
    "'7XXXXXXXXXX",
    "  8XXXXXXXXXX ",
    "(+7) XXX XXX XX XX",
]
BEFORE = ["", "", "", "", "моб. ", "тел:", "Иван ", "(", "'", " ", "т.", "и ", "x", "доб. ", "-"]
BEFORE += ["ИНН ", "id", "№ ", "www.", "заказ #", "дог. ", "Договор (", "1601550000.", "vk.com/", "2+1 ", "18+ "]
BEHIND = ["", "", "", "", " доб. 12", " доб 1234", "доб.1", " ext. 55", " x12", "#5", ")", ".", ";", " ", ", ", "/"]
BEHIND += [" *2", ". 2", " [2]", ". 22", "@mail.ru", " ИНН 7712345678", "+ "]
BEFORE += ["ИНН ", "id", "№ ", "www.", "заказ #", "дог. ", "Договор (", "1601550000.", "vk.com/", "2+1 ", "18+ "]
BEHIND += [" *2", ". 2", " [2]", ". 22", "@mail.ru", " ИНН 7712345678", "+ "]
BETWEEN = [", ", ",", "; ", ";", " / ", "/", "\n", " и ", " или ", " ", "  ", "|", "\\", "\t", " доб. ", ",,", " И "]
ODD_SIGNS = [
    *"0123456789+-(). ,;/'x#~*=E&",
    "\0",
    "\u00a0",
    *map(chr, range(0x200F, 0x2018)),
    "\u2212",
    "’",
    "９",
    "٣",
    "\t",
    "\n",
    "\u0080",
    "\u0090",
    "\u00ad",
    "\u2000",
    "\u2028",
    "\u2400",
    "\u2500",
    "\u0490",
    "†",
    "доб",
    "ext",
    " и ",
    ";ext=",
    "tel:",
    "e+10",
    ".0",
    ",0",
    "E+10",
]
TYPES = [*PhoneNumberType.values()]


def digits_of(rng, length):
    return "".join(rng.choices("0123456789", k=length))


def filled(rng, shape):
    return "".join(rng.choice("0123456789") if sign == "X" else sign for sign in shape)


def russian(rng):
    """Write a Russian, Kazakh or wrong number in a common shape."""
    shape = rng.choice(SHAPES)
    head = rng.choice(["9", "9", "9", "9", "93", "930", "93000", "4", "495", "8", "80", "3", "7", "70", "71", "77", ""])
    return filled(rng, shape.replace("X" * len(head), head, 1) if rng.random() < 0.8 else shape)


def number_of(rng, region):
    """Write a number like one of a region's examples, in a format of the library."""
    example = phonenumbers.example_number_for_type(region, rng.choice(TYPES)) or phonenumbers.example_number(region)
    text = phonenumbers.format_number(example, rng.choice(FORMATS)) if example else digits_of(rng, 9)
    kept = rng.randrange(len(text))
    return text[:kept] + "".join(rng.choice("0123456789") if sign.isdigit() else sign for sign in text[kept:])


def digit_string(rng, region):
    """Write digits of any length behind what a number of the region may begin with."""
    metadata = PhoneMetadata.metadata_for_region(region)
    code = str(metadata.country_code)
    begins = ["", "", "+", code, "+" + code, metadata.national_prefix or "0", "00", "810", "011", "8", "00" + code]
    return rng.choice(begins) + digits_of(rng, rng.choice([*range(1, 17), 9, 10, 10, 11, 11, 12]))


def single(rng, region):
    kind = rng.random()
    if kind < 0.5:
        return russian(rng) if region in {"RU", "KZ"} or kind < 0.1 else number_of(rng, region)
    if kind < 0.7:
        return number_of(rng, rng.choice([region, "RU", "BY", "KZ", "US", "DE", "GB", "IT"]))
    return digit_string(rng, region)


def messy_cell(rng, region):
    """Return a cell: one number or several, perhaps with something around it, perhaps with a wrong sign."""
    text = single(rng, region)
    if rng.random() < 0.4:
        text = rng.choice(BEFORE) + text + rng.choice(BEHIND)
    while rng.random() < 0.15:
        text += rng.choice(BETWEEN) + single(rng, region)
    while rng.random() < 0.2:
        position = rng.randrange(len(text) + 1)
        text = text[:position] + rng.choice(ODD_SIGNS) + text[position + rng.randrange(2) :]
    return text
