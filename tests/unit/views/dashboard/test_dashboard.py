"""The dashboard: its controls are set as a user sets them, and what it shows is read back."""

import logging
import re
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from widget_reading import displayed, markup, text

import ctnb
from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.views.charts import plots
from ctnb.views.dashboard import dashboard as module
from ctnb.views.dashboard.rows import PAGE_ROWS

PHONE, EMAIL = "+7 (915) 777-11-22", "ivan.canary@mail.example"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
RATES, STEPS, ERRORS, TIME, ROWS = range(5)


@pytest.fixture
def shown(frame):
    return frame.calltouch.dashboard()


def alt(shown, tab):
    """What the plot in a tab says to those who cannot see it."""
    return re.search(r'aria-label="([^"]*)"', markup(shown.tabs.children[tab]))[1]


def facts(shown):
    return dict(re.findall(r'ctnb-label">([^<]*)</div><div class="ctnb-value">([^<]*)<', shown.headline.value))


def turn_to(shown, tab):
    shown.tabs.selected_index = tab


def cells_sent(shown):
    """The cells of the table as the browser gets them."""
    return shown.table.get_state()["_dt_args"]["data_json"]


def test_the_headline_and_the_first_chart_are_those_of_the_frame(shown, frame):
    counts = frame.calltouch.counts()
    assert facts(shown)["Rows"] == "600"
    assert facts(shown)["commented"] == str(counts["commented"]) == "200"
    assert facts(shown)["Match rate"] == "50.0\u00a0%"
    assert "Match rate by type: 50.0" in alt(shown, RATES)
    assert shown.problem.value == ""


def test_filters_hold_for_counts_charts_rows_and_add_up(shown):
    rows = 0
    for status in ("commented", "unmatched", "invalid"):
        shown.filters.status.value = (status,)
        assert set(shown.rows["ct_status"]) == {status}
        assert facts(shown)["Rows"] == str(len(shown.rows))
        assert f"Shown: {len(shown.rows)} of 600 rows" in shown.headline.value
        rows += len(shown.rows)
    assert rows == 600
    shown.filters.status.value = ("commented", "unmatched")
    shown.filters.kind.value = ("call",)
    assert shown.rows["ct_matched_by"].tolist() == ["call"] * 100
    assert "100.0\u00a0% of 100 answered" in alt(shown, RATES)
    shown.filters.reset.click()
    assert (shown.filters.status.value, shown.filters.kind.value, len(shown.rows)) == ((), (), 600)
    assert "Shown" not in shown.headline.value


def test_codes_and_text_filter(shown):
    shown.filters.code.value = ("bad_identifier",)
    assert len(shown.rows) == 200
    shown.filters.column.value = "manager"
    shown.filters.text.value = "  аННа "
    assert set(shown.rows["manager"]) == {"Анна"}
    assert set(shown.rows["ct_error_code"]) == {"bad_identifier"}
    assert len(shown.rows) == 40
    shown.filters.text.value = "nobody"
    assert len(shown.rows) == 0
    assert "The table has no rows." in shown.headline.value
    shown.filters.column.value = "ct_error"
    shown.filters.text.value = "ONERROR"
    assert len(shown.rows) == 200


def test_rates_go_by_type_rule_and_column(shown, frame):
    choices = dict(shown.by.options)
    assert list(choices) == ["matching type", "rule", "manager"]
    shown.by.value = choices["rule"]
    assert "Match rate by rule" in alt(shown, RATES)
    shown.by.value = choices["manager"]
    table = frame.calltouch.match_rates("manager")
    assert f"Анна {table.loc['Анна', 'matched']} {table.loc['Анна', 'reached']}" in text(shown.tabs.children[RATES])
    assert "(missing)" in text(shown.tabs.children[RATES])
    assert "<script" not in markup(shown.tabs)
    assert "<img" not in markup(shown.tabs)


def test_a_tab_is_drawn_when_it_is_turned_to_and_when_the_rows_change(shown):
    assert [text(shown.tabs.children[tab]) for tab in (STEPS, ERRORS, TIME)] == ["", "", ""]
    turn_to(shown, STEPS)
    assert "2 rules matched 50.0\u00a0% of 400" in alt(shown, STEPS)
    turn_to(shown, ERRORS)
    assert "Errors: 66.7\u00a0% of 600" in alt(shown, ERRORS)
    assert "No lead in the account fits." in text(shown.tabs.children[ERRORS])
    before = markup(shown.tabs.children[STEPS])
    shown.filters.status.value = ("unmatched",)
    assert "Errors: 100.0\u00a0% of 200" in alt(shown, ERRORS)
    assert markup(shown.tabs.children[STEPS]) == before
    turn_to(shown, STEPS)
    assert "0.0\u00a0% of 200" in alt(shown, STEPS)


def test_hostile_text_of_the_vendor_is_inert(shown):
    turn_to(shown, ERRORS)
    errors = markup(shown.tabs.children[ERRORS])
    assert "&lt;script&gt;" in errors
    assert "<script" not in errors
    turn_to(shown, ROWS)
    cells = cells_sent(shown)
    assert "&lt;script&gt;" in cells
    assert "<script" not in cells
    assert "<img" not in cells


