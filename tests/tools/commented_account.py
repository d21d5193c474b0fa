"""An account whose leads carry comments, and a ledger in memory that doubts some of them; nothing is sent."""

import itertools
from dataclasses import replace

import pandas as pd

import ctnb
from ctnb.connection import Connection
from ctnb.defaults import TIMEZONE
from ctnb.delivery.ledger.choose import open_ledger
from ctnb.delivery.ledger.key import PlanComments
from ctnb.delivery.ledger.protocol import Terms
from ctnb.matching.tables import JournalTables
from ctnb.outcomes import Outcome, Reason, Status

NOON = "14-05-2026 12:00:00"
PHONE = "79165551101"

tokens = itertools.count()


class StubJournal:
    """What `ctnb.Journal` is to `settle`."""

    def __init__(self, calls, requests, timezone=TIMEZONE):
        self.timezone, self._tables = timezone, JournalTables(calls, requests, str(timezone))

    def tables(self, timezone=None):
        return replace(self._tables, timezone=timezone or self._tables.timezone)


class Account:
    """Calls and requests by their ids, each with its phone; comments are written on them one after another."""

    def __init__(self, calls=(), requests=(), **phones):
        self.leads = {("call", lead): PHONE for lead in calls} | {("request", lead): PHONE for lead in requests}
        self.leads |= {("call", int(name.removeprefix("call_"))): phone for name, phone in phones.items()}
        self.comments = {lead: [] for lead in self.leads}
        self.number = itertools.count(101)
        self.connection = Connection(4242, f"token {next(tokens)}", base_url="http://127.0.0.1:1", ledger=None)

    def write(self, text, lead, *, kind="call", author=None, number=None):
        number = next(self.number) if number is None else number
        comment = {"commentId": number, "comment": text, "partyName": author}
        self.comments[kind, lead].append(comment)
        return number

    def journal(self, *, without=(), cells=lambda comments: list(comments) or None, times=1):
        """The journal as it is now, without some leads, each lead so many times."""
        frames = []
        for kind, headings in (("call", ("callId", "callerNumber")), ("request", ("requestId", "phoneNumber"))):
            leads = [lead for lead in self.leads if lead[0] == kind and lead[1] not in without] * times
            frames.append(
                pd.DataFrame(
                    {
                        headings[0]: pd.array([str(number) for _, number in leads], dtype="string"),
                        headings[1]: [self.leads[lead] for lead in leads],
                        "date": NOON,
                        "comments": pd.Series([cells(self.comments[lead]) for lead in leads], dtype=object),
                    }
                )
            )
        return StubJournal(*frames)

    def record(self, deals, outcomes, *, sending=False, resend=frozenset(), **asked):
        """Record what became of the comments of some rows, by row: a status, or the lead that took one.

        Rows that are being sent are a live run's, until the ledger that is returned is closed: then it is dead.
        """
        asked = {"rules": ctnb.Call("call"), "comment": "{note}", "key": "deal"} | asked
        rules, comment = asked.pop("rules"), asked.pop("comment")
        plan = ctnb.plan(deals, rules, comment, **asked)
        ledger, terms = open_ledger(self.connection), Terms("run", "rules", resend)
        comments = PlanComments(plan, list(outcomes), self.connection, ledger.secret)
        assert ledger.claim(comments, terms) == [None] * len(outcomes)
        ledger.intend(comments.identities, terms, "attempt")
        if sending:
            return ledger
        found = map(outcome_of, outcomes.values())
        ledger.record(dict(zip(comments.identities, found, strict=True)), terms, "attempt")
        return ledger.close()

    def doubt(self, deals, *rows, **asked):
        self.record(deals, dict.fromkeys(rows or range(len(deals)), Status.UNCERTAIN), **asked)

    def settle(self, deals, journal=None, *, rules=None, comment="{note}", **asked):
        rules = ctnb.Call("call") if rules is None else rules
        asked = {"journal": self.journal() if journal is None else journal, "key": "deal"} | asked
        return ctnb.settle(deals, rules, comment, connection=self.connection, **asked)


def outcome_of(given):
    """An outcome: of a status alone, or delivered to the call of this id, or to a lead by its kind and id."""
    if given is Status.UNCERTAIN:
        return Outcome(Status.UNCERTAIN, error="no answer in time", reason=Reason.TIMED_OUT, batch=1, attempts=1)
    if isinstance(given, Status):
        return Outcome(given)
    kind, number = given if isinstance(given, tuple) else ("call", given)
    return Outcome(Status.COMMENTED, **{f"{kind}_id": str(number)})


def deals_of(*notes, call=7, **columns):
    """Deals, each with the text of its comment."""
    calls = call if isinstance(call, list) else [call] * len(notes)
    return pd.DataFrame({"deal": range(len(notes)), "call": calls, "note": notes, **columns})
