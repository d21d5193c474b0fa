"""Which leads carry the tags that a rule asks for."""

import numpy as np
import pytest

from ctnb.leads.columns.arrow_lists import lists_of
from ctnb.matching.tag_sets import TagSets

LEADS = [["VIP", "new"], [], ["new"], ["VIP", "VIP"]]


@pytest.mark.parametrize(
    ("wanted", "logic", "carried"),
    [
        ((), "and", [True, True, True, True]),
        (("VIP",), "and", [True, False, False, True]),
        (("VIP", "new"), "and", [True, False, False, False]),
        (("VIP", "new"), "or", [True, False, True, True]),
        (("unheard of",), "or", [False] * 4),
        (("unheard of", "new"), "or", [True, False, True, False]),
        (("unheard of", "new"), "and", [False] * 4),
    ],
)
def test_all_tags_or_any_of_them(wanted, logic, carried):
    sets = TagSets.of(lists_of(LEADS))
    leads = np.arange(len(LEADS), dtype=np.int32)
    assert sets.carry(leads, [(wanted, logic)], np.zeros(len(LEADS), dtype=np.int32)).tolist() == carried


def test_each_lead_may_be_asked_for_other_tags():
    sets = TagSets.of(lists_of(LEADS))
    wanted = [(("VIP",), "and"), ((), "and"), (("new", "VIP"), "or")]
    leads, which = np.array([0, 1, 2, 1], dtype=np.int32), np.array([0, 1, 2, 2], dtype=np.int32)
    assert sets.carry(leads, wanted, which).tolist() == [True, True, True, False]


def test_journals_without_tags_carry_none():
    sets = TagSets.of(lists_of([[], []]))
    assert sets.carry(np.array([1], dtype=np.int32), [(("VIP",), "or")], np.zeros(1, dtype=np.int32)).tolist() == [
        False
    ]
