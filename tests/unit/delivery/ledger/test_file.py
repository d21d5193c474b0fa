"""The ledger's file and its key: made, found again, and refused when they are not what they were."""

import hashlib
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import uuid
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

import pandas as pd
import psutil
import pytest
from filelock import FileLock
from stub_comments import PlainLedger

import ctnb
from ctnb import CallContact, Emulator, RequestContact
from ctnb.connection import Connection
from ctnb.delivery.ledger import choose
from ctnb.delivery.ledger import file as ledger_file
from ctnb.delivery.ledger.file import LedgerFile, adopt, connect
from ctnb.delivery.ledger.key import draft_path, fingerprint, secret_path
from ctnb.delivery.ledger.place import default_path
from ctnb.delivery.ledger.protocol import Terms
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Status

A = b"a" * 32
RUN, LATER = Terms("run", "rules"), Terms("later", "rules")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "ledger.sqlite3"


def opened(path):
    return closing(PlainLedger(path))


def made(path):
    """Make a ledger that knows one comment."""
    with opened(path) as ledger:
        ledger.claim([A], RUN)
        ledger.intend([A], RUN, "first")
        ledger.record({A: Outcome(Status.COMMENTED)}, RUN, "first")
        return ledger.secret


def knows_its_comment(path):
    with opened(path) as ledger:
        return ledger.claim([A], LATER) == [Outcome(Status.COMMENTED, replayed=True)]


# ---- made and found again -----------------------------------------------------------------------


def test_a_ledger_is_found_again_with_its_key(path):
    secret = made(path)

    with opened(path) as ledger:
        assert ledger.secret == secret
    assert knows_its_comment(path)


def test_what_a_ledger_leaves_in_its_folder(path):
    made(path)

    names = {place.name for place in path.parent.iterdir()} - {"ledger.sqlite3.lock"}
    ends = ("", "-journal", ".key", ".generation", ".owners")
    assert names == {f"ledger.sqlite3{end}" for end in ends}
    assert path.with_name("ledger.sqlite3-journal").stat().st_size == 0  # nothing is to be undone
    assert not any((path.parent / "ledger.sqlite3.owners").iterdir())


def mode(place):
    return stat.S_IMODE(place.stat().st_mode)


def test_a_ledger_is_private(path):
    made(path)

    folder, file = (0o777, 0o666) if sys.platform == "win32" else (0o700, 0o600)  # Windows has no modes to speak of
    assert mode(path.parent) == folder
    assert {mode(place) for place in path.parent.iterdir() if place.is_file()} == {file}
    assert mode(path.with_name("ledger.sqlite3.owners")) == folder


def test_a_ledger_that_became_public_is_made_private_again(path):
    made(path)
    places = path, secret_path(path), path.with_name("ledger.sqlite3-journal")
    for place in places:
        place.chmod(0o644)

    knows_its_comment(path)

    private = 0o666 if sys.platform == "win32" else 0o600
    assert {mode(place) for place in places} == {private}


def test_a_folder_that_was_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    before = mode(tmp_path)

    made(tmp_path / "ledger.sqlite3")

    assert mode(tmp_path) == before


def test_the_default_is_in_the_users_data_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, **_: tmp_path / name)

    assert default_path() == tmp_path / "ctnb" / "ledger" / "ledger.sqlite3"


def test_a_file_that_is_moved_on_its_disk_with_its_key_is_the_same(path):
    made(path)
    moved = path.with_name("moved.sqlite3")
    path.rename(moved)
    secret_path(path).rename(secret_path(moved))

    assert knows_its_comment(moved)


CREATOR = """
import sys
from pathlib import Path
from ctnb.delivery.ledger.file import LedgerFile

print("ready", flush=True)
sys.stdin.readline()
file = LedgerFile.opened(Path(sys.argv[1]))
print(file.secret.hex(), *(name for (name,) in file.database.execute("SELECT name FROM about ORDER BY name")))
file.close()
"""


ABOUT = ["file", "generation", "identities", "key", "machine", "schema", "version"]


def test_two_processes_that_make_one_ledger_make_it_once(path):
    command = [sys.executable, "-c", CREATOR, str(path)]
    with ExitStack() as stack:
        makers = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
            )
            for _ in range(2)
        ]
        for maker in makers:
            assert maker.stdout.readline() == "ready\n"
        for maker in makers:
            maker.stdin.write("go\n")
            maker.stdin.flush()
        first, second = (maker.communicate()[0].split() for maker in makers)

    assert first == second
    assert first == [secret_path(path).read_bytes().hex(), *ABOUT]


