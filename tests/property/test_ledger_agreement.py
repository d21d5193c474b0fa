"""File, database and memory say the same of each comment, however batches and windows lie to each other."""

import hashlib
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from msgspec.structs import replace
from stub_comments import PlainLedger, PlainMemoryLedger, PlainPostgresLedger

from ctnb.delivery.ledger.file_review import ReviewedFile
from ctnb.delivery.ledger.postgres_review import ReviewedDatabase
from ctnb.delivery.ledger.protocol import LOST_IN_FLIGHT, Terms
from ctnb.delivery.ledger.review import Review
from ctnb.exceptions import LedgerError
from ctnb.outcomes import Outcome, Status
from ctnb.secret_texts import Address

LEADS = [hashlib.sha256(bytes([number])).digest() for number in range(240)]
"""More than two batches, so that windows begin and end within them."""

NAMES = ("one", "other")
OFFERS = [b"one offer".ljust(16), b"other offer".ljust(16)]
WAYS = ["key", "ids", "contacts"]
ENDS = [Status.COMMENTED, Status.UNMATCHED, Status.INVALID, Status.REJECTED, Status.UNCERTAIN]
parts = st.tuples(st.integers(0, 239), st.integers(1, 150))
names = st.sampled_from(NAMES)
resends = st.frozensets(st.sampled_from([Status.UNMATCHED, Status.UNCERTAIN, Status.INVALID]))
# No age between these: the clocks of a file, a database and memory need not agree to the second.
ages = st.sampled_from([None, timedelta(0), timedelta(days=1)])
ASKED = st.one_of(
    st.fixed_dictionaries({"resend": resends, "resend_after": ages, "resend_times": st.sampled_from([None, 1, 2])}),
    st.just({"only_new": True}),
)
"""What a run asks for besides what was never sent."""


class AgreementMachine(RuleBasedStateMachine):
    """Two runs at a time on a file, each of whose steps is taken in memory too."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "ledger.sqlite3"
        self.memory = PlainMemoryLedger()
        self.runs = 0
        self.open, self.terms = {}, {}
        for name in NAMES:
            self.begin(name, "rules")
        self.looking = self.opened()

    def opened(self):
        """Open the ledger that memory is compared with, for one more run."""
        return PlainLedger(self.path)

    def reviewed(self):
        """Open it for review, which recovers what dead runs left."""
        return ReviewedFile.recovered(self.path)

    def verify(self):
        """Check what it keeps beside the comments."""
        self.looking._file.verify()

    def teardown(self):
        self.looking.close()
        for ledger in self.open.values():
            ledger.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self, name, rules, **asked):
        self.runs += 1
        self.terms[name] = Terms(f"{name} {self.runs}", rules, **asked)
        self.open[name] = self.opened()

    def both(self, name, step, *arguments, **stub):
        """Take a step in both; both do it and answer alike, or both refuse it."""
        answers = []
        for ledger in (self.memory, self.open[name]):
            try:
                answers.append(getattr(ledger, step)(arguments[0], self.terms[name], *arguments[1:], **stub))
            except LedgerError:
                answers.append("refused")
        assert answers[0] == answers[1]

    def held(self, name, attempt):
        """Return what a run has in an attempt, or has only claimed."""
        entries, owner = self.memory._entries, self.terms[name].owner
        return [
            lead
            for lead in LEADS
            if lead in entries and entries[lead].owner == owner and entries[lead].attempt == attempt
        ]

    def attempts(self):
        return sorted(
            {(entry.owner.split()[0], entry.attempt) for entry in self.memory._entries.values() if entry.attempt}
        )

    @rule(name=names, part=parts, backwards=st.booleans(), offer=st.sampled_from(OFFERS), named=st.sampled_from(WAYS))
    def claim(self, name, part, backwards, offer, named):
        wanted = piece(LEADS, part)[:: -1 if backwards else 1]
        # Three texts are of one lead.
        leads = [LEADS[LEADS.index(identity) // 3][:16] for identity in wanted]
        self.both(name, "claim", wanted, offer=offer, named=named, leads=leads)

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
        asked=ASKED,
    )
    def crash_and_recover(self, name, rules, asked):
        self.open[name].close()
        self.begin(name, rules, **asked)
        self.reviewed().close()
        for identity, entry in list(self.memory._entries.items()):
            if entry.owner is None or not entry.owner.startswith(name):
                continue
            if entry.attempt is not None:
                self.memory.record({identity: LOST_IN_FLIGHT}, Terms(entry.owner, ""), entry.attempt)
            else:
                self.memory.release([identity], Terms(entry.owner, ""))

    @rule(delivered=st.booleans(), part=parts)
    def settle(self, delivered, part):
        """The user says of some doubts what became of them."""
        doubts = [lead for lead in LEADS if self.state(lead) == "uncertain"]
        chosen = piece(doubts, part)
        with Review(self.reviewed()) as review:
            assert review.counts()["uncertain"] == len(doubts)
            ids = [lead.hex() for lead in chosen]
            (review.mark_delivered if delivered else review.mark_not_delivered)(ids)
        for lead in chosen:
            if delivered:
                entry = self.memory._entries[lead]
                entry.outcome = replace(entry.outcome, status=Status.COMMENTED, error=None, reason=None)
            else:
                entry = self.memory._entries.pop(lead)
                self.memory._leads[entry.lead] = self.memory._leads[entry.lead].replace(lead, b"")

    def state(self, lead):
        entry = self.memory._entries.get(lead)
        return entry and entry.state

    @invariant()
    def both_know_the_same(self):
        in_file, in_memory = (
            [whole(known) for known in ledger.entries(LEADS)] for ledger in (self.looking, self.memory)
        )
        assert in_file == in_memory
        assert self.looking.naming(ACCOUNT).items() >= self.memory.naming(ACCOUNT).items()

    @invariant()
    def the_identities_are_those_of_their_checksum(self):
        self.verify()


class TeamAgreementMachine(AgreementMachine):
    """The same on a team's ledger in PostgreSQL."""

    def __init__(self, server):
        self.address = Address(server.url)
        server.execute("DROP SCHEMA IF EXISTS ctnb CASCADE")
        super().__init__()

    def opened(self):
        return PlainPostgresLedger.for_run(self.address)

    def reviewed(self):
        return ReviewedDatabase.there(self.address)

    def verify(self):
        """It keeps nothing beside the comments."""


def test_a_database_and_memory_agree(postgres_server, team_ledger):
    run_state_machine_as_test(
        lambda: TeamAgreementMachine(postgres_server),
        settings=settings(max_examples=15, stateful_step_count=25, deadline=None),
    )


ACCOUNT = b"account".ljust(16)


def whole(known):
    """Return what is known of a comment but the time, which is each ledger's own."""
    return known and replace(known, asked_at_us=None)


def piece(leads, part):
    """Return some neighbours; they go on at the beginning."""
    begin, most = part
    begin = begin % len(leads) if leads else 0
    return (leads[begin:] + leads[:begin])[:most]


TestAgreementMachine = AgreementMachine.TestCase
TestAgreementMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
