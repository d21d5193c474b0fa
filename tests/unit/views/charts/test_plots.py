"""The plots: what they say equals what rates.py counts, and nothing stands on anything else."""

import itertools
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import ctnb
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.labels import reason_label
from ctnb.i18n.language import gettext, interval, number, percent
from ctnb.outcomes import Reason, Status
from ctnb.results.columns import answer_frame
from ctnb.results.rates import errors, match_rates
from ctnb.views.charts import plots, style, timeline

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


@pytest.fixture(autouse=True)
def agg():
    with mpl.rc_context():
        plt.switch_backend("agg")
        yield
        plt.close("all")


@pytest.fixture(params=["en", "ru"])
def language(request):
    ctnb.set_language(request.param)
    return request.param


def results(n=600, rules=("call", "callContact", "requestContact"), *, rates=(0.4, 0.3, 0.2), days=90):
    """n answered rows that were offered every rule, a fixed share of which each rule matched."""
    chance = np.random.default_rng(7).random((n, len(rules)))
    won = [next((at for at, (c, rate) in enumerate(zip(row, rates, strict=True)) if c < rate), None) for row in chance]
    return answer_frame(
        {
            "status": ["unmatched" if at is None else "commented" for at in won],
            "matched": [at is not None for at in won],
            "matched_by": [None if at is None else rules[at] for at in won],
            "rule": [None if at is None else at + 1 for at in won],
            "offered": [">".join(rules)] * n,
            "error_code": ["lead_not_found" if at is None else None for at in won],
            "answered_at": pd.date_range("2026-01-05", periods=n, freq=pd.Timedelta(days=days) / max(n, 1), tz="UTC"),
        },
        pd.RangeIndex(n),
    )


def failed(n=60):
    statuses, codes = list(Status)[1:], list(Reason)
    return answer_frame(
        {"status": [statuses[at % 6] for at in range(n)], "error_code": [codes[at % len(codes)] for at in range(n)]},
        pd.RangeIndex(n),
    )


def texts(ax):
    return [text.get_text() for text in [*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels()] if text.get_text()]


def everything(ax):
    return " | ".join([ax.get_title(loc="left"), ax.get_xlabel(), *texts(ax)])


def boxes(ax):
    """The extents of every text that is seen: title, ticks and numbers."""
    ax.figure.canvas.draw()
    renderer = ax.figure.canvas.get_renderer()
    seen = [*ax.texts, ax.title, ax._left_title]
    if ax.axison:
        seen += [*ax.get_yticklabels(), *ax.get_xticklabels(), ax.xaxis.label, ax.xaxis.get_offset_text()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in seen if text.get_text().strip()]


def assert_legible(ax):
    found = boxes(ax)
    for (one, box), (other, other_box) in itertools.combinations(found, 2):
        assert not box.overlaps(other_box), f"{one!r} stands on {other!r}"
    figure = ax.figure.bbox
    for text, box in found:
        assert box.x0 >= figure.x0 - 1, text
        assert box.x1 <= figure.x1 + 1, text
        assert box.y0 >= figure.y0 - 1, text
        assert box.y1 <= figure.y1 + 1, text


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


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("size", [(5, 4), (6.4, 4.8)])
def test_a_long_note_does_not_push_the_title_out_of_the_picture(size):
    frame = results(2400).assign(at=["2026-03-04", None] * 1200)
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    assert_legible(timeline.timeline(frame, date="at", freq="D", ax=figure.add_subplot()))


@pytest.mark.parametrize("ink", [style.INK, style.QUIET])
def test_texts_stand_out_from_white(ink):
    channels = np.array(mpl.colors.to_rgb(ink))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    # WCAG 2: the contrast of a colour with white.
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5


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


@pytest.mark.parametrize(
    ("days", "shown", "shared"),
    [
        (900, ["2026", "Jul", "2027"], "2028"),
        (20, ["5", "9", "13"], "January 2026"),
        (0.5, ["Jan 5", "02:00"], "Jan 5, 2026"),
        (0.02, ["Jan 5", "00:10"], "Jan 5, 2026"),
    ],
)
def test_ticks_say_what_their_neighbours_do_not(days, shown, shared):
    ax = timeline.timeline(results(400, days=days))
    ax.figure.canvas.draw()
    found = [label.get_text() for label in ax.get_xticklabels()]
    assert [label for label in found if label in shown][: len(shown)] == shown
    assert ax.xaxis.get_offset_text().get_text() == shared


def test_a_frame_without_errors_says_so():
    assert "no errors" in texts(plots.errors(results(rates=(1, 0, 0))))


