"""Which ledger a connection uses: its file, or the memory of this process."""

from contextlib import closing

from stub_comments import StubComments

from ctnb.connection import Connection
from ctnb.delivery.ledger.choose import open_ledger, open_to_look
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.sqlite import SqliteLedger
from ctnb.outcomes import Status

A = b"a" * 32
RUN, OTHER_RUN = Terms("run", "rules-1"), Terms("other run", "rules-1")


def connection(site=1, token="token", ledger=None, base_url="https://api.calltouch.ru"):
    return Connection(site, token, base_url=base_url, ledger=ledger)


def test_a_connection_built_anew_finds_the_same_memory():
    assert open_ledger(connection()) is open_ledger(connection(token="renewed"))
    assert open_ledger(connection()) is not open_ledger(connection(site=2))


def test_a_rehearsal_finds_the_memory_of_its_own_emulator():
    here = "http://127.0.0.1:9"

    assert open_ledger(connection(base_url=here)) is open_ledger(connection(base_url=here))
    assert open_ledger(connection(base_url=here)) is not open_ledger(connection(base_url=here, token="another"))


def test_a_ledger_that_is_handed_in_is_used():
    ledger = MemoryLedger()

    assert open_ledger(connection(ledger=ledger)) is ledger


def test_a_path_is_a_file_of_several_runs(tmp_path):
    path = tmp_path / "deep" / "ledger.sqlite3"

    with closing(open_ledger(connection(ledger=path))) as first:
        assert first.claim(StubComments([A]), RUN) == [None]
        with closing(open_ledger(connection(ledger=str(path)))) as second:
            assert second.secret == first.secret
            assert second.claim(StubComments([A]), OTHER_RUN)[0].status is Status.BUSY


def test_a_home_is_found(tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))

    open_ledger(connection(ledger="~/ledger.sqlite3")).close()

    assert (tmp_path / "ledger.sqlite3").is_file()


def test_without_a_path_the_vendor_has_a_file_in_the_data_folder_and_an_emulator_has_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path)

    with closing(open_ledger(Connection(1, "token"))) as ledger:
        assert isinstance(ledger, SqliteLedger)
    assert isinstance(open_ledger(Connection(1, "token", base_url="http://127.0.0.1:9")), MemoryLedger)
    assert (tmp_path / "ledger" / "ledger.sqlite3").is_file()


def test_looking_makes_no_ledger_and_sees_what_a_run_has_kept(tmp_path):
    path = tmp_path / "deep" / "ledger.sqlite3"
    assert open_to_look(connection(ledger=path)) is None
    assert list(tmp_path.iterdir()) == []

    with closing(open_ledger(connection(ledger=path))) as run:
        run.claim(StubComments([A]), RUN)
        with closing(open_to_look(connection(ledger=path))) as looking:
            assert [entry and entry.state for entry in looking.entries([A, b"b" * 32])] == ["claimed", None]
        run.release([A], RUN)


def test_looking_into_the_memory_sees_the_runs_own():
    assert open_to_look(connection()) is open_ledger(connection())
