"""Small tables of results in words."""

import pandas as pd
import pytest

import ctnb
from ctnb.results.columns import answer_frame
from ctnb.views.summary import rates_table, summary


@pytest.mark.parametrize(
    ("rows", "predicted", "sentence"),
    [
        (21, False, "Лид нашёлся для 7 из 21 строки с ответом: "),
        (22, False, "Лид нашёлся для 7 из 22 строк с ответом: "),
        (21, True, "лид найдётся для 7 из 21 строки: "),
    ],
)
def test_the_sentence_counts_in_russian(rows, predicted, sentence):
    ctnb.set_language("ru")
    found = [True] * 7 + [False] * (rows - 7)
    status = ["commented" if each else "unmatched" for each in found]
    frame = answer_frame({"status": status, "matched": found, "predicted": [predicted] * rows}, pd.RangeIndex(rows))
    assert sentence in summary(frame).sentence.replace("\N{NO-BREAK SPACE}", " ")


def test_rows_answered_under_another_rule_list_stand_in_a_line_of_their_own():
    frame = answer_frame(
        {
            "status": ["commented", "commented", "unmatched"],
            "matched": [True, True, False],
            "matched_by": ["call", "request", None],
            "rule": [1, None, None],
            "offered": ["call>callContact", "request>call", "callContact"],
        },
        pd.RangeIndex(3),
    )
    assert [row[:4] for row in rates_table(frame, "rule").rows] == [
        ("1. call", "1", "1", "1"),
        ("2. callContact", "2", "1", "0"),
        ("rule not known", "–", "–", "1"),
    ]


@pytest.mark.parametrize(
    ("by", "predicted", "whole"),
    [
        (["manager", "type"], False, "Reached"),
        (["manager", "rule"], False, "Reached"),
        (["manager"], False, "Answered"),
        (["manager"], True, "Ready"),
    ],
)
def test_the_heading_tells_of_which_rows_the_rate_is(by, predicted, whole):
    found = {
        "status": ["commented", "commented", "unmatched"],
        "matched": [True, True, False],
        "matched_by": ["call", "callContact", None],
        "rule": [1, 2, None],
        "offered": ["call>callContact"] * 3,
        "predicted": [predicted] * 3,
    }
    frame = answer_frame(found, pd.RangeIndex(3)).assign(manager=["a", "b", "b"])
    assert rates_table(frame, by).headings[2] == whole
