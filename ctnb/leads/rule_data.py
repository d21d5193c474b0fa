"""Rules over a frame: what each rule offers the vendor for each row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from ctnb.i18n.message import lazy_gettext
from ctnb.leads.columns.arrow_lists import Lists, filled, united
from ctnb.leads.columns.cells import distinct, is_missing
from ctnb.leads.columns.problems import CodedProblems, Problems
from ctnb.leads.emails import parse_emails
from ctnb.leads.identifiers import Identifiers, parse_identifiers
from ctnb.leads.moments.parse import Moments, parse_moments
from ctnb.leads.moments.two_columns import in_one_column
from ctnb.leads.phones.api import parse_phones
from ctnb.leads.policies import parse_depth, parse_match, parse_tags, parse_tags_logic
from ctnb.leads.rule_repr import parameters_of
from ctnb.leads.rules import Call, Col, Request, RequestContact, Rule
from ctnb.masking import Strength, masked
from ctnb.outcomes import Kind, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from ctnb.i18n.message import LazyMessage
    from ctnb.leads.column_forms import ColumnForms
    from ctnb.leads.contacts import Contacts
    from ctnb.leads.moments.wall_clock import Seconds
    from ctnb.leads.reading import ReadCounts

Parsed = TypeVar("Parsed")

DATA: Final = ("id", "phones", "emails", "date")
"""Parameters of a rule that name columns; the others name one only by `Col`."""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A policy value for each of n rows: few values, many rows.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Index in `values`.
    values : sequence
        None stands for a value that could not be read.
    """

    codes: npt.NDArray[np.int32]
    values: Sequence[Any]

    @classmethod
    def of(cls, value: Any, length: int) -> Policy:
        """Return one value for n rows, which takes no memory."""
        return cls(np.broadcast_to(np.int32(0), (length,)), (value,))

    def at(self, row: int) -> Any:
        """Return the value of one row."""
        return self.values[self.codes[row]]

    @classmethod
    def stacked(cls, parts: Sequence[Policy]) -> Policy:
        """Return the rows of several windows, one below the other; a literal is the same in all."""
        if all(len(part.values) == 1 and part.values[0] == parts[0].values[0] for part in parts):
            return cls.of(parts[0].values[0], sum(len(part.codes) for part in parts))
        values = [value for part in parts for value in part.values]
        begins = np.cumsum([0, *(len(part.values) for part in parts[:-1])], dtype=np.int32)
        return cls(np.concatenate([part.codes + begin for part, begin in zip(parts, begins, strict=True)]), values)


@dataclass(slots=True)
class ParsedColumns:
    """Columns of some rows in the forms that rules read, each parsed once however many rules name it.

    Attributes
    ----------
    cells : mapping of str to Series, n cells each
    length : int
        Rows, n.
    timezone : str
        The account's, as an IANA name.
    region : str
        Country whose phones are written without a country code.
    forms : ColumnForms
        What the whole columns say, of which these cells are a part.
    """

    # Out of the repr: a traceback that shows locals shows it.
    cells: Mapping[str, pd.Series[Any]] = field(repr=False)
    length: int
    timezone: str
    region: str
    forms: ColumnForms
    _parsed: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False)

    def identifiers(self, name: str) -> Identifiers:
        """Return ids."""
        whole = name in self.forms.whole
        return self._once(("identifiers", name), partial(parse_identifiers, self.cells[name], whole=whole))

    def moments(self, date: str | Sequence[str]) -> Moments:
        """Return wall-clock moments of the account: of one column, or of one with the date and one with the time."""
        names = (date,) if isinstance(date, str) else tuple(date)
        return self._once(("moments", *names), partial(self._moments, *names))

    def _moments(self, date: str, time: str | None = None) -> Moments:
        serials = date in self.forms.serials
        if time is None:
            return parse_moments(self.cells[date], self.timezone, serials=serials)
        return parse_moments(
            in_one_column(self.cells[date], self.cells[time], serials=serials), self.timezone, serials=False
        )

    def phones(self, names: Sequence[str]) -> tuple[Lists | None, list[Problems]]:
        """Return the phones of several columns, united, and the problems of each column; None for no column."""
        return self._united("phones", names, partial(parse_phones, region=self.region))

    def emails(self, names: Sequence[str]) -> tuple[Lists | None, list[Problems]]:
        """Return the e-mails of several columns, as `phones` does."""
        return self._united("emails", names, parse_emails)

    def count_into(self, reading: ReadCounts) -> None:
        """Count what could be read in each column."""
        for (form, *names), parsed in self._parsed.items():
            if form == "identifiers":
                reading.add(names[0], parsed.present, parsed.problems)
            elif form == "moments":
                reading.add(", ".join(names), ~np.isnat(parsed.local), parsed.problems)
            elif form != "united":
                reading.add(names[0], filled(parsed.values), parsed.problems)

    def _united(
        self, form: str, names: Sequence[str], parse: Callable[[pd.Series[Any]], Contacts]
    ) -> tuple[Lists | None, list[Problems]]:
        found = [self._once((form, name), partial(parse, self.cells[name])) for name in names]
        if not found:
            return None, []
        # Rules that name the same columns share one union: `identity` and `stacking` look for that.
        whole = self._once(("united", form, *names), partial(united, [contacts.values for contacts in found]))
        return whole, [contacts.problems for contacts in found]

    def _once(self, what: tuple[str, ...], parse: Callable[[], Parsed]) -> Parsed:
        if what not in self._parsed:
            self._parsed[what] = parse()
        found: Parsed = self._parsed[what]
        return found

    def policy(self, value: object, parse: Callable[[object], object]) -> tuple[Policy, Problems]:
        """Return a policy value for each row, and why some could not be read.

        A literal was parsed when its rule was built, and stands for all rows without taking memory.
        """
        if not isinstance(value, Col):
            return Policy.of(value, self.length), Problems.none(self.length)
        codes, cells = distinct(self.cells[value.name])
        values, refusals = zip(*(_tried(parse, cell) for cell in cells), strict=True)
        return Policy(codes.astype(np.int32), values), Problems.of(refusals).take(codes)


