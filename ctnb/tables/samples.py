"""The sample deals and journals: in the checkout's ``data`` folder, and in the wheel."""

from __future__ import annotations

from pathlib import Path

from ctnb.i18n.language import gettext


def sample(name: str) -> Path:
    """Return the path of a sample file, such as ``deals.csv``.

    Raises
    ------
    FileNotFoundError
        When there is none of this name.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "_data", package.parent / "data"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(gettext("There is no sample file {name!r}.", name=name))
