"""Moments: the dates of a column as wall-clock time in the account's time zone.

Day and month are never guessed: a four-digit year in front makes it ISO, everything else has the day first.
Text is read by shape, a whole column at a time; a text of no such shape, or that names no real moment, is a
problem of its row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.arrow_text import texts_of
from ctnb.leads.columns.cells import distinct, is_empty, plain_text, shown
from ctnb.leads.columns.problems import Problems
from ctnb.leads.moments.layouts import read_layouts
from ctnb.leads.moments.wall_clock import (
    FIRST_YEAR,
    LAST_YEAR,
    Integers,
    Seconds,
    account_zone,
    assembled,
    wall_clock,
    within_years,
)
from ctnb.masking import Strength, masked

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Sequence

DAY: Final = "(?P<day>[0-9]{1,2})"
MONTH: Final = "(?P<month>[0-9]{1,2})"
YEAR: Final = "(?P<year>[0-9]{4})"
SHORT_YEAR: Final = "(?P<short_year>[0-9]{2})"
TIME: Final = "(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
OFFSET: Final = "(?: ?(?P<offset>z|utc|[+-][0-9]{2}(?::?[0-9]{2})?))?"
GAP: Final = "(?: ?, ?| )(?:в )?"
LATER: Final = f"(?: ?г(?:[.]|ода?)?)?(?:{GAP}{TIME})?"

SHAPES: Final = (
    *(f"^{DAY}[{mark}]{MONTH}[{mark}]{YEAR}{LATER}$" for mark in ".-/"),
    *(f"^{YEAR}[{mark}]{MONTH}[{mark}]{DAY}(?:(?:t|{GAP}){TIME}{OFFSET})?$" for mark in "-./"),
    f"^{DAY}[.]{MONTH}[.]{SHORT_YEAR}{LATER}$",
    f"^{DAY} (?P<month_name>[а-яё]+)[.]? {YEAR}{LATER}$",
)
"""RE2 patterns over text in lower case with single blanks; the common ones first."""

MONTHS: Final = (
    "янв январь января",
    "фев февр февраль февраля",
    "мар март марта",
    "апр апрель апреля",
    "май мая",
    "июн июнь июня",
    "июл июль июля",
    "авг август августа",
    "сен сент сентябрь сентября",
    "окт октябрь октября",
    "ноя нояб ноябрь ноября",
    "дек декабрь декабря",
)
MONTH_NUMBERS: Final = {name: number for number, names in enumerate(MONTHS, start=1) for name in names.split()}

LARGEST_SHOWN: Final = 10**15
ACCEPTED: Final = (
    "write 2020-10-01 12:00:00, 01.10.2020 12:00 or 1 октября 2020 12:00 "
    f"(the day first, unless a four-digit year is; years {FIRST_YEAR} to {LAST_YEAR})"
)


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


def parse_moments(cells: pd.Series[Any], timezone: str) -> Moments:
    """Read the dates of a column.

    Parameters
    ----------
    cells : Series, shape (n,)
        datetime64, naive (the account's wall clock) or aware (converted); text; or objects of both
        kinds mixed. Usual layouts are read whole; each other distinct cell once.
    timezone : str
        IANA name of the account's time zone.

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


def read_texts(texts: list[str], zone: zoneinfo.ZoneInfo | None) -> Seconds:
    """Read texts shape by shape; NaT where no shape fits, or what fits is not a real moment.

    What has an offset is brought into the zone; without one it stays by its own clock.
    """
    local = np.full(len(texts), "NaT", dtype="datetime64[s]")
    tidy = tidied(texts)
    left = np.arange(len(texts))
    for shape in SHAPES:
        if not len(left):
            break
        parts = pc.extract_regex(tidy, shape)
        fits = parts.is_valid().to_numpy(zero_copy_only=False)
        if fits.any():
            local[left[fits]] = read_parts(parts.drop_null(), zone)
            tidy, left = tidy.filter(pa.array(~fits)), left[~fits]
    return local


def tidied(texts: list[str]) -> Any:
    """Return an arrow column in lower case, with single blanks, without text marks."""
    try:
        column = pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        column = pa.array([text.encode("utf-8", "replace").decode("utf-8") for text in texts], pa.large_string())
    marked = pc.match_substring_regex(column, r'^[^0-9]|["\s\p{Zs}]$').to_numpy(zero_copy_only=False)
    if marked.any():
        plain = pa.array([plain_text(text) for text in column.filter(pa.array(marked)).to_pylist()], pa.large_string())
        column = pc.replace_with_mask(column, pa.array(marked), plain)
    return pc.utf8_lower(pc.replace_substring_regex(column, r"[\s\p{Zs}]+", " "))


def read_parts(parts: Any, zone: zoneinfo.ZoneInfo | None) -> Seconds:
    """Put the named parts of texts of one shape together."""
    names = {field.name for field in parts.type}
    numbers = {
        name: numbers_of(parts.field(name))
        for name in ("year", "month", "day", "hour", "minute", "second")
        if name in names
    }
    if "short_year" in names:
        numbers["year"] = numbers_of(parts.field("short_year")) + 2000
    if "month_name" in names:
        spelled = parts.field("month_name").to_pylist()
        numbers["month"] = np.array([MONTH_NUMBERS.get(name, 0) for name in spelled], dtype=np.int64)
    local = assembled(**numbers)
    if "offset" in names and zone is not None:
        offset = parts.field("offset")
        aware = pc.not_equal(offset, "").to_numpy(zero_copy_only=False)
        if aware.any():
            local[aware] = wall_clock(local[aware] - seconds_east(offset.filter(pa.array(aware))), zone)
    return local


def numbers_of(digits: Any) -> Integers:
    """Return a column of digits as numbers; a part that is left out is 0."""
    filled = pc.if_else(pc.equal(digits, ""), "0", digits)
    numbers: Integers = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def seconds_east(offsets: Any) -> npt.NDArray[np.timedelta64]:
    """Return UTC offsets as seconds; NaT where there is no such offset. A column holds few of them."""
    coded = offsets.dictionary_encode()
    known = np.array([offset_seconds(text) for text in coded.dictionary.to_pylist()], dtype="timedelta64[s]")
    seconds: npt.NDArray[np.timedelta64] = known[coded.indices.to_numpy(zero_copy_only=False)]
    return seconds


def offset_seconds(offset: str) -> np.timedelta64:
    """Read one UTC offset: ``z``, ``utc``, ``+03``, ``+0300`` or ``+03:00``."""
    digits = offset.lstrip("+-").replace(":", "")
    if not digits.isdecimal():
        return np.timedelta64(0, "s")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        return np.timedelta64("NaT", "s")
    return np.timedelta64((hours * 3600 + minutes * 60) * (-1 if offset.startswith("-") else 1), "s")


def problem_of(cell: object) -> str:
    """Name the value and the accepted forms."""
    if isinstance(cell, str):
        value = f"'{shown(masked(cell, Strength.SHARED, column='dates'))}'"
    elif isinstance(cell, dt.datetime):
        value = f"'{cell.replace(tzinfo=None)}'"
    elif isinstance(cell, dt.date | np.datetime64):
        value = f"'{cell}'"
    elif isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.complexfloating):
        # A narrow float would have the bound cast to it, and warn.
        number: Any = float(cell) if isinstance(cell, np.floating) else cell
        small = -LARGEST_SHOWN < number < LARGEST_SHOWN
        value = f"the number {masked(str(cell), Strength.SHARED, column='dates')}" if small else "a huge number"
    else:
        value = f"a cell of type {type(cell).__name__}"
    return f"{value} is not a date: {ACCEPTED}"
