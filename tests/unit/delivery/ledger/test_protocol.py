"""Every ledger, in memory, a file or a database: who owns a comment, what became of it, what may be sent again."""

import random
import threading
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from stub_comments import PlainLedger, PlainMemoryLedger, PlainPostgresLedger

from ctnb.delivery.ledger.answers import answer_of, may_send
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.protocol import Entry, Terms
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Attribution, Kind, Outcome, Reason, Status
from ctnb.secret_texts import Address

A, B, C = b"a" * 32, b"b" * 32, b"c" * 32
RUN = Terms("run", "rules-1")
OTHER_RUN = Terms("other run", "rules-1")
OTHER_RULES = Terms("run", "rules-2")
OTHER_OFFER = b"another offer".ljust(16)
FINAL = [Status.COMMENTED, Status.UNMATCHED, Status.INVALID, Status.REJECTED, Status.UNCERTAIN]


def outcome(status=Status.COMMENTED, **fields):
    return Outcome(status, **{"call_id": "42", "batch": 3, "attempts": 1, **fields})


class Runs:
    """A ledger's file or database as several runs use it, each opening it for itself."""

    def __init__(self, opened):
        self._opened, self._open, self._lock, self._closing = opened, {}, threading.Lock(), ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closing.close()

    def _of(self, terms):
        with self._lock:
            if terms.owner not in self._open:
                self._open[terms.owner] = self._closing.enter_context(closing(self._opened()))
        return self._open[terms.owner]

    def claim(self, identities, terms, **stub):
        return self._of(terms).claim(identities, terms, **stub)

    def intend(self, identities, terms, attempt):
        self._of(terms).intend(identities, terms, attempt)

    def withdraw(self, identities, terms, attempt):
        self._of(terms).withdraw(identities, terms, attempt)

    def record(self, outcomes, terms, attempt):
        self._of(terms).record(outcomes, terms, attempt)

    def release(self, identities, terms):
        self._of(terms).release(identities, terms)

    def entries(self, identities):
        return self._of(RUN).entries(identities)

    def of_leads(self, leads):
        return self._of(RUN).of_leads(leads)

    def of_texts(self, texts):
        return self._of(RUN).of_texts(texts)

    def naming(self, account):
        return self._of(RUN).naming(account)


@pytest.fixture(params=["memory", "file", "database"])
def ledger(request, tmp_path):
    if request.param == "memory":
        yield PlainMemoryLedger()
        return
    if request.param == "file":
        opened = partial(PlainLedger, tmp_path / "ledger.sqlite3")
    else:
        opened = partial(PlainPostgresLedger.for_run, Address(request.getfixturevalue("team_ledger")))
    with Runs(opened) as runs:
        yield runs


def sending(ledger, identity=A, terms=RUN, attempt="attempt"):
    assert ledger.claim([identity], terms) == [None]
    ledger.intend([identity], terms, attempt)
    return ledger


def settled(ledger, status, terms=RUN, identity=A):
    sending(ledger, identity, terms)
    ledger.record({identity: outcome(status)}, terms, "attempt")
    return ledger


def test_what_is_free_is_granted_and_what_another_run_holds_is_busy(ledger):
    assert ledger.claim([A, B], RUN) == [None, None]
    busy, free = ledger.claim([B, C], OTHER_RUN)

    assert (busy.status, busy.reason, free) == (Status.BUSY, Reason.BUSY, None)


def test_what_a_run_holds_is_not_granted_to_it_twice(ledger):
    first, second = ledger.claim([A, A], RUN)

    assert (first, second.status) == (None, Status.BUSY)


def test_a_comment_that_is_being_sent_is_busy(ledger):
    (found,) = sending(ledger).claim([A], OTHER_RUN)

    assert found.status is Status.BUSY


@pytest.mark.parametrize("status", [Status.COMMENTED, Status.UNMATCHED, Status.INVALID, Status.UNCERTAIN])
def test_an_outcome_is_returned_again_and_marked_as_replayed(ledger, status):
    (found,) = settled(ledger, status).claim([A], OTHER_RUN)

    assert found == outcome(status, replayed=True)


WON = {
    "matched_by": Kind.CALL_CONTACT,
    "rule": 2,
    "attribution": Attribution.INFERRED,
    "offered": "call>callContact",
    "answered_at": datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC),
}


