"""The check of an account's time zone: what its wall clocks show beside the moments of the same leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ctnb.i18n.language import gettext, number
from ctnb.leads.moments.wall_clock import account_zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.journals.columns import FlatForm
    from ctnb.journals.flat import FlatJournal

CHECK_DTYPES: Final = {
    "journal": "string",
    "offset": "string",
    "expected": "string",
    "leads": "int64",
    "agrees": "bool",
}

QUARTER: Final = 15
"""Minutes."""

ODD_SHARE: Final = 0.01
"""Share of leads whose clock may differ without a warning."""


def clock_check(parts: Sequence[tuple[FlatForm, FlatJournal]], timezone: str) -> pd.DataFrame:
    """Compare the wall clocks of leads with their moments.

    Parameters
    ----------
    parts : list of (FlatForm, FlatJournal)
    timezone : str
        IANA name of the zone that is expected.

    Returns
    -------
    DataFrame
        A row per journal, offset shown and offset expected, the commonest first; see `Journal.timezone_check`.
    """
    empty = pd.DataFrame({name: [] for name in CHECK_DTYPES}).astype(CHECK_DTYPES)
    whole = pd.concat([empty, *(_of_one(form, flat, timezone) for form, flat in parts)])
    return whole.sort_values("leads", ascending=False, kind="stable").reset_index(drop=True)


def clock_warning(check: pd.DataFrame, timezone: str) -> str | None:
    """Return what a check warns of; None where clock and zone agree, but for a few odd leads."""
    other = check[~check["agrees"]]
    if other["leads"].sum() <= check["leads"].sum() * ODD_SHARE:
        return None
    shown = other.iloc[0]
    return gettext(
        "The account's clock shows {offset} where {timezone} has {expected}, on {count} of {leads} leads. The dates of "
        "deals would be looked up so many hours off: give the account's own time zone, Connection(timezone=...). See "
        "journal.timezone_check().",
        offset=shown["offset"],
        timezone=timezone,
        expected=shown["expected"],
        count=number(other["leads"].sum()),
        leads=number(check["leads"].sum()),
    )


def _of_one(form: FlatForm, flat: FlatJournal, timezone: str) -> pd.DataFrame:
    known = ~np.isnan(flat.offsets)
    if not known.any():
        return pd.DataFrame({name: [] for name in CHECK_DTYPES}).astype(CHECK_DTYPES)
    at = flat.frame[form.columns.date][known]
    local = at.dt.tz_convert(account_zone(timezone)).dt.tz_localize(None)
    expected = (local - at.dt.tz_localize(None)).dt.total_seconds().to_numpy() / 60
    # Zones differ by quarters of an hour; what is less is a clock that goes wrong, or was read a moment later.
    shown = np.rint(flat.offsets[known] / QUARTER) * QUARTER
    pairs = pd.DataFrame({"shown": shown, "expected": np.rint(expected / QUARTER) * QUARTER})
    counted = pairs.value_counts().reset_index(name="leads")
    return pd.DataFrame(
        {
            "journal": form.journal,
            "offset": [offset_text(minutes) for minutes in counted["shown"]],
            "expected": [offset_text(minutes) for minutes in counted["expected"]],
            "leads": counted["leads"],
            "agrees": counted["shown"] == counted["expected"],
        }
    ).astype(CHECK_DTYPES)


def offset_text(minutes: float) -> str:
    """Write an offset from UTC as ``+03:00``."""
    hours, rest = divmod(abs(round(minutes)), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
