"""How well the leads matched: rates by type, by rule or by any column; errors; counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctnb.defaults import PREFIX
from ctnb.exceptions import ConfigError
from ctnb.i18n.advice import advice_for
from ctnb.outcomes import Kind, Reason, Status
from ctnb.results.grouping import grouping
from ctnb.results.restore import restore
from ctnb.results.rule_list import answer_groups, infer_rule_list, offered_types

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

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
        return _by_columns(frame, asked.columns, prefix)
    results = restore(frame, prefix, only=["status", "matched", "matched_by", "rule", "offered"])
    return _by_type(results) if asked.word == "type" else _by_rule(results)


def _by_type(results: pd.DataFrame) -> pd.DataFrame:
    groups = answer_groups(results)
    rules = infer_rule_list(results, groups)
    offered = set[str]().union(*offered_types(results["offered"]))
    counts = {kind.value: [0, 0, 0] for kind in Kind if kind in offered}
    for group in groups:
        last = rules.reached(group)
        for kind in set(group.offered):
            count = counts[kind]
            count[0] += group.rows
            count[1] += group.rows * (group.offered.index(kind) <= last)
            count[2] += group.rows * (group.kind == kind)
    return _with_rates(pd.Index(list(counts), name="type", dtype=str), counts.values())


def _by_rule(results: pd.DataFrame) -> pd.DataFrame:
    groups = answer_groups(results)
    rules = infer_rule_list(results, groups)
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
    table = _with_rates(pd.Index(ranks, name="rule", dtype="Int64"), counts)
    table.insert(0, "type", pd.Series(kinds, index=table.index, dtype="string"))
    return table


def _plus(count: int | None, rows: int, *, sure: bool) -> int | None:
    """Add to a count that is not known any more once rows come that may or may not belong to it."""
    return count + rows if sure and count is not None else None


def _by_columns(frame: pd.DataFrame, columns: tuple[Hashable, ...], prefix: str) -> pd.DataFrame:
    matched = restore(frame, prefix, only=["status", "matched"])["matched"]
    keys: dict[Hashable, Any] = {at: frame[name].array for at, name in enumerate(columns)}
    rows = pd.DataFrame(keys | {"answered": matched.notna().array, "matched": matched.fillna(value=False).array})
    try:
        groups = rows.groupby(list(keys), dropna=False, observed=True).sum()
    except TypeError as error:
        raise ConfigError(
            f"The rows cannot be grouped by {list(columns)}: {error}. Take a column of plain values."
        ) from None
    index = groups.index.set_names(list(columns))
    return _with_rates(index, zip(groups["answered"], groups["answered"], groups["matched"], strict=True))


def _with_rates(index: pd.Index, rows: Iterable[Iterable[int | None]]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), index=index, columns=["offered", "reached", "matched"], dtype="Int64")
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
