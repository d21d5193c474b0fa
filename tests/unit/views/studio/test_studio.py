import math
import threading

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Connection, Emulator, RequestContact, col
from ctnb.leads.guess_columns import Roles
from ctnb.tables.files import read_leads
from ctnb.tables.samples import sample
from ctnb.views.studio.presets import PRESETS, preset_rules

PATIENCE = 60
TEMPLATE = "{stage}: {manager}"


@pytest.fixture(scope="module")
def deals():
    return read_leads(sample("deals.csv")).head(300)


@pytest.fixture
def vendor():
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=None) as started:
        yield started


def opened(deals, comment=TEMPLATE, **settings):
    return deals.calltouch.studio(comment=comment, **settings)


def checked(studio):
    """Open the step that checks, and wait for its end."""
    studio.open(3)
    assert studio.wait(PATIENCE)
    return studio.plan


def sent(studio):
    """Send, with the question answered."""
    studio.send.begin.click()
    assert studio.wait(PATIENCE)
    studio.send.confirm.click()
    assert studio.wait(PATIENCE)
    return studio.result


def shown(widget):
    """Every text in a widget and what it holds, as far as it is not hidden."""
    if widget.layout.display == "none":
        return ""
    own = " ".join(str(getattr(widget, name, "")) for name in ("value", "description", "placeholder"))
    return " ".join([own, *(shown(child) for child in getattr(widget, "children", ()))])


