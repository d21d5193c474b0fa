"""For any journals, deals and rules: the preview says of every row what the emulator does."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from preview_agreement import answered, disagreements, previewed
from preview_worlds import World

from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.emulator.checks import read_date
from ctnb.emulator.journals import Journals, seconds_of
from ctnb.emulator.vendor import Vendor, carries

worlds_settings = settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
# A seed says nothing that could be made smaller.
few_worlds = settings(worlds_settings, max_examples=30, phases=[Phase.explicit, Phase.reuse, Phase.generate])

# Few, so that leads of one contact are many.
PHONES = ["79165551101", "79165551102", "78005551103"]
WRITTEN = ["+7 (916) 555-11-01", "8 916 555 11 02", "8005551103"]
EMAILS = ["ann@mail.ru", "bob@mail.ru"]
TAGS = ["VIP", "Целевой", "x"]

# A clock that goes forward on 29 March and back on 25 October; one that does neither.
ZONES = ["Europe/Berlin", "Europe/Moscow"]
DAYS = ["2026-03-29 02:30", "2026-10-25 02:30", "2026-05-14 12:00"]


def moments_near(day):
    # Close together, so that ties and equal distances are common.
    near = st.integers(-6, 6).map(lambda quarters: quarters * 900)
    odd = st.sampled_from([-3601, -61, -60, -59, 1, 59, 60, 61, 3600])
    far = st.sampled_from([-86_400, 86_400])
    return st.one_of(near, near, near, odd, far).map(
        lambda seconds: pd.Timestamp(day) + pd.Timedelta(seconds, unit="s")
    )


def blank_or(values, blank=None):
    return st.one_of(values, values, values, values, st.just(blank))


def several(values):
    return st.lists(st.sampled_from(values), max_size=3).map("; ".join)


few_ids = st.sampled_from(["11", "12", "13", "a-1", "a-2"])
tags_cells = st.lists(st.sampled_from(TAGS), max_size=3).map(", ".join)


def calls_of(day):
    return st.fixed_dictionaries(
        {
            "callId": st.integers(11, 16),
            "callReferenceId": blank_or(few_ids),
            "sipCallId": blank_or(few_ids),
            "callerNumber": several([*PHONES, *WRITTEN]),
            "date": blank_or(moments_near(day)),
            "uniqueCall": st.booleans(),
            "callTags": tags_cells,
        }
    )


def requests_of(day):
    return st.fixed_dictionaries(
        {
            "requestId": st.integers(11, 16),
            "requestNumber": blank_or(few_ids),
            "phoneNumber": several(PHONES),
            "email": several([*EMAILS, "ANN@mail.ru"]),
            "date": blank_or(moments_near(day)),
            "uniqueRequest": st.booleans(),
            "tags": tags_cells,
        }
    )


def deals_of(day):
    return st.fixed_dictionaries(
        {
            "id": blank_or(st.one_of(few_ids, st.integers(11, 17))),
            "id_2": blank_or(st.one_of(few_ids, st.integers(11, 17))),
            "phone": blank_or(st.sampled_from([*WRITTEN, *PHONES, "8 916 555 11 01, 8 916 555 11 02"])),
            "phone_2": blank_or(st.sampled_from(PHONES)),
            "email": blank_or(st.sampled_from([*EMAILS, "Ann@mail.ru bob@mail.ru"])),
            "created": blank_or(moments_near(day)),
            "closed": blank_or(moments_near(day)),
            "depth": st.sampled_from([1, 15, 30, 60, 1440, 525_600]),
            "match": st.sampled_from(["nearest", "nearestUniq", "nearestUniqLead"]),
            "tags": tags_cells,
            "logic": st.sampled_from(["and", "or"]),
        }
    )


tag_settings = st.one_of(
    st.just({}),
    st.builds(
        lambda tags, logic: {"tags": tags, "tags_logic": logic},
        st.one_of(st.lists(st.sampled_from(TAGS), min_size=1, max_size=2), st.just(col("tags"))),
        st.one_of(st.sampled_from(["and", "or"]), st.just(col("logic"))),
    ),
)
depths = st.one_of(st.sampled_from([1, 15, 16, 60, 1440, 525_600]), st.just(col("depth")))
matches = st.one_of(st.sampled_from(["nearest", "nearestUniq", "nearestUniqLead", "farthest"]), st.just(col("match")))
phone_columns = st.sampled_from([["phone"], ["phone_2", "phone"]])
dates = st.sampled_from(["created", "closed"])


def policies(rule, **columns):
    return st.builds(
        lambda tags, depth, match, named: rule(**named, **tags, depth=depth, match=match, undocumented=True),
        tag_settings,
        depths,
        matches,
        st.fixed_dictionaries(columns),
    )


rules = st.one_of(
    st.builds(
        lambda kind, name, tags: kind(name, **tags),
        st.sampled_from([Call, Request]),
        st.sampled_from(["id", "id_2"]),
        tag_settings,
    ),
    policies(CallContact, phones=phone_columns, date=dates),
    policies(RequestContact, phones=phone_columns, date=dates),
    policies(RequestContact, emails=st.just(["email"]), date=dates),
    policies(RequestContact, phones=phone_columns, emails=st.just(["email"]), date=dates),
)


def frame_of(rows, columns, text_dates):
    frame = pd.DataFrame(rows, columns=columns).astype(object)
    frame["date"] = pd.to_datetime(frame["date"])
    if text_dates:
        frame["date"] = frame["date"].dt.strftime("%d-%m-%Y %H:%M:%S").astype(object).where(frame["date"].notna(), None)
    return frame


@st.composite
def worlds(draw):
    day = draw(st.sampled_from(DAYS))
    calls, requests, deals = (
        draw(st.lists(rows, min_size=least, max_size=14))
        for rows, least in ((calls_of(day), 2), (requests_of(day), 2), (deals_of(day), 1))
    )
    text_dates = draw(st.booleans())
    deals = (
        pd.DataFrame(deals).astype({"id": object, "id_2": object}).assign(note=[f"row {n}" for n in range(len(deals))])
    )
    # Some rows are one comment.
    if draw(st.booleans()):
        deals["note"] = "one text"
    return {
        "deals": deals,
        "rules": draw(st.lists(rules, min_size=1, max_size=5)),
        "calls": frame_of(
            calls,
            ["callId", "callReferenceId", "sipCallId", "callerNumber", "date", "uniqueCall", "callTags"],
            text_dates,
        ),
        "requests": frame_of(
            requests,
            ["requestId", "requestNumber", "phoneNumber", "email", "date", "uniqueRequest", "tags"],
            text_dates,
        ),
        "timezone": draw(st.sampled_from(ZONES)),
        "look_back_only": draw(st.booleans()),
    }


@worlds_settings
@given(worlds())
def test_preview_and_emulator_agree_on_every_row(world):
    preview = previewed(**world)
    assert disagreements(preview, world["calls"], world["requests"]) == []


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_preview_and_emulator_agree_where_ties_are_common(seed):
    world = World(seed)
    assert disagreements(previewed(**world.asked()), world.calls, world.requests) == []


def counted(preview, rank):
    """How many rows one rule finds alone, takes in its place, and adds to what the others find."""
    finds = preview.reasons["outcome"].isin(["would_match", "shadowed"]).to_numpy()
    finds = finds.reshape(-1, len(preview.matched.rules))
    only = finds[:, rank - 1] & (finds.sum(axis=1) == 1)
    return finds[:, rank - 1].sum(), (preview.frame["ct_rule"] == rank).sum(), only.sum()


@few_worlds
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 525_600) | st.integers(1, 90), min_size=1, max_size=3))
def test_the_curve_of_the_sweep_is_what_a_preview_run_anew_says(seed, depths):
    world = World(seed)
    preview = previewed(**world.asked())
    swept = preview.sweep(depths)
    assert (swept.loc[swept["depth"].isna(), "takes"].sum()) == preview.frame["ct_matched"].sum()
    for rank, rule in enumerate(world.rules, start=1):
        as_set, *curve = swept[swept["rule"] == rank].itertuples(index=False)
        assert (as_set.alone, as_set.takes, as_set.adds) == counted(preview, rank)
        if isinstance(rule, Call | Request):
            assert curve == []
            continue
        for depth, line in zip(depths, curve, strict=True):
            rules = [replace(other, depth=depth) if other is rule else other for other in world.rules]
            anew = previewed(**world.asked() | {"rules": rules})
            assert (line.depth, line.alone, line.takes, line.adds) == (depth, *counted(anew, rank))
            assert (line.truths, line.precision) == pytest.approx(known_truths(anew, world, rank), nan_ok=True)
            moved = preview.at_depths({rank: depth})
            pd.testing.assert_frame_equal(moved.frame, anew.frame)
            pd.testing.assert_frame_equal(moved.reasons, anew.reasons)
            assert moved.undecided().equals(anew.undecided())


def known_truths(preview, world, rank):
    """How many rows that a rule finds have an id that names one lead, and the share for which it finds that lead."""
    rule = world.rules[rank - 1]
    kind, journal, columns = (
        ("call", world.calls, ["callId", "callReferenceId", "sipCallId"])
        if isinstance(rule, CallContact)
        else ("request", world.requests, ["requestId", "requestNumber"])
    )
    plan = preview.matched.plan
    asked = dict(zip(plan.sent.tolist(), plan.leads(len(plan)), strict=True))
    reasons = preview.reasons.assign(row=np.repeat(np.arange(len(world.deals)), len(world.rules)))
    found = reasons[(reasons["rule"] == rank) & reasons["outcome"].isin(["would_match", "shadowed"])]
    right = []
    for row, lead in zip(found["row"], found["lead"], strict=True):
        for other in asked[plan.first[row]]["matching"]:
            if other["type"] != kind:
                continue
            cell = other[f"{kind}Params"][f"{kind}Id"]
            tried = columns if isinstance(cell, str) else columns[:1]
            named = {
                str(vendor)
                for column in tried
                for vendor in journal.loc[journal[column].astype(str) == str(cell), columns[0]]
            }
            if len(named) == 1:
                right.append(named == {lead})
                break
    return len(right), np.mean(right) if right else np.nan


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_the_reasons_of_a_row_do_not_contradict_each_other(seed):
    world = World(seed)
    preview = previewed(**world.asked())
    frame, width = preview.frame, len(world.rules)
    ids = frame["ct_call_id"].fillna(frame["ct_request_id"])
    outcomes = preview.reasons["outcome"].astype(object).to_numpy().reshape(-1, width)
    leads, minutes = (preview.reasons[name].to_numpy(dtype=object).reshape(-1, width) for name in ("lead", "minutes"))
    plan = preview.matched.plan
    ranks = dict(zip(plan.sent.tolist(), plan.offered_ranks(plan.sent).tolist(), strict=True))
    for row, found in enumerate(outcomes.tolist()):
        offered = ranks[plan.first[row]] if plan.ready[row] else 0
        assert [outcome != "not_offered" for outcome in found] == [bool(offered >> rank & 1) for rank in range(width)]
        if frame["ct_status"].iloc[row] != "commented":
            assert not {"would_match", "shadowed"} & set(found)
            continue
        winner = int(frame["ct_rule"].iloc[row]) - 1
        assert [position for position, outcome in enumerate(found) if outcome == "would_match"] == [winner]
        assert "shadowed" not in found[:winner]
        assert leads[row, winner] == ids.iloc[row]
        assert (
            minutes[row, winner] is frame["ct_minutes"].iloc[row]
            or minutes[row, winner] == frame["ct_minutes"].iloc[row]
        )


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_the_reasons_are_true_of_the_journals(seed):
    world = World(seed)
    preview = previewed(**world.asked())
    journals = Journals(world.calls, world.requests, timezone=world.timezone, look_back_only=world.look_back_only)
    plan, width = preview.matched.plan, len(world.rules)
    lines = list(preview.reasons.itertuples(index=False))
    offered, sent = plan.offered(plan.sent), plan.leads(len(plan))
    for number, row in enumerate(plan.sent.tolist()):
        ranks = [offer.rank for offer in offered if offer.present[number]]
        of_rank = defaultdict(set)
        for rank, rule in zip(ranks, sent[number]["matching"], strict=True):
            of_rank[rank] |= reasons_that_hold(journals, rule)
        for rank, held in of_rank.items():
            line = lines[row * width + rank - 1]
            assert line.outcome in held, (row, rank, line)


def reasons_that_hold(journals, rule):
    """Work out by hand which outcome a rule of one comment has; two where another rule decides between them."""
    params = rule[f"{rule['type']}Params"]
    lead = Vendor(journals, token="", site_id=1, undocumented=True).look_up(rule["type"], params)
    if lead is not None:
        return {"would_match", "shadowed"} if carries(lead, params) else {"tags"}
    if "Contact" not in rule["type"]:
        # Whether the journal should have the lead depends on the dates that other rules offer.
        return {"unknown_id", "outside_journal"}
    kind = rule["type"].removesuffix("Contact")
    match, minutes = params[f"{kind}TypeToMatch"], params["searchDepth"]
    side = [lead for lead in (journals.calls if kind == "call" else journals.requests) if lead.at is not None]
    at, depth = seconds_of(read_date(params["date"]), journals.zone), minutes * 60
    ends = at - depth, at if journals.look_back_only else at + depth
    if not covered(side, journals.zone, *ends):
        return {"outside_journal"}
    contacts = {*params.get("phones", ()), *params.get("emails", ())}
    known = [lead for lead in side if contacts & {*lead.phones, *lead.emails}]
    if any(ends[0] <= lead.at <= ends[1] for lead in known):
        return {"not_unique"}
    allowed = [lead for lead in known if not (journals.look_back_only and lead.at > at)]
    unique = [
        lead for lead in allowed if lead.unique and (match != "nearestUniqLead" or first_of(lead, contacts, journals))
    ]
    if unique or not match.startswith("nearestUniq"):
        return {"too_far"} if allowed or known else {"unknown_contact"}
    return {"not_unique"} if allowed else {"too_far"} if known else {"unknown_contact"}


def first_of(lead, contacts, journals):
    both = [other for other in (*journals.calls, *journals.requests) if other.at is not None]
    return any(
        all(other.at >= lead.at for other in both if contact in {*other.phones, *other.emails})
        for contact in contacts & {*lead.phones, *lead.emails}
    )


def covered(side, zone, begin, end):
    """Whether a span lies within the days from the first lead's to the last one's."""
    if not side:
        return False
    days = [datetime.fromtimestamp(edge(lead.at for lead in side), zone).date() for edge in (min, max)]
    since, until = datetime.combine(days[0], time(), zone), datetime.combine(days[1] + timedelta(days=1), time(), zone)
    return begin >= since.timestamp() and end < until.timestamp()


@few_worlds
@given(st.integers(0, 2**32 - 1))
def test_what_hangs_on_looking_forward_is_what_the_emulator_does_otherwise(seed):
    world = World(seed)
    preview = previewed(**world.asked())
    asked = {"calls": world.calls, "requests": world.requests, "timezone": world.timezone}
    one, other = (
        answered(preview.matched.plan, **asked, look_back_only=back)
        for back in (world.look_back_only, not world.look_back_only)
    )
    # The vendor's own ids: the same lead may stand in the journal twice.
    differing = [
        row for row, (this, that) in enumerate(zip(one, other, strict=True)) if (this[2], this[5]) != (that[2], that[5])
    ]
    undecided = preview.undecided()
    assert sorted(set(undecided.index[undecided["reason"] == "looks_forward"])) == differing
