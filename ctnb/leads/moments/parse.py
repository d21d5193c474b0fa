"""Moments: the dates of a column as wall-clock time in the account's time zone.

Day and month are never guessed: a four-digit year in front makes it ISO, everything else has the day first.
Text is read by shape, a whole column at a time; a text of no such shape, or that names no real moment, is a
problem of its row.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctnb.i18n.language import N_, gettext
from ctnb.leads.columns.arrow_text import texts_of
from ctnb.leads.columns.cells import distinct, is_empty, plain_text, shown
from ctnb.leads.columns.problems import Problems
from ctnb.leads.moments.layouts import read_layouts
from ctnb.leads.moments.serials import moments_of_days, only_serials, serial_in, serial_moments
from ctnb.leads.moments.shapes import read_texts
from ctnb.leads.moments.wall_clock import FIRST_YEAR, LAST_YEAR, Seconds, account_zone, wall_clock, within_years
from ctnb.masking import Strength, masked

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Sequence

LARGEST_SHOWN: Final = 10**15
ACCEPTED: Final = N_(
    "write 2020-10-01 12:00:00, 01.10.2020 12:00 or 1 октября 2020 12:00 "
    "(the day first, unless a four-digit year is; years {first} to {last})"
)

MONTH_FIRST: Final = re.compile(r"^\s*[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}\b.*[0-9] ?[ap]\.?m\b", re.IGNORECASE | re.DOTALL)
WRITTEN_DATE: Final = re.compile(
    r"\s*(?:[0-3]?[0-9]([./-])[01]?[0-9]\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}([ ./-])[01]?[0-9]\2[0-3]?[0-9]"
    r"|(?:0[1-9]|[12][0-9]|3[01]) (?:0[1-9]|1[0-2]) (?:19|20)[0-9]{2}"
    r"|[0-3]?[0-9] [а-яёa-z]{3,9}[.]? (?:19|20)[0-9]{2})"
    r"(?:[^0-9]{1,4}[0-2]?[0-9](?:[ :.-]{1,2}[0-9]{2}){1,2}(?:[^0-9]{1,6}[0-9]{1,4}(?::[0-9]{2})?)?)?[^0-9@]{0,9}",
    re.IGNORECASE,
)
"""Texts that are dates to the eye, whatever they are to `read_texts`: nothing in them may be a phone."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of n cells, by row.

    Attributes
    ----------
    local : ndarray of datetime64[s], shape (n,)
        Wall-clock time in the account's time zone, fractions of a second cut; NaT where there is none.
    problems : Problems, length n
        Why a cell that holds something was not read.
    """

    local: Seconds
    problems: Problems


def parse_moments(cells: pd.Series[Any], timezone: str, *, serials: bool | None = None) -> Moments:
    """Read the dates of a column.

    Parameters
    ----------
    cells : Series, shape (n,)
        datetime64, naive (the account's wall clock) or aware (converted); text; or objects of both
        kinds mixed. Usual layouts are read whole; each other distinct cell once.
    timezone : str
        IANA name of the account's time zone.
    serials : bool, optional
        What `only_serials` tells of the column that the cells are a part of; by default they are all of it. Then
        they are dates as Excel stores them, and never else.

    Returns
    -------
    Moments
        n cells, in the order of the column. A missing cell is NaT without a problem.

    Raises
    ------
    ConfigError
        When the time zone is not known. A bad cell raises nothing: it is a problem of its row.

    Examples
    --------
    >>> cells = pd.Series(["01-10-2020 12:00:00", "2020-10-01T12:00Z", "1 октября 2020 г."])
    >>> found = parse_moments(cells, "Europe/Moscow")
    >>> found.local.astype(str).tolist()
    ['2020-10-01T12:00:00', '2020-10-01T15:00:00', '2020-10-01T00:00:00']
    """
    zone = account_zone(timezone)
    if only_serials(cells) if serials is None else serials:
        return Moments(serial_moments(cells), Problems.none(len(cells)))
    texts = texts_of(cells)
    if texts is not None:
        local, settled = read_layouts(texts, zone)
        rest = np.flatnonzero(~settled)
        read = read_distinct(cells.iloc[rest], zone)
        local[rest] = read.local
        return Moments(local, read.problems.spread(rest, len(cells)))
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        instants = cells.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[s]")
        return read_clocks(cells, wall_clock(instants, zone))
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M":
        return read_clocks(cells, within_years(cells.to_numpy().astype("datetime64[s]")))
    return read_distinct(cells, zone)


def read_clocks(cells: pd.Series[Any], local: Seconds) -> Moments:
    """Return moments, with a problem for each cell whose moment is of a year that no lead has."""
    strange = np.flatnonzero(np.isnat(local) & cells.notna().to_numpy())
    problems = Problems.of([problem_of(cell) for cell in cells.iloc[strange].to_numpy()])
    return Moments(local, problems.spread(strange, len(cells)))


def read_distinct(cells: pd.Series[Any], zone: zoneinfo.ZoneInfo) -> Moments:
    """Read each distinct cell once."""
    codes, uniques = distinct(cells)
    local = read_cells(uniques, zone)
    problems = [
        problem_of(cell) if is_unread and not is_empty(cell) else None
        for cell, is_unread in zip(uniques, np.isnat(local), strict=True)
    ]
    return Moments(local[codes], Problems.of(problems).take(codes))


def read_cells(cells: Sequence[object], zone: zoneinfo.ZoneInfo) -> Seconds:
    """Read mixed cells: texts together, other objects one by one."""
    local = np.full(len(cells), "NaT", dtype="datetime64[s]")
    are_text = np.fromiter((isinstance(cell, str) for cell in cells), dtype=bool, count=len(cells))
    texts = [cell for cell in cells if isinstance(cell, str)]
    local[are_text] = read_texts(texts, zone)
    for index, cell in enumerate(cells):
        if not isinstance(cell, str):
            local[index] = moment_of(cell, zone)
    return within_years(local)


def moment_of(cell: object, zone: zoneinfo.ZoneInfo) -> np.datetime64:
    """Read one object; NaT when it is no date, or a date that no calendar here can hold."""
    nothing = np.datetime64("NaT", "s")
    if is_empty(cell):
        return nothing
    if isinstance(cell, np.datetime64):
        year = cell.astype("datetime64[Y]").astype(np.int64) + 1970
        return cell.astype("datetime64[s]") if FIRST_YEAR <= year <= LAST_YEAR else nothing
    if isinstance(cell, dt.datetime):
        try:
            clock = cell if cell.utcoffset() is None else cell.astimezone(zone)
        except (ArithmeticError, NotImplementedError, TypeError, ValueError):
            return nothing
        if not FIRST_YEAR <= clock.year <= LAST_YEAR:
            return nothing
        whole = dt.datetime(clock.year, clock.month, clock.day, clock.hour, clock.minute, clock.second)  # noqa: DTZ001 - wall clock
        return np.datetime64(whole, "s")
    return np.datetime64(cell, "s") if isinstance(cell, dt.date) else nothing


def problem_of(cell: object) -> str:
    """Name the value and the accepted forms."""
    accepted = gettext(ACCEPTED, first=FIRST_YEAR, last=LAST_YEAR)
    serial = serial_in(cell)
    if serial is not None:
        moment = str(moments_of_days(np.array([serial]))[0]).replace("T", " ")
        return gettext(
            "the number {number} may be {moment} as Excel stores it, and is not read as such, for its column holds "
            "other forms too: {accepted}",
            number=plain_text(str(cell)),
            moment=moment,
            accepted=accepted,
        )
    if isinstance(cell, str):
        value = f"'{shown(cell if WRITTEN_DATE.fullmatch(cell) else masked(cell, Strength.SHARED, column='dates'))}'"
    elif isinstance(cell, dt.datetime):
        value = f"'{cell.replace(tzinfo=None)}'"
    elif isinstance(cell, dt.date | np.datetime64):
        value = f"'{cell}'"
    elif isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.complexfloating):
        # A narrow float would have the bound cast to it, and warn.
        number: Any = float(cell) if isinstance(cell, np.floating) else cell
        small = -LARGEST_SHOWN < number < LARGEST_SHOWN
        value = (
            gettext("the number {number}", number=masked(str(cell), Strength.SHARED, column="dates"))
            if small
            else gettext("a huge number")
        )
    else:
        value = gettext("a cell of type {kind}", kind=type(cell).__name__)
    if isinstance(cell, str) and MONTH_FIRST.search(cell):
        return gettext("{value} may have the month first: {accepted}", value=value, accepted=accepted)
    return gettext("{value} is not a date: {accepted}", value=value, accepted=accepted)
