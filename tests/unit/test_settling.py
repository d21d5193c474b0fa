"""`ctnb.settle`: what is found of uncertain rows, how surely, and what is marked."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from commented_account import PHONE, Account, StubJournal, deals_of

import ctnb
from ctnb import Call, CallContact
from ctnb.delivery.ledger.memory import memory_of
from ctnb.exceptions import ConfigError
from ctnb.outcomes import Status


def graded(found):
    return list(zip(found["grade"], found["basis"], strict=True))


def again(account, deals):
    """The record of a plan made anew: what a run would do."""
    plan = ctnb.plan(deals, Call("call"), "{note}", key="deal", connection=account.connection)
    return plan.frame["record"].tolist()


# ---- one text, one row ---------------------------------------------------------------------------------------------


def test_a_text_that_is_this_row_s_alone_and_was_not_there_before_is_sure():
    account, deals = Account([7]), deals_of("paid in full")
    before = account.journal()
    account.doubt(deals)
    number = account.write("paid in full", 7)

    found = account.settle(deals, before=before)

    assert graded(found) == [("sure", "unique_text")]
    row = found.iloc[0]
    assert (row["row"], row["kind"], row["lead"], row["comment_id"]) == (0, "call", "7", number)
    assert (row["text_found"], row["leads_searched"], row["marked"]) == ("paid in full", 1, False)
    assert found[["difference", "author"]].isna().all(axis=None)


def test_nothing_is_sure_without_a_journal_from_before():
    account, deals = Account([7]), deals_of("paid in full")
    account.doubt(deals)
    account.write("paid in full", 7)

    assert graded(account.settle(deals, mark=True)) == [("likely", "no_before")]


def test_a_text_that_is_not_found_settles_nothing_and_says_where_it_was_looked_for():
    account, deals = Account([7, 8, 9]), deals_of("paid", call=7)
    account.doubt(deals)
    account.write("another text", 7)

    found = account.settle(deals, mark=True)

    assert graded(found) == [("not_found", "absent")]
    assert (found["leads_searched"].tolist(), found["marked"].tolist()) == ([1], [False])
    assert again(account, deals) == ["uncertain"]


def test_a_row_whose_lead_is_not_in_the_journal_is_not_found():
    account, deals = Account([7]), deals_of("paid", call=8)
    account.doubt(deals)

    assert graded(account.settle(deals)) == [("not_found", "no_lead")]


def test_only_uncertain_rows_are_listed_with_their_labels():
    account, deals = Account([7]), deals_of("a", "b", "c", "d").set_index(pd.Index(list("wxyx")))
    account.record(deals, {0: 7, 1: Status.UNCERTAIN, 2: Status.UNMATCHED})

    found = account.settle(deals)

    assert (found.index.tolist(), found["row"].tolist()) == (["x"], [1])


def test_rows_that_repeat_an_uncertain_one_are_settled_with_it():
    account, deals = Account([7]), deals_of("paid", "paid").assign(deal=1)
    before = account.journal()
    account.doubt(deals, 0)
    account.write("paid", 7)

    found = account.settle(deals, before=before, mark=True)

    assert graded(found) == [("sure", "unique_text")] * 2
    assert found["marked"].all()


def test_no_uncertain_row_and_no_ledger_give_an_empty_frame_of_the_same_columns(tmp_path):
    account, deals = Account([7]), deals_of("paid")
    empty = account.settle(deals)
    nowhere = ctnb.Connection(4242, "token", base_url="http://127.0.0.1:1", ledger=tmp_path / "none.sqlite3")
    unknown = ctnb.settle(deals, Call("call"), "{note}", key="deal", journal=account.journal(), connection=nowhere)

    assert len(empty) == len(unknown) == 0
    pd.testing.assert_frame_equal(empty, unknown)
    assert not (tmp_path / "none.sqlite3").exists()
    account.doubt(deals)
    assert account.settle(deals).dtypes.equals(empty.dtypes)


# ---- nothing that was there before, or is somebody else's, is sure -------------------------------------------------


def test_a_text_that_another_lead_had_before_is_sure_only_where_its_id_is_new():
    account, deals = Account([7, 8]), deals_of("paid")
    account.write("paid", 8)
    account.write("old", 7)
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7)

    assert graded(account.settle(deals, before=before)) == [("sure", "new_comment")]


def test_a_comment_on_another_lead_is_none_of_the_row_s():
    account, deals = Account([7, 8]), deals_of("paid")
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 8)

    assert graded(account.settle(deals, before=before, mark=True)) == [("not_found", "absent")]


def test_a_comment_that_was_there_before_is_not_sure():
    account, deals = Account([7]), deals_of("paid")
    account.write("paid", 7)
    before = account.journal()
    account.doubt(deals)

    found = account.settle(deals, before=before, mark=True)

    assert graded(found) == [("likely", "was_there")]
    assert again(account, deals) == ["uncertain"]


def test_a_comment_of_an_earlier_job_settles_nothing():
    account, deals = Account([7]), deals_of("paid")
    before = account.journal()
    account.record(deals, {0: 7}, job="earlier")
    account.write("paid", 7)
    account.doubt(deals)

    assert graded(account.settle(deals, before=before, mark=True)) == [("not_found", "counted")]


def test_a_comment_that_an_earlier_job_is_as_uncertain_of_settles_neither():
    account, deals = Account([7]), deals_of("paid")
    before = account.journal()
    account.doubt(deals, job="earlier")
    account.doubt(deals)
    account.write("paid", 7)

    assert graded(account.settle(deals, before=before, mark=True)) == [("likely", "too_few")]
    account.write("paid", 7)
    assert graded(account.settle(deals, before=before)) == [("sure", "new_comment")]


def test_an_earlier_job_that_sent_the_text_in_another_form_counts():
    account, deals = Account([7]), deals_of("Smith & Sons")
    before = account.journal()
    account.doubt(deals.assign(note="Smith &amp; Sons"), job="earlier")
    account.doubt(deals)
    account.write("Smith &amp; Sons", 7)

    assert graded(account.settle(deals, before=before)) == [("likely", "too_few")]


def test_a_comment_written_by_hand_is_known_by_its_author():
    account, deals = Account([7]), deals_of("paid")
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7, author="Anna")

    found = account.settle(deals, before=before, mark=True)

    assert graded(found) == [("likely", "other_author")]
    assert found["author"].tolist() == ["Anna"]


def test_an_author_who_is_named_for_delivered_comments_is_ours():
    account, deals = Account([7, 8]), deals_of("paid", "sold", call=[7, 8])
    before = account.journal()
    account.record(deals, {0: Status.UNCERTAIN, 1: 8})
    account.write("paid", 7, author="API")
    account.write("sold", 8, author="API")

    assert graded(account.settle(deals, before=before)) == [("sure", "unique_text")]
    account.comments["call", 7][0]["partyName"] = None
    assert graded(account.settle(deals, before=before)) == [("likely", "other_author")]


def test_an_author_who_is_named_for_another_job_s_comment_is_ours():
    account, deals = Account([7, 8]), deals_of("paid", call=7)
    account.write("the client is away", 8, author="Anna")
    before = account.journal()
    account.record(deals_of("sold", call=8), {0: 8}, job="earlier")
    account.doubt(deals)
    account.write("sold", 8, author="API")
    account.write("paid", 7, author="API")

    assert graded(account.settle(deals, before=before)) == [("sure", "unique_text")]


def test_nobody_is_known_by_copies_of_which_some_are_not_ours():
    account, deals = Account([7, 8]), deals_of("paid", "sold", call=[7, 8])
    before = account.journal()
    account.record(deals, {0: Status.UNCERTAIN, 1: 8})
    account.write("paid", 7, author="Anna")
    account.write("sold", 8, author=None)
    account.write("sold", 8, author="Anna")

    assert graded(account.settle(deals, before=before)) == [("likely", "other_author")]


def test_more_copies_than_were_sent_are_somebody_else_s():
    account, deals = Account([7]), deals_of("paid")
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7)
    account.write("paid", 7)

    assert graded(account.settle(deals, before=before, mark=True)) == [("likely", "too_many")]


def test_a_row_that_was_sent_twice_may_have_two_copies():
    account, deals = Account([7]), deals_of("paid")
    before = account.journal()
    account.doubt(deals)
    account.doubt(deals, resend=frozenset({Status.UNCERTAIN}))
    account.write("paid", 7)
    account.write("paid", 7)

    assert graded(account.settle(deals, before=before)) == [("sure", "unique_text")]


def test_a_journal_from_before_that_lacks_the_lead_proves_nothing():
    account, deals = Account([7, 8]), deals_of("paid")
    before = account.journal(without=[7])
    account.doubt(deals)
    account.write("paid", 7)

    assert graded(account.settle(deals, before=before, mark=True)) == [("likely", "lead_not_in_before")]


@pytest.mark.parametrize("cells", [lambda comments: None, lambda comments: []])
def test_a_journal_from_before_that_was_read_without_comments_proves_nothing(cells):
    account, deals = Account([7, 8]), deals_of("paid")
    account.write("the client is away", 8)
    account.write("paid", 7)
    before = account.journal(cells=cells)
    account.doubt(deals)

    assert graded(account.settle(deals, before=before, mark=True)) == [("likely", "before_without_comments")]


def test_a_journal_from_before_without_the_column_proves_nothing():
    account, deals = Account([7]), deals_of("paid")
    calls = account.journal().tables().calls.drop(columns="comments")
    account.doubt(deals)
    account.write("paid", 7)

    found = account.settle(deals, before=StubJournal(calls, None))
    assert graded(found) == [("likely", "before_without_comments")]


def test_ids_count_within_a_lead_alone():
    account, deals = Account([7, 8]), deals_of("paid", "paid", call=[7, 8])
    account.write("old", 7, number=50)
    account.write("old", 8, number=900)
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7, number=60)
    account.write("paid", 8, number=700)

    assert graded(account.settle(deals, before=before)) == [("sure", "new_comment"), ("likely", "was_there")]


def test_a_unique_text_needs_no_growing_ids():
    account, deals = Account([7]), deals_of("paid")
    account.write("old", 7, number=900)
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7, number=60)

    assert graded(account.settle(deals, before=before)) == [("sure", "unique_text")]


def test_a_comment_without_an_id_is_likely_at_most():
    account, deals = Account([7]), deals_of("paid")
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7, number=0)

    found = account.settle(deals, before=before)
    assert graded(found) == [("likely", "no_comment_id")]
    assert found["comment_id"].isna().all()


def test_a_day_that_was_read_twice_counts_once():
    account, deals = Account([7]), deals_of("paid", "paid")
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7)

    found = account.settle(deals, account.journal(times=2), before=before)
    assert graded(found) == [("likely", "too_few")] * 2
    assert found["leads_searched"].tolist() == [1, 1]


# ---- several rows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("copies", "expected"), [(1, "too_few"), (2, "too_few"), (3, "new_comment"), (4, "too_many")])
def test_rows_that_share_text_and_lead_need_as_many_new_comments(copies, expected):
    account, deals = Account([7]), deals_of("paid", "paid", "paid")
    before = account.journal()
    account.doubt(deals)
    numbers = [account.write("paid", 7) for _ in range(copies)]

    found = account.settle(deals, before=before, mark=True)

    assert found["basis"].tolist() == [expected] * 3
    assert found["marked"].tolist() == [expected == "new_comment"] * 3
    if expected == "new_comment":
        assert sorted(found["comment_id"]) == numbers


def test_a_comment_of_a_delivered_row_settles_no_other():
    account, deals = Account([7]), deals_of("paid", "paid")
    before = account.journal()
    account.record(deals, {0: 7, 1: Status.UNCERTAIN})
    account.write("paid", 7)

    assert graded(account.settle(deals, before=before, mark=True)) == [("not_found", "counted")]
    account.write("paid", 7)
    assert graded(account.settle(deals, before=before)) == [("sure", "new_comment")]


def test_a_delivered_row_whose_lead_is_not_known_may_have_written_it():
    account, deals = Account([7]), deals_of("paid", "paid")
    before = account.journal()
    account.record(deals, {0: Status.COMMENTED, 1: Status.UNCERTAIN})
    account.write("paid", 7)

    assert graded(account.settle(deals, before=before, mark=True)) == [("likely", "too_few")]


def test_a_row_that_a_live_run_is_sending_may_have_written_it():
    account, deals = Account([7]), deals_of("paid", "paid")
    before = account.journal()
    account.doubt(deals, 1)
    account.record(deals, {0: None}, sending=True)
    account.write("paid", 7)

    found = account.settle(deals, before=before, mark=True)
    assert (found["row"].tolist(), graded(found)) == ([1], [("likely", "too_few")])


def test_rows_with_one_text_on_leads_of_their_own_do_not_disturb_each_other():
    account, deals = Account([7, 8, 9]), deals_of("paid", "paid", "paid", call=[7, 8, 9])
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7)
    account.write("paid", 9)

    assert graded(account.settle(deals, before=before)) == [
        ("sure", "new_comment"),
        ("not_found", "absent"),
        ("sure", "new_comment"),
    ]


def test_copies_that_no_way_of_dealing_explains_settle_nothing():
    # The first row has two leads with a copy each, and was sent once.
    phones = {"call_1": PHONE, "call_2": PHONE, "call_3": "79165551102"}
    account = Account(**phones)
    deals = deals_of("paid", "paid").assign(phone=[PHONE, "79165551102"], created="14-05-2026 12:00:00")
    rules = CallContact("phone", "created", depth=60)
    before = account.journal()
    account.doubt(deals, rules=rules)
    for lead in (1, 2, 3):
        account.write("paid", lead)

    found = account.settle(deals, rules=rules, before=before, mark=True)
    assert graded(found) == [("likely", "too_many"), ("sure", "new_comment")]


def test_leads_of_a_contact_are_looked_at_both_ways_within_the_depth_whatever_the_match_and_the_tags():
    account = Account([1, 2, 3, 4])
    deals = deals_of("paid").assign(phone=PHONE, created="14-05-2026 12:30:00")
    rules = CallContact("phone", "created", depth=30, match="nearestUniqLead", tags="VIP")
    account.doubt(deals, rules=rules)
    account.write("paid", 4)

    found = account.settle(deals, rules=rules)
    assert (found["lead"].tolist(), found["leads_searched"].tolist()) == (["4"], [4])
    shallow = CallContact("phone", "created", depth=29)
    assert graded(account.settle(deals, rules=shallow)) == [("not_found", "no_lead")]


def test_requests_are_searched_too():
    account, deals = Account(requests=[7]), deals_of("paid")
    before = account.journal()
    account.doubt(deals, rules=ctnb.Request("call"))
    account.write("paid", 7, kind="request")

    found = account.settle(deals, rules=ctnb.Request("call"), before=before, mark=True)
    assert (found["kind"].tolist(), found["lead"].tolist(), found["marked"].tolist()) == (["request"], ["7"], [True])


# ---- how texts come back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "back", "difference"),
    [
        ("Smith & Sons <VIP>", "Smith &amp; Sons &lt;VIP&gt;", "entities"),
        ("Smith & Sons", "Smith &amp;amp; Sons", "entities"),
        ("Smith &amp; Sons", "Smith & Sons", "entities"),
        ("first\r\nsecond", "first\nsecond", "form"),
        ("a  b ", "a\u00a0b", "form"),
        ("Андре\u0438\u0306", "Андре\u0439", "form"),
        ("a\u200bb", "ab", "form"),
    ],
)
def test_a_text_that_came_back_in_another_form_is_the_same_and_what_differs_is_noted(sent, back, difference):
    account, deals = Account([7]), deals_of(sent)
    before = account.journal()
    account.doubt(deals)
    account.write(back, 7)

    found = account.settle(deals, before=before)
    assert graded(found) == [("sure", "unique_text")]
    assert (found["difference"].tolist(), found["text_found"].tolist()) == ([difference], [back])


@pytest.mark.parametrize(("back", "grade"), [("The client has paid in…", "likely"), ("The client", "not_found")])
def test_a_text_that_was_cut_is_likely_at_most(back, grade):
    account, deals = Account([7]), deals_of("The client has paid in full on Monday")
    before = account.journal()
    account.doubt(deals)
    account.write(back, 7)

    found = account.settle(deals, before=before, mark=True)
    assert found["grade"].tolist() == [grade]
    if grade == "likely":
        assert (found["basis"].tolist(), found["difference"].tolist()) == (["cut"], ["cut"])


@pytest.mark.parametrize("cells", [json.dumps, np.array, tuple])
def test_comments_are_read_from_every_form_of_cell(cells):
    account, deals = Account([7]), deals_of("paid")
    before = account.journal(cells=cells)
    account.doubt(deals)
    account.write("paid", 7)

    assert graded(account.settle(deals, account.journal(cells=cells), before=before)) == [("sure", "unique_text")]


@pytest.mark.parametrize("cell", ["", "not JSON", "{}", 5, [None, "text", {"comment": None}], float("nan")])
def test_cells_that_hold_no_comment_are_passed_over(cell):
    account, deals = Account([7]), deals_of("paid")
    account.doubt(deals)

    assert graded(account.settle(deals, account.journal(cells=lambda _: cell))) == [("not_found", "absent")]


def test_half_a_character_in_a_comment_harms_nothing():
    account, deals = Account([7]), deals_of("paid")
    account.doubt(deals)
    account.write("half \ud800", 7)

    assert graded(account.settle(deals)) == [("not_found", "absent")]


# ---- marking -------------------------------------------------------------------------------------------------------


@pytest.fixture
def doubted():
    """An account with one row that is sure, two that are likely, and one that is not found."""
    account, deals = Account([7, 8, 9, 10]), deals_of("a", "b", "b", "c", call=[7, 8, 9, 10])
    account.write("b", 8)
    account.write("b", 9)
    account.before = account.journal()
    account.doubt(deals)
    account.write("a", 7)
    return account, deals


def test_nothing_is_marked_unless_asked(doubted):
    account, deals = doubted
    found = account.settle(deals, before=account.before)

    assert found["grade"].tolist() == ["sure", "likely", "likely", "not_found"]
    assert not found["marked"].any()
    assert again(account, deals) == ["uncertain"] * 4


def test_true_marks_what_is_sure_alone_and_a_second_time_it_is_not_listed(doubted):
    account, deals = doubted
    found = account.settle(deals, before=account.before, mark=True)

    assert found["marked"].tolist() == [True, False, False, False]
    assert again(account, deals) == ["answered", "uncertain", "uncertain", "uncertain"]
    assert account.settle(deals, before=account.before, mark=True)["row"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "mark",
    [
        [1],
        np.array([1, 1]),
        pd.Series([1], index=["any"]),
        [False, True, False, False],
        pd.Series([False, True, False, False], dtype="boolean"),
    ],
)
def test_rows_that_are_named_are_marked_and_no_others(doubted, mark):
    account, deals = doubted
    found = account.settle(deals, before=account.before, mark=mark)

    assert found["marked"].tolist() == [False, True, False, False]
    assert again(account, deals) == ["uncertain", "answered", "uncertain", "uncertain"]


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ([1, 3], "row 3 .* was not found"),
        ([4], "row 4"),
        ([-1], "row -1"),
        ([True], "4 booleans"),
        ("sure", "got str"),
        (1, "got int"),
        (None, "got NoneType"),
        ([1.5], "got list"),
        (pd.Series([True] * 4, index=list("abcd")), "another index"),
    ],
)
def test_what_cannot_be_marked_is_refused_and_nothing_is_marked(doubted, mark, message):
    account, deals = doubted
    with pytest.raises(ConfigError, match=message):
        account.settle(deals, before=account.before, mark=mark)
    assert again(account, deals) == ["uncertain"] * 4


def test_one_comment_settles_one_row_even_by_name():
    account, deals = Account([7]), deals_of("paid", "paid")
    account.doubt(deals)
    number = account.write("paid", 7)

    with pytest.raises(ConfigError, match=f"Rows 0 and 1 .* {number}"):
        account.settle(deals, mark=[0, 1])
    assert account.settle(deals, mark=[1])["marked"].tolist() == [False, True]
    # And what is marked is known to be that row's from then on.
    assert graded(account.settle(deals)) == [("not_found", "counted")]


def test_rows_that_are_likely_are_shown_a_comment_each_as_far_as_there_are_any():
    account, deals = Account([7]), deals_of("paid", "paid", "paid")
    account.doubt(deals)
    numbers = [account.write("paid", 7) for _ in range(2)]

    found = account.settle(deals)
    assert sorted(found["comment_id"][:2]) == numbers
    assert account.settle(deals, mark=[0, 1])["marked"].tolist() == [True, True, False]


@pytest.mark.parametrize("kept", [None, "ledger.sqlite3"])
def test_a_row_that_a_live_run_has_cannot_be_marked(kept, tmp_path):
    account, deals = Account([7]), deals_of("paid")
    account.connection = dataclasses.replace(account.connection, ledger=kept and tmp_path / kept)
    run = account.record(deals, {0: None}, sending=True)
    account.write("paid", 7)

    assert len(account.settle(deals, mark=True)) == 0
    with pytest.raises(ConfigError, match="row 0"):
        account.settle(deals, mark=[0])
    run.close()


def test_what_a_dead_run_was_sending_is_uncertain_and_may_be_settled(tmp_path):
    account, deals = Account([7]), deals_of("paid")
    account.connection = dataclasses.replace(account.connection, ledger=tmp_path / "ledger.sqlite3")
    before = account.journal()
    account.record(deals, {0: None}, sending=True).close()
    account.write("paid", 7)

    found = account.settle(deals, before=before, mark=True)
    assert (graded(found), found["marked"].tolist()) == ([("sure", "unique_text")], [True])
    assert ctnb.Ledger(tmp_path / "ledger.sqlite3").counts()["commented"] == 1


def test_a_row_that_a_run_claims_between_the_look_and_the_mark_is_refused(monkeypatch):
    account, deals = Account([7]), deals_of("paid")
    before = account.journal()
    account.doubt(deals)
    account.write("paid", 7)
    ledger = memory_of(account.connection)
    mark = ledger.mark_delivered

    def claimed_first(ids, leads):
        account.record(deals, {0: None}, sending=True, resend=frozenset({Status.UNCERTAIN}))
        return mark(ids, leads)

    monkeypatch.setattr(ledger, "mark_delivered", claimed_first)
    with pytest.raises(ConfigError, match="is sending"):
        account.settle(deals, before=before, mark=True)


# ---- what is refused -----------------------------------------------------------------------------------------------


def test_a_preview_s_frame_is_refused():
    account, deals = Account([7]), deals_of("paid")
    with pytest.raises(ConfigError, match="preview"):
        account.settle(deals.assign(ct_predicted=pd.array([True], dtype="boolean")))
    assert len(account.settle(deals.assign(ct_predicted=pd.array([pd.NA], dtype="boolean")))) == 0


@pytest.mark.parametrize("word", ["True", "true", "1", "1.0", "ИСТИНА", 1, 1.0])
def test_a_preview_s_frame_is_refused_that_came_back_from_a_file(word):
    account, deals = Account([7]), deals_of("paid")
    with pytest.raises(ConfigError, match="preview"):
        account.settle(deals.assign(ct_predicted=word))


def test_a_journal_of_another_clock_is_refused():
    account, deals = Account([7]), deals_of("paid")
    account.connection = dataclasses.replace(account.connection, timezone="Europe/Samara")
    tables = account.journal().tables()
    with pytest.raises(ConfigError, match="Asia/Omsk"):
        account.settle(deals, StubJournal(tables.calls, tables.requests, "Asia/Omsk"))


@pytest.mark.parametrize("journal", [None, pd.DataFrame({"callId": [7]})])
def test_what_is_no_journal_is_refused(journal):
    account, deals = Account([7]), deals_of("paid")
    with pytest.raises(ConfigError, match="ournal"):
        ctnb.settle(deals, Call("call"), "{note}", journal=journal, connection=account.connection)
