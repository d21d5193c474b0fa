"""The plots: their numbers are those that rates.py counts, and no text stands on another."""

import itertools
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from plot_reading import assert_legible, everything, failed, results, texts

import ctnb
from ctnb.i18n.labels import reason_label
from ctnb.i18n.language import gettext, interval, number, percent
from ctnb.outcomes import Reason
from ctnb.results.rates import errors, match_rates
from ctnb.views.charts import plots, timeline

MANAGERS = [
    "Константинопольский Александр Владимирович",
    "Задунайская-Рымникская Екатерина Аполлинарьевна",
    "Кузнецова Анастасия Вячеславовна",
    "Отдел продаж — Санкт-Петербург, Невский проспект",
    "Белоцерковская Евангелина Ростиславовна",
    "Сверхдлиннаяфамилиябезединогопробелавообще",
    "Смирнов $А.$ и $Б.",
    "Фёдоров \N{GRINNING FACE} \U000f1234 Фёдор",
    "Строка\nв две строки",
    "   ",
    "Ким Ли",
    None,
]
DRAWINGS = [plots.match_rates, plots.errors, plots.waterfall, timeline.timeline]


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize(
    "frame", [results(), results(1), results(7), results(rates=(0, 0, 0)), results(rates=(1, 0, 0))]
)
def test_every_plot_is_legible(draw, frame):
    assert_legible(draw(frame))


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("draw", DRAWINGS)
def test_given_axes_are_drawn_on_and_no_figure_is_opened(draw):
    figure = Figure(figsize=(6.4, 4.8))
    ax = figure.subplots()
    before = mpl.rcParams.copy()
    assert draw(results(), ax=ax) is ax
    assert plt.get_fignums() == []
    assert mpl.rcParams == before
    FigureCanvasAgg(figure)
    assert_legible(ax)


@pytest.mark.parametrize("draw", DRAWINGS)
def test_without_axes_one_figure_is_opened(draw):
    before = mpl.rcParams.copy()
    ax = draw(results())
    assert plt.get_fignums() == [ax.figure.number]
    assert len(ax.figure.axes) == 1
    assert mpl.rcParams == before


@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize("frame", [results(0), results(0).astype(object)])
def test_an_empty_frame_says_so(draw, frame):
    ax = draw(frame)
    assert [text.get_text() for text in ax.texts] == ["no answers yet"]
    assert_legible(ax)


def test_frames_of_errors_alone():
    for draw in (plots.match_rates, plots.waterfall, timeline.timeline):
        assert "no answers yet" in texts(draw(failed()))
    ax = plots.errors(failed(600))
    assert "100.0\N{NO-BREAK SPACE}% of 600 rows" in everything(ax)
    assert_legible(ax)


@pytest.mark.parametrize("size", [(5, 4), (8, 6)])
def test_every_error_code_has_room_beside_its_status(size, language):
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    ax = plots.errors(failed(600), ax=figure.add_subplot())
    assert_legible(ax)
    assert reason_label(Reason.BAD_DATE) in everything(ax)


def test_russian_plots_speak_russian():
    ctnb.set_language("ru")
    drawn = everything(plots.match_rates(results(1500)))
    assert drawn.startswith("Найдено по типам поиска: ")
    assert "из 1\N{NO-BREAK SPACE}500 строк с ответом" in drawn
    assert "звонок по контакту" in drawn
    assert re.search(r"\d,\d\N{NO-BREAK SPACE}%", drawn)
    assert not re.search(r"[a-z]{3}", drawn.replace("ct_", ""))
    assert "чаще всего «нет ID и контактов»" in everything(plots.errors(failed(600)))
    assert everything(plots.waterfall(results(1500))).startswith("3 правила нашли ")
    for days, months in ((200, {"март", "май"}), (0.5, {"5 янв."})):
        assert months <= set(texts(timeline.timeline(results(400, days=days))))


