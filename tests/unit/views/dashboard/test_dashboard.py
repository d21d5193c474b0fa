"""The dashboard: commands are sent as the browser sends them, and what it is given is read back."""

import io
import json
import logging
import os
import re
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from board import Board
from jupyter_client.session import json_packer
from widget_reading import displayed

import ctnb
from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.views.charts import plots
from ctnb.views.dashboard import dashboard as module
from ctnb.views.dashboard import downloads

PHONE, EMAIL = "+7 (915) 777-11-22", "ivan.canary@mail.example"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def board(frame):
    return Board(frame.calltouch.dashboard())


def test_the_finding_its_numbers_and_the_first_chart_are_those_of_the_frame(board, frame):
    counts = frame.calltouch.counts()
    assert "200 of 400 answered rows found their lead" in board.sheet.head["sentence"]
    assert board.facts["Rows"] == "600"
    assert board.facts["commented"] == str(counts["commented"]) == "200"
    assert board.facts["Match rate"] == "50.0\u00a0%"
    assert "Match rate by type: 50.0" in board.title
    assert board.sheet.chart["svg"].startswith("<svg")
    assert board.sheet.problem == ""


def test_filters_hold_for_numbers_chart_and_rows_and_add_up(board):
    rows = 0
    for status in ("commented", "unmatched", "invalid"):
        board.choose("Status", status)
        assert set(board.rows["ct_status"]) == {status}
        assert board.facts["Rows"] == str(len(board.rows))
        assert board.sheet.filters["rows"] == f"{len(board.rows)} of 600 rows"
        assert board.chips == [f"Status: {status}"]
        rows += len(board.rows)
    assert rows == 600
    board.choose("Status", "commented", "unmatched").choose("Found by", "call")
    assert board.rows["ct_matched_by"].tolist() == ["call"] * 100
    assert board.chips == ["Status: commented, unmatched", "Found by: call"]
    board.ask("all")
    assert (board.chips, len(board.rows), board.sheet.filters["rows"]) == ([], 600, "600 of 600 rows")


def test_counts_follow_the_other_filters_and_not_their_own(board):
    assert board.offered("Status") == {"commented": "200", "unmatched": "200", "invalid": "200"}
    board.choose("Error", "bad id or contact")
    assert board.offered("Status") == {"invalid": "200"}
    assert board.offered("Error") == {"bad id or contact": "200", "lead not found": "200", "(missing)": "200"}
    board.choose("manager", "Анна", "(missing)")
    assert len(board.rows) == 80
    assert board.offered("Error")["lead not found"] == "80"


def test_each_step_can_be_undone_and_a_filter_left_out(board):
    board.choose("Status", "unmatched").choose("manager", "Анна").containing("phone", "8915")
    assert board.chips == ["Status: unmatched", "manager: Анна", "phone: has “8915”"]
    board.ask("drop", filter=1)
    assert board.chips == ["Status: unmatched", "phone: has “8915”"]
    board.ask("undo")
    assert len(board.rows) == 40
    for left in (2, 1, 0):
        board.ask("undo")
        assert len(board.chips) == left
    assert board.sheet.filters["undo"] is False
    assert len(board.rows) == 600


def test_many_values_are_told_in_few_words_and_none_is_no_filter(board):
    board.choose("manager", "Анна", "Борис", "$x$", "(missing)")
    assert board.chips == ["manager: $x$, Анна and 2 more"]
    board.choose("manager")
    assert board.chips == []


def test_dates_text_and_days_filter(board):
    offer = board.offered("created_at", "dates")
    assert (offer["min"], offer["max"]) == ("2026-03-01", "2026-03-28")
    board.between("created_at", "2026-03-27", "2026-03-28")
    assert {text[:5] for text in board.rows["created_at"]} == {"27.03", "28.03"}
    assert board.chips == ["created_at: 27.03.2026 – 28.03.2026"]
    assert board.offered("created_at", "dates")["until"] == "2026-03-28"
    # The first day given last means the same.
    board.between("created_at", "2026-03-28", "2026-03-27")
    assert board.chips == ["created_at: 27.03.2026 – 28.03.2026"]
    board.between("created_at", "", "2026-03-01")
    assert board.chips == ["created_at: until 01.03.2026"]
    assert {text[:5] for text in board.rows["created_at"]} == {"01.03"}
    board.between("created_at", "", "").containing("manager", "  аННа ")
    assert set(board.rows["manager"]) == {"Анна"}
    board.containing("manager", "nobody")
    assert len(board.rows) == 0
    assert board.sheet.head["sentence"] == "The table has no rows."
    assert board.sentence == "No row is left. Remove a filter."
    board.containing("manager", " ").containing("ct_error", "ONERROR")
    assert len(board.rows) == 400


