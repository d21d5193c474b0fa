"""How well the leads matched: rates by type, by rule or by any column; errors; counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.i18n.advice import advice_for
from ctnb.outcomes import Kind, Reason, Status
from ctnb.results.grouping import combinations, grouping
from ctnb.results.reached_leads import count_leads, reached_leads
from ctnb.results.restore import restore
from ctnb.results.rule_list import answer_groups, infer_rule_list, offered_types

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from ctnb.results.grouping import Grouping
    from ctnb.results.rule_list import RuleList

Floats = npt.NDArray[np.float64]

_Z: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution: 2.5 % are left out at each end."""


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the bounds of the 95 % score interval of a proportion.

    Parameters
    ----------
    successes, trials : array_like of float, one shape
        Counts, 0 <= successes <= trials; NaN where not known.

    Returns
    -------
    low, high : ndarray of float, the same shape
        Between 0 and 1; NaN where there were no trials.

    Notes
    -----
    With p = s/n the bounds are (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n): E. B. Wilson, "Probable
    Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), 209-212.

    >>> low, high = wilson([8], [10])
    >>> print(f"{low[0]:.3f} {high[0]:.3f}")
    0.490 0.943
    """
    s, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(n > 0, s / n, np.nan)
        centre = p + _Z**2 / (2 * n)
        margin = _Z * np.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        scale = 1 + _Z**2 / n
        # Rounding must not put the proportion itself outside its interval.
        low = np.clip((centre - margin) / scale, 0, p)
        high = np.clip((centre + margin) / scale, p, 1)
    return np.asarray(low), np.asarray(high)


def match_rates(frame: pd.DataFrame, by: Hashable | list[Any] = "type", *, prefix: str = PREFIX) -> pd.DataFrame:
    """Count what was offered, reached and matched, with the rates and their 95 % Wilson bounds.

    See `ctnb.match_rates`.
    """
    asked = grouping(frame, by)
    if asked.word is None:
        return _by_values(frame, asked, prefix)
    names = ["status", "matched", "matched_by", "rule", "offered"]
    results = restore(frame, prefix, only=names).assign(lead=reached_leads(frame, prefix))
    table_of = _by_type if asked.word == "type" else _by_rule
    # What is known of the rules comes of the whole frame.
    rules = infer_rule_list(results, answer_groups(results))
    if not asked.columns:
        return table_of(results, rules)
    return _by_values_and_word(results, asked, rules, table_of)


def _by_values_and_word(
    results: pd.DataFrame,
    asked: Grouping,
    rules: RuleList,
    table_of: Callable[[pd.DataFrame, RuleList], pd.DataFrame],
) -> pd.DataFrame:
    """Count by type or by rule within each combination of values."""
    index, codes = combinations(asked)
    order, ends = np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes, minlength=len(index)))
    tables = [table_of(results.iloc[rows], rules) for rows in np.split(order, ends[:-1])] if len(index) else []
    names = [*asked.columns]
    names.insert(asked.at, asked.word)
    keys = [
        _inserted(key if len(asked.columns) > 1 else (key,), asked.at, each)
        for key, table in zip(index, tables, strict=True)
        for each in table.index
    ]
    found = pd.concat(tables) if tables else table_of(results, rules).iloc[:0]
    levels = zip(*keys, strict=True) if keys else [()] * len(names)
    found.index = pd.MultiIndex.from_arrays([pd.Index(level, tupleize_cols=False) for level in levels], names=names)
    return found


def _inserted(key: tuple[Any, ...], at: int, each: Any) -> tuple[Any, ...]:
    return (*key[:at], each, *key[at:])


def _by_type(results: pd.DataFrame, rules: RuleList) -> pd.DataFrame:
    """Count rows by type."""
    groups = answer_groups(results)
    offered = set[str]().union(*offered_types(results["offered"]))
    counts = {kind.value: [0, 0, 0] for kind in Kind if kind in offered}
    for group in groups:
        last = rules.reached(group)
        for kind in set(group.offered):
            count = counts[kind]
            count[0] += group.rows
            count[1] += group.rows * (group.offered.index(kind) <= last)
            count[2] += group.rows * (group.kind == kind)
    kinds = list(counts)
    leads = _leads_of(
        results, results["matched_by"].astype(object).map({kind: at for at, kind in enumerate(kinds)}), len(kinds)
    )
    return _with_rates(pd.Index(kinds, name="type", dtype=str), counts.values(), leads)


def _by_rule(results: pd.DataFrame, rules: RuleList) -> pd.DataFrame:
    """Count rows by rule."""
    groups = answer_groups(results)
    matched = [0] * len(rules.kinds)
    offered: list[int | None] = [0 if kind and rules.complete else None for kind in rules.kinds]
    reached = offered.copy()
    elsewhere = 0
    for group in groups:
        if group.matched and group.rank is None:
            elsewhere += group.rows
            continue
        if group.rank is not None:
            matched[group.rank - 1] += group.rows
        last = rules.reached(group)
        for at, (kind, span) in enumerate(zip(group.offered, rules.spans(group.offered), strict=True)):
            first, end = span or (1, 0)
            for rank in [rank for rank in range(first, end + 1) if rules.kinds[rank - 1] == kind]:
                sure = first == end
                offered[rank - 1] = _plus(offered[rank - 1], group.rows, sure=sure)
                reached[rank - 1] = _plus(reached[rank - 1], group.rows * (at <= last), sure=sure)
    counts = list(zip(offered, reached, matched, strict=True))
    ranks: list[Any] = list(range(1, len(counts) + 1))
    kinds = list(rules.kinds)
    if elsewhere:
        counts, ranks, kinds = [*counts, (None, None, elsewhere)], [*ranks, pd.NA], [*kinds, None]
    # Rows whose rule is not known come last.
    leads = _leads_of(results, results["rule"].fillna(len(rules.kinds) + 1) - 1, len(rules.kinds) + 1)
    table = _with_rates(pd.Index(ranks, name="rule", dtype="Int64"), counts, leads[: len(ranks)])
    table.insert(0, "type", pd.Series(kinds, index=table.index, dtype="string"))
    return table


def _plus(count: int | None, rows: int, *, sure: bool) -> int | None:
    """Add to a count that is not known any more once rows come that may or may not belong to it."""
    return count + rows if sure and count is not None else None


def _leads_of(results: pd.DataFrame, groups: pd.Series[Any], count: int) -> list[int | None]:
    """Count the different leads of groups, given the number of each row's group."""
    numbers = pd.to_numeric(groups).fillna(-1).to_numpy(dtype=np.int64)
    matched = results["matched"].fillna(value=False).to_numpy(dtype=bool)
    return count_leads(results["lead"].to_numpy(dtype=np.int64), numbers, matched, count)


