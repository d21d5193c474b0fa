"""A batch's answers: what is kept of the vendor's own words."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.delivery.batch import LONGEST_TEXT, Batch, plain
from ctnb.delivery.wire_decode import Item
from ctnb.outcomes import Reason, Status

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Лид не найден", "Лид не найден"),
        ("phone 79157771122 is not known", "phone 7915*****22 is not known"),
        ("phone:+7 (915) 777-11-22.", "phone:+7 (915) ***-**-22."),
        ("8.915.777.11.22", "8.915.***.**.22"),
        ("8–915–777–11–22", "8–915–***–**–22"),
        ("9157771122", "9157****22"),
        ("tel79157771122x", "tel7915*****22x"),
        ("79157771122, 79157771133", "7915*****22, 7915*****33"),
        ("79157771122 79157771133", "7915*****22 7915*****33"),
        ("442071838750123", "4420*********23"),
        ("٧٩١٥٧٧٧١١٢٢", "٧٩١٥*****٢٢"),
        ("7915\u200b7771122", "7915*****22"),
        ("7915\t7771122", "7915 *****22"),
        ("<b>ivan@mail.ru</b>", "<b>i***@mail.ru</b>"),
        ("mailto:ivan.petrov+crm@mail.ru?", "mailto:i***@mail.ru?"),
        ('"иван@почта.рф"', '"и***@почта.рф"'),
        ("iv\u2060an@mail.ru", "i***@mail.ru"),
        ("a@b.ru,c@d.ru", "a***@b.ru,c***@d.ru"),
        ("a@b@c.ru", "a***@b@c.ru"),
        ("no lead at 01-10-2020 12:00:00", "no lead at 01-10-2020 12:00:00"),
        ("no lead at 2020-10-01 12:00", "no lead at 2020-10-01 12:00"),
        ("call 904500123", "call *******23"),
        ("id 1234567890123456", "id 1234**********56"),
        ("two\r\nlines\x00\x1b[31m", "two  lines  [31m"),
        ("half a \ud83d pair", "half a \ufffd pair"),
        ("whole 😀", "whole 😀"),
        ("right \u202eto left", "right to left"),
        ("", ""),
    ],
)
def test_what_is_kept_of_the_vendors_words(said, kept):
    assert plain(said) == kept


def test_a_long_text_is_cut_and_shows_no_part_of_a_contact_at_the_cut():
    said = "x" * (LONGEST_TEXT - 10) + " 79157771122 " + "y" * 1000

    kept = plain(said)

    assert len(kept) == LONGEST_TEXT
    assert kept.endswith(" 7915****…")


@pytest.mark.parametrize("repeated", ["a", "1", "1 ", "a@", "@", "+(", "- ", "\ud800"])
def test_a_huge_text_is_made_short(repeated):
    assert len(plain(repeated * 300_000)) == LONGEST_TEXT


# Such a number is one that begins or ends with a date, as far as anybody can tell.
DATED = re.compile(r"\d{4}([.-])\d\d?\1\d|\d([.-])\d\d?\2\d{4}")
words = st.text(st.characters(exclude_categories=["Nd", "Cf"]), max_size=30)
gaps = st.lists(st.sampled_from(["", "", "", " ", "-", ") ", " (", "."]), min_size=14, max_size=14)
numbers = st.builds(
    lambda plus, digits, gaps: plus + "".join(map("".join, zip(digits, gaps, strict=False))),
    st.sampled_from(["", "+"]),
    st.text("0123456789", min_size=10, max_size=15),
    gaps,
).filter(lambda number: not DATED.search(number))
names = st.text("abcdefghijklmnopqrstuvwxyzабвгд0123456789._+%-", min_size=2, max_size=64)


@given(words, numbers, words)
def test_no_phone_is_kept_whatever_stands_around_it(before, number, after):
    kept = plain(f"{before} {number} {after}")

    assert not re.search(r"\d{5}", re.sub(r"\D", "", kept)[4:])
    assert number.strip(" -().") not in kept


@given(words, names, words)
def test_no_email_is_kept_whatever_stands_around_it(before, name, after):
    assert f" {name}@mail.ru" not in plain(f"{before} {name}@mail.ru {after}")


@given(st.text(st.characters(), max_size=600))
def test_what_is_kept_is_one_short_line_that_any_file_can_hold(said):
    kept = plain(said)

    assert len(kept) <= LONGEST_TEXT
    assert kept.encode().decode() == kept
    assert len(kept.splitlines()) <= 1
    assert not any(ord(sign) < 32 for sign in kept)


def test_an_answer_keeps_its_ids_as_they_are_and_masks_its_text():
    item = Item(commented=False, error="taken by 79157771122", call_id="79157771122", request_number="ivan@mail.ru")

    found = Batch([7], attempts=2, number=3).answers([item], NOW)[0]

    assert (found.status, found.reason, found.error) == (
        Status.UNMATCHED,
        Reason.VENDOR_ERROR,
        "taken by 7915*****22",
    )
    assert (found.call_id, found.request_number) == ("79157771122", "ivan@mail.ru")


@pytest.mark.parametrize("commented", [True, False])
def test_an_answer_without_a_text_is_as_before(commented):
    found = Batch([0]).answers([Item(commented=commented)], NOW)[0]

    assert found.error == (None if commented else "no lead found")


def test_a_refusal_masks_its_text():
    found = Batch([0], number=1).outcome(Status.INVALID, Reason.VIOLATION, "phones[0]: 79157771122 is wrong", NOW)

    assert (found.error, found.answered_at) == ("phones[0]: 7915*****22 is wrong", NOW)
