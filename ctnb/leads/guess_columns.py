"""Roles of an export's columns, guessed by their headings, in Russian and English, and by their cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ctnb.leads.columns.cells import distinct, is_empty, plain_text, refuse_levels, scalars
from ctnb.leads.emails import emails_in
from ctnb.leads.moments.parse import parse_moments
from ctnb.leads.moments.serials import only_serials
from ctnb.leads.phones.api import phones_in

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

SAMPLED: Final = 20_000
"""Rows that are looked at, at least where there are so many; they are spread over the frame."""
READ: Final = 200
"""Distinct cells of a column that are read."""
MOSTLY: Final = 0.6
"""Share of a column's cells that is enough, whatever its heading is."""
DISTINCT: Final = 0.9
"""Share of a column's rows that differ where it names a deal; an export may hold a deal twice."""
PARTLY: Final = 0.1
"""Share that is enough where the heading means the same."""

EMAIL: Final = re.compile(r"e-?mail|\bmail\b|почт|имейл|емейл|мейл")
PHONE: Final = re.compile(r"phone|\btel\b|\bmobile\b|\bcell\b|телефон|\bтел\b|мобильн|сотов")
NO_PHONE: Final = re.compile(r"\b(?:type|kind|id|count|тип|вид|оператор|регион|количество)\b")
CALL_ID: Final = re.compile(
    r"\b(?:sip )?call (?:reference )?(?:id|number)\b|\bcallid\b|\bid (?:of )?call\b"
    r"|\b(?:id|ид|номер|код) звонк|звонк\w* (?:id|ид)\b"
)
REQUEST_ID: Final = re.compile(
    r"\b(?:request|form|order|lead form) (?:id|number)\b|\brequestid\b|\b(?:id|ид|номер|код) (?:заявк|заказ|обращен)"
    r"|(?:заявк|заказ|обращен)\w* (?:id|ид)\b"
)
KEY: Final = re.compile(
    r"\b(?:deal|lead|crm|opportunity|record) (?:id|number|key)\b|(?:\b(?:id|ид|номер|код)|№) (?:сделк|лид|записи)"
    r"|(?:сделк|лид)\w* (?:id|ид)\b"
)
BARE_KEY: Final = re.compile(r"id|ид|key|№|#|код")
NUMBERED_DEAL: Final = re.compile(
    r"(?:id|ид|номер|код|№|#) (?:сделк|заказ|заявк|лид|обращен)\w{0,3}"
    r"|(?:сделк|заказ|заявк|лид|обращен)\w{0,3} (?:id|ид|номер|код|№|#)|(?:deal|lead|order) (?:id|number|no|code|key|#)"
)
"""Headings that may name the deal, as a whole; in some exports they are those of Calltouch's requests."""
BARE_DEAL: Final = re.compile(r"сделка|заказ|заявка|лид|обращение|deal|lead|order|номер|number")
"""Headings, as a whole, of numbers of the deal, or of names, phones or sums: the cells tell."""
CREATED: Final = re.compile(r"creat|созда|регистрац|поступ|обращен|\breceived\b")
DATE: Final = re.compile(r"\bdate\b|\btime\b|\btimestamp\b|\bmoment\b|дата|время|когда")
LATER: Final = re.compile(
    r"clos|clsd|modif|updat|chang|paid|birth|deliver|due|last|next"
    r"|закры|измен|обновл|оплат|рожден|достав|последн|след|план|заверш"
)
SIP_ID: Final = re.compile(r"1\d{9}\.\d{1,7}")
KEY_CELL: Final = re.compile(r"[A-Za-zА-Яа-я#№_-]{0,8}\d{1,14}|[0-9a-f]{8}-[0-9a-f-]{27}")

NUMBERED: Final = re.compile(r"(?:[^\W\d_]{1,20} ?)?[№#]? ?[\w/-]{0,40}\d[\w/-]{0,40}")
"""A number of a deal, with or without a word: ``D-17``, ``№ 17``, ``Сделка #17``."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of the columns that rules and comments read; blank where none was found.

    Attributes
    ----------
    phones, emails : tuple of str
        In the frame's order.
    date : str or None
        When the deal was made.
    call_id, request_id : str or None
        The ids that calltracking passed on. Never guessed from plain numbers: a wrong id puts a
        comment on somebody else's lead.
    key : str or None
        What names a deal.
    """

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    date: str | None = None
    call_id: str | None = None
    request_id: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A column's heading as words, and the shares of its filled cells that can be read as something."""

    name: str
    words: str
    filled: float
    phones: float
    emails: float
    dates: float
    sip_ids: float
    keys: bool


