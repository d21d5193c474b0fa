from datetime import UTC, datetime

from ctnb.tables.files import read_leads
from ctnb.tables.samples import sample
from ctnb.views.studio.page import page as desk
from ctnb.views.studio.page.page import DEALS, FOLDER, LANGUAGE, Desk


def uploaded(name, content):
    changed = datetime(2026, 3, 2, tzinfo=UTC)
    return ({"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": changed},)


def test_an_export_that_is_uploaded_opens_the_studio():
    page = Desk()
    page.upload.value = uploaded("сделки.csv", sample("deals_bitrix24.csv").read_bytes())
    assert page.notice.text == "Open: сделки.csv"
    assert page.studio.key == "ID"
    assert page.upload.value == ()
    assert page._place.children == (page.studio.widget,)


def test_a_file_that_is_no_table_is_told_of():
    page = Desk()
    page.upload.value = uploaded("empty.csv", b"")
    assert "is empty" in page.notice.text
    assert page.studio is None


def test_the_file_of_the_command_is_opened_in_its_folder_and_language(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(DEALS, str(sample("deals.csv")))
    monkeypatch.setenv(LANGUAGE, "ru")
    monkeypatch.chdir(tmp_path)
    made = []
    monkeypatch.setattr(desk, "Desk", lambda: made.append(Desk()) or made[0])
    monkeypatch.setattr("IPython.display.display", lambda _: None)
    desk.show()
    assert len(made[0].studio._deals) == len(read_leads(sample("deals.csv")))
    assert made[0].upload.description == "Выбрать выгрузку"


def test_a_file_that_is_not_there_is_told_of(tmp_path):
    page = Desk()
    page.read(str(tmp_path / "deals.csv"))
    assert "There is no file" in page.notice.text
