"""Step 3: the comment's template, with what the first rows make of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import CtnbError
from ctnb.i18n.language import gettext, number
from ctnb.leads.columns.cells import column
from ctnb.leads.comment_template import COMMENT_TEMPLATE, parse_template
from ctnb.masking import Strength, masked
from ctnb.views.studio.widgets import button, field, heading, note, row, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

SHOWN = 3
"""Rows whose comment is shown."""
LONGEST_SHOWN = 2_000
"""Characters that are shown of a comment."""


class CommentStep:
    """The template as text, with a button for each column that inserts its field, and the job.

    Parameters
    ----------
    deals : DataFrame
    names : list of str
        Columns that have a button.
    template, job : str
        What to begin with.
    changed : callable
        Called after each change.
    """

    def __init__(
        self, deals: pd.DataFrame, names: Sequence[str], template: str, job: str, changed: Callable[[], None]
    ) -> None:
        self._deals = deals
        self._changed = changed
        self.text = field(
            ipywidgets.Textarea,
            gettext("Comment"),
            "wide",
            value=template,
            rows=3,
            placeholder=gettext("Text, with columns in braces"),
        )
        self.inserts = {
            name: button(name, partial(self._insert, name), "chip", tooltip=gettext("Insert {column}", column=name))
            for name in names
        }
        self.job = field(
            ipywidgets.Text,
            gettext("Job: under another name the same comment is sent once more"),
            value=job,
            continuous_update=False,
        )
        self._examples = ipywidgets.HTML()
        self.widget: Any = ipywidgets.VBox(
            [
                heading(
                    gettext("Comment"), gettext("A button adds its column's value to the text; each lead gets its own.")
                ),
                row([self.text]),
                row(self.inserts.values(), "chips"),
                row([self.job]),
                self._examples,
            ]
        )
        self.text.observe(self._on_change, "value")
        self.job.observe(self._on_change, "value")
        self._show()

    def _insert(self, name: str) -> None:
        self.text.value = f"{self.text.value}{{{name}}}"

    def _on_change(self, _: object) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        """Show the comments of the first rows, or why they cannot be written."""
        if not self.text.value.strip():
            self._examples.value = note(gettext("Write a text, or insert a column."))
            return
        try:
            rows = examples(self._deals, self.text.value)
        except CtnbError as error:
            self._examples.value = note(str(error), "error")
            return
        heads = (gettext("Row"), gettext("Comment"))
        self._examples.value = table(gettext("The first rows (phones and e-mails masked here)"), heads, rows)


def examples(deals: pd.DataFrame, template: str) -> list[tuple[str, str]]:
    """Return the 1-based numbers of the first rows with their comments, contacts masked.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        When the template cannot be used.
    """
    parsed, head = parse_template(template, list(deals.columns)), deals.head(SHOWN)
    cells = {name: column(head, name, wanted_by=COMMENT_TEMPLATE) for name in parsed.columns}
    texts, problems = parsed.render(cells, len(head))
    return [
        (number(row_number), masked(problem or text, Strength.SCREEN)[:LONGEST_SHOWN])
        for row_number, (text, problem) in enumerate(zip(texts.to_pylist(), problems.tolist(), strict=True), start=1)
    ]
