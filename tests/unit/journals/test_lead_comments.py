"""Comments of a journal: read from its cells, and their texts folded to be compared."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.journals.lead_comments import JournalComment, LeadComments, comments_in, folded_texts
from ctnb.leads.identity import canonical_text
from ctnb.matching.index import index_journals
from ctnb.matching.tables import JournalTables


@pytest.mark.parametrize(
    ("given_id", "number"),
    [(7, 7), ("7", 7), (7.0, 7), (None, 0), ("", 0), ("x", 0), (-1, 0), (0, 0), (1 << 63, 0), (float("inf"), 0)],
)
def test_ids_are_read_as_numbers(given_id, number):
    assert comments_in([{"commentId": given_id, "comment": "paid"}]) == [JournalComment(number, "paid", None)]


@pytest.mark.parametrize(("given_name", "author"), [("Anna ", "Anna"), ("", None), (" ", None), (None, None), (7, "7")])
def test_an_author_without_a_name_is_none(given_name, author):
    cell = [{"commentId": 1, "comment": "paid", "partyName": given_name}]

    assert comments_in(cell) == [JournalComment(1, "paid", author)]


def test_comments_are_by_the_first_lead_of_their_id_and_those_without_an_id_are_all_kept():
    cells = [[{"commentId": 1, "comment": "a"}, {"comment": "b"}], [{"commentId": 1, "comment": "a"}, {"comment": "b"}]]
    calls = pd.DataFrame({"callId": ["7", "7"], "date": "2026-05-14", "comments": cells})
    tables = JournalTables(calls, None, "Europe/Moscow")
    found = LeadComments.of(tables, index_journals(tables))

    assert (found.folded, found.leads.tolist()) == (["a", "b", "b"], [0, 0, 0])


@given(st.text())
def test_a_text_that_was_escaped_or_spaced_otherwise_folds_alike(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    both = folded_texts(pa.array([text, f"\u00a0{escaped}\r\n"], pa.large_string())).to_pylist()

    assert both[0] == both[1]
    if "&" not in text:
        assert both[0] == canonical_text(text)
