"""Fixtures of the tests of charts."""

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

import ctnb


@pytest.fixture(autouse=True)
def agg():
    with mpl.rc_context():
        plt.switch_backend("agg")
        yield
        plt.close("all")


@pytest.fixture(params=["en", "ru"])
def language(request):
    ctnb.set_language(request.param)
    return request.param
