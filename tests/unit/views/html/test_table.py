"""A table: one markup for the report, the dashboard, the studio and, with its style in it, for cards."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import ctnb
from ctnb.exceptions import ConfigError
from ctnb.views.html.card import Card
from ctnb.views.html.render import problem, rendered, table
from ctnb.views.html.table import Table

PACKAGE = Path(ctnb.__file__).parent
HOSTILE = "<script>alert(1)</script> \"'&{{ 7 * 7 }}"


def cells(html):
    return re.findall(r"<(t[hd])\b([^>]*)>(.*?)</t[hd]>", html)


def test_a_table_has_headings_rows_a_title_and_a_note():
    html = table(Table(("Name", "Rows"), [("a", "1"), ("b", "2")], frozenset({1}), title="Counts", note="all of them"))
    assert cells(html) == [
        ("th", ' scope="col"', "Name"),
        ("th", ' scope="col" class="ctnb-number"', "Rows"),
        ("th", ' scope="row"', "a"),
        ("td", ' class="ctnb-number"', "1"),
        ("th", ' scope="row"', "b"),
        ("td", ' class="ctnb-number"', "2"),
    ]
    assert "<caption>Counts</caption>" in html
    assert '<div class="ctnb-quiet">all of them</div>' in html


def test_a_table_without_rows_is_nothing():
    assert table(Table(("Name",), [])) == ""


def test_headings_title_and_note_may_be_missing():
    html = table(Table((), [("a", "b")]))
    assert cells(html) == [("th", ' scope="row"', "a"), ("td", "", "b")]
    assert "<caption" not in html
    assert "<thead" not in html


def test_every_text_is_escaped_and_a_line_break_is_one_in_the_cell():
    html = table(Table((HOSTILE,), [(f"{HOSTILE}\n{HOSTILE}",)], title=HOSTILE, note=HOSTILE))
    assert "<script" not in html
    assert html.count("{{ 7 * 7 }}") == 5
    assert html.count("<br>") == 1


def test_a_wordy_table_names_each_cell_for_narrow_screens():
    html = table(
        Table(("Status", "Rows", "Meaning"), [("a", "1", "It is on the lead, as it was sent.")], frozenset({1}))
    )
    assert cells(html)[-2:] == [
        ("td", ' class="ctnb-number" data-label="Rows"', "1"),
        ("td", ' class="ctnb-long" data-label="Meaning"', "It is on the lead, as it was sent."),
    ]


def test_a_card_brings_the_style_of_its_tables_with_it():
    html = Card("Title", [("Rows", "3")], [Table(("Name", "Rows"), [("a", "1")], frozenset({1}), note="a note")]).html()
    assert "class=" not in html
    assert all("text-align: " in attributes for _, attributes, _ in cells(html))
    assert [text for _, _, text in cells(html)] == ["Rows", "3", "Name", "Rows", "a", "1"]
    assert "a note" in html


def test_a_value_that_a_template_lacks_is_an_error():
    with pytest.raises(UndefinedError):
        rendered("plot.html")


def test_a_problem_of_ours_is_its_message_and_any_other_has_its_traceback():
    assert "Traceback" not in problem(ConfigError(HOSTILE))
    assert "<script" not in problem(ConfigError(HOSTILE))
    assert "Traceback" in problem(ZeroDivisionError("of something"))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_markup_stands_in_the_templates_alone(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    texts -= {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    tag = re.compile(r"</?(div|p|table|tr|t[hd]|h\d|style|details|pre|span|button|ul|li)\b[^>]*>")
    assert [node.value for node in texts if tag.search(node.value)] == []
