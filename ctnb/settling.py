"""Settling uncertain rows: their comments are looked for in a journal, shown, and marked when that is asked for."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from ctnb.connection import Connection
from ctnb.defaults import JOB, PREFIX, REGION
from ctnb.delivery.ledger.choose import open_to_review
from ctnb.exceptions import ConfigError
from ctnb.journals.copies import Basis, Evidence
from ctnb.journals.lead_comments import NO_ID, LeadComments
from ctnb.journals.read_before import read_before
from ctnb.journals.readback import Grade, read_back
from ctnb.leads.identity import canonical_text
from ctnb.leads.rulebook import Rulebook
from ctnb.matching.candidates import LookUp
from ctnb.matching.index import index_journals
from ctnb.matching.plan_reader import read_plan
from ctnb.outcomes import Kind
from ctnb.planning import agreed_timezone, checked_journal, plan
from ctnb.results.predicted import is_predicted
from ctnb.uncertain_texts import PlannedComments, known_authors, sought_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ctnb.journals.journal import Journal
    from ctnb.journals.readback import Verdict
    from ctnb.leads.comment_template import Comment
    from ctnb.leads.plan import Plan
    from ctnb.leads.rules import Rule
    from ctnb.matching.index import JournalIndex

KINDS: Final = (Kind.CALL, Kind.REQUEST)
"""The kinds of leads, by side."""

LEAD_IDS: Final = (("call_id", "call_reference_id", "sip_call_id"), ("request_id", "request_number"))
"""The ids of a lead in an outcome, by side, in the order of the journal's columns; the vendor's own first."""

DIFFERENCES: Final = ("form", "entities", "cut")
"""What the journal has changed in a text: white space, signs without width or Unicode's form; HTML; its end."""


def settle(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment | None = None,
    *,
    journal: Journal,
    before: Journal | None = None,
    key: str | None = None,
    job: str = JOB,
    region: str = REGION,
    connection: Connection | None = None,
    mark: bool | Iterable[int] | pd.Series[Any] = False,
) -> pd.DataFrame:
    """Look for the comments of uncertain rows in a journal, see `ctnb.settle`."""
    _refuse_predictions(deals)
    journal, earlier = checked_journal(journal), None if before is None else checked_journal(before).tables()
    connection = Connection.from_env() if connection is None else connection
    book = rules if isinstance(rules, Rulebook) else Rulebook(rules)
    zone = agreed_timezone(rulebook=book.timezone, connection=connection.timezone, journal=journal.timezone)
    connection, tables = replace(connection, timezone=zone), journal.tables(zone)
    planned = plan(deals, book, comment, key=key, job=job, region=region, connection=connection, recorded=False)
    named = _named_rows(mark, planned.index)
    index = index_journals(tables)
    comments = LeadComments.of(tables, index)
    ledger = open_to_review(connection)
    if ledger is None:
        if named is not None:
            _verdicts_of(planned, [], named)
        return _result(planned, [], comments, index, frozenset())
    with closing(ledger):
        known = PlannedComments.of(planned, connection, ledger)
        verdicts: list[Verdict] = []
        if known.uncertain:
            were_there = None if earlier is None else read_before(earlier, index, comments, known.folded)
            evidence = Evidence(comments, were_there, known_authors(known, ledger, index, comments))
            sought = sought_texts(known, ledger, index, comments)
            verdicts = read_back(sought, LookUp(index, read_plan(planned)), evidence)
        marked = _to_mark(planned, verdicts, named, comments) if mark is not True else _sure(verdicts)
        if marked:
            leads = {known.identities[each.comment].hex(): _lead_ids(each, comments, index) for each in marked}
            ledger.mark_delivered(list(leads), leads)
    return _result(planned, verdicts, comments, index, frozenset(each.comment for each in marked))


def _refuse_predictions(deals: pd.DataFrame) -> None:
    """Refuse a preview's frame: none of its comments was sent."""
    if isinstance(deals, pd.DataFrame) and is_predicted(deals):
        raise ConfigError(
            "Expected deals, got the frame of a preview ({column} is true): nothing of it was sent. Pass the deals, or "
            "the frame that ctnb.comment returned.",
            column=f"{PREFIX}predicted",
        )


def _named_rows(mark: Any, index: pd.Index[Any]) -> list[int] | None:
    """Return the rows that are to be marked by name; None where none is named."""
    if isinstance(mark, bool):
        return None
    try:
        cells = np.asarray(list(mark))
    except (TypeError, ValueError):
        cells = np.asarray(None)
    if cells.ndim == 1 and cells.dtype == bool and len(cells) == len(index):
        if isinstance(mark, pd.Series) and not mark.index.equals(index):
            raise ConfigError("mark: expected booleans under the index of the deals, got another index.")
        return [int(row) for row in np.flatnonzero(cells)]
    if cells.ndim != 1 or (len(cells) and cells.dtype.kind not in "iu"):
        raise ConfigError(
            "mark: expected False, True (what is sure), numbers of rows from the column 'row', or {count} booleans, "
            "one for each row of the deals, got {kind}. Nothing was marked.",
            count=len(index),
            kind=type(mark).__name__,
        )
    return [int(row) for row in cells]


