"""Every view and message in the pseudo-language: what stands outside its brackets was never put into words.

The data is Greek, which is not looked at; views are opened by their public doors, so that what is in them may change.
"""

import io
import json
import warnings
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import tqdm.auto
import tqdm.std
from board import Board, sheet_texts
from matplotlib import pyplot as plt
from pseudo_language import assert_translated, axes_texts, html_texts, raised_text, untranslated, widget_texts
from studio_driving import checked, opened, sent
from widget_reading import displayed

import ctnb
from ctnb import Call, CallContact, Connection, Emulator, Journal, Request, RequestContact, Rulebook, col
from ctnb.delivery.progress_counts import ProgressCounts
from ctnb.journals.download_counts import DownloadCounts
from ctnb.outcomes import Reason, Status
from ctnb.views import progress
from ctnb.views.html.download import DownloadSummary
from ctnb.views.html.run import RunSummary

pytestmark = pytest.mark.usefixtures("pseudo", "agg")

CALL, REQUEST, PHONE, MAIL, DATE = "κλήση", "αίτηση", "τηλέφωνο", "ταχυδρομείο", "ημερομηνία"
KEY, MANAGER, STAGE, CLOSED = "κωδικός", "υπεύθυνος", "στάδιο", "κλειστό"
TEMPLATE = f"{{{STAGE}}}: {{{MANAGER}}}"
RULES = [
    Call(CALL),
    Request(REQUEST),
    CallContact(PHONE, DATE, depth="2h", match="nearestUniq"),
    RequestContact(DATE, phones=PHONE, emails=MAIL, depth=col("βάθος"), tags=["α", "β"], tags_logic="or"),
]
VENDOR = [r"no lead found|Лид не найден"]
"""What the emulator answers in the vendor's place."""


@pytest.fixture
def agg():
    with mpl.rc_context():
        plt.switch_backend("agg")
        yield
        plt.close("all")


def deals(n=60):
    """Deals of every kind: found by id, by contact or not at all; some with what cannot be sent."""
    at = np.arange(n)
    when = pd.Timestamp("2026-05-14 12:00") + pd.to_timedelta(at * 7, unit="h")
    phone = np.array([f"7915{row:07}" for row in at], dtype=object)
    phone[at % 10 == 9] = "οχι 12"
    return pd.DataFrame(
        {
            KEY: [f"Δ-{row}" for row in at],
            CALL: pd.array(np.where(at % 6 == 0, 1000 + at, -1), dtype="Int64").astype(object),
            REQUEST: None,
            PHONE: phone,
            MAIL: np.where(at % 7 == 0, "ένα@", None),
            DATE: np.where(at % 11 == 10, "αύριο", when.strftime("%d.%m.%Y %H:%M:%S")),
            "βάθος": np.where(at % 13 == 12, "πολύ", "1d"),
            MANAGER: np.array(["Άννα", "Βασίλης", None], dtype=object)[at % 3],
            STAGE: np.array(["νέο", "έτοιμο"], dtype=object)[at % 2],
            CLOSED: at % 4 == 0,
        }
    ).replace({CALL: {-1: None}})


def journals(n=60):
    at = np.arange(n)
    when = pd.Timestamp("2026-05-14 12:00") + pd.to_timedelta(at * 7, unit="h")
    called, asked = at % 3 == 0, at % 3 == 1
    form = "%d-%m-%Y %H:%M:%S"
    phone = np.array([f"7915{row:07}" for row in at])
    calls = pd.DataFrame(
        {
            "callId": 1000 + at[called],
            "callerNumber": phone[called],
            "date": (when[called] - pd.Timedelta("10min")).strftime(form),
            "uniqueCall": True,
            "callTags": "",
        }
    )
    requests = pd.DataFrame(
        {
            "requestId": 5000 + at[asked],
            "phoneNumber": phone[asked],
            "email": "",
            "date": (when[asked] + pd.Timedelta("30min")).strftime(form),
            "uniqueRequest": True,
            "tags": "",
        }
    )
    return calls, requests


@pytest.fixture
def vendor():
    with Emulator(*journals(), rate=None) as started:
        yield started


@pytest.fixture
def done(vendor):
    return ctnb.comment(deals(), RULES, TEMPLATE, key=KEY, connection=vendor.connection, progress=False)


def preview():
    return ctnb.preview(deals(), RULES, TEMPLATE, key=KEY, journal=Journal(*journals(), timezone="Europe/Moscow"))


def words_of(shown):
    """The texts of an object that a notebook shows: its card, and what a terminal has of it."""
    return [*html_texts(shown._repr_html_()), repr(shown)]


