"""An invented market: people call and write, and CRM deals come of it."""
# ruff: noqa: INP001 (a script's neighbour, not a package)

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from messy_cells import pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

START, END = datetime(2026, 3, 1, 8), datetime(2026, 8, 31, 22)  # noqa: DTZ001 (naive Moscow time, as CRMs export it)
FIRST_CALL_ID, FIRST_REQUEST_ID = 1_904_500_017, 58_300_041

# Shares of the deals by the rule of rules.toml that is meant to find them; the rest match nothing.
FATES = {
    "call": 0.155,
    "request": 0.07,
    "callContact": 0.235,
    "requestContact": 0.19,
    "no identifier": 0.045,
}

AREA_CODES = {
    "mobile": ("903", "906", "910", "915", "916", "921", "926", "937", "950", "961", "965", "977", "982", "985", "999"),
    "landline": ("495", "499", "812", "343", "383", "846", "863", "843", "831"),
    "kazakh": ("700", "701", "702", "705", "707", "747", "771", "775", "777"),
    "belarusian": ("29", "33", "44"),
}
KINDS = {"mobile": 82, "landline": 9, "kazakh": 5, "belarusian": 4}
EMAIL_NAMES = (
    "a.lipov",
    "berezin",
    "dom",
    "e-zimina",
    "info",
    "k.ozerov",
    "marina",
    "office",
    "sklad",
    "v_kedrov",
    "zakaz",
)
EMAIL_DOMAINS = ("example.com", "example.org", "example.net", "pochta.example", "zavod.example", "mail.stroyka.example")


@dataclass(slots=True, eq=False)
class Lead:
    """A call or a request; its ids are given when all leads are known and stand in order of time."""

    moment: datetime
    phone: str
    email: str = ""
    ids: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Deal:
    """A deal with all that it knows of its lead, before it becomes messy cells."""

    moment: datetime
    phone: list[str] = field(default_factory=list)
    phone_2: list[str] = field(default_factory=list)
    email: str = ""
    call: Lead | str = ""
    request: Lead | str = ""
    broken_emails: float = 0.0
    impossible_date: bool = False


@dataclass(slots=True)
class Market:
    """The calls and requests of everybody; draws all that is random."""

    rng: Random
    calls: list[Lead] = field(default_factory=list)
    requests: list[Lead] = field(default_factory=list)
    contacts: set[str] = field(default_factory=set)

    def chance(self, share: float) -> bool:
        """Return true in this share of cases."""
        return self.rng.random() < share

    def after(self, moment: datetime, low: timedelta, high: timedelta) -> datetime:
        """Draw a moment so much later, to the second."""
        return moment + timedelta(seconds=self.rng.randrange(int(low.total_seconds()), int(high.total_seconds())))

    def before(self, moment: datetime, low: timedelta, high: timedelta) -> datetime:
        """Draw a moment so much earlier, to the second, not before the journals begin."""
        furthest = min(high, moment - START)
        return moment - timedelta(seconds=self.rng.randrange(int(low.total_seconds()), int(furthest.total_seconds())))

    def moment(self, *, with_past: bool = False) -> datetime:
        """Draw a moment of the working day, fewer at weekends; `with_past` leaves ten days and more before it."""
        first_day = START + timedelta(days=12 if with_past else 1)
        while True:
            day = first_day + timedelta(days=self.rng.randrange((END - first_day).days - 1))
            if day.weekday() < 5 or self.chance(0.4):
                return day.replace(hour=0) + timedelta(seconds=int(self.rng.triangular(8, 21, 12) * 3600))

    def phone(self) -> str:
        """Invent a number that nobody has yet: 11 or 12 digits of E.164 without the plus."""
        kind = pick(self.rng, KINDS)
        code = self.rng.choice(AREA_CODES[kind])
        length = 9 if kind == "belarusian" else 10
        rest = str(self.rng.randrange(2 * 10 ** (length - len(code) - 1), 10 ** (length - len(code))))
        return self._new(("375" if kind == "belarusian" else "7") + code + rest) or self.phone()

    def email(self) -> str:
        """Invent an address on a domain reserved for examples."""
        name = f"{self.rng.choice(EMAIL_NAMES)}{self.rng.randrange(10, 10000)}"
        return self._new(f"{name}@{self.rng.choice(EMAIL_DOMAINS)}") or self.email()

    def _new(self, contact: str) -> str:
        if contact in self.contacts:
            return ""
        self.contacts.add(contact)
        return contact

    def call(self, moment: datetime, phone: str) -> Lead:
        """Add a call to the journal."""
        self.calls.append(Lead(moment, phone))
        return self.calls[-1]

    def request(self, moment: datetime, phone: str, email: str = "") -> Lead:
        """Add a request to the journal."""
        self.requests.append(Lead(moment, phone, email))
        return self.requests[-1]

    def stale_call(self, share: float) -> str:
        """Return an id from before the journal begins, the vendor's or the PBX's; blank but in this share of cases."""
        if not self.chance(share):
            return ""
        if self.chance(0.2):
            return f"{self.rng.randrange(1_735_700_000, 1_767_200_000)}.{self.rng.randrange(100, 9999)}"
        return str(FIRST_CALL_ID - self.rng.randrange(1, 90_000_000))

    def stale_request(self, share: float) -> str:
        """Return a request id from before the journal begins; blank but in this share of cases."""
        return str(FIRST_REQUEST_ID - self.rng.randrange(1, 9_000_000)) if self.chance(share) else ""


