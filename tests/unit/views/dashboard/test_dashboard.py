"""The dashboard: its controls are set as a user sets them, and what it shows is read back."""

import logging
import re
import sys
import threading

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb.exceptions import ConfigError, MissingExtraError
from ctnb.results.columns import answer_frame, join
from ctnb.views.charts import plots
from ctnb.views.dashboard import dashboard as module
from ctnb.views.dashboard.filters import Selection, chosen, date_columns, group_columns, searchable_text
from ctnb.views.dashboard.rows import PAGE_ROWS, Subject

PHONE, EMAIL = "+7 (915) 777-11-22", "ivan.canary@mail.example"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
RATES, STEPS, ERRORS, TIME, ROWS = range(5)


def results(n=600):
    """n rows: commented, unmatched and invalid in turn, with a manager, contacts and a date of text."""
    at = np.arange(n)
    words = np.array(["commented", "unmatched", "invalid"], dtype=object)[at % 3]
    won = words == "commented"
    answers = answer_frame(
        {
            "status": words,
            "matched": np.where(won, True, np.where(words == "unmatched", False, None)),
            "matched_by": np.where(won, np.where(at % 2, "call", "callContact"), None),
            "rule": np.where(won, np.where(at % 2, 1, 2), None),
            "offered": ["call>callContact"] * n,
            "error": np.where(won, None, f"{HOSTILE} {PHONE} {EMAIL}"),
            "error_code": np.where(won, None, np.where(words == "unmatched", "lead_not_found", "bad_identifier")),
            "answered_at": pd.date_range("2026-01-05", periods=n, freq="min", tz="UTC"),
        },
        pd.RangeIndex(n),
    )
    deals = pd.DataFrame(
        {
            "deal_id": at.astype(str),
            "phone": [f"8915{row:07}" for row in at],
            "email": [EMAIL] * n,
            "manager": pd.Series(np.array(["Анна", "Борис", HOSTILE, None, "$x$"], dtype=object)[at % 5]),
            "created_at": [f"{1 + row % 28:02}.03.2026 10:00" for row in at],
            "amount": (at * 7919 % 1000).astype(float),
        }
    )
    return join(deals, answers)


@pytest.fixture
def frame():
    return results()


@pytest.fixture
def shown(frame):
    return frame.calltouch.dashboard()


def text_of(widget):
    return " ".join(re.sub("<[^>]*>", " ", widget.value).split())


def alt_of(widget):
    return re.search(r'aria-label="([^"]*)"', widget.value)[1]


def facts(shown):
    return dict(re.findall(r'ctnb-label">([^<]*)</div><div class="ctnb-value">([^<]*)<', shown._head.value))


def turn_to(shown, tab):
    shown._tabs.selected_index = tab


def test_the_headline_and_the_first_chart_are_those_of_the_frame(shown, frame):
    counts = frame.calltouch.counts()
    assert facts(shown)["Rows"] == "600"
    assert facts(shown)["commented"] == str(counts["commented"]) == "200"
    assert facts(shown)["Match rate"] == "50.0\u00a0%"
    assert "Match rate by type: 50.0" in alt_of(shown._rates)
    assert "200 600" not in shown._problem.value
    assert shown._problem.value == ""


def test_filters_hold_for_counts_charts_rows_and_add_up(shown):
    rows = 0
    for status in ("commented", "unmatched", "invalid"):
        shown.filters.status.value = (status,)
        assert set(shown.rows["ct_status"]) == {status}
        assert facts(shown)["Rows"] == str(len(shown.rows))
        assert f"Shown: {len(shown.rows)} of 600 rows" in shown._head.value
        rows += len(shown.rows)
    assert rows == 600
    shown.filters.status.value = ("commented", "unmatched")
    shown.filters.kind.value = ("call",)
    assert shown.rows["ct_matched_by"].tolist() == ["call"] * 100
    assert "100.0\u00a0% of 100 answered" in alt_of(shown._rates)
    shown.filters.reset.click()
    assert (shown.filters.status.value, shown.filters.kind.value, len(shown.rows)) == ((), (), 600)
    assert "Shown" not in shown._head.value


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
    assert "The table has no rows." in shown._head.value
    shown.filters.column.value = "ct_error"
    shown.filters.text.value = "ONERROR"
    assert len(shown.rows) == 200


