"""Rules go to TOML and come back equal, whatever they hold."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.leads.limits import DEPTH_LIMIT, MATCHES
from ctnb.leads.rules_file import Rulebook, fingerprint, parse_rulebook, write_rulebook
from ctnb.rulebooks import dump_rules, load_rules

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = texts.filter(str.strip)
columns = names.map(col)
tags = st.none() | st.lists(texts.map(str.strip).filter(bool), max_size=4) | columns
logics = st.sampled_from(["and", "or"]) | columns
depths = st.integers(1, DEPTH_LIMIT) | columns
several = st.lists(names, min_size=1, max_size=3)


@st.composite
def matches(draw):
    """Return a match and whether it is undocumented."""
    undocumented = draw(st.booleans())
    return draw((names if undocumented else st.sampled_from(MATCHES)) | columns), undocumented


@st.composite
def rules(draw):
    """Return any rule."""
    shared = {"tags": draw(tags), "tags_logic": draw(logics)}
    kind = draw(st.sampled_from([Call, Request, CallContact, RequestContact]))
    if kind in {Call, Request}:
        return kind(draw(names), **shared)
    match, undocumented = draw(matches())
    shared |= {"depth": draw(depths), "match": match, "undocumented": undocumented}
    if kind is CallContact:
        return CallContact(draw(several), draw(names), **shared)
    return RequestContact(draw(names), phones=draw(st.none() | several), emails=draw(several), **shared)


rule_lists = st.lists(rules(), min_size=1, max_size=20)


@settings(deadline=None)
@given(rule_lists, st.none() | texts, st.none() | texts, texts, texts)
def test_a_rulebook_reads_back_equal(listed, comment, key, job, region):
    book = Rulebook(tuple(listed), comment, key, job, region)
    again = parse_rulebook(write_rulebook(book))
    assert again == book
    assert fingerprint(again.rules) == fingerprint(listed)


@settings(deadline=None)
@given(rule_lists)
def test_rules_read_back_equal_from_a_file(tmp_path_factory, listed):
    path = tmp_path_factory.mktemp("rules") / "rules.toml"
    dump_rules(listed, path)
    assert load_rules(path) == listed


@settings(deadline=None)
@given(rules(), rules())
def test_fingerprints_are_equal_when_and_only_when_the_rules_are(one, other):
    assert (fingerprint([one]) == fingerprint([other])) == (one == other)
