"""Several rows of one deal are one lead with all that they offer, whatever their order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, RequestContact, col
from ctnb.leads.identity import offer_texts
from ctnb.outcomes import Attribution, Outcome, Status
from ctnb.results.attribution import attribute

RULES = [
    Call("call"),
    CallContact("phone", "at", depth=60),
    RequestContact("at", depth=60, phones="phone", emails="email"),
]
BLANK = {"deal": "d1", "stage": "won", "call": None, "phone": None, "email": None, "at": "01.03.2024 10:00"}
ONE, TWO, THREE = "79150000001", "79150000002", "79150000003"


def frame_of(*rows):
    return pd.DataFrame([BLANK | row for row in rows], dtype=object)


def planned(*rows, rules=RULES, key="deal"):
    return ctnb.plan(frame_of(*rows), rules, "{stage}", key=key)


def searches(plan):
    """Return the rules of each lead as (type, what it looks for, date)."""
    found = []
    for lead in plan.leads(99):
        found.append([])
        for rule in lead["matching"]:
            (values,) = (value for name, value in rule.items() if name != "type")
            contacts = values.get("callId") or [*values.get("phones", ()), *values.get("emails", ())]
            found[-1].append((rule["type"], contacts, values.get("date", "")[:10]))
    return found


def test_contacts_of_one_date_are_one_rule_and_other_dates_are_others():
    plan = planned(
        {"phone": TWO, "at": "02.03.2024"},
        {"phone": ONE},
        {"phone": TWO, "email": "a@b.ru"},
        {"call": 7, "phone": None, "at": None},
    )
    assert searches(plan) == [
        [
            ("call", 7, ""),
            ("callContact", [ONE, TWO], "01-03-2024"),
            ("callContact", [TWO], "02-03-2024"),
            ("requestContact", [ONE, TWO, "a@b.ru"], "01-03-2024"),
            ("requestContact", [TWO], "02-03-2024"),
        ]
    ]
    assert (len(plan.sent), plan.counts) == (1, {"ready": 4, "invalid": 0})
    assert plan.frame["rules"].tolist() == [2, 2, 2, 1]


def test_a_row_alone_is_sent_as_it_is_written():
    plan = planned({"phone": f"{TWO}, {ONE}"}, {"deal": "d2", "phone": ONE}, {"deal": "d2", "phone": TWO})
    assert [lead[0][1] for lead in searches(plan)] == [[TWO, ONE], [ONE, TWO]]


def test_a_row_that_offers_nothing_stays_invalid():
    plan = planned({"phone": ONE}, {"phone": None}, {"phone": TWO})
    assert plan.frame["status"].tolist() == ["ready", "invalid", "ready"]
    assert searches(plan)[0][0][1] == [ONE, TWO]


def test_rows_with_other_texts_have_their_own_contacts():
    plan = planned({"phone": ONE}, {"phone": TWO, "stage": "lost"})
    assert [lead[0][1] for lead in searches(plan)] == [[ONE], [TWO]]


def test_contacts_are_united_only_under_one_policy():
    rules = [CallContact("phone", "at", depth=col("depth"), match=col("match"), tags=col("tags"))]
    policy = {"depth": 60, "match": "nearest", "tags": None}
    rows = [policy | {"phone": ONE}, policy | {"phone": TWO}]
    assert len(planned(*rows, rules=rules).leads()[0]["matching"]) == 1
    for change in ({"depth": 61}, {"match": "nearestUniq"}, {"tags": "vip"}):
        matching = planned(rows[0], rows[1] | change, rules=rules).leads()[0]["matching"]
        assert sorted(rule["callContactParams"]["phones"] for rule in matching) == [[ONE], [TWO]]


def test_ids_of_several_rows_are_rules_of_their_own():
    plan = planned({"call": 9}, {"call": 7}, {"call": 9}, {"call": "9"}, rules=[Call("call")])
    assert [rule["callParams"]["callId"] for rule in plan.leads()[0]["matching"]] == [7, "9", 9]


def test_variants_beyond_twenty_are_dropped_from_the_end_and_the_rows_say_so():
    rows = [{"phone": ONE, "at": f"{day:02}.03.2024"} for day in range(12, 0, -1)]
    plan = planned(*rows, {"deal": "d2", "phone": TWO})
    (first, second) = searches(plan)
    assert [search[0] for search in first] == ["callContact"] * 12 + ["requestContact"] * 8
    assert [search[2][:2] for search in first] == [
        *(f"{day:02}" for day in range(1, 13)),
        *(f"{d:02}" for d in range(1, 9)),
    ]
    assert len(second) == 2
    problems = plan.frame["problem"]
    assert problems.iloc[:12].str.contains("more than 20 searches: the last ones are left out").all()
    assert problems.isna().tolist()[12:] == [True]
    assert plan.counts["ready"] == 13


def test_a_key_of_more_than_twenty_contacts_is_no_deals():
    phones = [f"7915000{number:04}" for number in range(21)]
    rows = [{"phone": phone, "stage": f"text {number % 3}"} for number, phone in enumerate(phones)]
    plan = planned(*rows, {"deal": "d2", "phone": ONE})
    assert plan.frame["problem_code"].tolist() == ["repeated_key"] * 21 + [np.nan]
    assert plan.frame["problem"].iloc[0] == "the key stands for 21 different contacts; a deal has at most 20"
    assert plan.counts == {"ready": 1, "invalid": 21}
    assert planned(*rows[:20]).counts == {"ready": 20, "invalid": 0}
    assert planned(*rows[:20], *rows[:20]).counts["invalid"] == 0
    assert planned(*rows[:20], {"email": "a@b.ru"}).counts["invalid"] == 21


def test_one_contact_twice_counts_once():
    rows = [{"phone": ONE, "at": f"{day:02}.03.2024"} for day in range(1, 29)]
    assert planned(*rows).counts["invalid"] == 0


def test_without_a_key_many_rows_of_one_contact_are_one_lead():
    rows = [{"phone": ONE, "at": f"{day:02}.03.2024"} for day in (3, 1, 2)]
    assert [search[2][:2] for search in searches(planned(*rows, key=None))[0][:3]] == ["01", "02", "03"]


phones = st.lists(st.sampled_from([ONE, TWO, THREE]), max_size=2).map(", ".join)
deal_rows = st.lists(
    st.fixed_dictionaries(
        {
            "deal": st.sampled_from(["d1", "d2", None]),
            "stage": st.sampled_from(["won", "lost"]),
            "call": st.sampled_from([None, 1, 2, "1"]),
            "phone": phones,
            "email": st.sampled_from([None, "a@b.ru", "b@b.ru"]),
            "at": st.sampled_from(["01.03.2024", "02.03.2024", "junk"]),
            "tags": st.sampled_from([None, "vip"]),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60)
@given(deal_rows, st.data())
def test_the_order_of_the_rows_changes_nothing(rows, data):
    rules = [Call("call"), CallContact("phone", "at", depth=60, tags=col("tags")), RULES[2]]
    order = data.draw(st.permutations(range(len(rows))))
    plan, other = planned(*rows, rules=rules), planned(*(rows[at] for at in order), rules=rules)
    first, second = ({repr(lead) for lead in each.leads(99)} for each in (plan, other))
    assert first == second
    fingerprints = [set(offer_texts(each.offered(each.sent)).to_pylist()) for each in (plan, other)]
    assert fingerprints[0] == fingerprints[1]
    # The leads of any rows are the same, together or one by one.
    for row in plan.sent.tolist():
        assert plan.payload(plan, [row])[0] in plan.leads(99)


@settings(max_examples=40)
@given(deal_rows)
def test_a_lead_offers_all_that_its_rows_offer(rows):
    plan = planned(*rows)
    alone = [planned(row).leads(1) for row in rows]
    leads = dict(zip(plan.sent.tolist(), plan.leads(99), strict=True))
    for row, own in enumerate(alone):
        if own:
            lead = leads[int(plan.first[row])]
            assert wanted(own[0]) <= wanted(lead)
            assert wanted(lead) <= set().union(*(wanted(each[0]) for each in alone if each))


def wanted(lead):
    """Return what a lead looks for, one contact each."""
    found = set()
    for rule in lead["matching"]:
        (values,) = (value for name, value in rule.items() if name != "type")
        for name in ("callId", "phones", "emails"):
            each = values.get(name, [])
            found |= {
                (rule["type"], repr(one), values.get("date")) for one in (each if isinstance(each, list) else [each])
            }
    return found


@pytest.mark.parametrize("answered", [{"call_id": "9"}, {"call_id": "1", "call_reference_id": "7"}])
def test_the_rank_is_the_users_and_each_is_named_once(answered):
    rules = [RequestContact("at", depth=5, emails="email"), Call("call"), CallContact("phone", "at", depth=5)]
    plan = planned({"call": "9", "phone": ONE}, {"call": "7", "phone": ONE, "at": "02.03.2024"}, rules=rules)
    assert [rule["type"] for rule in plan.leads()[0]["matching"]] == ["call"] * 2 + ["callContact"] * 2
    (outcome,) = attribute(plan, [0], [Outcome(Status.COMMENTED, **answered)])
    assert (outcome.rule, outcome.matched_by, outcome.attribution) == (2, "call", Attribution.EXACT)
    assert plan.offered_ranks([0, 1]).tolist() == [0b110, 0b110]


def test_many_united_leads_are_as_each_alone():
    rows = [
        {"deal": f"d{at // 3}", "phone": f"7915000{at % 5:04}", "at": f"{at % 4 + 1:02}.03.2024"} for at in range(3000)
    ]
    plan = planned(*rows)
    together = plan.payload(plan, plan.sent.tolist())
    for at in range(0, 1000, 97):
        assert together[at] == planned(*rows[3 * at : 3 * at + 3]).leads(1)[0]
