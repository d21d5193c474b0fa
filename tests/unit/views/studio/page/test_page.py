from datetime import UTC, datetime

from widget_reading import every, seen

from ctnb.i18n.choice import set_language
from ctnb.tables.files import read_leads
from ctnb.tables.samples import sample
from ctnb.views.studio.page.page import DEALS, FOLDER, LANGUAGE, READING, StudioPage, show


def uploaded(name, content):
    changed = datetime(2026, 3, 2, tzinfo=UTC)
    return ({"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": changed},)


def test_an_export_that_is_uploaded_opens_the_studio():
    page = StudioPage()
    page.upload.value = uploaded("сделки.csv", sample("deals_bitrix24.csv").read_bytes())
    assert page.message.text == (
        "Open: сделки.csv The heading is in row 3; what stands above it is left out. "
        "The total at the end is left out: row 2004."
    )
    assert page.studio.key == "ID"
    assert page.upload.value == ()
    assert page.studio.widget in every(page.widget)


def test_the_page_says_what_its_end_means_for_a_run():
    assert "soon after it is closed the run stops" in seen(StudioPage().widget)


def test_what_was_left_out_of_a_file_is_told_in_the_language_of_the_page():
    set_language("ru")
    page = StudioPage()
    page.upload.value = uploaded("d.csv", "Выгрузка\n\nID;Телефон;Имя\n1;89157771122;Ян\nИтого;;1\n".encode())
    assert page.message.text == (
        "Открыто: d.csv Заголовки стоят в строке 3; всё, что выше, пропущено. "
        "Итоги в конце таблицы пропущены: строка 5."
    )


def test_the_options_of_the_command_are_those_of_the_reading(monkeypatch, tmp_path):
    (tmp_path / "deals.csv").write_bytes("x^y\nID^Имя\n1^Ян\n2^Яна\n".encode("cp866"))
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(DEALS, str(tmp_path / "deals.csv"))
    monkeypatch.setenv(READING, '{"encoding": "cp866", "delimiter": "^", "skiprows": 1}')
    monkeypatch.setenv(LANGUAGE, "en")
    monkeypatch.chdir(tmp_path)
    displayed = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    show()
    assert "Open: deals.csv" in seen(displayed[0])
    assert "2 rows in the table" in seen(displayed[0])


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
