"""For any journals, deals and rules: the preview says of every row what the emulator does."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from preview_agreement import disagreements, previewed
from preview_worlds import World

from ctnb import Call, CallContact, Request, RequestContact, col

worlds_settings = settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
few_worlds = settings(worlds_settings, max_examples=30)

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
