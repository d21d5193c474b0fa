"""The sample data: made again byte for byte, messy in every promised way, and matched by every rule."""
# ruff: noqa: DTZ001, DTZ007 (the exports hold naive Moscow time)

import csv
import re
import runpy
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import phonenumbers
import pytest

DATA = Path(__file__).parents[2] / "data"
MADE = ("calls.csv", "deals.csv", "deals_bitrix24.csv", "requests.csv")
CALL_COLUMNS = [
    *("callId", "callReferenceId", "sipCallId", "callerNumber", "date"),
    *("uniqueCall", "targetCall", "uniqTargetCall", "callTags"),
]
REQUEST_COLUMNS = [
    *("requestId", "requestNumber", "date", "phoneNumber", "email"),
    *("uniqueRequest", "targetRequest", "uniqTargetRequest", "tags"),
]
CALL_IDS, REQUEST_IDS = CALL_COLUMNS[:3], REQUEST_COLUMNS[:2]
VENDOR_MOMENT = "%d-%m-%Y %H:%M:%S"
MOMENTS = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", VENDOR_MOMENT, "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")
TWO_HOURS, WEEK = timedelta(hours=2), timedelta(days=7)
DEAL_FILES = [("deals.csv", "rules.toml"), ("deals_bitrix24.csv", "rules_bitrix24.toml")]
SHAPES = {
    "+7 and digits": r"\+7\d{10}",
    "8 and digits": r"8\d{10}",
    "10 digits": r"9\d{9}",
    "brackets": r"\+7 \(\d{3}\) \d{3}-\d\d-\d\d",
    "spaces": r"\+7 \d{3} \d{3} \d\d \d\d",
    "no-break spaces": "\\+7\u00a0.*",
    "dashes": r"8-\d{3}-\d{3}-\d\d-\d\d",
    "extension": r".* доб\. \d+",
    "two, comma": r".*\d, .*\d",
    "two, slash": r".*\d / .*\d",
    "two, semicolon": r".*\d; .*\d",
    "float": r"7\d{10}\.0",
    "exponent": r"7\.\d{10}E\+10",
    "apostrophe": r"'7\d{10}",
    "kazakh": r"\+7 7\d\d \d{3}-\d\d-\d\d",
    "belarusian": r"\+375 \d\d \d{3}-\d\d-\d\d",
    "landline": r"\([348]\d\d\) \d{3}-\d\d-\d\d",
    "remark": r"8\d{10} \d подъезд",
    "foreign, remark": r"\+998 .* 2 раза",
    "placeholder": r"79{10}",
    "refusal": "не указан",
    "too short": "123",
    "blank": "",
}
EMAIL_FAULTS = {
    "missing dot": r"[^@. ]+(\.[^@. ]+)?@[^.@]+",
    "space inside": r"\S+ @\S+",
    "two @": r".+@@.+",
    "trailing comma": r"\S+@\S+\.\S+,",
    "upper case": r"[A-Z0-9._-]+@[A-Z.]+",
    "refusal": "нет",
    "blank": "",
}

Row = dict[str, str]


def table(name: str) -> list[Row]:
    encoding, delimiter = ("cp1251", ";") if "bitrix" in name else ("utf-8", ",")
    with (DATA / name).open(encoding=encoding, newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter, strict=True))
    if "bitrix" in name:  # a title, a blank row, and totals at the end
        rows = rows[2:-1]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def rule_file(name: str) -> dict[str, object]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def contact_columns(rules_name: str) -> tuple[list[str], str, str]:
    contact = rule_file(rules_name)["rules"][3]
    return contact["phones"], contact["emails"][0], contact["date"]


def read_phones(cell: str) -> Iterator[str]:
    for part in re.split("[,;/]", re.sub(r" (\d подъезд|\d этаж|\(жена\)|после 18:00|звонить до 19)$", "", cell)):
        text = str(int(float(part))) if re.fullmatch(r"\d+\.\d+(E\+10)?", part) else part
        try:
            number = phonenumbers.parse(text, "RU")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def read_email(cell: str) -> str:
    text = cell.partition("/")[0].strip(" ,").lower()
    return text if re.fullmatch(r"[\w.-]+@[\w-]+(\.[\w-]+)+", text) else ""


