"""The plan: what would be sent for each row, checked against every limit of the contract."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctnb.i18n.language import gettext
from ctnb.i18n.message import LazyMessage
from ctnb.leads.checks import Checked, Finding, findings, findings_frame
from ctnb.leads.column_forms import ColumnForms
from ctnb.leads.columns.cells import Objects, as_objects, column, names_of, refuse_levels
from ctnb.leads.columns.problems import Problems
from ctnb.leads.comment_template import (
    COMMENT_TEMPLATE,
    Comment,
    given_cells,
    parse_template,
)
from ctnb.leads.guess_columns import likely_key
from ctnb.leads.limits import LEADS_PER_REQUEST, RULES_PER_LEAD
from ctnb.leads.offered import ranks_offered
from ctnb.leads.parallel import mapped, slices
from ctnb.leads.phones.api import checked_region
from ctnb.leads.plan_summary import PlannedRule, PlanSummary, sample_leads
from ctnb.leads.reading import Circumstances, account_clock
from ctnb.leads.record import OtherNames, Record, Recorded, other_names
from ctnb.leads.repeated_keys import refuse_repeated_keys
from ctnb.leads.repeats import first_of_each, repeated_rows
from ctnb.leads.rule_data import Offer, ParsedColumns, columns_read
from ctnb.leads.rulebook import checked_job, checked_key
from ctnb.leads.rules import Rule, checked_rules
from ctnb.leads.stacking import WINDOW, Window, stacked
from ctnb.leads.united import TOO_MANY, United, taken, unite
from ctnb.leads.window import planned_window
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from ctnb.leads.columns.arrow_text import Flags, Strings
    from ctnb.outcomes import Kind

Payload = Callable[["Plan", Sequence[int]], list[dict[str, Any]]]
"""Turns rows of a plan into the vendor's form. It is a parameter, for this package does not know the wire."""

SAMPLED: Final = 3
"""Leads that a plan shows."""


