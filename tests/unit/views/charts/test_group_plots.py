"""Orders, heatmap, funnel, and lines and waterfalls by group: their numbers are those of the tables."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex, to_rgb
from plot_reading import assert_legible, everything, results, seen_texts, texts
from shown_previews import shown_preview

import ctnb
from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.i18n.language import number, percent
from ctnb.results.rates import match_rates, wilson
from ctnb.views.charts.palette import contrast

WHO = ["Отдел продаж — Санкт-Петербург, Невский проспект, вторая смена", "Ким Ли", "Анна", "Боря", "Вера", None]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    found = results(1500)
    found["who"] = [WHO[at] for at in rng.choice(6, 1500, p=[0.3, 0.25, 0.2, 0.15, 0.09, 0.01])]
    found["hour"] = rng.integers(8, 20, 1500)
    found["sum"] = pd.cut(pd.Series(rng.random(1500)), [0, 0.1, 0.5, 1])
    found["deal"] = range(1500)
    return found


DRAWN = {
    "heatmap": lambda plot, **options: plot.heatmap("who", **options),
    "heatmap of a column": lambda plot, **options: plot.heatmap("who", "hour", **options),
    "heatmap of rules": lambda plot, **options: plot.heatmap("rule", "who", **options),
    "funnel": lambda plot, **options: plot.funnel(**options),
    "funnel by column": lambda plot, **options: plot.funnel("who", **options),
    "funnel by rule": lambda plot, **options: plot.funnel("rule", **options),
    "waterfall": lambda plot, **options: plot.waterfall("who", **options),
    "timeline": lambda plot, **options: plot.timeline(by="who", **options),
}


def names(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize(("size", "language"), [((6.4, 4.8), "en"), ((6.4, 4.8), "ru"), ((3.6, 3.6), "ru")])
def test_they_can_be_read(frame, name, size, language):
    ctnb.set_language(language)
    _, ax = plt.subplots(figsize=size, layout="constrained")
    assert DRAWN[name](frame.calltouch.plot, ax=ax) is ax
    assert_legible(ax)


@pytest.mark.parametrize("name", DRAWN)
def test_they_can_be_read_in_the_dark_and_small_and_give_way_to_a_title(frame, name):
    with plt.style.context("dark_background"):
        _, axes = plt.subplots(2, 2, figsize=(6, 4), layout="constrained")
        ax = DRAWN[name](frame.calltouch.plot, ax=axes[0, 0])
        for text in seen_texts(ax):
            if text not in ax.texts or not name.startswith("heatmap"):
                assert contrast(to_hex(text.get_color()), "#000000") >= 4.5
            box = text.get_window_extent()
            assert text.get_fontsize() >= 4.5
            assert box.x0 >= ax.figure.bbox.x0
            if text in ax.texts and box.y1 <= ax.bbox.y1:
                assert box.x1 <= ax.bbox.x1 + 1
        ax.set_title("mine")
        above = [text.get_text() for text in seen_texts(ax) if text.get_window_extent().y0 > ax.bbox.y1]
        assert above == ["mine"]


@pytest.mark.parametrize("name", DRAWN)
def test_figsize_is_that_of_the_figure_and_no_answers_are_said(frame, name):
    assert DRAWN[name](frame.calltouch.plot, figsize=(5, 3)).figure.get_size_inches().tolist() == [5, 3]
    assert "no answers yet" in texts(DRAWN[name](frame.iloc[:0].calltouch.plot))


def test_bars_stand_in_the_order_of_the_groups(frame):
    plot = frame.calltouch.plot
    assert names(plot.match_rates("hour")) == [str(hour) for hour in range(8, 20)]
    assert names(plot.match_rates("sum")) == ["(0.0, 0.1]", "(0.1, 0.5]", "(0.5, 1.0]"]
    months = plot.match_rates(pd.Grouper(key="ct_answered_at", freq="MS"))
    assert names(months) == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]


def test_bars_can_be_sorted_by_rate(frame):
    ax = frame.calltouch.plot.match_rates("hour", sort="rate", top=5)
    widths = [bar.get_width() for bar in ax.patches]
    assert len(widths) == 5
    assert widths == sorted(widths, reverse=True)
    assert "the 5 largest of 12 groups" in everything(ax)
    with pytest.raises(ConfigError, match="sort="):
        frame.calltouch.plot.match_rates("hour", sort="size")


@pytest.mark.parametrize("verb", ["match_rates", "funnel", "waterfall", "heatmap"])
def test_of_many_periods_the_note_says_which_are_shown(frame, verb):
    frame = frame.assign(day=frame["ct_answered_at"].dt.to_period("D"))
    draw = getattr(frame.calltouch.plot, verb)
    assert "the last 20 of 90 periods" in everything(draw("day")).replace("\n", " ")
    assert "the 20 largest of 90 groups" in everything(draw("day", sort="rate")).replace("\n", " ")


def test_a_line_stands_at_the_rate_of_all_rows(frame):
    rate = frame["ct_matched"].mean()
    ax = frame.calltouch.plot.match_rates("who")
    dashed = next(line for line in ax.lines if line.get_linestyle() == "--")
    assert list(dashed.get_xdata()) == [rate, rate]
    assert f"all: {percent(rate)}" in texts(ax)
    # A type's rate has another base, beside which that line would mislead.
    ax = frame.calltouch.plot.match_rates("type")
    assert not any(line.get_linestyle() == "--" for line in ax.lines)


def test_a_column_of_ids_is_drawn_where_it_is_asked_for(frame):
    assert "the 20 largest of 1,500 groups" in everything(frame.calltouch.plot.match_rates("deal"))


def test_the_heatmap_shows_rate_and_rows_of_each_cell(frame):
    ax = frame.calltouch.plot.heatmap("who", "type", figsize=(8, 5))
    shown = texts(ax)
    for row in match_rates(frame, ["who", "type"]).itertuples():
        assert f"{percent(row.rate_reached)}\n{number(row.reached)}" in shown
    assert "faint: fewer than 20 rows" in everything(ax).replace("\n", " ")
    for cell, text in zip(
        ax.patches, [each for each in ax.texts if "\n" in each.get_text() and each.get_text()[0].isdigit()], strict=True
    ):
        if cell.get_alpha() is None:
            assert contrast(to_hex(text.get_color()), to_hex(cell.get_facecolor())) >= 4.5
        else:
            behind = [0.25 * part + 0.75 for part in to_rgb(cell.get_facecolor())]
            assert contrast(to_hex(text.get_color()), to_hex(behind)) >= 4.5


def test_the_heatmap_takes_the_first_column_that_suits_and_no_two_words(frame):
    assert "by who" in frame.drop(columns="sum").calltouch.plot.heatmap().get_title()
    with pytest.raises(ConfigError, match="expected"):
        frame.calltouch.plot.heatmap("rule", "type")
    with pytest.raises(ColumnNotFoundError):
        frame.calltouch.plot.heatmap("whom")


def test_the_funnel_has_what_was_offered_reached_and_matched(frame):
    ax = frame.calltouch.plot.funnel()
    lengths = np.array([bar.get_width() for bar in ax.patches if bar.get_data_transform() == ax.transData])
    table = match_rates(frame)
    wanted = table[["offered", "reached", "matched"]].to_numpy(dtype=float).ravel() / len(frame)
    assert sorted(set(lengths.round(9)) & set(wanted.round(9))) == sorted(set(wanted.round(9)))
    for row in table.itertuples():
        assert f"{number(row.offered)} → {number(row.reached)} → {number(row.matched)}" in texts(ax)
    assert {"offered", "reached", "matched"} <= set(texts(ax))
    # Within the groups of a column too.
    pairs = texts(frame.calltouch.plot.funnel(["who", "type"]))
    assert {"offered", "reached", "matched"} <= set(pairs)
    assert "answered" not in pairs


def test_parts_of_a_group_are_what_each_rule_found_there(frame):
    ax = frame.calltouch.plot.waterfall("hour", top=3, sort="offered")
    largest = frame["hour"].value_counts(sort=True).index[:3]
    for y, label in enumerate(names(ax)):
        rows = frame[frame["hour"] == int(label)]
        drawn = [bar for bar in ax.patches if bar.get_data_transform() == ax.transData]
        parts = [bar for bar in drawn if abs(bar.get_y() + bar.get_height() / 2 - y) < 0.1]
        assert len(parts) == 3
        assert sum(bar.get_width() for bar in parts) == pytest.approx(rows["ct_matched"].mean())
    assert {int(label) for label in names(ax)} == set(largest)
    assert {"1  call", "2  callContact", "3  requestContact"} <= set(texts(ax))


def test_few_rules_are_drawn_where_few_are_asked_for():
    kinds = ("callContact", "requestContact") * 4
    ax = results(1000, kinds, rates=(0.05,) * 8).calltouch.plot.waterfall(top=3)
    assert "6 other rules" in names(ax)


def test_lines_are_smoothed_over_a_centred_window(frame):
    ax = frame.calltouch.plot.timeline(by="who", freq="W", top=2)
    part = frame[frame["who"] == WHO[0]].set_index("ct_answered_at")["ct_matched"].astype(int)
    weeks = part.resample("W-MON", closed="left", label="left").agg(["count", "sum"])
    around = weeks.rolling(3, center=True, min_periods=1).sum()
    line = next(line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == len(weeks))
    np.testing.assert_allclose(line.get_ydata(), around["sum"] / around["count"])
    low, high = wilson(around["sum"], around["count"])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(low.min())
    assert band.max() == pytest.approx(high.max())
    assert "without 4 smaller groups: " in everything(ax)
    assert "over 3 periods" in everything(ax).replace("\n", " ")


@pytest.mark.parametrize("days", [1, 2, 3])
def test_lines_of_few_periods_have_a_point_for_each(frame, days):
    frame = frame.assign(day=pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(len(frame)) % days, "D"))
    ax = frame.calltouch.plot.timeline(by="who", date="day", freq="D")
    lines = [line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == days]
    lines = [line for line in lines if line.get_markevery() is not None]
    assert len(lines) == 4
    assert all(line.get_markevery()[0] < days for line in lines)
    # Two days are not smoothed; of three the first has one neighbour.
    around = frame[(frame["who"] == WHO[0]) & (frame["day"].dt.day < (7 if days == 3 else 6))]
    assert lines[0].get_ydata()[0] == pytest.approx(around["ct_matched"].mean())


def test_lines_by_type_are_refused(frame):
    for draw in (frame.calltouch.plot.timeline, frame.calltouch.plot.waterfall):
        with pytest.raises(ConfigError, match="expected columns"):
            draw(by="type")


@pytest.mark.parametrize("draw", ["match_rates", "waterfall", "heatmap", "funnel"])
def test_a_preview_says_that_it_is_predicted(draw):
    options = {"waterfall": ["manager"], "heatmap": ["manager"]}.get(draw, [])
    assert getattr(shown_preview().plot, draw)(*options).get_title().startswith("Predicted")
