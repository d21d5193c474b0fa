"""What all tests share."""

import pytest

import ctnb


@pytest.fixture(autouse=True)
def english():
    """Show everything in English, whatever the locale of the machine."""
    ctnb.set_language("en")
    yield
    ctnb.set_language(None)
