"""Final texts of comments, checked against the vendor's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from ctnb.i18n.language import gettext
from ctnb.leads.columns.arrow_text import blank
from ctnb.leads.columns.problems import CodedProblems, Problems
from ctnb.leads.limits import COMMENT_LIMIT
from ctnb.outcomes import Reason

if TYPE_CHECKING:
    from ctnb.leads.columns.arrow_text import Strings


def check_texts(texts: Strings, misfits: Problems) -> list[CodedProblems]:
    """Check final texts against the limits.

    Parameters
    ----------
    texts : large_string, length n
    misfits : Problems, length n
        Why a text could not be written whole.

    Returns
    -------
    list of CodedProblems
        Why a text cannot be sent; a row has a problem in at most one of them.
    """
    lengths = pc.utf8_length(texts).to_numpy()
    fits = misfits.codes < 0
    empty = fits & blank(texts)
    long = fits & (lengths > COMMENT_LIMIT)
    found = [CodedProblems(Reason.BAD_TEXT, misfits)]
    if empty.any():
        problems = Problems(np.where(empty, 0, -1).astype(np.int32), [gettext("the comment is blank")])
        found.append(CodedProblems(Reason.BLANK_COMMENT, problems))
    if long.any():
        too_long = [
            gettext("the comment has {count} characters; at most {most} are allowed", count=count, most=COMMENT_LIMIT)
            for count in lengths[long].tolist()
        ]
        problems = Problems.of(too_long).spread(np.flatnonzero(long), len(texts))
        found.append(CodedProblems(Reason.LONG_COMMENT, problems))
    return found
