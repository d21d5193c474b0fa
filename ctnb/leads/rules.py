"""Rules: ways in which the vendor looks for the lead of a row.

Parameters that name data take column names (``id``, ``phones``, ``emails``, ``date``). Parameters
that set policy take literals, or ``col("name")`` for a value per row (``match``, ``depth``, ``tags``,
``tags_logic``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, TypeAlias

from ctnb.exceptions import RuleError
from ctnb.leads.columns.cells import described, is_unicode
from ctnb.leads.limits import RULES_PER_LEAD
from ctnb.leads.policies import DepthValue, parse_depth, parse_match, parse_tags, parse_tags_logic
from ctnb.leads.rule_repr import RuleRepr
from ctnb.outcomes import Kind


@dataclass(frozen=True, slots=True)
class Col:
    """A column that gives a policy value for each row."""

    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_column(self.name, "col"))

    def __repr__(self) -> str:
        return f"col({self.name!r})"


def col(name: str) -> Col:
    """Take a policy value (``match``, ``depth``, ``tags``, ``tags_logic``) or a comment from a column, row by row.

    >>> col("depth_minutes")
    col('depth_minutes')
    """
    return Col(name)


def checked_column(name: object, parameter: str) -> str:
    """Return a column name; ``col("name")`` stands for the name that it holds."""
    if isinstance(name, Col):
        return name.name
    if not isinstance(name, str) or not name.strip() or not is_unicode(name):
        raise RuleError(
            "{parameter} is {value}; the name of a column is wanted.", parameter=parameter, value=described(name)
        )
    return name


def checked_columns(names: object, parameter: str) -> tuple[str, ...]:
    """Return column names, one or several, without repeats."""
    if names is None:
        return ()
    several = [names] if isinstance(names, str | Col) or not isinstance(names, Iterable) else list(names)
    return tuple(dict.fromkeys(checked_column(name, parameter) for name in several))


def checked_date(names: object, parameter: str) -> str | tuple[str, ...]:
    """Return the name of a column of moments, or of two: of the date, and of the time."""
    if isinstance(names, str | Col) or not isinstance(names, Iterable):
        return checked_column(names, parameter)
    several = checked_columns(names, parameter)
    if len(several) not in {1, 2}:
        raise RuleError(
            "{parameter} has {count} columns: expected one, or one with the date and one with the time.",
            parameter=parameter,
            count=len(several),
        )
    return several[0] if len(several) == 1 else several


def _policy(rule: object, **parsers: Callable[[object], object]) -> None:
    """Replace each literal policy of a rule by its parsed form; a column is read row by row, later."""
    for name, parse in parsers.items():
        value = getattr(rule, name)
        if isinstance(value, Col):
            continue
        try:
            object.__setattr__(rule, name, parse(value))
        except ValueError as refusal:
            raise RuleError("{rule}: {refusal}.", rule=type(rule).__name__, refusal=refusal) from None


@dataclass(frozen=True, slots=True, repr=False)
class Call(RuleRepr):
    """Find a call by its id.

    Parameters
    ----------
    id : str
        Column with the vendor's call id (whole numbers), or with texts that are tried against every
        id a call has: call id, ``callReferenceId``, ``sipCallId``.
    tags : list of str or col, optional
        Tags that the call must also carry, else the next rule is tried.
    tags_logic : {"and", "or"} or col
        Whether all tags are wanted or any of them.

    Raises
    ------
    RuleError
        When a parameter cannot be used; the message says what is allowed.
    """

    kind: ClassVar[Kind] = Kind.CALL

    id: str
    _: KW_ONLY
    tags: Sequence[str] | str | Col | None = None
    tags_logic: str | Col = "and"

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", checked_column(self.id, "Call: id"))
        _policy(self, tags=parse_tags, tags_logic=parse_tags_logic)


@dataclass(frozen=True, slots=True, repr=False)
class Request(RuleRepr):
    """Find a request (a form, an order) by its id.

    Parameters
    ----------
    id : str
        Column with the vendor's request id (whole numbers), or with texts that are also tried
        against the id that the site's form passed (``requestNumber``).
    tags, tags_logic
        As in `Call`.

    Raises
    ------
    RuleError
        When a parameter cannot be used; the message says what is allowed.
    """

    kind: ClassVar[Kind] = Kind.REQUEST

    id: str
    _: KW_ONLY
    tags: Sequence[str] | str | Col | None = None
    tags_logic: str | Col = "and"

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", checked_column(self.id, "Request: id"))
        _policy(self, tags=parse_tags, tags_logic=parse_tags_logic)


@dataclass(frozen=True, slots=True, repr=False)
class CallContact(RuleRepr):
    """Find a call by the caller's phone, near a moment.

    Parameters
    ----------
    phones : str or list of str
        Columns with phones; every valid number in them is offered, in this order.
    date : str or list of str
        Column with the moment of the lead looked for, or two: one with the date, and one with the time.
    depth : int, str, timedelta or col
        How far from ``date`` to look: minutes (1 to 525600), ``"90m"``, ``"2h"``, ``"7d"``.
    match : {"nearest", "nearestUniq", "nearestUniqLead"} or col
        Which lead is taken when several fit.
    tags, tags_logic
        As in `Call`.
    undocumented : bool
        Accept a ``match`` that the vendor does not document.

    Raises
    ------
    RuleError
        When a parameter cannot be used; the message says what is allowed.
    """

    kind: ClassVar[Kind] = Kind.CALL_CONTACT

    phones: Sequence[str] | str
    date: Sequence[str] | str
    _: KW_ONLY
    depth: DepthValue | Col
    match: str | Col = "nearest"
    tags: Sequence[str] | str | Col | None = None
    tags_logic: str | Col = "and"
    undocumented: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "phones", checked_columns(self.phones, "CallContact: phones"))
        if not self.phones:
            raise RuleError("CallContact: phones is empty; name one column at least.")
        object.__setattr__(self, "date", checked_date(self.date, "CallContact: date"))
        _contact_policy(self)


@dataclass(frozen=True, slots=True, repr=False)
class RequestContact(RuleRepr):
    """Find a request by its phone or e-mail, near a moment; phones are tried first.

    Parameters
    ----------
    date : str or list of str
        As in `CallContact`.
    depth, match, tags, tags_logic, undocumented
        As in `CallContact`.
    phones, emails : str or list of str, optional
        Columns with phones and e-mails; one column at least in all.

    Raises
    ------
    RuleError
        When a parameter cannot be used; the message says what is allowed.
    """

    kind: ClassVar[Kind] = Kind.REQUEST_CONTACT

    date: Sequence[str] | str
    _: KW_ONLY
    depth: DepthValue | Col
    phones: Sequence[str] | str | None = None
    emails: Sequence[str] | str | None = None
    match: str | Col = "nearest"
    tags: Sequence[str] | str | Col | None = None
    tags_logic: str | Col = "and"
    undocumented: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "phones", checked_columns(self.phones, "RequestContact: phones"))
        object.__setattr__(self, "emails", checked_columns(self.emails, "RequestContact: emails"))
        if not self.phones and not self.emails:
            raise RuleError("RequestContact: neither phones nor emails is given; name one column at least.")
        object.__setattr__(self, "date", checked_date(self.date, "RequestContact: date"))
        _contact_policy(self)


def _contact_policy(rule: CallContact | RequestContact) -> None:
    """Check and parse the policies that the two contact rules share."""
    if not isinstance(rule.undocumented, bool):
        raise RuleError(
            "{rule}: undocumented is {value}; true or false is wanted.",
            rule=type(rule).__name__,
            value=described(rule.undocumented),
        )
    _policy(
        rule,
        depth=parse_depth,
        match=lambda value: parse_match(value, undocumented=rule.undocumented),
        tags=parse_tags,
        tags_logic=parse_tags_logic,
    )


Rule: TypeAlias = Call | Request | CallContact | RequestContact


def checked_rules(rules: Rule | Iterable[Rule]) -> tuple[Rule, ...]:
    """Return a rule list in the order of its priority.

    Raises
    ------
    RuleError
        When it is empty, holds something else than rules, or more than 20 (contract).
    """
    if isinstance(rules, str) or not isinstance(rules, Rule | Iterable):
        raise RuleError(
            "rules is {rules!r}; a list of Call, Request, CallContact and RequestContact is wanted.", rules=rules
        )
    listed = (rules,) if isinstance(rules, Rule) else tuple(rules)
    for rank, rule in enumerate(listed, start=1):
        if not isinstance(rule, Rule):
            raise RuleError(
                "Rule {rank} is {rule!r}; Call, Request, CallContact or RequestContact is wanted.", rank=rank, rule=rule
            )
    if not listed:
        raise RuleError("The rule list is empty; give one rule at least.")
    if len(listed) > RULES_PER_LEAD:
        raise RuleError(
            "The rule list holds {count} rules; the vendor takes at most {most} for a lead.",
            count=len(listed),
            most=RULES_PER_LEAD,
        )
    return listed