def test_time_goes_by_the_column_that_is_chosen(shown):
    assert [name for name, _ in shown.date.options] == ["created_at", "moment of the answer"]
    turn_to(shown, TIME)
    assert "Match rate by day: 50.0" in alt(shown, TIME)
    shown.date.value = None
    assert "Match rate by 15 minutes" in alt(shown, TIME) or "Match rate by hour" in alt(shown, TIME)


def test_many_rows_come_by_the_page_and_are_sorted_as_a_whole(frame_of):
    many = frame_of(2_500)
    shown = many.calltouch.dashboard()
    turn_to(shown, ROWS)
    assert len(shown.table.df) == PAGE_ROWS
    assert "Rows 1 to 1,000 of 2,500" in text(shown.tabs.children[ROWS])
    shown.order.value = "amount"
    shown.descending.value = True
    sent = shown.table.df["amount"].astype(float)
    assert sent.tolist() == sorted(many["amount"], reverse=True)[:PAGE_ROWS]
    shown.page.value = 3
    assert len(shown.table.df) == 500
    shown.filters.status.value = ("commented",)
    assert (shown.page.value, shown.page.max, len(shown.table.df)) == (1, 1, 834)
    assert "Rows 1 to" not in text(shown.tabs.children[ROWS])


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_selected_rows_are_written(shown, tmp_path, monkeypatch, ending):
    monkeypatch.chdir(tmp_path)
    shown.filters.code.value = ("lead_not_found",)
    shown.file.value = "rows"
    button = {"csv": shown.to_csv, "xlsx": shown.to_xlsx}[ending]
    button.click()
    assert f"200 rows are in rows.{ending}" in text(shown.tabs.children[ROWS])
    written = ctnb.read_leads(tmp_path / f"rows.{ending}")
    assert written["deal_id"].tolist() == shown.rows["deal_id"].tolist()
    assert list(written) == list(shown.rows)
    shown.filters.status.value = ("commented",)
    shown.filters.reset.click()
    button.click()
    assert len(ctnb.read_leads(tmp_path / f"rows.{ending}")) == 600


