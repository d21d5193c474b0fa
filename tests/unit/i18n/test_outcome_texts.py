"""What ctnb says of a lead is kept in English, and shown in the language in force."""

import re
from string import Formatter

import pytest

import ctnb
from ctnb.exceptions import LedgerError
from ctnb.i18n.language import gettext
from ctnb.i18n.message import lazy_gettext
from ctnb.i18n.outcome_texts import KeptText, OutcomeText, in_words


def filled(text):
    """Return a sentence with numbers in its fields, as any of them takes."""
    return text.format(**{name: "7" for _, name, _, _ in Formatter().parse(text) if name})


@pytest.mark.parametrize("text", OutcomeText)
def test_each_sentence_is_found_again(text):
    english = filled(text)
    assert in_words(english) == english
    ctnb.set_language("ru")
    shown = in_words(english)
    assert re.search("[а-яё]", shown), shown
    assert shown == filled(gettext(text))


def test_a_sentence_within_another_is_put_into_words_too():
    ctnb.set_language("ru")
    fault = OutcomeText.PROXY_UNUSED.format(fault=OutcomeText.NO_NAME)
    shown = in_words(OutcomeText.NO_CONNECTION.format(tries=5, fault=fault))
    assert shown.startswith("нет связи, попыток: 5; имя сервера не найдено; ")
    assert in_words("HTTP 200: the answer is not JSON") == "ответ HTTP 200: ответ не в формате JSON"


@pytest.mark.parametrize("text", ["Лид не найден", "no such thing", "HTTP abc: x", ""])
def test_a_text_of_the_vendors_stays_as_it_is(text):
    ctnb.set_language("ru")
    assert in_words(text) == text
    assert in_words(None) is None


def test_an_error_of_the_ledger_is_english_in_what_is_kept_and_put_into_words_later():
    ctnb.set_language("ru")
    failure = LedgerError("There is no ledger at {path!r}.", path="x.sqlite3")
    kept = KeptText.of(lazy_gettext("an answer could not be recorded: {failure}", failure=failure))
    assert kept == "an answer could not be recorded: There is no ledger at 'x.sqlite3'"
    assert in_words(kept) == "ответ не удалось записать: В 'x.sqlite3' нет журнала отправок"
    assert str(failure) == "В 'x.sqlite3' нет журнала отправок."
