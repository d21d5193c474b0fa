"""The plan: what would be sent for each row, checked against every limit of the contract."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctnb.exceptions import ConfigError
from ctnb.leads.columns.cells import Objects, as_objects, column, refuse_levels
from ctnb.leads.columns.problems import Problems, combinations
from ctnb.leads.comment_template import Template, check_texts, parse_template
from ctnb.leads.identity import canonical_texts, lead_identities
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.leads.parallel import mapped, slices
from ctnb.leads.phones.api import checked_region
from ctnb.leads.plan_sample import sample_leads
from ctnb.leads.rule_data import Columns, Offer, Problem, offer
from ctnb.leads.rules import Col, Rule, checked_rules
from ctnb.leads.stacking import WINDOW, Window, stacked
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags, Strings

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
    texts : large_string, length n
        Final comment texts.
    leads_named : large_string, length n
        Canonical lead identities.
    ready : ndarray of bool, shape (n,)
    problems : Problems, length n
        What is wrong in a row, contacts masked. A ready row may have a problem that left a rule out.
    reason_codes : ndarray of int8, shape (n,)
        Place in `Reason` of the code of what makes a row invalid; -1 where it is ready.
    first : ndarray of int64, shape (n,)
        Position of the first ready row with the same lead and text; a row's own when it is that
        row. Rows that repeat another are not sent: they share its answer.
    """

    index: pd.Index[Any]
    rules: tuple[Rule, ...]
    job: str
    rate: float
    offers: list[Offer]
    texts: Strings
    leads_named: Strings
    ready: Flags
    problems: Problems
    reason_codes: npt.NDArray[np.int8]
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
                "problem": pd.array(self.problems.objects(), dtype="string"),
                "rules": pd.array(offered, dtype="Int64"),
            },
            index=self.index,
        )

    @property
    def reasons(self) -> Objects:
        """Codes of what makes a row invalid, shape (n,); None where it is ready."""
        return as_objects([*Reason, None])[self.reason_codes]

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
        from ctnb.views.html.plan import plan_text

        return plan_text(self)

    def _repr_html_(self) -> str:
        from ctnb.views.html.plan import SAMPLED, plan_html

        return plan_html(self, sample_leads(self, SAMPLED), self._problems())

    def _problems(self) -> list[tuple[str, int]]:
        """Return codes of invalid rows with their counts, the commonest first."""
        found = pd.Series(self.reasons[~self.ready]).value_counts()
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
    known = checked_region(region)

    def window(rows: slice) -> Window:
        columns = Columns(deals.iloc[rows], timezone, known)
        return _window(listed, template, columns, None if keys is None else keys.iloc[rows])

    whole = stacked(mapped(window, slices(len(deals), WINDOW)))
    return Plan(
        index=deals.index,
        rules=listed,
        job=job,
        rate=rate,
        offers=whole.offers,
        texts=whole.texts,
        leads_named=whole.leads_named,
        ready=whole.ready,
        problems=whole.problems,
        reason_codes=whole.reason_codes,
        first=_first_of_each(whole.leads_named, whole.texts, whole.ready),
        payload=payload,
    )


def _window(rules: Sequence[Rule], template: Template, columns: Columns, keys: pd.Series[Any] | None) -> Window:
    """Plan some rows."""
    offers, problems = zip(*(offer(rule, place, columns) for place, rule in enumerate(rules, start=1)), strict=True)
    texts, misfits = template.render(columns.deals)
    # Rules that read the same column say the same of it.
    said = list({id(remarks): (reason, remarks) for each in problems for reason, remarks in each}.values())
    ready, told, codes = _checked(offers, rules, check_texts(texts, misfits), said)
    return Window(list(offers), texts, lead_identities(offers, keys, len(texts)), ready, told, codes)


def _checked(
    offers: Sequence[Offer], rules: Sequence[Rule], of_texts: Sequence[Problem], of_rules: Sequence[Problem]
) -> tuple[Flags, Problems, npt.NDArray[np.int8]]:
    """Tell for each row whether it is ready, what is wrong in it, and which code makes it invalid."""
    ready = np.logical_or.reduce([each.present for each in offers])
    for _, remarks in of_texts:
        ready &= remarks.codes < 0
    said = [(reason, remarks) for reason, remarks in (*of_texts, *of_rules) if remarks.texts]
    spoken = np.zeros(len(ready), dtype=bool)
    for _, remarks in said:
        spoken |= remarks.codes >= 0
    rows = np.flatnonzero(spoken)
    places, sets = combinations([remarks for _, remarks in said], rows)
    told = [_told(said, codes) for codes in sets]
    codes = np.full(len(ready), -1, dtype=np.int32)
    codes[rows] = places
    codes[~ready & ~spoken] = len(told)
    told.append({_nothing_to_offer(rules): Reason.NO_IDENTIFIER})
    reasons = np.array([list(Reason).index(next(iter(words.values()))) for words in told], dtype=np.int8)
    return ready, Problems(codes, ["; ".join(words) for words in told]), np.where(ready, np.int8(-1), reasons[codes])


def _told(said: Sequence[tuple[Reason, Problems]], codes: Sequence[int]) -> dict[str, Reason]:
    """Return what a set of remarks says, each text once, with the code that it comes with first."""
    told: dict[str, Reason] = {}
    for (reason, remarks), code in zip(said, codes, strict=True):
        if code >= 0:
            told.setdefault(remarks.texts[code], reason)
    return told


def _nothing_to_offer(rules: Sequence[Rule]) -> str:
    """Say what a row would need for one rule at the least."""
    needs = []
    for rule in rules:
        contacts = [*(getattr(rule, "phones", None) or ()), *(getattr(rule, "emails", None) or ())]
        needs.append(f"{' or '.join(contacts)} with {rule.date}" if contacts else rule.id)  # type: ignore[union-attr]
    return "no rule has its data in this row: wanted is " + ", or ".join(dict.fromkeys(needs))


def _first_of_each(named: Strings, texts: Strings, ready: Flags) -> npt.NDArray[np.int64]:
    """Return for each row the position of the first ready row with the same lead and text."""
    first = np.arange(len(texts), dtype=np.int64)
    rows = np.flatnonzero(ready)
    # Hashes take little memory; only where two are equal are the names compared.
    rows = rows[pd.Series(_hashes(named)[rows]).duplicated(keep=False).to_numpy()]
    if len(rows):
        leads, words = (
            column.dictionary_encode().indices.to_numpy().astype(np.int64)
            for column in (named.take(pa.array(rows)), canonical_texts(texts.take(pa.array(rows))))
        )
        comments, _ = pd.factorize(leads * (words.max() + 1) + words)
        # Comments are numbered as they come.
        first[rows] = rows[np.unique(comments, return_index=True)[1]][comments]
    return first


def _hashes(column: Strings) -> npt.NDArray[np.uint64]:
    """Return a hash of each text."""
    parts = (column[rows].to_numpy(zero_copy_only=False) for rows in slices(len(column), WINDOW))
    return np.concatenate([pd.util.hash_array(part, categorize=False) for part in parts])
