"""Numbers and texts of comments come back from the forms in which exports write them."""

from decimal import Decimal

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ctnb.leads.comment_template import parse_template
from ctnb.leads.field_formats import AmbiguousNumberError, formatted, number_in

numbers = st.decimals(-(10**12), 10**12, places=2) | st.decimals(-(10**9), 10**9, places=3) | st.integers().map(Decimal)
WRITTEN = {
    "plain": str,
    "Russian": lambda number: f"{number:,}".replace(",", " ").replace(".", ","),
    "without gaps": lambda number: str(number).replace(".", ","),
    "English": lambda number: f"{number:,}",
    "rubles": lambda number: f"{number:,}".replace(",", "\u00a0") + " руб.",
}


@given(number=numbers, form=st.sampled_from(sorted(WRITTEN)))
def test_a_number_comes_back_or_is_told_to_be_unsure(number, form):
    text = WRITTEN[form](number)
    try:
        assert number_in(text) == number
    except AmbiguousNumberError:
        _, _, thousand = text.rpartition(",")
        assert len(thousand) == 3
        assert text.count(",") == 1


@given(numbers)
def test_the_russian_form_of_a_number_keeps_its_digits(number):
    text = formatted(number, "n")
    assert Decimal(text.replace(" ", "").replace(",", ".")) == number


cells = st.none() | st.sampled_from(["", " ", "a", "0"]) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)


@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8), default=st.sampled_from(["", "|-", "| "]))
def test_a_text_is_blank_where_no_field_has_a_value_or_a_default(rows, default):
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=object)
    texts, _ = parse_template(f"{{a}}: {{b{default}}}", ["a", "b"]).render(frame, len(frame))
    for text, row in zip(texts.to_pylist(), rows, strict=True):
        a, b = ("" if cell is None or not cell.strip() else cell for cell in row)
        b = b or default[1:].strip()
        assert text == (f"{a}: {b}" if a or b else "")
