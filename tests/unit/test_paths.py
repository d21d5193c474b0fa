"""Files that users name: whatever is wrong with a path, each door says it as ctnb does, in the reader's language."""

import io
import os
import pickle
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pseudo_language import assert_translated
from tblib.pickling_support import pickle_exception

import ctnb
from ctnb import Call, Connection, Emulator, Journal, Ledger, Rulebook
from ctnb.exceptions import ConfigError, CtnbError
from ctnb.i18n.system_errors import system_text
from ctnb.paths import NoFileError, content_of

DEALS = pd.DataFrame({"call": [1]})
RULES = Call("call")
CALLS = pd.DataFrame({"callId": [1], "date": ["2026-01-01 10:00:00"], "callerNumber": ["79157771122"]})
posix = pytest.mark.skipif(sys.platform == "win32", reason="links, devices and permissions of POSIX")


def started(calls):
    with Emulator(calls=calls):
        pass


def commented(ledger):
    with Emulator(CALLS) as vendor:
        connection = replace(vendor.connection, ledger=ledger)
        ctnb.comment(DEALS, RULES, "x", connection=connection, progress=False)


READ = {
    "table": (ctnb.read_leads, ".csv"),
    "rules": (ctnb.load_rulebook, ".toml"),
    "journal": (Journal.read, ".csv"),
    "calls": (Journal, ".csv"),
    "calls in JSON": (Journal, ".json"),
    "emulator": (started, ".csv"),
}
WRITTEN = {
    "table": (lambda path: ctnb.write_table(DEALS, path), ".csv"),
    "workbook": (lambda path: ctnb.write_table(DEALS, path), ".xlsx"),
    "rules": (lambda path: ctnb.dump_rulebook(Rulebook(RULES), path), ".toml"),
    "journal": (lambda path: Journal(CALLS, timezone="Europe/Moscow").save(path), ".csv"),
    "report": (lambda path: ctnb.report(DEALS.assign(ct_status="unmatched", ct_matched=False), path), ".html"),
}
LEDGERS = {
    "counts": (lambda path: Ledger(path).counts(), ".db"),
    "adopt": (lambda path: Ledger(path).adopt(), ".db"),
    "plan": (lambda path: ctnb.plan(DEALS, RULES, "x", connection=Connection(1, "t", ledger=path)), ".db"),
    "comment": (commented, ".db"),
}
NAMES = ["x" * 300, "nul\0", "x/" * 3_000 + "x", *([] if sys.platform == "win32" else ["half\ud800"])]
DOORS = {f"{verb} {what}": door for verb, all_ in (("read", READ), ("write", WRITTEN)) for what, door in all_.items()}
DOORS |= {f"ledger {what}": door for what, door in LEDGERS.items()}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refused(door, path):
    with pytest.raises(CtnbError) as caught:
        door(path)
    return caught.value


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_name_that_no_file_has_is_refused(door):
    call, ending = door
    for name in NAMES:
        text = str(refused(call, name + ending))
        assert len(text) < 3_000
        assert "Errno" not in text


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_what_is_no_path_is_refused(door):
    call, _ = door
    for given in (b"bytes", 5, "", " "):
        refused(call, given)


@pytest.mark.parametrize("door", [*READ.values(), *WRITTEN.values()], ids=[*READ, *WRITTEN])
def test_an_address_is_refused_and_its_secrets_are_not_shown(door):
    call, ending = door
    for address in (
        f"https://ann:s3cret@host/x{ending}",
        f"s3://s3cret@host/x{ending}",
        f"https://h/x{ending}?t=s3cret",
    ):
        for given in (address, Path(address)):
            error = refused(call, given)
            assert isinstance(error, ConfigError)
            assert "Expected the path of a file, got the address" in str(error)
            assert "s3cret" not in str(error) + repr(error)


@pytest.mark.parametrize("door", [*READ.values(), *LEDGERS.values()], ids=[*READ, *LEDGERS])
def test_a_folder_is_refused(door):
    call, ending = door
    Path(f"folder{ending}").mkdir()
    assert "folder" in str(refused(call, f"folder{ending}"))