REASONS: Final = pd.CategoricalDtype([reason.value for reason in Reason])
RECORDS: Final = pd.CategoricalDtype([recorded.value for recorded in Recorded])


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
        repeat another are not sent: they share its answer, and what they offer is sent with it.
    united : United or None
        What leads of several rows offer; None where there are none.
    payload : callable
        Turns rows of the plan into the vendor's form.
    about : Circumstances
        What the checks need to know beside.
    record : Record or None
        What the ledger knows of the rows; None without a connection.
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
    united: United | None
    payload: Payload = field(repr=False)
    about: Circumstances = field(repr=False)
    record: Record | None = None
    _findings: list[Finding] | None = field(default=None, init=False, repr=False)

    def __len__(self) -> int:
        """Rows, ready or not."""
        return len(self.texts)

    @property
    def frame(self) -> pd.DataFrame:
        """A row per input row, same order and index.

        Columns ``status`` (category: ready, invalid), ``problem`` (string, NA where nothing is
        wrong), ``problem_code`` (category: why an invalid row is so), ``rules`` (Int64: rules that have their data in
        the row), ``record`` (category: what a run would do, by what the ledger knows; NA for invalid rows and without
        a connection): ``new``; ``answered``: its answer is kept, nothing is sent; ``again``: it was rejected, or no
        lead was found or a field refused, and it offers something else now; ``changed``: another text of this deal is
        in the account; ``uncertain``; ``busy``.
        """
        status = pd.Categorical(np.where(self.ready, "ready", "invalid"), categories=["ready", "invalid"])
        offered = np.zeros(len(self), dtype=np.int64)
        for each in self.offers:
            offered += each.present
        return pd.DataFrame(
            {
                "status": status,
                "problem": pd.array(self.problems.objects(), dtype="string"),
                "problem_code": pd.Categorical.from_codes(self.reason_codes, dtype=REASONS),
                "rules": pd.array(offered, dtype="Int64"),
                "record": pd.Categorical.from_codes(
                    np.full(len(self), -1) if self.record is None else self.record.codes,
                    dtype=RECORDS,
                ),
            },
            index=self.index,
        )

    @property
    def checks(self) -> pd.DataFrame:
        """Findings about the data, the gravest first; a row each.

        Columns ``code`` (string), ``severity`` (category: grave, warning, note), ``rows`` (Int64: rows that it is
        about), ``column`` (string, NA where it is about none, names joined by commas where it is about several),
        ``message`` and ``advice`` (string, in the language in force; contacts masked). No row where nothing is found.
        """
        return findings_frame(self._found())

    def _found(self) -> list[Finding]:
        """Return the findings, which are looked for once."""
        if self._findings is None:
            object.__setattr__(self, "_findings", findings(self._checked()))
        return self._findings or []

    def _checked(self) -> Checked:
        return Checked(
            rules=self.rules,
            offers=self.offers,
            texts=self.texts,
            leads_named=self.leads_named,
            ready=self.ready,
            problems=self.problems,
            reason_codes=self.reason_codes,
            sent=self.sent,
            record=self.record,
            other_names=None if self.record is None else self.other_names(self.record.naming),
            about=self.about,
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
        """Rows of the leads, from 0, in order: those that are ready, and repeat no other."""
        return np.flatnonzero(self.ready & (self.first == np.arange(len(self))))

    def offered(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> list[Offer]:
        """Return what is offered for the leads of some rows of `sent`, a row each, by the rank of the rules."""
        return self._offered(rows, self.offers, self.united)

    def offered_ids(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> list[Offer]:
        """Return the same as `offered` without contacts, dates and policies but tags: what answers are held against."""
        united = self.united and replace(self.united, offers=[each.bare for each in self.united.offers])
        return self._offered(rows, [each.bare for each in self.offers], united)

    def _offered(
        self, rows: Sequence[int] | npt.NDArray[np.int64], offers: list[Offer], united: United | None
    ) -> list[Offer]:
        at = np.asarray(rows, dtype=np.int64)
        own = taken(offers, at)
        return own if united is None else united.among(own, at)

    def offered_ranks(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return which rules are offered for the leads of some rows, in their order; see `ctnb.leads.offered`."""
        leads = self.first[np.asarray(rows, dtype=np.int64)]
        ranks = ranks_offered(self.offers, leads)
        if self.united is not None:
            at, here = self.united.places(leads)
            ranks[here] = ranks_offered(self.united.offers, at[here])
        return ranks

    @property
    def kinds(self) -> list[Kind]:
        """The kind of each rule, in order."""
        return [rule.kind for rule in self.rules]

    @property
    def due(self) -> npt.NDArray[np.int64]:
        """Rows of `sent` that a run would send, as far as is known: the ledger has no answer to them."""
        return self.sent if self.record is None else self.sent[self.record.is_sent(self.sent)]

    def other_names(self, naming: Mapping[str, int]) -> OtherNames | None:
        """Tell whether the leads are named otherwise than in earlier runs, see `ctnb.leads.record.other_names`."""
        return other_names(self.naming, naming, self.leads_named.take(pa.array(self.sent)))

    @property
    def naming(self) -> str:
        """How leads are named: by ``key`` if there is one, else by ``ids`` if a rule reads them, else by ``contacts``.

        Single rows that lack their key, or an id, are named by what they have.
        """
        if self.about.key is not None:
            return "key"
        return "ids" if any(offer.ids is not None for offer in self.offers) else "contacts"

    @property
    def requests(self) -> int:
        """Requests that carry what would be sent, up to 100 leads in each."""
        return math.ceil(len(self.due) / LEADS_PER_REQUEST)

    @property
    def floor_seconds(self) -> float:
        """Seconds that the requests take at the least, as the vendor takes 5 a second from one address."""
        return self.requests / self.rate

    def leads(self, n: int = 5) -> list[dict[str, Any]]:
        """Return the first n leads that would be sent, as the dicts of the vendor's JSON, contacts in clear."""
        return self.payload(self, self.due[: max(n, 0)].tolist())

    def __repr__(self) -> str:
        from ctnb.views.html.plan import plan_text

        return plan_text(self._summary())

    def _repr_html_(self) -> str:
        from ctnb.views.html.plan import plan_html

        return plan_html(replace(self._summary(), findings=tuple(self._found())))

    def _summary(self) -> PlanSummary:
        """Return what is shown of the plan."""
        sent, due, counts = self.sent, self.due, self.counts
        rows_by_reason = np.bincount(self.reason_codes[~self.ready], minlength=len(Reason))
        problems = sorted(zip(Reason, rows_by_reason.tolist(), strict=True), key=lambda pair: -pair[1])
        return PlanSummary(
            rows=len(self),
            ready=counts["ready"],
            invalid=counts["invalid"],
            repeats=counts["ready"] - len(sent),
            leads=len(due),
            record=() if self.record is None else self.record.leads(sent),
            requests=self.requests,
            floor_seconds=self.floor_seconds,
            rules=tuple(PlannedRule(each.rank, each.kind, int(each.present.sum())) for each in self.offers),
            problems=tuple((str(reason), rows) for reason, rows in problems if rows),
            sample=sample_leads(self.offered(due[:SAMPLED]), self.texts, due[:SAMPLED].tolist()),
        )


def build_plan(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule],
    comment: Comment,
    *,
    payload: Payload,
    key: str | None,
    job: str,
    region: str,
    timezone: str,
    rate: float,
    now: datetime | None = None,
) -> Plan:
    """Plan the comments of a frame.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules : Rule or list of Rule
        In the order of their priority, 20 at the most.
    comment : str, col, Series or callable
        Template over the columns, or the texts themselves.
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
    now : datetime, optional
        Aware; dates after it are found by the checks.

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
    by_rules = {name for name, _ in read}
    read += [(name, COMMENT_TEMPLATE) for name in template.columns]
    read += [] if key is None else [(checked_key(key), LazyMessage("key"))]
    # Before any window is planned: a user's mistake is not to be raised from the depth of a thread.
    cells = given_cells(comment, deals)
    for name, wanted_by in read:
        cells[name] = column(deals, name, wanted_by=wanted_by)

    forms = ColumnForms.of(listed, template, cells)

    def window(rows: slice) -> Window:
        some = {name: series.iloc[rows] for name, series in cells.items()}
        columns = ParsedColumns(some, len(deals.index[rows]), timezone, region, forms)
        return planned_window(listed, template, columns, None if key is None else some[key])

    likely = likely_key(deals, by_rules, region) if key is None else ""
    whole = stacked(mapped(window, slices(len(deals), WINDOW)))
    repeated = repeated_rows(whole.leads_named, whole.ready)
    refuse_repeated_keys(whole, repeated)
    first = first_of_each(whole, repeated[whole.ready[repeated]])
    united = unite(whole.offers, first, whole.ready)
    cut = 0
    if united is not None and united.cut.any():
        is_cut = np.zeros(len(first), dtype=bool)
        is_cut[united.rows[united.cut]] = True
        rows = np.flatnonzero(whole.ready & is_cut[first])
        cut, text = len(rows), gettext(TOO_MANY, most=RULES_PER_LEAD)
        whole.problems = whole.problems.and_also(rows, Problems(np.zeros(cut, dtype=np.int32), [text]))
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
        first=first,
        united=united,
        payload=payload,
        about=Circumstances(key, likely, account_clock(now, timezone), whole.reading, repeated, cut),
    )