@pytest.mark.parametrize("status", [Status.COMMENTED, Status.UNCERTAIN])
def test_a_rules_rank_is_replayed_under_the_same_rules_alone_and_all_else_as_it_was(ledger, status):
    sending(ledger)
    ledger.record({A: outcome(status, **WON)}, RUN, "attempt")

    assert ledger.claim([A], OTHER_RUN) == [outcome(status, **WON, replayed=True)]
    assert ledger.claim([A], OTHER_RULES) == [outcome(status, **WON | {"rule": None}, replayed=True)]
    assert ledger.claim([A], OTHER_RUN) == [outcome(status, **WON, replayed=True)]


def test_a_refused_request_goes_back_to_claimed_and_may_be_sent_in_a_new_attempt(ledger):
    sending(ledger)

    ledger.withdraw([A], RUN, "attempt")
    ledger.intend([A], RUN, "second attempt")
    ledger.record({A: outcome()}, RUN, "second attempt")

    assert ledger.claim([A], RUN)[0].status is Status.COMMENTED


def test_a_released_comment_is_free_for_everybody(ledger):
    ledger.claim([A], RUN)

    ledger.release([A], RUN)

    assert ledger.claim([A], OTHER_RUN) == [None]


@pytest.mark.parametrize("status", [Status.UNMATCHED, Status.UNCERTAIN])
def test_a_release_gives_the_former_outcome_back(ledger, status):
    settled(ledger, status)
    again = Terms("second run", "rules-1", frozenset({status}))
    assert ledger.claim([A], again) == [None]

    ledger.release([A], again)

    assert ledger.claim([A], RUN) == [outcome(status, replayed=True)]


ILLEGAL = {
    "intend what was never claimed": lambda ledger: ledger.intend([B], RUN, "x"),
    "intend what another run has claimed": lambda ledger: ledger.intend([A], OTHER_RUN, "x"),
    "record what is only claimed": lambda ledger: ledger.record({A: outcome()}, RUN, "x"),
    "withdraw what is only claimed": lambda ledger: ledger.withdraw([A], RUN, "x"),
    "release what another run has claimed": lambda ledger: ledger.release([A], OTHER_RUN),
    "release what was never claimed": lambda ledger: ledger.release([B], RUN),
    "release one that is claimed and one that is not": lambda ledger: ledger.release([A, B], RUN),
    "release twice in one": lambda ledger: ledger.release([A, A], RUN),
    "intend twice in one": lambda ledger: ledger.intend([A, A], RUN, "x"),
}


@pytest.mark.parametrize("step", ILLEGAL.values(), ids=ILLEGAL)
def test_a_claimed_comment_refuses_an_illegal_step_and_stays_claimed(ledger, step):
    ledger.claim([A], RUN)

    with pytest.raises(LedgerError):
        step(ledger)

    ledger.intend([A], RUN, "still mine")


ILLEGAL_WHILE_SENDING = {
    "intend twice": lambda ledger: ledger.intend([A], RUN, "second"),
    "release": lambda ledger: ledger.release([A], RUN),
    "record of another attempt": lambda ledger: ledger.record({A: outcome()}, RUN, "another"),
    "record of another run": lambda ledger: ledger.record({A: outcome()}, OTHER_RUN, "attempt"),
    "record together with a stranger": lambda ledger: ledger.record({A: outcome(), B: outcome()}, RUN, "attempt"),
    "withdraw of another attempt": lambda ledger: ledger.withdraw([A], RUN, "another"),
    "withdraw of another run": lambda ledger: ledger.withdraw([A], OTHER_RUN, "attempt"),
}


@pytest.mark.parametrize("step", ILLEGAL_WHILE_SENDING.values(), ids=ILLEGAL_WHILE_SENDING)
def test_a_comment_that_is_being_sent_refuses_an_illegal_step_and_keeps_its_attempt(ledger, step):
    sending(ledger)

    with pytest.raises(LedgerError):
        step(ledger)

    ledger.record({A: outcome()}, RUN, "attempt")


@pytest.mark.parametrize("status", FINAL)
def test_an_outcome_is_not_overwritten(ledger, status):
    settled(ledger, status)

    with pytest.raises(LedgerError):
        ledger.record({A: outcome()}, RUN, "attempt")
    with pytest.raises(LedgerError):
        ledger.intend([A], RUN, "attempt")