def test_cards(vendor):
    connection = vendor.connection
    plan = ctnb.plan(deals(), RULES, TEMPLATE, key=KEY, connection=connection)
    assert_translated(words_of(plan), allowed=VENDOR)
    assert_translated(words_of(ctnb.plan(deals(3), RULES, TEMPLATE)))
    assert_translated(html_texts(connection._repr_html_()))
    for shown in (Connection(1, "x", ledger=None), Connection(1, "x"), Connection(1, "x", ledger="postgresql://h/δ")):
        assert_translated(html_texts(shown._repr_html_()), allowed=["postgresql"])
    for rule in RULES:
        assert_translated(html_texts(rule._repr_html_()), allowed=["or", "and", "col"])
    assert_translated(words_of(Journal(*journals(), timezone="Europe/Moscow")))
    assert_translated(words_of(preview()))


def test_a_comparison(done):
    assert_translated(words_of(ctnb.compare(done, preview().frame, KEY)))


def test_summaries_of_runs_and_downloads():
    for reason in [None, *Reason]:
        summary = RunSummary(dict.fromkeys(Status, 3), repeats=2, requests=12, replayed=3, seconds=75, reason=reason)
        assert_translated(words_of(summary))
    for read in (3, 5):
        assert_translated(words_of(DownloadSummary(5, read, 1, 100, 7, 12.0)))


def test_problems_of_rows_and_findings():
    plan = ctnb.plan(deals(200), RULES, TEMPLATE)
    assert plan.frame["problem"].notna().any()
    assert_translated(plan.frame["problem"].dropna().unique())
    assert len(plan.checks)
    assert_translated([*plan.checks["message"], *plan.checks["advice"]])


CELLS = {
    PHONE: [
        *(
            "8 (915) 77",
            "+999 123 45 67",
            "7,9157E+10",
            "7.915E+20",
            "89157771122 ή 12345",
            "x" * 3000,
            "ICQ 123456789",
        ),
        *(
            "8915777112O",
            "1.5",
            "8 495",
            1e300,
            7.5,
            True,
            [True],
            "+7 915 777 11 22 33 44 55",
            "05.05.2026",
            "80000000000",
        ),
    ],
    MAIL: [
        "ένα",
        "α@β",
        "a@b@c.de",
        "http://x.gr",
        "α β@x.gr",
        "x" * 300 + "@x.gr",
        "a..b@x.gr",
        "a@-x.gr",
        5,
        "x" * 3000,
    ],
    DATE: ["12/31/2026", "αύριο", 46_000, 1e300, 0.5, True, pd.Timestamp("1800-01-01"), "31.31.2026", (1,)],
    CALL: ["1,9E+18", 1e20, 0.5, "1.5", "\ud800", True, 10**30, 1 << 70, (1,), "1013.0"],
    "βάθος": [0, "πολύ", 1e300, True, None],
}


@pytest.mark.parametrize("column", CELLS)
def test_problems_of_every_kind_of_cell(column):
    found = []
    for cell in CELLS[column]:
        frame = deals(2)
        frame[column] = pd.Series([cell, frame[column].iloc[1]], dtype=object)
        found += ctnb.plan(frame, RULES, TEMPLATE, key=KEY).frame["problem"].dropna().tolist()
    assert_translated(found, allowed=[r"'[^']*'", "bool", "True", "tuple", "inf", "int", "float"])


@pytest.mark.parametrize(
    ("template", "column", "cell"),
    [
        (f"{{{STAGE}:.0f}}", STAGE, "νέο"),
        (f"{{{STAGE}:.0f}}", STAGE, "1,234"),
        (f"{{{STAGE}}}", STAGE, "ν" * 10_001),
        (f"{{{STAGE}}}", STAGE, "\ud800"),
        (f"{{{STAGE}}}", STAGE, None),
        (f"{{{STAGE}:%d.%m}}", STAGE, "νέο"),
        (TEMPLATE, KEY, 1e20),
    ],
)
def test_problems_of_comments_and_keys(template, column, cell):
    frame = deals(2)
    frame[column] = pd.Series([cell, "1"], dtype=object)
    found = ctnb.plan(frame, RULES, template, key=KEY).frame["problem"].dropna().tolist()
    assert found
    assert_translated(found, allowed=[r"'\.0f'", "'%d.%m'", "str"])


def test_rows_that_were_answered(done):
    assert set(done["ct_status"].unique()) >= {"commented", "unmatched", "invalid"}
    assert_translated(done["ct_error"].dropna().unique(), allowed=VENDOR)
    assert_translated(ctnb.errors(done)["advice"])