def usable_columns(deals: pd.DataFrame) -> list[str]:
    """Return the headings that name one column each, as text, in the frame's order.

    Raises
    ------
    ConfigError
        When the columns are a MultiIndex.
    """
    refuse_levels(deals)
    names = [str(label) for label in deals.columns]
    return [name for name in names if name.strip() and names.count(name) == 1]


def find_roles(deals: pd.DataFrame, region: str = "RU") -> Roles:
    """Find which columns hold phones, e-mails, the date, ids and the key.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index. Of many rows a sample is read, the same each time.
    region : str
        Two letters: where phones without a country code belong.

    Returns
    -------
    Roles
        A column has one role at the most.

    Raises
    ------
    ConfigError
        When the columns are a MultiIndex, or the region is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> deals = pd.DataFrame({"ID сделки": ["7"], "Телефон": ["8 915 777-11-22"], "Дата создания": ["02.03.2026"]})
    >>> find_roles(deals)
    Roles(phones=('Телефон',), emails=(), date='Дата создания', call_id=None, request_id=None, key='ID сделки')
    """
    usable = set(usable_columns(deals))
    looks = [
        look_at(str(label), sampled(deals.iloc[:, index]), region)
        for index, label in enumerate(deals.columns)
        if str(label) in usable
    ]
    emails = [look for look in looks if is_email(look)]
    call_id = first(look for look in looks if CALL_ID.search(look.words) or look.sip_ids >= MOSTLY)
    request_id = first(look for look in looks if REQUEST_ID.search(look.words) and look.dates < MOSTLY)
    ids = [look for look in (call_id, request_id) if look is not None]
    phones = [look for look in looks if look not in emails and look not in ids and is_phone(look)]
    used = [*emails, *ids, *phones]
    date = best_date([look for look in looks if look not in used])
    key = best_key([look for look in looks if look not in used and look != date])
    return Roles(
        phones=tuple(look.name for look in phones),
        emails=tuple(look.name for look in emails),
        date=name_of(date),
        call_id=name_of(call_id),
        request_id=name_of(request_id),
        key=name_of(key),
    )


def holds_dates(cells: pd.Series[Any]) -> bool:
    """Tell whether a column is one of dates: whether most of its filled cells, a sample of them, read as such."""
    some = sampled(cells)
    return share_of_dates(some, distinct(some)[0]) >= MOSTLY


def date_order(heading: object) -> int:
    """Return the order of a column of dates among others: creation of the deal, any date, no name, a later date.

    >>> sorted(["closed_at", "moment of truth", "x", "Дата создания"], key=date_order)
    ['Дата создания', 'moment of truth', 'x', 'closed_at']
    """
    words = words_of(str(heading))
    if LATER.search(words):
        return 3
    return 0 if CREATED.search(words) else 1 if DATE.search(words) else 2


