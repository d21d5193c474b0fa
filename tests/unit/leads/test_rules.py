import datetime as dt
import pickle
from dataclasses import FrozenInstanceError
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.exceptions import RuleError
from ctnb.leads.rules import Col, checked_rules, parse_depth, parse_match, parse_tags, parse_tags_logic

RULES = [
    Call("call_id", tags=["vip"]),
    Request(id="request_id", tags=col("tags"), tags_logic=col("logic")),
    CallContact(["phone", "phone_2"], "created_at", depth="2h", match="nearestUniqLead"),
    RequestContact("created_at", depth=col("depth"), emails="email", match=col("match")),
]


@pytest.mark.parametrize(
    ("value", "minutes"),
    [
        (1, 1),
        (525_600, 525_600),
        (90.0, 90),
        ("90", 90),
        ("90m", 90),
        (" 2 H ", 120),
        ("7d", 10_080),
        ("365d", 525_600),
        ("007d", 10_080),
        (dt.timedelta(hours=2), 120),
        (pd.Timedelta("7D"), 10_080),
        (np.timedelta64(2, "h"), 120),
        (np.timedelta64(120, "s"), 2),
        (np.int8(5), 5),
        (np.float32(5), 5),
        (Decimal("1440.0"), 1_440),
    ],
)
def test_a_depth_is_read_in_every_form(value, minutes):
    found = parse_depth(value)
    assert found == minutes
    assert type(found) is int


@pytest.mark.parametrize(
    "value",
    [
        0,
        525_601,
        -1,
        1.5,
        10**400,
        float("nan"),
        float("inf"),
        True,
        np.True_,
        None,
        pd.NA,
        pd.NaT,
        np.timedelta64("NaT"),
        np.timedelta64(60_500, "ms"),
        np.timedelta64(1, "M"),
        dt.timedelta(seconds=59),
        dt.timedelta(days=366),
        "",
        "2 weeks",
        "1.5h",
        "-5",
        "366d",
        pytest.param("9" * 5_000, id="5000 digits"),
        "٣",
        b"90",
        [90],
        np.array(90),
        np.array([1, 2], "m8[s]"),
        {},
        Decimal("sNaN"),
        1j,
    ],
)
def test_a_depth_outside_the_limits_is_refused_with_them(value):
    with pytest.raises(ValueError, match=r"depth is .*whole minutes from 1 to 525600, .*90m.* is allowed") as refusal:
        parse_depth(value)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (None, ()),
        ([], ()),
        ("vip", ("vip",)),
        ("vip, новый;vip", ("vip", "новый")),
        (["b", " a ", "b"], ("b", "a")),
        ({"b", "c", "a"}, ("a", "b", "c")),
        (np.array(["b", "a"]), ("b", "a")),
        (pd.Series(["b", "a"]), ("b", "a")),
    ],
)
def test_tags_are_words_in_order_without_repeats(value, tags):
    assert parse_tags(value) == tags


@pytest.mark.parametrize(
    "value", ["", "a,,b", [""], ["a", None], [5], 5, True, b"ab", {"a": 1}, np.array(5), [["a"]], ["\ud800"], object()]
)
def test_other_tags_are_refused(value):
    with pytest.raises(ValueError, match=r"tags are .*(a list of words|a word that is not blank)"):
        parse_tags(value)


@pytest.mark.parametrize("value", ["AND", "", None, 1, ["and"]])
def test_another_tags_logic_is_refused_with_the_two_that_there_are(value):
    assert [parse_tags_logic(word) for word in ("and", "or")] == ["and", "or"]
    with pytest.raises(ValueError, match=r'"and" .*"or" .*allowed'):
        parse_tags_logic(value)


@pytest.mark.parametrize("value", ["Nearest", "", None, 1, ["nearest"]])
def test_another_match_is_refused_with_the_three_and_the_way_out(value):
    with pytest.raises(
        ValueError, match=r"nearest, nearestUniq, nearestUniqLead are allowed .*undocumented=True"
    ) as refusal:
        parse_match(value)
    assert repr(value) in str(refusal.value)


