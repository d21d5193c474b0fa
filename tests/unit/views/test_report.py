"""The report: one file, whole, without a contact, that says what rates.py counts."""

import html
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.language import number, percent
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules_file import parse_rulebook
from ctnb.results.columns import answer_frame, join
from ctnb.views import summary
from ctnb.views.report import report

PHONE, EMAIL = "+7 (915) 777-11-22", "ivan.canary@mail.example"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> --> ]]> &amp; {{ 7 * 7 }}"


def results(n=400):
    """n rows of a frame with results: two thirds answered, half of these matched, the errors full of contacts."""
    at = range(n)
    status = [("commented", "unmatched", "invalid")[row % 3] for row in at]
    answers = answer_frame(
        {
            "status": status,
            "matched": [{"commented": True, "unmatched": False}.get(word) for word in status],
            "matched_by": ["call" if word == "commented" else None for word in status],
            "rule": [1 if word == "commented" else None for word in status],
            "attribution": ["exact" if word == "commented" else None for word in status],
            "offered": ["call>callContact"] * n,
            "error": [None if word == "commented" else f"{HOSTILE} {PHONE} {EMAIL}" for word in status],
            "error_code": [{"unmatched": "lead_not_found", "invalid": "bad_identifier"}.get(word) for word in status],
            "answered_at": pd.date_range("2026-01-05", periods=n, freq="h"),
        },
        pd.RangeIndex(n),
    )
    deals = pd.DataFrame(
        {
            "manager": [("Анна", "Борис", None, HOSTILE)[row % 4] for row in at],
            "phone": [PHONE if row % 2 else "8 916 000-00-01" for row in at],
            "email": [EMAIL] * n,
            "created_at": [f"{1 + row % 28:02}.03.2026 10:00" for row in at],
        }
    )
    return join(deals, answers)


