"""What a run may be asked for: values that are read, and those that are refused before anything is sent."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.outcomes import Status
from ctnb.run_options import checked_limit, checked_terms


def terms(**asked):
    usual = {"resend": None, "resend_after": None, "resend_times": None, "only_new": False}
    return checked_terms("rules", **usual | asked)


@pytest.mark.parametrize(
    ("age", "minutes"),
    [("1d", 1440), ("2h", 120), ("90m", 90), (90, 90), (timedelta(hours=3), 180), (pd.Timedelta("1h"), 60)],
)
def test_an_age_is_written_as_a_depth_is(age, minutes):
    assert terms(resend="unmatched", resend_after=age).resend_after == timedelta(minutes=minutes)


@pytest.mark.parametrize("age", ["soon", "", 0, -1, 1.5, True, "366d", timedelta(seconds=30)])
def test_another_age_is_refused_with_what_is_allowed(age):
    with pytest.raises(ConfigError, match=r"resend_after: expected whole minutes from 1 to 525600, .* got "):
        terms(resend="unmatched", resend_after=age)


@pytest.mark.parametrize(("times", "read"), [(None, None), (1, 1), (np.int64(3), 3)])
def test_a_number_of_times_is_whole(times, read):
    assert terms(resend=["unmatched", "uncertain"], resend_times=times).resend_times == read


@pytest.mark.parametrize("times", [0, -1, 1.0, "3", True])
def test_another_number_of_times_is_refused(times):
    with pytest.raises(ConfigError, match="resend_times: expected a whole number, 1 or more, got"):
        terms(resend="unmatched", resend_times=times)


@pytest.mark.parametrize("asked", [{"resend_after": "1d"}, {"resend_times": 2}])
@pytest.mark.parametrize("resend", [None, []])
def test_when_without_what_is_refused(asked, resend):
    with pytest.raises(ConfigError, match="resend does not say what"):
        terms(resend=resend, **asked)


def test_new_and_again_contradict_each_other():
    with pytest.raises(ConfigError, match="only_new and resend contradict each other"):
        terms(resend="uncertain", only_new=True)
    assert terms(resend=[], only_new=True).only_new
    with pytest.raises(ConfigError, match="only_new: expected True or False, got 'yes'"):
        terms(only_new="yes")


def test_each_run_has_an_owner_of_its_own():
    one, other = terms(resend="unmatched"), terms()
    assert one.owner != other.owner
    assert (one.resend, other.resend) == (frozenset({Status.UNMATCHED}), frozenset())


def test_no_limit_and_a_limit_of_nothing_are_not_the_same():
    assert (checked_limit(None), checked_limit(0)) == (None, 0)