def test_a_frame_without_errors_says_so():
    assert "no errors" in texts(plots.errors(results(rates=(1, 0, 0))))


@pytest.mark.parametrize("by", ["type", "rule"])
def test_match_rates_show_the_counted_numbers(by):
    frame = results(1500)
    shown = everything(plots.match_rates(frame, by=by))
    matched = int(frame["ct_matched"].sum())
    assert f"Match rate by {by}: {percent(matched / 1500)} of {number(1500)} answered" in shown
    for row in match_rates(frame, by).itertuples():
        assert f"{percent(row.rate_reached)}  {interval(row.rate_reached_low, row.rate_reached_high)}" in shown
        assert f"{number(row.matched)} of {number(row.reached)} reached, {number(row.offered)} offered" in shown


def test_bars_are_as_long_as_the_rates():
    ax = plots.match_rates(results())
    assert [bar.get_width() for bar in ax.patches] == match_rates(results())["rate_reached"].tolist()
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert ax.patches[0].get_hatch() != ax.patches[1].get_hatch()


def test_rows_with_an_unknown_winner_are_counted_in_the_note():
    frame = results()
    frame["ct_matched_by"] = None
    assert f"{number(int(frame['ct_matched'].sum()))} matched by a type that is not known" in everything(
        plots.match_rates(frame)
    )


