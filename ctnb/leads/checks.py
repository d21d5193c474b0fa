"""The checks: what the data of a plan says that an analyst should know before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctnb.i18n.findings import finding_advice, finding_message
from ctnb.leads.columns.arrow_lists import rows_of
from ctnb.leads.columns.arrow_text import matching
from ctnb.leads.limits import RULES_PER_LEAD
from ctnb.leads.phones.api import are_placeholders
from ctnb.leads.record import Recorded
from ctnb.leads.repeated_keys import KEYED, codes_of, leads_of_several, leads_of_several_deals
from ctnb.masking import Strength, masked, masked_phone
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnb.leads.columns.arrow_lists import Lists
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.columns.problems import Problems
    from ctnb.leads.reading import Circumstances
    from ctnb.leads.record import OtherNames, Record
    from ctnb.leads.rule_data import Offer
    from ctnb.leads.rules import Rule

Rows = npt.NDArray[np.int64]

SEVERITIES: Final = ("grave", "warning", "note")

MANY_DEALS: Final = 10
"""Deals of one contact that are too many for a customer, where they are 1 % of all, or `SURELY_MANY`."""
SURELY_MANY: Final = 50
GRAVE_SHARE: Final = 0.1
"""Share of all deals from which one contact is grave."""
MANY_OF_AN_ID: Final = 5
"""Deals of one lead id that are too many for a join gone right."""
UNREADABLE: Final = 0.8
"""Share of a column's filled cells, three at the least, from which it is nearly all unreadable."""
FEWEST_CELLS: Final = 3
TIMELESS: Final = 0.5
"""Share of a column's dates at midnight, two at the least, that is too many to be the times of deals."""
DAY: Final = 1_440
"""Minutes; a search that is less deep needs the time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about the data; ``values`` are those of its message, in `ctnb.i18n.findings`."""

    code: str
    severity: str
    rows: int
    column: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is checked: columns of a plan of n rows, see `ctnb.leads.plan.Plan`.

    ``other_names`` is how leads were named in earlier runs, where that was otherwise.
    """

    rules: Sequence[Rule]
    offers: Sequence[Offer]
    texts: Strings
    leads_named: Strings
    ready: Flags
    problems: Problems
    reason_codes: npt.NDArray[np.int8]
    sent: Rows
    record: Record | None
    other_names: OtherNames | None
    about: Circumstances

    def deals(self) -> Rows:
        """Return numbers that are equal where rows are of one deal, shape (n,); without a key each row is one."""
        found = np.arange(len(self.texts))
        rows = self.about.repeated
        # Without a key equal contacts make one lead of several deals.
        if self.about.key is not None and len(rows):
            codes = codes_of(self.leads_named.take(pa.array(rows)))
            found[rows] = rows[np.unique(codes, return_index=True)[1]][codes]
        return found


def findings_frame(found: list[Finding]) -> pd.DataFrame:
    """Return findings as a frame, words in the language in force: a row each, columns as of `Plan.checks`."""
    return pd.DataFrame(
        {
            "code": pd.array([each.code for each in found], dtype="string"),
            "severity": pd.Categorical([each.severity for each in found], categories=list(SEVERITIES), ordered=True),
            "rows": pd.array([each.rows for each in found], dtype="Int64"),
            "column": pd.array([each.column or None for each in found], dtype="string"),
            "message": pd.array([finding_message(each.code, each.values) for each in found], dtype="string"),
            "advice": pd.array([finding_advice(each.code) for each in found], dtype="string"),
        }
    )


def findings(plan: Checked) -> list[Finding]:
    """Return what the data of a plan says, the gravest first."""
    found = [
        *_of_key(plan),
        *_of_record(plan),
        *_of_readings(plan),
        *_of_repeated_leads(plan),
        *_of_contacts(plan),
        *_of_ids(plan),
        *_of_dates(plan),
    ]
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), -each.rows))


def _of_key(plan: Checked) -> Iterator[Finding]:
    """Find a key that is missing, blank or no deal's."""
    key, ready = plan.about.key, int(plan.ready.sum())
    if key is None:
        likely = plan.about.likely_key
        yield Finding("no_key", "grave", ready, likely, {"column": likely} if likely else {})
        return
    keyed = int(np.count_nonzero(matching(plan.leads_named, KEYED) & plan.ready))
    if keyed < ready:
        blank = ready - keyed
        yield Finding("blank_key", "grave" if 2 * blank >= ready else "warning", blank, key)
    refused = np.flatnonzero(plan.reason_codes == list(Reason).index(Reason.REPEATED_KEY))
    if len(refused):
        keys = len(plan.leads_named.take(pa.array(refused)).unique())
        yield Finding("repeated_key", "grave", len(refused), key, {"keys": keys})


