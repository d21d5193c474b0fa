"""Wherever a preview is shown, it says that it is predicted; the results of a run say nothing of it."""

import io

import pandas as pd
import pytest
from board import Board
from matplotlib import pyplot as plt
from shown_previews import shown_preview
from widget_reading import displayed

import ctnb
from ctnb.i18n import advice, labels
from ctnb.matching.reasons import SearchOutcome
from ctnb.matching.undecided import UndecidedReason
from ctnb.results.predicted import is_predicted
from ctnb.views import summary

MARKS = {"en": "Predicted", "ru": "Предсказание"}


@pytest.fixture(scope="module")
def predicted():
    return shown_preview(90).frame


@pytest.fixture
def sent(predicted):
    """The same results as if they had been sent."""
    return predicted.assign(ct_predicted=pd.array([False] * len(predicted), dtype="boolean"))


@pytest.fixture(params=["en", "ru"])
def mark(request):
    ctnb.set_language(request.param)
    yield MARKS[request.param]
    plt.close("all")


def test_a_frame_is_known_for_a_preview_however_it_was_saved(predicted, sent):
    assert is_predicted(predicted)
    assert is_predicted(pd.read_csv(io.StringIO(predicted.to_csv(index=False))))
    assert is_predicted(predicted.astype(str))
    assert is_predicted(predicted.rename(columns=lambda name: name.replace("ct_", "x_")), "x_")
    assert is_predicted(pd.concat([sent, predicted.iloc[:1]]))


def test_results_of_a_run_and_of_earlier_versions_are_none(predicted, sent):
    assert not is_predicted(sent)
    assert not is_predicted(predicted.drop(columns="ct_predicted"))


def test_every_plot_says_so(predicted, sent, mark):
    def titles(frame):
        plot = frame.calltouch.plot
        drawn = [plot.match_rates(), plot.match_rates("manager"), plot.waterfall(), plot.errors()]
        return [ax.get_title() for ax in [*drawn, plot.timeline("created"), plot.timeline()]]

    assert all(title.startswith(f"{mark} · ") for title in titles(predicted))
    assert not any(mark in title for title in titles(sent))


def test_rows_of_a_preview_have_no_answers_yet(predicted):
    ctnb.set_language("en")
    plot = predicted.calltouch.plot
    shown = [plot.match_rates("manager"), plot.waterfall()]
    assert not any("answered" in ax.get_title() + ax.get_xlabel() for ax in shown)


def test_the_summary_says_so(predicted, sent, mark):
    headline = summary.summary(predicted)
    assert headline.sentence.startswith(mark)
    assert [fact.label for fact in headline.facts] != [fact.label for fact in summary.summary(sent).facts]
    assert len(headline.facts) == len(summary.summary(sent).facts)
    assert not summary.summary(sent).sentence.startswith(mark)
    assert all(
        row[4] != labels.status_meaning(row[0]) for row in summary.status_table(predicted).rows if row[0] == "commented"
    )


def test_the_report_says_so_in_its_title_its_figures_and_its_notes(predicted, sent, tmp_path):
    ctnb.set_language("ru")
    page = predicted.calltouch.report(tmp_path / "a.html", title="Весна").read_text(encoding="utf-8")
    assert "<title>Предсказание · Весна</title>" in page
    assert page.count('aria-label="Предсказание · ') >= 6
    assert "Что стало бы со строками" in page
    assert "Это предсказание по журналам аккаунта" in page
    assert "редсказание" not in sent.calltouch.report(tmp_path / "b.html").read_text(encoding="utf-8")


def test_the_dashboard_and_its_static_view_say_so_whatever_is_filtered(predicted, mark):
    board = Board(predicted.calltouch.dashboard())
    assert mark in board.sheet.head["sentence"]
    assert board.title.startswith(f"{mark} · ")
    board.ask("bar", bar=0)
    assert len(board.chips) == 1
    assert mark in board.sheet.head["sentence"]


def test_the_static_view_of_the_dashboard_says_so(predicted, sent):
    ctnb.set_language("ru")
    kept = displayed(predicted.calltouch.dashboard())
    assert "Предсказание" in kept["text/html"]
    assert "Предсказание" in kept["text/plain"]
    assert "редсказание" not in displayed(sent.calltouch.dashboard())["text/html"]


def test_tables_that_are_written_keep_the_column(predicted, tmp_path):
    for name in ("rows.csv", "rows.xlsx"):
        from ctnb.tables.files import write_table

        write_table(predicted, tmp_path / name)
        assert is_predicted(ctnb.read_leads(tmp_path / name))


def test_rates_and_errors_of_a_preview_count_as_those_of_a_run(predicted, sent):
    pd.testing.assert_frame_equal(predicted.calltouch.match_rates(), sent.calltouch.match_rates())
    pd.testing.assert_frame_equal(predicted.calltouch.errors(), sent.calltouch.errors())


@pytest.mark.parametrize("words", [labels.SEARCH_OUTCOMES, advice.SEARCH_OUTCOMES])
def test_every_outcome_has_words(words):
    assert list(words) == [outcome.value for outcome in SearchOutcome]


@pytest.mark.parametrize("words", [labels.UNDECIDED, advice.UNDECIDED])
def test_every_open_question_has_words(words):
    assert list(words) == [reason.value for reason in UndecidedReason]
