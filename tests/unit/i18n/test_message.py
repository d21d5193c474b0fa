"""Messages that are kept: whatever is wrong with one, it says what it can."""

import gettext as stdlib
import pickle

import numpy as np
import pytest

import ctnb
from ctnb.exceptions import ConfigError, CtnbError
from ctnb.i18n import language
from ctnb.i18n.message import lazy_gettext


class Translation(stdlib.NullTranslations):
    """A catalogue that has one translation for all."""

    def __init__(self, text):
        super().__init__()
        self.text = text

    def gettext(self, message):
        return self.text


@pytest.mark.parametrize("broken", ["{no_such_field}", "{value:d}", "{", "{value.real.secret}"])
def test_a_broken_translation_does_not_hide_the_error(broken, monkeypatch):
    error = ConfigError("expected one, got {value}", value="two")
    monkeypatch.setattr(language, "_catalogue", lambda _: Translation(broken))
    assert str(error) == "expected one, got two"
    assert repr(error) == "ConfigError('expected one, got two')"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_message_whose_fields_have_no_values_shows_what_there_is(language):
    ctnb.set_language(language)
    assert str(CtnbError("got {value} of {kind}", value="{x}")) == "got {value} of {kind} value={x}"
    assert str(CtnbError("got {value}")) == "got {value}"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_message_that_is_blank_is_blank_in_every_language(language):
    ctnb.set_language(language)
    assert not str(CtnbError())
    assert not str(lazy_gettext(""))
    assert not ctnb.i18n.language.gettext("")


def test_a_value_that_cannot_be_shown_does_not_hide_the_error():
    class Broken:
        def __repr__(self):
            raise RuntimeError

    error = pickle.loads(pickle.dumps(ConfigError("expected one, got {value!r}", value=Broken())))
    assert str(error) == "expected one, got <Broken>"


def test_a_value_of_numpy_reads_as_one_of_pythons():
    error = lazy_gettext(
        "{name!r}, {day}, {span}", name=np.str_("x"), day=np.datetime64("2026-03-01", "ns"), span=np.timedelta64(5, "m")
    )
    assert str(error) == "'x', 2026-03-01T00:00:00.000000000, 5 minutes"
    assert str(lazy_gettext("{wide} {sure}", wide=np.longdouble(1), sure=np.bool_(True))) == "1.0 True"
    assert str(lazy_gettext("{few:g} of {most:n}", few=np.float64(2.5), most=np.int64(1000))) == "2.5 of 1,000"


@pytest.mark.parametrize("value", ["я" * 10**6, ["я"] * 10**6])
def test_a_huge_value_does_not_fill_the_screen_or_the_pickle(value):
    error = ConfigError("expected one, got {value!r}", value=value)
    assert 2_000 < len(str(error)) < 2_100
    assert len(pickle.dumps(error)) < 10_000
