"""The plan: what would be sent for each row, checked against every limit of the contract."""

from __future__ import annotations

import html
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.errors import ConfigError
from ctnb.leads.cells import Objects, column, refuse_levels
from ctnb.leads.identity import canonical_text, lead_identities
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.leads.offers import Columns, Offer, offer
from ctnb.leads.phones import checked_region
from ctnb.leads.rules import Col, Rule, checked_rules
from ctnb.leads.text import check_texts, parse_template
from ctnb.outcome import Reason

__all__ = ["Payload", "Plan", "build_plan"]

Payload = Callable[["Plan", Sequence[int]], list[dict[str, Any]]]
"""Turns rows of a plan into the vendor's form. It is handed in: the wire is not this package's matter."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What would be sent for each of n rows; nothing has been sent.

    Attributes
    ----------
    index : Index
        The index of the deals.
    rules : tuple of Rule
    job : str
        Sets apart comments that are meant twice.
    rate : float
        Requests a second that the time is reckoned with.
    offers : list of Offer
        One for each rule, in order.
    texts : ndarray of str, shape (n,)
        Final comment texts.
    leads_named : ndarray of str, shape (n,)
        Canonical lead identities.
    ready : ndarray of bool, shape (n,)
    problems, reasons : ndarray of object, shape (n,)
        What is wrong in a row, contacts masked, and the code of what makes it invalid; None where
        nothing is. A ready row may have a problem that left a rule out.
    first : ndarray of int64, shape (n,)
        Position of the first ready row with the same lead and text; a row's own when it is that
        row. Rows that repeat another are not sent: they share its answer.
    """

    index: pd.Index[Any]
    rules: tuple[Rule, ...]
    job: str
    rate: float
    offers: list[Offer]
    texts: Objects
    leads_named: Objects
    ready: npt.NDArray[np.bool_]
    problems: Objects
    reasons: Objects
    first: npt.NDArray[np.int64]
    payload: Payload = field(repr=False)

    def __len__(self) -> int:
        """Rows, ready or not."""
        return len(self.texts)

    @property
    def frame(self) -> pd.DataFrame:
        """A row per input row, same order and index.

        Columns ``status`` (category: ready, invalid), ``problem`` (string, NA where nothing is
        wrong), ``rules`` (Int64: rules that have their data in the row).
        """
        status = pd.Categorical(np.where(self.ready, "ready", "invalid"), categories=["ready", "invalid"])
        offered = np.zeros(len(self), dtype=np.int64)
        for each in self.offers:
            offered += each.present
        return pd.DataFrame(
            {
                "status": status,
                "problem": pd.array(self.problems, dtype="string"),
                "rules": pd.array(offered, dtype="Int64"),
            },
            index=self.index,
        )

    @property
    def counts(self) -> dict[str, int]:
        """Rows by status; they add up to the rows."""
        ready = int(self.ready.sum())
        return {"ready": ready, "invalid": len(self) - ready}

    @property
    def sent(self) -> npt.NDArray[np.int64]:
        """Positions of the rows that would be sent, in order: ready, and no repeat of another."""
        return np.flatnonzero(self.ready & (self.first == np.arange(len(self))))

    @property
    def requests(self) -> int:
        """Requests that carry the leads, up to 100 in each."""
        return math.ceil(len(self.sent) / LEADS_PER_REQUEST)

    @property
    def floor_seconds(self) -> float:
        """Seconds that the requests take at the least: the vendor takes 5 a second from one address."""
        return self.requests / self.rate

    def leads(self, n: int = 5) -> list[dict[str, Any]]:
        """Return the first n leads that would be sent, as the dicts of the vendor's JSON, contacts in clear."""
        return self.payload(self, [int(place) for place in self.sent[: max(n, 0)]])

    def __repr__(self) -> str:
        return f"<Plan: {', '.join(f'{label} {value}' for label, value in self._summary())}>"

    def _repr_html_(self) -> str:
        facts = "".join(
            f"<tr><th style='text-align:left'>{html.escape(label)}</th><td>{html.escape(value)}</td></tr>"
            for label, value in self._summary()
        )
        problems = self._commonest_problems()
        told = "".join(f"<li>{html.escape(text)}: {count:,}</li>" for text, count in problems)
        return f"<table>{facts}</table>" + (f"<p>Invalid, by reason</p><ul>{told}</ul>" if told else "")

    def _summary(self) -> list[tuple[str, str]]:
        """Return labels and values of the headline."""
        counts = self.counts
        facts = [
            ("rows", f"{len(self):,}"),
            ("ready", f"{counts['ready']:,}"),
            ("invalid", f"{counts['invalid']:,}"),
            ("requests", f"{self.requests:,}"),
            ("seconds", f"{self.floor_seconds:,.1f}"),
        ]
        repeats = counts["ready"] - len(self.sent)
        return facts + ([("repeats", f"{repeats:,}")] if repeats else [])

    def _commonest_problems(self, most: int = 8) -> list[tuple[str, int]]:
        """Return codes of invalid rows with their counts, the commonest first."""
        found = pd.Series(self.reasons[~self.ready]).value_counts().head(most)
        return [(str(reason), int(count)) for reason, count in found.items()]


