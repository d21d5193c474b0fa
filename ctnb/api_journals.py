"""The verbs that read the account's journals as functions; `ctnb.api` has all verbs.

Importing this module costs next to nothing: each verb loads what it needs when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnb.defaults import JOB, REGION

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from ctnb.connection import Connection
    from ctnb.journals.journal import Journal
    from ctnb.leads.comment_template import Comment
    from ctnb.leads.rulebook import Rulebook
    from ctnb.leads.rules import Rule
    from ctnb.matching.preview import Preview


def preview(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment = "",
    *,
    journal: Journal,
    key: str | None = None,
    region: str = REGION,
    timezone: str | None = None,
    look_back_only: bool = False,
) -> Preview:
    """Look up in the account's journal what would match, and why the rest would not; nothing is sent.

    No ledger is looked at: what is shown is what the endpoint would answer if every comment were new.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index.
    rules : Rule, list of Rule, or Rulebook
        In the order of their priority, 20 at most. What a `Rulebook` holds counts where the arguments
        below are not given.
    comment : str, col, Series or callable, optional
        As for `comment`. Rows of one deal with one text are one comment; without a text each row stands for itself.
    journal : Journal
        Calls and requests of the account, from files or by `Journal.download`.
    key : str, optional
        Column or index level that names the deal.
    region : str
        Two letters: where phones without a country code belong.
    timezone : str, optional
        IANA name of the account's time zone; by default the journal's.
    look_back_only : bool
        Whether the vendor is taken to find no lead that is later than the date; it does not say. `Preview.undecided`
        names the rows that hang on it.

    Returns
    -------
    Preview
        Its ``frame`` has the columns of `comment`, so tables, plots, dashboard and report take it as it is.

    Raises
    ------
    RuleError, ColumnNotFoundError, ConfigError
        When a rule, the template, a setting or the journal cannot be used for any row.

    Warns
    -----
    UserWarning
        When a journal has not the column that a rule looks by, such as that of the phones.

    Examples
    --------
    >>> import ctnb, pandas as pd
    >>> deals = pd.DataFrame({"phone": ["8 915 777-11-22", "8 915 777-11-33"], "at": "01-10-2020 12:00:00"})
    >>> calls = pd.DataFrame({"callId": [7], "callerNumber": ["79157771122"], "date": ["01-10-2020 11:50:00"]})
    >>> rule = ctnb.CallContact("phone", "at", depth="1h")
    >>> deals.calltouch.preview(rule, journal=ctnb.Journal(calls)).frame[["ct_call_id", "ct_minutes"]]
      ct_call_id  ct_minutes
    0          7       -10.0
    1       <NA>        <NA>
    """
    from ctnb import planning

    return planning.preview(
        deals,
        rules,
        comment,
        journal=journal,
        key=key,
        region=region,
        timezone=timezone,
        look_back_only=look_back_only,
    )


def settle(
    deals: pd.DataFrame,
    rules: Rule | Iterable[Rule] | Rulebook,
    comment: Comment | None = None,
    *,
    journal: Journal,
    before: Journal | None = None,
    key: str | None = None,
    job: str = JOB,
    region: str = REGION,
    connection: Connection | None = None,
    mark: bool | Iterable[int] | pd.Series[Any] = False,
) -> pd.DataFrame:
    """Look for the comments of uncertain rows in a journal, and mark them as delivered when asked to.

    An uncertain row was sent and got no answer that can be trusted. Its text is looked for in the comments of every
    lead that its rules can find. Nothing is sent, and nothing is marked unless `mark` says so: look first.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index. The ledger knows which of them are uncertain; ``ct_`` columns are not needed.
    rules, comment, key, job, region, connection
        As they were given to `ctnb.comment`. The connection names the ledger.
    journal : Journal
        Read after the sending, with comments, over all the days in which the rules look. Days that were kept from an
        earlier download are to be read again (``refresh=True``): a comment of today may sit on a year-old lead.
    before : Journal, optional
        Read before the sending, with comments. Without it nothing is ``sure``.
    mark : bool, list of int, or Series of bool
        False marks nothing; True marks what is ``sure``; numbers of rows (from the column ``row``), or n booleans
        under the index of the deals, mark these rows alone, ``sure`` or ``likely``.

    Returns
    -------
    DataFrame
        A row per uncertain row, in the order and with the index of the deals; rows that repeat another share what is
        found. Columns:

        - ``row`` (int64): the number of the row in `deals`, from 0;
        - ``grade`` (category): ``sure``, ``likely`` or ``not_found``, which proves nothing;
        - ``basis`` (category): why, see Notes;
        - ``kind`` (category: call, request), ``lead`` (string: the vendor's id), ``comment_id`` (Int64), ``text_found``
          and ``author`` (string): the comment that was found;
        - ``difference`` (category): how its text differs from what was sent, NA when it does not: ``form`` (white
          space, signs without width, Unicode's form), ``entities`` (of HTML), ``cut``;
        - ``leads_searched`` (int64): leads that were looked at;
        - ``marked`` (bool): whether the row was marked as delivered now.

    Raises
    ------
    ConfigError
        When the deals are a preview's frame, a journal's time zone is not the connection's, or a row that is named
        cannot be marked, such as one that a live run has. Nothing is marked then.
    RuleError, ColumnNotFoundError
        When a rule or the template cannot be used for any row.
    LedgerError
        When the record of what was sent cannot be relied on.

    Notes
    -----
    ``sure``: a copy of the text is on a lead that `before` has, and is new: the text is this row's alone, in the deals
    and in every job of the ledger, and no comment of `before` has it (``unique_text``), or its id is above those of all
    comments that the lead had in `before` (``new_comment``). One comment settles one row. Copies that the ledger
    knows to be delivered are taken off, and all others that may have written what is left must be too few for it:
    k rows that share text and lead need k new comments, else none of them is sure.

    ``likely``: ``no_before``, ``before_without_comments``, ``lead_not_in_before``, ``was_there``, ``no_comment_id``,
    ``other_author`` (an author is named who is not named for comments that are known to be ctnb's), ``too_few``
    (others may have written all the new copies), ``too_many`` (more than were sent: somebody else writes this text
    too), ``cut``.

    ``not_found``: ``absent``, ``counted`` (what is there belongs to comments that are known to be delivered),
    ``no_lead`` (the rules find no lead in the journal).

    The journals have no dates of comments. A person who wrote the very same text by hand, on the same lead, after
    `before` was read, is known by the name of the author alone.
    """
    from ctnb import settling

    return settling.settle(
        deals,
        rules,
        comment,
        journal=journal,
        before=before,
        key=key,
        job=job,
        region=region,
        connection=connection,
        mark=mark,
    )
