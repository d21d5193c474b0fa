import pickle

import pytest

from ctnb import Call, CallContact, Rulebook, col
from ctnb.exceptions import ConfigError, RuleError

RULES = [Call("call_id"), CallContact("phone", "created_at", depth="2h")]


def test_a_rulebook_is_a_value():
    book = Rulebook(RULES, "{stage}", key="deal_id", job="june", region="kz", timezone="Asia/Almaty")
    again = Rulebook(iter(RULES), "{stage}", key="deal_id", job="june", region="KZ", timezone="Asia/Almaty")
    assert book == again == pickle.loads(pickle.dumps(book))
    assert hash(book) == hash(again)
    assert book.rules == tuple(RULES)
    assert book != Rulebook(RULES, col("stage"), key="deal_id")


def test_a_rulebook_cannot_be_changed():
    with pytest.raises(AttributeError):
        Rulebook(RULES).comment = "text"


def test_one_rule_is_a_list_of_one():
    assert Rulebook(RULES[0]).rules == (RULES[0],)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"rules": []}, RuleError, "give one rule at least"),
        ({"rules": RULES[:1] * 21}, RuleError, "21 rules; the vendor takes at most 20"),
        ({"rules": ["call"]}, RuleError, "Rule 1 is 'call'"),
        ({"comment": 5}, RuleError, "The comment is int; a text with {column} fields is wanted"),
        ({"key": ["deal_id"]}, ConfigError, "key is ['deal_id']; the name of a column is wanted"),
        ({"job": 5}, ConfigError, "job is 5; a text is wanted"),
        ({"region": "Russia"}, ConfigError, "region 'Russia' is not known"),
        ({"timezone": "Moscow"}, ConfigError, "timezone 'Moscow' is not known. Use an IANA name"),
    ],
)
def test_a_rulebook_is_checked_when_it_is_built(parameters, error, message):
    with pytest.raises(error) as refusal:
        Rulebook(**{"rules": RULES} | parameters)
    assert message in str(refusal.value)