class Page(HTMLParser):
    """The tags and the texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def found(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def written(frame, tmp_path, **options):
    return report(frame, tmp_path / "report.html", **options).read_text(encoding="utf-8")


def test_the_verb_writes_the_file_and_returns_its_path(tmp_path):
    path = tmp_path / "Отчёт.HTML"
    assert results().calltouch.report(str(path)) == path
    assert [found.name for found in tmp_path.iterdir()] == ["Отчёт.HTML"]
    first = path.read_bytes()
    results(90).calltouch.report(path)
    assert path.read_bytes() != first
    assert len(first) < 1_000_000


def test_a_link_at_its_place_is_replaced_and_not_followed(tmp_path):
    aim, path = tmp_path / "aim", tmp_path / "report.html"
    aim.write_text("mine")
    path.symlink_to(aim)
    results().calltouch.report(path)
    assert (path.is_symlink(), aim.read_text()) == (False, "mine")


def test_the_page_loads_and_runs_nothing(tmp_path):
    page = Page(written(results(), tmp_path, by=["manager"], title=HOSTILE))
    assert not {"script", "img", "iframe", "link", "object", "form"} & {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")], tag
        assert all(value.startswith("#") for name, value in attrs.items() if name in {"src", "href", "xlink:href"})
        assert all("url(#" in value for value in attrs.values() if value and "url(" in value)
    policy = next(attrs["content"] for attrs in page.found("meta") if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'")
    assert "{{ 7 * 7 }}" in "".join(page.texts)


def test_no_contact_stands_in_the_page(tmp_path):
    frame = results().rename(columns={"manager": f"manager {PHONE}", "created_at": f"created at {PHONE}"})
    text = written(frame, tmp_path, by=["phone", "email", f"manager {PHONE}"], title=f"For {EMAIL}")
    for canary in ("777-11-22", "9157771122", "000-00-01", "ivan.canary", PHONE, EMAIL):
        assert canary not in text
    assert "i***@mail.example" in text


def test_the_numbers_are_those_of_the_rates(tmp_path):
    frame = results()
    text = "".join(Page(written(frame, tmp_path)).texts)
    counts = frame.calltouch.counts()
    answered = int(frame["ct_matched"].notna().sum())
    assert f"{counts['commented']} of {answered} answered rows found their lead" in text
    rate = frame.calltouch.match_rates().loc["call"]
    table = summary.rates_table(frame)
    assert table.rows[0][3:5] == (number(rate["matched"]), percent(rate["rate_reached"]))
    statuses = summary.status_table(frame)
    assert sum(int(row[1]) for row in statuses.rows) == len(frame)
    for word in frame.calltouch.errors()["advice"]:
        assert word in text


def test_pictures_have_a_name_and_ids_of_their_own(tmp_path):
    page = Page(written(results(), tmp_path, by="manager", date="created_at"))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    used = {
        found
        for _, attrs in page.tags
        for value in attrs.values()
        for found in re.findall(r"url\(#(.+?)\)", value or "")
    }
    assert used <= set(ids)
    assert used
    pictures = page.found("svg")
    assert len(pictures) == 2 * 5
    assert all(attrs["role"] == "img" and len(attrs["aria-label"]) > 20 for attrs in pictures)


def test_rules_stand_in_it_as_they_are_read_again(tmp_path):
    rules = [Call("call_id"), CallContact(["phone"], "created_at", depth="2h")]
    text = "".join(Page(written(results(), tmp_path, rules=rules)).texts)
    copied = tmp_path / "rules.toml"
    copied.write_text(text[text.index("[[rules]]") : text.index("How to read this")], encoding="utf-8")
    assert ctnb.load_rulebook(copied).rules == tuple(rules)


RULES = [
    Call("call_id"),
    ctnb.Request("form", tags=["new", "vip"], tags_logic="or"),
    CallContact(["phone", "phone_2"], "created_at", depth="2h", match="nearestUniqLead"),
    ctnb.RequestContact(["day", "hour"], phones="phone", emails="email", depth=ctnb.col("reach"), tags="sale"),
    ctnb.RequestContact("created_at", emails="email", depth=90, match=ctnb.col("choice"), tags=ctnb.col("marks")),
]
IN_WORDS = {
    "en": [
        "Call by the id in “call_id”",
        "Request by the id in “form”, with any tag of new, vip",
        "Calls by the phones in “phone”, “phone_2” within 2\u00a0h of “created_at”, the nearest unique lead",
        (
            "Requests by the phones in “phone” and the e-mails in “email” near “day”, “hour”, as far as “reach” says, "
            "the lead nearest in time, with all tags of sale"
        ),
        (
            "Requests by the e-mails in “email” within 90\u00a0min of “created_at”, the lead that “choice” chooses, "
            "with the tags in “marks”"
        ),
    ],
    "ru": [
        "Звонок по ID из «call_id»",
        "Заявка по ID из «form», с любым из тегов: new, vip",
        "Звонки по телефонам из «phone», «phone_2» не дальше 2\u00a0ч от «created_at», ближайший уникальный лид",
        (
            "Заявки по телефонам из «phone» и почте из «email» рядом с «day», «hour», глубина поиска — из «reach», "
            "ближайший по времени лид, со всеми тегами: sale"
        ),
        (
            "Заявки по почте из «email» не дальше 90\u00a0мин от «created_at», какой лид взять — из «choice», "
            "с тегами из «marks»"
        ),
    ],
}


@pytest.mark.parametrize("language", IN_WORDS)
def test_rules_are_said_in_words_before_the_file(tmp_path, language):
    ctnb.set_language(language)
    text = written(results(60), tmp_path, rules=RULES)
    assert re.findall(r"<li>(.*?)</li>", text[text.index("<ol>") : text.index("</ol>")]) == IN_WORDS[language]
    assert text.index("</ol>") < text.index("[[rules]]")


def test_a_contact_in_the_heading_of_a_column_is_masked_in_the_words(tmp_path):
    text = written(results(60), tmp_path, rules=Call(f"id {PHONE}"))
    assert PHONE not in text[text.index("<ol>") : text.index("</ol>")]


def test_what_a_picture_shows_is_not_repeated_but_in_a_folded_table(tmp_path):
    text = written(results(60), tmp_path, by="manager")
    tables = re.findall(r"<thead><tr>(.*?)</tr>", text, re.DOTALL)
    headings = [re.findall(r"<th[^>]*>(.*?)</th>", table) for table in tables]
    rates = [table for table in headings if "Match rate" in table]
    assert [table.index("Match rate") for table in rates] == [1, 1, 1]
    assert text.count("<details>") == len(rates)
    assert ["Error", "What to do", "Most frequent text"] in headings
    assert text.index("<figure") < text.index('id="status"')


def test_it_is_in_the_language_in_force(tmp_path):
    ctnb.set_language("ru")
    page = Page(written(results(3_000), tmp_path))
    assert page.found("html") == [{"lang": "ru"}]
    text = "".join(page.texts)
    assert "Лид нашёлся для 1\u00a0000 из 2\u00a0000 строк с ответом: 50,0\u00a0%" in text
    ctnb.set_language("en")
    assert Page(written(results(), tmp_path)).found("html") == [{"lang": "en"}]


def test_a_saved_frame_gives_the_same_page(tmp_path):
    frame = results()
    frame.to_parquet(tmp_path / "done.parquet")
    dated = re.compile(r"[0-9-]+ [0-9:]{8}[+-][0-9:]+")
    pages = [written(each, tmp_path) for each in (frame, pd.read_parquet(tmp_path / "done.parquet"))]
    assert (
        dated.sub("", pages[0]).split('<div class="ctnb-lead">')[1]
        == dated.sub("", pages[1]).split('<div class="ctnb-lead">')[1]
    )


def test_an_empty_frame_and_one_of_errors_alone_have_a_report(tmp_path):
    frame = results()
    assert "The table has no rows." in written(frame.head(0), tmp_path)
    refused = written(frame[frame["ct_status"] == "invalid"], tmp_path)
    assert "No row has an answer yet" in refused
    assert len(Page(refused).found("svg")) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is a folder"),
        ("report.pdf", "ends with '.pdf'"),
        ("report", "a report ends with"),
        ("no/report.html", "There is no folder"),
    ],
)
def test_a_path_that_cannot_be_is_refused(tmp_path, name, message):
    with pytest.raises(ConfigError, match=message):
        report(results(3), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(ConfigError, match="cannot be written: Permission denied"):
        report(results(3), tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def titles(page):
    """Return the titles of the page's parts, and of its tables' first columns."""
    parts = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    return [part for part in parts if part.startswith("Match rate by ")], re.findall(
        r'<tr><th scope="col">(.*?)</th>', page
    )


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        (None, []),
        ("type", []),
        (["manager", "stage"], ["manager and stage"]),
        ([["manager"], ["stage"]], ["manager", "stage"]),
    ],
)
def test_by_means_what_it_means_for_match_rates(tmp_path, by, parts):
    frame = results(60).assign(stage=["new", "won"] * 30)
    found, _ = titles(written(frame, tmp_path, by=by))
    assert found == ["Match rate by matching type", *(f"Match rate by {part}" for part in parts)]


def test_a_combination_has_a_group_for_each_pair_of_values(tmp_path):
    frame = results(60).assign(stage=["new", None] * 30)
    text = written(frame, tmp_path, by=["manager", "stage"])
    assert "manager, stage" in titles(text)[1]
    for group in ("Анна, new", "Борис, (missing)", "(missing), new"):
        assert f'<th scope="row">{group}</th>' in text


def test_a_tuple_is_the_name_of_a_column(tmp_path):
    frame = results(60)
    frame.columns = pd.Index([("deal", "manager"), *frame.columns[1:]], tupleize_cols=False)
    found, _ = titles(written(frame, tmp_path, by=("deal", "manager")))
    assert found[1:] == ["Match rate by (&#39;deal&#39;, &#39;manager&#39;)"]
    with pytest.raises(ColumnNotFoundError, match="manager"):
        report(frame, tmp_path / "report.html", by=("phone", "manager"))


def test_columns_that_look_alike_once_masked_are_told_apart(tmp_path):
    frame = results(60).assign(**{"phone 9157771122": "a", "phone 9157001122": "b"})
    text = written(frame, tmp_path, by=["phone 9157771122", "phone 9157001122"])
    assert "phone 9157****22, phone 9157****22 (2)" in titles(text)[1]


def test_values_that_look_alike_once_masked_are_one_group(tmp_path):
    frame = results(60).assign(phone=["8 915 777 11 22", None, "777-11-22", "8 915 777 00 22"] * 15)
    text = written(frame, tmp_path, by="phone")
    groups = re.findall(r'<th scope="row">(.*?)</th>', text[text.index("Match rate by phone") :])
    assert sorted(groups[:3]) == ["(missing)", "***-**-22", "8 915 *** ** 22"]


@pytest.mark.parametrize("by", [[], [[]], ["manager", ["stage"]], [["manager"], "stage"], pd.Series(["a"])])
def test_by_that_names_no_columns_is_refused(by):
    with pytest.raises(ConfigError, match="by= wants a column, a list of columns or a list of such lists"):
        report(results(3), "report.html", by=by)


def test_a_column_that_cannot_be_grouped_is_refused():
    with pytest.raises(ConfigError, match=r"cannot be grouped by 'lists'.*Take a column of plain values"):
        report(results(3).assign(lists=[[1], [2], [3]]), "report.html", by="lists")


def test_a_rulebook_is_shown_whole(tmp_path):
    book = Rulebook((Call("call_id"),), comment="{stage}", key="deal_id")
    text = "".join(Page(written(results(), tmp_path, rules=book)).texts)
    assert parse_rulebook(text[text.index('comment = "') : text.index("How to read this")]) == book


def test_columns_that_are_not_there_are_named():
    with pytest.raises(ColumnNotFoundError, match="manager"):
        report(results(3), "report.html", by="managr")
    with pytest.raises(ConfigError, match="no column 'x_status'"):
        report(results(3), "report.html", prefix="x_")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pd.Categorical(["much", "no", "some"] * 20, ["no", "some", "much"], ordered=True), ["no", "some", "much"]),
        (pd.cut(np.arange(60), [-1, 9, 10, 59]), ["(-1, 9]", "(9, 10]", "(10, 59]"]),
        (np.array([10, 9, 8, 8])[np.arange(60) % 4], ["8", "9", "10"]),
        (pd.DatetimeIndex(np.array(["2026-03-01", "2026-02-01", "2026-02-01"])[np.arange(60) % 3]),
         ["Feb 2026", "Mar 2026"]),
    ],
    ids=["categories", "bins", "numbers", "dates"],
)  # fmt: skip
def test_groups_stand_in_the_order_of_their_own(tmp_path, values, shown):
    text = written(results(60).assign(part=values), tmp_path, by="part")
    part = html.unescape(text[text.index("Match rate by part</h2>") :])
    part = part[: part.index("</section>")]
    assert re.findall(r'<th scope="row">(.*?)</th>', part) == shown
    plot = re.sub("<[^>]*>", "\n", part[: part.index("<details>")])
    places = [plot.index(f"\n{each}\n") for each in shown]
    assert places == sorted(places)
