"""Dealing out copies among comments: as many as possible, earlier claims first."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.journals.dealing import dealt

LEADS = [7, 8, 9]


def most(claims, room):
    """How many claims have a place at best, by trying all ways."""
    return max(
        sum(lead is not None for lead in way)
        for way in product(*[[None, *leads] for leads in claims])
        if all(way.count(lead) <= room[lead] for lead in room)
    )


@given(
    claims=st.lists(st.lists(st.sampled_from(LEADS), unique=True), max_size=5),
    room=st.fixed_dictionaries(dict.fromkeys(LEADS, st.integers(0, 2))),
)
def test_as_many_have_a_place_as_can_and_on_leads_of_their_own(claims, room):
    places = dealt(claims, room)

    assert len(places) == most(claims, room)
    assert all(lead in claims[claim] for claim, lead in places.items())
    assert all(list(places.values()).count(lead) <= room[lead] for lead in LEADS)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_an_earlier_claim_keeps_a_place(order):
    claims = [[7], [7, 8], [7, 8]]
    places = dealt([claims[position] for position in order], {7: 1, 8: 1})

    assert sorted(places) == [0, 1]


def test_many_claims_on_one_lead_are_dealt_at_once():
    assert len(dealt([[7]] * 20_000, {7: 10_000})) == 10_000
