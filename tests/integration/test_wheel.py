"""The built wheel: what it carries, and that the demo runs from it where there is no checkout."""

import zipfile
from pathlib import Path

import pytest
from built_wheel import ROOT, build_wheel, run

SAMPLES = ["calls.csv", "deals.csv", "deals_bitrix24.csv", "requests.csv", "rules.toml", "rules_bitrix24.toml"]
OTHERS = ["py.typed", "*.css", "*.html", "*.j2", "*.js", "*.po"]

# The demo itself, at an emulator that does not make it wait.
DEMO = """
import functools, pathlib
import ctnb, ctnb.cli.demo
ctnb.cli.demo.Emulator = functools.partial(ctnb.cli.demo.Emulator, rate=None)
ctnb.cli.demo.run_demo(pathlib.Path("out"), progress=False)
print("from", ctnb.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist"))


def test_the_wheel_carries_the_package_and_its_samples_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        points = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "ctnb = ctnb.cli.app:main" in archive.read(points).decode("utf-8")
    package = ROOT / "ctnb"
    modules = {path.relative_to(ROOT).as_posix() for path in package.rglob("*.py")}
    others = {path.relative_to(ROOT).as_posix() for kind in OTHERS for path in package.rglob(kind)}
    assert names == modules | others | {f"ctnb/_data/{name}" for name in SAMPLES}


def test_the_demo_runs_from_the_installed_wheel_in_an_empty_folder(wheel, tmp_path):
    folder, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-compile"]
    installed = run(*pip, "--target", folder, wheel, folder=tmp_path)
    assert installed.returncode == 0, installed.stderr
    done = run("-c", DEMO, folder=empty, PYTHONPATH=str(folder))
    assert done.returncode == 0, done.stderr
    assert [line.partition(": ")[2] for line in done.stderr.splitlines()] == [
        "The heading is in row 3; what stands above it is left out.",
        "The total at the end is left out: row 2004.",
    ]
    assert Path(done.stdout.rsplit("from ", 1)[1].strip()) == folder / "ctnb" / "__init__.py"
    assert "in all 5,000" in done.stdout
    assert len(list((empty / "out").glob("*.csv"))) == 2
    assert list((empty / "out").glob("*.png"))
    version = run("-c", "from ctnb.cli.app import main; main()", "--version", folder=empty, PYTHONPATH=str(folder))
    assert version.stdout.strip() in wheel.name
