"""Progress in a terminal, a notebook and a log: what it says, and what it leaves when it ends."""

import io
import logging
import os
from types import SimpleNamespace

import IPython.display
import pytest
import tqdm.auto
from tqdm.notebook import tqdm_notebook
from tqdm.std import tqdm as std_tqdm

import ctnb
from ctnb.delivery.progress_counts import ProgressCounts, Stop
from ctnb.journals.download_counts import DownloadCounts
from ctnb.outcomes import Reason, Status
from ctnb.views import progress
from ctnb.views.progress import download_bar, progress_bar


class Terminal(io.StringIO):
    """A terminal, and the bars that were opened on it."""

    def __init__(self):
        super().__init__()
        self.bars = []

    def isatty(self):
        return True


class Handle:
    """A place in a notebook's output, and everything that stood there."""

    def __init__(self, shown):
        self.stood = [shown]

    def update(self, shown, **_):
        self.stood.append(shown)


@pytest.fixture
def terminal(monkeypatch):
    stream = Terminal()

    class Bar(std_tqdm):
        def __init__(self, **options):
            super().__init__(**options)
            stream.bars.append(self)

    monkeypatch.setattr(tqdm.auto, "tqdm", Bar)
    # pytest puts a stderr of its own in place when the test begins.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((200, 40)))
    # The oldest tqdm goes by the environment where a stream is no terminal of the system's.
    monkeypatch.setenv("COLUMNS", "200")
    return stream


@pytest.fixture
def notebook(monkeypatch):
    places = []

    def display(shown, **options):
        assert options["display_id"]
        places.append(Handle(shown))
        return places[-1]

    monkeypatch.setattr(tqdm.auto, "tqdm", tqdm_notebook)
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(progress, "LINE_EVERY", 0)
    return places


def carried_out(counts, *, shown=True, error=None):
    """Settle a run's leads in three steps, or fail after the first."""
    with progress_bar(counts, shown=shown, rows={"ready": 300, "invalid": 7}) as draw:
        draw()
        counts.statuses.update({Status.COMMENTED: 80, Status.UNMATCHED: 20})
        counts.requests += 1
        draw()
        if error is not None:
            raise error
        counts.statuses.update({Status.COMMENTED: 195, Status.UNMATCHED: 4, Status.UNCERTAIN: 1})
        counts.requests += 2
        draw()


def test_a_terminal_shows_a_bar_and_then_the_summary(terminal, monkeypatch):
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    carried_out(ProgressCounts(leads=300))
    drawn = terminal.getvalue()
    assert " 33 %|" in drawn
    assert "| 100/300, left " in drawn
    assert "commented 80, unmatched 20, " in drawn
    assert "leads/s, requests 3" in drawn
    assert "commented 275, unmatched 24, uncertain 1" in drawn
    assert drawn.rstrip().splitlines()[-4].startswith("commented 275, unmatched 24, invalid 7, uncertain 1; requests 3")
    assert drawn.endswith("\n")


def test_a_narrow_terminal_keeps_what_matters_most(terminal, monkeypatch):
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 40)))
    carried_out(ProgressCounts(leads=300))
    bars = [line for line in terminal.getvalue().replace("\r", "\n").splitlines() if "%|" in line]
    assert any("commented 80, unmatched 20" in line for line in bars)
    assert not any("requests" in line for line in bars)


def test_progress_speaks_russian(terminal, monkeypatch):
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    ctnb.set_language("ru")
    carried_out(ProgressCounts(leads=300))
    drawn = terminal.getvalue()
    assert "осталось" in drawn
    assert "прокомментировано 275, не найдено 24, исход неизвестен 1" in drawn
    assert "лидов/с, запросов 3" in drawn
    assert "прокомментировано 275, не найдено 24, ошибка в данных 7, исход неизвестен 1" in drawn


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("the disk is full")])
def test_a_bar_is_closed_when_a_run_breaks(terminal, error):
    with pytest.raises(type(error)):
        carried_out(ProgressCounts(leads=300), error=error)
    assert [bar.disable for bar in terminal.bars] == [True]
    assert "commented 80, unmatched 20, invalid 7, unsent 200; requests 1" in terminal.getvalue()
    assert "unsent: run the cell again to carry on" in terminal.getvalue()


def test_a_run_that_stopped_says_why(terminal):
    carried_out(ProgressCounts(leads=300, stop=Stop(Reason.TOKEN_REFUSED, "the token is refused")))
    assert "token refused: The vendor refused the token. Take a new token" in terminal.getvalue()


def test_nothing_to_send_is_a_summary_alone(terminal):
    with progress_bar(ProgressCounts(leads=0), shown=True, rows={"ready": 0, "invalid": 0}) as draw:
        draw()
    assert terminal.getvalue() == "nothing to send; requests 0, time 0\N{NO-BREAK SPACE}s\n"


