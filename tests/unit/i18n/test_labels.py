"""Every value that people meet has a name and, where something is to be done, advice, in both languages."""

import pandas as pd
import pytest

import ctnb
from ctnb.i18n.advice import ADVICE, advice_for
from ctnb.i18n.labels import kind_label, reason_label, status_label
from ctnb.outcomes import Kind, Reason, Status

NAMED = [*((kind_label, kind) for kind in Kind), *((status_label, status) for status in Status)]
NAMED += [(reason_label, reason) for reason in Reason]


@pytest.mark.parametrize(("label", "value"), NAMED)
def test_every_member_has_a_label_in_both_languages(label, value):
    english = label(value)
    ctnb.set_language("ru")
    russian = label(value)
    assert english
    assert len(english) <= 32
    assert any("а" <= letter.lower() <= "я" for letter in russian)
    assert len(russian) <= 32
    # A frame that was saved and loaded holds plain texts.
    assert label(str(value)) == russian


def test_english_names_of_types_and_statuses_are_the_values():
    assert [kind_label(kind) for kind in Kind] == [kind.value for kind in Kind]
    assert [status_label(status) for status in Status] == [status.value for status in Status]


@pytest.mark.parametrize("label", [kind_label, status_label, reason_label])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_two_values_share_a_label(label, language):
    ctnb.set_language(language)
    values = [value for each, value in NAMED if each is label]
    assert len({label(value) for value in values}) == len(values)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_code_has_its_advice_in_both_languages(reason):
    assert advice_for(reason) == ADVICE[reason]
    ctnb.set_language("ru")
    assert any("а" <= letter.lower() <= "я" for letter in advice_for(reason))


def test_a_value_of_a_newer_version_is_shown_as_it_is():
    assert reason_label("from_the_future") == "from_the_future"
    assert advice_for("from_the_future") == ""
    assert kind_label(pd.NA) == "not known"
