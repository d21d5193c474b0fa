"""The key of a ledger: made once, kept private, never guessed at."""

import stat
import sys

import pytest

from ctnb.delivery.ledger.key import draft_path, draft_secret, fingerprint, keep_secret, read_secret, secret_path
from ctnb.exceptions import LedgerError


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "ledger.sqlite3"


def made(ledger):
    secret = draft_secret(ledger)
    keep_secret(ledger)
    return secret


def test_a_key_is_read_as_it_was_made(ledger):
    secret = made(ledger)

    assert len(secret) == 32
    assert read_secret(ledger) == secret
    assert secret_path(ledger).read_bytes() == secret
    assert not draft_path(ledger).exists()


def test_each_ledger_has_a_key_of_its_own(tmp_path):
    assert made(tmp_path / "one") != made(tmp_path / "other")


def test_a_draft_that_is_whole_is_taken_up_again(ledger):
    assert draft_secret(ledger) == draft_secret(ledger)


@pytest.mark.parametrize("length", [0, 1, 31, 33])
def test_a_draft_that_is_not_whole_is_made_anew(ledger, length):
    draft_path(ledger).write_bytes(b"x" * length)

    secret = draft_secret(ledger)

    assert len(secret) == 32
    assert draft_path(ledger).read_bytes() == secret


def test_a_missing_key_is_reported_with_what_to_do(ledger):
    with pytest.raises(LedgerError, match=r"is missing.*nothing is sent.*Put the key back"):
        read_secret(ledger)

    assert not secret_path(ledger).exists()


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_key_of_another_length_is_damaged(ledger, length):
    secret_path(ledger).write_bytes(b"x" * length)

    with pytest.raises(LedgerError, match="is damaged"):
        read_secret(ledger)


def test_a_key_that_cannot_be_read_is_reported(ledger):
    secret_path(ledger).mkdir()

    with pytest.raises(LedgerError, match="cannot be read"):
        read_secret(ledger)


def test_a_key_that_cannot_be_written_is_reported(ledger):
    draft_path(ledger).mkdir()

    with pytest.raises(LedgerError, match="cannot be written"):
        draft_secret(ledger)


def test_a_full_disk_leaves_no_key_that_looks_whole(ledger, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(LedgerError, match="No space left"):
            draft_secret(ledger)

    assert not secret_path(ledger).exists()


def test_a_key_is_private(ledger):
    draft_secret(ledger)
    mode = stat.S_IMODE(draft_path(ledger).stat().st_mode)

    assert mode == (0o666 if sys.platform == "win32" else 0o600)  # Windows has no modes to speak of


def test_a_fingerprint_tells_keys_apart_and_not_the_key():
    assert fingerprint(b"k" * 32) == fingerprint(b"k" * 32)
    assert fingerprint(b"k" * 32) != fingerprint(b"l" * 32)
    assert len(fingerprint(b"k" * 32)) == 64
    assert fingerprint(b"k" * 32) == "c7b4ad7e0a42029e1c72778238c74ce25589d05e532b63508b2e4121de4a02c9"
