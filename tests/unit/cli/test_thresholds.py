"""Thresholds: how a share is written, and which rows count."""

import pytest
import typer

import ctnb
from ctnb.cli.facts import Facts
from ctnb.cli.thresholds import Thresholds, parse_rate


@pytest.mark.parametrize(
    ("text", "share"),
    [("0.3", 0.3), ("30%", 0.3), (" 33.3 % ", 0.333), ("0,25", 0.25), ("0", 0), ("100%", 1)],
)
def test_a_share_is_a_number_or_per_cent(text, share):
    assert parse_rate(text) == share


@pytest.mark.parametrize("text", ["30", "-0.1", "101%", "nan", "inf%", "", "%", "a third", "1e400", "1_0%%"])
def test_another_share_is_a_wrong_use(text):
    with pytest.raises(typer.BadParameter, match=r"--min-match-rate: expected a share such as 0.3 or 30%, got"):
        parse_rate(text)


def facts(**changed):
    statuses = {"commented": 3, "unmatched": 7, "rejected": 0, "uncertain": 0, "unsent": 0, "busy": 0, "invalid": 4}
    counts = {name: rows for name, rows in changed.items() if name in statuses}
    found = Facts(statuses=statuses | counts, left={"limited": 0, "not_new": 0}, answered={"new": 10, "replayed": 0})
    found.matched, found.match_rate, found.uncertain = 3, 0.3, counts.get("uncertain", 0)
    found.left = {"limited": changed.get("limited", 0), "not_new": changed.get("not_new", 0)}
    return found


def names(thresholds, found):
    return [name for name, _ in thresholds.not_met(found)]


def test_a_rate_that_is_just_met_is_met():
    assert names(Thresholds(min_match_rate=0.3), facts()) == []
    assert names(Thresholds(min_match_rate=0.3000001), facts()) == ["min_match_rate"]


def test_both_can_fail_and_each_says_by_how_much():
    found = dict(Thresholds(0.4, 1).not_met(facts(uncertain=3)))
    assert "3 of 10 newly answered rows matched: 30.00%, which is 10.00 points less" in found["min_match_rate"]
    assert "3 rows are uncertain, 2 more than --max-uncertain allows (1)" in found["max_uncertain"]


def test_they_speak_russian_where_ctnb_does():
    ctnb.set_language("ru")
    found = dict(Thresholds(0.4, 1).not_met(facts(uncertain=3)))
    assert "Строк с новым ответом — 10" in found["min_match_rate"]
    assert "на 2 больше, чем разрешает --max-uncertain (1)" in found["max_uncertain"]


@pytest.mark.parametrize(
    ("thresholds", "changed", "rows"),
    [
        (Thresholds(), {"unsent": 2, "busy": 3, "rejected": 4}, 9),
        (Thresholds(), {"uncertain": 2}, 2),
        (Thresholds(max_uncertain=0), {"uncertain": 2}, 0),
        (Thresholds(max_uncertain=5), {"uncertain": 2, "busy": 1}, 1),
        (Thresholds(), {"unsent": 5, "limited": 3, "not_new": 2}, 0),
        (Thresholds(), {"unsent": 6, "limited": 3, "not_new": 2}, 1),
    ],
)
def test_which_rows_were_not_delivered(thresholds, changed, rows):
    assert thresholds.not_delivered(facts(**changed)) == rows