def test_an_intent_is_kept_for_all_or_for_none(ledger):
    ledger.claim([A, B], RUN)

    with pytest.raises(LedgerError):
        ledger.intend([A, B, C], RUN, "x")

    ledger.release([A, B], RUN)


@pytest.mark.parametrize(
    ("status", "same_offer", "other_offer"),
    [
        (Status.COMMENTED, False, False),
        (Status.UNMATCHED, False, True),
        (Status.INVALID, False, True),
        (Status.REJECTED, True, True),
        (Status.UNCERTAIN, False, False),
    ],
)
def test_what_may_be_sent_again_without_being_asked(ledger, status, same_offer, other_offer):
    assert may_send(outcome(status), same_offer=True, resend=frozenset()) is same_offer
    assert may_send(outcome(status), same_offer=False, resend=frozenset()) is other_offer
    settled(ledger, status, identity=A)
    settled(ledger, status, identity=B)
    assert (ledger.claim([A], OTHER_RULES) == [None]) is same_offer
    assert (ledger.claim([B], RUN, offer=OTHER_OFFER) == [None]) is other_offer


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("same_offer", [True, False])
def test_what_the_user_asks_for_is_sent_again_unless_it_was_commented(status, same_offer):
    asked = frozenset({status})

    assert may_send(outcome(status), same_offer=same_offer, resend=asked) is (status is not Status.COMMENTED)


def test_a_new_outcome_takes_the_place_of_the_old_one_with_its_offer(ledger):
    settled(ledger, Status.UNMATCHED)

    assert ledger.claim([A], RUN, offer=OTHER_OFFER) == [None]
    ledger.intend([A], RUN, "second")
    ledger.record({A: outcome(Status.UNMATCHED, error="again")}, RUN, "second")

    assert ledger.claim([A], RUN, offer=OTHER_OFFER)[0].error == "again"
    assert ledger.claim([A], RUN) == [None]


def test_a_claim_that_is_given_up_leaves_the_offer_of_the_outcome(ledger):
    settled(ledger, Status.UNMATCHED)

    assert ledger.claim([A], RUN, offer=OTHER_OFFER) == [None]
    ledger.release([A], RUN)

    assert ledger.claim([A], RUN)[0].status is Status.UNMATCHED
    assert ledger.claim([A], RUN, offer=OTHER_OFFER) == [None]


