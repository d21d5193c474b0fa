import pytest

from ctnb.exceptions import ConfigError
from ctnb.views.own_files import OwnFiles


def write(file):
    file.write_text("new")


def test_the_ending_is_added_where_it_is_missing(tmp_path):
    files = OwnFiles()
    assert files.write(f" {tmp_path / 'rows'} ", ".csv", write) == tmp_path / "rows.csv"
    assert files.write(str(tmp_path / "rows.csv"), ".csv", write) == tmp_path / "rows.csv"
    assert (tmp_path / "rows.csv").read_text() == "new"


def test_a_file_of_another_widget_is_not_replaced(tmp_path):
    file = OwnFiles().write(str(tmp_path / "rows"), ".csv", write)
    file.write_text("mine")
    with pytest.raises(ConfigError, match=r"rows.csv' is there already, and is not replaced"):
        OwnFiles().write(str(file), ".csv", write)
    assert file.read_text() == "mine"


def test_a_name_that_cannot_be_used_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"The file has no name. Write one, such as ctnb.csv"):
        OwnFiles().write(" ", ".csv", write)
    with pytest.raises(ConfigError, match="cannot be written: No such file or directory"):
        OwnFiles().write(str(tmp_path / "none" / "rows"), ".csv", write)
