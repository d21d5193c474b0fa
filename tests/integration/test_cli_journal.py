"""`ctnb journal`: journals are downloaded, looked at and forgotten from the command line."""

import json

import pandas as pd
import pytest
from command_line import account, run_here

from ctnb import Emulator, Journal
from ctnb.tables.samples import sample

CALLS = pd.DataFrame(
    {
        "callId": [7, 8],
        "date": ["01-03-2026 12:00:00", "02-03-2026 12:00:00"],
        "callerNumber": "79157771122",
        "callTags": ["VIP", None],
    }
)
DAYS = ["--since", "2026-03-01", "--until", "02.03.2026"]


@pytest.fixture
def vendor():
    with Emulator(CALLS, rate=None) as emulator:
        yield emulator


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The default cache of this test, which an emulator has only here."""
    monkeypatch.setattr("ctnb.journals.cache.default_folder", lambda: tmp_path / "kept")
    return tmp_path / "kept"


def download(vendor, *words, **variables):
    return run_here("journal", "download", *DAYS, *words, **account(vendor, **variables))


def test_a_download_shows_what_came_and_writes_it(vendor, tmp_path):
    done = download(vendor, "--quiet", "--out", tmp_path / "march.parquet")
    assert done.exit_code == 0
    assert "calls         2  2026-03-01  2026-03-02" in done.stdout
    assert done.stdout.rstrip().endswith(str(tmp_path / "march_requests.parquet"))
    assert len(Journal.read(tmp_path / "march_calls.parquet").calls) == 2
    assert "7915" not in done.output


def test_machines_get_json(vendor):
    done = download(vendor, "--json")
    shown = json.loads(done.stdout)
    assert shown["journals"]["calls"] == {
        "leads": 2,
        "since": "2026-03-01",
        "until": "2026-03-02",
        "without_date": 0,
        "with_tags": 1,
        "with_comments": 0,
    }
    assert (shown["timezone"], shown["timezone_agrees"], shown["files"]) == ("Europe/Moscow", True, [])


def test_a_refusal_and_a_wrong_day_fail_with_a_reason(vendor):
    wrong = download(vendor, CALLTOUCH_ACCESS_TOKEN="another-token")
    assert wrong.exit_code == 1
    assert "Error: The journal of" in wrong.stderr
    assert "another-token" not in wrong.output
    assert run_here("journal", "download", "--since", "soon", "--until", "later", **account(vendor)).exit_code == 1
    assert run_here("journal", "download", "--since", "2026-03-01").exit_code == 2


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_read(vendor, tmp_path):
    assert download(vendor, "--out", tmp_path / "march.doc").exit_code == 1
    assert vendor.reads.empty


def test_ctrl_c_has_a_code_of_its_own(vendor, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "download", interrupted)
    done = download(vendor)
    assert done.exit_code == 130
    assert "run it again" in done.stderr


def test_files_are_looked_at_without_an_account():
    done = run_here("journal", "info", sample("calls.csv"), sample("requests.csv"), "--json")
    shown = json.loads(done.stdout)["journals"]
    assert (shown["calls"]["leads"], shown["requests"]["leads"]) == (5371, 2310)
    table = run_here("journal", "info", sample("requests.csv"))
    assert table.exit_code == 0
    assert "requests   2310  2026-03-01" in table.stdout
    assert run_here("journal", "info", sample("deals.csv")).exit_code == 1


def test_everything_that_is_kept_is_forgotten(vendor, kept):
    Journal.download(vendor.connection, since="2026-03-01", until="2026-03-02", cache=kept, progress=False)
    assert run_here("journal", "forget").stdout == "4 days removed.\n"
    assert not list(kept.rglob("*.day"))