def test_rates_go_by_type_rule_and_column(board, frame):
    choices = [text for _, text in board.sheet.chart["selects"][0]["options"]]
    assert choices == ["matching type", "rule", "manager"]
    board.chart("rates", by="rule")
    assert "Match rate by rule" in board.title
    board.chart("rates", by="manager").ask("chart", name="numbers", value=True)
    # A wide table is scrolled by the keyboard too.
    assert 'tabindex="0" role="region" aria-label="Numbers as a table"' in board.sheet.chart["table"]
    table = frame.calltouch.match_rates("manager")
    shown = " ".join(re.sub("<[^>]*>", " ", board.sheet.chart["table"]).split())
    assert f"Анна {table.loc['Анна', 'matched']} {table.loc['Анна', 'reached']}" in shown
    assert "(missing)" in shown
    for markup in (board.sheet.chart["table"], board.sheet.chart["svg"]):
        assert "<script" not in markup
        assert "<img" not in markup


@pytest.mark.parametrize("by", ["matching type", "rule", "manager"])
def test_each_bar_has_a_button_of_its_own_group_where_it_is_drawn(board, by):
    board.chart("rates", by=by)
    view = board.shown.sheet.chart
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", view["svg"])
    tops = []
    for bar in view["bars"]:
        left, top, width, height = bar["box"]
        assert (left, width) == (0, 1)
        assert 0 < top < top + height < 1
        rate = re.search(r"[\d.]+\s%", bar["label"])[0]
        assert any(rate in text for text in drawn)
        tops.append(top)
    assert len(tops) == {"matching type": 2, "rule": 2, "manager": 5}[by]
    assert tops == sorted(tops)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (["b", "c", "a"], "[abc]"),
        ([5, 7, 6], "[567]"),
        (pd.Categorical(["b", "c", "a"], categories=["c", "b", "a"], ordered=True), "[abc]"),
    ],
    ids=["texts", "numbers", "ordered"],
)
def test_the_order_of_the_buttons_is_that_of_the_bars(frame_of, values, shown):
    deals = frame_of(900)
    deals["city"] = pd.Series(values).repeat([200, 400, 300]).array
    board = Board(deals.calltouch.dashboard()).chart("rates", by="city")
    labels = re.findall(rf"<text[^>]*>({shown})</text>", board.sheet.chart["svg"])
    assert [bar["label"][0] for bar in board.sheet.chart["bars"]] == labels
    assert len(labels) == 3
    board.click(labels[1])
    assert {str(value) for value in board.rows["city"]} == {labels[1]}


def test_a_click_on_a_bar_filters_and_the_others_stay(board):
    board.chart("rates", by="manager").click("Анна")
    assert board.chips == ["manager: Анна"]
    assert set(board.rows["manager"]) == {"Анна"}
    assert board.pressed == ["Анна"]
    assert len(board.sheet.chart["bars"]) == 5
    assert "leaves the filter of its own bars out" in board.sheet.chart["note"]
    board.click("Борис")
    assert board.chips == ["manager: Анна, Борис"]
    board.click("Анна")
    board.click("Борис")
    assert board.chips == []
    board.chart("errors").click("bad id or contact")
    assert set(board.rows["ct_error_code"]) == {"bad_identifier"}
    board.ask("all").chart("rules").click("1. call")
    assert set(board.rows["ct_rule"]) == {1}
    board.ask("all").chart("rates", by="matching type").click("callContact")
    assert set(board.rows["ct_matched_by"]) == {"callContact"}


