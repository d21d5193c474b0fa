"""Rulebooks go to TOML and come back equal, whatever they hold."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ctnb import Call, CallContact, Request, RequestContact, Rulebook, col, dump_rulebook, load_rulebook
from ctnb.leads.limits import DEPTH_LIMIT, MATCHES
from ctnb.leads.rules_file import fingerprint, format_rulebook, parse_rulebook

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


books = st.builds(
    Rulebook,
    st.lists(rules(), min_size=1, max_size=20),
    st.none() | texts | st.sampled_from(["{{stage}}: {a}", "a\"'\n\r\t\\", "'\"\"\"'''", "\x00\x7f\u2028"]) | columns,
    key=st.none() | names,
    job=st.none() | texts,
    region=st.none() | st.sampled_from(["RU", "kz", " BY "]),
    timezone=st.none() | st.sampled_from(["Europe/Moscow", "Asia/Almaty", "UTC"]),
)


@settings(deadline=None)
@given(books)
def test_a_rulebook_reads_back_equal(book):
    again = parse_rulebook(format_rulebook(book))
    assert again == book
    assert fingerprint(again.rules) == fingerprint(book.rules)


@settings(deadline=None, max_examples=30)
@given(books)
def test_a_rulebook_reads_back_equal_from_a_file(tmp_path_factory, book):
    path = tmp_path_factory.mktemp("rules") / "rules.toml"
    dump_rulebook(book, path)
    assert load_rulebook(path) == book


@settings(deadline=None)
@given(rules(), rules())
def test_fingerprints_are_equal_when_and_only_when_the_rules_are(one, other):
    assert (fingerprint([one]) == fingerprint([other])) == (one == other)
