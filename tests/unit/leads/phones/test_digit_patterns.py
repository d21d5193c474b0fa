import re

import pytest

from ctnb.leads.phones.digit_patterns import Automaton, Known, Unsettled


def verdict(pattern, digits, more):
    automaton = Automaton()
    return automaton.matches(automaton.entry(pattern), Known(digits, more))


def test_a_number_is_settled_as_soon_as_the_digits_behind_cannot_matter():
    assert verdict(r"9(?:1\d|2[0-4])\d{2}", "91", 3)
    assert not verdict(r"9(?:1\d|2[0-4])\d{2}", "93", 3)
    with pytest.raises(Unsettled):
        verdict(r"9(?:1\d|2[0-4])\d{2}", "92", 3)


def test_alternatives_that_cover_all_digits_together_are_certain():
    assert verdict(r"1(?:[0-4]|[5-9])", "1", 1)


def test_a_number_of_another_length_is_no_match():
    assert not verdict(r"\d{2,3}", "", 4)
    assert verdict(r"\d{2,3}", "", 3)


@pytest.mark.parametrize("pattern", ["(5\\d{6})$|1", "8~10", "a", "[^1]", "(?=1)2"])
def test_a_pattern_of_another_kind_settles_nothing(pattern):
    with pytest.raises(Unsettled):
        verdict(pattern, "1", 0)


def test_the_end_of_a_match_is_known_when_no_further_digit_takes_part():
    automaton = Automaton()
    assert automaton.end_of_match("0|80?", Known("81", 5)).end() == 1
    assert automaton.end_of_match("0|80?", Known("9", 5)) is None
    with pytest.raises(Unsettled):
        automaton.end_of_match("0|80?", Known("8", 5))


@pytest.mark.parametrize("digits", ["", "3", "31", "315", "3155", "99"])
def test_known_digits_alone_are_matched_as_re_matches(digits):
    pattern = r"3(?:1\d?|[5-7]{2})5?"
    assert verdict(pattern, digits, 0) == bool(re.fullmatch(pattern, digits))
