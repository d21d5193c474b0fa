import subprocess

import pytest

from ctnb.i18n.system_language import _mac_locale, system_locale


def never():
    pytest.fail("the system is not asked where the environment names a language")


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru_RU.UTF-8"),
        ({"LANG": "C.UTF-8"}, "C.UTF-8"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "en_GB"}, "en_GB"),
        ({"LC_MESSAGES": "ru_RU", "LC_ALL": "C"}, "C"),
        ({"LC_ALL": "en_US.UTF-8", "LANGUAGE": "ru:en"}, "ru:en"),
        ({"LANG": "ru_RU", "LANGUAGE": " "}, "ru_RU"),
        # A script's way to stable output, on a desktop that sets LANGUAGE for all.
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "ru:en", "LC_ALL": "C"}, "C"),
        ({"LANG": "POSIX", "LANGUAGE": "ru"}, "POSIX"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ru"}, "ru"),
        ({"LANGUAGE": "ru"}, "ru"),
    ],
)
def test_the_environment_comes_first(platform, environ, named):
    assert system_locale(environ, platform, windows=never, mac=never) == named


@pytest.mark.parametrize("environ", [{}, {"LANG": ""}, {"LC_CTYPE": "UTF-8"}])
def test_else_the_system_is_asked(environ):
    asked = {"windows": lambda: "ru_RU", "mac": lambda: "en-RU"}
    found = [system_locale(environ, platform, **asked) for platform in ("win32", "darwin", "linux")]
    assert found == ["ru_RU", "en-RU", ""]


# The program is not there on other systems.
@pytest.mark.parametrize("error", [FileNotFoundError(), subprocess.TimeoutExpired("defaults", 2)])
def test_a_mac_that_does_not_answer_names_no_language(error, monkeypatch):
    def run(*_, **__):
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    assert _mac_locale() == ""


def test_a_mac_names_its_languages_in_a_list(monkeypatch):
    answer = '(\n    "ru-RU",\n    "en-RU"\n)\n'
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, answer))
    assert _mac_locale() == "ru-RU"
