"""Rules over a frame: what each rule offers the vendor for each row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ctnb.leads.columns.arrow_lists import Lists, filled, united
from ctnb.leads.columns.cells import column, distinct, is_missing
from ctnb.leads.columns.problems import Problems
from ctnb.leads.emails import parse_emails
from ctnb.leads.identifiers import Identifiers, parse_identifiers
from ctnb.leads.moments.parse import Moments, parse_moments
from ctnb.leads.phones.api import parse_phones
from ctnb.leads.rules import (
    Call,
    CallContact,
    Col,
    Request,
    RequestContact,
    Rule,
    parse_depth,
    parse_match,
    parse_tags,
    parse_tags_logic,
)
from ctnb.masking import Strength, masked
from ctnb.outcomes import Kind, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from ctnb.leads.contacts import Contacts
    from ctnb.leads.moments.wall_clock import Seconds

Problem: TypeAlias = tuple[Reason, Problems]
"""What could not be read, and the code that it goes by."""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A policy value for each of n rows: few values, many rows.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Place in `values`.
    values : sequence
        None stands for a value that could not be read.
    """

    codes: npt.NDArray[np.int32]
    values: Sequence[Any]

    @classmethod
    def of(cls, value: Any, length: int) -> Policy:
        """Take one value for n rows, without taking memory."""
        return cls(np.broadcast_to(np.int32(0), (length,)), (value,))

    def at(self, row: int) -> Any:
        """Return the value of one row."""
        return self.values[self.codes[row]]


@dataclass(slots=True)
class Columns:
    """A frame's columns in the forms that rules read, each parsed once however many rules name it.

    ``timezone`` is the account's, as an IANA name; ``region`` is the one that phones without a
    country code belong to.
    """

    # Out of the repr: a traceback that shows locals shows it.
    deals: pd.DataFrame = field(repr=False)
    timezone: str
    region: str
    _parsed: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _unions: dict[tuple[str, ...], Lists] = field(default_factory=dict, repr=False)

    def _once(self, form: str, name: str, wanted_by: str, parse: Callable[[pd.Series[Any]], Any]) -> Any:
        if (form, name) not in self._parsed:
            self._parsed[form, name] = parse(column(self.deals, name, wanted_by=wanted_by))
        return self._parsed[form, name]

    def identifiers(self, name: str, wanted_by: str) -> Identifiers:
        """Return ids."""
        found: Identifiers = self._once("identifiers", name, wanted_by, parse_identifiers)
        return found

    def moments(self, name: str, wanted_by: str) -> Moments:
        """Return wall-clock moments of the account."""
        found: Moments = self._once("moments", name, wanted_by, lambda cells: parse_moments(cells, self.timezone))
        return found

    def phones(self, names: Sequence[str], wanted_by: str) -> tuple[Lists | None, list[Problems]]:
        """Return the phones of several columns, united, and what is wrong in each column; None for no column."""
        return self._united("phones", names, wanted_by, lambda cells: parse_phones(cells, self.region))

    def emails(self, names: Sequence[str], wanted_by: str) -> tuple[Lists | None, list[Problems]]:
        """Return the e-mails of several columns, as `phones` does."""
        return self._united("emails", names, wanted_by, parse_emails)

    def _united(
        self, form: str, names: Sequence[str], wanted_by: str, parse: Callable[[pd.Series[Any]], Contacts]
    ) -> tuple[Lists | None, list[Problems]]:
        found: list[Contacts] = [self._once(form, name, wanted_by, parse) for name in names]
        if not found:
            return None, []
        # Rules that name the same columns share one union, and are seen to: see `identity`.
        several = (form, *names)
        if several not in self._unions:
            self._unions[several] = united([contacts.values for contacts in found])
        return self._unions[several], [contacts.problems for contacts in found]

    def policy(self, value: object, wanted_by: str, parse: Callable[[object], object]) -> tuple[Policy, Problems]:
        """Return a policy value for each row, and why some could not be read.

        A literal was parsed when its rule was built, and stands for all rows without taking memory.
        """
        length = len(self.deals)
        if not isinstance(value, Col):
            return Policy.of(value, length), Problems.none(length)
        codes, cells = distinct(column(self.deals, value.name, wanted_by=wanted_by))
        places = (codes % len(cells)).astype(np.int32)
        pairs = [_tried(parse, cell) for cell in cells]
        return Policy(places, [found for found, _ in pairs]), Problems.of([refusal for _, refusal in pairs]).take(
            places
        )


def _tried(parse: Callable[[object], object], cell: object) -> tuple[object, str | None]:
    """Parse a row's policy value; a refusal is the row's problem."""
    try:
        return parse(cell), None
    except ValueError as refusal:
        # The column may be one of contacts, by mistake.
        return None, masked(str(refusal), Strength.SHARED)


