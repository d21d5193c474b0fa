"""Stories of an account in which comments are sent, lost and written by hand; `settling_soak` tells many."""

import html
import random

import pandas as pd
from commented_account import NOON, Account

import ctnb
from ctnb import Call, CallContact, RequestContact
from ctnb.emulator.journals import Journals
from ctnb.emulator.vendor import Vendor
from ctnb.outcomes import Status

PHONES = ["79165551101", "79165551102", "79165551103"]
TEXTS = ["paid", "sold & gone", "the client will be called back on Monday"]
RULES = [
    Call("call"),
    CallContact("phone", "created", depth=60),
    RequestContact("created", phones="phone", depth=60),
]
FATES = ["answered", "lost", "applied", "applied", "unsent"]
HAND = "Anna"


class Story:
    """What happened to an account, step by step; ``rng`` is a `random.Random`, or Hypothesis in its guise.

    Attributes
    ----------
    before, after : StubJournal
        Read before and after the sending.
    applied : set of int
        First rows of the comments that the sending itself put on a lead.
    uncertain : set of int
        First rows of those that it does not know of.
    """

    def __init__(self, rng):
        self.rng, self.account = rng, Account()
        for number in range(1, rng.randint(1, 5) + 1):
            lead = rng.choice(["call", "request"]), number
            self.account.leads[lead] = rng.choice(PHONES)
            self.account.comments[lead] = []
        # The ids of one lead grow; those of two leads have nothing to do with each other.
        self.next_id = {lead: rng.randint(1, 1000) for lead in self.account.leads}
        self.api_author = rng.choice([None, "API"])
        self.comes_back = rng.choice([str, html.escape, lambda text: f" {text}\r\n"])
        self.rules = [rng.choice(RULES) for _ in range(rng.randint(1, 2))]
        self.deals = pd.DataFrame(
            [
                {
                    "call": rng.randint(1, 6),
                    "phone": rng.choice(PHONES),
                    "note": rng.choice([*TEXTS, f"<row {row}>"]),
                    "deal": rng.randint(1, 4),
                }
                for row in range(rng.randint(1, 6))
            ]
        ).assign(created=NOON)
        self.first = ctnb.plan(self.deals, self.rules, "{note}", key="deal").first
        self.applied, self.uncertain = set(), set()
        self.tell()

    def sometimes(self):
        return self.rng.choice([False, False, True])

    def tell(self):
        self.by_hand([None, "API", HAND])
        if self.sometimes():
            self.run("earlier")
        without = [self.rng.randint(1, 5)] if self.sometimes() else []
        self.before = self.account.journal(without=without)
        if self.sometimes():
            self.run("between")
        self.by_hand([HAND])
        self.run()
        if self.sometimes():
            self.run(resend=frozenset({Status.UNCERTAIN}), only=set(self.uncertain))
        if self.sometimes():
            self.run("later")
        self.after = self.account.journal()

    def write(self, lead, text, author):
        self.next_id[lead] += self.rng.randint(1, 3)
        self.account.write(text, lead[1], kind=lead[0], author=author, number=self.next_id[lead])

    def by_hand(self, authors):
        for _ in range(self.rng.randint(0, 2)):
            lead, text = self.rng.choice(list(self.account.leads)), self.rng.choice(list(self.deals["note"]))
            self.write(lead, text, self.rng.choice(authors))

    def run(self, job="", resend=frozenset(), *, only=None):
        """Send what is new; each comment is answered, or lost before or after it was applied, or not sent at all."""
        plan = ctnb.plan(self.deals, self.rules, "{note}", key="deal", job=job)
        tables = self.account.journal().tables()
        vendor = Vendor(Journals(tables.calls, tables.requests), token="t", site_id=1)
        for row, payload in zip(plan.sent.tolist(), plan.leads(len(self.deals)), strict=True):
            fate = self.rng.choice(FATES)
            if fate == "unsent" or (only is not None and row not in only):
                continue
            hit = vendor.find(payload["matching"])
            lead = None if hit is None else (hit[2].kind, int(hit[2].ids[0]))
            outcome = Status.UNCERTAIN if fate != "answered" else Status.UNMATCHED if lead is None else lead
            self.account.record(self.deals, {row: outcome}, rules=self.rules, job=job, resend=resend)
            is_applied = lead is not None and fate != "lost"
            if is_applied:
                self.write(lead, self.comes_back(payload["addComment"]), self.api_author)
            if not job:
                self.applied |= {row} if is_applied else set()
                self.uncertain = self.uncertain | {row} if outcome is Status.UNCERTAIN else self.uncertain - {row}

    def settle(self, **asked):
        return self.account.settle(self.deals, self.after, rules=self.rules, **asked)


def story_of(seed):
    return Story(random.Random(seed))