# ---- making it is broken off --------------------------------------------------------------------


class KilledError(BaseException):
    """Stands for the end of the process."""


def test_a_run_that_raises_its_generation_while_another_opens_the_file_is_no_backup(path, monkeypatch):
    made(path)
    about = ledger_file._about

    def read_before_a_change(database, *arguments):
        found = about(database, *arguments)
        with closing(sqlite3.connect(path)) as other:
            number = int(found["generation"]) + 1
            other.execute("UPDATE about SET value = ? WHERE name = 'generation'", (str(number),))
            other.commit()
        ledger_file.keep_generation(path, found["key"], number)
        return found

    monkeypatch.setattr(ledger_file, "_about", read_before_a_change)
    assert knows_its_comment(path)


def killed(*_, **__):
    raise KilledError


STEPS = {
    "before the key": "ctnb.delivery.ledger.file.draft_secret",
    "before the key is on the disk": "os.fsync",
    "after the key": "ctnb.delivery.ledger.file.connect",
    "in the middle of the tables": "ctnb.delivery.ledger.file.fingerprint",
    "before the key has its name": "ctnb.delivery.ledger.file.keep_secret",
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_ledger_that_was_broken_off_is_made_by_the_next_run(path, monkeypatch, step):
    with monkeypatch.context() as dying:
        dying.setattr(step, killed)
        with pytest.raises(KilledError):
            LedgerFile.opened(path)
    assert not secret_path(path).exists()

    made(path)

    assert knows_its_comment(path)
    assert not draft_path(path).exists()


def half_a_draft(path):
    draft_path(path).write_bytes(b"x" * 10)


def draft_alone(path):
    draft_path(path).write_bytes(b"x" * 32)


def empty_file_alone(path):
    path.touch()


def draft_and_empty_file(path):
    draft_alone(path)
    path.touch()


def draft_empty_file_and_journal(path):
    draft_and_empty_file(path)
    path.with_name(path.name + "-journal").write_bytes(b"\0" * 512)


def draft_and_an_unfinished_first_transaction(path):
    """As a kill in the middle of the first commit leaves it: pages in the file, and the journal that undoes them."""
    draft_alone(path)
    journal = path.with_name(path.name + "-journal")
    with closing(connect(path)) as database:
        database.execute("PRAGMA cache_size = 1")
        database.execute("PRAGMA cache_spill = 1")
        database.execute("BEGIN IMMEDIATE")
        database.execute("CREATE TABLE filling (value)")
        database.executemany("INSERT INTO filling VALUES (zeroblob(3000))", [()] * 50)
        half_written, undoing = path.read_bytes(), journal.read_bytes()
    assert half_written
    path.write_bytes(half_written)
    journal.write_bytes(undoing)


LEFT = [
    half_a_draft,
    draft_alone,
    empty_file_alone,
    draft_and_empty_file,
    draft_empty_file_and_journal,
    draft_and_an_unfinished_first_transaction,
]


@pytest.mark.parametrize("leave", LEFT)
def test_what_a_broken_off_making_left_is_made_good(path, leave):
    path.parent.mkdir()
    leave(path)

    made(path)

    assert knows_its_comment(path)


# ---- what cannot be relied on -------------------------------------------------------------------


class Part(NamedTuple):
    mountpoint: str
    fstype: str
    opts: str


def no_key(path, _):
    secret_path(path).unlink()


def empty_key(path, _):
    secret_path(path).write_bytes(b"")


def short_key(path, _):
    secret_path(path).write_bytes(secret_path(path).read_bytes()[:31])


def another_key(path, _):
    secret_path(path).write_bytes(b"x" * 32)


def no_file(path, _):
    path.unlink()


def no_key_but_a_draft_of_another(path, _):
    secret_path(path).unlink()
    draft_path(path).write_bytes(b"x" * 32)


def empty_file(path, _):
    path.write_bytes(b"")


def random_bytes(path, _):
    path.write_bytes(bytes(range(256)) * 64)


def half_a_file(path, _):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def half_a_header(path, _):
    path.write_bytes(path.read_bytes()[:50])


def another_database(path, _):
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE customers (name)")


def another_version(path, _):
    with closing(connect(path)) as database:
        database.execute("UPDATE about SET value = '99' WHERE name = 'version'")


def no_version(path, _):
    with closing(connect(path)) as database:
        database.execute("DELETE FROM about")


def a_folder(path, _):
    path.unlink()
    path.mkdir()


def a_pipe(path, _):
    path.unlink()
    os.mkfifo(path)


def a_copy(path, _):
    copy = path.with_name("copy.sqlite3")
    shutil.copy(path, copy)
    copy.replace(path)


def another_machine(path, monkeypatch):
    monkeypatch.setattr(uuid, "getnode", lambda: 0x00163E000001)
    adopt(path)
    monkeypatch.setattr(uuid, "getnode", lambda: 0x00163E000002)


def network_disk(path, monkeypatch):
    here = path.parent.resolve()
    mounts = [Part(str(Path(here.anchor)), "ext4", "rw"), Part(str(here), "nfs4", "rw,remote")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)


def held_lock(path, monkeypatch):
    monkeypatch.setattr(ledger_file, "BUSY_SECONDS", 0.05)
    lock = FileLock(path.with_name(path.name + ".lock"), is_singleton=False)
    lock.acquire()
    monkeypatch.setattr(ledger_file, "_held_by_the_test", lock, raising=False)


SABOTAGE = {
    no_key: r"key .* is missing",
    empty_key: r"key .* is damaged",
    short_key: r"key .* is damaged",
    another_key: r"key .* is not the one",
    no_key_but_a_draft_of_another: r"key .* is not the one",
    no_file: r"gone or empty, and its key is there",
    empty_file: r"gone or empty, and its key is there",
    random_bytes: r"is not a ledger, or it is damaged",
    half_a_file: r"is not a ledger, or it is damaged",
    half_a_header: r"is not a ledger, or it is damaged",
    another_database: r"is not a ledger, or it is damaged",
    another_version: r"got version '99'.*with a new ledger everything would be sent again",
    no_version: r"is not a ledger, or it is damaged",
    a_folder: r"cannot be used",
    a_copy: r"is a copy.*ctnb ledger adopt",
    another_machine: r"is a copy.*ctnb ledger adopt",
    network_disk: r"network file system \(nfs4\)",
    held_lock: r"lock.*could not be acquired",
}
if hasattr(os, "mkfifo"):
    SABOTAGE[a_pipe] = r"cannot be used: it is a device, a pipe or a socket"

DEALS = pd.DataFrame({"deal": ["first", "second"], "call": [7, 8]})
CALLS = pd.DataFrame({"callId": [7, 8, 9], "date": ["01-10-2020 12:00:00"] * 3})


def commented(deals, vendor, path):
    connection = replace(vendor.connection, ledger=path)
    return ctnb.comment(deals, ctnb.Call("call"), "{deal}", connection=connection, progress=False)


@pytest.mark.parametrize("sabotage", SABOTAGE, ids=lambda sabotage: sabotage.__name__)
def test_a_ledger_that_cannot_be_relied_on_is_refused_and_nothing_is_sent(path, monkeypatch, sabotage):
    with Emulator(CALLS, rate=None) as vendor:
        commented(DEALS, vendor, path)
        assert len(vendor.comments) == 2
        sabotage(path, monkeypatch)

        with pytest.raises(LedgerError, match=SABOTAGE[sabotage]) as refused:
            commented(pd.DataFrame({"deal": ["first", "new"], "call": [7, 9]}), vendor, path)

        assert len(vendor.comments) == 2
    assert str(path) in str(refused.value) or str(secret_path(path)) in str(refused.value)


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_a_place_that_can_have_no_folder_is_refused(tmp_path, place):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    place = "file" if place == "file" else "file/deeper"

    with pytest.raises(LedgerError, match="cannot be used"):
        PlainLedger(tmp_path / place / "ledger.sqlite3")


def test_a_file_of_another_program_is_left_as_it_was(tmp_path):
    place = tmp_path / "customers.db"
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE customers (name)")
    place.chmod(0o644)
    before = place.read_bytes(), mode(place)

    with pytest.raises(LedgerError, match="where the file is no ledger, name another"):
        PlainLedger(place)

    assert (place.read_bytes(), mode(place)) == before
    assert not secret_path(place).exists()


def test_a_ledger_whose_pages_are_damaged_is_reported_when_they_are_read(path):
    made(path)
    with closing(connect(path)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'comments'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    whole = path.read_bytes()
    path.write_bytes(whole[: (page - 1) * size] + b"\xff" * size + whole[page * size :])

    with opened(path) as ledger, pytest.raises(LedgerError, match="damaged"):
        ledger.claim([A], LATER)


# ---- copies -------------------------------------------------------------------------------------


def copied(path):
    copy = path.parent / "elsewhere" / path.name
    copy.parent.mkdir()
    shutil.copy(path, copy)
    shutil.copy(secret_path(path), secret_path(copy))
    return copy


def test_a_copy_is_refused_until_it_is_adopted(path):
    made(path)
    copy = copied(path)
    with pytest.raises(LedgerError, match="is a copy"):
        PlainLedger(copy)

    adopt(copy)

    assert knows_its_comment(copy)
    assert knows_its_comment(path)
    go_on(copy, b"b" * 32)
    # What was sent since is in the copy alone.
    with pytest.raises(LedgerError, match="is a copy, or was restored"):
        PlainLedger(path)


def test_a_copy_without_its_key_is_not_adopted(path):
    made(path)
    copy = copied(path)
    secret_path(copy).unlink()

    with pytest.raises(LedgerError, match="is missing"):
        adopt(copy)


def test_a_copy_with_another_key_is_not_adopted(path):
    made(path)
    copy = copied(path)
    secret_path(copy).write_bytes(b"x" * 32)

    with pytest.raises(LedgerError, match="is not the one"):
        adopt(copy)


def test_there_is_nothing_to_adopt_where_there_is_no_ledger(path):
    with pytest.raises(LedgerError, match="no ledger at"):
        adopt(path)

    assert not path.parent.exists()


@pytest.mark.parametrize("sabotage", [random_bytes, half_a_file, another_database])
def test_what_is_no_ledger_is_not_adopted(path, monkeypatch, sabotage):
    made(path)
    sabotage(path, monkeypatch)

    with pytest.raises(LedgerError, match="is not a ledger, or it is damaged"):
        adopt(path)


# ---- backups that are put back ------------------------------------------------------------------


@pytest.fixture(autouse=True)
def state_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_state_path", lambda name, **_: tmp_path / "state" / name)
    return tmp_path / "state" / "ctnb" / "generations"


def go_on(path, identity, outcome=Status.COMMENTED):
    """Send one more comment in a run of its own."""
    with opened(path) as ledger:
        terms = Terms(f"run {identity[:1]}", "rules")
        assert ledger.claim([identity], terms) == [None]
        ledger.intend([identity], terms, "x")
        ledger.record({identity: Outcome(outcome)}, terms, "x")


def write_into(path, whole):
    """Put a file back as `cp` does: it keeps its inode."""
    with path.open("r+b") as file:
        file.write(whole)
        file.truncate()


def beside(path):
    return path.with_name(path.name + ".generation")


@pytest.mark.parametrize("lost", ["nothing", "beside", "state"])
def test_a_backup_that_is_put_back_is_refused_until_it_is_adopted(path, state_folder, lost):
    made(path)
    backup = path.read_bytes()
    go_on(path, b"b" * 32)
    write_into(path, backup)
    if lost == "beside":
        beside(path).unlink()
    if lost == "state":
        shutil.rmtree(state_folder)
    for _ in range(2):
        with pytest.raises(LedgerError, match="restored from a backup"):
            PlainLedger(path)

    adopt(path)

    assert knows_its_comment(path)
    go_on(path, b"c" * 32)
    write_into(path, backup)
    with pytest.raises(LedgerError, match="restored from a backup"):
        PlainLedger(path)


def test_a_folder_that_is_put_back_with_its_generation_is_refused(path, state_folder):
    made(path)
    kept = {place: place.read_bytes() for place in path.parent.iterdir() if place.is_file()}
    go_on(path, b"b" * 32)
    for place, whole in kept.items():
        write_into(place, whole)

    with pytest.raises(LedgerError, match="restored from a backup"):
        PlainLedger(path)


def test_a_backup_that_is_as_new_as_the_ledger_is_no_backup(path, state_folder):
    made(path)
    write_into(path, path.read_bytes())

    assert knows_its_comment(path)


def test_a_backup_from_before_a_recovery_is_refused(path, state_folder):
    dead = PlainLedger(path)
    dead.claim([A], RUN)
    dead.intend([A], RUN, "x")
    dead._file.close()  # as a killed process leaves it: nothing is tidied
    dead._owner.lock.release()
    backup = path.read_bytes()
    with opened(path) as ledger:
        assert ledger.claim([A], LATER)[0].status is Status.UNCERTAIN

    write_into(path, backup)

    with pytest.raises(LedgerError, match="restored from a backup"):
        PlainLedger(path)


def test_without_any_generation_outside_a_ledger_is_used_and_guarded_from_then_on(path, state_folder):
    made(path)
    backup = path.read_bytes()
    beside(path).unlink()
    shutil.rmtree(state_folder)

    go_on(path, b"b" * 32)

    assert beside(path).exists()
    assert len(list(state_folder.iterdir())) == 1
    write_into(path, backup)
    with pytest.raises(LedgerError, match="restored from a backup"):
        PlainLedger(path)


@pytest.mark.parametrize("end", ["before", "in the middle"])
def test_a_crash_between_the_database_and_the_generation_outside_is_no_backup(path, state_folder, monkeypatch, end):
    made(path)
    with monkeypatch.context() as dying:
        dying.setattr(
            "ctnb.delivery.ledger.file.keep_generation" if end == "before" else "pathlib.Path.replace", killed
        )
        ledger = PlainLedger(path)
        with pytest.raises(KilledError):
            ledger.claim([b"b" * 32], RUN)
        ledger._file.close()
        ledger._owner.lock.release()

    assert knows_its_comment(path)
    assert {place.suffix for place in state_folder.iterdir()} == {""}


def test_a_run_that_only_replays_raises_no_generation(path, state_folder):
    made(path)
    before = beside(path).read_text()

    assert knows_its_comment(path)

    assert beside(path).read_text() == before


@pytest.mark.parametrize("rubbish", [b"", b"later", b"\xff" * 8, b"-3"])
def test_rubbish_in_a_generation_outside_counts_for_nothing(path, state_folder, rubbish):
    made(path)
    beside(path).write_bytes(rubbish)

    assert knows_its_comment(path)


def test_where_no_generation_can_be_kept_outside_the_run_goes_on(path, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "file")

    made(path)

    assert knows_its_comment(path)
    assert beside(path).exists()


def test_the_generation_outside_goes_by_the_keys_fingerprint_and_is_private(path, state_folder):
    secret = made(path)

    (kept,) = state_folder.iterdir()
    assert kept.name == fingerprint(secret)
    if sys.platform != "win32":
        assert {mode(kept), mode(beside(path))} == {0o600}


# ---- damage inside ------------------------------------------------------------------------------


def many(count):
    return [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(count)]


@pytest.fixture
def commented_path(path):
    """A ledger of 300 comments that are commented."""
    with opened(path) as ledger:
        ledger.claim(many(300), RUN)
        ledger.intend(many(300), RUN, "x")
        ledger.record(dict.fromkeys(many(300), Outcome(Status.COMMENTED)), RUN, "x")
    return path


def test_a_comment_whose_identity_is_damaged_is_never_sent_again(commented_path):
    whole = commented_path.read_bytes()
    identity = many(300)[170]
    places = [found.start() for found in re.finditer(re.escape(identity), whole)]
    assert len(places) == 2  # in the table and in its index

    refused = []
    for place in places:
        broken = bytearray(whole)
        broken[place + 31] ^= 4
        write_into(commented_path, broken)
        try:
            with opened(commented_path) as ledger:
                assert ledger.claim([identity], LATER)[0].status is Status.COMMENTED
        except LedgerError as damage:
            refused.append(str(damage))

    # The index is what is looked in, and what is verified.
    assert len(refused) == 1
    assert "is damaged" in refused[0]


def test_a_comment_that_is_lost_is_noticed_when_the_ledger_is_opened(commented_path):
    with closing(connect(commented_path)) as database:
        (guard,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'kept'").fetchone()
        database.execute("DROP TRIGGER kept")
        database.execute("DELETE FROM comments WHERE id = 7")
        database.execute(guard)

    with pytest.raises(LedgerError, match="is damaged"):
        PlainLedger(commented_path)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TRIGGER kept",
        "DROP INDEX owned",
        "DROP TABLE naming",
        "CREATE TRIGGER late AFTER INSERT ON comments BEGIN SELECT 1; END",
    ],
)
def test_tables_and_guards_that_are_not_as_they_were_made_are_refused(path, damage):
    made(path)
    with closing(connect(path)) as database:
        database.execute(damage)

    with pytest.raises(LedgerError, match="damaged"):
        PlainLedger(path)


MADE_UP = 1 << 41 | 0x163E000001
RANDOM = 1 << 40 | 0x163E000001
BURNED_IN = 0x00163E000001


@pytest.mark.parametrize(
    ("first", "then"), [(MADE_UP, MADE_UP + 1), (RANDOM, RANDOM + 7), (BURNED_IN, MADE_UP), (RANDOM, BURNED_IN)]
)
def test_a_machine_with_a_made_up_address_keeps_its_ledger_when_the_address_changes(path, monkeypatch, first, then):
    monkeypatch.setattr(uuid, "getnode", lambda: first)
    made(path)

    monkeypatch.setattr(uuid, "getnode", lambda: then)

    assert knows_its_comment(path)


# ---- network file systems -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fstype", "opts"), [("nfs", "rw"), ("CIFS", "rw"), ("fuse.sshfs", "rw"), ("NTFS", "rw,remote"), ("smbfs", "rw")]
)
def test_a_network_file_system_is_refused(path, monkeypatch, fstype, opts):
    anchor = path.resolve().anchor
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [Part(anchor, fstype, opts)])

    with pytest.raises(LedgerError, match="network file system"):
        PlainLedger(path)

    assert not path.exists()
    assert not draft_path(path).exists()


