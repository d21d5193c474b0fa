from studio_driving import TEMPLATE, opened
from widget_reading import text

from ctnb import col


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