def _sure(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [each for each in verdicts if each.grade is Grade.SURE]


def _to_mark(
    planned: Plan, verdicts: Sequence[Verdict], named: Sequence[int] | None, comments: LeadComments
) -> list[Verdict]:
    """Return what is to be marked by name.

    Raises
    ------
    ConfigError
        When a row that is named is not uncertain or was not found, or rows of several comments would be settled by one.
    """
    by_comment = {each.comment: each for each in verdicts}
    found = [] if named is None else _verdicts_of(planned, verdicts, named)
    by_copy: dict[int, int] = {}
    for each in found:
        if each.found is None:
            continue
        first = by_copy.setdefault(each.found, each.comment)
        if first != each.comment:
            rows = [int(planned.sent[comment]) for comment in (first, each.comment)]
            raise ConfigError(
                "Rows {first} and {second} would be settled by one comment, {comment}. One comment settles one row: "
                "name one of them. Nothing was marked.",
                first=rows[0],
                second=rows[1],
                comment=comments.comments[each.found].id,
            )
    return [by_comment[comment] for comment in dict.fromkeys(each.comment for each in found)]


def _verdicts_of(planned: Plan, verdicts: Sequence[Verdict], named: Sequence[int]) -> list[Verdict]:
    """Return what was found for rows that are named."""
    by_row = {int(planned.sent[each.comment]): each for each in verdicts if each.found is not None}
    found = []
    for row in named:
        verdict = by_row.get(int(planned.first[row])) if 0 <= row < len(planned) and planned.ready[row] else None
        if verdict is None:
            raise ConfigError(
                "mark: row {row} (counted from 0) is not uncertain, or its comment was not found. Name rows that are "
                "sure or likely; what you have seen yourself is marked with ctnb.Ledger. Nothing was marked.",
                row=row,
            )
        found.append(verdict)
    return found


def _lead_ids(verdict: Verdict, comments: LeadComments, index: JournalIndex) -> dict[str, str]:
    """Return the ids of the lead on which a comment was found, under the names of an outcome."""
    if verdict.found is None:
        return {}
    lead = int(comments.leads[verdict.found])
    side = int(lead >= index.calls)
    ids = index.ids[side]
    texts = [column[lead - ids.first_row].as_py() for column in ids.columns]
    return {name: text for name, text in zip(LEAD_IDS[side], texts, strict=True) if text is not None}


def _result(
    planned: Plan, verdicts: Sequence[Verdict], comments: LeadComments, index: JournalIndex, marked: frozenset[int]
) -> pd.DataFrame:
    """Return a row for each uncertain row, in the order of the deals."""
    by_row = {int(planned.sent[each.comment]): each for each in verdicts}
    rows = np.flatnonzero(np.isin(planned.first, list(by_row)) & planned.ready)
    each_row = [by_row[first] for first in planned.first[rows].tolist()]
    copies = [None if each.found is None else comments.comments[each.found] for each in each_row]
    leads = [None if each.found is None else int(comments.leads[each.found]) for each in each_row]
    kinds = [None if lead is None else KINDS[lead >= index.calls].value for lead in leads]
    ids = [_lead_ids(each, comments, index) for each in each_row]
    texts = planned.texts.take(pa.array(rows)).to_pylist()
    return pd.DataFrame(
        {
            "row": rows.astype(np.int64),
            "grade": pd.Categorical([each.grade.value for each in each_row], [grade.value for grade in Grade]),
            "basis": pd.Categorical([each.basis.value for each in each_row], [basis.value for basis in Basis]),
            "kind": pd.Categorical(kinds, [kind.value for kind in KINDS]),
            "lead": pd.array([of_lead.get("call_id", of_lead.get("request_id")) for of_lead in ids], dtype="string"),
            "comment_id": pd.array(
                [None if copy is None or copy.id == NO_ID else copy.id for copy in copies], dtype="Int64"
            ),
            "text_found": pd.array([None if copy is None else copy.text for copy in copies], dtype="string"),
            "difference": pd.Categorical(
                [
                    None if copy is None else _difference(each.basis, text, copy.text)
                    for each, text, copy in zip(each_row, texts, copies, strict=True)
                ],
                DIFFERENCES,
            ),
            "author": pd.array([None if copy is None else copy.author for copy in copies], dtype="string"),
            "leads_searched": np.array([each.searched for each in each_row], dtype=np.int64),
            "marked": np.array([each.comment in marked for each in each_row], dtype=bool),
        },
        index=planned.index.take(rows),
    )


def _difference(basis: Basis, sent: str, found: str) -> str | None:
    """Tell in what a text that was found differs from the one that was sent."""
    if basis is Basis.CUT:
        return "cut"
    if sent == found:
        return None
    return "form" if canonical_text(sent) == canonical_text(found) else "entities"
