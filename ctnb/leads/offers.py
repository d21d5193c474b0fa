"""Rules over a frame: what each rule offers the vendor for each row."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ctnb.leads.cells import Objects, as_objects, column, is_missing, map_cells
from ctnb.leads.contacts import without_contacts
from ctnb.leads.emails import parse_emails
from ctnb.leads.identifiers import parse_identifiers
from ctnb.leads.moments import Moments, parse_moments
from ctnb.leads.phones import parse_phones
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
from ctnb.outcome import Kind, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from ctnb.leads.contacts import Contacts

__all__ = ["Columns", "Offer", "offer"]


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

    def _once(self, form: str, name: str, wanted_by: str, parse: Callable[[pd.Series[Any]], Any]) -> Any:
        if (form, name) not in self._parsed:
            self._parsed[form, name] = parse(column(self.deals, name, wanted_by=wanted_by))
        return self._parsed[form, name]

    def identifiers(self, name: str, wanted_by: str) -> tuple[Objects, Objects]:
        """Return ids and problems, each ndarray of object, shape (n,)."""
        found = self._once("identifiers", name, wanted_by, parse_identifiers)
        return found.values, found.problems

    def moments(self, name: str, wanted_by: str) -> Moments:
        """Return wall-clock moments of the account."""
        found: Moments = self._once("moments", name, wanted_by, lambda cells: parse_moments(cells, self.timezone))
        return found

    def phones(self, names: Iterable[str], wanted_by: str) -> list[Contacts]:
        """Return the phones of several columns."""
        return [self._once("phones", name, wanted_by, lambda cells: parse_phones(cells, self.region)) for name in names]

    def emails(self, names: Iterable[str], wanted_by: str) -> list[Contacts]:
        """Return the e-mails of several columns."""
        return [self._once("emails", name, wanted_by, parse_emails) for name in names]

    def policy(
        self, value: object, wanted_by: str, parse: Callable[[object], object]
    ) -> tuple[Objects, Objects | None]:
        """Return a policy value for each row, and why some could not be read (None where all could).

        A literal was parsed when its rule was built, and stands for all rows without taking memory.
        """
        if not isinstance(value, Col):
            return _constant(value, len(self.deals)), None
        cells = column(self.deals, value.name, wanted_by=wanted_by)
        pairs = map_cells(cells, lambda cell: _tried(parse, cell))
        return _split(pairs)


def _constant(value: object, length: int) -> Objects:
    """Return one object seen n times."""
    single = np.empty((), dtype=object)
    single[()] = value
    return np.broadcast_to(single, (length,))


def _tried(parse: Callable[[object], object], cell: object) -> tuple[object, str | None]:
    """Parse a row's policy value; a refusal is the row's problem."""
    try:
        return parse(cell), None
    except ValueError as refusal:
        # The column may be one of contacts, by mistake.
        return None, without_contacts(str(refusal))


def _split(pairs: Objects) -> tuple[Objects, Objects]:
    """Turn an array of pairs into two arrays."""
    first, second = np.empty(len(pairs), dtype=object), np.empty(len(pairs), dtype=object)
    for place, (left, right) in enumerate(pairs):
        first[place], second[place] = left, right
    return first, second


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
    tags, tags_logic : ndarray of object
        Tuples of str, and ``and`` / ``or``.
    ids : ndarray of object
        int or str, for the two id rules.
    phones, emails : ndarray of object
        Tuples of str, for the contact rules.
    dates : ndarray of datetime64[s]
        Wall clock of the account.
    match, depth : ndarray of object
        str, and int minutes.
    problems : list of (Reason, ndarray of object)
        What could not be read, in the order in which it was looked at; None where nothing was wrong.
    """

    place: int
    kind: Kind
    present: npt.NDArray[np.bool_]
    tags: Objects
    tags_logic: Objects
    problems: list[tuple[Reason, Objects]]
    ids: Objects | None = None
    phones: Objects | None = None
    emails: Objects | None = None
    dates: npt.NDArray[np.datetime64] | None = None
    match: Objects | None = None
    depth: Objects | None = None


def offer(rule: Rule, place: int, columns: Columns) -> Offer:
    """Work out what a rule offers for each row of a frame.

    Raises
    ------
    ColumnNotFoundError
        When the rule names a column that is not there.
    """
    if isinstance(rule, Call | Request):
        return _id_offer(rule, place, columns)
    return _contact_offer(rule, place, columns)


