"""``ddf.calltouch`` of Dask, registered by importing this module: `plan`, `preview` and `comment`, lazily.

A verb builds a graph, and sends nothing. Keys that stand in several partitions are looked for first, from the column of
keys alone; the rows that have them are planned and sent together by one task; every other task has a partition's own
rows. No task has a token: each worker makes its connection of its own environment.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ctnb import api, planning
from ctnb.connection import Connection
from ctnb.defaults import PREFIX
from ctnb.exceptions import ConfigError, MissingExtraError

try:
    from dask import config
    from dask.dataframe import from_delayed
    from dask.dataframe.extensions import register_dataframe_accessor
    from dask.dataframe.utils import clear_known_categories
    from dask.delayed import delayed
except ImportError:
    raise MissingExtraError.of("dask", extra="dask", purpose="ctnb.engines.dask") from None

from ctnb.engines.dask_worker import CommentTask, PlanTask, PreviewTask, WorkerAccount
from ctnb.engines.spread_keys import Shared, gathered, keys_of, spread_keys, spread_rows
from ctnb.leads.rulebook import Rulebook
from ctnb.results.columns import join
from ctnb.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from dask.dataframe import DataFrame

NOT_CALLED = "-"
"""Stands for a comment that a callable makes, while a graph is built: it is called on the user's rows alone."""


@register_dataframe_accessor("calltouch")  # type: ignore[no-untyped-call]
class DaskDealsAccessor:
    """The verbs on a frame in partitions: each returns a frame of Dask, and nothing is done until it is computed.

    Sending is bound by the vendor's pace, 500 leads a second from one address, however many workers there are: this is
    for data larger than memory, and for workers behind several addresses.

    Parameters
    ----------
    frame : dask.dataframe.DataFrame
        n rows, any partitions, index and divisions, which the results keep.

    Notes
    -----
    A key is needed. Rows whose key stands in several partitions pass through one task, all others do not. A column's
    form (whole numbers, dates as a spreadsheet stores them) is what a partition's cells say; rows without a key are
    leads of their partition's own, and offers of theirs are not put together with those of others.
    """

    def __init__(self, frame: DataFrame) -> None:
        self._frame = frame
        self._empty: pd.DataFrame = frame._meta  # noqa: SLF001  Dask's own name for the frame of no row

    def plan(
        self, rules: Any, comment: Any = None, *, key: str | None = None, connection: Any = None, **options: Any
    ) -> Any:
        """Show what `comment` would send: the columns of `ctnb.Plan.frame`.

        Parameters
        ----------
        rules, comment, key, connection, **options
            As for `ctnb.plan`; a comment may be a template, a `ctnb.col`, or a callable that takes a partition. Without
            a connection no ledger is asked.

        Returns
        -------
        dask DataFrame
            A row per row, same order, index and divisions.

        Raises
        ------
        RuleError, ColumnNotFoundError, ConfigError
            When the graph is built.
        """
        rules = _kept(rules)
        book, text = _checked_job(rules, comment, key, connection)
        _check_options(api.plan, options)
        empty = planning.plan(
            self._empty, book, _stand_in(text), key=key, connection=connection, recorded=False, **options
        )
        account = None if connection is None else WorkerAccount(connection)
        task = PlanTask(account, (rules, comment), {**options, "key": key})
        return self._lazily(task, empty.frame, _key(book, key), _alone)

    def preview(self, rules: Any, comment: Any = "", *, journal: Any, key: str | None = None, **options: Any) -> Any:
        """Look up in the account's journal what would match; nothing is sent.

        Parameters
        ----------
        rules, comment, journal, key, **options
            As for `ctnb.preview`. The journal stands once in the graph, and each worker gets it once.

        Returns
        -------
        dask DataFrame
            The deals with the columns of `ctnb.Preview.frame`; same order, index and divisions.

        Raises
        ------
        RuleError, ColumnNotFoundError, ConfigError
            When the graph is built.
        """
        rules = _kept(rules)
        book, text = _checked_job(rules, comment or None, key)
        _check_options(api.preview, options)
        stand_in = comment if text is None else _stand_in(text)
        empty = planning.preview(self._empty, book, stand_in, journal=journal, key=key, **options)
        task = PreviewTask((rules, comment), {**options, "key": key, "journal": journal})
        return self._lazily(task, empty.frame, _key(book, key), join)

    def comment(
        self, rules: Any, comment: Any = None, *, key: str | None = None, connection: Any = None, **options: Any
    ) -> Any:
        """Comment the leads when the frame is computed, and join the answers to it.

        A second compute sends nothing, nor does a task that runs twice: it waits for rows that the other has.

        Parameters
        ----------
        rules, comment, key, **options
            As for `ctnb.comment`; a comment may be a template, a `ctnb.col`, or a callable that takes a partition. No
            progress bar is shown unless ``progress=True``.
        connection : Connection, optional
            By default each worker makes one of its environment. The token, and the password of the ledger, are those
            of the worker's environment in any case.

        Returns
        -------
        dask DataFrame
            The deals with 18 more columns; same order, index and divisions.

        Raises
        ------
        RuleError, ColumnNotFoundError, ConfigError
            When the graph is built. What only a worker can see is raised by `compute`: no token there, a ledger that
            the workers do not share.
        """
        rules = _kept(rules)
        book, text = _checked_job(rules, comment, key, connection)
        _check_options(api.comment, options)
        if options.get("limit") is not None:
            raise ConfigError(
                "limit: expected None, for partitions do not know how many leads the others send. Take the first rows "
                "instead, such as ddf.partitions[:2], or ddf.head(1000) and its own verbs."
            )
        asked = options.get("resend")
        if asked == "uncertain" or (asked is not None and not isinstance(asked, str) and "uncertain" in asked):
            raise ConfigError(
                'resend="uncertain": a task that a scheduler repeats would send a comment a third time. Compute the '
                'rows first, and send them again from pandas: rows = done[done["ct_status"] == "uncertain"].compute().'
            )
        # One of no account, where each worker makes its own: nothing is sent to it.
        checked = Connection(1, "-", base_url="http://127.0.0.1") if connection is None else connection
        empty = Run.prepare(self._empty, book, _stand_in(text), connection=checked, key=key, **_of_run(options))
        task = CommentTask(WorkerAccount(connection), (rules, comment), {"progress": False, **options, "key": key})
        return self._lazily(task, empty.joined(), _key(book, key), join, options.get("prefix", PREFIX))

    def _lazily(
        self, task: Any, meta: pd.DataFrame, key: str, joined: Callable[..., pd.DataFrame], prefix: str = PREFIX
    ) -> Any:
        """Build the graph of a verb.

        Parameters
        ----------
        task : callable
            Makes the columns of some rows.
        meta : DataFrame of no row
            What comes of it.
        key : str
        joined : callable
            Puts them beside the deals.
        prefix : str
        """
        frame: Any = self._frame
        # Read for itself, so that no partition waits in memory for the keys of the others.
        column = frame[[key]] if key in frame.columns else frame
        keys = column.map_partitions(keys_of, key, meta=pd.DataFrame({"key": np.empty(0, dtype=np.uint64)}))
        spread = delayed(spread_keys)(keys.to_delayed())
        crossing = frame.map_partitions(spread_rows, spread, key, meta=self._empty).to_delayed()
        work = delayed(task, traverse=False)
        shares = delayed(gathered)(crossing, work)
        parts = [
            delayed(_partition)(
                part, delayed(Shared)(spread, shares[number]), work, joined=joined, key=key, prefix=prefix
            )
            for number, part in enumerate(frame.to_delayed())
        ]
        unknown = [name for name in meta.columns if name == f"{prefix}offered"]
        # As the tasks give it: Dask would make text of any objects.
        with config.set({"dataframe.convert-string": False}):
            empty: Any = clear_known_categories(meta, cols=unknown)  # type: ignore[no-untyped-call]
            return from_delayed(parts, meta=empty, divisions=frame.divisions, verify_meta=False)


