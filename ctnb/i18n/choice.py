"""The choice of a language."""

from __future__ import annotations

from ctnb.exceptions import ConfigError
from ctnb.i18n.language import LANGUAGES, choose


def set_language(language: str | None) -> None:
    """Choose the language of everything that people read: plots, tables, widgets, errors, the command line.

    Parameters
    ----------
    language : {"en", "ru"} or None
        None goes by the locale again: Russian where it is Russian, else English.

    Raises
    ------
    ConfigError
        When there is no such language.

    Examples
    --------
    >>> import ctnb
    >>> ctnb.set_language("en")
    """
    if language is not None and language not in LANGUAGES:
        raise ConfigError(
            "The language {language!r} is not known. Use one of: {known}.",
            language=language,
            known=", ".join(LANGUAGES),
        )
    choose(language)