def _id_offer(rule: Call | Request, place: int, columns: Columns) -> Offer:
    """Offer an id."""
    ids, problems = columns.identifiers(rule.id, f"rule {place} ({rule.kind}): id")
    tags, logic, refused = _tags(rule, place, columns)
    present = ids.astype(bool) | (ids == 0)
    return Offer(
        place=place,
        kind=rule.kind,
        present=_without(present, refused),
        tags=tags,
        tags_logic=logic,
        problems=[(Reason.BAD_IDENTIFIER, problems), *refused],
        ids=ids,
    )


def _contact_offer(rule: CallContact | RequestContact, place: int, columns: Columns) -> Offer:
    """Offer phones and e-mails near a moment."""
    name = f"rule {place} ({rule.kind})"
    emails = rule.emails if isinstance(rule, RequestContact) else ()
    called = columns.phones(rule.phones or (), f"{name}: phones")
    written = columns.emails(emails or (), f"{name}: emails")
    moments = columns.moments(rule.date, f"{name}: date")
    depth, bad_depth = columns.policy(rule.depth, f"{name}: depth", parse_depth)
    match, bad_match = columns.policy(
        rule.match, f"{name}: match", lambda value: parse_match(value, undocumented=rule.undocumented)
    )
    tags, logic, refused = _tags(rule, place, columns)
    refused += [(Reason.BAD_POLICY, problems) for problems in (bad_depth, bad_match) if problems is not None]
    phones, addresses = _merged(called, len(columns.deals)), _merged(written, len(columns.deals))
    present = (phones.astype(bool) | addresses.astype(bool)) & ~np.isnat(moments.local)
    return Offer(
        place=place,
        kind=rule.kind,
        present=_without(present, refused),
        tags=tags,
        tags_logic=logic,
        problems=[
            *((Reason.BAD_IDENTIFIER, contacts.problems.objects()) for contacts in (*called, *written)),
            (Reason.BAD_DATE, moments.problems),
            *refused,
        ],
        phones=phones,
        emails=addresses,
        dates=moments.local,
        match=match,
        depth=depth,
    )


def _tags(rule: Rule, place: int, columns: Columns) -> tuple[Objects, Objects, list[tuple[Reason, Objects]]]:
    """Return tags, their logic and what could not be read of them."""
    name = f"rule {place} ({rule.kind})"
    tags, bad_tags = columns.policy(rule.tags, f"{name}: tags", _row_tags)
    logic, bad_logic = columns.policy(rule.tags_logic, f"{name}: tags_logic", _row_logic)
    refused = [(Reason.BAD_POLICY, problems) for problems in (bad_tags, bad_logic) if problems is not None]
    return tags, logic, refused


def _row_tags(cell: object) -> tuple[str, ...]:
    """Read a row's tags; a blank cell asks for none."""
    return () if is_missing(cell) else parse_tags(cell)


def _row_logic(cell: object) -> str:
    """Read a row's tags logic; a blank cell asks for all tags."""
    return "and" if is_missing(cell) else parse_tags_logic(cell)


def _merged(columns: list[Contacts], length: int) -> Objects:
    """Join the contacts of several columns, in the order of the columns, without repeats."""
    if not columns:
        return _constant((), length)
    if len(columns) == 1:
        return tuples(columns[0])
    merged = np.empty(length, dtype=object)
    for place, found in enumerate(zip(*(tuples(contacts) for contacts in columns), strict=True)):
        filled = [several for several in found if several]
        merged[place] = filled[0] if len(filled) == 1 else tuple(dict.fromkeys(itertools.chain(*filled)))
    return merged


def tuples(contacts: Contacts) -> Objects:
    """Return a tuple of str for each row."""
    return as_objects([tuple(several) for several in contacts.values.to_pylist()])


def _without(present: npt.NDArray[np.bool_], refused: list[tuple[Reason, Objects]]) -> npt.NDArray[np.bool_]:
    """Take a rule out of the rows whose policy values cannot be used."""
    for _, problems in refused:
        present = present & (problems == None)  # noqa: E711  element by element, as NumPy compares objects
    return present
