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
do next. Every error holds its message alone, so that it pickles and carries no secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class CtnbError(Exception):
    """Root of everything that ctnb raises on purpose."""


class ConfigError(CtnbError, ValueError):
    """A setting is missing or cannot be used."""

    @classmethod
    def instead_of_a_frame(cls, given: object) -> ConfigError:
        """Name what was given in place of a pandas frame, and how it becomes one."""
        package = type(given).__module__.partition(".")[0]
        kind = type(given).__name__ if package == "builtins" else f"{package}.{type(given).__name__}"
        for call in ("to_pandas()", "collect().to_pandas()", "toPandas()", "compute()"):
            if hasattr(given, call.partition("(")[0]):
                return cls(f"Expected a pandas DataFrame, got {kind}. Pass what its .{call} returns.")
        return cls(f"Expected a pandas DataFrame, got {kind}. Read a file with ctnb.read_leads, or make a frame of it.")


class ColumnNotFoundError(CtnbError, KeyError):
    """A column that a rule, a template or an option names is not in the frame."""

    def __str__(self) -> str:
        # KeyError shows its argument's repr, which would quote the sentence.
        return str(self.args[0]) if self.args else ""

    @classmethod
    def among(cls, name: object, columns: Iterable[object], *, wanted_by: str) -> ColumnNotFoundError:
        """Name the missing column, who wanted it, and the nearest columns there are."""
        from difflib import get_close_matches

        names = [str(column) for column in columns]
        folded = {candidate.casefold(): candidate for candidate in reversed(names)}
        near = [folded[hit] for hit in get_close_matches(str(name).casefold(), folded, n=3, cutoff=0.5)]
        if near:
            advice = "Did you mean " + " or ".join(repr(hit) for hit in near) + "?"
        elif names:
            shown = ", ".join(repr(candidate) for candidate in names[:10])
            advice = f"The frame has {shown}{' and others' if len(names) > 10 else ''}."
        else:
            advice = "The frame has no columns."
        return cls(f"There is no column {str(name)!r}, which {wanted_by} needs. {advice}")


class RuleError(CtnbError, ValueError):
    """A rule, a rule list or a comment template cannot be used."""


class MissingExtraError(CtnbError, ImportError):
    """An optional package is needed and not installed."""

    @classmethod
    def of(cls, package: str, *, extra: str, purpose: str) -> MissingExtraError:
        """Say which package is missing, what for, and the command that installs it."""
        # The last sentence goes with the first release.
        return cls(
            f'{purpose} needs {package}. Install it with: pip install "ctnb[{extra}]". Until ctnb is on PyPI, write '
            f'the path of its checkout or wheel in place of ctnb: pip install "/path/to/ctnb[{extra}]"'
        )


class LedgerError(CtnbError):
    """The ledger cannot be opened or written, so nothing may be sent."""


class JournalError(CtnbError):
    """The account's journal of calls or requests cannot be read, from the vendor or from a file."""