def read_moment(cell: str) -> datetime | None:
    for form in (*MOMENTS, "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(cell, form).replace(tzinfo=None)
        except ValueError:
            continue
    return None


class Journals:
    """The journals, looked up in the plainest way that follows the contract."""

    def __init__(self):
        calls, requests = table("calls.csv"), table("requests.csv")
        self.call_ids = {row[name] for row in calls for name in CALL_IDS} - {""}
        self.request_ids = {row[name] for row in requests for name in REQUEST_IDS} - {""}
        self.calls, self.requests, self.writers = {}, {}, {}
        for row in calls:
            row["moment"] = datetime.strptime(row["date"], VENDOR_MOMENT)
            self.calls.setdefault(row["callerNumber"], []).append(row)
        for row in requests:
            row["moment"] = datetime.strptime(row["date"], VENDOR_MOMENT)
            self.requests.setdefault(row["phoneNumber"], []).append(row)
            self.writers.setdefault(row["email"], []).append(row)

    def near_calls(self, phones, moment, match):
        near = [
            row for phone in phones for row in self.calls.get(phone, ()) if abs(row["moment"] - moment) <= TWO_HOURS
        ]
        if match != "nearest":
            near = [row for row in near if row["uniqueCall"] == "true"]
        if match == "nearestUniqLead":
            near = [row for row in near if not self.wrote_first(row)]
        return sorted(near, key=lambda row: abs(row["moment"] - moment))

    def wrote_first(self, call):
        return any(row["moment"] < call["moment"] for row in self.requests.get(call["callerNumber"], ()))

    def wrote(self, phones, email, moment):
        near = [row for phone in phones for row in self.requests.get(phone, ())]
        near += self.writers.get(email, ()) if email else ()
        return any(abs(row["moment"] - moment) <= WEEK for row in near)


def winner(row: Row, rules_name: str, journals: Journals) -> str:
    rules = rule_file(rules_name)["rules"]
    phone_columns, email_column, date_column = contact_columns(rules_name)
    call, request = row[rules[0]["id"]], row[rules[1]["id"]]
    phones = [phone for name in phone_columns for phone in read_phones(row[name])]
    email, moment = read_email(row[email_column]), read_moment(row[date_column])
    if call in journals.call_ids:
        return "call"
    if request in journals.request_ids:
        return "request"
    if moment and journals.near_calls(phones, moment, "nearestUniqLead"):
        return "callContact"
    if moment and journals.wrote(phones, email, moment):
        return "requestContact"
    usable = call or request or (moment and (phones or email))
    return "unmatched" if usable else "no identifier"


@pytest.fixture(scope="module")
def journals():
    return Journals()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    command = [sys.executable, "-B", str(DATA / "make_data.py"), str(folder)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return folder, printed


def test_the_script_makes_the_committed_files_again(made):
    folder, _ = made
    assert sorted(path.name for path in folder.iterdir()) == list(MADE)
    assert [name for name in MADE if (folder / name).read_bytes() != (DATA / name).read_bytes()] == []


def test_the_readme_shows_the_table_that_the_script_prints(made):
    _, printed = made
    assert printed.strip() in (DATA / "README.md").read_text(encoding="utf-8")


def test_five_thousand_deals_in_two_files():
    assert [len(table(name)) for name, _ in DEAL_FILES] == [3000, 2000]


@pytest.mark.parametrize("name", ["calls.csv", "deals.csv", "requests.csv"])
def test_utf8_files_have_commas_and_bare_line_feeds(name):
    content = (DATA / name).read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.decode("utf-8").splitlines()[0].count(",") >= 8


def test_bitrix24_file_has_windows_1251_semicolons_and_crlf():
    content = (DATA / "deals_bitrix24.csv").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") == 2004
    title, blank, headings, *_, total = content.decode("cp1251").splitlines()
    assert title.startswith("Сделки, выгрузка от ")
    assert set(blank) == {";"}
    assert headings.startswith("ID;Название сделки;Стадия сделки;Ответственный;Дата создания;")
    assert total.startswith("Итого;")
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


@pytest.mark.parametrize(("name", "rules_name"), DEAL_FILES)
def test_every_shape_of_phone_occurs(name, rules_name):
    columns, _, _ = contact_columns(rules_name)
    cells = [row[column].strip(" ") for row in table(name) for column in columns]
    assert [shape for shape, form in SHAPES.items() if not any(re.fullmatch(form, cell) for cell in cells)] == []


@pytest.mark.parametrize(("name", "rules_name"), DEAL_FILES)
def test_every_fault_of_an_email_occurs(name, rules_name):
    _, column, _ = contact_columns(rules_name)
    cells = [row[column] for row in table(name)]
    assert [fault for fault, form in EMAIL_FAULTS.items() if not any(re.fullmatch(form, cell) for cell in cells)] == []


def test_a_number_reads_the_same_in_every_shape(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    cells = runpy.run_path(str(DATA / "messy_cells.py"))
    for number in ("79157771122", "78123334450", "77012345678", "375291234567"):
        patterns = cells["PHONE_PATTERNS"][cells["phone_kind"](number)]
        texts = [cells["fill"](pattern, cells["national"](number)) for pattern, _ in patterns.values()]
        assert [list(read_phones(text)) for text in texts] == [[number]] * len(texts)
    assert [junk for junk in cells["JUNK_PHONES"] if list(read_phones(junk))] == []


@pytest.mark.parametrize("name", ["calls.csv", "requests.csv"])
def test_numbers_of_the_journals_are_valid_digits(name):
    numbers = {row.get("callerNumber", row.get("phoneNumber")) for row in table(name)} - {""}
    assert [number for number in numbers if list(read_phones(f"+{number}")) != [number]] == []


def test_addresses_are_on_domains_reserved_for_examples():
    text = "".join((DATA / name).read_text(encoding="cp1251" if "bitrix" in name else "utf-8") for name in MADE)
    domains = set(re.findall(r"@([\w-]+(?:\.[\w-]+)+)", text.lower()))
    assert {domain for domain in domains if not re.search(r"(^example\.(com|org|net)|\.example)$", domain)} == set()


@pytest.mark.parametrize(("name", "rules_name"), DEAL_FILES)
def test_dates_come_in_several_forms_and_a_few_are_impossible(name, rules_name):
    _, _, column = contact_columns(rules_name)
    cells = [row[column] for row in table(name)]
    moments = [read_moment(cell) for cell in cells]
    read = [moment for moment in moments if moment]
    assert 3 <= moments.count(None) <= 20
    assert "31.02.2026" in " ".join(cells)
    assert datetime(2026, 3, 1) <= min(read)
    assert max(read) < datetime(2026, 9, 1)
    assert len({re.sub(r"\d", "9", cell) for cell in cells}) >= 4


@pytest.mark.parametrize(("name", "rules_name"), DEAL_FILES)
def test_some_deals_stand_twice_and_never_with_the_same_comment(name, rules_name):
    rules = rule_file(rules_name)
    rows, (stage, manager) = table(name), re.findall(r"{(.+?)}", rules["comment"])
    comments = Counter((row[rules["key"]], row[stage], row[manager]) for row in rows)
    assert max(comments.values()) == 1
    assert len(rows) - len({row[rules["key"]] for row in rows}) == {"deals.csv": 24, "deals_bitrix24.csv": 16}[name]
    assert all(row[stage].strip() for row in rows)
    assert 0 < sum(not row[manager] for row in rows) < 60


@pytest.mark.parametrize(
    ("name", "columns", "id_columns"),
    [("calls.csv", CALL_COLUMNS, CALL_IDS), ("requests.csv", REQUEST_COLUMNS, REQUEST_IDS)],
)
def test_journals_follow_the_vendor(name, columns, id_columns):
    rows = table(name)
    assert list(rows[0]) == columns
    ids = [row[column] for row in rows for column in id_columns if row[column]]
    assert len(ids) == len(set(ids))
    moments = [datetime.strptime(row["date"], VENDOR_MOMENT) for row in rows]
    assert moments == sorted(moments)
    assert datetime(2026, 3, 1) <= moments[0]
    assert moments[-1] < datetime(2026, 9, 1)
    assert any(row[columns[-1]] for row in rows)


@pytest.mark.parametrize(
    ("name", "contacts"), [("calls.csv", ["callerNumber"]), ("requests.csv", ["phoneNumber", "email"])]
)
def test_flags_of_the_journals_agree(name, contacts):
    met, met_target = set(), set()
    for row in table(name):
        unique, target, unique_target = list(row.values())[5:8]
        known = {row[contact] for contact in contacts} - {""}
        assert unique == str(not known & met).lower()
        assert unique_target == str(target == "true" and not known & met_target).lower()
        met |= known
        met_target |= known if target == "true" else set()


def test_each_rule_finds_its_share_of_the_deals(journals):
    amo, bitrix = (Counter(winner(row, rules_name, journals) for row in table(name)) for name, rules_name in DEAL_FILES)
    share = {fate: (amo[fate] + bitrix[fate]) / 5000 for fate in amo}
    assert 0.12 <= share["call"] <= 0.18
    assert 0.05 <= share["request"] <= 0.08
    assert 0.20 <= share["callContact"] <= 0.26
    assert 0.15 <= share["requestContact"] <= 0.20
    assert 0.27 <= share["unmatched"] <= 0.33
    assert 0.04 <= share["no identifier"] <= 0.05
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    lines = [f"| {amo[fate]} | {bitrix[fate]} | {share[fate]:.1%} |".replace("%", " %") for fate in amo]
    assert [row for row in lines if row not in readme] == []


def test_the_three_ways_to_match_choose_different_calls(journals):
    chosen = {}
    phone_columns, _, date_column = contact_columns("rules.toml")
    for match in ("nearest", "nearestUniq", "nearestUniqLead"):
        calls = chosen[match] = []
        for row in table("deals.csv"):
            phones = [phone for name in phone_columns for phone in read_phones(row[name])]
            near = journals.near_calls(phones, read_moment(row[date_column]) or datetime(1970, 1, 1), match)
            calls.append(near[0]["callId"] if near else "")
    differ = [
        sum(one != other for one, other in zip(chosen[left], chosen[right], strict=True))
        for left, right in (("nearest", "nearestUniq"), ("nearestUniq", "nearestUniqLead"))
    ]
    assert min(differ) >= 30


def test_stale_ids_leave_the_turn_to_the_next_rule(journals):
    rows = table("deals.csv")
    stale = [row for row in rows if row["call_id"] and row["call_id"] not in journals.call_ids]
    assert {winner(row, "rules.toml", journals) for row in stale} >= {"request", "callContact", "requestContact"}
    assert sum(bool(re.fullmatch(r"1[.,]\d+E\+09", row["call_id"])) for row in stale) == 6
    assert any(re.fullmatch(r"\d{10}\.\d+", row["call_id"]) for row in rows if row["call_id"] in journals.call_ids)
