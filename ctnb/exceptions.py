"""What ctnb raises.

::

    CtnbError
    ├── ConfigError          (also ValueError)   a setting is missing or wrong
    ├── ColumnNotFoundError  (also KeyError)     a column that is named is not in the frame
    ├── RuleError            (also ValueError)   a rule or a comment template cannot be used
    ├── MissingExtraError    (also ImportError)  an optional package is not installed
    ├── LedgerError                              the record of what was sent cannot be relied on
    └── JournalError                             the account's journal cannot be read

A message says what failed, the value (masked where it is a contact), what was allowed, and what to
do next. An error keeps the key of its message and the values in it, and is put into words when it is shown, in the
language in force then; it holds nothing else, so that it pickles and carries no secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctnb.i18n.message import LazyMessage, lazy_gettext

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ColumnNotFoundError",
    "ConfigError",
    "CtnbError",
    "JournalError",
    "LedgerError",
    "MissingExtraError",
    "RuleError",
]

_MOST_NAMES: Final = 10


class CtnbError(Exception):
    """Root of everything that ctnb raises on purpose.

    Parameters
    ----------
    message : str or LazyMessage
        English, a literal, so that it is found for the catalogue; or a message that was kept before.
    **values : object
        What the fields of the message stand for; other messages and errors too.
    """

    def __init__(self, message: str | LazyMessage = "", /, **values: object) -> None:
        super().__init__(message if isinstance(message, LazyMessage) else lazy_gettext(message, **values))

    def __str__(self) -> str:
        return str(self.args[0])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class ConfigError(CtnbError, ValueError):
    """A setting is missing or cannot be used."""

    @classmethod
    def instead_of_a_frame(cls, given: object) -> ConfigError:
        """Name what was given in place of a pandas frame, and how it becomes one."""
        package = type(given).__module__.partition(".")[0]
        kind = type(given).__name__ if package == "builtins" else f"{package}.{type(given).__name__}"
        for call in ("to_pandas()", "collect().to_pandas()", "toPandas()", "compute()"):
            if hasattr(given, call.partition("(")[0]):
                return cls(
                    "Expected a pandas DataFrame, got {kind}. Pass what its .{call} returns.", kind=kind, call=call
                )
        return cls(
            "Expected a pandas DataFrame, got {kind}. Read a file with ctnb.read_leads, or make a frame of it.",
            kind=kind,
        )


class ColumnNotFoundError(CtnbError, KeyError):
    """A column that a rule, a template or an option names is not in the frame."""

    @classmethod
    def among(
        cls, name: object, columns: Iterable[object], *, wanted_by: str | LazyMessage, also: Iterable[str] = ()
    ) -> ColumnNotFoundError:
        """Name the missing column, who wanted it, what else it may be called, and the nearest columns there are."""
        from difflib import get_close_matches

        names = [str(column) for column in columns]
        folded = {candidate.casefold(): candidate for candidate in reversed(names)}
        near = [folded[hit] for hit in get_close_matches(str(name).casefold(), folded, n=3, cutoff=0.5)]
        if near:
            advice = lazy_gettext("Did you mean {names}?", names=", ".join(map(repr, near)))
        elif len(names) > _MOST_NAMES:
            advice = lazy_gettext("The frame has {names} and others.", names=", ".join(map(repr, names[:_MOST_NAMES])))
        elif names:
            advice = lazy_gettext("The frame has {names}.", names=", ".join(map(repr, names)))
        else:
            advice = lazy_gettext("The frame has no columns.")
        if others := ", ".join(map(repr, also)):
            advice = lazy_gettext("An export of the account calls it {others}. {advice}", others=others, advice=advice)
        return cls(
            "There is no column {name!r}, which {wanted_by} needs. {advice}",
            name=str(name),
            wanted_by=wanted_by,
            advice=advice,
        )


class RuleError(CtnbError, ValueError):
    """A rule, a rule list or a comment template cannot be used."""


class MissingExtraError(CtnbError, ImportError):
    """An optional package is needed and not installed."""

    @classmethod
    def of(cls, package: str, *, extra: str, purpose: str | LazyMessage) -> MissingExtraError:
        """Say which package is missing, what for, and the command that installs it."""
        # The last sentence goes with the first release.
        return cls(
            '{purpose} needs {package}. Install it with: pip install "ctnb[{extra}]". Until ctnb is on PyPI, write '
            'the path of its checkout or wheel in place of ctnb: pip install "/path/to/ctnb[{extra}]"',
            purpose=purpose,
            package=package,
            extra=extra,
        )


class LedgerError(CtnbError):
    """The ledger cannot be opened or written, so nothing may be sent."""


class JournalError(CtnbError):
    """The account's journal of calls or requests cannot be read, from the vendor or from a file."""
