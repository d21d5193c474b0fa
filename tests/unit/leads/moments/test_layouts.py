import zoneinfo

import numpy as np
import pandas as pd
import pytest

from ctnb.leads.columns.arrow_text import strings_of
from ctnb.leads.moments.layouts import LAYOUTS, read_layouts
from ctnb.leads.moments.parse import parse_moments

MOSCOW = zoneinfo.ZoneInfo("Europe/Moscow")
SIGNS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "hh": "%H", "mm": "%M", "ss": "%S", "HH:NN": "03:00"}
NOON = pd.Timestamp("2024-02-29 12:34:56")


def written(layout):
    for sign, form in SIGNS.items():
        layout = layout.replace(sign, form)
    return NOON.strftime(layout)


def read(*texts):
    local, settled = read_layouts(strings_of(list(texts)), MOSCOW)
    return [None if np.isnat(moment) else str(moment) for moment in local], settled.tolist()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_to_its_last_digit(layout):
    text = written(layout)
    hour = 15 if layout.endswith("Z") else 12
    wanted = NOON.replace(
        hour=hour if "hh" in layout else 0,
        minute=34 if "mm" in layout else 0,
        second=56 if "ss" in layout else 0,
    )
    assert read(text, None, text) == ([wanted.isoformat(), None, wanted.isoformat()], [True, True, True])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_what_the_shapes_read_too(layout):
    # A blank fits no layout.
    by_shape = parse_moments(pd.Series([written(layout) + " "]), "Europe/Moscow").local
    assert read(written(layout))[0] == [str(by_shape[0])]


@pytest.mark.parametrize(
    "text",
    [
        "30.02.2024",
        "2024-13-01",
        "29.02.2023 10:00",
        "01.01.2024 24:00",
        "2024-01-01T10:00:60",
        "01.01.1899",
        "2024-01-01T10:00:00+24:00",
        "2024-01-01T10:00:00-03:00",
        "0l.01.2024",
        "01/01/2024",
        "",
        "１.01.2024 10:00",
    ],
)
def test_what_is_no_real_moment_is_left_to_others(text):
    assert read(text, "01.02.2024") == ([None, "2024-02-01T00:00:00"], [False, True])
