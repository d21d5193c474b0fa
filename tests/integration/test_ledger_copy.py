"""A file's record is moved to a team's ledger: nothing is sent again by either."""

import dataclasses
import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from command_line import run_here

import ctnb
from ctnb import Call, Ledger
from ctnb.delivery.ledger.choose import open_ledger
from ctnb.delivery.ledger.run_lines import RunLine
from ctnb.exceptions import ConfigError, LedgerError

TEAMS = "7e" * 32
CALLS = pd.DataFrame({"callId": range(1, 6), "date": ["01-10-2020 12:00:00"] * 5})
DEALS = pd.DataFrame({"call": [1, 2, 3, 8, 9]})


@pytest.fixture
def vendor():
    with ctnb.Emulator(CALLS, rate=None) as vendor:
        yield vendor


@pytest.fixture
def file(vendor, tmp_path):
    """Return a connection with a ledger in a file, in which a run left its answers."""
    connection = dataclasses.replace(vendor.connection, ledger=tmp_path / "ledger.sqlite3")
    comment(connection)
    return connection


@pytest.fixture
def team(vendor, team_ledger):
    return dataclasses.replace(vendor.connection, ledger=team_ledger)


@pytest.fixture
def both_keys(file, team_ledger, monkeypatch):
    key = file.ledger.with_name("ledger.sqlite3.key").read_bytes().hex()
    monkeypatch.setenv("CTNB_LEDGER_KEY", f"{TEAMS},{key}")
    return f"{TEAMS},{key}"


def comment(connection, deals=DEALS, **options):
    return ctnb.comment(deals, Call("call"), "text", connection=connection, progress=False, **options)


def test_a_copied_record_is_replayed_and_nothing_is_sent_again(vendor, file, team, both_keys, team_ledger):
    before = comment(file)

    counts = Ledger(file.ledger).copy_to(team_ledger)

    assert counts.to_dict() == {"copied": 5, "there": 0, "changed": 0}
    posts = len(vendor.posts)
    after = comment(team)
    assert len(vendor.posts) == posts
    pd.testing.assert_frame_equal(after, before)
    assert Ledger(team_ledger).runs()["requests"].tolist() == [0, 0, 1]


def test_the_file_is_closed_for_runs_and_can_be_looked_at(file, team, both_keys, team_ledger):
    counts = Ledger(file.ledger).counts()
    Ledger(file.ledger).copy_to(team_ledger)

    with pytest.raises(LedgerError, match="was moved to the ledger postgresql"):
        comment(file)
    with pytest.raises(LedgerError, match="was moved to the ledger"):
        ctnb.plan(DEALS, Call("call"), "text", connection=file)
    assert Ledger(file.ledger).counts().equals(counts)


def test_a_run_that_had_opened_the_file_before_it_was_closed_sends_nothing(vendor, file, both_keys, team_ledger):
    # It has no live owner yet: it begins while the record is being copied.
    with closing(open_ledger(file)) as opened:
        Ledger(file.ledger).copy_to(team_ledger)
        with pytest.raises(LedgerError, match="moved to another ledger"), opened.together() as change:
            change.execute("UPDATE comments SET owner = 'late', offering = x'00' WHERE status = 'unmatched'")


def test_a_live_run_on_either_side_keeps_everything_as_it_was(file, team, both_keys, team_ledger):
    for connection, message in ((file, "A run is alive that has the ledger"), (team, "the team's ledger")):
        with closing(open_ledger(connection)) as live:
            live.begin_run(RunLine("live", 1, "anna", 4242, ""))
            with pytest.raises(LedgerError, match=message):
                Ledger(file.ledger).copy_to(team_ledger)
    assert Ledger(team_ledger).counts().sum() == 0
    assert comment(file)["ct_replayed"].all()


def test_a_file_whose_key_is_not_among_the_teams_is_refused_and_stays_open(file, team_ledger):
    with pytest.raises(LedgerError, match=r"is not among the team's.*ledger\.sqlite3\.key") as error:
        Ledger(file.ledger).copy_to(team_ledger)

    assert file.ledger.with_name("ledger.sqlite3.key").read_bytes().hex() not in str(error.value)
    assert comment(file)["ct_replayed"].all()


def test_runs_need_the_files_key_afterwards(file, team, both_keys, team_ledger, monkeypatch):
    Ledger(file.ledger).copy_to(team_ledger)
    monkeypatch.setenv("CTNB_LEDGER_KEY", TEAMS)

    with pytest.raises(LedgerError, match="one of its keys is missing"):
        comment(team)


def test_a_run_that_had_opened_the_teams_ledger_before_claims_nothing_without_the_files_key(
    vendor, file, team, both_keys, team_ledger, monkeypatch
):
    # It does not know the comments that are being copied.
    monkeypatch.setenv("CTNB_LEDGER_KEY", TEAMS)
    with closing(open_ledger(team)) as opened:
        monkeypatch.setenv("CTNB_LEDGER_KEY", both_keys)
        Ledger(file.ledger).copy_to(team_ledger)

        with pytest.raises(LedgerError, match="Give the team's keys"):
            opened.begin_run(RunLine("early", 1, "anna", 4242, ""))