def test_an_undocumented_match_is_taken_on_request_but_never_a_blank_one():
    assert CallContact("p", "d", depth=1, match="farthest", undocumented=True).match == "farthest"
    for blank in (" ", "\ud800"):
        with pytest.raises(RuleError, match="match is"):
            CallContact("p", "d", depth=1, match=blank, undocumented=True)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Call(""), "Call: id is ''; the name of a column is wanted"),
        (lambda: Call(5), "Call: id is 5; the name of a column is wanted"),
        (lambda: Call("\ud800"), "the name of a column is wanted"),
        (lambda: Request(None), "Request: id is None; the name of a column is wanted"),
        (lambda: col(" "), "col is ' '; the name of a column is wanted"),
        (lambda: CallContact([], "d", depth=1), "phones is empty; name one column at least"),
        (lambda: CallContact(["p", 5], "d", depth=1), "CallContact: phones is 5; the name of a column is wanted"),
        (lambda: CallContact("p", None, depth=1), "CallContact: date is None; the name of a column is wanted"),
        (lambda: RequestContact("d", depth=1), "neither phones nor emails is given; name one column at least"),
        (lambda: CallContact("p", "d", depth=0), "CallContact: depth is 0; whole minutes from 1 to 525600"),
        (lambda: RequestContact("d", depth="9 w", emails="e"), "RequestContact: depth is '9 w'; whole minutes from 1"),
        (lambda: CallContact("p", "d", depth=1, match="best"), "CallContact: match is 'best'; nearest, nearestUniq"),
        (lambda: Call("id", tags=["a", ""]), "Call: tags are ['a', '']; each must be a word"),
        (lambda: Call("id", tags_logic="xor"), "Call: tags_logic is 'xor'; \"and\" (all tags)"),
        (lambda: CallContact("p", "d", depth=1, undocumented="no"), "undocumented is 'no'; true or false is wanted"),
    ],
)
def test_a_bad_parameter_is_refused_when_the_rule_is_built(build, message):
    with pytest.raises(RuleError) as refusal:
        build()
    assert message in str(refusal.value)


def test_policies_may_be_columns_and_data_may_be_named_by_col():
    rule = CallContact(col("phone"), col("at"), depth=col("d"), match=col("m"), tags=col("t"), tags_logic=col("l"))
    assert (rule.phones, rule.date) == (("phone",), "at")
    assert (rule.depth, rule.match, rule.tags, rule.tags_logic) == (Col("d"), Col("m"), Col("t"), Col("l"))


def test_columns_are_one_or_several_without_repeats():
    assert CallContact("p", "d", depth=1).phones == ("p",)
    assert CallContact(pd.Index(["p", "q", "p"]), "d", depth=1).phones == ("p", "q")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind.value)
def test_rules_are_values(rule):
    same = pickle.loads(pickle.dumps(rule))
    assert same == rule
    assert hash(same) == hash(rule)
    assert repr(same) == repr(rule)
    assert len({same, *RULES}) == len(RULES)
    with pytest.raises((FrozenInstanceError, TypeError)):
        rule.tags = ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind.value)
def test_a_repr_is_python_that_makes_the_rule(rule):
    names = {kind.__name__: kind for kind in (Call, Request, CallContact, RequestContact)} | {"col": col}
    assert eval(repr(rule), names) == rule


def test_a_repr_says_what_is_not_the_default():
    rule = CallContact(["phone", "phone 2"], "at", depth=120, match="best", tags="a, b", undocumented=True)
    assert repr(rule) == (
        "CallContact(phones=['phone', 'phone 2'], date='at', depth='2h', match='best', tags=['a', 'b'], "
        "undocumented=True)"
    )
    assert repr(Call("id", tags=col("t"))) == "Call(id='id', tags=col('t'))"


def test_equal_policies_make_equal_rules_however_they_are_written():
    assert CallContact("p", "d", depth="2h") == CallContact(["p"], "d", depth=dt.timedelta(minutes=120))
    assert Call("id", tags="a,b") == Call("id", tags=["a", "b"])
    assert Call("id") != Request("id")


def test_a_rule_list_keeps_its_order_and_takes_a_single_rule():
    assert checked_rules(RULES) == tuple(RULES)
    assert checked_rules(RULES[0]) == (RULES[0],)
    assert len(checked_rules(Call("id") for _ in range(20))) == 20


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([], "The rule list is empty; give one rule at least."),
        ([Call("id")] * 21, "The rule list holds 21 rules; the vendor takes at most 20 for a lead."),
        ("call", "rules is 'call'; a list of Call, Request, CallContact and RequestContact is wanted."),
        (None, "rules is None; a list of"),
        ([Call("id"), {"type": "call"}], "Rule 2 is {'type': 'call'}; Call, Request, CallContact or RequestContact"),
    ],
)
def test_a_rule_list_that_cannot_be_sent_is_refused(rules, message):
    with pytest.raises(RuleError) as refusal:
        checked_rules(rules)
    assert message in str(refusal.value)


def test_a_date_may_stand_in_two_columns():
    rule = CallContact("phone", ["day", "at"], depth="2h")
    assert rule.date == ("day", "at")
    assert repr(rule) == "CallContact(phones=['phone'], date=['day', 'at'], depth='2h')"
    assert eval(repr(rule)) == rule
    assert "day, at" in rule._repr_html_()
    assert RequestContact([col("at")], depth="2h", emails="mail").date == "at"


@pytest.mark.parametrize("date", [[], ["a", "b", "c"]])
def test_a_date_in_any_other_number_of_columns_is_refused(date):
    with pytest.raises(RuleError, match="expected one, or one with the date and one with the time"):
        CallContact("phone", date, depth="2h")
