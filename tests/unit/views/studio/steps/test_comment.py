import pandas as pd
import pytest
from studio_driving import TEMPLATE, opened
from widget_reading import text

from ctnb import Call, Rulebook, col
from ctnb.exceptions import RuleError
from ctnb.views.studio.studio import Studio


def test_the_comment_is_shown_for_the_first_rows(deals):
    studio = opened(deals, comment="")
    studio.comment_step.inserts["stage"].click()
    studio.comment_step.text.value += ": "
    studio.comment_step.inserts["manager"].click()
    assert studio.comment == TEMPLATE
    studio.open(2)
    assert "1 Принимают решение: Анна Ковылкина" in text(studio.comment_step.widget)
    studio.comment_step.text.value = "{nothing}"
    assert "There is no column" in text(studio.comment_step.widget)


def test_a_column_is_a_template_of_one_field(deals):
    assert opened(deals, comment=col("stage")).comment == "{stage}"


@pytest.mark.parametrize("comment", [pd.Series(["a"] * 80), lambda frame: frame["stage"]])
def test_texts_that_nobody_can_edit_are_refused(deals, comment):
    for given in ({"comment": comment}, {"rules": Rulebook(Call("call_id"), comment)}):
        with pytest.raises(RuleError, match=r"the studio expected a text with \{column\} fields"):
            Studio(deals, **given)
