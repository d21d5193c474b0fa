"""The studio put together: its steps, its language, its controls, and a saved notebook."""

from studio_driving import checked, opened
from widget_reading import displayed, text

import ctnb


def test_everything_is_in_russian(deals):
    ctnb.set_language("ru")
    studio = opened(deals)
    checked(studio)
    assert [step.description for step in studio.steps] == [
        "1. Столбцы",
        "2. Правила",
        "3. Комментарий",
        "4. Проверка",
        "5. Отправка",
    ]
    assert "Готово к отправке" in text(studio.check.widget)


def test_back_and_next_go_from_step_to_step(deals):
    studio = opened(deals)
    assert "What stands in them" in text(studio.widget)
    assert studio.back.disabled
    studio.forward.click()
    assert "Matching rules" in text(studio.widget)
    assert "What stands in them" not in text(studio.widget)
    studio.back.click()
    assert "What stands in them" in text(studio.widget)
    studio.steps[4].click()
    assert studio.forward.disabled


def test_every_control_has_a_label(deals):
    studio = opened(deals)
    unlabelled = [
        widget
        for widget in everything(studio.widget)
        if type(widget).__name__ in {"Text", "TokenField", "Textarea", "Dropdown", "SelectMultiple", "Button"}
        and not widget.description
        and widget is not studio.send.confirm
    ]
    assert unlabelled == []


def everything(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def test_a_saved_notebook_says_what_to_do(deals):
    kept = displayed(opened(deals))
    assert "Run the cell again" in kept["text/html"]
    assert kept["text/plain"].startswith(f"Studio over {len(deals)} rows.")
    assert "application/vnd.jupyter.widget-view+json" in kept
