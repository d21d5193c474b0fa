import pandas as pd
import pytest

from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.exceptions import ConfigError, RuleError
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules_file import fingerprint, format_rulebook, parse_rulebook

BOOK = """
comment = "{Этап}: {manager}"
key = "deal_id"
job = "june"
region = "KZ"
timezone = "Asia/Almaty"

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
    assert parse_rulebook(BOOK) == Rulebook(
        RULES, "{Этап}: {manager}", key="deal_id", job="june", region="KZ", timezone="Asia/Almaty"
    )


def test_what_a_file_does_not_name_is_not_given():
    book = parse_rulebook('[[rules]]\ntype = "call"\nid = "x"\n')
    assert book == Rulebook(Call("x"))
    assert (book.comment, book.key, book.job, book.region, book.timezone) == (None,) * 5


def test_a_formatted_rulebook_is_short_and_reads_back():
    book = Rulebook(RULES, "{Этап}", job="june")
    text = format_rulebook(book)
    assert parse_rulebook(text) == book
    assert 'depth = "2h"' in text
    assert "region" not in text
    assert "tags_logic" not in format_rulebook(Rulebook(Call("x")))
    assert text.startswith('comment = "{Этап}"\njob = "june"\n\n[[rules]]\ntype = "call"\n')


def test_a_column_is_written_on_its_line_and_comes_back_as_a_column():
    book = Rulebook(RULES, col('Итог "дня"\n'), key="deal_id")
    text = format_rulebook(book)
    assert 'comment = { col = "Итог \\"дня\\"\\n" }\nkey = "deal_id"\n' in text
    assert 'depth = { col = "minutes" }\n' in text
    assert parse_rulebook(text) == book


@pytest.mark.parametrize("comment", ["{a}", "{{a}}", '\'"""', "a\r\nb\x00\x7f", "  ", "😀 доб.", "[[rules]]"])
def test_an_unusual_comment_comes_back(comment):
    book = Rulebook(Call("x"), comment)
    assert parse_rulebook(format_rulebook(book)) == book


@pytest.mark.parametrize("comment", [pd.Series(["won"]), lambda deals: deals["stage"]], ids=["Series", "callable"])
def test_a_comment_that_no_file_can_hold_is_refused_when_it_is_written(comment):
    book = Rulebook(Call("x"), comment)
    with pytest.raises(RuleError, match=r"The comment is \w+, which cannot be stored in a file\. Give a text"):
        format_rulebook(book)


def test_half_a_surrogate_pair_cannot_be_stored():
    with pytest.raises(RuleError, match="job holds a character that is not Unicode"):
        format_rulebook(Rulebook(Call("x"), job="\ud800"))


@pytest.mark.parametrize(
    ("text", "message"),
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
        ("comment = 1", "comment is 1; a text is wanted."),
        ('key = { col = "deal_id" }', "key is {'col': 'deal_id'}; a text is wanted."),
        ("comment = { column = 'x' }", "comment is {'column': 'x'}; a text is wanted."),
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
def test_a_rules_file_that_cannot_be_used_is_refused(text, message):
    with pytest.raises(RuleError) as refusal:
        parse_rulebook(text)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('region = "Russia"', "region 'Russia' is not known"),
        ('timezone = "Mars"', "timezone 'Mars' is not known"),
        ('key = " "', "key is ' '; the name of a column is wanted."),
    ],
)
def test_a_setting_that_no_run_could_use_is_refused(setting, message):
    with pytest.raises(ConfigError) as refusal:
        parse_rulebook(f'{setting}\n[[rules]]\ntype = "call"\nid = "x"\n')
    assert message in str(refusal.value)


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


def test_a_date_in_two_columns_comes_back():
    book = Rulebook([CallContact("phone", ["day", "at"], depth="2h")])
    text = format_rulebook(book)
    assert 'date = [\n    "day",\n    "at",\n]' in text
    assert parse_rulebook(text) == book
