"""The match rate over time: its steps, its dates and its ticks."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from plot_reading import assert_legible, everything, results

from ctnb.exceptions import ColumnNotFoundError, ConfigError
from ctnb.views.charts import timeline


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("size", [(5, 4), (6.4, 4.8)])
def test_a_long_note_does_not_push_the_title_out_of_the_picture(size):
    frame = results(2400).assign(at=["2026-03-04", None] * 1200)
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    assert_legible(timeline.timeline(frame, date="at", freq="D", ax=figure.add_subplot()))


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
    ax.figure.draw_without_rendering()
    found = [label.get_text() for label in ax.get_xticklabels()]
    assert [label for label in found if label in shown][: len(shown)] == shown
    assert ax.xaxis.get_offset_text().get_text() == shared


@pytest.mark.parametrize(
    ("days", "step"),
    [(0.001, "minute"), (0.5, "hour"), (20, "day"), (200, "week"), (900, "month")],
)
def test_the_timeline_takes_a_step_that_fits_the_span(days, step):
    ax = timeline.timeline(results(400, days=days))
    assert f"Match rate by {step}: " in ax.get_title()
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
    shown = everything(ax)
    assert "Match rate by month" in shown
    assert "of 3 answered" in shown
    assert "1 answered row without a date left out" in shown
    assert len(ax.patches) == 2


def test_the_timeline_takes_aware_dates_and_any_index():
    frame = results(40).set_axis([1] * 40)
    frame["date"] = pd.date_range("2026-01-01", periods=40, freq="D", tz="Europe/Moscow")
    assert len(timeline.timeline(frame, date="date", freq="W").patches) == 7


def test_the_timeline_takes_a_column_whose_name_is_a_tuple():
    frame = results(4)
    frame[("deal", "created")] = ["03.02.2026", "03.02.2026 10:00", "2026-03-04", None]
    ax = timeline.timeline(frame, date=("deal", "created"), freq="M")
    assert "of 3 answered" in everything(ax)
    assert ax.get_xlabel().startswith("by ('deal', 'created')")


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
