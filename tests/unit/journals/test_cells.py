import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ctnb.journals.cells import comments_in, flag_column, items_column, tag_names, text_column, whole
from ctnb.matching.cells import TAG_SEPARATORS


def listed(cells):
    return items_column(pd.Series(cells, dtype=object), TAG_SEPARATORS).tolist()


def test_ids_are_texts_however_they_are_kept():
    cells = pd.Series([7, "0012", " 5", None, "<не указано>", "(Not Set)"], dtype=object)
    assert text_column(cells).fillna("").tolist() == ["7", "0012", "5", "", "", ""]


def test_texts_stay_and_lists_make_a_column_of_lists():
    assert items_column(pd.Series(["a, b", None, " ", "<не указано>"]), TAG_SEPARATORS).fillna("").tolist() == [
        "a, b",
        "",
        "",
        "",
    ]
    assert listed(["a, b", None, ["c,d", "<не указано>"], np.array(["e"]), []]) == [
        ["a", "b"],
        None,
        ["c,d"],
        ["e"],
        None,
    ]


def test_a_text_that_is_an_array_of_texts_is_a_list():
    assert listed(['["a, b", "c"]', "d", "[odd", None]) == [["a, b", "c"], ["d"], ["[odd"], None]


@pytest.mark.parametrize("yes", [True, "True", "true", "1", 1, "ДА", "ИСТИНА", "+", "Уникальный", "целевая"])
def test_a_flag_is_read_however_it_says_yes(yes):
    assert flag_column(pd.Series([yes, None])).tolist() == [True, False]


@pytest.mark.parametrize("no", [False, "False", "нет", "ЛОЖЬ", "-", "Неуникальный", "", None])
def test_a_flag_that_does_not_say_yes_says_no(no):
    assert flag_column(pd.Series([no])).tolist() == [False]


def test_comments_keep_their_three_fields_and_those_without_text_go():
    given = [
        {"commentId": "4", "callId": 5, "comment": "hi", "partyId": 1, "partyName": "Анна"},
        {"comment": "old", "partyName": ""},
        {"commentId": 6, "comment": " "},
        {"commentId": 7},
        None,
    ]
    kept = [
        {"commentId": 4, "comment": "hi", "partyName": "Анна"},
        {"commentId": 0, "comment": "old", "partyName": None},
    ]
    assert comments_in(given) == kept
    assert comments_in('[{"commentId": 4, "comment": "hi", "partyName": "Анна"}]') == kept[:1]


@pytest.mark.parametrize("cell", [None, float("nan"), [], "a remark", "[broken", "[1]", 5])
def test_what_has_no_comment_of_the_vendors_is_none(cell):
    assert comments_in(cell) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), ("5", 5), (5.0, 5), ("5.0", 5), (np.int64(5), 5), (True, None), ("x", None), (5.5, None)],
)
def test_a_whole_number_is_read_from_text_and_float(value, number):
    assert whole(value) == number


VENDORS_TAGS = [{"category": "", "type": "MANUAL", "names": ["a, b", "c"]}, {"names": "d"}]


def test_tags_as_the_vendor_nests_them_are_their_names():
    expected = [["a, b", "c", "d"], None]
    assert listed([VENDORS_TAGS, None]) == expected
    assert listed([json.dumps(VENDORS_TAGS), None]) == expected
    assert items_column(pd.Series(pd.arrays.ArrowExtensionArray(pa.array([VENDORS_TAGS[:1], None]))), ",").tolist() == [
        ["a, b", "c"],
        None,
    ]


@pytest.mark.parametrize("tags", [{"names": ["a"]}, {"names": "a"}, "a", ["a", None, 5], [{"names": ["a", None]}]])
def test_one_tag_in_the_place_of_several_is_read(tags):
    assert tag_names(tags) == ["a"]


def test_one_comment_in_the_place_of_several_is_read():
    expected = [{"commentId": 4, "comment": "hi", "partyName": None}]
    assert comments_in({"commentId": 4, "comment": "hi"}) == expected
    assert comments_in('{"commentId": 4, "comment": "hi"}') == expected