def test_new_comments_are_hashed_with_the_teams_key_and_old_ones_found(vendor, file, team, both_keys, team_ledger):
    comment(team, deals=pd.DataFrame({"call": [4]}))
    Ledger(file.ledger).copy_to(team_ledger)

    done = comment(team, deals=pd.DataFrame({"call": [1, 4, 5]}))

    assert done["ct_replayed"].tolist() == [True, True, False]
    assert done["ct_status"].tolist() == ["commented"] * 3
    assert len(vendor.comments) == 5


def test_a_copy_that_is_made_again_changes_nothing(file, team, both_keys, team_ledger):
    Ledger(file.ledger).copy_to(team_ledger)
    counts = Ledger(team_ledger).counts()

    assert Ledger(file.ledger).copy_to(team_ledger).to_dict() == {"copied": 0, "there": 5, "changed": 0}
    assert Ledger(team_ledger).counts().equals(counts)
    assert len(Ledger(team_ledger).runs()) == 1


@pytest.mark.parametrize(
    ("ours", "theirs", "left"),
    [
        ("commented", "unmatched", "commented"),
        ("commented", "uncertain", "commented"),
        ("uncertain", "unmatched", "uncertain"),
        ("uncertain", "rejected", "uncertain"),
        ("unmatched", "commented", "commented"),
        ("uncertain", "commented", "commented"),
        ("unmatched", "uncertain", "uncertain"),
    ],
)
def test_where_both_have_a_comment_the_outcome_counts_that_forbids_more(
    tmp_path, team_ledger, monkeypatch, ours, theirs, left
):
    from stub_comments import PlainLedger, PlainPostgresLedger

    from ctnb.delivery.ledger.protocol import Terms
    from ctnb.outcomes import Outcome, Status
    from ctnb.secret_texts import Address

    path, terms = tmp_path / "ledger.sqlite3", Terms("run", "rules")
    name = b"a" * 32
    with closing(PlainLedger(path)) as ledger:
        key = ledger.secret.hex()
        _sent(ledger, name, terms, Outcome(Status(ours), call_id="7"))
    monkeypatch.setenv("CTNB_LEDGER_KEY", key)
    with closing(PlainPostgresLedger.for_run(Address(team_ledger))) as ledger:
        _sent(ledger, name, terms, Outcome(Status(theirs), call_id="9"))

    Ledger(path).copy_to(team_ledger)

    with closing(PlainPostgresLedger.for_run(Address(team_ledger))) as ledger:
        [entry] = ledger.entries([name])
    assert (entry.state, entry.outcome.call_id) == (left, "7" if left == ours != theirs else "9")


@pytest.mark.parametrize("theirs", ["commented", "uncertain", "unmatched"])
@pytest.mark.parametrize(("sending", "left"), [(False, None), (True, "uncertain")])
def test_what_a_dead_run_of_the_team_had_is_recovered_before(tmp_path, team_ledger, monkeypatch, theirs, sending, left):
    from stub_comments import PlainLedger, PlainPostgresLedger

    from ctnb.delivery.ledger.protocol import Terms
    from ctnb.outcomes import Outcome, Status
    from ctnb.secret_texts import Address

    path, terms, name = tmp_path / "ledger.sqlite3", Terms("run", "rules"), b"a" * 32
    with closing(PlainLedger(path)) as ledger:
        key = ledger.secret.hex()
        _sent(ledger, name, terms, Outcome(Status(theirs)))
    monkeypatch.setenv("CTNB_LEDGER_KEY", key)
    with closing(PlainPostgresLedger.for_run(Address(team_ledger))) as ledger:
        ledger.claim([name], terms)
        if sending:
            ledger.intend([name], terms, "attempt")  # and it is closed before there is an answer

    Ledger(path).copy_to(team_ledger)

    with closing(PlainPostgresLedger.for_run(Address(team_ledger))) as ledger:
        [entry] = ledger.entries([name])
    assert entry.state == ("commented" if theirs == "commented" else left or theirs)


