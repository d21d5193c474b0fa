"""Every value that people meet has a name and, where something is to be done, advice, in both languages."""

import numpy as np
import pandas as pd
import pytest

import ctnb
from ctnb.i18n.advice import ADVICE, NEXT_STEPS, advice_for
from ctnb.i18n.labels import kind_label, reason_label, status_label, status_meaning, value_text
from ctnb.i18n.language import gettext
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


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_meaning_in_both_languages(status):
    assert status_meaning(status).endswith(".")
    ctnb.set_language("ru")
    assert any("а" <= letter.lower() <= "я" for letter in status_meaning(str(status)))


def test_every_status_but_that_of_success_and_of_a_refusal_has_a_next_step_in_both_languages():
    # A refusal stops the run, and the reason says what to do.
    assert set(NEXT_STEPS) == set(Status) - {Status.COMMENTED, Status.REJECTED}
    ctnb.set_language("ru")
    assert all(gettext(step) != step for step in NEXT_STEPS.values())


def test_a_value_of_a_newer_version_is_shown_as_it_is():
    assert reason_label("from_the_future") == "from_the_future"
    assert advice_for("from_the_future") == ""
    assert kind_label(pd.NA) == "not known"


@pytest.mark.parametrize("true", [True, np.True_, pd.array([True], dtype="boolean")[0]])
def test_a_truth_is_a_word_of_the_reader_and_any_other_value_stays(true):
    assert (value_text(true), value_text(not true)) == ("yes", "no")
    ctnb.set_language("ru")
    assert (value_text(true), value_text(not true)) == ("да", "нет")
    assert (value_text("True"), value_text(1), value_text(1.5)) == ("True", "1", "1.5")
