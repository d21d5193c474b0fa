import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Request, RequestContact
from ctnb.outcomes import Attribution, Kind, Outcome, Status
from ctnb.results.attribution import attribute

EXACT, INFERRED, AMBIGUOUS = Attribution.EXACT, Attribution.INFERRED, Attribution.AMBIGUOUS
CALL, REQUEST, CALL_CONTACT, REQUEST_CONTACT = Kind

CALLED = CallContact("phone", "at", depth=5)
CALLED_LONG_AGO = CallContact("phone", "at", depth="7d")
ASKED = RequestContact("at", depth=5, phones="phone")


def won(rules, cells=None, **answered):
    """Return type, rank and degree of the rule that is named for an answer."""
    row = {"call": 7, "request": 70, "other": 8, "phone": "89157771122", "at": "2024-03-01 10:00"} | (cells or {})
    deals = pd.DataFrame({name: pd.Series([cell], dtype=object) for name, cell in row.items()})
    (outcome,) = attribute(ctnb.plan(deals, rules, "text"), [0], [Outcome(Status.COMMENTED, **answered)])
    return outcome.matched_by, outcome.rule, outcome.attribution


CASES = {
    "an id that equals": ([Call("call"), CALLED], {}, {"call_id": "7"}, (CALL, 1, EXACT)),
    "an id that differs, so the contact": ([Call("call"), CALLED], {}, {"call_id": "9"}, (CALL_CONTACT, 2, EXACT)),
    "a text is any id of the lead": (
        [Call("call"), CALLED],
        {"call": "crm-7"},
        {"call_id": "9", "call_reference_id": "crm-7"},
        (CALL, 1, EXACT),
    ),
    "a text is the sip id too": (
        [Call("call"), CALLED],
        {"call": "7"},
        {"call_id": "9", "sip_call_id": "7"},
        (CALL, 1, EXACT),
    ),
    "a number is the vendor's id alone": (
        [Call("call"), CALLED],
        {},
        {"call_id": "9", "call_reference_id": "7"},
        (CALL_CONTACT, 2, EXACT),
    ),
    "a request's number": (
        [Request("request"), ASKED],
        {"request": "form-1"},
        {"request_id": "5", "request_number": "form-1"},
        (REQUEST, 1, EXACT),
    ),
    "the side decides": ([CALLED, ASKED], {}, {"request_id": "5"}, (REQUEST_CONTACT, 2, EXACT)),
    "the side decides between ids": ([Call("call"), Request("request")], {}, {"request_id": "70"}, (REQUEST, 2, EXACT)),
    "the second of two ids": ([Call("call"), Call("other")], {}, {"call_id": "8"}, (CALL, 2, EXACT)),
    "a rule without data is out": (
        [Call("call"), CALLED],
        {"call": None},
        {"call_id": "7"},
        (CALL_CONTACT, 2, EXACT),
    ),
    "several contacts of one type": ([CALLED, CALLED_LONG_AGO], {}, {"call_id": "9"}, (CALL_CONTACT, 1, INFERRED)),
    "several contacts after an id": (
        [Call("call"), CALLED, CALLED_LONG_AGO],
        {},
        {"call_id": "9"},
        (CALL_CONTACT, 2, INFERRED),
    ),
    "one id twice, first with tags": (
        [Call("call", tags="vip"), Call("call")],
        {},
        {"call_id": "7"},
        (CALL, 1, INFERRED),
    ),
    "an id with tags before a contact": (
        [Call("call", tags="vip"), CALLED],
        {},
        {"call_id": "7"},
        (CALL, 1, AMBIGUOUS),
    ),
    "an id with tags alone": ([Call("call", tags="vip")], {}, {"call_id": "7"}, (CALL, 1, EXACT)),
    "a contact before an id that equals": ([CALLED, Call("call")], {}, {"call_id": "7"}, (CALL_CONTACT, 1, AMBIGUOUS)),
    "a contact before an id that differs": ([CALLED, Call("call")], {}, {"call_id": "9"}, (CALL_CONTACT, 1, EXACT)),
    "an unknown id, one rule": ([Call("call"), ASKED], {}, {"call_id": "9"}, (CALL, 1, EXACT)),
    "an unknown id, two of a type": ([Call("call"), Call("other")], {}, {"call_id": "9"}, (CALL, 1, INFERRED)),
    "the vendor's own id is not answered": (
        [Call("call"), CALLED],
        {},
        {"call_reference_id": "r"},
        (CALL, 1, AMBIGUOUS),
    ),
    "both a call and a request": (
        [CALLED, ASKED],
        {},
        {"call_id": "9", "request_id": "5"},
        (CALL_CONTACT, 1, AMBIGUOUS),
    ),
    "neither": ([Call("call"), ASKED], {}, {}, (CALL, 1, AMBIGUOUS)),
    "neither, and one rule": ([ASKED], {}, {}, (REQUEST_CONTACT, 1, EXACT)),
    "neither, and one type": ([CALLED, CALLED_LONG_AGO], {}, {}, (CALL_CONTACT, 1, INFERRED)),
    "a side that was not asked": ([CALLED], {}, {"request_id": "5"}, (None, None, None)),
}


@pytest.mark.parametrize(("rules", "cells", "answered", "expected"), CASES.values(), ids=CASES)
def test_the_winner_is_named_with_its_degree(rules, cells, answered, expected):
    assert won(rules, cells, **answered) == expected


def test_everything_else_of_the_outcome_stays():
    planned = ctnb.plan(pd.DataFrame({"call": [7]}), Call("call"), "text")
    before = Outcome(Status.COMMENTED, call_id="7", sip_call_id="s", replayed=True, batch=3, attempts=2)
    (after,) = attribute(planned, [0], [before])
    assert (after.status, after.call_id, after.sip_call_id) == (Status.COMMENTED, "7", "s")
    assert (after.replayed, after.batch, after.attempts) == (True, 3, 2)
    assert before.rule is None


def test_each_row_goes_by_its_own_ids():
    planned = ctnb.plan(pd.DataFrame({"a": [1, 2], "b": [2, 1]}), [Call("a"), Call("b")], "text")
    found = [outcome.rule for outcome in attribute(planned, [0, 1], [Outcome(Status.COMMENTED, call_id="1")] * 2)]
    assert found == [1, 2]


def test_no_outcomes_are_no_work():
    assert attribute(ctnb.plan(pd.DataFrame({"call": [7]}), Call("call"), "text"), [], []) == []
