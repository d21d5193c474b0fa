"""The flat columns of the two journals (contract, The journals), and what an export of the vendor's calls them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ctnb.matching.tables import CALLS, REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ctnb.matching.tables import JournalColumns

COMMENTS: Final = "comments"
TIME: Final = "time"
"""Not a column of ours: the time of day, where an export has it apart from the date."""


class FlatForm(NamedTuple):
    """The flat form of one journal: its columns, what they hold, and the headings that exports give them."""

    columns: JournalColumns
    names: tuple[str, ...]
    flags: tuple[str, ...]
    headings: Mapping[str, tuple[str, ...]]

    @property
    def journal(self) -> str:
        """The journal's name: ``calls`` or ``requests``."""
        return self.columns.journal

    @property
    def vendor_id(self) -> str:
        """The column of the vendor's own id."""
        return self.columns.ids[0]

    @property
    def contacts(self) -> tuple[str, ...]:
        """The columns of phones and e-mails."""
        return tuple(name for name in (self.columns.phones, self.columns.emails) if name)

    def found(self, headings: Iterable[object]) -> dict[str, object]:
        """Return which heading of a table stands for each column of ours; the contract's own names come first.

        Of several headings that mean one column, the one that our table lists first is taken.
        """
        by_words: dict[str, object] = {}
        for heading in headings:
            by_words.setdefault(words_of(heading), heading)
        taken: dict[str, object] = {}
        for name in (*self.names, TIME):
            spellings = (name, *self.headings.get(name, ()))
            heading = next((by_words[words] for words in map(words_of, spellings) if words in by_words), None)
            if heading is not None and heading not in taken.values():
                taken[name] = heading
        return taken


def words_of(heading: object) -> str:
    """Return what is compared of a heading: letters and digits, in lower case, ``ё`` as ``е``."""
    return re.sub(r"[\W_]+", "", str(heading).casefold().replace("ё", "е"))


_DATE: Final = ("Дата и время", "Дата/время", "Дата")
_TIME: Final = ("Время", "Время начала")
_TAGS: Final = ("Теги", "Тэги", "Тег", "Метки")

CALL_FORM: Final = FlatForm(
    CALLS,
    (
        "callId",
        "callReferenceId",
        "sipCallId",
        "callerNumber",
        "date",
        "uniqueCall",
        "targetCall",
        "uniqTargetCall",
        "callTags",
        COMMENTS,
    ),
    ("uniqueCall", "targetCall", "uniqTargetCall"),
    {
        "callId": ("ID звонка", "ID звонка Calltouch", "Идентификатор звонка", "Номер звонка", "Call ID Calltouch"),
        "callReferenceId": (
            "Внешний ID звонка",
            "Внешний ID",
            "ID звонка во внешней системе",
            "Внешний идентификатор звонка",
            "Reference ID",
        ),
        "sipCallId": ("SIP ID", "ID звонка SIP", "SIP ID звонка", "ID звонка АТС", "ID звонка в АТС"),
        "callerNumber": (
            "Номер звонящего",
            "Номер абонента",
            "Номер звонившего",
            "Звонивший",
            "Звонящий",
            "Кто звонил",
            "Номер клиента",
            "Телефон звонящего",
            "Телефон абонента",
            "Телефон клиента",
            "Номер телефона звонящего",
            "Номер телефона клиента",
            "АОН",
            "Caller",
        ),
        "date": ("Дата и время звонка", "Дата звонка", "Дата начала звонка", "Начало звонка", *_DATE),
        TIME: ("Время звонка", *_TIME),
        "uniqueCall": ("Уникальный звонок", "Уникальный", "Уникальность", "Уник. звонок"),
        "targetCall": ("Целевой звонок", "Целевой"),
        "uniqTargetCall": (
            "Уникально-целевой звонок",
            "Уникально-целевой",
            "Уникальный целевой звонок",
            "Уникальный целевой",
            "Уник.-целевой звонок",
        ),
        "callTags": ("Теги звонка", "Тэги звонка", *_TAGS),
    },
)
"""Calls. The heading «Телефон» alone is not among them: it may be the number that was dialled."""

REQUEST_FORM: Final = FlatForm(
    REQUESTS,
    (
        "requestId",
        "requestNumber",
        "date",
        "phoneNumber",
        "email",
        "uniqueRequest",
        "targetRequest",
        "uniqTargetRequest",
        "tags",
        COMMENTS,
    ),
    ("uniqueRequest", "targetRequest", "uniqTargetRequest"),
    {
        "requestId": ("ID заявки", "ID заявки Calltouch", "Идентификатор заявки", "ID лида"),
        "requestNumber": ("Номер заявки", "Внешний ID заявки", "Внешний номер заявки", "Внешний ID"),
        "date": ("Дата и время заявки", "Дата заявки", "Дата создания заявки", "Дата создания", *_DATE),
        TIME: ("Время заявки", "Время создания", *_TIME),
        "phoneNumber": (
            "Телефон",
            "Телефоны",
            "Номер телефона",
            "Телефон клиента",
            "Номер телефона клиента",
            "Номер клиента",
            "Номер абонента",
            "Phone",
        ),
        "email": (
            "Email",
            "E-mail клиента",
            "Электронная почта",
            "Эл. почта",
            "Почта",
            "Адрес электронной почты",
            "Имейл",
        ),
        "uniqueRequest": ("Уникальная заявка", "Уникальная", "Уникальность", "Уник. заявка"),
        "targetRequest": ("Целевая заявка", "Целевая"),
        "uniqTargetRequest": (
            "Уникально-целевая заявка",
            "Уникально-целевая",
            "Уникальная целевая заявка",
            "Уникальная целевая",
            "Уник.-целевая заявка",
        ),
        "tags": ("Теги заявки", "Тэги заявки", *_TAGS),
    },
)

FORMS: Final = (CALL_FORM, REQUEST_FORM)
