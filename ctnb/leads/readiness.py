"""Readiness of rows: whether a row can be sent, what is wrong in it, and the code that makes it invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ctnb.i18n.language import gettext
from ctnb.leads.columns.problems import Problems, combinations
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.columns.arrow_text import Flags
    from ctnb.leads.columns.problems import CodedProblems
    from ctnb.leads.rule_data import Offer
    from ctnb.leads.rules import Rule


def checked_rows(
    offers: Sequence[Offer], rules: Sequence[Rule], of_texts: Sequence[CodedProblems], of_rules: Sequence[CodedProblems]
) -> tuple[Flags, Problems, npt.NDArray[np.int8]]:
    """Check n rows: each needs a rule that has its data, and a comment that can be sent.

    Parameters
    ----------
    offers, rules : sequence, one for each rule
    of_texts : sequence of CodedProblems
        Any of them makes a row invalid.
    of_rules : sequence of CodedProblems
        They leave a rule out; a row is invalid when none is left.

    Returns
    -------
    ready : ndarray of bool, shape (n,)
    problems : Problems, length n
        All that is wrong in a row, each text once, those of the comment first.
    reason_codes : ndarray of int8, shape (n,)
        Index in `Reason` of the first problem's code; -1 where the row is ready.
    """
    ready = np.logical_or.reduce([each.present for each in offers])
    for each in of_texts:
        ready &= each.problems.codes < 0
    coded = [each for each in (*of_texts, *of_rules) if each.problems.texts]
    has_problem = np.zeros(len(ready), dtype=bool)
    for each in coded:
        has_problem |= each.problems.codes >= 0
    rows = np.flatnonzero(has_problem)
    set_codes, sets = combinations([each.problems for each in coded], rows)
    reasons_by_text = [_reasons_by_text(coded, codes) for codes in sets]
    codes = np.full(len(ready), -1, dtype=np.int32)
    codes[rows] = set_codes
    codes[~ready & ~has_problem] = len(reasons_by_text)
    reasons_by_text.append({_nothing_to_offer(rules): Reason.NO_IDENTIFIER})
    firsts = [list(Reason).index(next(iter(reasons.values()))) for reasons in reasons_by_text]
    return (
        ready,
        Problems(codes, ["; ".join(reasons) for reasons in reasons_by_text]),
        np.where(ready, np.int8(-1), np.array(firsts, dtype=np.int8)[codes]),
    )


def _reasons_by_text(coded: Sequence[CodedProblems], codes: Sequence[int]) -> dict[str, Reason]:
    """Return the texts of a set of problems, each once, with the reason that it comes with first."""
    reasons: dict[str, Reason] = {}
    for (reason, problems), code in zip(coded, codes, strict=True):
        if code >= 0:
            reasons.setdefault(problems.texts[code], reason)
    return reasons


def _nothing_to_offer(rules: Sequence[Rule]) -> str:
    """Name what a row would need for one rule at the least."""
    needs = []
    for rule in rules:
        contacts = [*(getattr(rule, "phones", None) or ()), *(getattr(rule, "emails", None) or ())]
        if not contacts:
            needs.append(rule.id)  # type: ignore[union-attr]
            continue
        date = rule.date  # type: ignore[union-attr]
        dates = date if isinstance(date, str) else gettext(" and ").join(date)
        needs.append(gettext("{contacts} with {dates}", contacts=gettext(" or ").join(contacts), dates=dates))
    wanted = gettext(", or ").join(dict.fromkeys(needs))
    return gettext("no rule has its data in this row: wanted is {wanted}", wanted=wanted)