def minutes(count: int) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=count)


def hours(count: int) -> timedelta:
    """Return so many hours."""
    return timedelta(hours=count)


def days(count: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=count)


def place_phone(market: Market, deal: Deal, number: str) -> None:
    """Write the client's number into either column, alone or beside a number that never called."""
    layout = pick(market.rng, {"alone": 68, "first": 12, "second": 7, "second alone": 5, "pair": 8})
    if layout == "alone":
        deal.phone = [number]
    elif layout == "first":
        deal.phone, deal.phone_2 = [number], [market.phone()]
    elif layout == "second":
        deal.phone, deal.phone_2 = [market.phone()], [number]
    elif layout == "second alone":
        deal.phone_2 = [number]
    else:
        deal.phone = market.rng.sample([number, market.phone()], 2)


def found_by_call_id(market: Market) -> Deal:
    """Invent a deal that the telephony opened: it carries the id of its call."""
    old_client = market.chance(0.25)
    deal, number = Deal(market.moment(with_past=old_client)), market.phone()
    called = market.before(deal.moment, minutes(0), minutes(40))
    deal.call = market.call(called, number)
    if old_client:
        market.call(market.before(called, days(5), days(40)), number)
    if market.chance(0.3):
        market.call(market.after(called, minutes(60), hours(48)), number)
    if market.chance(0.92):
        place_phone(market, deal, number)
    deal.email = market.email() if market.chance(0.35) else ""
    deal.broken_emails, deal.impossible_date = 0.15, market.chance(0.005)
    return deal


def found_by_request_id(market: Market) -> Deal:
    """Invent a deal that the site's form opened: it carries the id of its request."""
    deal, number, email = Deal(market.moment()), market.phone(), market.email()
    wrote = market.before(deal.moment, minutes(0), minutes(15))
    deal.request = market.request(wrote, number, email if market.chance(0.7) else "")
    if market.chance(0.4):
        market.call(market.after(wrote, minutes(3), minutes(90)), number)
    deal.call = market.stale_call(0.25)
    place_phone(market, deal, number)
    deal.email = email if market.chance(0.8) else ""
    deal.broken_emails = 0.1
    return deal


def found_by_call_contact(market: Market) -> Deal:
    """Invent a deal whose client first called within two hours of it."""
    deal, number = Deal(market.moment()), market.phone()
    if market.chance(0.08):
        market.call(market.after(deal.moment, minutes(3), minutes(110)), number)
    else:
        called = market.before(deal.moment, minutes(2), minutes(110))
        market.call(called, number)
        if market.chance(0.35):  # a nearer call, which is not unique
            market.call(called + (deal.moment - called) * market.rng.uniform(0.4, 0.95), number)
        if market.chance(0.15):
            market.request(market.after(called, minutes(5), hours(5)), number)
    if market.chance(0.2):
        market.call(market.after(deal.moment, hours(3), hours(48)), number)
    deal.call, deal.request = market.stale_call(0.22), market.stale_request(0.05)
    place_phone(market, deal, number)
    deal.email = market.email() if market.chance(0.45) else ""
    deal.broken_emails = 0.15
    return deal


