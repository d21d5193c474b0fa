"""The choice of a rate limiter: who shares a pace, and where it is kept."""

import math
import os
import shutil
import sys
import tempfile

import platformdirs
import pytest

from ctnb.connection import Connection
from ctnb.delivery.pace import choose
from ctnb.delivery.pace.choose import rate_limiter_of
from ctnb.delivery.pace.history import MemoryStore


def history_of(store):
    return store.change(lambda history: history)


@pytest.fixture
def own_stores(monkeypatch, tmp_path):
    """Give a test folders of its own."""
    monkeypatch.setattr(choose, "_stores", {})
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda app, **_: tmp_path / "cache" / app)
    return tmp_path


def connect(base_url, *, site=1, rate=5.0):
    return Connection(site, "token", base_url=base_url, rate=rate, ledger=None)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://api.calltouch.ru", "https://API.calltouch.ru:443"),
        ("https://api.calltouch.ru/proxy", "https://api.calltouch.ru"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
    ],
)
def test_connections_to_one_address_share_a_store_whatever_their_account_and_rate(own_stores, first, second):
    assert rate_limiter_of(connect(first)).store is rate_limiter_of(connect(second, site=2, rate=0.5)).store


@pytest.mark.parametrize(
    "other", ["http://127.0.0.1:10", "http://localhost:9", "https://127.0.0.1", "http://127.0.0.1"]
)
def test_other_addresses_have_stores_of_their_own(own_stores, other):
    assert rate_limiter_of(connect("http://127.0.0.1:9")).store is not rate_limiter_of(connect(other)).store


async def test_the_vendors_history_is_in_the_users_cache_and_an_emulators_where_the_system_clears_up(own_stores):
    folders = {"https://api.calltouch.ru": "cache", "http://127.0.0.1:9": "temporary"}
    for address, folder in folders.items():
        limiter = rate_limiter_of(connect(address))
        await limiter.take()
        limiter.written()
        assert len(list((own_stores / folder).rglob("*.history"))) == 1


async def test_an_unlimited_limiter_leaves_no_file(own_stores):
    limiter = rate_limiter_of(connect("http://127.0.0.1:9", rate=math.inf))
    await limiter.take()
    limiter.written()
    limiter.pause(0.0)

    assert not [path for path in own_stores.rglob("*") if path.is_file()]


async def test_without_a_folder_the_process_keeps_its_own_pace_and_says_so_once(own_stores, caplog):
    (own_stores / "cache").write_text("in the way", encoding="utf-8")
    for _ in range(2):
        limiter = rate_limiter_of(connect("https://api.calltouch.ru"))
        await limiter.take()
        limiter.written()

    assert len(history_of(limiter.store).stamps) == 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "api.calltouch.ru:443 are paced in this process alone" in caplog.text


async def test_a_folder_that_goes_away_in_mid_run_stops_nothing(own_stores, caplog):
    limiter = rate_limiter_of(connect("http://127.0.0.1:9", rate=1000.0))
    await limiter.take()
    limiter.written()
    folder = next(own_stores.rglob("*.history")).parent
    shutil.rmtree(folder)
    folder.write_text("in the way", encoding="utf-8")
    for _ in range(2):
        await limiter.take()
        limiter.written()

    assert len(history_of(limiter.store).stamps) == 3
    assert len(caplog.records) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a temporary folder for each user")
@pytest.mark.parametrize("trap", ["open to all", "a link"])
def test_a_temporary_folder_that_others_could_write_is_not_used(own_stores, caplog, trap):
    name = own_stores / "temporary" / f"ctnb-pace-{os.getuid()}"
    if trap == "a link":
        (own_stores / "elsewhere").mkdir(mode=0o700)
        name.symlink_to(own_stores / "elsewhere")
    else:
        name.mkdir()
        name.chmod(0o777)

    assert isinstance(rate_limiter_of(connect("http://127.0.0.1:9")).store, MemoryStore)
    assert "not a folder of this user alone" in caplog.text
