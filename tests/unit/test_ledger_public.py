"""`ctnb.Ledger`: what is in doubt, which deals that is, and settling it by hand."""

import dataclasses
import shutil
from datetime import UTC

import pandas as pd
import pytest
from stub_comments import PlainLedger

import ctnb
from ctnb import Call, CallContact, Connection, Ledger
from ctnb.connection import VARIABLES
from ctnb.delivery.ledger import place as ledger_place
from ctnb.delivery.ledger.key import PlanComments
from ctnb.delivery.ledger.protocol import Terms
from ctnb.exceptions import ConfigError, LedgerError
from ctnb.outcomes import Outcome, Reason, Status

NAMES = [letter.encode() * 32 for letter in "abcdefg"]
DOUBT = Outcome(Status.UNCERTAIN, error="no answer in time", reason=Reason.TIMED_OUT, batch=3, attempts=2)
TERMS = Terms("run", "rules")


def short(name):
    return name.hex()[:12]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch, tmp_path):
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "ledger.sqlite3"


def record(path, outcomes, terms=TERMS):
    """Keep outcomes as a run would that has ended."""
    ledger = PlainLedger(path)
    ledger.claim(list(outcomes), terms)
    ledger.intend(list(outcomes), terms, "attempt")
    ledger.record(outcomes, terms, "attempt")
    ledger.close()


@pytest.fixture
def doubtful(path):
    """A ledger with three uncertain comments, one that is commented and one that is unmatched."""
    answers = [Outcome(Status.COMMENTED, call_id="7"), Outcome(Status.UNMATCHED)]
    record(path, dict(zip(NAMES, [DOUBT] * 3 + answers, strict=False)))
    return Ledger(path)


def again(path, names):
    """Return the answers that the next run gets to comments; None: they are its to send."""
    ledger = PlainLedger(path)
    answers = ledger.claim(names, Terms("another run", "rules"))
    ledger.close()
    return [None if answer is None else answer.status for answer in answers]


# ---- looking ------------------------------------------------------------------------------------


def test_the_counts_have_every_state(doubtful):
    counts = doubtful.counts()

    assert counts.to_dict() == {
        "claimed": 0,
        "sending": 0,
        "commented": 1,
        "unmatched": 1,
        "invalid": 0,
        "rejected": 0,
        "uncertain": 3,
    }
    assert (counts.name, counts.index.name, counts.dtype) == ("comments", "state", "int64")


def test_uncertain_comments_are_listed_with_what_is_known_of_them(doubtful):
    before = pd.Timestamp.now(UTC) - pd.Timedelta(minutes=1)
    found = doubtful.uncertain()

    assert found["id"].tolist() == [short(name) for name in NAMES[:3]]
    assert found["batch"].tolist() == [3] * 3
    assert found["attempts"].tolist() == [2] * 3
    assert set(found["error"]) == {"no answer in time"}
    assert set(found["error_code"]) == {"timed_out"}
    assert found["changed_at"].between(before, pd.Timestamp.now(UTC)).all()
    assert found.dtypes.astype(str).to_dict() == {
        "id": "string",
        "changed_at": "datetime64[us, UTC]",
        "batch": "Int64",
        "attempts": "Int64",
        "error": "string",
        "error_code": "category",
    }


def test_a_ledger_without_doubts_lists_none_in_the_same_columns(path, doubtful):
    columns = doubtful.uncertain().dtypes
    doubtful.mark_delivered(doubtful.uncertain()["id"])

    found = doubtful.uncertain()

    assert found.empty
    pd.testing.assert_series_equal(found.dtypes, columns)


def test_what_a_dead_run_was_sending_is_uncertain_and_what_it_claimed_is_gone(path):
    dead = PlainLedger(path)
    dead.claim(NAMES[:2], TERMS)
    dead.intend(NAMES[:1], TERMS, "attempt")
    dead.close()

    found = Ledger(path).uncertain()

    assert found["id"].tolist() == [short(NAMES[0])]
    assert found[["batch", "attempts"]].isna().all(axis=None)
    assert found["error_code"].tolist() == ["connection_lost"]
    assert Ledger(path).counts().sum() == 1


def test_a_live_run_keeps_what_it_has(path):
    live = PlainLedger(path)
    live.claim(NAMES[:2], TERMS)
    live.intend(NAMES[:1], TERMS, "attempt")

    ledger = Ledger(path)
    counts = ledger.counts()
    with pytest.raises(ConfigError, match="is sending; only an uncertain one can be marked"):
        ledger.mark_not_delivered(short(NAMES[0]))

    assert (counts["sending"], counts["claimed"], counts["uncertain"]) == (1, 1, 0)
    live.record({NAMES[0]: Outcome(Status.COMMENTED)}, TERMS, "attempt")
    live.release(NAMES[1:2], TERMS)
    live.close()