def test_a_file_of_others_is_not_replaced(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deals.csv").write_text("mine")
    shown.file.value = "deals.csv"
    shown.to_csv.click()
    assert "is there already, and is not replaced" in shown.problem.value
    shown.file.value = " "
    shown.to_csv.click()
    assert "The file has no name" in shown.problem.value
    assert (tmp_path / "deals.csv").read_text() == "mine"
    shown.filters.status.value = ("commented",)
    assert shown.problem.value == ""


def test_one_control_acts_at_a_time(shown, monkeypatch):
    drawing, go_on = threading.Event(), threading.Event()

    def slow(*_, **options):
        drawing.set()
        assert go_on.wait(30)
        return options["ax"]

    monkeypatch.setattr(plots, "waterfall", slow)
    first = threading.Thread(target=turn_to, args=(shown, STEPS))
    first.start()
    assert drawing.wait(30)
    second = threading.Thread(target=shown.filters.status.set_state, args=({"index": [0]},))
    second.start()
    second.join(0.3)
    assert len(shown.rows) == 600
    go_on.set()
    first.join()
    second.join()
    assert len(shown.rows) == 200


def test_what_goes_wrong_is_shown_and_logged(shown, monkeypatch, caplog):
    def fail(*_arguments, **_options):
        raise ZeroDivisionError(HOSTILE)

    monkeypatch.setattr(plots, "waterfall", fail)
    with caplog.at_level(logging.ERROR):
        turn_to(shown, STEPS)
    assert "ZeroDivisionError" in shown.problem.value
    assert "Traceback" in shown.problem.value
    assert "<script" not in shown.problem.value
    assert caplog.records[0].exc_info[0] is ZeroDivisionError
    monkeypatch.undo()
    turn_to(shown, ERRORS)
    turn_to(shown, STEPS)
    assert shown.problem.value == ""
    assert "2 rules matched" in alt(shown, STEPS)


def test_what_is_saved_with_the_notebook_holds_the_summary_and_no_contact(shown):
    turn_to(shown, ROWS)
    bundle = displayed(shown)
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == shown.model_id
    page = bundle["text/html"]
    assert "200 of 400 answered rows found their lead" in page
    assert bundle["text/plain"].startswith("200 of 400 answered rows")
    assert "No lead in the account fits." in page
    assert re.search(r'<img src="data:image/png;base64,[\w+/=]+" alt="Match rate by type: 50.0', page)
    for canary in (PHONE, "777-11-22", EMAIL, "ivan.canary", "<script", "onerror=alert(1)>"):
        assert canary not in page + bundle["text/plain"] + repr(shown)
    assert "8915" not in re.sub('base64,[^"]*', "", page)


def test_it_is_in_russian(frame):
    ctnb.set_language("ru")
    shown = frame.calltouch.dashboard()
    assert "Лид нашёлся для 200 из 400 строк" in shown.headline.value
    assert shown.filters.status.description == "Статус"
    assert shown.tabs.titles[0] == "Доля найденных"


def test_every_control_has_a_name(shown):
    controls = [
        shown.filters.status,
        shown.filters.kind,
        shown.filters.code,
        shown.filters.text,
        shown.filters.column,
        shown.filters.reset,
        shown.by,
        shown.date,
    ]
    controls += [shown.order, shown.descending, shown.page, shown.file, shown.to_csv, shown.to_xlsx]
    names = [control.description for control in controls]
    assert all(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kept", [slice(0, 0), slice(2, None, 3)], ids=["empty", "errors alone"])
def test_frames_without_answers_can_be_looked_at(frame, kept):
    part = frame.iloc[kept]
    shown = part.calltouch.dashboard()
    for tab in range(5):
        turn_to(shown, tab)
        assert shown.problem.value == ""
    assert "text/html" in displayed(shown)
    assert facts(shown)["Rows"] == str(len(part))


@pytest.fixture(scope="module")
def whole(frame):
    """What a dashboard of the frame shows of the unmatched rows."""
    return of_unmatched(frame.calltouch.dashboard())


def of_unmatched(shown):
    for tab in range(5):
        turn_to(shown, tab)
    shown.filters.status.value = ("unmatched",)
    return shown.headline.value, text(shown.tabs.children[ERRORS]), shown.rows["deal_id"].tolist()


@pytest.mark.parametrize("index", [None, [7] * 600, pd.MultiIndex.from_product([range(6), range(100)])])
def test_saved_frames_and_strange_indexes_show_the_same(frame, whole, tmp_path, index):
    frame.to_parquet(tmp_path / "done.parquet")
    loaded = pd.read_parquet(tmp_path / "done.parquet")
    if index is not None:
        loaded.index = index
    shown = loaded.calltouch.dashboard()
    assert of_unmatched(shown) == whole
    assert shown.rows.index.nlevels == loaded.index.nlevels


def test_another_prefix_and_a_frame_without_results(frame):
    other = frame.rename(columns=lambda name: name.replace("ct_", "x_") if name.startswith("ct_") else name)
    shown = other.calltouch.dashboard(prefix="x_")
    shown.filters.status.value = ("commented",)
    assert len(shown.rows) == 200
    with pytest.raises(ConfigError, match="no column 'ct_status'"):
        other.calltouch.dashboard()


def test_a_missing_extra_is_named_with_its_command(frame, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "itables" else sys)
    with pytest.raises(MissingExtraError, match=r'needs itables. Install it with: pip install "ctnb\[notebook\]"'):
        frame.calltouch.dashboard()


def test_two_dashboards_on_a_page_share_no_id(frame):
    ids = [re.findall(r'\bid="([^"]+)"', markup(frame.calltouch.dashboard())) for _ in range(2)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])


def test_of_many_rows_a_page_is_sent_to_the_browser(frame_of):
    shown = frame_of(50_000).calltouch.dashboard()
    turn_to(shown, ROWS)
    assert len(cells_sent(shown)) < 1_500_000
    shown.filters.column.value = "phone"
    shown.filters.text.value = "0049999"
    assert shown.rows["deal_id"].tolist() == ["49999"]
    assert facts(shown)["Rows"] == "1"


def test_a_column_is_grouped_by_whatever_its_name(frame):
    more = frame.assign(type=frame["manager"], rule=frame["manager"])
    more[("utm", "source")] = frame["manager"]
    more[("deal", "created")] = frame["created_at"]
    shown = more.calltouch.dashboard()
    tables = []
    for name in ("manager", "('utm', 'source')"):
        shown.by.value = dict(shown.by.options)[name]
        assert alt(shown, RATES).startswith(f"Match rate by {name}: 50.0")
        tables.append(text(shown.tabs.children[RATES]).rpartition("interval")[2])
    assert tables[0] == tables[1]
    # A column called as the words for the matching type and for the rule stands beside them.
    groups = [value for name, value in shown.by.options if name in ("matching type", "type", "rule")]
    assert groups == ["type", "rule", ["type"], ["rule"]]
    shown.by.value = ["type"]
    assert "Анна" in text(shown.tabs.children[RATES])
    turn_to(shown, TIME)
    shown.date.value = ("deal", "created")
    assert "Match rate by day: 50.0" in alt(shown, TIME)
    assert shown.problem.value == ""


def test_texts_that_differ_behind_a_nul_are_two(frame):
    more = frame.assign(note=np.array(["да\0нет", "да\0может", "да"])[np.arange(600) % 3])
    shown = more.calltouch.dashboard()
    shown.filters.column.value = "note"
    shown.filters.text.value = "может"
    assert set(shown.rows["note"]) == {"да\0может"}


def test_the_frame_is_not_changed(frame):
    before = frame.copy()
    shown = frame.calltouch.dashboard()
    shown.by.value = dict(shown.by.options)["manager"]
    for tab in range(5):
        turn_to(shown, tab)
    pd.testing.assert_frame_equal(frame, before)