def _of_record(plan: Checked) -> Iterator[Finding]:
    """Find what the ledger says against a run."""
    if plan.record is None:
        return
    other = plan.other_names
    if other is not None:
        values = {"before": other.before, "now": other.now, "comments": other.at_stake}
        yield Finding("other_naming", "grave", int(plan.ready.sum()), plan.about.key or "", values)
    is_changed = plan.record.codes == list(Recorded).index(Recorded.CHANGED)
    if is_changed.any():
        deals = int(np.count_nonzero(is_changed[plan.sent]))
        yield Finding("changed_text", "warning", int(is_changed.sum()), "", {"deals": deals})


def _of_readings(plan: Checked) -> Iterator[Finding]:
    """Find columns that could not be read, ids that were damaged, and comments with little in them."""
    reading = plan.about.reading
    for name, unreadable in reading.unreadable.items():
        cells, unread = reading.filled[name], unreadable - reading.damaged[name]
        if cells >= FEWEST_CELLS and unread >= UNREADABLE * cells:
            yield Finding("unreadable_column", "grave", unread, name, {"unreadable": unread, "filled": cells})
    for name, damaged in reading.damaged.items():
        yield Finding("damaged_ids", "grave", damaged, name)
    # A key is no column that a rule reads.
    if reading.damaged_keys:
        yield Finding("damaged_ids", "grave", reading.damaged_keys, plan.about.key or "")
    if reading.thin:
        severity = "warning" if reading.thin >= GRAVE_SHARE * len(plan.texts) else "note"
        yield Finding("half_empty", severity, reading.thin)


def _of_repeated_leads(plan: Checked) -> Iterator[Finding]:
    """Find leads of several rows that differ in what a lead should share."""
    rows = plan.about.repeated
    rows = rows[plan.ready[rows]]
    if not len(rows):
        return
    named = plan.leads_named.take(pa.array(rows))
    keyed = matching(named, KEYED)
    leads = codes_of(named)
    texts = codes_of(plan.texts.take(pa.array(rows)))
    several = leads_of_several(leads[keyed], texts[keyed])
    if len(several):
        there = int(np.isin(leads, several).sum())
        yield Finding("key_texts", "warning", there, plan.about.key or "", {"keys": len(several)})
    contacts = [lists for _, _, lists in _contact_columns(plan)]
    several = leads_of_several_deals(plan.offers, contacts, rows[keyed], leads[keyed])
    if len(several):
        together = rows[np.isin(leads, several)]
        there, comments = len(together), int(np.isin(together, plan.sent).sum())
        severity = _by_share(there, int(plan.ready.sum())) if comments < there else "note"
        facts = {"keys": len(several), "comments": comments, "rows": there}
        yield Finding("key_contacts", severity, there, plan.about.key or "", facts)
    if plan.about.cut:
        yield Finding("searches_left_out", "warning", plan.about.cut, plan.about.key or "", {"most": RULES_PER_LEAD})
    dated = next((offer for offer in plan.offers if offer.dates is not None), None)
    by_contacts = ~matching(named, r'^\[\["(?:call|request)",') & ~keyed
    if dated is not None and dated.dates is not None and by_contacts.any():
        dates = dated.dates[rows].astype(np.int64)
        several = leads_of_several(leads[by_contacts], dates[by_contacts])
        if len(several):
            there = int(np.isin(leads, several).sum())
            column = _columns(plan.rules[dated.rank - 1], "date")
            yield Finding("one_lead_other_dates", "warning", there, column, {"leads": len(several)})


