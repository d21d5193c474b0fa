import pandas as pd
import pytest

from ctnb.files import read_leads
from ctnb.views.studio.saving import Saving, free_name


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_the_table_is_saved_and_read_back():
    saving = Saving(pd.DataFrame({"deal": ["007"], "ct_status": ["commented"]}))
    saving.save.click()
    assert "Saved: " in saving.notice.text
    assert read_leads("comments.csv").to_dict("records") == [{"deal": "007", "ct_status": "commented"}]


def test_a_file_that_is_there_is_not_written_over():
    Saving(pd.DataFrame({"a": [1]})).save.click()
    saving = Saving(pd.DataFrame({"a": [2]}))
    assert saving.name.value == free_name("comments.csv") == "comments_2.csv"
    saving.name.value = "comments.csv"
    saving.save.click()
    assert "is a file comments.csv already" in saving.notice.text
    assert read_leads("comments.csv")["a"].tolist() == ["1"]


def test_another_kind_of_file_is_told_of():
    saving = Saving(pd.DataFrame({"a": [1]}))
    saving.name.value = "comments.doc"
    saving.save.click()
    assert 'role="alert"' in saving.notice.widget.value
