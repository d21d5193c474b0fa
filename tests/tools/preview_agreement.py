"""Preview and emulator side by side: two readings of the contract that share no code."""

import pandas as pd

from ctnb.delivery.wire_encode import lead_dicts
from ctnb.emulator.journals import Journals
from ctnb.emulator.vendor import Vendor, ids_of
from ctnb.leads.plan import build_plan
from ctnb.matching.index import index_journals
from ctnb.matching.preview import build_preview
from ctnb.matching.tables import JournalTables

IDS = ["call_id", "call_reference_id", "sip_call_id", "request_id", "request_number"]


def planned(deals, rules, comment="{note}", *, key=None, timezone="Europe/Moscow"):
    return build_plan(
        deals, rules, comment, payload=lead_dicts, key=key, job="", region="RU", timezone=timezone, rate=5.0
    )


def previewed(deals, rules, calls, requests, *, timezone="Europe/Moscow", look_back_only=False, **plan):
    tables = JournalTables(calls, requests, timezone)
    plan = planned(deals, rules, timezone=timezone, **plan)
    return build_preview(plan, deals, index_journals(tables), look_back_only=look_back_only)


def answered(plan, calls, requests, *, timezone="Europe/Moscow", look_back_only=False):
    """What the emulator answers each row: status, rank of the rule, ids of the lead."""
    journals = Journals(calls, requests, timezone=timezone, look_back_only=look_back_only)
    vendor = Vendor(journals, token="token", site_id=1, undocumented=True)
    leads, offered = plan.leads(len(plan)), plan.offered(plan.sent)
    found = {}
    for number, (row, lead) in enumerate(zip(plan.sent.tolist(), leads, strict=True)):
        hit = vendor.find(lead["matching"])
        if hit is None:
            found[row] = ("unmatched", None, *[None] * 5)
        else:
            # The emulator counts within the lead's own rules; a rule without data in the row is not there.
            ranks = [offer.rank for offer in offered if offer.present[number]]
            found[row] = ("commented", ranks[hit[0] - 1], *ids_of(hit[2]))
    invalid = ("invalid", None, *[None] * 5)
    return [
        found[first] if ready else invalid
        for first, ready in zip(plan.first.tolist(), plan.ready.tolist(), strict=True)
    ]


def predicted(preview):
    """What the preview says of each row, in the same form."""
    frame = preview.frame[["ct_status", "ct_rule", *(f"ct_{name}" for name in IDS)]].astype(object)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in frame.itertuples(index=False)]


def disagreements(preview, calls, requests):
    """The rows of which preview and emulator say different things."""
    answers = answered(
        preview.matched.plan,
        calls,
        requests,
        timezone=str(preview.matched.look_up.index.zone),
        look_back_only=preview.matched.assumptions.back_only,
    )
    said = predicted(preview)
    return [(row, one, other) for row, (one, other) in enumerate(zip(said, answers, strict=True)) if one != other]
