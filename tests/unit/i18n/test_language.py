import re
from pathlib import Path
from string import Formatter

import numpy as np
import pandas as pd
import pytest
import typer
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import ctnb
from ctnb.cli.app import app
from ctnb.cli.commands import help_paragraphs
from ctnb.exceptions import ConfigError
from ctnb.i18n.language import current_language, duration, gettext, interval, ngettext, number, percent

PACKAGE = Path(ctnb.__file__).parent
ERRORS = ctnb.exceptions.__all__
KEYWORDS = {
    **dict.fromkeys(("gettext", "lazy_gettext", "N_", "cls", *ERRORS)),
    "ngettext": (1, 2),
}


def messages_in_code():
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    return {message[2] for message in found} | set(helps(typer.main.get_command(app)))


def helps(command):
    """Yield the help of a command, of its options and of the commands below it: docstrings, and what stands in them."""
    yield from help_paragraphs(command.help)
    for option in command.params:
        yield from help_paragraphs(getattr(option, "help", None))
    for child in getattr(command, "commands", {}).values():
        yield from helps(child)


def catalogue():
    with (PACKAGE / "i18n" / "locale" / "ru.po").open("rb") as messages:
        return {message.id: message for message in read_po(messages, locale="ru") if message.id}


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_message_is_translated_and_no_translation_is_left_over():
    assert messages_in_code() == set(catalogue())


def test_translations_have_text_and_the_fields_of_their_messages():
    for message in catalogue().values():
        several = message.id if isinstance(message.id, tuple) else (message.id,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(translated), message.id
        assert len(translated) == (3 if len(several) == 2 else 1), message.id
        assert {frozenset(fields(text)) for text in translated} == {frozenset(fields(several[-1]))}, message.id
        assert not message.fuzzy, message.id


def test_every_translation_is_russian():
    """But for sentences without a word, and for names."""
    for message in catalogue().values():
        one = message.id if isinstance(message.id, str) else message.id[-1]
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        bare = "".join(text for text, *_ in Formatter().parse(one)) if one not in NAMES else ""
        if re.search(r"[A-Za-z]{2,}", bare):
            assert all(re.search("[а-яё]", text, re.IGNORECASE) for text in texts), one


NAMES = {
    "id",
    *("{rank}. {type} by {columns}", "sweep: {refusal}.", "the {journal}", "E-mails"),
    "id {value}: {reason}",
}
"""Messages whose words fall away in Russian, or are names."""


UNDATED = "{n} answered row without a date left out", "{n} answered rows without a date left out"


@pytest.mark.parametrize(
    ("count", "russian"), [(1, "1 строка"), (3, "3 строки"), (11, "11 строк"), (1234, "1\u00a0234 строки")]
)
def test_a_count_takes_its_plural(count, russian):
    ctnb.set_language("ru")
    assert ngettext(*UNDATED, count).startswith(f"{russian} с ответом")


def test_problems_and_errors_are_in_the_language_that_is_set():
    ctnb.set_language("ru")
    deals = pd.DataFrame({"id": ["1,9E+18", "7"], "phone": ["12", "89157771122"], "at": ["завтра", "2026-03-01"]})
    rules = [ctnb.Call("id"), ctnb.CallContact("phone", "at", depth="2h")]
    plan = ctnb.plan(deals, rules, "Звонок", key="id")
    assert plan.frame["problem"][0].startswith("ключ ")
    assert "электронная таблица потеряла последние цифры" in plan.frame["problem"][0]
    assert "слишком коротко для номера телефона" in plan.frame["problem"][0]
    # What counts problems reads no words.
    assert set(plan.checks["code"]) == {"damaged_ids"}
    with pytest.raises(ctnb.exceptions.RuleError, match="Список правил пуст") as caught:
        ctnb.plan(deals, [], "Звонок")
    ctnb.set_language("en")
    assert str(caught.value) == "The rule list is empty; give one rule at least."


def test_english_needs_no_catalogue():
    assert ngettext("{n} row", "{n} rows", 1) == "1 row"
    assert ngettext("{n} row", "{n} rows", 1234) == "1,234 rows"
    assert gettext("a message that nobody translated: {x}", x="{y}") == "a message that nobody translated: {y}"


def test_numbers_are_in_the_form_of_the_language():
    values = (np.int64(1_234_567), 0.1234, 1.0)
    assert (number(values[0]), percent(values[1]), percent(values[2])) == ("1,234,567", "12.3\u00a0%", "100.0\u00a0%")
    ctnb.set_language("ru")
    assert (number(values[0]), percent(values[1])) == ("1\u00a0234\u00a0567", "12,3\u00a0%")
    assert interval(0.1, np.float64(0.25)) == "10,0–25,0\u00a0%"
    assert (percent(np.nan), interval(np.nan, 0.5)) == ("–", "")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0\u00a0s"),
        (59.6, "1\u00a0min"),
        (200, "3\u00a0min 20\u00a0s"),
        (7320, "2\u00a0h 2\u00a0min"),
        (90_061, "25\u00a0h 1\u00a0min"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds, text):
    assert duration(seconds) == text


def test_another_language_is_refused():
    with pytest.raises(ConfigError, match="'de' is not known"):
        ctnb.set_language("de")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("ru_RU.UTF-8", "ru"),
        ("ru", "ru"),
        ("C", "en"),
        ("C.UTF-8", "en"),
        ("en_US.UTF-8", "en"),
        ("nonsense", "en"),
        # Rusyn and Aromanian.
        ("rue_UA", "en"),
        ("rup", "en"),
        ("", "en"),
    ],
)
def test_the_locale_chooses_where_nobody_did(locale, language, monkeypatch):
    for name in ("LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)
    ctnb.set_language(None)
    assert current_language() == language