def test_plots(done):
    predicted = preview()
    plots = [
        done.calltouch.plot.match_rates,
        lambda: done.calltouch.plot.match_rates("rule"),
        lambda: done.calltouch.plot.match_rates(MANAGER),
        lambda: done.calltouch.plot.match_rates([MANAGER, STAGE]),
        done.calltouch.plot.errors,
        done.calltouch.plot.waterfall,
        done.calltouch.plot.timeline,
        lambda: done.calltouch.plot.timeline(DATE),
        lambda: done.calltouch.plot.match_rates([CLOSED, MANAGER]),
        lambda: done.calltouch.plot.timeline(DATE, by=CLOSED),
        lambda: done.calltouch.plot.waterfall(by=CLOSED),
        lambda: done.calltouch.plot.funnel(CLOSED),
        lambda: done.calltouch.plot.heatmap(MANAGER, CLOSED),
        lambda: done.calltouch.plot.heatmap(CLOSED, "type"),
        predicted.plot.match_rates,
        predicted.plot.waterfall,
        predicted.plot.depth,
        predicted.plot.clock,
        lambda: predicted.plot.clock(CLOSED),
        lambda: ctnb.compare(done, predicted.frame, KEY).plot(),
        lambda: ctnb.compare(done, predicted.frame, KEY).plot(CLOSED),
        # Empty ones say so.
        done.iloc[:0].calltouch.plot.match_rates,
        done.iloc[:0].calltouch.plot.errors,
        done.iloc[:0].calltouch.plot.timeline,
        done.iloc[:0].calltouch.plot.waterfall,
    ]
    for plot in plots:
        assert_translated(axes_texts(plot()))
        plt.close("all")


def test_the_dashboard(done):
    before = done.assign(ct_matched=done["ct_matched"].where(done.index > 20, other=False))
    board = Board(done.calltouch.dashboard(before=before, key=KEY))
    for chart, _ in board.sheet.chart["charts"]:
        board.chart(chart)
        board.ask("chart", name="numbers", value=True)
        assert_translated(sheet_texts(board.sheet), allowed=VENDOR)
    for item, _, _ in board.sheet.filters["menu"]:
        board.ask("offer", item=item)
        assert_translated(sheet_texts(board.sheet), allowed=VENDOR)
    board.choose("⟦Status⟧", "⟦unmatched⟧").ask("table", search="no such text")
    assert board.sheet.filters["chips"]
    assert_translated(sheet_texts(board.sheet), allowed=VENDOR)
    assert_translated(html_texts(displayed(board.shown)["text/html"]), allowed=VENDOR)


def test_the_explorer():
    explorer = preview().explorer()
    assert_translated(widget_texts(explorer))
    assert_translated(html_texts(displayed(explorer)["text/html"]))


def test_the_studio(vendor):
    studio = opened(deals(), RULES, comment=TEMPLATE, key=KEY, connection=vendor.connection)
    for step in range(5):
        studio.open(step)
        studio.wait(60)
        assert_translated(widget_texts(studio.widget), allowed=STUDIO)
    checked(studio)
    assert_translated(widget_texts(studio.widget), allowed=STUDIO)
    sent(studio)
    assert_translated(widget_texts(studio.widget), allowed=STUDIO)
    assert_translated(html_texts(displayed(studio)["text/html"]), allowed=VENDOR)


STUDIO = [
    *(r"(?s)import ctnb.*", r"(?s)\[\[rules\]\].*", r'(?s)[{\[].*"matching".*', r"calls\.csv; requests\.csv"),
    *VENDOR,
]
"""Code, the file of rules and leads as they are sent, which the studio shows; names of files as an example."""


def test_the_report(done, tmp_path):
    for frame in (done, preview().frame, done.iloc[:0]):
        frame.calltouch.report(tmp_path / "report.html", by=[MANAGER, CLOSED], rules=Rulebook(RULES, TEMPLATE, key=KEY))
        assert_translated(html_texts((tmp_path / "report.html").read_text(encoding="utf-8")), allowed=REPORT)


REPORT = [r"(?s)\[\[rules\]\].*", r"(?s)comment = .*", r"\b(?:pandas|Python|matplotlib|English)\b", *VENDOR]


class Terminal(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self):
        return True


def test_progress(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=terminal))
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    monkeypatch.setattr(tqdm.auto, "tqdm", tqdm.std.tqdm)
    monkeypatch.setenv("COLUMNS", "200")
    with progress.progress_bar(counts := ProgressCounts(leads=9), shown=True, rows={"ready": 9, "invalid": 1}) as draw:
        counts.statuses.update({Status.COMMENTED: 3, Status.UNMATCHED: 2, Status.UNCERTAIN: 1})
        counts.requests += 1
        draw()
    with progress.download_bar(read := DownloadCounts(days=5), shown=True) as draw:
        read.read, read.leads = 3, 40
        draw()
    assert_translated(terminal.getvalue().replace("\r", "\n").splitlines())