def _of_contacts(plan: Checked) -> Iterator[Finding]:
    """Find contacts that are on too many deals, and numbers that are nobody's."""
    leads, deals = len(plan.sent), plan.deals()
    least = max(MANY_DEALS, min(SURELY_MANY, leads // 100))
    for name, column, lists in _contact_columns(plan):
        values, rows = lists.flatten(), rows_of(lists)
        crowd = _on_many_deals(plan, deals, _contact_numbers(name, values), rows, least)
        if crowd is not None:
            share = crowd.deals / max(leads, 1)
            shown = _shown(name, values[crowd.position].as_py())
            facts = {"contact": shown, "deals": crowd.deals, "contacts": crowd.values}
            yield Finding("one_contact", "grave" if share >= GRAVE_SHARE else "warning", crowd.rows, column, facts)
        if name == "phones":
            at = np.flatnonzero(are_placeholders(values))
            at = at[plan.ready[rows[at]]]
            if len(at):
                shown = masked_phone(values[at[0]].as_py())
                there = _distinct_rows(rows[at], len(plan.texts))
                yield Finding("placeholder_numbers", "warning", there, column, {"contact": shown})


def _of_ids(plan: Checked) -> Iterator[Finding]:
    """Find lead ids that are on too many deals."""
    deals = plan.deals()
    for offer in plan.offers:
        if offer.ids is None:
            continue
        rows = np.flatnonzero(offer.present)
        values = offer.ids.texts.take(pa.array(rows))
        crowd = _on_many_deals(plan, deals, codes_of(values), rows, MANY_OF_AN_ID)
        if crowd is not None:
            shown = masked(values[crowd.position].as_py(), Strength.SCREEN, column="ids")
            facts = {"id": shown, "deals": crowd.deals, "ids": crowd.values}
            yield Finding("one_id", "grave", crowd.rows, _columns(plan.rules[offer.rank - 1], "id"), facts)


def _of_dates(plan: Checked) -> Iterator[Finding]:
    """Find dates without a time, and dates that are still to come."""
    by_column: dict[str, list[Offer]] = {}
    for offer in plan.offers:
        if offer.dates is not None:
            by_column.setdefault(_columns(plan.rules[offer.rank - 1], "date"), []).append(offer)
    for column, offers in by_column.items():
        present = np.logical_or.reduce([offer.present for offer in offers])
        dates = offers[0].dates
        if dates is None or not present.any():
            continue
        here = dates[present]
        midnight = int(np.count_nonzero(here == here.astype("datetime64[D]")))
        if midnight >= max(2, TIMELESS * len(here)):
            depth = min(depth for offer in offers if offer.depth for depth in offer.depth.values if depth is not None)
            severity = "warning" if depth < DAY else "note"
            facts = {"timeless": midnight, "dates": len(here), "depth": int(depth)}
            yield Finding("dates_without_time", severity, midnight, column, facts)
        future = 0 if plan.about.now is None else int(np.count_nonzero(here > plan.about.now))
        if future:
            yield Finding("future_dates", "warning", future, column)


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Values that are on too many deals: how many, their rows, and the commonest one, its deals and a place of it."""

    values: int
    rows: int
    deals: int
    position: int


def _on_many_deals(plan: Checked, deals: Rows, codes: Rows, rows: Rows, least: int) -> _Crowd | None:
    """Find values, given as codes with their rows, that stand on so many deals; None where there are none."""
    counts = np.bincount(codes)
    if not (counts >= least).any():
        return None
    at = np.flatnonzero((counts >= least)[codes] & plan.ready[rows])
    if not len(at):
        return None
    # A row has a value once at most.
    pairs = codes[at] * len(deals) + deals[rows[at]]
    several = len(plan.about.repeated) and plan.about.key is not None
    on = np.bincount((pd.unique(pairs) if several else pairs) // len(deals), minlength=len(counts))
    many = on >= least
    if not many.any():
        return None
    top = int(on.argmax())
    return _Crowd(
        values=int(many.sum()),
        rows=_distinct_rows(rows[at][many[codes[at]]], len(deals)),
        deals=int(on[top]),
        position=int(at[np.argmax(codes[at] == top)]),
    )


def _distinct_rows(rows: Rows, length: int) -> int:
    """Count some of n rows, each once."""
    is_one = np.zeros(length, dtype=bool)
    is_one[rows] = True
    return int(np.count_nonzero(is_one))


def _contact_columns(plan: Checked) -> Iterator[tuple[str, str, Lists]]:
    """Yield the contacts that rules read: phones or emails, the columns, the lists; a part of others is left out."""
    sets: dict[tuple[str, frozenset[str]], tuple[str, Lists]] = {}
    for offer in plan.offers:
        rule = plan.rules[offer.rank - 1]
        for name, lists in (("phones", offer.phones), ("emails", offer.emails)):
            if lists is not None:
                sets[name, frozenset(getattr(rule, name))] = _columns(rule, name), lists
    for (name, columns), (shown, lists) in sets.items():
        if not any(name == other and columns < more for other, more in sets):
            yield name, shown, lists


def _by_share(rows: int, ready: int) -> str:
    """Return how grave it is that a key is no deal's in so many of the ready rows."""
    return "grave" if 2 * rows >= ready else "warning" if rows >= GRAVE_SHARE * ready else "note"


def _contact_numbers(name: str, values: Strings) -> Rows:
    """Return numbers that are equal where contacts are."""
    if name != "phones":
        return codes_of(values)
    # Digits are read as numbers in a tenth of the time.
    codes: Rows = pd.factorize(values.cast(pa.int64()).to_numpy())[0].astype(np.int64)
    return codes


def _shown(name: str, contact: str) -> str:
    return masked_phone(contact) if name == "phones" else masked(contact, Strength.SHARED, column="emails")


def _columns(rule: Rule, parameter: str) -> str:
    """Return the names of the columns that a parameter of a rule names."""
    value = getattr(rule, parameter)
    return value if isinstance(value, str) else ", ".join(value)
