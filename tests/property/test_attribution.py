"""Whatever the rules and the journals, an attribution never claims more than is so."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Request, RequestContact
from ctnb.emulator.journals import Journals
from ctnb.emulator.vendor import Vendor, ids_of
from ctnb.outcomes import Attribution, Kind, Outcome, Status
from ctnb.results.attribution import attribute

PHONES = ("79157771122", "79157771122", "79261112233")
WORDS = ("1", "2", "a")
NOON = pd.Timestamp("2024-03-01 12:00")

# Few ids, phones, tags and minutes, so that rules and leads meet in every way there is.
moments = st.integers(-20, 20).map(lambda minutes: (NOON + pd.Timedelta(minutes=minutes)).strftime("%d-%m-%Y %H:%M:%S"))
numbers = st.sampled_from([1, 2])
words = st.sampled_from(WORDS) | st.none()
tags = st.sampled_from([[], ["x"], ["x", "y"]])


@st.composite
def journals(draw, kind):
    """Return a journal of up to four leads; the vendor's own ids are unique."""
    own = draw(st.sampled_from([[1, 2], [1], [2], []]))
    ids = ["callId", "callReferenceId", "sipCallId"] if kind == "call" else ["requestId", "requestNumber"]
    phone, unique, marks = (
        ("callerNumber", "uniqueCall", "callTags")
        if kind == "call"
        else (
            "phoneNumber",
            "uniqueRequest",
            "tags",
        )
    )
    return pd.DataFrame(
        [
            {
                ids[0]: number,
                **{name: draw(words) for name in ids[1:]},
                "date": draw(moments),
                phone: draw(st.sampled_from(PHONES)),
                unique: draw(st.booleans()),
                marks: draw(tags),
            }
            for number in own
        ],
        columns=[*ids, "date", phone, unique, marks],
    )


@st.composite
def rules(draw):
    """Return a rule over the columns of `deals`."""
    policy = {"tags": draw(tags), "tags_logic": draw(st.sampled_from(["and", "or"]))}
    kind = draw(st.sampled_from(list(Kind)))
    if kind in {Kind.CALL, Kind.REQUEST}:
        made = Call if kind is Kind.CALL else Request
        return made(draw(st.sampled_from(["id", "id_2", "word"])), **policy)
    policy |= {
        "depth": draw(st.sampled_from([60, 5])),
        "match": draw(st.sampled_from(["nearest", "nearestUniq", "nearestUniqLead"])),
    }
    phones = draw(st.sampled_from([["phone"], ["phone_2"], ["phone", "phone_2"]]))
    return (
        CallContact(phones, "at", **policy)
        if kind is Kind.CALL_CONTACT
        else RequestContact("at", phones=phones, **policy)
    )


@st.composite
def deals(draw):
    """Return a frame of eight deals."""
    cells = {
        "id": numbers | st.none(),
        "id_2": numbers | st.none(),
        "word": words,
        "phone": st.sampled_from(PHONES),
        "phone_2": st.sampled_from([*PHONES, None]),
        "at": moments,
    }
    columns = {name: draw(st.lists(column, min_size=8, max_size=8)) for name, column in cells.items()}
    return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns.items()})


ID_NAMES = ("call_id", "call_reference_id", "sip_call_id", "request_id", "request_number")


@settings(max_examples=150)
@given(st.lists(rules(), min_size=1, max_size=6), deals(), journals("call"), journals("request"), st.data())
def test_exact_is_never_wrong_and_inferred_has_the_right_type(listed, frame, calls, requests, data):
    planned = ctnb.plan(frame, listed, "text")
    vendor = Vendor(Journals(calls, requests), token="secret", site_id=1)
    # An answer may leave out what took the comment, or the vendor's own id of it.
    left_out = data.draw(st.sampled_from([(), (), (), ID_NAMES, ("call_id", "request_id")]))
    for row, lead in zip(planned.sent, planned.leads(len(planned)), strict=True):
        found = vendor.find(lead["matching"])
        if found is None:
            continue
        position, kind, match = found
        rule = [offer.rank for offer in planned.offered([row]) if offer.present[0]][position - 1]
        answered = dict(zip(ID_NAMES, ids_of(match), strict=True)) | dict.fromkeys(left_out)
        (outcome,) = attribute(planned, [row], [Outcome(Status.COMMENTED, **answered)])
        assert outcome.attribution is not None
        assert listed[outcome.rule - 1].kind is outcome.matched_by
        if outcome.attribution is Attribution.EXACT:
            assert (outcome.rule, outcome.matched_by) == (rule, kind)
        if outcome.attribution is Attribution.INFERRED:
            assert outcome.matched_by == kind
            # The first that could have answered so is never after the one that did.
            assert outcome.rule <= rule
