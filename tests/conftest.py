"""What all tests share."""

import pytest
from hypothesis import settings

import ctnb

# Nothing in the tests is timed: machines are shared.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def own_state_folder(tmp_path_factory):
    """Keep the generations of the tests' ledgers out of the user's folder, in child processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def english():
    """Show everything in English, whatever the locale of the machine."""
    ctnb.set_language("en")
    yield
    ctnb.set_language(None)


def pytest_sessionfinish(session, exitstatus):
    """Let `make test PYTEST_ARGS=...` choose tests of which none wants the machine to itself."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.option.markexpr == "alone":
        session.exitstatus = pytest.ExitCode.OK