def sampled(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return cells spread over a column, the same each time."""
    return cells.iloc[:: max(1, len(cells) // SAMPLED)]


def look_at(name: str, cells: pd.Series[Any], region: str) -> Look:
    """Read the heading and a part of the cells of a column."""
    words = words_of(name)
    codes, uniques = distinct(cells)
    empty = np.array([is_nothing(cell) for cell in uniques])
    found = [cell for cell, nothing in zip(uniques, empty.tolist(), strict=True) if not nothing]
    # Spread over the column, for an export may be in the order of its cells.
    read = found[:: max(1, len(found) // READ)][:READ]
    plain = [plain_text(str(cell)) for cell in read]
    return Look(
        name=name,
        words=words,
        filled=float(np.mean(~empty[codes])) if len(codes) else 0.0,
        phones=share([bool(phones_in(cell, region).contacts) for cell in read]),
        emails=share([bool(emails_in(cell).contacts) for cell in read]),
        dates=share_of_dates(cells, codes, serials=bool(CREATED.search(words) or DATE.search(words))),
        sip_ids=share([bool(SIP_ID.fullmatch(text)) for text in plain]),
        keys=len(found) >= DISTINCT * len(cells) > 0 and share([bool(KEY_CELL.fullmatch(text)) for text in plain]) == 1,
    )


def share_of_dates(cells: pd.Series[Any], codes: npt.NDArray[np.intp], *, serials: bool = False) -> float:
    """Return the share of a column's distinct filled cells that are dates; `codes` as of `distinct`.

    A number is one, as Excel stores it, only where the heading lets it be (`serials`), and all others are.
    """
    if serials and only_serials(cells):
        return 1.0
    if cells.dtype.kind in "iufb":
        # A bare number is never a date.
        return 0.0
    some = cells.iloc[np.unique(codes, return_index=True)[1]]
    some = some[some.notna()]
    some = some.iloc[:: max(1, len(some) // READ)].iloc[:READ]
    return share((~np.isnat(parse_moments(some, "UTC", serials=False).local)).tolist())


def likely_key(deals: pd.DataFrame, used: Collection[str], region: str = "RU") -> str:
    """Return a column whose heading says that it names the deal, and whose cells differ; blank where there is none.

    Where the heading leaves a doubt, no cell may be blank, and each must be a number.

    Parameters
    ----------
    deals : DataFrame
    used : collection of str
        Columns that have another role.
    region : str
        Two letters: where phones without a country code belong.
    """
    names = {name: words_of(name) for name in usable_columns(deals) if name not in used}
    headings = [str(label) for label in deals.columns]
    by_heading = [
        *((name, False) for name, words in names.items() if KEY.search(words)),
        *((name, True) for name, words in names.items() if NUMBERED_DEAL.fullmatch(words)),
        *((name, False) for name, words in names.items() if BARE_KEY.fullmatch(words)),
        *((name, True) for name, words in names.items() if BARE_DEAL.fullmatch(words)),
    ]
    for name, in_doubt in by_heading:
        cells = sampled(deals.iloc[:, headings.index(name)])
        # Cells that cannot be hashed are no keys.
        codes = distinct(cells.dropna())[0]
        differ = len(codes) > 0 and len(np.unique(codes)) >= DISTINCT * len(codes)
        if differ and (not in_doubt or are_numbers_of_deals(cells, names[name], region)):
            return name
    return ""


def are_numbers_of_deals(cells: pd.Series[Any], words: str, region: str) -> bool:
    """Tell whether the cells of a column, none of them blank, may number deals, given its heading as words."""
    codes, uniques = distinct(cells)
    found = [uniques[code] for code in np.unique(codes)]
    if any(is_nothing(cell) for cell in found):
        return False
    some = found[:: max(1, len(found) // READ)][:READ]
    if not all(NUMBERED.fullmatch(plain_text(str(cell))) for cell in some) or share_of_dates(cells, codes) >= MOSTLY:
        return False
    # A bare number of ten digits passes for a phone, so that a heading of its own is enough.
    phones = share([bool(phones_in(cell, region).contacts) for cell in some])
    return bool(NUMBERED_DEAL.fullmatch(words)) or phones < MOSTLY


def is_nothing(cell: object) -> bool:
    """Tell whether a cell, or each item of a list in it, is empty."""
    return all(is_empty(item) for item in scalars(cell))


def share(answers: list[bool]) -> float:
    """Return the share of true answers; 0 where there are none."""
    return sum(answers) / len(answers) if answers else 0.0


def words_of(heading: str) -> str:
    """Return a heading in lower case, as words with single blanks: ``callId`` and ``call_id`` are ``call id``."""
    apart = re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])", " ", heading)
    return " ".join(re.sub(r"[^\w№#-]|_", " ", apart).casefold().replace("ё", "е").split())


def is_email(look: Look) -> bool:
    """Tell whether a column holds e-mails."""
    return look.emails >= (PARTLY if EMAIL.search(look.words) else MOSTLY) or (
        bool(EMAIL.search(look.words)) and look.filled == 0
    )


def is_phone(look: Look) -> bool:
    """Tell whether a column holds phones; ids and dates may look like them, so that a heading can rule it out."""
    named = bool(PHONE.search(look.words)) and not NO_PHONE.search(look.words)
    if named:
        return look.phones >= PARTLY or look.filled == 0
    other = BARE_KEY.fullmatch(look.words) or KEY.search(look.words) or DATE.search(look.words)
    return look.phones >= MOSTLY and look.dates < MOSTLY and not other


def best_date(looks: list[Look]) -> Look | None:
    """Return the column of dates that most likely holds the moment of the deal's creation."""
    return min((look for look in looks if look.dates >= MOSTLY), key=lambda look: date_order(look.name), default=None)


def best_key(looks: list[Look]) -> Look | None:
    """Return the column that names the deal: by its heading, else the first that is full, plain and without repeats."""
    return (
        first(look for look in looks if KEY.search(look.words) and look.filled > 0)
        or first(look for look in looks if BARE_KEY.fullmatch(look.words) and look.filled > 0)
        or first(look for look in looks if look.keys and look.dates < MOSTLY)
    )


def first(looks: Any) -> Look | None:
    """Return the first of some columns."""
    return next(iter(looks), None)


def name_of(look: Look | None) -> str | None:
    """Return the name of a column that was found."""
    return look.name if look else None
