"""Rows of one deal that are one comment: a rule is then asked several times for it, in order."""

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from preview_agreement import planned
from preview_worlds import World

from ctnb.emulator.journals import Journals
from ctnb.emulator.vendor import Vendor
from ctnb.matching.candidates import Assumptions, LookUp
from ctnb.matching.index import index_journals
from ctnb.matching.matched_plan import MatchedPlan
from ctnb.matching.plan_reader import PlannedSearches, Search, Setting, read_plan
from ctnb.matching.preview import Preview
from ctnb.matching.tables import JournalTables

few_worlds = settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])


def united(search, comments_of_rows):
    """The searches of a rule, those of rows of one comment behind each other."""
    comments = comments_of_rows[search.rows]
    order = np.argsort(comments, kind="stable")

    def ordered(setting):
        return setting and Setting(setting.codes[order], setting.values)

    return Search(
        rank=search.rank,
        kind=search.kind,
        comments=comments[order],
        rows=search.rows[order],
        ids=None if search.ids is None else search.ids.take(order),
        numeric=None if search.numeric is None else search.numeric[order],
        phones=search.phones,
        emails=search.emails,
        dates=search.dates,
        match=ordered(search.match),
        depth=ordered(search.depth),
        tags=ordered(search.tags),
        tags_logic=ordered(search.tags_logic),
    )


def united_world(seed):
    """A plan whose rows are four to a comment, looked up, and what the vendor would be asked for each comment."""
    world = World(seed, rows=120)
    world.deals["note"] = [f"row {row}" for row in range(len(world.deals))]
    plan = planned(world.deals, world.rules, timezone=world.timezone)
    of_rows = np.arange(len(plan)) // 4
    kept = np.unique(of_rows[plan.sent])
    of_rows = np.where(np.isin(of_rows, kept), np.searchsorted(kept, of_rows), -1)
    searches = tuple(united(search, of_rows) for search in read_plan(plan).searches)
    look_up = LookUp(
        index_journals(JournalTables(world.calls, world.requests, world.timezone)),
        PlannedSearches(searches, of_rows, kept * 4),
    )
    assumptions = Assumptions(back_only=world.look_back_only)
    rules = tuple(look_up.candidates(search, assumptions) for search in searches)
    asked = [[] for _ in kept]
    for row, lead in zip(plan.sent.tolist(), plan.leads(len(plan)), strict=True):
        ranks = [offer.place for offer in plan.offers if offer.present[row]]
        asked[of_rows[row]] += zip(ranks, lead["matching"], strict=True)
    asked = [sorted(rules, key=lambda pair: pair[0]) for rules in asked]
    return world, Preview(MatchedPlan(world.deals, plan, look_up, assumptions, rules)), asked


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_the_first_search_of_the_first_rule_that_matches_takes_the_comment(seed):
    world, preview, asked = united_world(seed)
    journals = Journals(world.calls, world.requests, timezone=world.timezone, look_back_only=world.look_back_only)
    vendor = Vendor(journals, token="", site_id=1, undocumented=True)
    leads = [*journals.calls, *journals.requests]
    for comment, rules in enumerate(asked):
        hit = vendor.find([rule for _, rule in rules])
        rule, lead = (column[comment] for column in preview.matched.winners)
        if hit is None:
            assert (rule, lead) == (-1, -1)
        else:
            assert rule + 1 == rules[hit[0] - 1][0]
            assert leads[lead].ids[0] == hit[2].ids[0]


@few_worlds
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 2_000), min_size=1, max_size=3))
def test_the_curve_counts_a_comment_once_however_often_it_is_looked_for(seed, depths):
    _, preview, _ = united_world(seed)
    swept = preview.sweep(depths).dropna(subset="depth")
    for line in swept.itertuples(index=False):
        anew = preview.at_depths({line.rule: line.depth}).reasons
        found = (anew["rule"] == line.rule) & anew["outcome"].isin(["would_match", "shadowed"])
        assert line.alone == found.sum()
        assert line.takes == (found & (anew["outcome"] == "would_match")).sum()


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_the_best_search_of_a_rank_speaks_for_the_comment(seed):
    _, preview, _ = united_world(seed)
    best = [
        "would_match",
        "shadowed",
        "tags",
        "too_far",
        "not_unique",
        "outside_journal",
        "unknown_contact",
        "unknown_id",
    ]
    reasons = preview.matched.explained
    for position, rule in enumerate(preview.matched.rules):
        alone = rule.search.comments
        outcomes = np.array(list(preview.reasons["outcome"].cat.categories))[reasons[position].outcomes]
        assert set(np.flatnonzero(outcomes != "not_offered")) == set(alone)
        # A search that matches speaks before all others.
        matching = set(alone[preview.matched.taken[position].matched])
        assert set(np.flatnonzero(np.isin(outcomes, best[:2]))) == matching
        tagged = set(alone[(preview.matched.taken[position].leads >= 0)]) - matching
        assert set(np.flatnonzero(outcomes == "tags")) == tagged