def test_a_rate_that_is_not_known_is_not_drawn():
    frame = results(rules=("callContact", "requestContact", "callContact"))
    frame["ct_offered"] = ["callContact", *frame["ct_offered"].astype(object)[1:]]
    frame.loc[0, ["ct_matched_by", "ct_rule"]] = None
    ax = plots.match_rates(frame, by="rule")
    assert texts(ax).count("not known") == 2
    assert len(ax.patches) == 1
    assert_legible(ax)


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("size", [(6.4, 4.8), (9, 5), (14, 6)])
@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_twelve_long_names_do_not_overlap(size, layout):
    frame = results(2400).assign(Ответственный=[MANAGERS[at % 12] for at in range(2400)])
    _, ax = plt.subplots(figsize=size, layout=layout)
    plots.match_rates(frame, by="Ответственный", ax=ax)
    assert_legible(ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert "Ким Ли" in labels
    assert gettext("(missing)") in labels
    assert gettext("(blank)") in labels
    assert "Строка в две строки" in labels
    assert any(label.startswith("Конст") for label in labels)


@pytest.mark.usefixtures("language")
def test_formulas_in_names_are_shown_as_written():
    frame = results(60).assign(who=r"$\frac$ {x}$")
    ax = plots.match_rates(frame, by="who")
    ax.figure.draw_without_rendering()
    assert ax.get_yticklabels()[0].get_text() == r"\$\frac\$ {x}\$"


def test_only_the_largest_groups_are_drawn_and_the_rest_is_counted():
    frame = results(1000).assign(who=np.minimum(np.random.default_rng(1).geometric(0.06, 1000), 40))
    groups = match_rates(frame, "who")
    ax = plots.match_rates(frame, by="who")
    assert f"the 20 largest of {len(groups)} groups" in everything(ax)
    largest = groups.sort_values("offered", ascending=False, kind="stable").index[:20]
    assert [label.get_text() for label in ax.get_yticklabels()] == [str(key) for key in largest]
    assert_legible(ax)


@pytest.mark.parametrize(
    ("by", "title"),
    [
        ("type", "by type"),
        ("rule", "by rule"),
        ("who", "by who"),
        (["type"], "by type"),
        (["who", "type"], "by who and type"),
        (("utm", "source"), "by ('utm', 'source')"),
        ([("utm", "source"), "who"], "by ('utm', 'source') and who"),
    ],
)
def test_by_means_what_it_means_in_match_rates(by, title):
    frame = results(60).assign(who=["Аня", "Боря", None] * 20, type=["a", "b"] * 30)
    frame[("utm", "source")] = ["cpc", "mail", "cpc", "2gis", "mail", None] * 10
    ax = plots.match_rates(frame, by=by)
    table = match_rates(frame, by)
    assert len(ax.get_yticklabels()) == len(table)
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(sorted_as_drawn(table, by))
    assert ax.get_title().startswith(f"Match rate {title}: ")


def sorted_as_drawn(table, by):
    known = isinstance(by, str) and by in ("type", "rule")
    drawn = table if known else table.sort_values("offered", ascending=False, kind="stable")
    return drawn["rate_reached"].tolist()


def test_a_cell_that_is_a_tuple_is_one_group():
    frame = results(60).assign(who=pd.Series([("a", "b"), ("c", "d")] * 30).array)
    labels = [label.get_text() for label in plots.match_rates(frame, by="who").get_yticklabels()]
    assert labels == ["('a', 'b')", "('c', 'd')"]


def test_several_columns_share_a_label():
    frame = results(60).assign(who="Константинопольский Александр Владимирович", stage=["в работе", "отказ"] * 30)
    labels = [label.get_text() for label in plots.match_rates(frame, by=["who", "stage"]).get_yticklabels()]
    assert all(label.startswith("Констан") for label in labels)
    assert {label.split("\n")[-1] for label in labels} == {"в работе", "отказ"}


def test_errors_show_the_counted_numbers():
    frame = pd.concat([part.astype(object) for part in (results(900), failed(50))], ignore_index=True)
    shown = everything(plots.errors(frame))
    table = errors(frame)
    for row in table.head(20).itertuples():
        assert f"{percent(row.share)}  {interval(row.share_low, row.share_high)}" in shown
        assert f"{number(row.rows)} of {number(950)}" in shown
    assert f"{percent(table['rows'].sum() / 950)} of {number(950)} rows, most often lead not found" in shown


def test_the_waterfall_steps_from_nothing_to_the_whole_rate():
    frame = results(1000)
    ax = plots.waterfall(frame)
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    *steps, whole, rest = ends
    assert steps[0][0] == 0
    for (_, end), (start, _) in itertools.pairwise(steps):
        assert start == pytest.approx(end)
    rate = frame["ct_matched"].mean()
    assert steps[-1][1] == pytest.approx(rate)
    assert whole == (0, pytest.approx(rate))
    assert rest == (pytest.approx(rate), pytest.approx(1))
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["1  call", "2  callContact", "3  requestContact", "all rules", "not matched"]
    assert f"3 rules matched {percent(rate)} of {number(1000)} answered" in everything(ax)


def test_the_waterfall_keeps_rows_whose_rule_is_not_known():
    frame = results()
    frame.loc[frame["ct_rule"] == 2, "ct_rule"] = None
    labels = [label.get_text() for label in plots.waterfall(frame).get_yticklabels()]
    assert labels[-3:] == ["rule not known", "all rules", "not matched"]


def test_rows_answered_under_another_rule_list_have_no_bar_among_the_rules_and_are_counted():
    frame = results()
    elsewhere = (frame["ct_rule"] == 2).fillna(value=False)
    frame.loc[elsewhere, "ct_rule"] = None
    frame["ct_offered"] = frame["ct_offered"].astype(object).where(~elsewhere, "callContact>request")
    ax = plots.match_rates(frame, by="rule")
    assert "matched by a rule that is not known" in everything(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1  call", "2  callContact", "3  requestContact"]
    steps = plots.waterfall(frame)
    labels = [label.get_text() for label in steps.get_yticklabels()]
    assert labels[-3:] == ["rule not known", "all rules", "not matched"]
    assert "3 rules matched" in everything(steps)


@pytest.mark.usefixtures("language")
def test_twenty_rules_fit():
    kinds = ("callContact", "requestContact") * 10
    assert_legible(plots.waterfall(results(2000, kinds, rates=(0.05,) * 20)))