def test_groups_are_put_in_the_order_that_is_asked_for(frame_of):
    deals = frame_of(900)
    deals["city"] = np.repeat(["b", "c", "a"], [200, 400, 300])
    deals.loc[deals["city"].eq("a") & deals["ct_status"].eq("commented"), "ct_matched"] = False
    deals.loc[deals["city"].eq("a") & deals["ct_status"].eq("commented"), "ct_status"] = "unmatched"
    board = Board(deals.calltouch.dashboard()).chart("rates", by="city")
    board.ask("chart", name="numbers", value=True)
    for order, first in (("by rate", "bc"), ("by rows", "c")):
        board.chart("rates", sort=order)
        labels = re.findall(r"<text[^>]*>([abc])</text>", board.sheet.chart["svg"])
        assert [bar["label"][0] for bar in board.sheet.chart["bars"]] == labels
        assert labels[0] in first
        assert re.findall('<th scope="row">([^<]*)', board.sheet.chart["table"]) == labels
    board.chart("rates", by="rule")
    assert [each["name"] for each in board.sheet.chart["selects"]] == ["by"], "rules have an order of their own"


def test_a_heatmap_shows_two_groupings_that_differ(frame):
    more = frame.assign(city=np.array(["a", "b", "c"])[np.arange(600) // 2 % 3])
    board = Board(more.calltouch.dashboard()).chart("heatmap", down="city", across="matching type")
    assert board.title.startswith("Match rate by city and type")
    board.chart("heatmap", across="manager")
    assert board.title.startswith("Match rate by city and manager")
    assert "city" not in [text for _, text in board.sheet.chart["selects"][1]["options"]]
    board.chart("heatmap", down="manager")
    assert board.title.startswith("Match rate by manager and type")
    board.choose("Status", "unmatched")
    assert board.sentence.startswith("200 answered rows, and none found its lead")
    assert board.sheet.problem == ""


def test_a_heatmap_takes_the_words_and_columns_called_so_for_what_they_are(frame):
    kind = np.array(["new", "old"])[np.arange(600) // 2 % 2]
    more = frame.assign(type=kind, pair=[("a", at % 4) for at in range(600)])
    board = Board(more.calltouch.dashboard())

    def table(by):
        board.ask("chart", name="down", value=board.key(by))
        assert board.sheet.problem == ""
        return " ".join(re.sub("<[^>]*>", " ", board.sheet.chart["table"]).split())

    board.ask("chart", name="numbers", value=True).chart("heatmap", across="matching type")
    assert "new, call " in table("type")
    assert "matching type Matched Reached Match rate" in table("type")
    assert "(&#39;a&#39;, 0), call " in table("pair")
    table("manager")
    board.ask("chart", name="across", value=board.key("type"))
    assert "new" in re.sub("<[^>]*>", " ", board.sheet.chart["svg"])


def test_one_wrong_date_leaves_a_chart_of_years(frame):
    dates = pd.to_datetime(pd.Series(["2026-03-12"] * 600).mask(frame.index == 0, "1899-12-30"))
    dates = dates.mask(frame.index > 300, pd.Timestamp("2025-05-01"))
    board = Board(frame.assign(created_at=dates).calltouch.dashboard()).chart("time")
    assert board.sheet.problem == ""
    assert "Match rate by year" in board.title
    assert [bar["label"].partition(":")[0] for bar in board.sheet.chart["bars"]] == [
        "01.01.1899", "01.01.2025", "01.01.2026",
    ]  # fmt: skip
    board.click("01.01.2025")
    assert set(board.rows["created_at"]) == {pd.Timestamp("2025-05-01")}


def test_a_filter_of_a_bar_can_be_changed_though_its_column_has_one_value(frame):
    one = frame[(frame["ct_rule"] == 1).fillna(value=False)]
    board = Board(one.calltouch.dashboard())
    assert board.choosable == ["call"], "no row has another type"
    board.click("call")
    (chip,) = board.sheet.filters["chips"]
    board.ask("offer", item=chip["item"])
    assert board.sheet.problem == ""
    assert [text for _, text, _, _ in board.sheet.offer["values"]] == ["call"]
    board.ask("values", item=chip["item"], values=[])
    assert board.chips == []


def test_time_goes_by_a_date_and_a_click_on_a_period_shows_it_alone(board):
    assert [text for _, text in board.chart("time").sheet.chart["selects"][0]["options"]] == [
        "created_at",
        "Answered, UTC",
    ]
    assert "Match rate by day: 50.0" in board.title
    assert len(board.sheet.chart["bars"]) == 28
    lefts = [bar["box"][0] for bar in board.sheet.chart["bars"]]
    assert lefts == sorted(lefts)
    board.click("03.03.2026")
    assert {text[:5] for text in board.rows["created_at"]} == {"03.03"}
    assert board.chips == ["created_at: 03.03.2026"]
    assert board.sentence == "All answered rows are of one time, 03.03.2026 10:00: 50.0\u00a0% of them match."
    board.ask("undo").chart("time", date="Answered, UTC")
    assert "15 minutes" in board.title or "by hour" in board.title


def test_where_a_chart_would_say_nothing_a_sentence_does(board):
    board.choose("Status", "unmatched")
    assert board.sentence.startswith("200 answered rows, and none found its lead")
    assert board.sheet.chart["svg"] == ""
    assert board.chart("rules").sentence.startswith("200 answered rows, and none found its lead")
    assert board.chart("errors").sentence.startswith("There is one kind of error, in 200 rows of 200: lead not found.")
    board.choose("Status", "commented")
    assert board.sentence == "200 rows, and no error."
    assert board.chart("rates", by="manager").sentence.endswith("the rate is 100 % in every group.")
    assert board.chart("rates", by="matching type").title
    board.choose("Status", "invalid")
    assert board.sentence == "No row has an answer yet, so there is no match rate."
    board.ask("all").containing("manager", "Борис").chart("rates", by="manager")
    assert board.sentence == "All 80 answered rows have one value of manager: Борис. 50.0\u00a0% of them match."


def test_a_heading_sorts_all_rows_blank_ones_last(frame_of):
    many = frame_of(2_500)
    many.loc[::50, "amount"] = np.nan
    board = Board(many.calltouch.dashboard())
    filled = many["amount"].dropna()
    board.sort("amount").ask("table", size=50)
    assert [float(text) for text in board.column("amount")] == sorted(filled)[:50]
    board.sort("amount")
    assert [float(text) for text in board.column("amount")] == sorted(filled, reverse=True)[:50]
    board.ask("table", page=board.sheet.table["pages"])
    assert set(board.column("amount")) == {""}
    assert [column["sort"] for column in board.sheet.table["columns"] if column["label"] == "amount"] == ["descending"]
    board.sort("amount")
    assert board.column("deal_id") == [str(row) for row in range(50)]
    # Texts of numbers go by their size, and texts of dates by their moment.
    board.sort("deal_id").sort("deal_id")
    assert board.column("deal_id")[:2] == ["2499", "2498"]
    board.sort("created_at")
    assert board.column("created_at")[0].startswith("01.03")


def test_one_search_and_one_pager(board):
    assert board.sheet.table["shown"] == "1–10 of 600"
    board.ask("table", page=60)
    assert board.sheet.table["shown"] == "591–600 of 600"
    board.ask("table", search=" АННА ")
    assert (board.sheet.table["shown"], set(board.column("manager"))) == ("1–10 of 120", {"Анна"})
    board.choose("Status", "unmatched")
    assert board.sheet.table["shown"] == "1–10 of 40"
    board.ask("table", search="lead not found")
    assert board.sheet.table["shown"] == "1–10 of 200"
    board.ask("table", search="no")
    assert board.sheet.table["shown"] == "1–10 of 200", "the words for true and false are not searched"
    board.ask("table", search="nowhere")
    assert (board.sheet.table["shown"], board.sheet.table["rows"]) == ("No row has this text.", [])


def test_columns_are_named_as_the_reader_has_them(frame):
    ctnb.set_language("ru")
    board = Board(frame.calltouch.dashboard())
    columns = {column["name"]: column["label"] for column in board.sheet.table["columns"]}
    assert columns["ct_status"] == "Статус"
    assert columns["manager"] == "manager"
    assert not [label for label in columns.values() if label.startswith("ct_")]
    assert board.column("Статус")[:3] == ["прокомментировано", "не найдено", "ошибка в данных"]
    assert "Лид нашёлся для 200 из 400 строк" in board.sheet.head["sentence"]
    assert [text for _, text in board.sheet.chart["charts"]] == [
        "Доля найденных", "Воронка", "Тепловая карта", "Правила", "Ошибки", "По времени",
    ]  # fmt: skip
    assert board.sheet.words["add"] == "Добавить фильтр"


def test_what_is_downloaded_is_what_is_shown(board, tmp_path):
    board.choose("Error", "lead not found").ask("table", search="анна").sort("deal_id").sort("deal_id")
    for ending in (".csv", ".xlsx"):
        file = board.shown.file(ending)
        assert file.name == f"ctnb_rows{ending}"
        read = ctnb.read_leads(io.BytesIO(file.data))
        assert len(read) == 40
        assert read["deal_id"].tolist()[:10] == board.column("deal_id")
        assert read["email"].tolist() == [EMAIL] * 40, "it is the user's own file"
    board.ask("all")
    assert board.shown.file(".png").data.startswith(b"\x89PNG")
    assert b"<svg" in board.shown.file(".svg").data


def test_a_file_goes_in_pieces_through_the_browser_and_a_huge_one_beside_the_notebook(board, monkeypatch, tmp_path):
    sent = []
    monkeypatch.setattr(type(board.sheet), "send", lambda _, content, buffers: sent.append((content, buffers)))
    board.ask("save", ending=".csv")
    ((message, pieces),) = sent
    assert (message["name"], message["type"], message["pieces"]) == ("ctnb_rows.csv", "text/csv", 1)
    assert len(ctnb.read_leads(io.BytesIO(b"".join(pieces)))) == 600
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "LARGEST", 10)
    board.choose("Status", "commented").ask("save", ending=".csv")
    assert len(sent) == 1
    assert board.sheet.notice == "The file is too large for the browser: 200 rows are in ctnb_rows.csv"
    assert len(ctnb.read_leads(tmp_path / "ctnb_rows.csv")) == 200
    assert downloads.LARGEST > 10_000_000


def test_two_runs_are_compared_within_the_filters(frame_of):
    after = frame_of(600)
    before = frame_of(600)
    lost = before["ct_status"].eq("commented") & (before.index % 2 == 0)
    before.loc[lost, "ct_status"], before.loc[lost, "ct_matched"] = "unmatched", False
    board = Board(after.calltouch.dashboard(before=before, key="deal_id"))
    assert [key for key, _ in board.sheet.chart["charts"]][-1] == "compare"
    board.chart("compare")
    assert board.title.startswith("Match rate 25.0\u00a0% before, 50.0\u00a0% after: 400 pairs")
    board.chart("compare", side_by="manager").click("Анна")
    assert board.chips == ["manager: Анна"]
    assert board.pressed == ["Анна"]
    board.chart("compare", side_by="all pairs")
    assert board.title.endswith("80 pairs")
    board.choose("Status", "invalid")
    assert board.sentence == "No deal of these rows is answered both before and after."
    with pytest.raises(ConfigError):
        after.calltouch.dashboard(before=before.drop(columns="ct_status"), key="deal_id")


def test_a_type_that_matches_no_more_is_compared_under_its_name(frame):
    after = frame[(frame["ct_rule"] != 2).fillna(value=True)]
    board = Board(after.calltouch.dashboard(before=frame, key="deal_id")).chart("compare", side_by="matching type")
    board.ask("chart", name="numbers", value=True)
    assert re.findall('<th scope="row">([^<]*)', board.sheet.chart["table"]) == ["call", "callContact"]
    assert board.pressed == []
    assert board.choosable == ["call"], "no row to choose"
    board.click("callContact")
    assert board.chips == [], "a bar without rows tells its numbers alone"


def test_the_chart_is_drawn_for_the_width_that_it_has(board):
    widths = {}
    for pixels in (360, 1_200):
        board.ask("width", pixels=pixels)
        widths[pixels] = float(re.search(r'viewBox="0 0 ([\d.]+)', board.sheet.chart["svg"])[1])
    assert widths[360] < 290
    assert widths[1_200] > 700
    drawn = board.sheet.chart
    board.ask("width", pixels=1_205)
    assert board.sheet.chart is drawn, "a few pixels are not worth a drawing"


def test_one_command_acts_at_a_time(board, monkeypatch):
    drawing, go_on = threading.Event(), threading.Event()

    def slow(*_, **options):
        drawing.set()
        assert go_on.wait(30)
        return options["ax"]

    monkeypatch.setattr(plots, "waterfall", slow)
    first = threading.Thread(target=board.ask, args=("chart",), kwargs={"name": "chart", "value": "rules"})
    first.start()
    assert drawing.wait(30)
    order = {"n": 2, "do": "values", "item": board.item("Status"), "values": [0]}
    second = threading.Thread(target=board.sheet.set_trait, args=("command", order))
    second.start()
    second.join(0.3)
    assert len(board.rows) == 600
    go_on.set()
    first.join()
    second.join()
    assert len(board.rows) == 200


def test_what_goes_wrong_is_shown_and_logged_and_the_command_is_done(board, monkeypatch, caplog):
    def fail(*_arguments, **_options):
        raise ZeroDivisionError(HOSTILE)

    monkeypatch.setattr(plots, "waterfall", fail)
    with caplog.at_level(logging.ERROR):
        board.chart("rules")
    assert "ZeroDivisionError" in board.sheet.problem
    assert "Traceback" in board.sheet.problem
    assert "<script" not in board.sheet.problem
    assert caplog.records[0].exc_info[0] is ZeroDivisionError
    monkeypatch.undo()
    board.chart("rules")
    assert board.sheet.problem == ""
    assert "2 rules matched" in board.title


def test_an_interrupted_command_is_done_too(board, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(plots, "match_rates", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            board.chart("rates", by="rule")
    assert board.sheet.done == board.sheet.command["n"]
    board.chart("errors")
    assert board.title.startswith("Errors")


def test_what_is_saved_with_the_notebook_holds_the_summary_and_no_contact(board):
    bundle = displayed(board.shown)
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == board.shown.model_id
    page = bundle["text/html"]
    assert "200 of 400 answered rows found their lead" in page
    assert bundle["text/plain"].startswith("200 of 400 answered rows")
    assert "No lead in the account fits." in page
    assert re.search(r'<img src="data:image/png;base64,[\w+/=]+" alt="Match rate by type: 50.0', page)
    for canary in (PHONE, "777-11-22", EMAIL, "ivan.canary", "<script", "onerror=alert(1)>"):
        assert canary not in page + bundle["text/plain"] + repr(board.shown)
    assert "8915" not in re.sub('base64,[^"]*', "", page)


SEEDED = """
import json, sys
import pandas as pd
import ctnb
board = pd.read_pickle(sys.argv[1]).calltouch.dashboard()
board.sheet.command = {"n": 1, "do": "chart", "name": "chart", "value": "time"}
selects = board.sheet.chart["selects"]
assert all(each["value"] in [key for key, _ in each["options"]] for each in selects), selects
print(json.dumps([board.sheet.filters, selects, board.sheet.table, board.sheet.chart["charts"]], ensure_ascii=True))
"""


def test_every_choice_is_there_and_the_same_whatever_the_hash_seed(frame, tmp_path):
    frame.to_pickle(tmp_path / "frame.pkl")
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SEEDED, str(tmp_path / "frame.pkl")],
            env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )
        for seed in ("0", "3", "7")
    ]  # fmt: skip
    shown = [run.communicate(timeout=120)[0] for run in runs]
    assert json.loads(shown[0])
    assert len(set(shown)) == 1


@pytest.mark.parametrize("kept", [slice(0, 0), slice(2, None, 3)], ids=["empty", "errors alone"])
def test_frames_without_answers_can_be_looked_at(frame, kept):
    part = frame.iloc[kept]
    board = Board(part.calltouch.dashboard())
    for chart, _ in board.sheet.chart["charts"]:
        board.chart(chart)
        assert board.sheet.problem == ""
        assert board.sentence or board.title
    assert "text/html" in displayed(board.shown)
    assert board.facts["Rows"] == str(len(part))


@pytest.mark.parametrize("index", [None, [7] * 600, pd.MultiIndex.from_product([range(6), range(100)])])
def test_saved_frames_and_strange_indexes_show_the_same(frame, tmp_path, index):
    frame.to_parquet(tmp_path / "done.parquet")
    loaded = pd.read_parquet(tmp_path / "done.parquet")
    if index is not None:
        loaded.index = index
    one, other = (Board(each.calltouch.dashboard()).choose("Status", "unmatched") for each in (frame, loaded))
    assert other.sheet.head == one.sheet.head
    assert other.sheet.table == one.sheet.table
    assert other.chart("errors").sentence == one.chart("errors").sentence
    assert other.rows["deal_id"].tolist() == one.rows["deal_id"].tolist()
    assert other.rows.index.nlevels == loaded.index.nlevels


def test_another_prefix_and_a_frame_without_results(frame):
    other = frame.rename(columns=lambda name: name.replace("ct_", "x_") if name.startswith("ct_") else name)
    board = Board(other.calltouch.dashboard(prefix="x_")).choose("Status", "commented")
    assert len(board.rows) == 200
    with pytest.raises(ConfigError, match="no column 'ct_status'"):
        other.calltouch.dashboard()


def test_a_missing_extra_is_named_with_its_command(frame, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r'needs anywidget. Install it with: pip install "ctnb\[notebook\]"'):
        frame.calltouch.dashboard()


def test_two_dashboards_on_a_page_share_no_id(frame):
    ids = [re.findall(r'\bid="([^"]+)"', Board(frame.calltouch.dashboard()).sheet.chart["svg"]) for _ in range(2)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])


