from dataclasses import replace

import pandas as pd
import pytest
from studio_driving import checked, opened
from widget_reading import seen, text

from ctnb import Call, CallContact, RequestContact
from ctnb import Request as RequestRule


def test_the_first_rules_are_made_of_the_columns_that_were_found(deals):
    studio = opened(deals)
    assert list(studio.rules) == [
        Call("call_id"),
        RequestRule("request_id"),
        CallContact(["phone", "phone_2"], "created_at", depth="2h", match="nearestUniqLead"),
        RequestContact("created_at", depth="7d", phones=["phone", "phone_2"], emails=["email"]),
    ]
    assert studio.key == "deal_id"


def test_rules_follow_the_columns_until_one_is_touched(deals):
    studio = opened(deals)
    studio.columns.phones.value = ("phone_2",)
    assert studio.rules[2].phones == ("phone_2",)
    studio.rules_step.cards[2].depth.value = "90m"
    studio.columns.phones.value = ("phone",)
    assert (studio.rules[2].phones, studio.rules[2].depth) == (("phone_2",), 90)


def test_the_country_of_phones_is_checked_where_it_is_typed(deals):
    studio = opened(deals)
    studio.columns.region.value = "xx"
    assert "XX" in text(studio.columns.widget)
    assert studio.export.cell.value == ""
    studio.columns.region.value = "kz"
    assert 'region="KZ"' in studio.code
    assert 'role="alert"' not in seen(studio.columns.widget)


def test_a_key_or_a_rule_of_another_table_is_shown_as_such(deals):
    studio = opened(deals, [Call("call"), CallContact(["phones"], "created", depth="2h")], key="deal")
    assert "There is no such column." in text(studio.columns.widget)
    assert checked(studio) is None
    assert "There is no column 'call'" in studio.check.message.text or "'deal'" in studio.check.message.text
    studio.columns.key.value = ""
    studio.rules_step.apply.click()
    assert checked(studio).counts["ready"] > 0


def test_the_roles_are_those_that_are_chosen(deals):
    studio = opened(deals)
    found = studio.columns.roles
    studio.columns.date.value = ""
    assert studio.columns.roles == replace(found, date=None)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame(columns=["Телефон"]),
        pd.DataFrame([["a", "b"]], columns=["x", "x"]),
        pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])),
    ],
    ids=["nothing", "no rows", "repeats", "levels"],
)
def test_a_frame_that_cannot_be_used_says_so(frame, language):
    import ctnb

    ctnb.set_language(language)
    studio = opened(frame)
    assert 'role="alert"' in seen(studio.widget)
    assert studio.result is None
