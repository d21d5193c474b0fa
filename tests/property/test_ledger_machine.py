"""Runs, crashes, recoveries and settlements in any order: a comment is applied once, and nothing sticks."""

import hashlib
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from stub_comments import PlainLedger

from ctnb.delivery.ledger.file_review import ReviewedFile
from ctnb.delivery.ledger.protocol import Terms, state_of
from ctnb.delivery.ledger.review import Review
from ctnb.outcomes import Outcome, Reason, Status

LEADS = [hashlib.sha256(bytes([number])).digest() for number in range(6)]
CRASHES = ("claimed", "sending", "applied", "answered")
ANSWERS = ("commented", "unmatched", "invalid", "rejected", "rate limited", "lost, applied", "lost, not applied")


class CrashError(Exception):
    """The process is gone."""


class LedgerMachine(RuleBasedStateMachine):
    """A ledger file, a vendor that counts what it applied, and a user who re-runs and settles."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "ledger.sqlite3"
        self.applied = Counter()
        self.risked = Counter()
        self.runs = 0

    def teardown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(
        leads=st.lists(st.sampled_from(LEADS), min_size=1, unique=True),
        rules=st.sampled_from(["two hours", "seven days"]),
        offer=st.sampled_from([b"one offer".ljust(16), b"other offer".ljust(16)]),
        resend=st.sets(st.sampled_from([Status.UNMATCHED, Status.UNCERTAIN])),
        answer=st.sampled_from(ANSWERS),
        crash=st.none() | st.sampled_from(CRASHES),
    )
    def run(self, leads, rules, offer, resend, answer, crash):
        """One run over some leads, as the sender goes about it, that may end at any step."""
        self.runs += 1
        terms = Terms(owner=f"run{self.runs}", rules=rules, resend=frozenset(resend))
        before = self.states()
        ledger = PlainLedger(self.path)
        try:
            known = ledger.claim(leads, terms, offer=offer)
            granted = [lead for lead, outcome in zip(leads, known, strict=True) if outcome is None]
            self.check_answers(leads, known, before, terms)
            self.risked.update(lead for lead in granted if before.get(lead) == "uncertain")
            if granted:
                self.send(ledger, terms, granted, answer, crash)
        except CrashError:
            die(ledger)
        else:
            ledger.close()

    def send(self, ledger, terms, granted, answer, crash):
        """Carry the granted leads to their end, or to the crash."""
        crash_at(crash, "claimed")
        ledger.intend(granted, terms, "attempt")
        crash_at(crash, "sending")
        if answer in {"commented", "lost, applied"}:
            self.applied.update(granted)
        crash_at(crash, "applied")
        crash_at(crash, "answered")
        if answer == "rate limited":
            ledger.withdraw(granted, terms, "attempt")
            ledger.release(granted, terms)
        else:
            status = Status.UNCERTAIN if answer.startswith("lost") else Status(answer)
            outcome = Outcome(status, reason=None if status is Status.COMMENTED else Reason.VENDOR_ERROR)
            ledger.record(dict.fromkeys(granted, outcome), terms, "attempt")

    def check_answers(self, leads, known, before, terms):
        """What is answered from the ledger is what stands in it, and a comment that is there is not granted."""
        for lead, outcome in zip(leads, known, strict=True):
            if outcome is None:
                assert before.get(lead) != "commented"
                assert before.get(lead) != "uncertain" or Status.UNCERTAIN in terms.resend
            else:
                assert outcome.replayed
                assert outcome.status == before[lead]

    @rule(delivered=st.booleans())
    def settle(self, delivered):
        """The user looks in the account, and marks every uncertain comment as what it is there, or takes a risk."""
        if not self.path.exists():
            return
        with Review(ReviewedFile.recovered(self.path)) as review:
            ids = [comment.id for comment in review.uncertain()]
            truly = [shown for shown in ids if self.applied[self.lead(shown)]]
            others = [shown for shown in ids if shown not in truly]
            review.mark_delivered(truly if delivered else [])
            review.mark_not_delivered(others)

    def lead(self, shown):
        return next(lead for lead in LEADS if lead.hex().startswith(shown))

    def states(self):
        """Return the states once dead runs are recovered, as the next run will see them."""
        if not self.path.exists():
            return {}
        with Review(ReviewedFile.recovered(self.path)):
            pass
        with closing(sqlite3.connect(self.path)) as database:
            found = database.execute("SELECT identity, owner, attempt, status FROM comments")
            return {identity: state_of(*held) for identity, *held in found}

    @invariant()
    def every_promise_is_kept(self):
        states = self.states()
        applied_twice = [lead for lead in LEADS if self.applied[lead] > 1 + self.risked[lead]]
        falsely_commented = [lead for lead, state in states.items() if state == "commented" and not self.applied[lead]]
        # What the user sends again at his own risk may be answered in any way the second time.
        sure = [lead for lead in LEADS if self.applied[lead] and not self.risked[lead]]
        forgotten = [lead for lead in sure if states.get(lead) not in {"commented", "uncertain"}]
        stuck = set(states.values()) - {"commented", "unmatched", "invalid", "rejected", "uncertain"}
        assert (applied_twice, falsely_commented, forgotten, stuck) == ([], [], [], set())


def crash_at(crash, step):
    if crash == step:
        raise CrashError


def die(ledger):
    """Leave as a killed process does: the system closes its files and frees its lock, and nothing is tidied."""
    ledger._file.close()
    ledger._owner.lock.release(force=True)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=80, stateful_step_count=20)