def found_by_request_contact(market: Market) -> Deal:
    """Invent a deal whose client wrote within a week of it, and no unique lead called near it."""
    return _wrote_by_email(market) if market.chance(0.42) else _wrote_by_phone(market)


def _wrote_by_email(market: Market) -> Deal:
    deal = Deal(market.moment(), email=market.email())
    wrote = market.before(deal.moment, minutes(2), hours(150))
    market.request(wrote, market.phone() if market.chance(0.3) else "", deal.email)
    if market.chance(0.2):
        market.request(wrote + (deal.moment - wrote) * 0.8, "", deal.email)
    if market.chance(0.6):
        place_phone(market, deal, market.phone())
    deal.call, deal.request = market.stale_call(0.15), market.stale_request(0.12)
    return deal


def _wrote_by_phone(market: Market) -> Deal:
    story = pick(market.rng, {"wrote": 76, "old caller": 14, "wrote, then called": 10})
    deal, number = Deal(market.moment(with_past=story == "old caller")), market.phone()
    email = market.email() if market.chance(0.5) else ""
    wrote = market.before(deal.moment, minutes(90), hours(150))
    market.request(wrote, number, email)
    if story == "old caller":
        market.call(market.before(deal.moment, days(10), days(40)), number)
        market.call(market.before(deal.moment, minutes(2), minutes(100)), number)
    elif story == "wrote, then called":  # the first call of the number, yet not its first lead
        market.call(market.before(deal.moment, minutes(2), minutes(80)), number)
    elif market.chance(0.25):
        market.request(wrote + (deal.moment - wrote) * 0.7, number, email)
    deal.call, deal.request = market.stale_call(0.15), market.stale_request(0.12)
    place_phone(market, deal, number)
    deal.email = email
    deal.broken_emails = 0.1
    return deal


def unmatched(market: Market) -> Deal:
    """Invent a deal with identifiers that lead nowhere: a stranger, a lead too old, a repeated call only."""
    story = pick(market.rng, {"stranger": 62, "too old": 25, "repeated call": 13})
    deal, number = Deal(market.moment(with_past=story != "stranger")), market.phone()
    if story == "too old":
        market.call(market.before(deal.moment, minutes(200), days(40)), number)
        if market.chance(0.5):
            market.request(market.before(deal.moment, days(8), days(42)), number)
    elif story == "repeated call":
        market.call(market.before(deal.moment, days(10), days(40)), number)
        market.call(market.before(deal.moment, minutes(2), minutes(100)), number)
    deal.call, deal.request = market.stale_call(0.3), market.stale_request(0.1)
    if not (deal.call or deal.request) or market.chance(0.88):
        place_phone(market, deal, number)
    deal.email = market.email() if market.chance(0.5) else ""
    deal.broken_emails, deal.impossible_date = 0.2, market.chance(0.01)
    return deal


def without_identifier(market: Market) -> Deal:
    """Invent a deal in which no phone, e-mail or id can be read."""
    return Deal(market.moment(), email=market.email() if market.chance(0.2) else "", broken_emails=1.0)


INVENTORS: dict[str, Callable[[Market], Deal]] = {
    "call": found_by_call_id,
    "request": found_by_request_id,
    "callContact": found_by_call_contact,
    "requestContact": found_by_request_contact,
    "unmatched": unmatched,
    "no identifier": without_identifier,
}


def invent_deals(market: Market, count: int) -> list[Deal]:
    """Invent deals with the shares of FATES, in order of time."""
    fates = [fate for fate, share in FATES.items() for _ in range(round(count * share))]
    fates += ["unmatched"] * (count - len(fates))
    return sorted((INVENTORS[fate](market) for fate in fates), key=lambda deal: deal.moment)


def invent_strangers(market: Market, callers: int, writers: int) -> None:
    """Fill the journals with people of whom the CRM knows nothing; some come again."""
    for _ in range(callers):
        moment, number = market.moment(), market.phone()
        market.call(moment, number)
        if market.chance(0.25):
            market.call(market.after(moment, minutes(2), hours(48)), number)
    for _ in range(writers):
        moment, number = market.moment(), market.phone() if market.chance(0.8) else ""
        email = market.email() if not number or market.chance(0.4) else ""
        market.request(moment, number, email)
        if number and market.chance(0.3):
            market.call(market.after(moment, minutes(2), hours(10)), number)
