"""What notebooks show of plans, rules, connections and runs: small, inert, without contacts and tokens."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Connection, Request, RequestContact, col
from ctnb.outcomes import Reason, Status
from ctnb.views.html.card import cut
from ctnb.views.html.run import RunSummary

TOKEN, PHONE, EMAIL = "canary-token-7d1f", "79157771122", "canary.person@example.org"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"
LARGEST = 20_000
VOID = {"br"}


class Page(HTMLParser):
    """A page's text and tags; fails where tags do not match."""

    def __init__(self, source):
        super().__init__()
        self.text, self.tags, self.open = [], set(), []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"style", "scope"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page(shown):
    """Return the text of what is shown, which is inert and small."""
    source = shown._repr_html_()
    assert len(source) <= LARGEST
    read = Page(source)
    assert read.tags <= {"div", "p", "table", "caption", "thead", "tbody", "tr", "th", "td", "br", "ul", "li"}
    return " ".join(" ".join(read.text).split())


@pytest.fixture(params=["en", "ru"])
def language(request):
    ctnb.set_language(request.param)
    return request.param


def deals(rows=3, **columns):
    found = {"call": None, "phone": f"+{PHONE}", "email": EMAIL, "at": "2024-03-01 10:00", "stage": "В работе"}
    return pd.DataFrame({name: pd.Series([cell] * rows, dtype=object) for name, cell in (found | columns).items()})


RULES = [
    Call("call"),
    CallContact("phone", "at", depth="2h", match="nearestUniqLead"),
    RequestContact("at", depth="7d", phones="phone", emails="email"),
]


def test_a_plan_shows_counts_rules_problems_and_what_would_be_sent():
    frame = pd.concat([deals(2), deals(1, at="soon"), deals(2, phone=None, email=None)])
    text = page(frame.calltouch.plan(RULES, "{stage}: {phone}"))
    assert "Rows 5 Ready 2 Not ready 3 Repeats, sent once 1 Comments to send 1 Requests 1" in text
    assert "Time at the least under a second" in text
    assert "2 callContact 2 3 requestContact 2" in text
    assert "no id or contact 2 No id, phone or e-mail in the columns that the rules read." in text
    assert "bad date 1 The date cannot be read" in text
    assert "callContact: +7 915 ***-**-22, 2024-03-01 10:00:00, ±2 h, nearestUniqLead" in text
    assert "requestContact: +7 915 ***-**-22, c***@example.org, 2024-03-01 10:00:00, ±7 d, nearest" in text
    assert "В работе: +7915*****22" in text


def test_a_plan_speaks_russian():
    ctnb.set_language("ru")
    plan = deals().calltouch.plan(RULES, "{stage}")
    assert repr(plan) == "<Plan: строк 3, готово 3, ошибка в данных 0, запросов 1, секунд 0,2, повторов 2>"
    text = page(plan)
    assert "План: ещё ничего не отправлено Строк 3 Готово к отправке 3" in text
    assert "звонок по контакту: +7 915 ***-**-22, 2024-03-01 10:00:00, ±2 ч, nearestUniqLead" in text


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("rows", [0, 1, 200_000])
def test_a_plan_of_many_rows_and_rules_and_long_texts_stays_small(rows):
    frame = deals(rows, stage="длинный " * 40)
    frame["call"] = np.arange(rows)
    rules = [RequestContact("at", depth=depth, phones="phone", emails="email") for depth in range(1, 21)]
    text = page(frame.calltouch.plan(rules, "{stage} {call}"))
    assert "… +16" in text or not rows
    assert "…" in text or not rows


@pytest.mark.usefixtures("language")
def test_many_contacts_and_problems_stay_small():
    phones = ", ".join(f"8915{number:07}" for number in range(60))
    plan = deals(2, phone=phones).calltouch.plan(RULES, "{stage}")
    assert "+7 915 ***-**-02 +" in page(plan)


@pytest.mark.usefixtures("language")
def test_no_contact_and_no_token_is_shown():
    frame = pd.concat(
        [
            deals(),
            deals(call=PHONE, stage=f"{EMAIL} {PHONE}"),
            deals(call=PHONE[1:], stage=f"8 ({PHONE[1:4]}) {PHONE[4:7]}-{PHONE[7:9]}-{PHONE[9:]}"),
            deals(call=EMAIL, phone=f"{PHONE}99", at=EMAIL),
        ]
    )
    connection = Connection(4242, TOKEN, ledger=f"{TOKEN}/kept.sqlite3")
    plan = frame.calltouch.plan(RULES, "{stage} {phone}", connection=connection)
    summary = RunSummary({Status.UNSENT: 3}, 0, 1, 0, 1.0, Reason.TOKEN_REFUSED)
    shown = [plan, connection, summary, *RULES]
    text = " ".join([*map(repr, shown), *map(str, shown), *(each._repr_html_() for each in shown)])
    for secret in (TOKEN, PHONE, PHONE[1:], EMAIL, "canary", "777-11", "777 11"):
        assert secret not in text
    assert not re.search(r"915\D{0,3}777", text)