def test_rates_are_told_by_type_rule_and_column(shown, frame):
    choices = dict(shown.by.options)
    assert list(choices) == ["matching type", "rule", "manager"]
    shown.by.value = choices["rule"]
    assert "Match rate by rule" in alt_of(shown._rates)
    shown.by.value = choices["manager"]
    table = frame.calltouch.match_rates("manager")
    assert f"Анна {table.loc['Анна', 'matched']} {table.loc['Анна', 'reached']}" in text_of(shown._rates)
    assert "(missing)" in text_of(shown._rates)
    assert "<script" not in shown._rates.value
    assert "<img" not in shown._rates.value


def test_a_tab_is_drawn_when_it_is_turned_to_and_when_the_rows_change(shown):
    assert shown._steps.value == shown._errors.value == shown._time.value == ""
    turn_to(shown, STEPS)
    assert "2 rules matched 50.0\u00a0% of 400" in alt_of(shown._steps)
    turn_to(shown, ERRORS)
    assert "Errors: 66.7\u00a0% of 600" in alt_of(shown._errors)
    assert "No lead in the account fits." in text_of(shown._errors)
    before = shown._steps.value
    shown.filters.status.value = ("unmatched",)
    assert "Errors: 100.0\u00a0% of 200" in alt_of(shown._errors)
    assert shown._steps.value == before
    turn_to(shown, STEPS)
    assert "0.0\u00a0% of 200" in alt_of(shown._steps)


def test_hostile_text_of_the_vendor_is_inert(shown):
    turn_to(shown, ERRORS)
    assert "&lt;script&gt;" in shown._errors.value
    assert "<script" not in shown._errors.value
    turn_to(shown, ROWS)
    cells = shown._table._dt_args["data_json"]
    assert "&lt;script&gt;" in cells
    assert "<script" not in cells
    assert "<img" not in cells


def test_time_goes_by_the_column_that_is_chosen(shown):
    assert [name for name, _ in shown.date.options] == ["created_at", "moment of the answer"]
    turn_to(shown, TIME)
    assert "Match rate by day: 50.0" in alt_of(shown._time)
    shown.date.value = None
    assert "Match rate by 15 minutes" in alt_of(shown._time) or "Match rate by hour" in alt_of(shown._time)


def test_many_rows_come_by_the_page_and_are_sorted_as_a_whole():
    shown = results(2_500).calltouch.dashboard()
    turn_to(shown, ROWS)
    assert len(shown._table.df) == PAGE_ROWS
    assert "Rows 1 to 1,000 of 2,500" in shown._rows_note.value
    shown.order.value = "amount"
    shown.descending.value = True
    sent = shown._table.df["amount"].astype(float)
    assert sent.tolist() == sorted(results(2_500)["amount"], reverse=True)[:PAGE_ROWS]
    shown.page.value = 3
    assert len(shown._table.df) == 500
    shown.filters.status.value = ("commented",)
    assert (shown.page.value, shown.page.max, len(shown._table.df)) == (1, 1, 834)
    assert shown._rows_note.value == ""


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_selected_rows_are_written(shown, tmp_path, monkeypatch, ending):
    monkeypatch.chdir(tmp_path)
    shown.filters.code.value = ("lead_not_found",)
    shown.file.value = "rows"
    button = {"csv": shown.to_csv, "xlsx": shown.to_xlsx}[ending]
    button.click()
    assert f"200 rows are in rows.{ending}" in shown._done.value
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
    assert "is there already, and is not replaced" in shown._problem.value
    shown.file.value = " "
    shown.to_csv.click()
    assert "The file has no name" in shown._problem.value
    assert (tmp_path / "deals.csv").read_text() == "mine"
    shown.filters.status.value = ("commented",)
    assert shown._problem.value == ""


def test_one_control_acts_at_a_time(shown, monkeypatch):
    drawn = threading.Event()
    monkeypatch.setattr(plots, "waterfall", lambda *_, **options: drawn.set() or options["ax"])
    with shown._turn:
        other = threading.Thread(target=turn_to, args=(shown, STEPS))
        other.start()
        assert not drawn.wait(0.3)
    other.join()
    assert drawn.is_set()


