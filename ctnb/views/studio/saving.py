"""Saving the table with the answers as a file, for those who do not go on in code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.errors import ConfigError
from ctnb.files import write_table
from ctnb.language import said
from ctnb.views.studio.look import button, field, row
from ctnb.views.studio.notice import Notice

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Saving"]


class Saving:
    """The name of a file, and a button that writes it in the working directory.

    Parameters
    ----------
    result : DataFrame
        What is written.
    """

    def __init__(self, result: pd.DataFrame) -> None:
        self._result = result
        self.notice = Notice()
        label = said("Save the table with the answers as (.csv, .xlsx)")
        self.name = field(ipywidgets.Text, label, value=free_name("comments.csv"))
        self.save = button(said("Save"), self.notice.guarded(self._save))
        self.widget: Any = ipywidgets.VBox([row([self.name, self.save]), self.notice.widget])

    def _save(self) -> None:
        path = Path(self.name.value.strip())
        if path.exists():
            raise ConfigError(said("There is a file {name} already. Choose another name.", name=path.name))
        write_table(self._result, path)
        self.notice.say(said("Saved: {path}", path=path.resolve()), "good")


def free_name(name: str) -> str:
    """Return a file name that is not taken: ``comments.csv``, else ``comments_2.csv`` and so on."""
    path, number = Path(name), 1
    while path.exists():
        number += 1
        path = Path(f"{Path(name).stem}_{number}{Path(name).suffix}")
    return path.name