def test_of_many_rows_a_page_is_sent_to_the_browser(frame_of):
    board = Board(frame_of(50_000).calltouch.dashboard())
    assert len(json.dumps(board.sheet.table)) < 20_000
    board.containing("phone", "0049999")
    assert board.rows["deal_id"].tolist() == ["49999"]
    assert board.facts["Rows"] == "1"


def test_a_column_is_grouped_by_whatever_its_name(frame):
    more = frame.assign(type=frame["manager"], rule=frame["manager"])
    more[("utm", "source")] = frame["manager"]
    more[("deal", "created")] = frame["created_at"]
    board = Board(more.calltouch.dashboard())
    for name in ("manager", "('utm', 'source')", "type"):
        board.chart("rates", by=name).click("Анна")
        assert board.title.startswith(f"Match rate by {name}: 50.0")
        assert len(board.rows) == 120
        board.ask("all")
    # A column called as the words for the matching type and for the rule stands beside them.
    options = [text for _, text in board.sheet.chart["selects"][0]["options"]]
    assert options.count("rule") == 2
    board.chart("time", date="('deal', 'created')")
    assert "Match rate by day: 50.0" in board.title
    assert board.sheet.problem == ""


@pytest.mark.parametrize("name", ["offered", "pairs"])
def test_a_column_called_as_one_of_the_numbers_is_grouped_by(frame, name):
    more = frame.assign(**{name: frame["manager"]})
    board = Board(more.calltouch.dashboard(before=frame, key="deal_id"))
    for chart in ("rates", "funnel"):
        board.chart(chart, by=name).click("Анна")
        assert (len(board.rows), board.sheet.problem) == (120, "")
        board.ask("chart", name="sort", value="rate").ask("all").ask("chart", name="sort", value="")
    board.chart("heatmap", down=name).chart("rules", split=name).chart("compare", side_by=name)
    assert (board.title != "", board.sheet.problem) == (True, "")