def build_plan(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule],
    comment: str | Col,
    *,
    payload: Payload,
    key: str | None,
    job: str,
    region: str,
    timezone: str,
    rate: float,
) -> Plan:
    """Plan the comments of a frame.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules : Rule or list of Rule
        In the order of their priority, 20 at the most.
    comment : str or col
        Template over the columns.
    payload : callable
        Turns rows of the plan into the vendor's form.
    key : str or None
        Column that names the lead.
    job : str
    region : str
        Two letters: where phones without a country code belong.
    timezone : str
        IANA name of the account's time zone.
    rate : float
        Requests a second.

    Returns
    -------
    Plan
        Of n rows. A bad row is not an error: it is invalid, with its problem.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        When a rule, the template or a setting cannot be used for any row.
    """
    if not isinstance(deals, pd.DataFrame):
        raise ConfigError(f"deals is {type(deals).__name__}; a pandas DataFrame is wanted.")
    refuse_levels(deals)
    listed = checked_rules(rules)
    template = parse_template(comment, list(deals.columns))
    keys = column(deals, key, wanted_by="key") if key is not None else None
    if not isinstance(job, str):
        raise ConfigError(f"job is {job!r}; a text is wanted.")
    columns = Columns(deals, timezone, checked_region(region))
    offers = [offer(rule, place, columns) for place, rule in enumerate(listed, start=1)]
    texts, misfits = template.render(deals)
    ready, problems, reasons = _checked(offers, listed, texts, misfits)
    named = lead_identities(offers, keys, len(deals))
    return Plan(
        index=deals.index,
        rules=listed,
        job=job,
        rate=rate,
        offers=offers,
        texts=texts,
        leads_named=named,
        ready=ready,
        problems=problems,
        reasons=reasons,
        first=_first_of_each(named, texts, ready),
        payload=payload,
    )


def _checked(
    offers: Sequence[Offer], rules: Sequence[Rule], texts: Objects, misfits: Objects
) -> tuple[npt.NDArray[np.bool_], Objects, Objects]:
    """Tell for each row whether it is ready, what is wrong in it, and which code makes it invalid."""
    length = len(texts)
    text_problems, text_reasons = check_texts(texts, misfits)
    offered = np.zeros(length, dtype=bool)
    for each in offers:
        offered |= each.present
    ready = offered & (text_problems == None)  # noqa: E711  element by element, as NumPy compares objects
    # Rows with something to say are few: a dict of them, each text once, with the code it came with.
    said: dict[int, dict[str, Reason]] = defaultdict(dict)
    for place in np.flatnonzero(text_problems != None):  # noqa: E711  as above
        said[int(place)][text_problems[place]] = text_reasons[place]
    for reason, column_problems in (pair for each in offers for pair in each.problems):
        for place in np.flatnonzero(column_problems != None):  # noqa: E711  as above
            said[int(place)].setdefault(column_problems[place], reason)
    nothing = _nothing_to_offer(rules)
    for place in np.flatnonzero(~ready):
        if int(place) not in said:
            said[int(place)][nothing] = Reason.NO_IDENTIFIER
    problems, reasons = np.full(length, None, dtype=object), np.full(length, None, dtype=object)
    for row, told in said.items():
        problems[row] = "; ".join(told)
        if not ready[row]:
            reasons[row] = next(iter(told.values()))
    return ready, problems, reasons


def _nothing_to_offer(rules: Sequence[Rule]) -> str:
    """Say what a row would need for one rule at the least."""
    needs = []
    for rule in rules:
        contacts = [*(getattr(rule, "phones", None) or ()), *(getattr(rule, "emails", None) or ())]
        needs.append(f"{' or '.join(contacts)} with {rule.date}" if contacts else rule.id)  # type: ignore[union-attr]
    return "no rule has its data in this row: wanted is " + ", or ".join(dict.fromkeys(needs))


def _first_of_each(named: Objects, texts: Objects, ready: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return for each row the position of the first ready row with the same lead and text."""
    first = np.arange(len(texts), dtype=np.int64)
    seen: dict[tuple[str, str], int] = {}
    for place in np.flatnonzero(ready):
        comment = (named[place], canonical_text(texts[place]))
        first[place] = seen.setdefault(comment, int(place))
    return first
