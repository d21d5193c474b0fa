"""The language of the person at this machine: by the environment, else by the operating system."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""What names the locale; the first that is not blank counts, and ``C`` names English."""

PLAIN: Final = frozenset({"C", "POSIX"})
"""Locales in which ``LANGUAGE`` does not count, as in GNU gettext: a script that sets one wants stable English."""

_ASKING: Final = 2.0
"""Seconds that macOS may take for its answer."""


def system_locale(
    environ: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    *,
    windows: Callable[[], str] | None = None,
    mac: Callable[[], str] | None = None,
) -> str:
    """Return the name of a locale, such as ``ru_RU.UTF-8``, ``ru:en`` or ``ru-RU``; blank where nothing names one.

    Parameters
    ----------
    environ : mapping of str to str
    platform : str
        As of `sys.platform`.
    windows, mac : callable, optional
        Ask the system; by default its own functions.
    """
    named = next((value for name in VARIABLES if (value := environ.get(name, "").strip())), "")
    if named in PLAIN:
        return named
    if named := environ.get("LANGUAGE", "").strip() or named:
        return named
    if platform == "win32":
        return (windows or _windows_locale)()
    return (mac or _mac_locale)() if platform == "darwin" else ""


def _windows_locale() -> str:
    """Return the language in which Windows shows its own windows."""
    import ctypes
    import locale

    # By name: type checkers of other systems do not know it.
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009
    return locale.windows_locale.get(kernel.GetUserDefaultUILanguage(), "")


def _mac_locale() -> str:
    """Return the first of the languages that macOS is set to."""
    import subprocess

    try:
        answer = subprocess.run(
            ["/usr/bin/defaults", "read", "-g", "AppleLanguages"],
            capture_output=True,
            check=True,
            text=True,
            timeout=_ASKING,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return first_language(answer)


def first_language(answer: str) -> str:
    r"""Return the first name in a property list of names, as macOS prints it.

    >>> first_language('(\n    "ru-RU",\n    "en-RU"\n)\n')
    'ru-RU'
    """
    found = re.search(r"[A-Za-z]{2,3}(?:[-_]\w+)*", answer)
    return found[0] if found else ""