@dataclass(frozen=True, slots=True, repr=False)
class Offer:
    """What one rule offers for n rows; every array has shape (n,). No repr: it would show contacts.

    Attributes
    ----------
    place : int
        1-based place in the rule list, which is the priority.
    kind : Kind
    present : ndarray of bool
        Whether the rule has its data in the row; the other arrays mean nothing where it has not.
    tags, tags_logic : Policy
        Of tuples of str, and of ``and`` / ``or``.
    ids : Identifiers or None
        For the two id rules.
    phones, emails : large_list of large_string, or None
        For the contact rules that read them.
    dates : ndarray of datetime64[s]
        Wall clock of the account.
    match, depth : Policy
        Of str, and of int minutes.
    """

    place: int
    kind: Kind
    present: npt.NDArray[np.bool_]
    tags: Policy
    tags_logic: Policy
    ids: Identifiers | None = None
    phones: Lists | None = None
    emails: Lists | None = None
    dates: Seconds | None = None
    match: Policy | None = None
    depth: Policy | None = None


def offer(rule: Rule, place: int, columns: Columns) -> tuple[Offer, list[Problem]]:
    """Work out what a rule offers for each row of a frame; and what could not be read, in the order of looking.

    Raises
    ------
    ColumnNotFoundError
        When the rule names a column that is not there.
    """
    if isinstance(rule, Call | Request):
        return _id_offer(rule, place, columns)
    return _contact_offer(rule, place, columns)


def _id_offer(rule: Call | Request, place: int, columns: Columns) -> tuple[Offer, list[Problem]]:
    """Offer an id."""
    ids = columns.identifiers(rule.id, f"rule {place} ({rule.kind}): id")
    tags, logic, refused = _tags(rule, place, columns)
    offered = Offer(place, rule.kind, _without(ids.present, refused), tags, logic, ids=ids)
    return offered, [(Reason.BAD_IDENTIFIER, ids.problems), *_policy_problems(refused)]


def _contact_offer(rule: CallContact | RequestContact, place: int, columns: Columns) -> tuple[Offer, list[Problem]]:
    """Offer phones and e-mails near a moment."""
    name = f"rule {place} ({rule.kind})"
    phones, bad_phones = columns.phones(rule.phones or (), f"{name}: phones")
    addresses = rule.emails if isinstance(rule, RequestContact) else ()
    emails, bad_emails = columns.emails(addresses or (), f"{name}: emails")
    moments = columns.moments(rule.date, f"{name}: date")
    depth, bad_depth = columns.policy(rule.depth, f"{name}: depth", parse_depth)
    match, bad_match = columns.policy(
        rule.match, f"{name}: match", lambda value: parse_match(value, undocumented=rule.undocumented)
    )
    tags, logic, refused = _tags(rule, place, columns)
    refused += [bad_depth, bad_match]
    reachable = np.logical_or.reduce([filled(lists) for lists in (phones, emails) if lists is not None])
    offered = Offer(
        place=place,
        kind=rule.kind,
        present=_without(reachable & ~np.isnat(moments.local), refused),
        tags=tags,
        tags_logic=logic,
        phones=phones,
        emails=emails,
        dates=moments.local,
        match=match,
        depth=depth,
    )
    return offered, [
        *((Reason.BAD_IDENTIFIER, problems) for problems in (*bad_phones, *bad_emails)),
        (Reason.BAD_DATE, moments.problems),
        *_policy_problems(refused),
    ]


def _tags(rule: Rule, place: int, columns: Columns) -> tuple[Policy, Policy, list[Problems]]:
    """Return tags, their logic and what could not be read of them."""
    name = f"rule {place} ({rule.kind})"
    tags, bad_tags = columns.policy(rule.tags, f"{name}: tags", _row_tags)
    logic, bad_logic = columns.policy(rule.tags_logic, f"{name}: tags_logic", _row_logic)
    return tags, logic, [bad_tags, bad_logic]


def _row_tags(cell: object) -> tuple[str, ...]:
    """Read a row's tags; a blank cell asks for none."""
    return () if is_missing(cell) else parse_tags(cell)


def _row_logic(cell: object) -> str:
    """Read a row's tags logic; a blank cell asks for all tags."""
    return "and" if is_missing(cell) else parse_tags_logic(cell)


def _policy_problems(refused: Iterable[Problems]) -> list[Problem]:
    """Give what is wrong with policy values its code."""
    return [(Reason.BAD_POLICY, problems) for problems in refused]


def _without(present: npt.NDArray[np.bool_], refused: Iterable[Problems]) -> npt.NDArray[np.bool_]:
    """Take a rule out of the rows whose policy values cannot be used."""
    for problems in refused:
        if problems.texts:
            present = present & (problems.codes < 0)
    return present
