"""The oldest run installs what pyproject calls the oldest, of every dependency that users install."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = ROOT / "requirements"
ASKED = [
    *PROJECT["dependencies"],
    *(
        asked
        for extra in ("dask", "excel", "notebook", "polars", "postgres")
        for asked in PROJECT["optional-dependencies"][extra]
    ),
]


def pinned(name):
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^([a-z0-9-]+)==([^\s;\\]+)", text))


def parts(version):
    """A version as numbers, so that 8.1 is 8.1.0."""
    numbers = [int(number) for number in version.split(".")]
    return numbers + [0] * (4 - len(numbers))


@pytest.mark.parametrize("asked", ASKED)
def test_the_oldest_run_has_the_floor_of_each_dependency(asked):
    name, floor = re.fullmatch(r"([a-z0-9-]+)(?:\[[a-z,]+\])?>=([\d.]+)", asked).groups()
    assert parts(pinned("oldest.txt")[name]) == parts(floor)
    assert pinned("oldest.in")[name] == pinned("oldest.txt")[name]


def test_no_pin_names_an_index():
    for file in REQUIREMENTS.iterdir():
        assert "://" not in file.read_text(encoding="utf-8"), file.name
