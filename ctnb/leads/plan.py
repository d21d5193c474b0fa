"""The plan: what would be sent for each row, checked against every limit of the contract."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctnb.leads.columns.cells import Objects, as_objects, column, names_of, refuse_levels
from ctnb.leads.comment_template import Template, check_texts, parse_template
from ctnb.leads.identity import canonical_texts, lead_identities
from ctnb.leads.limits import LEADS_PER_REQUEST
from ctnb.leads.parallel import mapped, slices
from ctnb.leads.phones.api import checked_region
from ctnb.leads.plan_summary import PlannedRule, PlanSummary, sample_leads
from ctnb.leads.readiness import checked_rows
from ctnb.leads.rule_data import Offer, ParsedColumns, columns_read, offer
from ctnb.leads.rulebook import checked_job, checked_key
from ctnb.leads.rules import Col, Rule, checked_rules
from ctnb.leads.stacking import WINDOW, Window, stacked
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.leads.columns.problems import Problems

Payload = Callable[["Plan", Sequence[int]], list[dict[str, Any]]]
"""Turns rows of a plan into the vendor's form. It is a parameter, for this package does not know the wire."""

SAMPLED: Final = 3
"""Leads that a plan shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Plan of the comments of n rows: what would be sent for each; nothing has been sent.

    Attributes
    ----------
    index : Index
        The index of the deals.
    rules : tuple of Rule
    job : str
        Sets apart comments that are meant twice.
    rate : float
        Requests a second, for `floor_seconds`.
    offers : list of Offer
        One for each rule, in order.
    texts : large_string, length n
        Final comment texts.
    leads_named : large_string, length n
        Canonical lead identities.
    ready : ndarray of bool, shape (n,)
    problems : Problems, length n
        Contacts masked. A ready row may have a problem too: one that left a rule out.
    reason_codes : ndarray of int8, shape (n,)
        Index in `Reason` of the code that makes a row invalid; -1 where it is ready.
    first : ndarray of int64, shape (n,)
        The first ready row with the same lead and text; a row's own number where it is that row. Rows that
        repeat another are not sent: they share its answer.
    payload : callable
        Turns rows of the plan into the vendor's form.
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
        """Code that makes each row invalid, shape (n,); None where it is ready."""
        return as_objects([*Reason, None])[self.reason_codes]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by status; they add up to the rows."""
        ready = int(self.ready.sum())
        return {"ready": ready, "invalid": len(self) - ready}

    @property
    def sent(self) -> npt.NDArray[np.int64]:
        """Rows that would be sent, from 0, in order: those that are ready, and repeat no other."""
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
        return self.payload(self, self.sent[: max(n, 0)].tolist())

    def __repr__(self) -> str:
        from ctnb.views.html.plan import plan_text

        return plan_text(self._summary())

    def _repr_html_(self) -> str:
        from ctnb.views.html.plan import plan_html

        return plan_html(self._summary())

    def _summary(self) -> PlanSummary:
        """Return what is shown of the plan."""
        sent, counts = self.sent, self.counts
        rows_by_reason = np.bincount(self.reason_codes[~self.ready], minlength=len(Reason))
        problems = sorted(zip(Reason, rows_by_reason.tolist(), strict=True), key=lambda pair: -pair[1])
        return PlanSummary(
            rows=len(self),
            ready=counts["ready"],
            invalid=counts["invalid"],
            repeats=counts["ready"] - len(sent),
            leads=len(sent),
            requests=self.requests,
            floor_seconds=self.floor_seconds,
            rules=tuple(PlannedRule(each.rank, each.kind, int(each.present.sum())) for each in self.offers),
            problems=tuple((str(reason), rows) for reason, rows in problems if rows),
            sample=sample_leads(self.offers, self.texts, sent[:SAMPLED].tolist()),
        )


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
    refuse_levels(deals)
    listed = checked_rules(rules)
    template = parse_template(comment, names_of(deals))
    job, region = checked_job(job), checked_region(region)
    read = [pair for rank, rule in enumerate(listed, start=1) for pair in columns_read(rule, rank)]
    read += [(name, "the comment template") for name in template.columns]
    read += [] if key is None else [(checked_key(key), "key")]
    # Before any window is planned: a user's mistake is not to be raised from the depth of a thread.
    cells = {}
    for name, wanted_by in read:
        cells[name] = column(deals, name, wanted_by=wanted_by)

    def window(rows: slice) -> Window:
        some = {name: series.iloc[rows] for name, series in cells.items()}
        columns = ParsedColumns(some, len(deals.index[rows]), timezone, region)
        return _window(listed, template, columns, None if key is None else some[key])

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


def _window(rules: Sequence[Rule], template: Template, columns: ParsedColumns, keys: pd.Series[Any] | None) -> Window:
    """Plan some rows."""
    offers, found = zip(*(offer(rule, rank, columns) for rank, rule in enumerate(rules, start=1)), strict=True)
    texts, misfits = template.render(columns.cells, columns.length)
    # Rules that read the same column have the same problems.
    problems = {id(each.problems): each for several in found for each in several}
    ready, shown, reason_codes = checked_rows(offers, rules, check_texts(texts, misfits), list(problems.values()))
    return Window(list(offers), texts, lead_identities(offers, keys, len(texts)), ready, shown, reason_codes)


def _first_of_each(named: Strings, texts: Strings, ready: Flags) -> npt.NDArray[np.int64]:
    """Return for each row the first ready row with the same lead and text."""
    first = np.arange(len(texts), dtype=np.int64)
    rows = np.flatnonzero(ready)
    # Hashes take little memory; only where two are equal are the names compared.
    rows = rows[pd.Series(_hashes(named)[rows]).duplicated(keep=False).to_numpy()]
    if len(rows):
        lead_codes, text_codes = (
            strings.dictionary_encode().indices.to_numpy().astype(np.int64)
            for strings in (named.take(pa.array(rows)), canonical_texts(texts.take(pa.array(rows))))
        )
        comments, _ = pd.factorize(lead_codes * (text_codes.max() + 1) + text_codes)
        # Comments are numbered as they come.
        first[rows] = rows[np.unique(comments, return_index=True)[1]][comments]
    return first


def _hashes(strings: Strings) -> npt.NDArray[np.uint64]:
    """Return a hash of each text."""
    parts = (strings[rows].to_numpy(zero_copy_only=False) for rows in slices(len(strings), WINDOW))
    return np.concatenate([pd.util.hash_array(part, categorize=False) for part in parts])
