"""Words of a note that say what the digits beside them are."""
# ruff: noqa: SIM905 (words are read more easily as a text)

from __future__ import annotations

from typing import Final

LABELS: Final = frozenset(
    """
    кв квартира д корп корпус стр строение оф офис под подъезд эт этаж я заявка заявки договор договора заказ заказа
    сделка сделки счет счёт лид номер id lead order no
    """.split()
)
"""Words of which the digits behind them say which: ``кв 15``."""

COUNTED: Final = frozenset(
    """
    шт штук штуки штука раз раза утра вечера дня ночи час часа часов мин минут этаж подъезд кв квартира комнат комнаты
    комната чел человек человека лет года год г руб рублей тыс м км кг января февраля марта апреля мая июня июля августа
    сентября октября ноября декабря floor pcs
    """.split()
)
"""Words of which the digits before them say how many or which: ``2 шт``."""

UNCOUNTED: Final = frozenset("a а at в до и к на не от по после с со у".split())
"""Words to which the digits before them do not belong."""
