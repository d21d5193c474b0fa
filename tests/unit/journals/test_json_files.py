import json

import pytest

from ctnb.exceptions import JournalError
from ctnb.journals.columns import CALL_FORM, REQUEST_FORM
from ctnb.journals.json_files import read_json

CALLS = [{"callId": number, "timestamp": 1772345100, "callerNumber": "79157771122"} for number in (1, 2)]
ONE, OTHER = (json.dumps(call) for call in CALLS)


def read(text, form=CALL_FORM):
    return read_json(text.encode(), "'calls.json'", form, "Europe/Moscow").frame


def page(*calls, **figures):
    return json.dumps({"records": calls, **figures})


SEVERAL = {
    "an array": f"[{ONE}, {OTHER}]",
    "records by the line": f"{ONE}\n{OTHER}\n",
    "arrays after each other": f"[{ONE}]\n[{OTHER}]",
    "pages after each other": page(CALLS[0], pageTotal=2) + page(CALLS[1], pageTotal=2, recordsTotal=2),
    "an array of pages": f"[{page(CALLS[0], pageTotal=2)}, {page(CALLS[1], pageTotal=2)}]",
    "with a mark at the beginning": f"\ufeff[{ONE}, {OTHER}]",
    "a call that is on two pages": page(CALLS[0]) + page(*CALLS),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_one_page_or_several_are_one_journal(name):
    assert read(SEVERAL[name])["callId"].tolist() == ["1", "2"]


@pytest.mark.parametrize("figures", [{"pageTotal": 2}, {"pageTotal": 2, "recordsTotal": 1500}, {"recordsTotal": 3}])
def test_some_pages_of_a_journal_are_refused(figures):
    with pytest.raises(JournalError, match=r"expected all of the journal, got page 1 of .* Put all pages"):
        read(page(*CALLS, **figures))


def test_flat_records_keep_their_dates_contacts_and_tags():
    call = {"callId": 1, "callerNumber": "79157771122", "date": "2026-03-01T09:05:00+03:00", "callTags": ["VIP"]}
    row = read(json.dumps([call])).iloc[0]
    assert (str(row["date"]), row["callTags"]) == ("2026-03-01 06:05:00+00:00", ["VIP"])
    request = {
        "requestId": 1,
        "date": "2026-03-01 09:05",
        "phoneNumber": "79157771122",
        "email": "a@b.ru",
        "tags": "a, b",
    }
    row = read(json.dumps([request]), REQUEST_FORM).iloc[0]
    assert (row["phoneNumber"], row["email"], row["tags"]) == ("79157771122", "a@b.ru", "a, b")
    assert str(row["date"]) == "2026-03-01 06:05:00+00:00"


def test_a_journal_of_no_lead_and_one_of_the_other_kind():
    assert len(read("[]")) == 0
    with pytest.raises(JournalError, match=r"expected an id in requestId|expected an array of leads"):
        read(f"[{ONE}]", REQUEST_FORM)


@pytest.mark.parametrize("text", ["", "<html>", "[[5]]", "[5]", f"{ONE} <", '{"a": ' * 100_000])
def test_what_is_no_journal_is_refused(text):
    with pytest.raises(JournalError, match=r"'calls.json': .* Download the journal again"):
        read(text)
