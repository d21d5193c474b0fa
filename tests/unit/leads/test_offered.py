"""What was offered for a row, as one text."""

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Request
from ctnb.leads.offered import offered_types

DEALS = pd.DataFrame(
    {
        "call": [1, None, 3, None],
        "order": [None, "a", "b", None],
        "phone": ["89157771122", None, "89157771122", None],
        "at": ["2024-03-01"] * 4,
    }
)
RULES = [Request("order"), Call("call"), CallContact("phone", "at", depth=5)]


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ([0, 1, 2, 3], ["call>callContact", "request", "request>call>callContact", None]),
        ([2, 0, 2], ["request>call>callContact", "call>callContact", "request>call>callContact"]),
        ([], []),
    ],
)
def test_types_stand_in_the_order_of_the_rules(rows, texts):
    plan = ctnb.plan(DEALS, RULES, "text")
    assert offered_types(plan.kinds, plan.offered_ranks(rows)) == texts


def test_a_type_that_two_rules_have_stands_twice():
    rules = [CallContact("phone", "at", depth=5), CallContact("phone", "at", depth=50)]
    plan = ctnb.plan(DEALS, rules, "text")
    assert offered_types(plan.kinds, plan.offered_ranks([0])) == ["callContact>callContact"]
