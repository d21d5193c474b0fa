"""What a journal from before the sending says of the leads of a later one."""

import pandas as pd
import pyarrow as pa

from ctnb.journals.lead_comments import LeadComments
from ctnb.journals.read_before import read_before
from ctnb.matching.index import index_journals
from ctnb.matching.tables import JournalTables


def calls(comments):
    """A journal of calls by id, each with the ids of its comments; None for a journal without the column."""
    read = {
        number: [{"commentId": each, "comment": f"text {each}"} for each in ids or ()]
        for number, ids in comments.items()
    }
    return pd.DataFrame(
        {"callId": list(read), "date": "2026-05-14", "comments": pd.Series(read.values(), dtype=object)}
    )


def said(before, later, ours=()):
    tables = JournalTables(later, None, "Europe/Moscow")
    index = index_journals(tables)
    comments = LeadComments.of(tables, index)
    return read_before(JournalTables(before, None, "Europe/Moscow"), index, comments, pa.array(ours, pa.large_string()))


def test_the_highest_id_of_each_lead_is_known_whatever_the_order_of_the_journals():
    found = said(calls({"9": [5, 3], "7": [8], "8": []}), calls({"7": [], "8": [], "9": [], "10": []}))

    assert [found.highest(lead) for lead in range(4)] == [8, 0, 5, None]
    assert found.texts == {"text 3", "text 5", "text 8"}
    assert not any(found.is_blind(lead) for lead in range(4))


def test_a_lead_that_a_journal_has_twice_has_the_highest_id_of_both():
    before = pd.concat([calls({"7": [8]}), calls({"7": [9]}), calls({"7": [4]})])

    assert said(before, pd.concat([calls({"7": []})] * 2)).highest(0) == 9


def test_a_quiet_journal_is_believed_unless_others_have_written_on_its_leads_since():
    before = calls({"7": []})

    assert not said(before, calls({"7": [1]}), ours=["text 1"]).is_blind(0)
    assert said(before, calls({"7": [1]})).is_blind(0)
    assert not said(before, calls({"7": [], "8": [1]})).is_blind(0)
    assert said(before.drop(columns="comments"), calls({"7": []})).is_blind(0)
