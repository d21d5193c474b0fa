import pytest

from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.exceptions import RuleError
from ctnb.leads.rules_file import Rulebook, depth_text, fingerprint, parse_rulebook, write_rulebook

BOOK = """
comment = "{Этап}: {manager}"
key = "deal_id"
job = "june"
region = "KZ"

[[rules]]
type = "call"
id = "call_id"

[[rules]]
type = "callContact"
phones = ["phone", "phone_2"]
date = "created_at"
depth = "2h"
match = "nearestUniqLead"

[[rules]]
type = "request"
id = "request_id"
tags = ["vip"]

[[rules]]
type = "requestContact"
emails = "email"
date = "created_at"
depth = { col = "minutes" }
tags = { col = "Метки" }
tags_logic = "or"
"""
RULES = (
    Call("call_id"),
    CallContact(["phone", "phone_2"], "created_at", depth=120, match="nearestUniqLead"),
    Request("request_id", tags="vip"),
    RequestContact("created_at", depth=col("minutes"), emails="email", tags=col("Метки"), tags_logic="or"),
)


def test_a_rules_file_is_read_whole_and_in_order():
    assert parse_rulebook(BOOK) == Rulebook(RULES, comment="{Этап}: {manager}", key="deal_id", job="june", region="KZ")


def test_settings_are_optional():
    assert parse_rulebook('[[rules]]\ntype = "call"\nid = "x"\n') == Rulebook((Call("x"),))


def test_what_is_written_is_short_and_reads_back():
    book = Rulebook(RULES, comment="{Этап}", job="june")
    text = write_rulebook(book)
    assert parse_rulebook(text) == book
    assert 'depth = "2h"' in text
    assert "region" not in text
    assert "tags_logic" not in write_rulebook(Rulebook((Call("x"),)))


@pytest.mark.parametrize(
    ("minutes", "text"), [(1, "1m"), (90, "90m"), (120, "2h"), (1_440, "1d"), (10_080, "7d"), (525_600, "365d")]
)
def test_a_depth_is_written_in_its_largest_unit(minutes, text):
    assert depth_text(minutes) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rules = ", "The rules are not TOML"),
        (f"x = {'[' * 5_000}", "The rules are not TOML"),
        (f"x = {'9' * 5_000}", "The rules are not TOML"),
        ("", "holds no [[rules]] table"),
        ("rules = 1", "holds no [[rules]] table"),
        ("rules = []", "The rule list is empty"),
        ("rules = [1]", "Rule 1: type is 1; call, request, callContact, requestContact are allowed."),
        ('comments = "x"', "holds 'comments'; comment, job, key, region, timezone and [[rules]] are allowed."),
        ("job = 1", "job is 1; a text is wanted."),
        ('[[rules]]\nid = "x"', "Rule 1: type is None; call, request,"),
        ('[[rules]]\ntype = ["call"]\nid = "x"', "Rule 1: type is ['call']; call, request,"),
        ('[[rules]]\ntype = "call"', "Rule 1 (call) lacks id."),
        ('[[rules]]\ntype = "callContact"\ndate = "d"', "Rule 1 (callContact) lacks phones, depth."),
        (
            '[[rules]]\ntype = "call"\nid = "x"\ndepth = 3',
            "Rule 1 (call) has 'depth'; id, tags, tags_logic are allowed.",
        ),
        ('[[rules]]\ntype = "call"\nid = { col = 5 }', "Rule 1: col is 5; the name of a column is wanted."),
        ('[[rules]]\ntype = "call"\nid = "x"\ntags = { col = "a", x = 1 }', "Rule 1: Call: tags are"),
        (
            '[[rules]]\ntype = "call"\nid = "x"\n[[rules]]\ntype = "callContact"\nphones = "p"\ndate = "d"\ndepth = 0',
            "Rule 2: CallContact: depth is 0; whole minutes from 1 to 525600",
        ),
        (
            '[[rules]]\ntype = "callContact"\nphones = "p"\ndate = "d"\ndepth = 1\nmatch = "best"',
            "Rule 1: CallContact: match is 'best'; nearest, nearestUniq, nearestUniqLead are allowed",
        ),
        ('[[rules]]\ntype = "call"\nid = "x"\n' * 21, "holds 21 rules; the vendor takes at most 20"),
    ],
)
def test_a_rules_file_that_cannot_be_used_is_refused(text, told):
    with pytest.raises(RuleError) as refusal:
        parse_rulebook(text)
    assert told in str(refusal.value)


def test_the_fingerprint_tells_rules_apart_and_nothing_else():
    assert fingerprint(RULES) == fingerprint(list(parse_rulebook(BOOK).rules))
    others = [
        RULES[:3],
        RULES[::-1],
        (Call("call_id", tags="vip"), *RULES[1:]),
        (RULES[0], CallContact(["phone"], "created_at", depth=120, match="nearestUniqLead"), *RULES[2:]),
        (RULES[0], CallContact(["phone", "phone_2"], "created_at", depth=121, match="nearestUniqLead"), *RULES[2:]),
    ]
    assert len({fingerprint(rules) for rules in [RULES, *others]}) == len(others) + 1


def test_the_fingerprint_is_the_same_in_every_version():
    assert fingerprint(RULES) == "c941eab9b5dcf4ff31b4c433086c79a8"
