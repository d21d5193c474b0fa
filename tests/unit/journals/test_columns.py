import pytest

from ctnb.journals.columns import CALL_FORM, FORMS, REQUEST_FORM, words_of


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("callId", "callId"),
        ("call_id", "callId"),
        ("ID звонка", "callId"),
        (" id  ЗВОНКА ", "callId"),
        ("Дата и время", "date"),
        ("Номер абонента", "callerNumber"),
        ("Номер звонящего", "callerNumber"),
        ("Уникальный звонок", "uniqueCall"),
        ("Уникально-целевой звонок", "uniqTargetCall"),
        ("Тэги", "callTags"),
    ],
)
def test_headings_of_calls_are_known_in_any_case_and_spacing(heading, name):
    assert CALL_FORM.found(["Город", heading]) == {name: heading}


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("ID заявки", "requestId"),
        ("Номер заявки", "requestNumber"),
        ("Телефон", "phoneNumber"),
        ("E-mail", "email"),
        ("Эл. почта", "email"),
        ("Уникальная заявка", "uniqueRequest"),
        ("Дата создания", "date"),
        ("Теги", "tags"),
    ],
)
def test_headings_of_requests_are_known(heading, name):
    assert REQUEST_FORM.found([heading]) == {name: heading}


def test_of_two_headings_the_contracts_own_name_is_taken():
    assert CALL_FORM.found(["Номер клиента", "callerNumber", "Дата", "Дата и время звонка"]) == {
        "callerNumber": "callerNumber",
        "date": "Дата и время звонка",
    }


def test_a_plain_phone_in_calls_is_not_taken_for_the_customers():
    assert CALL_FORM.found(["Телефон", "Номер телефона"]) == {}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.journal)
def test_no_heading_means_two_columns(form):
    meant = [
        word for name, given in form.headings.items() for word in {words_of(heading) for heading in (name, *given)}
    ]
    assert sorted(meant) == sorted(set(meant))