def test_what_goes_wrong_is_shown_and_logged(shown, monkeypatch, caplog):
    def fail(*_arguments, **_options):
        raise ZeroDivisionError(HOSTILE)

    monkeypatch.setattr(plots, "waterfall", fail)
    with caplog.at_level(logging.ERROR):
        turn_to(shown, STEPS)
    assert "ZeroDivisionError" in shown._problem.value
    assert "Traceback" in shown._problem.value
    assert "<script" not in shown._problem.value
    assert caplog.records[0].exc_info[0] is ZeroDivisionError
    monkeypatch.undo()
    turn_to(shown, ERRORS)
    turn_to(shown, STEPS)
    assert shown._problem.value == ""
    assert "2 rules matched" in alt_of(shown._steps)


def test_what_is_saved_with_the_notebook_holds_the_summary_and_no_contact(shown):
    turn_to(shown, ROWS)
    bundle = shown._repr_mimebundle_()
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
    assert "Лид нашёлся для 200 из 400 строк" in shown._head.value
    assert shown.filters.status.description == "Статус"
    assert shown._tabs.titles[0] == "Доля найденных"


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
        assert shown._problem.value == ""
    assert "text/html" in shown._repr_mimebundle_()
    assert facts(shown)["Rows"] == str(len(part))


@pytest.mark.parametrize("index", [None, [7] * 600, pd.MultiIndex.from_product([range(6), range(100)])])
def test_saved_frames_and_strange_indexes_show_the_same(frame, tmp_path, index):
    frame.to_parquet(tmp_path / "done.parquet")
    loaded = pd.read_parquet(tmp_path / "done.parquet")
    if index is not None:
        loaded.index = index
    one, other = frame.calltouch.dashboard(), loaded.calltouch.dashboard()
    for shown in (one, other):
        for tab in range(5):
            turn_to(shown, tab)
        shown.filters.status.value = ("unmatched",)
        assert len(shown.rows) == 200
    assert one._head.value == other._head.value
    assert text_of(one._errors) == text_of(other._errors)
    assert other.rows.index.nlevels == loaded.index.nlevels


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
    ids = [re.findall(r'\bid="([^"]+)"', frame.calltouch.dashboard()._rates.value) for _ in range(2)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])


def test_200_000_rows_send_a_page_to_the_browser():
    shown = results(200_000).calltouch.dashboard()
    turn_to(shown, ROWS)
    assert len(shown._table._dt_args["data_json"]) < 1_500_000
    shown.filters.column.value = "phone"
    shown.filters.text.value = "0199999"
    assert shown.rows["deal_id"].tolist() == ["199999"]
    assert facts(shown)["Rows"] == "1"


def test_the_frame_is_not_changed(frame):
    before = frame.copy()
    shown = frame.calltouch.dashboard()
    shown.by.value = dict(shown.by.options)["manager"]
    for tab in range(5):
        turn_to(shown, tab)
    pd.testing.assert_frame_equal(frame, before)


def test_columns_that_can_be_compared_come_fewest_values_first(frame):
    more = frame.assign(flag=frame.index % 2 == 0, lists=[[1]] * 600, one="x", stage=(frame.index % 9).astype(str))
    assert group_columns(more, "ct_") == ["flag", "manager", "stage"]
    assert date_columns(more.assign(closed=pd.Timestamp("2026-03-01")), "ct_") == ["created_at", "closed"]


def test_the_mask_of_a_selection_is_what_a_plain_way_gives(frame):
    subject = Subject(frame, "ct_")
    words = searchable_text(frame["manager"])
    selection = Selection(statuses=frozenset({"commented", "invalid"}), text="$X", column="manager")
    plain = frame["ct_status"].isin(["commented", "invalid"]) & frame["manager"].str.casefold().str.contains(
        "$x", regex=False, na=False
    )
    assert chosen(subject.results, selection, words).tolist() == plain.tolist()
    assert Selection().everything
    assert not selection.everything


def test_text_is_found_in_lists_numbers_and_categories():
    for column, text in (
        (pd.Series([["a", "b"], None, ["C"]]), "['c']"),
        (pd.Series([12.5, None, 7.0]), "7"),
        (pd.Series(["x", None, "YY"], dtype="category"), "yy"),
    ):
        words = searchable_text(column)
        results = pd.DataFrame(index=range(3))
        assert chosen(results, Selection(text=text, column="x"), words).tolist() == [False, False, True]
