"""What all tests share."""

import pytest
from hypothesis import settings

import ctnb

# Nothing in the tests is timed: machines are shared.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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