def _tried(parse: Callable[[object], object], cell: object) -> tuple[object, str | None]:
    """Parse a row's policy value; a refusal is the row's problem."""
    try:
        return parse(cell), None
    except ValueError as refusal:
        # The column may be one of contacts, by mistake.
        return None, masked(str(refusal), Strength.SHARED)


def columns_read(rule: Rule, rank: int) -> Iterator[tuple[str, LazyMessage]]:
    """Yield the name of each column that a rule reads, and the parameter that names it, as errors show it."""
    for parameter, value in parameters_of(rule).items():
        wanted_by = lazy_gettext("rule {rank} ({kind}): {name}", rank=rank, kind=rule.kind.value, name=parameter)
        if isinstance(value, Col):
            yield value.name, wanted_by
        elif parameter in DATA:
            yield from ((name, wanted_by) for name in ([value] if isinstance(value, str) else value))


@dataclass(frozen=True, slots=True, repr=False)
class Offer:
    """What one rule offers for n rows; every array has shape (n,). No repr: it would show contacts.

    Attributes
    ----------
    rank : int
        1-based, in the rule list: the priority.
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

    rank: int
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

    @property
    def bare(self) -> Offer:
        """The same without contacts, dates, match and depth."""
        return replace(self, phones=None, emails=None, dates=None, match=None, depth=None)


def offer(rule: Rule, rank: int, columns: ParsedColumns) -> tuple[Offer, list[CodedProblems]]:
    """Return what a rule offers for each row, and what could not be read, in the order of reading."""
    tags, bad_tags = columns.policy(rule.tags, _row_tags)
    logic, bad_logic = columns.policy(rule.tags_logic, _row_logic)
    bad_policies = [bad_tags, bad_logic]
    if isinstance(rule, Call | Request):
        ids = columns.identifiers(rule.id)
        problems = [CodedProblems(Reason.BAD_IDENTIFIER, ids.problems)]
        offered = Offer(rank, rule.kind, _without(ids.present, bad_policies), tags, logic, ids=ids)
    else:
        phones, bad_phones = columns.phones(rule.phones or ())
        emails, bad_emails = columns.emails(rule.emails or () if isinstance(rule, RequestContact) else ())
        moments = columns.moments(rule.date)
        depth, bad_depth = columns.policy(rule.depth, parse_depth)
        match, bad_match = columns.policy(rule.match, lambda value: parse_match(value, undocumented=rule.undocumented))
        bad_policies += [bad_depth, bad_match]
        problems = [CodedProblems(Reason.BAD_IDENTIFIER, each) for each in (*bad_phones, *bad_emails)]
        problems.append(CodedProblems(Reason.BAD_DATE, moments.problems))
        reachable = np.logical_or.reduce([filled(lists) for lists in (phones, emails) if lists is not None])
        offered = Offer(
            rank,
            rule.kind,
            _without(reachable & ~np.isnat(moments.local), bad_policies),
            tags,
            logic,
            phones=phones,
            emails=emails,
            dates=moments.local,
            match=match,
            depth=depth,
        )
    return offered, [*problems, *(CodedProblems(Reason.BAD_POLICY, each) for each in bad_policies)]


def _row_tags(cell: object) -> tuple[str, ...]:
    """Read a row's tags; a blank cell asks for none."""
    return () if is_missing(cell) else parse_tags(cell)


def _row_logic(cell: object) -> str:
    """Read a row's tags logic; a blank cell asks for all tags."""
    return "and" if is_missing(cell) else parse_tags_logic(cell)


def _without(present: npt.NDArray[np.bool_], refused: Iterable[Problems]) -> npt.NDArray[np.bool_]:
    """Take a rule out of the rows whose policy values cannot be used."""
    for problems in refused:
        if problems.texts:
            present = present & (problems.codes < 0)
    return present
