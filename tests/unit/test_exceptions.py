import builtins
import copy
import pickle
import re

import pytest

import ctnb
from ctnb import exceptions as errors
from ctnb.exceptions import ColumnNotFoundError, CtnbError, MissingExtraError

DRAWN = re.compile(r"^(?P<indent>[ │├└─]*)(?P<name>\w+(?:Error))\b\s*(?:\(also (?P<also>\w+)\))?")


def drawn():
    """Return each error of the tree in the module's docstring, with the parents that are drawn."""
    tree, above = {}, {}
    for line in errors.__doc__.partition("::")[2].partition("A message says")[0].splitlines():
        found = DRAWN.match(line)
        if found is None:
            continue
        depth = len(found["indent"])
        parents = [above[max(level for level in above if level < depth)]] if above else ["Exception"]
        tree[found["name"]] = parents + ([found["also"]] if found["also"] else [])
        above = {level: name for level, name in above.items() if level < depth} | {depth: found["name"]}
    return tree


def test_the_tree_is_as_it_is_drawn():
    tree = drawn()
    assert sorted(tree) == sorted(errors.__all__)
    for name, parents in tree.items():
        assert [base.__name__ for base in getattr(errors, name).__bases__] == parents
        assert all(hasattr(errors, parent) or hasattr(builtins, parent) for parent in parents)


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_holds_its_message_alone(name):
    error = getattr(errors, name)("Всё плохо: 'x'.")
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(same) is type(error)
        assert str(same) == "Всё плохо: 'x'."
        assert vars(same) == vars(error) == {}
    assert isinstance(error, CtnbError)
    assert getattr(ctnb, name) is getattr(errors, name)


def test_a_missing_column_is_told_without_the_quotes_of_a_key_error():
    error = ColumnNotFoundError.among("manger", ["phone", "manager"], wanted_by="key")
    assert str(error) == "There is no column 'manger', which key needs. Did you mean 'manager'?"
    assert isinstance(error, KeyError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert not str(ColumnNotFoundError())


@pytest.mark.parametrize(
    ("name", "columns", "advice"),
    [
        ("PHONE", ["phone", "stage"], "Did you mean 'phone'?"),
        ("телефон", ["Телефон", "Телефон 2", "Этап"], "Did you mean 'Телефон', 'Телефон 2'?"),
        ("zzz", ["phone", 5], "The frame has 'phone', '5'."),
        ("zzz", [f"c{number}" for number in range(11)], "'c9' and others."),
        ("zzz", [], "The frame has no columns."),
    ],
)
def test_a_missing_column_names_the_nearest_or_what_there_is(name, columns, advice):
    assert str(ColumnNotFoundError.among(name, columns, wanted_by="key")).endswith(advice)


def test_a_missing_package_names_the_command_that_installs_it():
    error = MissingExtraError.of("openpyxl", extra="excel", purpose="Reading an .xlsx file")
    assert str(error) == (
        'Reading an .xlsx file needs openpyxl. Install it with: pip install "ctnb[excel]". Until ctnb is on PyPI, '
        'write the path of its checkout or wheel in place of ctnb: pip install "/path/to/ctnb[excel]"'
    )
    assert isinstance(error, ImportError)


def test_an_error_is_put_into_words_when_it_is_shown():
    inner = errors.RuleError("The language {language!r} is not known. Use one of: {known}.", language="x", known="y")
    outer = pickle.loads(pickle.dumps(errors.ConfigError("{advice}", advice=inner)))
    assert str(outer) == "The language 'x' is not known. Use one of: y."
    ctnb.set_language("ru")
    assert str(outer) == str(inner) == "Язык 'x' неизвестен. Доступны: y."
    assert repr(inner) == "RuleError(\"Язык 'x' неизвестен. Доступны: y.\")"


def test_a_value_is_kept_as_text_so_that_nothing_else_is_in_the_pickle():
    class Secret:
        def __repr__(self):
            return "Secret(***)"

    error = pickle.loads(pickle.dumps(errors.ConfigError("got {value!r} and {braces}", value=Secret(), braces="{x}")))
    assert str(error) == "got Secret(***) and {x}"
