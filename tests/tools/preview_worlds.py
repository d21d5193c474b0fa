"""Random journals, deals and rules in which ties, shared ids and several contacts are common; `make soak` runs many."""

import numpy as np
import pandas as pd

from ctnb import Call, CallContact, Request, RequestContact, col

DAYS = ["2026-03-29 02:30", "2026-10-25 02:30", "2026-05-14 12:00", "2026-05-15 12:00"]
ZONES = ["Europe/Berlin", "Europe/Moscow"]
MATCHES = ["nearest", "nearestUniq", "nearestUniqLead", "farthest"]
DEPTHS = [1, 7, 15, 16, 60, 1440, 525_600]
TAGS = ["VIP", "Целевой", "x"]
QUARTER = 900


class World:
    """A random world: ``leads`` of each journal, ``rows`` of deals, and how many leads there are to a contact."""

    def __init__(self, seed, *, leads=60, rows=200, leads_per_contact=12):
        self.random = np.random.default_rng(seed)
        contacts = max(1, leads // leads_per_contact)
        self.phones = [f"7916555{number:04}" for number in range(contacts)]
        self.emails = [f"name{number}@mail.ru" for number in range(contacts)]
        self.ids = [f"a-{number}" for number in range(leads)] + [str(number) for number in range(leads)]
        self.timezone = str(self.random.choice(ZONES))
        self.look_back_only = bool(self.random.random() < 0.3)
        self.calls = self.journal(leads, "calls")
        self.requests = self.journal(leads, "requests")
        self.deals = self.frame(rows)
        self.key = "key" if self.random.random() < 0.5 else None
        self.rules = [self.rule() for _ in range(self.random.integers(1, 6))]

    def chosen(self, values, size, blank=0.0):
        cells = np.array([*values, None], dtype=object)[self.random.integers(0, len(values), size)]
        return np.where(self.random.random(size) < blank, None, cells)

    def several(self, values, size, most=3):
        counts = self.random.integers(0, most + 1, size)
        return [", ".join(self.chosen(values, count)) for count in counts.tolist()]

    def moments(self, size, offsets):
        days = pd.DatetimeIndex(self.chosen(DAYS, size))
        quarters = self.random.integers(-8, 9, size) * QUARTER + self.random.choice(offsets, size)
        found = (days + pd.to_timedelta(quarters, unit="s")).to_series(index=range(size))
        return found.mask(self.random.random(size) < 0.05)

    def journal(self, size, name):
        ids = ["callId", "callReferenceId", "sipCallId"] if name == "calls" else ["requestId", "requestNumber"]
        frame = pd.DataFrame({ids[0]: self.random.integers(0, size, size)})
        for column in ids[1:]:
            frame[column] = self.chosen(self.ids, size, blank=0.3)
        written = [*self.phones, *(form.format(phone[1:]) for phone in self.phones for form in ("8{}", "{}", "+7 {}"))]
        frame["callerNumber" if name == "calls" else "phoneNumber"] = self.several(written, size)
        if name == "requests":
            frame["email"] = self.several(self.emails, size)
        frame["date"] = self.moments(size, [0, 0, 0, 0, 1])
        frame["uniqueCall" if name == "calls" else "uniqueRequest"] = self.random.random(size) < 0.4
        frame["callTags" if name == "calls" else "tags"] = self.several(TAGS, size)
        return frame

    def frame(self, size):
        numbers = np.array([*self.ids, *range(len(self.ids) // 2)], dtype=object)
        return pd.DataFrame(
            {
                "id": self.chosen(numbers, size, blank=0.4),
                "id_2": self.chosen(numbers, size, blank=0.4),
                "phone": self.several(self.phones, size),
                "phone_2": self.chosen(self.phones, size, blank=0.2),
                "email": self.several(self.emails, size),
                # Half a quarter lies as near to the lead before as to the one after.
                "created": self.moments(size, [0, QUARTER // 2, 60, -60, 61]),
                "closed": self.moments(size, [0, QUARTER // 2]),
                "depth": self.random.choice(DEPTHS, size),
                "match": self.random.choice(MATCHES, size),
                "tags": self.several(TAGS, size, most=2),
                "logic": self.random.choice(["and", "or"], size),
                # Rows with the same key, or without it the same contacts, and the same text are one comment.
                "key": self.random.integers(0, size, size),
                "note": self.random.choice(["call back", "paid"], size)
                if self.random.random() < 0.4
                else [f"row {row}" for row in range(size)],
            }
        )

    def rule(self):
        kind = self.random.integers(0, 6)
        policy = {}
        if self.random.random() < 0.4:
            policy["tags"] = col("tags") if self.random.random() < 0.4 else list(self.chosen(TAGS, 2))
            policy["tags_logic"] = (
                col("logic") if self.random.random() < 0.4 else str(self.random.choice(["and", "or"]))
            )
        if kind < 2:
            return (Call, Request)[kind](str(self.random.choice(["id", "id_2"])), **policy)
        date = str(self.random.choice(["created", "closed"]))
        policy["depth"] = col("depth") if self.random.random() < 0.3 else int(self.random.choice(DEPTHS))
        policy["match"] = col("match") if self.random.random() < 0.3 else str(self.random.choice(MATCHES))
        phones = [["phone"], ["phone_2", "phone"]][self.random.integers(0, 2)]
        if kind == 2:
            return CallContact(phones, date, undocumented=True, **policy)
        columns = [{"phones": phones}, {"emails": ["email"]}, {"phones": phones, "emails": ["email"]}][kind - 3]
        return RequestContact(date, undocumented=True, **columns, **policy)

    def asked(self):
        """What `preview_agreement.previewed` is asked."""
        names = ("deals", "rules", "calls", "requests", "key", "timezone", "look_back_only")
        return {name: getattr(self, name) for name in names}