def test_runs_that_race_get_each_comment_once(ledger):
    wanted = [number.to_bytes(32, "big") for number in range(200)]
    granted, start = [], threading.Barrier(4)

    def race(seed):
        terms = Terms(f"run {seed}", "rules")
        order = random.Random(seed).sample(wanted, len(wanted))
        start.wait()
        for turn in range(0, len(order), 11):
            asked = order[turn : turn + 11]
            mine = [name for name, found in zip(asked, ledger.claim(asked, terms), strict=True) if found is None]
            ledger.intend(mine, terms, "attempt")
            ledger.record(dict.fromkeys(mine, outcome()), terms, "attempt")
            granted.extend(mine)

    threads = [threading.Thread(target=race, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(granted) == wanted


# ---- again, but not at once and not for ever ------------------------------------------------------


def asking(**given):
    return Terms("nightly", "rules-1", frozenset({Status.UNMATCHED, Status.UNCERTAIN}), **given)


@pytest.mark.parametrize("status", [Status.UNMATCHED, Status.UNCERTAIN])
def test_an_outcome_of_just_now_is_too_young_to_be_sent_again(ledger, status):
    settled(ledger, status)

    assert ledger.claim([A], asking(resend_after=timedelta(minutes=1))) == [outcome(status, replayed=True)]
    assert ledger.claim([A], asking(resend_after=timedelta(0))) == [None]


MINUTE_US = 60_000_000


@pytest.mark.parametrize(
    ("minutes_ago", "due"), [(61, True), (60, True), (59, False), (0, False), (-1, False), (-600_000, False)]
)
def test_an_outcome_is_sent_again_from_the_age_that_is_asked_for(minutes_ago, due):
    now = 1_700_000_000_000_000
    known = Entry(None, outcome=outcome(Status.UNMATCHED), asked=1, asked_at_us=now - minutes_ago * MINUTE_US)
    terms = asking(resend_after=timedelta(hours=1))

    assert answer_of(known, None, terms, now) == (None if due else outcome(Status.UNMATCHED, replayed=True, rule=None))


def test_an_outcome_of_the_future_waits_until_the_clock_has_passed_it_by_the_age():
    asked_at = 1_700_000_000_000_000
    known = Entry(None, outcome=outcome(Status.UNMATCHED), asked=1, asked_at_us=asked_at)
    terms = asking(resend_after=timedelta(hours=1))

    set_back = asked_at - 24 * 60 * MINUTE_US
    assert answer_of(known, None, terms, set_back) is not None
    assert answer_of(known, None, terms, set_back + 25 * 60 * MINUTE_US) is None


def test_a_comment_is_sent_again_so_many_times_and_no_more(ledger):
    settled(ledger, Status.UNMATCHED)
    twice = asking(resend_times=2)
    for attempt in ("first again", "second again"):
        assert ledger.claim([A], twice) == [None]
        ledger.intend([A], twice, attempt)
        ledger.record({A: outcome(Status.UNMATCHED)}, twice, attempt)

    assert ledger.claim([A], twice) == [outcome(Status.UNMATCHED, replayed=True)]
    assert ledger.claim([A], asking(resend_times=3)) == [None]


def test_mended_data_and_a_refused_request_are_sent_whatever_their_age_and_number(ledger):
    settled(ledger, Status.UNMATCHED, identity=A)
    settled(ledger, Status.REJECTED, identity=B)
    strict = asking(resend_after=timedelta(days=365), resend_times=1)
    for attempt in ("one", "two"):
        assert ledger.claim([B], strict) == [None]
        ledger.intend([B], strict, attempt)
        ledger.record({B: outcome(Status.REJECTED)}, strict, attempt)

    assert ledger.claim([A], strict, offer=OTHER_OFFER) == [None]


# ---- only what is new ---------------------------------------------------------------------------

ONLY_NEW = Terms("nightly", "rules-1", only_new=True)
LEAD = b"one lead".ljust(16)


def claim_new(ledger, identity, **stub):
    """Return the answer to a claim of one comment that should be new."""
    (answer,) = ledger.claim([identity], ONLY_NEW, **stub)
    return answer and (answer.status, answer.reason)


def test_a_comment_that_the_ledger_does_not_know_is_new(ledger):
    settled(ledger, Status.COMMENTED, identity=B)

    assert claim_new(ledger, A) is None


@pytest.mark.parametrize(
    ("status", "stub"), [(Status.UNMATCHED, {"offer": OTHER_OFFER}), (Status.REJECTED, {}), (Status.INVALID, {})]
)
def test_what_would_be_sent_again_is_not_new_and_what_is_answered_is_replayed(ledger, status, stub):
    settled(ledger, status)

    found = claim_new(ledger, A, **stub)
    replayed = status is Status.INVALID
    assert found == ((Status.INVALID, None) if replayed else (Status.UNSENT, Reason.NOT_NEW))
    assert ledger.entries([A])[0].owner is None


@pytest.mark.parametrize(
    ("status", "new"),
    [
        (Status.COMMENTED, False),
        (Status.UNCERTAIN, False),
        (Status.UNMATCHED, True),
        (Status.INVALID, True),
        (Status.REJECTED, True),
    ],
)
def test_another_text_of_a_lead_that_may_be_in_the_account_makes_it_not_new(ledger, status, new):
    ledger.claim([B], RUN, leads=[LEAD])
    ledger.intend([B], RUN, "x")
    ledger.record({B: outcome(status)}, RUN, "x")

    assert claim_new(ledger, A, leads=[LEAD]) == (None if new else (Status.UNSENT, Reason.NOT_NEW))
    assert claim_new(ledger, C) is None


@pytest.mark.parametrize("sent", [False, True])
def test_another_text_that_a_live_run_has_makes_it_not_new(ledger, sent):
    ledger.claim([B], RUN, leads=[LEAD])
    if sent:
        ledger.intend([B], RUN, "x")

    assert claim_new(ledger, A, leads=[LEAD]) == (Status.UNSENT, Reason.NOT_NEW)


def test_the_texts_of_one_run_do_not_make_each_other_old(ledger):
    assert ledger.claim([A, B], ONLY_NEW, leads=[LEAD, LEAD]) == [None, None]
    ledger.intend([A], ONLY_NEW, "x")
    ledger.record({A: outcome()}, ONLY_NEW, "x")

    assert claim_new(ledger, C, leads=[LEAD], own={A, B}) is None
    assert claim_new(ledger, b"d" * 32, leads=[LEAD], own={A}) == (Status.UNSENT, Reason.NOT_NEW)


def test_what_is_not_new_does_not_count_against_the_limit(ledger):
    settled(ledger, Status.REJECTED, identity=A)

    answers = ledger.claim([A, B, C], ONLY_NEW, most=1)
    assert [answer and answer.reason for answer in answers] == [Reason.NOT_NEW, None, Reason.LIMITED]


# ---- looking ------------------------------------------------------------------------------------


def test_what_is_known_of_a_comment_at_each_step(ledger):
    assert ledger.entries([A, B]) == [None, None]
    ledger.claim([A], RUN)
    assert [(known.state, known.owner, known.outcome) for known in ledger.entries([A])] == [("claimed", "run", None)]
    ledger.intend([A], RUN, "attempt")
    assert ledger.entries([A])[0].state == "sending"
    begin = datetime.now(UTC).replace(microsecond=0)
    ledger.record({A: outcome(Status.UNMATCHED)}, RUN, "attempt")

    (known, absent) = ledger.entries([A, B])

    assert absent is None
    assert (known.state, known.outcome, known.rules) == ("unmatched", outcome(Status.UNMATCHED), "rules-1")
    assert (known.owner, known.attempt, known.offer) == (None, None, b"offer".ljust(16))
    assert known.asked == 1
    assert begin <= known.asked_at <= datetime.now(UTC)


def test_how_often_a_comment_was_asked_counts_its_outcomes_and_no_request_that_was_refused_whole(ledger):
    for resend in range(3):
        assert ledger.claim([A], Terms("run", "rules-1", frozenset({Status.UNMATCHED}))) == [None]
        ledger.intend([A], RUN, f"refused {resend}")
        ledger.withdraw([A], RUN, f"refused {resend}")
        ledger.intend([A], RUN, f"answered {resend}")
        ledger.record({A: outcome(Status.UNMATCHED)}, RUN, f"answered {resend}")

    assert ledger.entries([A])[0].asked == 3


def test_the_comments_of_a_lead_are_found_whatever_their_texts(ledger):
    lead, other = b"lead".ljust(16), b"other lead".ljust(16)
    ledger.claim([A, B, C], RUN, leads=[lead, lead, other])
    ledger.intend([A], RUN, "x")
    ledger.record({A: outcome()}, RUN, "x")

    assert ledger.of_leads([lead, b"no such lead".ljust(16)]) == {lead: {A: "commented", B: "claimed"}}
    ledger.release([B], RUN)
    assert ledger.of_leads([lead, other]) == {lead: {A: "commented"}, other: {C: "claimed"}}


def test_the_comments_of_a_text_are_found_with_what_became_of_them(ledger):
    text, other = b"text".ljust(16), b"other text".ljust(16)
    ledger.claim([A, B, C], RUN, texts=[text, text, other])
    ledger.intend([A], RUN, "x")
    ledger.record({A: outcome()}, RUN, "x")

    found = ledger.of_texts([text, other, b"no such text".ljust(16)])
    states = {each: {name: entry.state for name, entry in of_it.items()} for each, of_it in found.items()}
    assert states == {text: {A: "commented", B: "claimed"}, other: {C: "claimed"}}
    assert (found[text][A].outcome, found[text][A].asked) == (outcome(), 1)


def test_how_leads_were_named_is_kept_for_each_account_with_the_comments_at_stake(ledger):
    assert ledger.naming(b"account".ljust(16)) == {}
    for identity, status, stub in [
        (A, Status.COMMENTED, {}),
        (B, Status.UNMATCHED, {"named": "contacts"}),
        (C, Status.UNCERTAIN, {}),
        (b"d" * 32, Status.COMMENTED, {"named": "ids", "account": b"another"}),
    ]:
        ledger.claim([identity], RUN, **stub)
        ledger.intend([identity], RUN, "x")
        ledger.record({identity: outcome(status)}, RUN, "x")

    assert ledger.naming(b"account".ljust(16)) == {"key": 2, "contacts": 0}
    assert ledger.naming(b"another".ljust(16)) == {"ids": 1}


def test_each_ledger_has_a_key_of_its_own():
    one, other = MemoryLedger(), MemoryLedger()

    assert len(one.secret) == 32
    assert one.secret == one.secret
    assert one.secret != other.secret
