"""The file and the memory agree on each comment, however batches and windows overlap."""

import hashlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.review import Review
from ctnb.delivery.ledger.sqlite import LOST_IN_FLIGHT, SqliteLedger
from ctnb.delivery.ledger.sqlite_outcomes import read
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Status

LEADS = [hashlib.sha256(bytes([number])).digest() for number in range(240)]
"""More than two batches, so that windows begin and end within them."""

NAMES = ("one", "other")
ENDS = [Status.COMMENTED, Status.UNMATCHED, Status.INVALID, Status.REJECTED, Status.UNCERTAIN]
parts = st.tuples(st.integers(0, 239), st.integers(1, 150))
names = st.sampled_from(NAMES)


class AgreementMachine(RuleBasedStateMachine):
    """Two runs at a time on a file, each of whose steps is done in memory too."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "ledger.sqlite3"
        self.memory = MemoryLedger()
        self.runs = 0
        self.open, self.terms = {}, {}
        for name in NAMES:
            self.begin(name, "rules", frozenset())
        self.looking = sqlite3.connect(self.path)

    def teardown(self):
        self.looking.close()
        for ledger in self.open.values():
            ledger.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def entries(self):
        """Everything that the memory ledger keeps; its methods answer for a run, and change what they answer for."""
        return self.memory._entries

    def begin(self, name, rules, resend):
        self.runs += 1
        self.terms[name] = Terms(f"{name} {self.runs}", rules, resend)
        self.open[name] = SqliteLedger(self.path)

    def both(self, name, step, *arguments):
        """Take a step in both; both do it and answer alike, or both refuse it."""
        answers = []
        for ledger in (self.memory, self.open[name]):
            try:
                answers.append(getattr(ledger, step)(arguments[0], self.terms[name], *arguments[1:]))
            except LedgerError:
                answers.append("refused")
        assert answers[0] == answers[1]

    def held(self, name, attempt):
        """Return what a run has in an attempt, or has only claimed."""
        entries, owner = self.entries, self.terms[name].owner
        return [
            lead
            for lead in LEADS
            if lead in entries and entries[lead].owner == owner and entries[lead].attempt == attempt
        ]

    def attempts(self):
        return sorted({(entry.owner.split()[0], entry.attempt) for entry in self.entries.values() if entry.attempt})

    @rule(name=names, part=parts, backwards=st.booleans())
    def claim(self, name, part, backwards):
        wanted = piece(LEADS, part)
        self.both(name, "claim", wanted[::-1] if backwards else wanted)

    @rule(name=names, part=parts, backwards=st.booleans())
    def intend(self, name, part, backwards):
        self.runs += 1
        wanted = piece(self.held(name, None), part)
        self.both(name, "intend", wanted[::-1] if backwards else wanted, f"attempt {self.runs}")

    @precondition(lambda self: self.attempts())
    @rule(chosen=st.data(), part=parts, whole=st.booleans())
    def withdraw(self, chosen, part, whole):
        name, attempt = chosen.draw(st.sampled_from(self.attempts()))
        mine = self.held(name, attempt)
        self.both(name, "withdraw", mine if whole else piece(mine, part), attempt)

    @precondition(lambda self: self.attempts())
    @rule(chosen=st.data(), part=parts, whole=st.booleans(), ends=st.lists(st.sampled_from(ENDS), min_size=1))
    def record(self, chosen, part, whole, ends):
        name, attempt = chosen.draw(st.sampled_from(self.attempts()))
        mine = self.held(name, attempt)
        self.runs += 1
        kept = {
            lead: Outcome(ends[position % len(ends)], batch=self.runs, call_id=str(position))
            for position, lead in enumerate(mine if whole else piece(mine, part))
        }
        self.both(name, "record", kept, attempt)

    @rule(name=names, part=parts)
    def release(self, name, part):
        self.both(name, "release", piece(self.held(name, None), part))

    @rule(name=names, part=parts, step=st.sampled_from(["intend", "withdraw", "release", "record"]))
    def step_that_may_be_illegal(self, name, part, step):
        wanted = piece(LEADS, part)
        if step == "record":
            self.both(name, step, dict.fromkeys(wanted, Outcome(Status.COMMENTED)), "no attempt")
        else:
            self.both(name, step, wanted, *([] if step == "release" else ["no attempt"]))

    @rule(
        name=names,
        rules=st.sampled_from(["rules", "other rules"]),
        resend=st.frozensets(st.sampled_from([Status.UNMATCHED, Status.UNCERTAIN, Status.INVALID])),
    )
    def crash_and_recover(self, name, rules, resend):
        self.open[name].close()
        self.begin(name, rules, resend)
        self.open[name].recover()
        owner = [entry for entry in self.entries.values() if entry.owner and entry.owner.startswith(name)]
        for entry in owner:
            if entry.attempt is not None:
                entry.outcome = LOST_IN_FLIGHT
            entry.owner = entry.attempt = None

    @rule(delivered=st.booleans(), part=parts)
    def settle(self, delivered, part):
        """The user settles some uncertain comments."""
        uncertain = [lead for lead in LEADS if self.state(lead) == "uncertain"]
        chosen = piece(uncertain, part)
        with Review(self.path) as review:
            assert review.counts()["uncertain"] == len(uncertain)
            ids = [lead.hex() for lead in chosen]
            (review.mark_delivered if delivered else review.mark_not_delivered)(ids)
        for lead in chosen:
            if delivered:
                entry = self.entries[lead]
                entry.outcome = Outcome(Status.COMMENTED, batch=entry.outcome.batch, call_id=entry.outcome.call_id)
            else:
                del self.entries[lead]

    def state(self, lead):
        entry = self.entries.get(lead)
        if entry is None or (entry.owner is None and entry.outcome is None):
            return None
        return str(entry.outcome.status) if entry.owner is None else "sending" if entry.attempt else "claimed"

    @invariant()
    def both_agree(self):
        kept = {
            batch: read(outcomes, states)
            for batch, outcomes, states in self.looking.execute(
                "SELECT id, outcomes, states FROM batches WHERE state = 'settled'"
            )
        }
        in_file = {
            identity: (state, owner, attempt, kept[batch][position] if batch in kept else None)
            for identity, state, owner, attempt, batch, position in self.looking.execute(
                "SELECT identity, state, owner, attempt, batch, position FROM standing"
            )
        }
        in_memory = {
            lead: (self.state(lead), entry.owner, entry.attempt, None if entry.owner else entry.outcome)
            for lead, entry in self.entries.items()
            if self.state(lead)
        }
        assert in_file == in_memory

    @invariant()
    def what_a_run_has_is_in_one_batch(self):
        members = self.looking.execute("SELECT sum(length(members) / 32) FROM batches WHERE owner IS NOT NULL")
        holding = self.looking.execute("SELECT count(*) FROM standing WHERE owner IS NOT NULL")
        assert (members.fetchone()[0] or 0) == holding.fetchone()[0]


def piece(leads, part):
    """Return some neighbours; they go on at the beginning."""
    begin, most = part
    begin = begin % len(leads) if leads else 0
    return (leads[begin:] + leads[:begin])[:most]


TestAgreementMachine = AgreementMachine.TestCase
TestAgreementMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
