"""Handlers of events show what they raise, and do nothing while the widget itself changes its controls."""

import logging

import ctnb
from ctnb.exceptions import ConfigError
from ctnb.views.handlers import Handlers


def failing(error):
    def act():
        raise error

    return act


def test_a_mistake_is_shown_and_goes_with_the_next_event():
    shown = []
    handlers = Handlers(shown.append, "explorer")
    handlers.when(failing(ConfigError("depth: expected minutes.")))(None)
    assert "expected minutes" in shown[-1]
    handlers.when(lambda: None)(None)
    assert shown[-1] == ""


def test_any_other_error_is_shown_and_logged_with_the_widgets_name(caplog):
    shown = []
    with caplog.at_level(logging.ERROR):
        Handlers(shown.append, "dashboard").when(failing(ZeroDivisionError("by nothing")))(None)
    assert "by nothing" in shown[-1]
    assert "The dashboard could not" in caplog.text


def test_the_log_is_english_while_the_widget_is_not(caplog):
    ctnb.set_language("ru")
    shown = []

    def act():
        raise ZeroDivisionError from ConfigError("The token is blank. Copy it from the account's API settings.")

    with caplog.at_level(logging.ERROR):
        Handlers(shown.append, "dashboard").when(act)(None)
    assert "The token is blank." in caplog.text
    assert "Токен" not in caplog.text


def test_nothing_acts_while_the_widget_changes_its_controls():
    acted = []
    handlers = Handlers(lambda _: None, "dashboard")
    handle = handlers.when(lambda: acted.append(1))
    with handlers.held():
        handle(None)
    assert acted == []
    handle(None)
    assert acted == [1]