def test_a_log_gets_one_line_and_stderr_nothing(monkeypatch, caplog):
    stream = io.StringIO()
    monkeypatch.setattr(tqdm.auto, "tqdm", std_tqdm)
    monkeypatch.setattr("sys.stderr", stream)
    ctnb.set_language("ru")
    caplog.set_level(logging.INFO, "ctnb")
    carried_out(ProgressCounts(leads=300))
    assert stream.getvalue() == ""
    line = "The run has ended: commented 275, unmatched 24, invalid 7, uncertain 1; requests 3."
    assert [record.getMessage() for record in caplog.records] == [line]


def test_nothing_is_shown_where_nothing_is_wanted(terminal, notebook, caplog):
    caplog.set_level(logging.INFO, "ctnb")
    carried_out(ProgressCounts(leads=300), shown=False)
    assert (terminal.getvalue(), notebook, caplog.records) == ("", [], [])


def test_a_notebook_keeps_a_line_while_it_runs_and_the_summary_at_the_end(notebook):
    carried_out(ProgressCounts(leads=300))
    bar, line = notebook
    assert line.stood[0] == {"text/plain": "0 of 300 comments: commented 0, unmatched 0"}
    assert line.stood[1] == {"text/plain": "100 of 300 comments: commented 80, unmatched 20"}
    assert repr(line.stood[-1]).startswith("commented 275, unmatched 24, invalid 7, uncertain 1; requests 3")
    widget, text = bar.stood
    assert type(widget).__name__ == "TqdmHBox"
    assert text["text/plain"].startswith("Comments: 100 %|")
    # Nothing is left of the widget, which a saved notebook could not show.
    assert widget.comm is None


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("the disk is full")])
def test_a_notebook_is_left_in_order_when_a_run_breaks(notebook, error):
    with pytest.raises(type(error)):
        carried_out(ProgressCounts(leads=300), error=error)
    bar, line = notebook
    assert bar.stood[-1]["text/plain"].startswith("Comments:  33 %|")
    assert "unsent 200" in repr(line.stood[-1])


def test_a_notebook_with_nothing_to_send_shows_the_summary(notebook):
    with progress_bar(ProgressCounts(leads=0), shown=True, rows={"ready": 0, "invalid": 7}) as draw:
        draw()
    (line,) = notebook
    assert repr(line.stood[-1]).startswith("invalid 7; requests 0")


def downloaded(*, shown=True, error=None, days=180):
    """Read some days of journals, then the rest, or fail after the first."""
    counts = DownloadCounts(days=days, kept=4)
    with download_bar(counts, shown=shown) as draw:
        draw()
        counts.read, counts.leads, counts.requests = days // 2, 1234, 10
        draw()
        if error is not None:
            raise error
        counts.read, counts.leads, counts.requests = days, 2345, 20
        draw()


def test_a_download_has_a_bar_of_days_and_then_a_summary(terminal, monkeypatch):
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    downloaded()
    drawn = terminal.getvalue()
    assert " 50 %|" in drawn
    assert "| 90/180, left " in drawn
    assert "leads 1,234, requests 10" in drawn
    last = drawn.rstrip().splitlines()[-1]
    assert last == "days read 180, days that were kept 4, leads 2,345, requests 20, time 0\N{NO-BREAK SPACE}s"


def test_a_download_that_breaks_says_how_far_it_came(terminal):
    ctnb.set_language("ru")
    with pytest.raises(KeyboardInterrupt):
        downloaded(error=KeyboardInterrupt())
    assert [bar.disable for bar in terminal.bars] == [True]
    assert "загружено дней 90 / 180, дней из кэша 4, лидов 1\N{NO-BREAK SPACE}234" in terminal.getvalue()


def test_a_download_in_a_notebook_keeps_a_line_and_a_card(notebook):
    downloaded()
    bar, line = notebook
    assert line.stood[1] == {"text/plain": "90 of 180 days of journals: leads 1,234, requests 10"}
    assert bar.stood[-1]["text/plain"].startswith("Days of journals: 100 %|")
    assert "The journals are read" in line.stood[-1]._repr_html_()
    with pytest.raises(RuntimeError):
        downloaded(error=RuntimeError())
    assert "The journals are read in part" in notebook[-1].stood[-1]._repr_html_()


def test_a_download_in_a_log_is_one_line(monkeypatch, caplog):
    monkeypatch.setattr(tqdm.auto, "tqdm", std_tqdm)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    caplog.set_level(logging.INFO, "ctnb")
    downloaded()
    downloaded(shown=False)
    line = "The download has ended: days read 180 of 180, kept 4; leads 2345; requests 20."
    assert [record.getMessage() for record in caplog.records] == [line]
