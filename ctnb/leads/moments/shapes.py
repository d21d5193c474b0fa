"""Shapes in which people and programs write a moment: patterns over text, and what their parts say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctnb.leads.columns.cells import plain_text
from ctnb.leads.moments.wall_clock import EAST, WEST, Integers, Seconds, assembled, wall_clock

if TYPE_CHECKING:
    import zoneinfo

DAY: Final = "(?P<day>[0-9]{1,2})"
MONTH: Final = "(?P<month>[0-9]{1,2})"
MONTH_NAME: Final = "(?P<month_name>[а-яёa-z]+)"
YEAR: Final = "(?P<year>[0-9]{4})"
SHORT_YEAR: Final = "(?P<short_year>[0-9]{2})"
TIME: Final = "(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
HALF: Final = "(?: ?(?P<half>[ap])[.]? ?m[.]?)?"
NAMED: Final = "z|(?:utc|gmt|msk|мск)(?: ?[+-][0-9]{1,2}(?::?[0-9]{2})?)?"
NUMBERED: Final = "[+][0-9]{1,2}(?::?[0-9]{2})?|-[0-9]{2}(?::?[0-9]{2})?"
# Behind an offset stands its name at times.
OFFSET: Final = f"(?: ?[(]?(?P<offset>{NAMED}|{NUMBERED})[)]?(?: [(][a-zа-яё ]+[)])?)?"
# Without seconds before it this may be the end of a span: 10:00-12:00.
GLUED: Final = "(?P<glued>-[0-9]{2}:[0-9]{2})?"
GAP: Final = "(?: ?, ?| )(?:в )?"
YEARS: Final = "(?: ?г(?:[.]|ода?)?)?"
LATER: Final = f"{YEARS}(?:{GAP}{TIME}{HALF}{GLUED}{OFFSET})?"
# With slashes, a m. or p. m. is the mark of those who write the month first.
LATER_WITHOUT_HALF: Final = f"{YEARS}(?:{GAP}{TIME}{GLUED}{OFFSET})?"
WEEKDAY: Final = "(?:(?:mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс),? )?"

SHAPES: Final = (
    f"^{DAY}[.]{MONTH}[.]{YEAR}{LATER}$",
    f"^{DAY}[-]{MONTH}[-]{YEAR}{LATER}$",
    f"^{DAY}[/]{MONTH}[/]{YEAR}{LATER_WITHOUT_HALF}$",
    *(f"^{YEAR}[{mark}]{MONTH}[{mark}]{DAY}(?:(?:t|{GAP}){TIME}{HALF}{OFFSET})?$" for mark in "-./"),
    f"^{DAY}[.]{MONTH}[.]{SHORT_YEAR}{LATER}$",
    f"^{WEEKDAY}{DAY} {MONTH_NAME}[.]? {YEAR}{LATER}$",
    f"^{WEEKDAY}{MONTH_NAME}[.]? {DAY},? {YEAR}{LATER}$",
)
"""RE2 patterns over text in lower case with single blanks; the common ones first."""

MONTHS: Final = (
    "янв январь января jan january",
    "фев февр февраль февраля feb february",
    "мар март марта mar march",
    "апр апрель апреля apr april",
    "май мая may",
    "июн июнь июня jun june",
    "июл июль июля jul july",
    "авг август августа aug august",
    "сен сент сентябрь сентября sep sept september",
    "окт октябрь октября oct october",
    "ноя нояб ноябрь ноября nov november",
    "дек декабрь декабря dec december",
)
MONTH_NUMBERS: Final = {name: number for number, names in enumerate(MONTHS, start=1) for name in names.split()}

MOSCOW_EAST: Final = 3 * 3600


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
    if "half" in names:
        numbers["hour"] = in_halves(numbers["hour"], parts.field("half"))
    if "short_year" in names:
        numbers["year"] = numbers_of(parts.field("short_year")) + 2000
    if "month_name" in names:
        spelled = parts.field("month_name").to_pylist()
        numbers["month"] = np.array([MONTH_NUMBERS.get(name, 0) for name in spelled], dtype=np.int64)
    local = assembled(**numbers)
    if "glued" in names:
        glued = parts.field("glued")
        unsure = pc.or_(pc.equal(parts.field("second"), ""), pc.not_equal(parts.field("offset"), ""))
        local[pc.and_(pc.not_equal(glued, ""), unsure).to_numpy(zero_copy_only=False)] = np.datetime64("NaT")
        local = shifted(local, glued, zone)
    return shifted(local, parts.field("offset"), zone) if "offset" in names else local


def in_halves(hours: Integers, halves: Any) -> Integers:
    """Return hours of the day, those of a. m. and p. m. counted from midnight; 24, which is none, for 13 p. m."""
    morning, later = (pc.equal(halves, half).to_numpy(zero_copy_only=False) for half in "ap")
    counted = np.where((hours >= 1) & (hours <= 12), hours % 12 + 12 * later, 24)
    return np.where(morning | later, counted, hours)


def shifted(local: Seconds, offsets: Any, zone: zoneinfo.ZoneInfo | None) -> Seconds:
    """Bring the moments that have an offset into a zone; without a zone they stay by their own clock."""
    aware = pc.not_equal(offsets, "").to_numpy(zero_copy_only=False)
    if aware.any():
        east = seconds_east(offsets.filter(pa.array(aware)))
        clock = local[aware]
        local[aware] = (
            np.where(np.isnat(east), np.datetime64("NaT", "s"), clock)
            if zone is None
            else wall_clock(clock - east, zone)
        )
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
    """Read one UTC offset: ``z``, ``utc``, ``+03``, ``+0300``, ``+03:00``, ``utc+3``, ``msk``; NaT for no such one."""
    name = offset.strip().rstrip("+-0123456789: ")
    count = offset.strip()[len(name) :].strip()
    digits = count.lstrip("+-").replace(":", "")
    hours, minutes = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])
    east = (int(hours or 0) * 3600 + int(minutes) * 60) * (-1 if count.startswith("-") else 1)
    east += MOSCOW_EAST if name in {"msk", "мск"} else 0
    return np.timedelta64(east if int(minutes) < 60 and WEST <= east <= EAST else "NaT", "s")