def test_a_local_disk_below_a_network_one_is_taken(path, monkeypatch):
    path.parent.mkdir()
    here = path.parent.resolve()
    mounts = [Part(here.anchor, "nfs4", "rw"), Part(str(here), "apfs", "rw")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)

    made(path)


def test_a_network_share_that_has_no_letter_is_refused(monkeypatch, path):
    monkeypatch.setattr(Path, "resolve", lambda _: PureWindowsPath(r"\\server\share\folder"))

    with pytest.raises(LedgerError, match="network share"):
        PlainLedger(path)


# ---- nobody is named in it ----------------------------------------------------------------------

PHONE, EMAIL, TEXT, TOKEN, KEY = "79150001122", "canary@mail.example", "canary text", "canary-token", "canary-deal-17"


def test_a_ledger_holds_no_contact_no_text_no_token_and_no_key_of_a_deal(path):
    deals = pd.DataFrame(
        {"deal": [KEY], "phone": [PHONE], "email": [EMAIL], "at": ["01.10.2020 12:00"], "text": [TEXT]}
    )
    rules = [CallContact("phone", "at", depth="2h"), RequestContact("at", emails="email", depth="2h")]
    calls = pd.DataFrame({"callId": [7], "callerNumber": [PHONE], "date": ["01-10-2020 12:00:00"]})
    with Emulator(calls, rate=None) as vendor:
        connection = replace(vendor.connection, ledger=path)
        done = ctnb.comment(deals, rules, "{text}", key="deal", connection=connection, progress=False)
        assert done["ct_status"].tolist() == ["commented"]
        token = connection.token

    kept = b"".join(place.read_bytes() for place in path.parent.rglob("*") if place.is_file())
    names = " ".join(place.name for place in path.parent.rglob("*"))
    for canary in (PHONE, PHONE[1:], EMAIL, TEXT, KEY, str(token)):
        assert canary.encode() not in kept
        assert canary.encode("utf-16-le") not in kept
        assert canary not in names
    with closing(connect(path)) as database:
        assert database.execute("SELECT count(*) FROM comments").fetchone() == (1,)


def test_a_connection_to_the_vendor_keeps_its_token_out_of_a_refusal(path):
    path.parent.mkdir()
    path.write_bytes(b"no ledger")

    with pytest.raises(LedgerError) as refused:
        choose.open_ledger(Connection(1, TOKEN, ledger=path))

    assert TOKEN not in str(refused.value)


def test_a_file_is_closed_after_what_another_thread_is_doing_with_it(path):
    ledger, inside, go_on, found = PlainLedger(path), threading.Event(), threading.Event(), []

    def change():
        with ledger.together():
            inside.set()
            go_on.wait(10)
            found.append(ledger.entries([A]))

    changing, closing_it = threading.Thread(target=change), threading.Thread(target=ledger.close)
    changing.start()
    assert inside.wait(10)
    closing_it.start()
    closing_it.join(0.2)
    waited = closing_it.is_alive()
    go_on.set()
    changing.join(10)
    closing_it.join(10)

    assert (waited, closing_it.is_alive()) == (True, False)
    assert found == [[None]]
