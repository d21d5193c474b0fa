"""Files are moved into their place whole, and never through a symbolic link."""

import os
import stat
import sys

import pandas as pd
import pytest

from ctnb.tables.files import write_table
from ctnb.tables.place import check_place, place, place_text

modes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")


def mode_of(file):
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("target", ["file", "nothing", "folder"])
def test_a_link_is_replaced_and_its_target_stays(tmp_path, target):
    aim, link = tmp_path / "aim", tmp_path / "out.csv"
    if target == "file":
        aim.write_text("mine")
    elif target == "folder":
        aim.mkdir()
    link.symlink_to(aim)
    write_table(pd.DataFrame({"a": [1]}), link)
    assert not link.is_symlink()
    assert "a" in link.read_text(encoding="utf-8-sig")
    assert (aim.exists(), aim.is_dir()) == (target != "nothing", target == "folder")
    if target == "file":
        assert aim.read_text() == "mine"


@modes
def test_a_new_file_has_the_systems_permissions_and_a_replaced_one_its_own(tmp_path):
    plain, new, old = tmp_path / "plain", tmp_path / "new", tmp_path / "old"
    plain.write_text("x")
    place_text(new, "x")
    assert mode_of(new) == mode_of(plain)
    for mode in (0o600, 0o640, 0o666):
        old.write_text("x")
        old.chmod(mode)
        place_text(old, "y")
        assert (mode_of(old), old.read_text()) == (mode, "y")


@modes
def test_a_links_permissions_are_not_the_files(tmp_path):
    aim, link, plain = tmp_path / "aim", tmp_path / "link", tmp_path / "plain"
    aim.write_text("x")
    aim.chmod(0o777)
    link.symlink_to(aim)
    plain.write_text("x")
    place_text(link, "y")
    assert mode_of(link) == mode_of(plain)


def test_what_fails_leaves_no_file_and_what_was_there(tmp_path):
    def broken(_):
        raise ZeroDivisionError

    old = tmp_path / "old"
    old.write_text("before")
    for file in (old, tmp_path / "new"):
        with pytest.raises(ZeroDivisionError):
            place(file, broken)
    assert old.read_text() == "before"
    assert list(tmp_path.iterdir()) == [old]


def test_a_folder_and_a_file_that_is_read_only_are_refused(tmp_path, monkeypatch):
    folder, old = tmp_path / "folder", tmp_path / "old"
    folder.mkdir()
    old.write_text("before")
    monkeypatch.setattr(os, "access", lambda *_: False)
    for check in (check_place, lambda file: place_text(file, "x")):
        with pytest.raises(IsADirectoryError):
            check(folder)
        with pytest.raises(PermissionError):
            check(old)
        with pytest.raises(FileNotFoundError):
            check(tmp_path / "no folder" / "file")
    assert old.read_text() == "before"
