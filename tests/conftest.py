"""Settings and fixtures of all tests."""

import gc
import os
import signal

import pytest
from hypothesis import settings

import ctnb

# Nothing in the tests is timed: machines are shared.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure():
    """Answer SIGINT as Python does by default, here and in processes that tests start.

    A script starts what it runs in the background with SIGINT ignored, and a process inherits that from its parent.
    Tests that interrupt a run would wait for ever then.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers():
    """Return a process more than there are cores: some tests wait for a browser, a kernel or a server."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish():
    """Leave the collected tests out of garbage collections.

    Going through them takes half a second on a slow machine. In that time a server of this process stamps no request,
    and then several at once, as if they had come within a second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def own_state_folder(tmp_path_factory):
    """Keep the generations of the tests' ledgers out of the user's folder, in child processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def postgres_server():
    """Start a PostgreSQL server when the first test asks for it."""
    from postgres_server import PostgresServer

    server = PostgresServer()
    yield server
    server.stop()


TEAM_KEY = "7e" * 32


@pytest.fixture
def team_ledger(postgres_server, monkeypatch):
    """Return the address of a team's ledger that is not made yet, whose key is in the environment."""
    monkeypatch.setenv("CTNB_LEDGER_KEY", TEAM_KEY)
    postgres_server.execute("DROP SCHEMA IF EXISTS ctnb CASCADE")
    return postgres_server.url


@pytest.fixture(autouse=True)
def english():
    """Show everything in English, whatever the locale of the machine."""
    ctnb.set_language("en")
    yield
    ctnb.set_language(None)


@pytest.fixture
def pseudo():
    """Wrap every translated text in ⟦ ⟧; see pseudo_language.py."""
    from pseudo_language import pseudo_language

    with pseudo_language():
        yield


def pytest_sessionfinish(session, exitstatus):
    """Pass when `make test PYTEST_ARGS=...` chooses no test that needs the machine to itself."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.option.markexpr == "alone":
        session.exitstatus = pytest.ExitCode.OK
