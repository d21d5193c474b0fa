"""Progress in a terminal, a notebook and a log: what it says, and what it leaves when it ends."""

import io
import logging
import re
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
from ctnb.views.meters import Pace, RunMeter
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
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
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
    bars = [line.strip() for line in drawn.replace("\r", "\n").splitlines() if "|" in line]
    # One number, what is done of all, and the time that is left.
    assert all(re.fullmatch(r"\|[^|]*\| \d+ of 300 comments(, \d+\u00a0\w+ left)?", line) for line in bars)
    assert any("| 100 of 300 comments, " in line for line in bars)
    assert bars[-1].endswith("| 300 of 300 comments")
    assert not any(", 0" in line for line in bars)
    assert drawn.rstrip().splitlines()[-4].startswith("commented 275, unmatched 24, invalid 7, uncertain 1; requests 3")
    assert drawn.endswith("\n")


def test_a_narrow_terminal_has_the_number_on_one_line(terminal, monkeypatch):
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    monkeypatch.setenv("COLUMNS", "60")
    carried_out(ProgressCounts(leads=300))
    bars = [line for line in terminal.getvalue().replace("\r", "\n").splitlines() if line.startswith("|")]
    assert all(len(line) <= 60 for line in bars)
    assert any("100 of 300 comments" in line for line in bars)


def test_progress_speaks_russian(terminal, monkeypatch):
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    ctnb.set_language("ru")
    carried_out(ProgressCounts(leads=300))
    drawn = terminal.getvalue()
    assert "| 100 из 300 комментариев, осталось " in drawn
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


def test_a_pause_leaves_the_rate_as_it_was(monkeypatch):
    clock = iter([0.0, 1.0, *[3_600.0] * 20])
    monkeypatch.setattr("ctnb.views.meters.time.monotonic", lambda: next(clock))
    counts = ProgressCounts(leads=300)
    meter = Pace(RunMeter(counts))
    counts.statuses.update({Status.COMMENTED: 100})
    lines = [meter.text() for _ in range(8)]
    assert set(lines) == {"100 of 300 comments, 2\N{NO-BREAK SPACE}s left"}


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


def test_a_notebook_has_one_bar_while_it_runs_and_the_card_at_the_end(notebook):
    carried_out(ProgressCounts(leads=300))
    (output,) = notebook
    first, second = output.stood[:2]
    assert first["text/plain"] == "0 of 300 comments"
    assert re.fullmatch(r"100 of 300 comments, \d+\u00a0s left", second["text/plain"])
    assert f'aria-label="{second["text/plain"]}"' in second["text/html"]
    assert '<progress value="100" max="300"' in second["text/html"]
    assert repr(output.stood[-1]).startswith("commented 275, unmatched 24, invalid 7, uncertain 1; requests 3")
    card = output.stood[-1]._repr_html_()
    assert "The run has ended" in card
    assert "Where next: .calltouch.match_rates()" in card


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("the disk is full")])
def test_a_notebook_is_left_in_order_when_a_run_breaks(notebook, error):
    with pytest.raises(type(error)):
        carried_out(ProgressCounts(leads=300), error=error)
    (output,) = notebook
    assert output.stood[-2]["text/plain"].startswith("100 of 300 comments")
    assert "unsent 200" in repr(output.stood[-1])


def test_a_notebook_with_nothing_to_send_shows_the_summary(notebook):
    with progress_bar(ProgressCounts(leads=0), shown=True, rows={"ready": 0, "invalid": 7}) as draw:
        draw()
    (output,) = notebook
    assert repr(output.stood[-1]).startswith("invalid 7; requests 0")
    assert "Where next" not in output.stood[-1]._repr_html_()


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
    assert "| 90 of 180 days of journals, " in drawn
    last = drawn.rstrip().splitlines()[-1]
    assert last == "days read 180, days that were kept 4, leads 2,345, requests 20, time 0\N{NO-BREAK SPACE}s"


def test_a_download_that_breaks_says_how_far_it_came(terminal):
    ctnb.set_language("ru")
    with pytest.raises(KeyboardInterrupt):
        downloaded(error=KeyboardInterrupt())
    assert [bar.disable for bar in terminal.bars] == [True]
    assert "загружено дней 90 / 180, дней из кэша 4, лидов 1\N{NO-BREAK SPACE}234" in terminal.getvalue()


def test_a_download_in_a_notebook_has_a_bar_and_then_a_card(notebook):
    downloaded()
    (output,) = notebook
    assert output.stood[1]["text/plain"].startswith("90 of 180 days of journals, ")
    assert "The journals are read" in output.stood[-1]._repr_html_()
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
