"""How the command line speaks: in one language, and not slower for it."""

import subprocess
import sys

import pandas as pd
import pytest

import ctnb
from ctnb.cli.text_table import show_table
from ctnb.cli.wrong_use import WRONG_USES
from tests.tools.command_line import DEALS, RULES, environment, run_here


@pytest.mark.parametrize("language", ["en_GB.UTF-8", "ru_RU.UTF-8"])
def test_the_version_costs_no_import_of_rich(language, tmp_path):
    code = "import sys; from ctnb.cli.app import app; app(standalone_mode=False); assert 'rich' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", code, "--version"],
        cwd=tmp_path,
        env=environment(LANG=language, LANGUAGE="", LC_ALL="", LC_MESSAGES=""),
        check=True,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pla"], "Нет команды 'pla'. Возможно, имелось в виду: 'plan'?"),
        (["plan", "--rulez", "x"], "Нет опции --rulez (есть похожие: --rules)"),
        (["plan"], "Не указан аргумент 'deals'."),
    ],
)
def test_a_wrong_use_has_no_english(arguments, words):
    shown = run_here("--lang", "ru", *arguments)
    assert shown.exit_code == 2
    assert words in shown.stderr
    assert "Ошибка" in shown.stderr


def test_a_file_that_may_not_be_read_is_refused_in_words():
    ctnb.set_language("ru")
    shown = WRONG_USES.in_words("Invalid value for 'deals': file 'a.csv' is not readable.")
    assert shown == "Неверное значение 'deals': файл 'a.csv' не открыть: нет прав на чтение."


def test_a_plan_is_in_words_and_figures_of_the_language():
    shown = run_here("--lang", "ru", "plan", DEALS, "--rules", RULES).output
    assert "готово           2\N{NO-BREAK SPACE}862\n" in shown
    assert "секунд             5,8  не меньше" in shown
    assert "  готово           'н***': не адрес почты" in shown


def test_a_table_has_the_numbers_of_the_language(capsys):
    table = pd.DataFrame({"share": [0.5, -0.25]}, index=pd.Index(["a", "b"], name="group"))
    ctnb.set_language("ru")
    show_table(table)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[-1] for line in lines] == ["доля", "50,0\N{NO-BREAK SPACE}%", "-25,0\N{NO-BREAK SPACE}%"]
    assert len({len(line) for line in lines}) == 1
