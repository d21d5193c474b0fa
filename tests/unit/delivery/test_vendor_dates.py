import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ctnb.delivery.vendor_dates import vendor_dates
from ctnb.leads.moments.wall_clock import FIRST_YEAR, LAST_YEAR

SECONDS = [int(np.datetime64(f"{year}-01-01", "s").astype(np.int64)) for year in (FIRST_YEAR, LAST_YEAR + 1)]


@given(st.lists(st.integers(SECONDS[0], SECONDS[1] - 1)))
def test_moments_are_written_as_strftime_writes_them(seconds):
    moments = np.array(seconds, dtype="datetime64[s]")
    assert vendor_dates(moments).to_pylist() == [moment.item().strftime("%d-%m-%Y %H:%M:%S") for moment in moments]


def test_the_ends_of_the_years_are_written_and_no_moment_does_no_harm():
    moments = np.array([*SECONDS, "NaT"], dtype="datetime64[s]")
    moments[1] -= 1
    told = vendor_dates(moments).to_pylist()
    assert told[:2] == [f"01-01-{FIRST_YEAR} 00:00:00", f"31-12-{LAST_YEAR} 23:59:59"]
    assert len(told) == 3
