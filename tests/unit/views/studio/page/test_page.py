from datetime import UTC, datetime

from widget_reading import every, seen

from ctnb.tables.files import read_leads
from ctnb.tables.samples import sample
from ctnb.views.studio.page.page import DEALS, FOLDER, LANGUAGE, StudioPage, show


def uploaded(name, content):
    changed = datetime(2026, 3, 2, tzinfo=UTC)
    return ({"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": changed},)


def test_an_export_that_is_uploaded_opens_the_studio():
    page = StudioPage()
    page.upload.value = uploaded("сделки.csv", sample("deals_bitrix24.csv").read_bytes())
    assert page.message.text == "Open: сделки.csv"
    assert page.studio.key == "ID"
    assert page.upload.value == ()
    assert page.studio.widget in every(page.widget)


def test_a_file_that_is_no_table_is_named():
    page = StudioPage()
    page.upload.value = uploaded("empty.csv", b"")
    assert "is empty" in page.message.text
    assert page.studio is None


def test_the_file_of_the_command_is_opened_in_its_folder_and_language(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(DEALS, str(sample("deals.csv")))
    monkeypatch.setenv(LANGUAGE, "ru")
    monkeypatch.chdir(tmp_path)
    displayed = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    show()
    (page,) = displayed
    assert "Выбрать выгрузку" in seen(page)
    assert "Открыто: deals.csv" in seen(page)
    assert f"{len(read_leads(sample('deals.csv'))):,}".replace(",", "\u00a0") + " строк в таблице" in seen(page)


def test_a_file_that_is_not_there_is_named(tmp_path):
    page = StudioPage()
    page.read(str(tmp_path / "deals.csv"))
    assert "There is no file" in page.message.text
