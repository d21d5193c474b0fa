"""Whatever was lost, written by hand or sent by other jobs: what is sure was applied by the uncertain sending."""

import html

import pandas as pd
from commented_account import NOON, Account
from hypothesis import event, given, settings
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, RequestContact
from ctnb.emulator.journals import Journals
from ctnb.emulator.vendor import Vendor
from ctnb.outcomes import Status

PHONES = ["79165551101", "79165551102", "79165551103"]
TEXTS = ["paid", "sold & gone", "the client will be called back on Monday"]
RULES = {
    "id": Call("call"),
    "call": CallContact("phone", "created", depth=60),
    "request": RequestContact("created", phones="phone", depth=60),
}
HAND = "Anna"


class Story:
    """What happened to an account, drawn step by step."""

    def __init__(self, data):
        self.draw = data.draw
        self.account = Account()
        kinds = self.draw(st.lists(st.sampled_from(["call", "request"]), min_size=1, max_size=5))
        for number, kind in enumerate(kinds, start=1):
            lead = kind, number
            self.account.leads[lead] = self.draw(st.sampled_from(PHONES))
            self.account.comments[lead] = []
        # The ids of one lead grow; those of two leads have nothing to do with each other.
        self.next_id = {lead: self.draw(st.integers(1, 1000)) for lead in self.account.leads}
        self.api_author = self.draw(st.sampled_from([None, "API"]))
        self.comes_back = self.draw(st.sampled_from([str, html.escape, lambda text: f" {text}\r\n"]))
        names = self.draw(st.lists(st.sampled_from(sorted(RULES)), min_size=1, max_size=3, unique=True))
        self.rules = [RULES[name] for name in names]
        columns = {"call": st.integers(1, 6), "phone": st.sampled_from(PHONES), "note": st.sampled_from(TEXTS)}
        columns["deal"] = st.integers(1, 4)
        rows = self.draw(st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=6))
        self.deals = pd.DataFrame(rows).assign(created=NOON)
        self.applied = set()

    def vendor(self):
        tables = self.account.journal().tables()
        return Vendor(Journals(tables.calls, tables.requests), token="t", site_id=1)

    def write(self, lead, text, author):
        self.next_id[lead] += self.draw(st.integers(1, 3))
        self.account.write(text, lead[1], kind=lead[0], author=author, number=self.next_id[lead])

    def by_hand(self, authors):
        for text in self.draw(st.lists(st.sampled_from(TEXTS), max_size=2)):
            lead = self.draw(st.sampled_from(sorted(self.account.leads)))
            self.write(lead, text, self.draw(st.sampled_from(authors)))

    def run(self, job="", resend=frozenset(), *, only=None):
        """Send what is new; each comment is answered, or lost before or after it was applied, or not sent at all."""
        plan = ctnb.plan(self.deals, self.rules, "{note}", key="deal", job=job)
        payloads, vendor = plan.leads(len(self.deals)), self.vendor()
        for row, payload in zip(plan.sent.tolist(), payloads, strict=True):
            if only is not None and row not in only:
                continue
            fate = self.draw(st.sampled_from(["answered", "lost", "applied", "applied", "unsent"]))
            hit = vendor.find(payload["matching"])
            lead = None if hit is None else (hit[2].kind, int(hit[2].ids[0]))
            if fate == "unsent":
                continue
            outcome = Status.UNCERTAIN if fate != "answered" else Status.UNMATCHED if lead is None else lead
            asked = {"rules": self.rules, "job": job, "resend": resend}
            self.account.record(self.deals, {row: outcome}, **asked)
            if lead is not None and fate != "lost":
                self.write(lead, self.comes_back(payload["addComment"]), self.api_author)
                if not job:
                    self.applied.add(row)
            yield row, outcome


def tell(data):
    """Return a story and the journal from before the sending."""
    story = Story(data)
    story.by_hand([None, "API", HAND])
    if data.draw(st.booleans()):
        list(story.run("earlier"))
    lost = data.draw(st.sets(st.sampled_from([number for _, number in story.account.leads]), max_size=1))
    before = story.account.journal(without=lost)
    if data.draw(st.booleans()):
        list(story.run("between"))
    story.by_hand([HAND])
    uncertain = {row for row, outcome in story.run() if outcome is Status.UNCERTAIN}
    if data.draw(st.booleans()):
        list(story.run(resend=frozenset({Status.UNCERTAIN}), only=uncertain))
    if data.draw(st.booleans()):
        list(story.run("later"))
    return story, before


@settings(max_examples=150)
@given(data=st.data())
def test_what_is_sure_was_applied(data):
    story, before = tell(data)
    settled = story.account.settle(story.deals, rules=story.rules, before=before, mark=True)

    first = ctnb.plan(story.deals, story.rules, "{note}", key="deal").first
    for row in settled["row"][settled["grade"] == "sure"]:
        assert int(first[row]) in story.applied
    assert settled["marked"].equals(settled["grade"] == "sure")
    sure = settled[settled["marked"]].assign(comment=first[settled["row"][settled["marked"]]])
    # One comment settles one row, and those that repeat it.
    assert not sure.drop_duplicates("comment").duplicated(["kind", "lead", "comment_id"]).any()
    event(f"sure: {len(sure) > 0}")
    assert not story.account.settle(story.deals, rules=story.rules, before=before)["row"].isin(sure["row"]).any()


@settings(max_examples=50)
@given(data=st.data())
def test_nothing_is_sure_without_a_journal_from_before(data):
    story, _ = tell(data)

    assert not (story.account.settle(story.deals, rules=story.rules)["grade"] == "sure").any()
