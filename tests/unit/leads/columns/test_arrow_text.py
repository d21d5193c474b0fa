import re
import sys
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ctnb.leads.columns.arrow_text import (
    blank,
    joined,
    listed,
    matching,
    matrix_of,
    mended,
    strings_of,
    text,
    texts_of,
)
from ctnb.leads.columns.cells import is_missing
from ctnb.leads.identity import NFC_TEXT

EVERY_SIGN = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]


@pytest.mark.parametrize("dtype", [object, "string", "string[pyarrow]"])
def test_a_column_of_texts_is_taken_whole_whatever_its_dtype(dtype):
    cells = pd.Series(["a", None, "я", ""], dtype=object).astype(dtype)
    assert texts_of(cells).to_pylist() == ["a", None, "я", ""]
    assert texts_of(cells.iloc[1:3]).to_pylist() == [None, "я"]


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series(["a", 1], dtype=object),
        pd.Series(["a", "b"], dtype="category"),
        pd.Series([1.0, 2.0]),
        pd.Series(["\ud800"], dtype=object),
    ],
    ids=["mixed", "category", "numbers", "half a pair"],
)
def test_any_other_column_is_left_to_its_distinct_cells(cells):
    assert texts_of(cells) is None


def test_missing_cells_alone_are_a_column_of_texts():
    assert texts_of(pd.Series([None, np.nan], dtype=object)).to_pylist() == [None, None]


def test_columns_and_single_texts_are_joined_row_by_row():
    column = strings_of(["a", None, "c"])
    assert joined(text("<"), text("<"), column, text(">"), column).to_pylist() == ["<<a>a", None, "<<c>c"]


def test_lists_leave_nulls_out_and_keep_rows_of_nulls():
    first, second = strings_of(["a", None, None]), strings_of(["b", "c", None])
    assert listed([first, second]).to_pylist() == ["a,b", "c", ""]
    assert listed([first]).to_pylist() == ["a", "", ""]


def test_blanks_are_what_the_cells_call_missing():
    found = blank(strings_of([*EVERY_SIGN, "", " \u3000\t", " x ", None]))
    assert [sign for sign, is_blank in zip(EVERY_SIGN, found, strict=False) if is_blank != is_missing(sign)] == []
    assert [sign for sign in EVERY_SIGN if sign.isspace() and not is_missing(sign)] == []
    assert found[-4:].tolist() == [True, True, False, False]


def test_composed_signs_are_not_changed_by_composing_them_with_each_other():
    signs = [sign for sign, fits in zip(EVERY_SIGN, matching(strings_of(EVERY_SIGN), NFC_TEXT), strict=True) if fits]
    assert len(signs) > 1_000
    assert [sign for sign in signs if unicodedata.normalize("NFC", sign) != sign] == []
    # What is combined with a letter before it has a class, or is the second half of a composition.
    seconds = {unicodedata.decomposition(sign).split()[-1] for sign in EVERY_SIGN if " " in canonical(sign)}
    assert [sign for sign in signs if unicodedata.combining(sign) or f"{ord(sign):04X}" in seconds] == []


def canonical(sign):
    """The parts that a sign is composed of, not those that it merely looks like."""
    parts = unicodedata.decomposition(sign)
    return "" if re.match("<", parts) else parts


def test_some_texts_are_mended_once_each():
    seen = []

    def shout(word):
        seen.append(word)
        return word.upper()

    column = strings_of(["a", "b", "a", None])
    assert mended(column, np.array([True, False, True, False]), shout).to_pylist() == ["A", "b", "A", None]
    assert seen == ["a"]


def test_bytes_of_some_rows():
    column = pa.concat_arrays([strings_of(["skipped"]), strings_of(["abc", "de", "fgh"])])[1:]
    letters = matrix_of(column, np.array([0, 2]), 3)
    assert letters.tobytes() == b"abcfgh"