@pytest.mark.usefixtures("language")
def test_markup_is_inert():
    frame = deals(2).rename(columns={"phone": HOSTILE}).assign(email=HOSTILE, stage=HOSTILE, call=HOSTILE)
    rules = [
        Call("call", tags=[HOSTILE]),
        Request("stage"),
        CallContact(HOSTILE, "at", depth=5, match=HOSTILE, undocumented=True),
        CallContact(HOSTILE, "at", depth=5, match=col("stage"), undocumented=True),
    ]
    plan = frame.calltouch.plan(rules, col("stage"))
    shown = [plan, *rules, Connection(1, TOKEN, ledger=f"{HOSTILE.replace('/', '')}.sqlite3")]
    text = " ".join(page(each) for each in shown)
    assert "{{ 7 * 7 }}" in text
    assert "<script" in text


@pytest.mark.usefixtures("language")
def test_rules_show_what_they_read():
    rule = CallContact([f"phone {place}" * 50 for place in range(90)], "at", depth=90, tags=["a"], tags_logic="or")
    text = page(rule)
    assert "90\N{NO-BREAK SPACE}" in rule._repr_html_()
    assert text.startswith("CallContact")
    assert "… +85" in text
    assert " or" in text


def test_a_connection_shows_where_comments_go_and_never_the_token():
    text = page(Connection(4242, TOKEN, ledger=None, rate=2.5))
    assert "Site 4242 Token set, never shown Address https://api.calltouch.ru Time zone Europe/Moscow" in text
    assert "at the most 2.5 Ledger this process's memory" in text
    assert "the default file" in page(Connection(1, TOKEN))
    assert "file kept.sqlite3" in page(Connection(1, TOKEN, ledger="exports/anna/kept.sqlite3"))
    team = page(Connection(1, TOKEN, ledger="postgresql://anna:hidden@host/crm"))
    assert "database postgresql://***@host/crm" in team
    assert "hidden" not in team
    assert "anna" not in page(Connection(1, TOKEN, ledger="exports/anna/kept.sqlite3"))
    assert "emulator" in page(Connection(1, TOKEN, base_url="http://127.0.0.1:80"))


def summed_up(seconds, reason=None, **statuses):
    found = {status: statuses.get(status, 0) for status in Status}
    return RunSummary(found, repeats=89, requests=12, replayed=3, seconds=seconds, reason=reason)


def test_a_summary_says_what_came_of_the_run_and_what_to_do_next():
    summary = summed_up(
        75.2, Reason.NO_CONNECTION, commented=1000, unmatched=200, invalid=40, uncertain=10, unsent=1, busy=2
    )
    first, *steps = repr(summary).splitlines()
    assert first == (
        "commented 1,000, unmatched 200, invalid 40, uncertain 10, unsent 1, busy 2; requests 12, time 1 min 15 s, "
        "answered by the ledger 3, repeats 89"
    ).replace("1 min 15 s", "1\N{NO-BREAK SPACE}min 15\N{NO-BREAK SPACE}s")
    assert steps[0].startswith("no connection: No connection to the vendor. Check the network")
    assert [step.partition(":")[0] for step in steps[1:]] == ["uncertain", "unsent", "busy", "invalid", "unmatched"]
    assert page(summary).startswith("The run stopped early commented 1,000 unmatched 200 invalid 40")


@pytest.mark.parametrize(
    ("reason", "mend"),
    [
        (Reason.TOKEN_REFUSED, "Take a new token in the account's API settings."),
        (Reason.ACCESS_DENIED, "Check site_id and the token's rights, or take a new token"),
        (Reason.REFUSED, "Settle it in the account"),
        (Reason.WRONG_ADDRESS, "Check base_url."),
        (Reason.REDIRECTED, "Check base_url."),
    ],
)
def test_a_summary_of_a_refused_run_says_what_to_mend_and_not_to_run_it_again(reason, mend):
    shown = repr(summed_up(5, reason, rejected=100, unsent=3))
    assert mend in shown
    assert "carry on" not in shown
    assert "unsent: the next run sends these, once what stopped this one is mended." in shown


def test_a_summary_speaks_russian():
    ctnb.set_language("ru")
    summary = summed_up(5, commented=1300, invalid=40, unsent=1)
    assert repr(summary).startswith("прокомментировано 1\N{NO-BREAK SPACE}300, ошибка в данных 40, не отправлено 1; ")
    assert "\nне отправлено: запустите ячейку снова" in repr(summary)
    assert "Запуск завершён прокомментировано 1 300" in page(summary)


@pytest.mark.parametrize(
    ("text", "shown"), [("a\n b", "a b"), ("a" * 9, "aaaa…"), ("a" * 10**7, "aaaa…"), ("", ""), (" " * 99, "…")]
)
def test_texts_are_cut_to_a_line(text, shown):
    assert cut(text, 5) == shown
