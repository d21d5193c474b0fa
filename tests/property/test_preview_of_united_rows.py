"""Rows of one deal that are one comment: a rule is then asked several times for it, in order."""

import numpy as np
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from preview_agreement import disagreements, previewed
from preview_worlds import World

few_worlds = settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])

MATCHING = ["would_match", "shadowed"]


def united_world(seed):
    """A world whose rows are about four to a deal, all with one text, and its preview."""
    world = World(seed, rows=120)
    world.key = "key"
    world.deals = world.deals.assign(key=world.random.integers(0, 30, 120), note="paid")
    preview = previewed(**world.asked())
    assume(preview.matched.plan.united is not None)
    return world, preview


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_the_first_search_of_the_first_rule_that_matches_takes_the_comment(seed):
    world, preview = united_world(seed)
    assert disagreements(preview, world.calls, world.requests) == []
    assert len(preview.matched.plan.sent) < preview.matched.plan.ready.sum()


@few_worlds
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 2_000), min_size=1, max_size=3))
def test_the_curve_counts_a_comment_once_however_often_it_is_looked_for(seed, depths):
    _, preview = united_world(seed)
    swept = preview.sweep(depths).dropna(subset="depth")
    for line in swept.itertuples(index=False):
        anew = preview.at_depths({line.rule: line.depth}).reasons
        found = (anew["rule"] == line.rule) & anew["outcome"].isin(["would_match", "shadowed"])
        assert line.alone == found.sum()
        assert line.takes == (found & (anew["outcome"] == "would_match")).sum()


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_the_best_search_of_a_rank_speaks_for_the_comment(seed):
    _, preview = united_world(seed)
    reasons = preview.matched.explained
    for position, rule in enumerate(preview.matched.rules):
        alone = rule.search.comments
        outcomes = np.array(list(preview.reasons["outcome"].cat.categories))[reasons[position].outcomes]
        assert set(np.flatnonzero(outcomes != "not_offered")) == set(alone)
        # A search that matches speaks before all others.
        matching = set(alone[preview.matched.taken[position].matched])
        assert set(np.flatnonzero(np.isin(outcomes, MATCHING))) == matching
        tagged = set(alone[(preview.matched.taken[position].leads >= 0)]) - matching
        assert set(np.flatnonzero(outcomes == "tags")) == tagged
