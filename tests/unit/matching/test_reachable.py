"""Leads that a comment's rules can find, however the vendor is read."""

import numpy as np
import pytest
from preview_frames import BY_CALL_ID, OTHER, PHONE, at, by_call, by_request, calls_of, deals_of, requests_of

import ctnb
from ctnb.matching.candidates import LookUp
from ctnb.matching.index import index_journals
from ctnb.matching.plan_reader import read_plan
from ctnb.matching.reachable import reachable
from ctnb.matching.tables import JournalTables


def leads_of(deals, rules, calls=None, requests=None, *, comments=None, among=None):
    index = index_journals(JournalTables(calls, requests, "Europe/Moscow"))
    look_up = LookUp(index, read_plan(ctnb.plan(deals, rules, "{note}")))
    every = np.arange(len(look_up.planned.first_rows)) if comments is None else np.array(comments, dtype=np.int64)
    found = reachable(look_up, every, among)
    return list(zip(found.comments.tolist(), found.leads.tolist(), strict=True))


@pytest.mark.parametrize("wanted", [11, "11", "ref", "sip"])
def test_an_id_finds_each_lead_that_has_it_as_any_kind_of_id(wanted):
    calls = calls_of({"sipCallId": "sip"}, {"callReferenceId": "11"}, {"callReferenceId": "ref"}, {"sipCallId": "ref"})
    expected = {11: [0, 1], "11": [0, 1], "ref": [2, 3], "sip": [0]}[wanted]

    assert leads_of(deals_of({"id": wanted}), BY_CALL_ID, calls) == [(0, lead) for lead in expected]


def test_a_contact_finds_its_leads_within_the_depth_on_both_sides_whatever_flags_and_tags():
    calls = calls_of(
        {"date": at("11:00")},
        {"date": at("13:00"), "uniqueCall": False, "callTags": "x"},
        {"date": at("13:01")},
        {"callerNumber": OTHER},
    )

    assert leads_of(deals_of({}), by_call(match="nearestUniq", tags="VIP"), calls) == [(0, 0), (0, 1)]


def test_rules_of_both_kinds_add_up_and_a_lead_that_is_there_twice_is_one():
    calls, requests = calls_of({"callId": 11}, {"callId": 11}), requests_of({})

    assert leads_of(deals_of({"id": 11}), [BY_CALL_ID, by_call(), by_request()], calls, requests) == [(0, 0), (0, 2)]


def test_only_the_comments_and_leads_that_are_asked_for_are_looked_at():
    deals = deals_of({}, {"phone": OTHER}, {"phone": f"{PHONE}, {OTHER}"})
    calls = calls_of({}, {"callerNumber": OTHER})

    assert leads_of(deals, by_call(), calls, comments=[0, 2]) == [(0, 0), (2, 0), (2, 1)]
    assert leads_of(deals, by_call(), calls, among=np.array([False, True])) == [(1, 1), (2, 1)]
    assert leads_of(deals, by_call(), calls, comments=[]) == []
    assert leads_of(deals, by_call()) == []
