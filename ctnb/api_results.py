"""The verbs of frames of results as functions; `ctnb.api` has all verbs.

Importing this module costs next to nothing: each verb loads what it needs when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnb.defaults import PREFIX

if TYPE_CHECKING:
    import os
    from collections.abc import Hashable, Iterable
    from pathlib import Path

    import pandas as pd

    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Rule
    from ctnb.results.compare import Comparison
    from ctnb.views.dashboard.dashboard import Dashboard


def match_rates(frame: pd.DataFrame, by: Hashable | list[Any] = "type", *, prefix: str = PREFIX) -> pd.DataFrame:
    """Count what was offered, reached and matched, with the rates and their 95 % Wilson bounds.

    Only answered rows count, whether answered now or replayed from the ledger.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    by : "type", "rule", a column, a Series, a Grouper, or a list of them
        "type": a row per matching type that was offered to any row, in the contract's order.
        "rule": a row per rule, by its rank in the rule list, from 1.
        A column of the frame: a row per value, missing values in a row of their own.
        A Series with the frame's index, or a ``pd.Grouper`` such as ``pd.Grouper(key="date", freq="W")``: likewise.
        A list: a row per combination, and an index of as many levels: ``["manager", "type"]`` has the types within each
        manager. A tuple is the name of one column.
        The two words win over columns of the same name: for a column called "type" pass ``by=["type"]``.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    DataFrame
        Index named "type", "rule" (Int64) or as the columns. `offered`, `reached`, `matched`, `leads` (Int64: the
        different leads that took the comments, NA where an answer does not name its lead), and as
        fractions `rate_offered`, `rate_reached`, each with `_low` and `_high` (float, NaN where nothing was
        offered or reached). By rule, a column `type` comes first.

        By type, `reached` counts the rows known to have come to the type's first rule. A matched row whose
        winner is not known counts only up to the first type that may have won, and in no `matched`.

        By rule, the matched rows whose rule is not known (`rule` is NA: they were answered under another rule
        list, say) are not counted as offered or reached, for what they were offered may not be of this list.
        They stand in a last row, with NA for a rule, so that `matched` adds up to the matched rows.
        `offered` and `reached` are also NA where the results do not show to which rule an offer belongs:
        two rules of a type of which a row was offered one, or results of different rule lists in one frame. The
        rule list is taken to be the shortest that explains the frame, so a rule that was offered to no row is
        not seen, unless a later one has matched.

        By column, `offered` and `reached` are both the answered rows of the group.

    Raises
    ------
    ColumnNotFoundError
        A column of `by` is not in the frame.
    ConfigError
        The frame has no results under `prefix`, or cannot be grouped by `by`.
    """
    from ctnb.results import rates

    return rates.match_rates(frame, by, prefix=prefix)


def errors(frame: pd.DataFrame, *, prefix: str = PREFIX) -> pd.DataFrame:
    """Count the rows that carry an error code, by status and code, the most frequent first.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    DataFrame
        Index "error_code" (a code comes twice when it stands with two statuses); `status`, `rows` (int64),
        `share` of all rows of the frame as a fraction with 95 % Wilson bounds `share_low` and `share_high`,
        `example` (the most frequent text, NA where there is none) and `advice` in the language in force. Commented
        rows are left out, unless the ledger could not keep that they are.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """
    from ctnb.results import rates

    return rates.errors(frame, prefix=prefix)


def counts(frame: pd.DataFrame, *, prefix: str = PREFIX) -> pd.Series[int]:
    """Count the rows by status.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    Series of int64, length 7
        Named "rows", index "status" in the order of ``ct_status``, zeros included; it adds up to the rows of the frame.

    Raises
    ------
    ConfigError
        The frame has no results under `prefix`.
    """
    from ctnb.results import rates

    return rates.counts(frame, prefix=prefix)


def compare(frame: pd.DataFrame, before: pd.DataFrame, key: str | None = None, *, prefix: str = PREFIX) -> Comparison:
    """Compare two results of the same deals: row by row, and in their match rates.

    Parameters
    ----------
    frame : DataFrame
        The results after, under `prefix`, of this process or loaded again. It is not changed.
    before : DataFrame
        The results before, likewise. Either may be a preview's frame, so that what was predicted stands beside what
        came; all that is shown calls that side predicted.
    key : str, optional
        Column, or level of the index, that names the deal in both. As everywhere in ctnb ``1013``, ``1013.0`` and
        ``"1013"`` are one key. Rows of one key that agree in status, match, type and error are one; where they do not,
        they are not paired, for which belongs to which is not known. Rows without a key are not paired either.
        By default the index pairs the rows; it must be unique and of one kind in both. Numbers of rows alone (the
        index of a frame that was just read) pair only rows whose other cells show that they are the same deals: by a
        column that tells the rows apart and is the same in each, or where the columns that both frames have are the
        same in all. Else they are refused: two exports may have any deals in any order.
    prefix : str
        What the names of the results begin with, in both.

    Returns
    -------
    Comparison
        `rows` (a row for each pair and each row without a partner, with ``change``), `changes` (pairs by status before
        and after), `counts`, `unpaired`, `rates(by)` with the difference and its 95 % interval for paired proportions
        (Newcombe 1998, method 10), and `plot(by)`; ``len`` is the number of pairs. Shown in a notebook it is a card,
        without keys and contacts.

    Raises
    ------
    ColumnNotFoundError
        One of the frames has no column `key`.
    ConfigError
        A frame has no results under `prefix`; or there is no key, and the indexes cannot pair the rows.

    Examples
    --------
    >>> import ctnb, pandas as pd
    >>> before = pd.DataFrame({"deal": [1, 2], "ct_status": ["unmatched", "commented"], "ct_matched": [False, True]})
    >>> after = pd.DataFrame({"deal": ["2", "1"], "ct_status": ["commented"] * 2, "ct_matched": [True, True]})
    >>> compared = ctnb.compare(after, before, key="deal")
    >>> compared.rows["change"].to_dict()
    {'2': 'same', '1': 'gained'}
    >>> compared.rates()[["pairs", "rate_before", "rate_after", "difference"]].to_dict("list")
    {'pairs': [2], 'rate_before': [0.5], 'rate_after': [1.0], 'difference': [0.5]}
    """
    from ctnb.results.compare import compare

    return compare(frame, before, key, prefix=prefix)


def report(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    rules: Rule | Iterable[Rule] | Rulebook | None = None,
    by: Hashable | list[Any] | None = None,
    date: Hashable | None = None,
    title: str | None = None,
    prefix: str = PREFIX,
) -> Path:
    """Write a report of how the leads matched, as one HTML file without a contact in it.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again.
    path : str or path
        Ends with ``.html`` or ``.htm``. A file that is there is replaced at once, whole or not at all.
    rules : rules or Rulebook, optional
        Put into words, with the TOML of their rule file folded under them.
    by : column, list of columns, or list of such lists, optional
        A part for the match rate by a column, such as ``"manager"``, or by a combination of columns, such as
        ``["manager", "stage"]``; ``[["manager"], ["stage"]]`` asks for a part by each. The rates by "type" and by
        "rule" are always there. As in `ctnb.match_rates` a tuple is one column's name. Values that may be contacts are
        masked, and those that then look alike are one group.
    date : column, optional
        For the match rate over time. By default the frame's first column of dates, one of creation before
        others; there is no such part where there is none.
    title : str, optional
        Of the page.
    prefix : str
        What the names of the results begin with.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ColumnNotFoundError
        A column that is named is not in the frame.
    ConfigError
        The frame has no results under `prefix` or cannot be grouped by a column, or the path is a folder, has another
        ending or cannot be written.
    RuleError
        The rules cannot be used.
    """
    from ctnb.views.report import report

    return report(frame, path, rules=rules, by=by, date=date, title=title, prefix=prefix)


def dashboard(
    frame: pd.DataFrame, *, prefix: str = PREFIX, before: pd.DataFrame | None = None, key: str | None = None
) -> Dashboard:
    """Show the results on one sheet: the finding, filters, charts of rates, errors and time, and the rows themselves.

    A click on a bar shows its rows alone. Rows and pictures are downloaded through the browser, contacts as in the
    frame.

    Parameters
    ----------
    frame : DataFrame
        With results under `prefix`, of this process or loaded again. It is not changed.
    prefix : str
        What the names of the results begin with.
    before : DataFrame, optional
        Results of an earlier run over the same deals, under the same prefix: a chart compares the match rates.
    key : str, optional
        A column or level of the index that pairs the rows of the two; by default the index does. See `compare`.

    Returns
    -------
    Dashboard
        A widget. A notebook that is saved without it shows the summary of the whole frame, contacts masked.

    Raises
    ------
    ConfigError
        A frame has no results under `prefix`, or the two cannot be paired.
    ColumnNotFoundError
        `key` is not in one of the two.
    MissingExtraError
        The extra ``notebook`` is not installed.
    """
    from ctnb.views.dashboard.dashboard import dashboard

    return dashboard(frame, prefix=prefix, before=before, key=key)