@pytest.mark.parametrize("first", ["file", "team"])
def test_a_comment_that_one_has_sent_and_the_other_found_no_lead_for_is_not_sent_again(
    tmp_path, team_ledger, monkeypatch, first
):
    # Each has it under a key of its own, and so both entries stay.
    path = tmp_path / "ledger.sqlite3"
    with ctnb.Emulator(CALLS.head(2), rate=None) as early, ctnb.Emulator(CALLS, rate=None) as late:
        monkeypatch.setenv("CTNB_LEDGER_KEY", TEAMS)
        vendors = (early, late) if first == "team" else (late, early)
        for vendor, place in zip(vendors, (team_ledger, path), strict=True):
            comment(dataclasses.replace(vendor.connection, ledger=place))
        monkeypatch.setenv("CTNB_LEDGER_KEY", f"{TEAMS},{path.with_name('ledger.sqlite3.key').read_bytes().hex()}")
        Ledger(path).copy_to(team_ledger)

        connection = dataclasses.replace(late.connection, ledger=team_ledger)
        posts = len(late.posts)
        done = comment(connection, resend="unmatched")

        assert done["ct_status"].tolist() == ["commented"] * 3 + ["unmatched"] * 2
        assert done["ct_replayed"].tolist() == [True] * 3 + [False] * 2
        assert len(late.posts) == posts + 1


def test_a_comment_of_two_files_is_one_in_whatever_order_their_keys_are_given(
    vendor, team, team_ledger, tmp_path, monkeypatch
):
    keys = []
    for name in ("anna", "boris"):
        connection = dataclasses.replace(vendor.connection, ledger=tmp_path / name)
        comment(connection, DEALS.tail(2))  # which have no lead
        keys.append(connection.ledger.with_name(f"{name}.key").read_bytes().hex())
        monkeypatch.setenv("CTNB_LEDGER_KEY", ",".join([TEAMS, *keys]))
        Ledger(connection.ledger).copy_to(team_ledger)

    ids = []
    for order in ([TEAMS, *keys], [TEAMS, *reversed(keys)]):
        monkeypatch.setenv("CTNB_LEDGER_KEY", ",".join(order))
        ids.append(Ledger(team_ledger).ids(DEALS, Call("call"), "text", connection=team).tolist())

    assert ids[0] == ids[1]


def _sent(ledger, name, terms, outcome):
    ledger.claim([name], terms)
    ledger.intend([name], terms, "attempt")
    ledger.record({name: outcome}, terms, "attempt")


def test_a_damaged_file_is_not_copied(file, both_keys, team_ledger):
    with closing(sqlite3.connect(file.ledger)) as database:
        database.execute("DROP TRIGGER settles")
        database.execute("UPDATE comments SET outcome = x'7b7d' WHERE status = 'commented'")
        statement = "UPDATE about SET value = ? WHERE name = 'schema'"
        from ctnb.delivery.ledger.file import _schema

        database.execute(statement, (_schema(database),))
        database.commit()
    with pytest.raises(LedgerError, match="damaged"):
        Ledger(file.ledger).copy_to(team_ledger)
    assert Ledger(team_ledger).counts().sum() == 0


def test_a_database_that_fails_in_the_middle_leaves_both_as_they_were(file, team, both_keys, team_ledger, monkeypatch):
    def broken(*_):
        raise LedgerError("gone")

    monkeypatch.setattr("ctnb.delivery.ledger.move.copy_lines", broken)
    with pytest.raises(LedgerError, match="gone"):
        Ledger(file.ledger).copy_to(team_ledger)
    monkeypatch.undo()
    monkeypatch.setenv("CTNB_LEDGER_KEY", both_keys)

    assert comment(file)["ct_replayed"].all()
    assert Ledger(team_ledger).counts().sum() == 0


def test_a_copy_that_the_database_did_not_keep_is_made_once_more_from_the_closed_file(
    vendor, file, team, both_keys, team_ledger, monkeypatch
):
    comment(team, deals=DEALS.head(0))  # makes the team's ledger
    with monkeypatch.context() as patch:
        patch.setattr("ctnb.delivery.ledger.postgres_database.PostgresDatabase._commit", _fails)
        with pytest.raises(LedgerError, match="gone"):
            Ledger(file.ledger).copy_to(team_ledger)
    with pytest.raises(LedgerError, match="was moved"):
        comment(file)

    assert Ledger(file.ledger).copy_to(team_ledger)["copied"] == 5
    posts = len(vendor.posts)
    assert comment(team)["ct_replayed"].all()
    assert len(vendor.posts) == posts


def _fails(*_):
    raise LedgerError("gone")


def test_only_a_file_is_copied_and_only_to_a_team(file, team_ledger, tmp_path):
    for source, target in ((file.ledger, str(tmp_path / "other.sqlite3")), (team_ledger, team_ledger)):
        with pytest.raises(ConfigError, match="Expected a ledger's file and the postgresql:// address"):
            Ledger(source).copy_to(target)
    with pytest.raises(LedgerError, match="There is no ledger"):
        Ledger(tmp_path / "none.sqlite3").copy_to(team_ledger)


def test_the_command_copies_and_says_how_many(file, team, both_keys, team_ledger):
    variables = {"CTNB_LEDGER_KEY": both_keys}
    shown = run_here("ledger", "copy", file.ledger, team_ledger, "--yes", **variables)

    assert shown.exit_code == 0
    assert "copied" in shown.stdout
    assert "p%40ss" not in shown.output
    assert comment(team)["ct_replayed"].all()