def test_texts_that_differ_behind_a_nul_are_two(frame):
    more = frame.assign(note=np.array(["да\0нет", "да\0может", "да"])[np.arange(600) % 3])
    board = Board(more.calltouch.dashboard()).containing("note", "может")
    assert set(board.rows["note"]) == {"да\0может"}
    board.ask("all").choose("note", "да\0нет")
    assert set(board.rows["note"]) == {"да\0нет"}


def test_values_of_spaces_and_of_lines_are_named_in_one_line(frame):
    values = np.array(["  ", "a\n b", None], dtype=object)[np.arange(600) // 2 % 3]
    board = Board(frame.assign(note=values).calltouch.dashboard())
    assert board.offered("note") == {"(blank)": "200", "a b": "200", "(missing)": "200"}
    assert board.choose("note", "(blank)").chips == ["note: (blank)"]


def test_half_a_letter_does_not_keep_the_sheet_from_the_browser(frame):
    halves = pd.Series(np.array(["\ud83da", "b"], dtype=object)[np.arange(600) // 3 % 2], dtype=object)
    board = Board(frame.assign(half=halves).calltouch.dashboard()).chart("rates", by="half").choose("half", "?a")
    board.ask("text", column=board.key("half"), text="?A")
    assert len(board.rows) == 300
    sheet = board.sheet
    # What cannot be packed is not sent, and the browser waits for ever.
    packed = json_packer([sheet.head, sheet.filters, sheet.offer, sheet.chart, sheet.table, sheet.problem])
    assert b"?a" in packed


def test_the_frame_is_not_changed(frame):
    before = frame.copy()
    board = Board(frame.calltouch.dashboard()).chart("rates", by="manager").click("Анна").sort("amount")
    board.shown.file(".csv")
    pd.testing.assert_frame_equal(frame, before)
