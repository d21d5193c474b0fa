"""Words of a note that say what the digits beside them are."""
# ruff: noqa: SIM905 (words are read more easily as a text)

from __future__ import annotations

from typing import Final

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
