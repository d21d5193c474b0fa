"""The public ledger: look at what was sent, and settle by hand what is uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ctnb.connection import Connection, settings_around
from ctnb.connection_checks import DEFAULT, checked_ledger
from ctnb.delivery.ledger.choose import adopt, move, place_of, review_of
from ctnb.delivery.ledger.key import PlanComments
from ctnb.exceptions import ConfigError
from ctnb.i18n.outcome_texts import in_words
from ctnb.outcomes import Reason
from ctnb.planning import plan
from ctnb.results.runs import frame_of_runs
from ctnb.secret_texts import Address, quiet

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    from ctnb.leads.comment_template import Comment
    from ctnb.leads.rules import Rule


class Ledger:
    """The ledger of earlier runs: look at it, and settle what is uncertain. Nothing is sent.

    An uncertain comment was sent and got no answer that can be trusted: look in the account whether it
    is there, then mark it. The ledger is opened for each call and closed again, so runs may go on beside
    it; what a dead run was sending is uncertain, what a live one has is left alone.

    Parameters
    ----------
    path : str or path, optional
        The file, or the ``postgresql://`` URL of a team's ledger, whose key is in ``CTNB_LEDGER_KEY`` or
        ``CTNB_LEDGER_KEY_FILE``. By default ``CTNB_LEDGER`` of the environment, then of the folder's ``.env``, then
        the file that a connection uses when it names none.

    Raises
    ------
    ConfigError
        When it is neither.
    LedgerError
        From every method, when there is no ledger at the path or it cannot be relied on.
    MissingExtraError
        From every method, when it is in PostgreSQL and ``ctnb[postgres]`` is not installed.

    Examples
    --------
    >>> import dataclasses, tempfile
    >>> import ctnb
    >>> deals, calls = pd.DataFrame({"call": [7, 8]}), pd.DataFrame({"callId": [7], "date": ["01-10-2020 12:00:00"]})
    >>> with tempfile.TemporaryDirectory() as folder, ctnb.Emulator(calls, rate=None) as vendor:
    ...     path = f"{folder}/ledger.sqlite3"
    ...     connection = dataclasses.replace(vendor.connection, ledger=path)
    ...     done = ctnb.comment(deals, ctnb.Call("call"), "text", connection=connection, progress=False)
    ...     ctnb.Ledger(path).counts()[["commented", "unmatched", "uncertain"]].to_dict()
    {'commented': 1, 'unmatched': 1, 'uncertain': 0}
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        path = quiet(path)
        self._path = place_of(checked_ledger(settings_around().get("ledger", DEFAULT) if path is None else path))

    @property
    def path(self) -> Path | Address:
        """The ledger's file, whether it is there or not, or the address of its database."""
        return self._path

    def __repr__(self) -> str:
        return f"Ledger({(self._path if isinstance(self._path, Address) else str(self._path))!r})"

    def counts(self) -> pd.Series[int]:
        """Count the comments by state.

        Returns
        -------
        Series of int64, shape (7,)
            Named ``comments``, by state: claimed and sending (a live run has them), commented,
            unmatched, invalid, rejected, uncertain.
        """
        with review_of(self._path) as review:
            found = review.counts()
        states = pd.Index(list(found), name="state")
        return pd.Series(list(found.values()), index=states, name="comments", dtype="int64")

    def uncertain(self) -> pd.DataFrame:
        """List the comments that may be in the account.

        Returns
        -------
        DataFrame
            A row per comment, the earliest first, with a RangeIndex. Columns ``id`` (string: 12 hex
            digits, or 64 where comments share those), ``changed_at`` (datetime64 UTC), ``batch`` and
            ``attempts`` (Int64, NA where the program ended in mid-run), ``error`` (string),
            ``error_code`` (category). `ids` finds the deals that they are about.
        """
        with review_of(self._path) as review:
            comments = review.uncertain()
        outcomes = [comment.outcome for comment in comments]
        codes = [None if outcome.reason is None else outcome.reason.value for outcome in outcomes]
        return pd.DataFrame(
            {
                "id": pd.array([comment.id for comment in comments], dtype="string"),
                "changed_at": pd.Series([comment.changed_at for comment in comments], dtype="datetime64[us, UTC]"),
                "batch": pd.array([outcome.batch for outcome in outcomes], dtype="Int64"),
                "attempts": pd.array([outcome.attempts for outcome in outcomes], dtype="Int64"),
                "error": pd.array([in_words(outcome.error) for outcome in outcomes], dtype="string"),
                "error_code": pd.Categorical(codes, categories=[reason.value for reason in Reason]),
            }
        )

    def runs(self, last: int = 100) -> pd.DataFrame:
        """List the runs that this ledger has seen: when, whose, of which job, and what came of them.

        Parameters
        ----------
        last : int
            So many runs at most.

        Returns
        -------
        DataFrame
            A row per run, the latest first, with a RangeIndex. Columns ``run`` (string, 12 hex digits), ``began_at``
            and ``ended_at`` (datetime64 UTC, NaT where it has not ended by itself), ``who`` (string: the user's name
            on his system), ``site`` (Int64), ``job`` (string), ``ended`` (category: done, stopped, interrupted,
            failed, killed, running), ``reason`` (string: the code or the error that ended it, NA for none),
            ``requests`` (Int64, as all that follow), ``rows``, ``replayed`` (rows that were answered before), a
            column per ``ct_status`` with its rows, and ``match_rate`` (Float64, of the rows that were answered). Where
            a run was killed the figures are NA; its comments are in `counts`.

        Raises
        ------
        ConfigError
            When ``last`` is no whole number from 1 on.
        """
        if isinstance(last, bool) or not isinstance(last, int | np.integer) or last < 1:
            raise ConfigError("last: expected a whole number of runs, 1 or more, got {value!r}.", value=last)
        with review_of(self._path) as review:
            lines = review.runs(int(last))
        return frame_of_runs(lines)

    def ids(
        self,
        deals: pd.DataFrame,
        rules: Rule | Iterable[Rule],
        comment: Comment,
        *,
        key: str | None = None,
        job: str = "",
        region: str = "RU",
        connection: Connection | None = None,
    ) -> pd.Series[str]:
        """Return the ids of a frame's comments, so that an uncertain one can be found among the deals.

        ``deals[ledger.ids(deals, ...).isin(ledger.uncertain()["id"])]`` are the deals whose comments are uncertain.

        Parameters
        ----------
        deals : DataFrame
            n rows, any index.
        rules, comment, key, job, region, connection
            As they were given to `ctnb.comment`. The connection's account and time zone count, its own ledger
            does not.

        Returns
        -------
        Series of string, shape (n,)
            Named ``id``, in the order and with the index of the deals. NA where a row is invalid; rows
            that repeat another have its id. A row has an id whether its comment was sent or not.

        Raises
        ------
        RuleError, ColumnNotFoundError, ConfigError
            When a rule, the template or a setting cannot be used for any row.
        """
        connection = Connection.from_env() if connection is None else connection
        planned = plan(deals, rules, comment, key=key, job=job, region=region, connection=connection, recorded=False)
        rows = [int(row) for row in planned.sent]
        with review_of(self._path) as review:
            comments = PlanComments(planned, rows, connection, review.secret, review.older_secrets)
            if comments.older:
                comments.identify(review.entries)
            ids = review.ids(comments.identities)
        found = np.full(len(planned), None, dtype=object)
        found[rows] = ids
        return pd.Series(pd.array(found[planned.first], dtype="string"), index=deals.index, name="id")

    def mark_delivered(self, ids: str | Iterable[str]) -> int:
        """Mark uncertain comments as delivered: you have seen them in the account.

        They are ``commented`` from now on, and never sent again. In the frame their ``ct_answered_at`` is
        missing: the vendor has not answered which lead took them.

        Parameters
        ----------
        ids : str, list or Series of str
            12 to 64 hex digits each, as `uncertain` and `ids` have them; repeats count once.

        Returns
        -------
        int
            Comments that were marked.

        Raises
        ------
        ConfigError
            When an id names no comment or several, or a comment is not uncertain (a live run may have
            it). Nothing is marked then.
        """
        with review_of(self._path) as review:
            return review.mark_delivered([ids] if isinstance(ids, str) else ids)

    def mark_not_delivered(self, ids: str | Iterable[str]) -> int:
        """Mark uncertain comments as not delivered: you have looked, and they are not in the account.

        The ledger forgets them, so that the next run sends them again. Parameters, result and errors as
        for `mark_delivered`.
        """
        with review_of(self._path) as review:
            return review.mark_not_delivered([ids] if isinstance(ids, str) else ids)

    def copy_to(self, to: str) -> pd.Series[int]:
        """Copy the record of this file to the ledger of a team, and close the file for runs.

        Comments are known by hashes that are keyed with this file's key, so that key has to be among the team's, in
        the ``CTNB_LEDGER_KEY`` of everybody, behind the team's own. Where both have a comment, the outcome counts
        that forbids more: commented, then uncertain, then the team's.

        Parameters
        ----------
        to : str
            The ``postgresql://`` URL of the team's ledger; it is made where there is none.

        Returns
        -------
        Series of int64, shape (3,)
            Named ``comments``: ``copied``, ``there`` (the team had them, too), and of these ``changed``.

        Raises
        ------
        ConfigError
            When this is no file, or ``to`` no such URL.
        LedgerError
            When one of the two cannot be relied on, the key is not among the team's, or a run is alive that has one
            of them. Nothing is changed then.
        """
        moved = move(self._path, checked_ledger(quiet(to)))
        counts = {"copied": moved.brought, "there": moved.there, "changed": moved.changed}
        return pd.Series(counts, name="comments", dtype="int64")

    def adopt(self) -> None:
        """Adopt a ledger that was copied, restored from a backup or taken over by another server: runs use it again.

        Do so only when nothing was sent since the copy was made: what is not in it is sent again.
        """
        adopt(self._path)