@pytest.mark.parametrize("by", ["type", "rule"])
def test_match_rates_show_the_counted_numbers(by):
    frame = results(1500)
    said = everything(plots.match_rates(frame, by=by))
    matched = int(frame["ct_matched"].sum())
    assert f"Match rate by {by}: {percent(matched / 1500)} of {number(1500)} answered" in said
    for row in match_rates(frame, by).itertuples():
        assert f"{percent(row.rate_reached)}  {interval(row.rate_reached_low, row.rate_reached_high)}" in said
        assert f"{number(row.matched)} of {number(row.reached)} reached, {number(row.offered)} offered" in said


def test_bars_are_as_long_as_the_rates():
    ax = plots.match_rates(results())
    assert [bar.get_width() for bar in ax.patches] == match_rates(results())["rate_reached"].tolist()
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert ax.patches[0].get_hatch() != ax.patches[1].get_hatch()


def test_rows_with_an_unknown_winner_are_told_of():
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
    assert any(label.startswith("Константинопол") for label in labels)


@pytest.mark.usefixtures("language")
def test_formulas_in_names_are_shown_as_written():
    frame = results(60).assign(who=r"$\frac$ {x}$")
    ax = plots.match_rates(frame, by="who")
    ax.figure.canvas.draw()
    assert ax.get_yticklabels()[0].get_text() == r"\$\frac\$ {x}\$"


def test_only_the_largest_groups_are_drawn_and_the_rest_is_counted():
    frame = results(1000).assign(who=np.minimum(np.random.default_rng(1).geometric(0.06, 1000), 40))
    groups = match_rates(frame, "who")
    ax = plots.match_rates(frame, by="who")
    assert f"the 20 largest of {len(groups)} groups" in everything(ax)
    largest = groups.sort_values("offered", ascending=False, kind="stable").index[:20]
    assert [label.get_text() for label in ax.get_yticklabels()] == [str(key) for key in largest]
    assert_legible(ax)


def test_several_columns_share_a_label():
    frame = results(60).assign(who="Константинопольский Александр Владимирович", stage=["в работе", "отказ"] * 30)
    labels = [label.get_text() for label in plots.match_rates(frame, by=["who", "stage"]).get_yticklabels()]
    assert all("Константинопольский" in label for label in labels)
    assert {label.split("\n")[-1] for label in labels} == {"в работе", "отказ"}


def test_errors_show_the_counted_numbers():
    frame = pd.concat([part.astype(object) for part in (results(900), failed(50))], ignore_index=True)
    said = everything(plots.errors(frame))
    table = errors(frame)
    for row in table.head(20).itertuples():
        assert f"{percent(row.share)}  {interval(row.share_low, row.share_high)}" in said
        assert f"{number(row.rows)} of {number(950)}" in said
    assert f"{percent(table['rows'].sum() / 950)} of {number(950)} rows, most often lead not found" in said


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


@pytest.mark.parametrize(
    ("days", "step"),
    [(0.001, "minute"), (0.5, "hour"), (20, "day"), (200, "week"), (900, "month")],
)
def test_the_timeline_takes_a_step_that_fits_the_span(days, step):
    ax = timeline.timeline(results(400, days=days))
    assert f"Match rate by {step}: " in ax.get_title(loc="left")
    assert_legible(ax)


def test_the_timeline_counts_every_answered_row_once():
    frame = results(400, days=20)
    ax = timeline.timeline(frame, freq="D")
    days = frame.groupby(frame["ct_answered_at"].dt.date)["ct_matched"]
    assert ax.lines[0].get_ydata().tolist() == days.mean().tolist()
    heights = np.array([bar.get_height() for bar in ax.patches])
    np.testing.assert_allclose(heights / heights.max(), days.size() / days.size().max())
    assert ax.get_yticks()[0] == 0


def test_the_timeline_reads_text_dates_day_first():
    frame = results(4).assign(date=["03.02.2026", "03.02.2026 10:00", "2026-03-04", None])
    ax = timeline.timeline(frame, date="date", freq="M")
    said = everything(ax)
    assert "Match rate by month" in said
    assert "of 3 answered" in said
    assert "1 answered row without a date left out" in said
    assert len(ax.patches) == 2


def test_the_timeline_takes_aware_dates_and_any_index():
    frame = results(40).set_axis([1] * 40)
    frame["date"] = pd.date_range("2026-01-01", periods=40, freq="D", tz="Europe/Moscow")
    assert len(timeline.timeline(frame, date="date", freq="W").patches) == 7


def test_the_timeline_names_what_it_cannot_read():
    frame = results(4).assign(who="Аня", date=pd.to_datetime(["2020-01-01", "2026-01-01"] * 2))
    with pytest.raises(ConfigError, match="No cell of 'who' reads as a date"):
        timeline.timeline(frame, date="who")
    with pytest.raises(ColumnNotFoundError, match="Did you mean 'date'"):
        timeline.timeline(frame, date="dat")
    with pytest.raises(ConfigError, match="not a pandas frequency"):
        timeline.timeline(frame, freq="fortnight")
    with pytest.raises(ConfigError, match="more than 1000 periods"):
        timeline.timeline(frame, date="date", freq="h")