def _by_values(frame: pd.DataFrame, asked: Grouping, prefix: str) -> pd.DataFrame:
    matched = restore(frame, prefix, only=["status", "matched"])["matched"]
    index, codes = combinations(asked)
    is_matched = matched.fillna(value=False).to_numpy(dtype=bool)
    answered, found = (
        np.bincount(codes[some], minlength=len(index)).tolist() for some in (matched.notna().to_numpy(), is_matched)
    )
    leads = count_leads(reached_leads(frame, prefix), codes, is_matched, len(index))
    return _with_rates(index, zip(answered, answered, found, strict=True), leads)


def _with_rates(index: pd.Index, rows: Iterable[Iterable[int | None]], leads: Sequence[int | None]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), index=index, columns=["offered", "reached", "matched"], dtype="Int64")
    table["leads"] = pd.array(leads, dtype="Int64")
    matched = table["matched"].to_numpy(dtype=float, na_value=np.nan)
    for base in ("offered", "reached"):
        trials = table[base].to_numpy(dtype=float, na_value=np.nan)
        low, high = wilson(matched, trials)
        table[f"rate_{base}"] = np.divide(matched, trials, out=np.full(len(table), np.nan), where=trials > 0)
        table[f"rate_{base}_low"], table[f"rate_{base}_high"] = low, high
    return table


def errors(frame: pd.DataFrame, *, prefix: str = PREFIX) -> pd.DataFrame:
    """Count the rows that carry an error code, by status and code, the most frequent first.

    See `ctnb.errors`.
    """
    results = restore(frame, prefix, only=["status", "error_code", "error"])
    at_stake = (results["status"] != Status.COMMENTED) | (results["error_code"] == Reason.NOT_RECORDED)
    failed = results.loc[(results["error_code"].notna() & at_stake).to_numpy()]
    texts = failed.groupby(["status", "error_code", "error"], observed=True, dropna=False).size().rename("rows")
    frequent_first = texts.reset_index().sort_values("rows", ascending=False, kind="stable")
    by_code = frequent_first.groupby(["status", "error_code"], observed=True)
    table = pd.DataFrame({"rows": by_code["rows"].sum(), "example": by_code["error"].first()})
    table = table.sort_values("rows", ascending=False, kind="stable").reset_index()
    codes = [str(code) for code in table["error_code"]]
    low, high = wilson(table["rows"], len(frame))
    return pd.DataFrame(
        {
            "status": table["status"].array,
            "rows": table["rows"].array,
            "share": (table["rows"] / max(len(frame), 1)).array,
            "share_low": low,
            "share_high": high,
            "example": table["example"].array,
            "advice": pd.array([advice_for(code) for code in codes], dtype="string"),
        },
        index=pd.Index(codes, name="error_code", dtype=str),
    )


def counts(frame: pd.DataFrame, *, prefix: str = PREFIX) -> pd.Series[int]:
    """Count the rows by status. See `ctnb.counts`."""
    status = restore(frame, prefix, only=["status"])["status"]
    rows = np.bincount(status.cat.codes.to_numpy(), minlength=len(Status))
    return pd.Series(
        rows, index=pd.Index([member.value for member in Status], name="status", dtype=str), name="rows", dtype="int64"
    )