def _partition(
    deals: pd.DataFrame, share: Shared, work: Any, *, joined: Callable[..., pd.DataFrame], key: str, prefix: str
) -> pd.DataFrame:
    """Carry a verb out over a partition's own rows, and put its share of the others' between them."""
    return joined(deals, share.completed(deals, key, work).set_axis(deals.index), prefix)


def _alone(deals: pd.DataFrame, found: pd.DataFrame, prefix: str) -> pd.DataFrame:  # noqa: ARG001  called as `join` is
    return found


def _kept(rules: Any) -> Any:
    """Return rules that every task can read: an iterator is at its end after the first one."""
    return tuple(rules) if isinstance(rules, Iterator) else rules


def _checked_job(rules: Any, comment: Any, key: Any, connection: Any = None) -> tuple[Rulebook, Any]:
    """Return the rulebook and the comment of a job; ConfigError without a key, or for what no task can have."""
    book = rules if isinstance(rules, Rulebook) else Rulebook(rules)
    if _key(book, key) is None:
        raise ConfigError(
            "key: expected the column that names the deal, got None. Rows of one deal may stand in several partitions, "
            "and only a key tells that they are one lead, which is sent once. Without one, use pandas."
        )
    if connection is not None and not isinstance(connection, Connection):
        raise ConfigError(
            "connection: expected a ctnb.Connection or None, got {kind}.",
            kind=type(connection).__name__,
        )
    text = book.comment if comment is None else comment
    if text is not None and not isinstance(text, str) and (hasattr(text, "index") or hasattr(text, "divisions")):
        raise ConfigError(
            "comment: expected a template, a ctnb.col or a callable, got a {kind}, whose rows cannot be "
            "assigned to partitions. Put the texts into a column, and name it: ctnb.col(...).",
            kind=type(text).__name__,
        )
    return book, text


def _key(book: Rulebook, key: Any) -> Any:
    return book.key if key is None else key


def _stand_in(text: Any) -> Any:
    return NOT_CALLED if callable(text) else text


def _check_options(verb: Any, options: dict[str, Any]) -> None:
    """Raise TypeError for an option that a verb has not."""
    known = inspect.signature(verb).parameters
    for name in options:
        if name not in known:
            raise TypeError(f"{verb.__name__}() got an unexpected keyword argument {name!r}")


def _of_run(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "progress"}