def test_notes_of_files(tmp_path):
    file = tmp_path / "πωλήσεις.csv"
    file.write_text("Αναφορά\n\nα;β\n1;2\nΣύνολο;3\n", encoding="utf-8")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ctnb.read_leads(file)
    if caught:
        assert_translated([str(each.message) for each in caught])


ERRORS = {
    "no rule": lambda: ctnb.plan(deals(1), [], TEMPLATE),
    "no such rule": lambda: ctnb.plan(deals(1), ["x"], TEMPLATE),
    "no column": lambda: ctnb.plan(deals(1), [Call("άλλο")], TEMPLATE),
    "no column in the template": lambda: ctnb.plan(deals(1), RULES, "{άλλο}"),
    "no key": lambda: ctnb.plan(deals(1), RULES, TEMPLATE, key="άλλο"),
    "key of a number": lambda: ctnb.plan(deals(1), RULES, TEMPLATE, key=5),
    "braces": lambda: ctnb.plan(deals(1), RULES, "{"),
    "blank": lambda: ctnb.plan(deals(1), RULES, " "),
    "a column's name": lambda: ctnb.plan(deals(1), RULES, STAGE),
    "region": lambda: ctnb.plan(deals(1), RULES, TEMPLATE, region="χώρα"),
    "depth": lambda: CallContact(PHONE, DATE, depth="πολύ"),
    "match": lambda: CallContact(PHONE, DATE, depth=1, match="πρώτο"),
    "tags": lambda: Call(CALL, tags=5),
    "logic": lambda: Call(CALL, tags_logic="ή"),
    "columns": lambda: CallContact([], DATE, depth=1),
    "no contacts": lambda: RequestContact(DATE, depth=1),
    "dates": lambda: CallContact(PHONE, [DATE] * 3 + ["α", "β"], depth=1),
    "no frame": lambda: ctnb.plan([1], RULES, TEMPLATE),
    "site": lambda: Connection("λ", "x"),
    "token": lambda: Connection(1, " "),
    "address": lambda: Connection(1, "x", base_url="ftp://h"),
    "in clear": lambda: Connection(1, "x", base_url="http://h"),
    "rate": lambda: Connection(1, "x", rate=50),
    "zone": lambda: Connection(1, "x", timezone="Ζώνη"),
    "ledger": lambda: Connection(1, "x", ledger=5),
    "results": lambda: ctnb.match_rates(deals(1)),
    "group": lambda: ctnb.match_rates(preview().frame, "άλλο"),
    "groups": lambda: ctnb.match_rates(preview().frame, []),
    "pairs": lambda: ctnb.compare(preview().frame, deals()),
    "journal": Journal,
    "journal's column": lambda: Journal(pd.DataFrame({"callId": [1]})),
    "day": lambda: Journal.download(Connection(1, "x"), since="χθες", until="2026-01-01"),
    "file": lambda: ctnb.read_leads("/tmp"),
    "kind of file": lambda: ctnb.write_table(deals(1), "α.βγ"),
    "rulebook": lambda: ctnb.dump_rulebook(5, "α.toml"),
    "language": lambda: ctnb.set_language("γλώσσα"),
    "limit": lambda: ctnb.comment(deals(1), RULES, TEMPLATE, connection=Connection(1, "x"), limit=-1),
    "depths": lambda: preview().at_depths({9: 1}),
    "sweep": lambda: preview().sweep(["πολύ"]),
    "clock": lambda: preview().clock("άλλο"),
    "report": lambda: ctnb.report(preview().frame, "α.βγ"),
    "timeline": lambda: preview().frame.calltouch.plot.timeline(STAGE),
}
NAMES = [
    *(
        r"'[^']*'",
        r"\"[^\"]*\"",
        r"\[[^\]]*\]",
        r"\b(?:int|list|str|usecols|depths|sweep|clock|report|timeline|freq)\b",
    ),
    *(
        r"\b(?:id|key|date|depth|match|tags|phones|emails|job|rules|by|Python|NoneType|None|col)\b",
        r"\(\.\.\.\)|postgresql",
    ),
    r"`(?:before|after)`|`before|\bsince\b|\ben, ru\b",
]
"""Parameters and values that errors name."""


@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_errors(call):
    assert_translated([raised_text(call)], allowed=NAMES)


def test_a_value_that_is_not_translated_is_found():
    with pytest.raises(AssertionError, match="comment"):
        assert_translated(["⟦Nothing is said of ⟧the comment"])
    assert untranslated(json.dumps({"α": 1})) == []
