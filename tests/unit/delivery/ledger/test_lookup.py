"""Comments looked up for a run again: where the last window lay or elsewhere, each has its own answer."""

import random
import sqlite3
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from stub_comments import PlainLedger, PlainMemoryLedger

from ctnb.delivery.ledger.protocol import Terms
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Status

WINDOW = 7
IDENTITIES = [number.to_bytes(32, "little") for number in range(60)]
OUTCOMES = {
    identity: Outcome(Status.UNCERTAIN if number % 5 == 3 else Status.COMMENTED, call_id=f"call-{number}", rule=1)
    for number, identity in enumerate(IDENTITIES)
}


@pytest.fixture
def path(tmp_path):
    """A file with sixty comments that were answered, in the order of `IDENTITIES`."""
    path, terms = tmp_path / "ledger.sqlite3", Terms("first", "rules")
    with closing(PlainLedger(path)) as ledger:
        assert ledger.claim(IDENTITIES, terms) == [None] * len(IDENTITIES)
        ledger.intend(IDENTITIES, terms, "attempt")
        ledger.record(OUTCOMES, terms, "attempt")
    return path


def windows(identities):
    return [identities[begin : begin + WINDOW] for begin in range(0, len(identities), WINDOW)]


def shuffled(identities):
    return random.Random(7).sample(identities, len(identities))


@pytest.mark.parametrize(
    "again",
    [
        IDENTITIES,
        IDENTITIES[::-1],
        IDENTITIES[::3],
        IDENTITIES[30:] + IDENTITIES[:30],
        shuffled(IDENTITIES),
        [identity for identity in IDENTITIES for _ in range(2)],
    ],
    ids=["as before", "from the end", "some", "in two parts", "shuffled", "each twice"],
)
def test_a_run_again_has_each_answer_in_any_order(path, again):
    with closing(PlainLedger(path)) as ledger:
        answers = [answer for window in windows(again) for answer in ledger.claim(window, Terms("again", "rules"))]

    assert answers == [replace(OUTCOMES[identity], replayed=True) for identity in again]


def test_new_comments_among_answered_ones_are_granted(path):
    new = [b"new" + bytes([number]) * 29 for number in range(20)]
    mixed = shuffled(IDENTITIES[:20] + new) + IDENTITIES[20:]

    with closing(PlainLedger(path)) as ledger:
        answers = [answer for window in windows(mixed) for answer in ledger.claim(window, Terms("again", "rules"))]

    assert [identity for identity, answer in zip(mixed, answers, strict=True) if answer is None] == [
        identity for identity in mixed if identity in new
    ]


def test_what_another_run_has_is_busy_wherever_it_lies(path):
    held = IDENTITIES[13]
    assert OUTCOMES[held].status is Status.UNCERTAIN
    with closing(PlainLedger(path)) as other, closing(PlainLedger(path)) as ledger:
        assert other.claim([held], Terms("other", "rules", resend=frozenset({Status.UNCERTAIN}))) == [None]
        answers = [answer for window in windows(IDENTITIES) for answer in ledger.claim(window, Terms("again", "rules"))]

    assert [identity for identity, answer in zip(IDENTITIES, answers, strict=True) if answer.status is Status.BUSY] == [
        held
    ]


def test_another_rule_list_has_no_rank_of_the_first(path):
    with closing(PlainLedger(path)) as ledger:
        answers = [answer for window in windows(IDENTITIES) for answer in ledger.claim(window, Terms("again", "other"))]

    assert answers == [replace(OUTCOMES[identity], replayed=True, rule=None) for identity in IDENTITIES]


def test_damage_behind_the_last_window_is_noticed(path):
    kept = path.read_bytes()
    assert kept.count(b'"call-20"') == 1
    with path.open("r+b") as file:
        file.write(kept.replace(b'"call-20"', b'"call-21"'))

    with closing(PlainLedger(path)) as ledger:
        ledger.claim(IDENTITIES[:15], Terms("again", "rules"))
        with pytest.raises(LedgerError, match="damaged"):
            ledger.claim(IDENTITIES[15:30], Terms("again", "rules"))


@pytest.mark.parametrize(
    "damage", ["offer = zeroblob(20)", "offer = NULL", "offer = offer || x'00'", "attempt = x'61'"]
)
def test_damage_that_changes_no_answer_is_noticed_behind_the_last_window_too(path, damage):
    assert OUTCOMES[IDENTITIES[20]].status is Status.COMMENTED
    with closing(PlainLedger(path)) as ledger:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            for guard in ("settles", "moves"):
                database.execute(f"DROP TRIGGER {guard}")
            database.execute(f"UPDATE comments SET {damage} WHERE identity = ?", (IDENTITIES[20],))
        ledger.claim(IDENTITIES[:15], Terms("again", "rules"))
        with pytest.raises(LedgerError, match=r"damaged|cannot be used"):
            ledger.claim(IDENTITIES[15:30], Terms("again", "rules"))


RUNS = ("one", "two", "three")
steps = st.lists(
    st.tuples(
        st.sampled_from(RUNS),
        st.sampled_from([Status.COMMENTED, Status.COMMENTED, Status.UNCERTAIN, Status.UNMATCHED, Status.REJECTED]),
        st.sampled_from(["send", "send", "send", "hold", "release"]),
    ),
    min_size=20,
    max_size=40,
)
orders = st.sampled_from([IDENTITIES, IDENTITIES, IDENTITIES[::-1], IDENTITIES[20:] + IDENTITIES[:20], IDENTITIES[::2]])


@settings(max_examples=12, deadline=None)
@given(steps, st.fixed_dictionaries(dict.fromkeys(RUNS, orders)), st.sampled_from([2, 5, 11]))
def test_runs_that_take_turns_are_answered_as_by_a_ledger_in_memory(steps, orders, window):
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        path, memory = Path(folder) / "ledger.sqlite3", PlainMemoryLedger()
        files = {name: opened.enter_context(closing(PlainLedger(path))) for name in RUNS}
        left = {name: list(order) for name, order in orders.items()}
        for number, (name, status, end) in enumerate(steps):
            terms = Terms(name, "rules", resend=frozenset({Status.UNCERTAIN}) if name == "two" else frozenset())
            asked, left[name] = left[name][:window], left[name][window:] or list(orders[name])
            answers = files[name].claim(asked, terms)

            assert answers == memory.claim(asked, terms)

            granted = [identity for identity, answer in zip(asked, answers, strict=True) if answer is None]
            sent = {identity: Outcome(status, call_id=str(number), rule=1) for identity in granted}
            for ledger in (files[name], memory):
                if end == "release":
                    ledger.release(granted, terms)
                elif end == "send":
                    ledger.intend(granted, terms, str(number))
                    ledger.record(sent, terms, str(number))
        found = [each.outcome if each else None for each in memory.entries(IDENTITIES)]
        assert [each.outcome if each else None for each in files["one"].entries(IDENTITIES)] == found
