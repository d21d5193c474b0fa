"""The contract's limits, and the decisions that are ours where its page is silent.

Everything that a lead is checked against before it is sent stands here, so that an answer of the
vendor's to an open question changes one line.
"""

from __future__ import annotations

from typing import Final

LEADS_PER_REQUEST: Final = 100
"""Leads in one request (contract)."""

RULES_PER_LEAD: Final = 20
"""Matching rules of one lead (contract)."""

DEPTH_LIMIT: Final = 525_600
"""Minutes in ``searchDepth``: a year (contract); the least is one minute."""

MATCHES: Final = ("nearest", "nearestUniq", "nearestUniqLead")
"""Which of several leads is taken. Ours: these are the three that the vendor's examples show."""

CONTACTS_OF_A_KEY: Final = 20
"""Different contacts of one key. Ours: a key that gathers more is no deal's, but a manager's name or a zero."""

TAGS_LOGICS: Final = ("and", "or")
"""Whether a lead must carry all tags or any of them (contract)."""

COMMENT_LIMIT: Final = 10_000
"""Characters in a comment. Ours: the vendor names no limit; a page of text is a mistake, not a comment."""