@posix
@pytest.mark.parametrize("door", READ.values(), ids=READ)
def test_links_and_devices_are_refused(door):
    call, ending = door
    for name, target in (("broken", "nowhere"), ("loop", f"loop{ending}"), ("device", os.devnull)):
        Path(f"{name}{ending}").symlink_to(target)
    assert "is a link to 'nowhere', and there is no such file" in str(refused(call, f"broken{ending}"))
    assert "cannot be read: Too many levels of symbolic links." in str(refused(call, f"loop{ending}"))
    assert "is a device. Name a file." in str(refused(call, f"device{ending}"))


@pytest.mark.parametrize("door", READ.values(), ids=READ)
def test_a_file_that_the_system_refuses_says_why(door, monkeypatch):
    call, ending = door
    Path(f"x{ending}").write_text("x", encoding="utf-8")

    def denied(_):
        raise PermissionError(13, "Nix da")

    monkeypatch.setattr(Path, "read_bytes", denied)
    error = refused(call, f"x{ending}")
    assert isinstance(error, ConfigError)
    assert str(error) == f"'x{ending}' cannot be read: Permission denied. Name another file."
    ctnb.set_language("ru")
    assert str(error) == f"Файл 'x{ending}' не читается: нет доступа. Укажите другой файл."


@pytest.mark.parametrize("door", READ.values(), ids=READ)
def test_a_file_that_is_not_there_is_pythons_own_error_too(door):
    call, ending = door
    error = refused(call, f"none{ending}")
    assert isinstance(error, FileNotFoundError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    # As a worker of Dask sends it.
    make, parts = pickle_exception(error)[:2]
    assert str(make(*parts)) == str(error)
    assert str(error).startswith(f"There is no file 'none{ending}'. ")
    ctnb.set_language("ru")
    assert str(error).startswith(f"Файла 'none{ending}' нет. ")


def test_the_names_that_may_be_meant_are_put_into_words_when_they_are_shown():
    for name in ("calls1.csv", "calls2.csv"):
        Path(name).touch()
    error = refused(ctnb.read_leads, "calls.csv")
    assert str(error).endswith("Did you mean 'calls2.csv' or 'calls1.csv'?")
    ctnb.set_language("ru")
    assert str(error).endswith("Возможно, имелось в виду 'calls2.csv' или 'calls1.csv'?")


def test_a_file_that_was_opened_as_text_is_refused():
    error = refused(ctnb.read_leads, io.StringIO("deal;phone"))
    assert str(error) == ('Expected a file that gives bytes, got one that gives str. Open it with open(path, "rb").')


@pytest.mark.usefixtures("pseudo")
def test_every_refusal_is_translated(tmp_path):
    (tmp_path / "folder").mkdir()
    texts = [
        str(refused(content_of, path))
        for path in ("ά" * 300, "ά\0", "folder", 5, "", "ά", "s3://ά", tmp_path / "ά" / "ά")
    ]
    assert_translated(texts, allowed=[r"'[^']*'", r"\bint\b"])


@posix
def test_a_pipe_is_read():
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_bytes, args=(b"text",), daemon=True)
    writer.start()
    assert content_of("pipe") == b"text"
    writer.join()


@posix
@pytest.mark.parametrize("door", [WRITTEN["table"], WRITTEN["workbook"], WRITTEN["rules"]])
def test_what_is_no_file_is_not_replaced(door):
    call, ending = door
    place = Path(f"pipe{ending}")
    os.mkfifo(place)
    error = refused(call, place)
    assert "cannot be written: it is a device, a pipe or a socket." in str(error)
    ctnb.set_language("ru")
    assert "это устройство, канал или сокет" in str(error)
    assert place.is_fifo()


def test_an_error_of_the_system_that_is_not_known_says_what_it_has():
    assert system_text(OSError(9999, "Something new")) == "Something new"
    assert system_text(ValueError()) == "ValueError"
    assert str(system_text(OSError(28, "wie auch immer"))) == "No space left on device"


def test_a_missing_file_is_a_setting_that_is_wrong():
    assert issubclass(NoFileError, ConfigError)