# ---- settling -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ids",
    [
        list,
        lambda ids: ids,
        lambda ids: ids.astype(object),
        lambda ids: (each for each in [*ids, *ids]),
        lambda ids: [f" {each.upper()}\n" for each in ids],
    ],
    ids=["list", "Series", "objects", "repeated", "upper case"],
)
@pytest.mark.parametrize("delivered", [True, False])
def test_all_are_marked_whatever_holds_their_ids(path, doubtful, ids, delivered):
    mark = doubtful.mark_delivered if delivered else doubtful.mark_not_delivered

    assert mark(ids(doubtful.uncertain()["id"])) == 3

    assert doubtful.uncertain().empty
    assert doubtful.counts()[["commented", "unmatched"]].tolist() == [4 if delivered else 1, 1]
    assert again(path, NAMES[:3]) == [Status.COMMENTED if delivered else None] * 3


def test_one_is_marked_and_the_rest_stays(path, doubtful):
    assert doubtful.mark_delivered(short(NAMES[1])) == 1
    assert doubtful.mark_not_delivered(NAMES[2].hex()) == 1

    assert doubtful.uncertain()["id"].tolist() == [short(NAMES[0])]
    assert again(path, NAMES[:3]) == [Status.UNCERTAIN, Status.COMMENTED, None]


def test_a_delivered_comment_is_never_sent_again_and_has_no_answer(path, doubtful):
    doubtful.mark_delivered(short(NAMES[0]))
    everything = Terms("another run", "other rules", frozenset({Status.UNCERTAIN, Status.UNMATCHED}))

    ledger = PlainLedger(path)
    (answer,) = ledger.claim(NAMES[:1], everything)
    ledger.close()

    assert answer == Outcome(Status.COMMENTED, replayed=True, batch=3, attempts=2)


@pytest.mark.parametrize("mark", ["mark_delivered", "mark_not_delivered"])
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("0123456789ab", "names no comment of this ledger"),
        (short(NAMES[3]), "is commented; only an uncertain one can be marked"),
        (short(NAMES[4]), "is unmatched; only an uncertain one can be marked"),
        ("6161", "Expected an id of 12 to 64 hex digits"),
        ("no id at all", "Expected an id of 12 to 64 hex digits"),
        ("6" * 65, "Expected an id of 12 to 64 hex digits"),
        (None, "Expected an id of 12 to 64 hex digits"),
        (616161616161, "Expected an id of 12 to 64 hex digits"),
        (pd.NA, "Expected an id of 12 to 64 hex digits"),
    ],
)
def test_a_wrong_id_is_refused_and_nothing_is_marked(doubtful, mark, wrong, reason):
    with pytest.raises(ConfigError, match=reason) as refusal:
        getattr(doubtful, mark)([short(NAMES[0]), wrong])

    assert "Nothing was marked" in str(refusal.value)
    assert len(doubtful.uncertain()) == 3


def test_no_ids_mark_nothing(doubtful):
    assert (doubtful.mark_delivered([]), doubtful.mark_not_delivered(pd.Series([], dtype=object))) == (0, 0)


def test_ids_that_begin_alike_are_shown_whole_and_a_short_one_is_refused(path):
    one, other = b"a" * 6 + b"1" * 26, b"a" * 6 + b"2" * 26
    record(path, {one: DOUBT, other: Outcome(Status.UNMATCHED)})
    ledger = Ledger(path)

    assert ledger.uncertain()["id"].tolist() == [one.hex()]
    with pytest.raises(ConfigError, match="names several comments; give more digits"):
        ledger.mark_delivered(short(one))
    assert ledger.mark_delivered(one.hex()[:14]) == 1
    assert ledger.counts()["commented"] == 1


# ---- whose they are -----------------------------------------------------------------------------


CONNECTION = Connection(4242, "secret", base_url="http://127.0.0.1:9")
RULES = [Call("call"), CallContact("phone", "at", depth=5)]


def deals(index=None):
    rows = {
        "deal": ["A", "B", "A", "C", "D"],
        "call": [1, 2, 1, None, 4],
        "phone": ["89157771122"] * 3 + [None, "89157771123"],
        "at": ["2024-03-01"] * 5,
        "text": ["t", "t", "t", "t", "other"],
    }
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in rows.items()}).set_axis(
        range(5) if index is None else index
    )


@pytest.mark.parametrize(
    "index", [list("xxyyz"), pd.MultiIndex.from_arrays([[1, 1, 2, 2, 2], list("aabbc")])], ids=["repeats", "MultiIndex"]
)
def test_ids_are_the_frames_in_its_order_and_index(doubtful, index):
    frame = deals(index)

    found = doubtful.ids(frame, RULES, "{text}", key="deal", connection=CONNECTION)

    pd.testing.assert_index_equal(found.index, frame.index)
    assert (found.name, found.dtype) == ("id", "string")
    assert found.isna().tolist() == [False, False, False, True, False]
    assert found.iloc[0] == found.iloc[2]
    assert found.dropna().nunique() == 3
    assert found.dropna().str.fullmatch("[0-9a-f]{12}").all()