def test_the_first_rules_are_made_of_the_columns_that_were_found(deals):
    studio = opened(deals)
    assert list(studio.rules) == [
        Call("call_id"),
        ctnb.Request("request_id"),
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
    assert len(step._list.children) == 4


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
    assert "depth is &#x27;an hour&#x27;" in shown(card.widget)
    assert checked(studio) is None
    assert "Rule 3: CallContact: depth is 'an hour'" in studio.check.notice.text
    assert studio.copying.text.value == ""
    card.depth.value = "1h"
    assert 'role="alert"' not in shown(card.widget)
    assert checked(studio).counts["ready"] > 0


def test_given_rules_come_back_unchanged(deals):
    rules = [
        CallContact(
            ["phone"], "created_at", depth=col("amount"), match=col("stage"), tags=col("site"), tags_logic="or"
        ),
        CallContact(["phone"], "created_at", depth="7d", match="newest", undocumented=True),
        Call("call_id", tags=["VIP", "Опт"], tags_logic=col("stage")),
    ]
    studio = opened(deals, rules=rules, key="amount")
    assert studio.rules == tuple(rules)
    assert studio.key == "amount"


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_replaces_the_rules(deals, preset):
    studio = opened(deals)
    studio.rules_step.cards[0].remove.click()
    studio.rules_step.preset.value = preset
    studio.rules_step.apply.click()
    assert studio.rules == tuple(preset_rules(preset, studio.columns.roles))


def test_presets_leave_out_rules_without_columns():
    assert preset_rules("ids_contacts", Roles(emails=("e",), date="d")) == [RequestContact("d", depth="7d", emails="e")]
    assert preset_rules("ids", Roles(phones=("p",), date="d")) == []
    assert preset_rules("contacts", Roles(phones=("p",))) == []


def test_the_comment_is_shown_for_the_first_rows(deals):
    studio = opened(deals, comment="")
    studio.comment_step.inserts["stage"].click()
    studio.comment_step.text.value += ": "
    studio.comment_step.inserts["manager"].click()
    assert studio.comment == TEMPLATE
    assert "Принимают решение: Анна Ковылкина" in studio.comment_step._examples.value
    studio.comment_step.text.value = "{nothing}"
    assert "There is no column" in studio.comment_step._examples.value


def test_examples_hold_no_contact(deals):
    studio = opened(deals, comment="{phone} {email}")
    checked(studio)
    values = [str(cell) for name in ("phone", "email") for cell in deals[name].dropna().head(50) if len(str(cell)) > 9]
    state = " ".join(
        [shown(page) for page in studio._pages] + [studio.check._shown.value, studio.columns._examples.value]
    )
    assert [value for value in values if value in state] == []


def test_the_check_adds_up_and_changes_with_the_rules(deals):
    studio = opened(deals)
    plan = checked(studio)
    expected = ctnb.plan(deals, studio.rules, TEMPLATE, key="deal_id")
    assert plan.counts == expected.counts
    page = studio.check._shown.value
    assert all(str(count) in page for count in (len(plan), plan.counts["ready"], plan.counts["invalid"], plan.requests))
    assert "row 10" in page or "rows 10" in page
    studio.open(1)
    for _ in range(3):
        studio.rules_step.cards[0].remove.click()
    assert studio.plan is None
    assert studio.check._shown.value == ""
    fewer = checked(studio)
    assert len(fewer.rules) == 1
    assert fewer.counts["ready"] <= plan.counts["ready"]


def test_a_change_during_the_check_is_checked_too(deals, monkeypatch):
    studio = opened(deals)
    plan = ctnb.run.plan

    def changed(*given, **settings):
        monkeypatch.setattr("ctnb.run.plan", plan)
        studio.rules_step.cards[0].remove.click()
        return plan(*given, **settings)

    monkeypatch.setattr("ctnb.run.plan", changed)
    found = checked(studio)
    assert found.rules == studio.rules
    assert studio.check._shown.value


def test_a_change_that_comes_late_is_checked_where_the_check_is_open(deals):
    studio = opened(deals)
    checked(studio)
    studio.rules_step.cards[0].remove.click()
    assert studio.wait(PATIENCE)
    assert studio.plan.rules == studio.rules
    assert studio.check._shown.value


def test_what_a_browser_tells_again_is_no_change(deals):
    studio = opened(deals)
    plan = checked(studio)
    studio._on_change()
    assert studio.plan is plan
    assert studio.check._shown.value


def test_sending_asks_first_and_names_the_number_and_the_account(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    plan = checked(studio)
    studio.open(4)
    studio.send.begin.click()
    assert studio.wait(PATIENCE)
    asked = shown(studio.send.widget)
    assert f"Send {len(plan.sent)} comments?" in asked
    assert f"Account {vendor.connection.site_id} at 127.0.0.1:" in asked
    assert f"Yes, send {len(plan.sent)} comments" in asked
    assert len(vendor.posts) == 0
    studio.send.cancel.click()
    assert "Send 2" not in shown(studio.send.widget)
    studio.send.confirm.click()
    assert studio.wait(PATIENCE)
    assert len(vendor.posts) == 0


def test_a_change_takes_the_question_back(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    studio.send.begin.click()
    assert studio.wait(PATIENCE)
    studio.comment_step.text.value = "another"
    studio.send.confirm.click()
    assert studio.wait(PATIENCE)
    assert len(vendor.posts) == 0
    assert studio.result is None


def test_what_was_sent_is_what_the_verb_sends(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    result = sent(studio)
    assert len(vendor.comments) == (result["ct_status"] == "commented").sum() > 0
    assert result["ct_status"].value_counts().sum() == len(deals)
    again = deals.calltouch.comment(studio.rules, TEMPLATE, key="deal_id", connection=vendor.connection, progress=False)
    assert again["ct_status"].tolist() == result["ct_status"].tolist()
    assert len(vendor.comments) == (result["ct_status"] == "commented").sum()
    assert studio.send._result.children
    assert "Done." in studio.send.notice.text
    assert "not sent" not in repr(studio)


def test_the_copied_cell_gives_the_same(deals, vendor, monkeypatch):
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", vendor.connection.token)
    monkeypatch.setattr("ctnb.run.progress_bar", quiet(ctnb.run.progress_bar))
    studio = opened(deals, connection=vendor.connection)
    studio.rules_step.cards[0].down.click()
    studio.rules_step.cards[3].tags.value = "VIP"
    result = sent(studio)
    scope = {"deals": deals}
    exec(compile(studio.copying.text.value, "<cell>", "exec"), scope)
    assert scope["rules"] == list(studio.rules)
    assert scope["done"]["ct_status"].tolist() == result["ct_status"].tolist()
    assert vendor.connection.token not in studio.copying.text.value


def quiet(progress_bar):
    """Draw no bar, for the cell shows one."""

    def hidden(counts, *, shown, plan):
        return progress_bar(counts, shown=False, plan=plan)

    return hidden


def test_a_stop_in_mid_run_leaves_counts_that_add_up():
    many = pd.concat([read_leads(sample("deals.csv"))] * 3, ignore_index=True)
    many["deal_id"] = range(len(many))
    with Emulator(sample("calls.csv"), sample("requests.csv"), rate=5) as slow:
        studio = opened(many, connection=slow.connection)
        studio.send.begin.click()
        assert studio.wait(PATIENCE)
        studio.send.confirm.click()
        while not studio.send._bar.value:
            pass
        studio.send.stop.click()
        assert studio.wait(PATIENCE)
        counts = studio.result.calltouch.counts()
        assert counts.sum() == len(many)
        assert counts["unsent"] > 0
        assert counts["commented"] == len(slow.comments) > 0
        assert counts["uncertain"] == 0
        assert "Stopped." in studio.send.notice.text
        assert f"{counts['unsent']:,} comments are unsent" in studio.send.notice.text
        sending = [thread.name for thread in threading.enumerate() if thread.name == "ctnb-studio"]
        assert sending == []


def test_a_refused_token_is_shown_and_not_raised(deals, vendor):
    refused = Connection(4242, "another", base_url=vendor.connection.base_url, rate=math.inf, ledger=None)
    studio = opened(deals, connection=refused)
    result = sent(studio)
    assert "The run stopped: Access token не найден." in studio.send.notice.text
    assert "Take a new token" in studio.send.notice.text
    assert "carry on" not in studio.send.notice.text
    assert 'role="alert"' in studio.send.notice.widget.value
    assert (result["ct_status"] != "commented").all()


def test_a_fault_of_the_run_is_shown_with_the_rows_as_they_are(deals, vendor, monkeypatch):
    async def broken(*_, **__):
        raise ctnb.LedgerError("the disk is full")

    monkeypatch.setattr("ctnb.run.deliver", broken)
    studio = opened(deals, connection=vendor.connection)
    result = sent(studio)
    assert "the disk is full" in studio.send.notice.text
    assert len(result) == len(deals)


def test_an_unexpected_fault_of_the_check_is_shown(deals, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("of 89157771122")

    monkeypatch.setattr("ctnb.run.plan", broken)
    studio = opened(deals)
    checked(studio)
    assert studio.check.notice.text == "Unexpected: ZeroDivisionError. of 8915*****22"


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
def test_a_frame_that_cannot_be_used_is_told_of(frame, language):
    ctnb.set_language(language)
    studio = opened(frame)
    assert 'role="alert"' in shown(studio.widget)
    assert studio.result is None


def test_a_messy_frame_is_looked_at_without_an_error():
    messy = pd.DataFrame(
        [[["89157771122"], "<b>x</b>", None, 0.5], [{"a": 1}, pd.NaT, "нет", math.inf]],
        columns=["Телефон <script>", "{x}", 0, "y"],
        index=["one", "one"],
    )
    studio = opened(messy, comment="{Телефон <script>} {0}")
    assert checked(studio) is None or len(studio.plan) == 2
    assert "<script>" not in studio.columns._examples.value
    assert "<b>x</b>" not in studio.columns._examples.value
    assert studio.check.notice.text


def test_everything_is_in_russian(deals):
    ctnb.set_language("ru")
    studio = opened(deals)
    checked(studio)
    assert [step.description for step in studio.steps] == [
        "1. Столбцы",
        "2. Правила",
        "3. Комментарий",
        "4. Проверка",
        "5. Отправка",
    ]
    assert "строк можно отправить" in studio.check._shown.value


def test_a_large_table_is_checked_without_holding_the_kernel(deals):
    large = pd.concat([deals] * 100, ignore_index=True)
    studio = opened(large)
    studio.open(3)
    assert studio.check.button.disabled
    assert studio.check.notice.text == "Checking…"
    assert studio.wait(PATIENCE)
    assert len(studio.plan) == len(large)
    assert not studio.check.button.disabled


def test_every_control_has_a_label(deals):
    studio = opened(deals)
    unlabelled = [
        widget
        for widget in everything(studio.widget)
        if type(widget).__name__ in {"Text", "TokenField", "Textarea", "Dropdown", "SelectMultiple", "Button"}
        and not widget.description
        and widget is not studio.send.confirm
    ]
    assert unlabelled == []


def everything(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def test_a_saved_notebook_says_what_to_do(deals):
    bundle = opened(deals)._repr_mimebundle_()
    assert "Run the cell again" in bundle["text/html"]
    assert bundle["text/plain"] == "<Studio: 300 rows, not sent>"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_country_of_phones_is_checked_where_it_is_typed(deals):
    studio = opened(deals)
    studio.columns.region.value = "xx"
    assert "XX" in studio.columns._examples.value
    assert studio.copying.text.value == ""
    studio.columns.region.value = "kz"
    assert 'region="KZ"' in studio.code
    assert 'role="alert"' not in studio.columns._examples.value


def test_dates_are_read_in_the_time_zone_of_the_account(monkeypatch):
    aware = pd.DataFrame({"phone": ["89157771122"], "date": pd.to_datetime(["2026-03-02 10:00"]).tz_localize("UTC")})
    studio = opened(aware, comment="x")
    assert "02-03-2026 13:00:00" in str(checked(studio).leads())
    studio.send.account.timezone.value = "Asia/Almaty"
    assert studio.plan is None
    assert "02-03-2026 15:00:00" in str(checked(studio).leads())
    assert 'timezone="Asia/Almaty"' in studio.code
    studio.send.account.timezone.value = "Mars"
    assert checked(studio) is None
    assert "'Mars' is not known" in studio.check.notice.text


def test_a_change_while_the_question_is_made_ready_is_not_sent(deals, vendor, monkeypatch):
    plan = ctnb.run.plan
    studio = opened(deals, connection=vendor.connection)

    def changed_meanwhile(*arguments, **settings):
        made = plan(*arguments, **settings)
        studio.comment_step.text.value = "another"
        return made

    monkeypatch.setattr("ctnb.run.plan", changed_meanwhile)
    studio.send.begin.click()
    assert studio.wait(PATIENCE)
    assert "press Send again" in studio.send.notice.text
    studio.send.confirm.click()
    assert studio.wait(PATIENCE)
    assert len(vendor.posts) == 0


def test_comments_without_a_match_are_sent_again_when_that_is_asked_for(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    unmatched = (sent(studio)["ct_status"] == "unmatched").sum()
    before = vendor.posts["leads"].sum()
    sent(studio)
    assert vendor.posts["leads"].sum() == before
    studio.send.resend.value = "unmatched"
    assert 'resend="unmatched"' in studio.code
    sent(studio)
    assert vendor.posts["leads"].sum() == before + unmatched > before


def test_the_result_is_shown_in_the_dashboard(deals, vendor):
    studio = opened(deals, connection=vendor.connection)
    sent(studio)
    assert repr(studio.send._result.children[0]) == "<ctnb dashboard of 300 rows>"


def test_a_dashboard_that_fails_does_not_hide_what_was_sent(deals, vendor, monkeypatch):
    def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr("ctnb.views.dashboard.dashboard.dashboard", broken)
    studio = opened(deals, connection=vendor.connection)
    assert (sent(studio)["ct_status"] == "commented").sum() == len(vendor.comments) > 0
    assert "ZeroDivisionError" in studio.send.notice.text


def test_a_key_or_a_rule_of_another_table_is_told_of(deals):
    studio = opened(deals, rules=[Call("call"), CallContact(["phones"], "created", depth="2h")], key="deal")
    assert "There is no such column." in studio.columns._examples.value
    assert checked(studio) is None
    assert "There is no column 'call'" in studio.check.notice.text or "'deal'" in studio.check.notice.text
    studio.columns.key.value = ""
    studio.rules_step.apply.click()
    assert checked(studio).counts["ready"] > 0
