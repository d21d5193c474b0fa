"""The first deals of the sample, and an account that holds their leads."""

import pytest

from ctnb import Emulator
from ctnb.tables.files import read_leads
from ctnb.tables.samples import sample


@pytest.fixture(scope="session")
def deals():
    return read_leads(sample("deals.csv")).head(80)


@pytest.fixture(scope="session")
def journals():
    return read_leads(sample("calls.csv")).head(400), read_leads(sample("requests.csv")).head(200)


@pytest.fixture
def vendor(journals):
    with Emulator(*journals, rate=None) as started:
        yield started
