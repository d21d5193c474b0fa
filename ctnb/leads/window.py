"""Some rows of a plan, planned together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctnb.leads.columns.problems import CodedProblems
from ctnb.leads.comment_template import Field, Template
from ctnb.leads.comment_texts import check_texts
from ctnb.leads.identity import lead_identities
from ctnb.leads.readiness import checked_rows
from ctnb.leads.reading import ReadCounts, thin_rows
from ctnb.leads.rule_data import ParsedColumns, offer
from ctnb.leads.spreadsheet_numbers import lost_keys
from ctnb.leads.stacking import Window
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ctnb.leads.rules import Rule


def planned_window(
    rules: Sequence[Rule], template: Template, columns: ParsedColumns, keys: pd.Series[Any] | None
) -> Window:
    """Plan some rows, given their cells and, where there is a key, its cells."""
    offers, found = zip(*(offer(rule, rank, columns) for rank, rule in enumerate(rules, start=1)), strict=True)
    texts, misfits = template.render(columns.cells, columns.length, columns.forms.serials)
    # Rules that read the same column have the same problems.
    problems = {id(each.problems): each for several in found for each in several}
    refused, reading = check_texts(texts, misfits), ReadCounts()
    if keys is not None:
        damaged = lost_keys(keys)
        reading.damaged_keys = len(damaged.rows)
        refused.append(CodedProblems(Reason.BAD_IDENTIFIER, damaged))
    ready, shown, reason_codes = checked_rows(offers, rules, refused, list(problems.values()))
    columns.count_into(reading)
    fields = [part for part in template.parts if isinstance(part, Field)]
    without_default = [columns.cells[each.column] for each in fields if not each.default]
    reading.thin = int(np.count_nonzero(ready & thin_rows(without_default, len(fields), len(ready))))
    named = lead_identities(offers, keys, len(texts))
    return Window(list(offers), texts, named, ready, shown, reason_codes, reading)
