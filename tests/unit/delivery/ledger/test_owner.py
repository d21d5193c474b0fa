"""Who owns a claim: a name is a live run's as long as its lock is held."""

import stat
import sys

import pytest
from stub_comments import StubComments

from ctnb.delivery.ledger.owner import Owner
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.exceptions import LedgerError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite3"


def locks(path):
    return sorted(lock.name for lock in path.with_name(path.name + ".owners").iterdir())


def test_a_name_is_taken_once(path):
    owner = Owner.taken(path, "run")

    assert owner.name == "run"
    assert Owner.taken(path, "run") is None
    owner.leave()


def test_runs_of_several_names_do_not_disturb_each_other(path):
    first, second = Owner.taken(path, "first"), Owner.taken(path, "second")

    assert locks(path) == ["first.lock", "second.lock"]
    first.leave()
    assert Owner.taken(path, "second") is None
    second.leave()


def test_a_run_that_leaves_frees_its_name_and_takes_its_file_away(path):
    Owner.taken(path, "run").leave()

    assert locks(path) == []
    again = Owner.taken(path, "run")
    assert again is not None
    again.leave()


def test_what_a_dead_run_left_is_free(path):
    dead = Owner.taken(path, "dead")
    dead.lock.release()  # as the system does when its process ends

    ghost = Owner.taken(path, "dead")

    assert ghost is not None
    ghost.leave()
    assert locks(path) == []


def test_leaving_twice_harms_nobody(path):
    owner = Owner.taken(path, "run")
    owner.leave()

    owner.leave()

    again = Owner.taken(path, "run")
    assert again is not None
    again.leave()


def test_a_file_that_cannot_be_taken_away_is_left(path, monkeypatch):
    owner = Owner.taken(path, "run")

    with monkeypatch.context() as system:
        system.setattr("pathlib.Path.unlink", refuse)
        owner.leave()

    again = Owner.taken(path, "run")
    assert again is not None
    again.leave()


def refuse(*_, **__):
    raise PermissionError(13, "in use")


def test_the_folder_of_the_owners_is_private(path):
    owner = Owner.taken(path, "run")
    folder = path.with_name(path.name + ".owners")

    expected = (0o777, 0o666) if sys.platform == "win32" else (0o700, 0o600)  # Windows has no modes to speak of
    found = tuple(stat.S_IMODE(place.stat().st_mode) for place in (folder, folder / "run.lock"))
    owner.leave()
    assert found == expected


def test_a_folder_that_takes_no_lock_is_reported_before_anything_is_claimed(path):
    path.with_name(path.name + ".owners").write_text("not a folder", encoding="utf-8")
    ledger = SqliteLedger(path)

    with pytest.raises(LedgerError, match="cannot be used"):
        ledger.claim(StubComments([b"a" * 32]), Terms("run", "rules"))

    assert ledger.entries([b"a" * 32]) == [None]
    ledger.close()
