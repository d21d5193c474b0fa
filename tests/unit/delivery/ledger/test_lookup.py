"""Comments looked up for a run again: where the last window lay or elsewhere, each has its own answer."""

import random
from contextlib import closing

import pytest
from msgspec.structs import replace
from stub_comments import PlainLedger

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