def test_the_deals_in_doubt_are_found(path, doubtful):
    planned = ctnb.plan(deals(), RULES, "{text}", key="deal", connection=CONNECTION)
    with_key = PlainLedger(path)
    names = PlanComments(planned, [0, 4], CONNECTION, with_key.secret).identities
    with_key.close()
    record(path, {names[0]: DOUBT, names[1]: Outcome(Status.UNMATCHED)}, Terms("second run", "rules"))

    found = doubtful.ids(deals(), RULES, "{text}", key="deal", connection=CONNECTION)

    assert found.isin(doubtful.uncertain()["id"]).tolist() == [True, False, True, False, False]


def test_account_job_text_and_key_are_part_of_an_id_and_rules_are_not(doubtful):
    def ids(rules=RULES, text="{text}", key="deal", connection=CONNECTION, **settings):
        return doubtful.ids(deals(), rules, text, key=key, connection=connection, **settings).dropna().tolist()

    assert ids() == ids(rules=RULES[:1]) == ids(connection=dataclasses.replace(CONNECTION, rate=1, ledger=None))
    others = [
        ids(text="{text}!"),
        ids(key=None),
        ids(job="again"),
        ids(connection=dataclasses.replace(CONNECTION, site_id=1)),
    ]
    assert len({each for found in [ids(), *others] for each in found}) == 5 * 3


def test_ids_of_an_empty_frame(doubtful):
    found = doubtful.ids(deals().iloc[:0], RULES, "{text}", connection=CONNECTION)
    assert (len(found), found.dtype) == (0, "string")


# ---- the file -----------------------------------------------------------------------------------


CALLS = {
    "counts": lambda ledger: ledger.counts(),
    "uncertain": lambda ledger: ledger.uncertain(),
    "mark_delivered": lambda ledger: ledger.mark_delivered("a" * 12),
    "mark_not_delivered": lambda ledger: ledger.mark_not_delivered("a" * 12),
    "ids": lambda ledger: ledger.ids(deals(), RULES, "{text}", connection=CONNECTION),
    "adopt": lambda ledger: ledger.adopt(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_without_a_ledger_nothing_is_made(tmp_path, call):
    with pytest.raises(LedgerError, match="There is no ledger at"):
        call(Ledger(tmp_path / "nowhere" / "ledger.sqlite3"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("lost", [True, False], ids=["missing", "another"])
def test_without_its_key_a_ledger_is_refused(path, doubtful, call, lost):
    key = path.with_name(path.name + ".key")
    key.unlink() if lost else key.write_bytes(b"k" * 32)

    with pytest.raises(LedgerError, match="key"):
        call(doubtful)


def test_a_copy_is_refused_until_it_is_adopted(path, doubtful):
    copy = path.with_name("copy.sqlite3")
    for end in ("", ".key"):
        shutil.copyfile(f"{path}{end}", f"{copy}{end}")
    ledger = Ledger(copy)
    with pytest.raises(LedgerError, match="ctnb ledger adopt"):
        ledger.uncertain()

    ledger.adopt()

    assert ledger.uncertain().equals(doubtful.uncertain())


@pytest.mark.parametrize("call", [CALLS["uncertain"], CALLS["adopt"]], ids=["uncertain", "adopt"])
def test_a_damaged_file_is_a_clear_error(path, doubtful, call):
    path.write_bytes(b"not a database" * 1000)

    with pytest.raises(LedgerError, match="is not a ledger, or it is damaged"):
        call(doubtful)


def test_the_environment_names_the_file_then_the_env_file_then_the_default(monkeypatch, tmp_path):
    assert Ledger().path == ledger_place.default_path()
    (tmp_path / ".env").write_text("CTNB_LEDGER=from_file.sqlite3\n", encoding="utf-8")
    assert Ledger().path.name == "from_file.sqlite3"
    monkeypatch.setenv("CTNB_LEDGER", "~/from_environment.sqlite3")
    assert Ledger().path.name == "from_environment.sqlite3"
    assert "~" not in str(Ledger().path)
    assert Ledger("given.sqlite3").path.name == "given.sqlite3"


@pytest.mark.parametrize("path", [5, b"ledger.db", object(), ["ledger.db"], ""])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ConfigError, match="expected the path of a file or a postgresql:// address, got"):
        Ledger(path)


def test_its_repr_is_short(path):
    assert repr(Ledger(path)) == f"Ledger({str(path)!r})"
