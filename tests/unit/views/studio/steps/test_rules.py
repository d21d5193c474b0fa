import pytest
from studio_driving import checked, opened
from widget_reading import seen, text

from ctnb import Call, CallContact, col
from ctnb.views.studio.presets import PRESETS, preset_rules


def test_rules_are_added_moved_and_removed(deals):
    studio = opened(deals)
    step = studio.rules_step
    step.kind.value = "callContact"
    step.add.click()
    assert [rule.kind for rule in studio.rules] == ["call", "request", "callContact", "requestContact", "callContact"]
    step.cards[4].up.click()
    step.cards[0].down.click()
    step.cards[2].remove.click()
    assert [rule.kind for rule in studio.rules] == ["request", "call", "callContact", "requestContact"]
    assert [card.up.disabled for card in step.cards] == [True, False, False, False]
    assert [card.down.disabled for card in step.cards] == [False, False, False, True]
    studio.open(1)
    assert "1. 2. 3. 4." in " ".join(word for word in text(step.widget).split() if word.rstrip(".").isdigit())


def test_depth_match_and_tags_are_those_of_the_rule(deals):
    studio = opened(deals)
    card = studio.rules_step.cards[2]
    card.depth.value, card.match.value, card.tags.value, card.tags_logic.value = "3h", "nearest", "VIP, Опт", "or"
    wanted = CallContact(
        ["phone", "phone_2"], "created_at", depth=180, match="nearest", tags=["VIP", "Опт"], tags_logic="or"
    )
    assert studio.rules[2] == wanted
    card.depth.value = "{amount}"
    assert studio.rules[2].depth == col("amount")


def test_a_rule_that_cannot_be_used_says_so_in_its_card_and_in_the_check(deals):
    studio = opened(deals)
    card = studio.rules_step.cards[2]
    card.depth.value = "an hour"
    assert "depth is &#39;an hour&#39;" in seen(card.widget)
    assert checked(studio) is None
    assert "Rule 3: CallContact: depth is 'an hour'" in studio.check.message.text
    assert studio.export.cell.value == studio.export.rulebook.value == ""
    card.depth.value = "1h"
    assert 'role="alert"' not in seen(card.widget)
    assert checked(studio).counts["ready"] > 0


def test_given_rules_come_back_unchanged(deals):
    rules = [
        CallContact(
            ["phone"], "created_at", depth=col("amount"), match=col("stage"), tags=col("site"), tags_logic="or"
        ),
        CallContact(["phone"], "created_at", depth="7d", match="newest", undocumented=True),
        Call("call_id", tags=["VIP", "Опт"], tags_logic=col("stage")),
    ]
    studio = opened(deals, rules, key="amount")
    assert studio.rules == tuple(rules)
    assert studio.key == "amount"


def test_one_rule_needs_no_list(deals):
    assert opened(deals, Call("call_id")).rules == (Call("call_id"),)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_replaces_the_rules(deals, preset):
    studio = opened(deals)
    studio.rules_step.cards[0].remove.click()
    studio.rules_step.preset.value = preset
    studio.rules_step.apply.click()
    assert studio.rules == tuple(preset_rules(preset, studio.columns.roles))


def test_a_date_in_two_columns_stays_as_it_was_given(deals):
    rule = CallContact("phone", ["created_at", "stage"], depth="2h")
    studio = opened(deals, [rule])
    assert list(studio.rules) == [rule]
    assert "created_at + stage" in [label for label, _ in studio.rules_step.cards[0].date.options]
    studio.rules_step.cards[0].date.value = "created_at"
    assert studio.rules[0].date == "created_at"
