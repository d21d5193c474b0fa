"""Comments on the leads of a journal, and the form in which texts are compared with those that were sent."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ctnb.leads.columns.arrow_text import matching, mended, strings_of
from ctnb.leads.columns.cells import is_missing
from ctnb.leads.identity import canonical_texts

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.leads.columns.arrow_text import Strings
    from ctnb.matching.index import JournalIndex
    from ctnb.matching.tables import JournalTables

COMMENTS: Final = "comments"
"""The journals' column of comments."""

NO_ID: Final = 0
"""The id of a comment for which the journal has none."""

_DEEPEST: Final = 4
"""How often a text may have been escaped."""


class JournalComment(NamedTuple):
    """A comment on a lead; ``author`` is None where nobody is named."""

    id: int
    text: str
    author: str | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LeadComments:
    """The comments of both journals; one that a journal has twice is there once. No repr: it would show contacts.

    Attributes
    ----------
    comments : list of JournalComment
    folded : list of str
        Their texts, see `folded_texts`.
    leads : ndarray of int64
        The number of each one's lead in the index; the first of those with its id.
    """

    comments: list[JournalComment]
    folded: list[str]
    leads: npt.NDArray[np.int64]

    @classmethod
    def of(cls, tables: JournalTables, index: JournalIndex) -> LeadComments:
        """Read the comments of journals that are indexed."""
        comments: list[JournalComment] = []
        numbers: list[int] = []
        # Days that were read twice have their leads twice.
        seen: set[tuple[int, int]] = set()
        for (_, frame), ids in zip(tables.journals(), index.ids, strict=True):
            for row, comment in journal_comments(frame):
                lead = int(ids.same_as[row])
                if (lead, comment.id) in seen:
                    continue
                if comment.id != NO_ID:
                    seen.add((lead, comment.id))
                comments.append(comment)
                numbers.append(lead)
        return cls(comments, folded_list(comments), np.array(numbers, dtype=np.int64))


def journal_comments(frame: pd.DataFrame | None) -> list[tuple[int, JournalComment]]:
    """Return the comments of one journal, each with the row of its lead."""
    if frame is None or not has_comments(frame):
        return []
    cells = frame[COMMENTS].to_numpy()
    rows = np.flatnonzero(frame[COMMENTS].notna().to_numpy()).tolist()
    return [(row, comment) for row in rows for comment in comments_in(cells[row])]


def has_comments(frame: pd.DataFrame | None) -> bool:
    """Tell whether a journal has a column of comments, whatever is in it."""
    return frame is not None and COMMENTS in frame.columns


def comments_in(cell: Any) -> list[JournalComment]:
    """Return the comments in a cell: a list of the vendor's, or the same as JSON.

    What is neither is no comment, nor is one without a text.
    """
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except ValueError:
            return []
    if not isinstance(cell, list | tuple | np.ndarray):
        return []
    return [
        JournalComment(_number(item.get("commentId")), _whole(item["comment"]), _author(item.get("partyName")))
        for item in cell
        if isinstance(item, dict) and isinstance(item.get("comment"), str)
    ]


def folded_list(comments: list[JournalComment]) -> list[str]:
    """Return the texts of comments as they are compared."""
    found: list[str] = folded_texts(strings_of([comment.text for comment in comments])).to_pylist()
    return found


def folded_texts(texts: Strings) -> Strings:
    r"""Return texts in the form in which they are compared, nulls kept.

    That of `ctnb.leads.identity.canonical_text`, with the entities of HTML read, however often a text was escaped.

    >>> import pyarrow as pa
    >>> folded_texts(pa.array(["Smith &amp;amp; Sons:\r\n paid"], pa.large_string())).to_pylist()
    ['Smith & Sons: paid']
    """
    return canonical_texts(mended(texts, matching(texts, "&"), unescaped))


def unescaped(text: str) -> str:
    """Read the entities of HTML until there are none."""
    for _ in range(_DEEPEST):
        read = html.unescape(text)
        if read == text:
            break
        text = read
    return _whole(text)


def _number(value: Any) -> int:
    """Return the id of a comment; `NO_ID` where it is none."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return NO_ID
    return number if 0 < number < 1 << 63 else NO_ID


def _author(value: Any) -> str | None:
    """Return who wrote a comment, None where nobody is named."""
    return None if is_missing(value) else _whole(str(value).strip())


def _whole(text: str) -> str:
    """Replace half of a surrogate pair, which no column holds."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
