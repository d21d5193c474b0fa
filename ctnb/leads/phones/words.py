"""Words of a note that say what the digits beside them are."""
# ruff: noqa: SIM905 (words are read more easily as a text)

from __future__ import annotations

import re
from typing import Final

LETTER: Final = r"[^\W\d_]"

LABELS: Final = frozenset(
    """
    № кв квартира д корп корпус стр строение оф офис под подъезд вход эт этаж я каб кабинет комната цех склад палата
    заявка заявки заявке договор договора договору заказ заказа заказу сделка сделки сделке счет счёт счету счёту лид
    лида обращение обращения тикет номер id lead order ticket no
    """.split()
)
"""Words of which the digits behind them say which: ``кв 15``."""

YEAR: Final = "г"
"""Word behind a year; behind fewer digits it stands for a town."""

YEARS: Final = "лет"
COUNTED: Final = frozenset(
    """
    шт штук штуки раз раза утра вечера дня ночи часа часов мин минут дней недели недель месяца месяцев эт этаж подъезд
    корп корпус вход каб кабинет кв квартира квартиры комнат комнаты чел человека лет года год г руб рублей рубля тыс км
    кг заказа заказов заявки заявок договора звонка звонков машины билета билетов й ая ой ый ий го
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря floor pcs times
    """.split()
)
"""Words of which the digits before them say how many or which: ``2 шт``."""

HOURS: Final = frozenset("после до к".split())
"""Words of which the digits behind them may be an hour: ``после 18``."""

UNCOUNTED: Final = frozenset("a а at в до и к на не от по после с со у".split())
"""Words to which the digits before them do not belong."""

SHORT_IDS: Final = "инн|кпп|огрн|огрнип|окпо|снилс|бик|дог|арт|id|ид|доб|ext|extension"
LONG_IDS: Final = "паспорт|договор|сч[её]т|карт|артикул|добавочн"
"""Words behind which digits are no phone, and the beginnings of such words."""

THINGS: Final = rf"(?:заказ|заявк|сделк|лид|обращени|тикет|накладн|order|ticket|lead|invoice){LETTER}{{0,3}}"
ID_LABEL: Final = re.compile(
    # A letter first, so that most places are passed at once.
    rf"(?:(?=[a-zа-яё])(?<!{LETTER})"
    rf"(?:{SHORT_IDS}|(?:{LONG_IDS}){LETTER}{{0,3}}|{THINGS}[\s.:]*#|номер\s+{THINGS})|№(?:\s*{THINGS})?)"
    # What has a plus or an area code in a parenthesis is a phone, whatever stands before it.
    r"[\s.:№#=(\u2010-\u2015-]*(?=\d)(?![78]?\s*[(]?\d{3,5}[)])",
    re.IGNORECASE,
)
"""What says that the digits behind it are no phone, up to those digits."""

LONGEST_LOOK: Final = 12
"""Signs behind a label that its pattern looks at."""

PHONE_SIGN: Final = re.compile(
    r"((?:тел|телефон|телефона|моб|мобильный|сот|номер|phone|tel|whatsapp|ватсап|вотсап)[\s.:]*)№", re.IGNORECASE
)
"""Word for a phone, and the sign that says no more than the word."""

ID_WORD: Final = "ª"
"""Word that nobody writes, for a label of digits that are no phone."""


def with_id_words(note: str) -> str:
    """Write `ID_WORD` instead of what says that the digits behind it are no phone."""
    return ID_LABEL.sub(f" {ID_WORD} ", without_phone_sign(note))


def is_id_at(text: str, begin: int) -> bool:
    """Tell whether what stands before the digits that begin at an index says that they are no phone."""
    labels = ID_LABEL.finditer(without_phone_sign(text), 0, begin + LONGEST_LOOK)
    return any(label.end() == begin for label in labels)


def without_phone_sign(text: str) -> str:
    """Write a blank instead of a sign behind a word for a phone."""
    return PHONE_SIGN.sub(r"\1 ", text) if "№" in text else text
