"""A plan is held against the record of what was sent, and a run refuses leads that are named otherwise than before."""

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Connection, Emulator
from ctnb.delivery.ledger.choose import open_ledger
from ctnb.delivery.ledger.key import PlanComments
from ctnb.delivery.ledger.protocol import Terms
from ctnb.exceptions import ConfigError

PHONES = [f"7915000{number:04}" for number in range(100)]
CALLS = pd.DataFrame({"callId": range(1, 101), "date": "01-10-2020 12:00:00", "callerNumber": PHONES})
RULES = [Call("id"), CallContact("phone", "at", depth="2h")]


@pytest.fixture
def vendor():
    with Emulator(CALLS, rate=None) as started:
        yield started


@pytest.fixture(params=["memory", "file"])
def connection(vendor, tmp_path, request):
    access = vendor.connection
    if request.param == "memory":
        return access
    return Connection(access.site_id, access.token, base_url=access.base_url, ledger=tmp_path / "ledger.sqlite3")


def deals(**columns):
    """Return five deals; the fourth and the fifth name calls that are not in the account."""
    found = {
        "deal": ["d1", "d2", "d3", "d4", "d5"],
        "id": pd.array([1, 2, 3, 1001, 1002], "Int64"),
        "phone": ["79990000000"] * 5,
        "at": ["01.10.2020 12:10"] * 5,
        "stage": ["new"] * 5,
    }
    return pd.DataFrame(found | columns)


def sent(frame, connection, rules=RULES, **options):
    return ctnb.comment(frame, rules, "{stage}", connection=connection, progress=False, **{"key": "deal"} | options)


def planned(frame, connection, **options):
    return ctnb.plan(frame, RULES, "{stage}", connection=connection, **{"key": "deal"} | options)


def record(plan):
    return plan.frame["record"].astype(object).where(plan.frame["record"].notna(), None).tolist()


def test_a_plan_says_what_a_run_would_do_and_changes_nothing(connection):
    assert record(planned(deals(), connection)) == ["new"] * 5
    assert connection.ledger is None or connection.loopback or not connection.ledger.exists()
    done = sent(deals(), connection)
    assert done["ct_status"].tolist() == ["commented"] * 3 + ["unmatched"] * 2
    changed = deals(stage=["new", "won", "new", "new", "new"], phone=["79990000000"] * 3 + [PHONES[50], "79990000000"])
    others = [[None, None, None, None, "new"], ["d9", 60, None, None, "new"]]
    changed = pd.DataFrame([*changed.to_numpy(object).tolist(), *others], columns=changed.columns, dtype=object)
    plan = planned(changed, connection)
    assert record(plan) == ["answered", "changed", "answered", "again", "answered", None, "new"]
    assert plan.frame["record"].dtype.categories.tolist() == [
        "new", "answered", "again", "changed", "uncertain", "busy"
    ]  # fmt: skip
    assert (plan.requests, len(plan.due), len(plan.leads(9))) == (1, 3, 3)
    assert record(planned(changed, connection)) == record(plan)
    after = sent(changed, connection)
    assert after["ct_replayed"].tolist() == [True, False, True, False, True, False, False]
    assert planned(changed, connection).requests == 0


def test_without_a_connection_nothing_is_known():
    frame = ctnb.plan(deals(), RULES, "{stage}", key="deal").frame
    assert frame["record"].isna().all()
    assert frame.columns.tolist() == ["status", "problem", "problem_code", "rules", "record"]


def test_a_plan_makes_no_ledger(vendor, tmp_path):
    access = vendor.connection
    path = tmp_path / "folder" / "ledger.sqlite3"
    plan = planned(deals(), Connection(access.site_id, access.token, base_url=access.base_url, ledger=path))
    assert record(plan) == ["new"] * 5
    assert not path.parent.exists()


def test_rows_that_repeat_another_have_its_record(connection):
    sent(deals().head(1), connection)
    assert record(planned(deals().iloc[[0, 1, 0]], connection)) == ["answered", "new", "answered"]


def test_uncertain_and_rejected_comments(vendor, connection):
    vendor.refuse_next("unavailable", status=500)
    assert sent(deals().head(2), connection)["ct_status"].tolist() == ["uncertain"] * 2
    vendor.refuse_next("token")
    assert sent(deals().iloc[2:], connection)["ct_status"].tolist() == ["rejected"] * 3
    plan = planned(deals(), connection)
    assert record(plan) == ["uncertain"] * 2 + ["again"] * 3
    assert "Uncertain, not sent by themselves" in plan._repr_html_()


def test_what_a_live_run_has_is_busy_and_what_a_dead_one_had_is_not(connection):
    sent(deals().tail(1), connection)
    plan = planned(deals(), connection)
    terms = Terms("a" * 32, "rules")
    ledger = open_ledger(connection)
    held = PlanComments(plan, [0, 1], connection, ledger.secret)
    ledger.claim(held, terms)
    ledger.intend(held.identities[:1], terms, "attempt")
    assert record(planned(deals(), connection)) == ["busy", "busy", "new", "new", "answered"]
    if connection.ledger is not None and not isinstance(connection.ledger, str):
        ledger.close()
        assert record(planned(deals(), connection)) == ["uncertain", "new", "new", "new", "answered"]
        assert record(planned(deals(), connection)) == ["uncertain", "new", "new", "new", "answered"]


@pytest.mark.parametrize(
    "mended",
    [
        {"id": pd.array([1, 2, 3, 99, 1002], "Int64")},
        {"phone": ["79990000000"] * 3 + [PHONES[70], "79990000000"]},
        {"at": ["01.10.2020 12:10"] * 3 + ["02.10.2020 12:10", "01.10.2020 12:10"]},
    ],
)
def test_mended_data_of_an_unmatched_row_is_asked_again(vendor, connection, mended):
    sent(deals(), connection)
    assert record(planned(deals(**mended), connection))[3:] == ["again", "answered"]
    leads = vendor.posts["leads"].sum()
    done = sent(deals(**mended), connection)
    assert vendor.posts["leads"].sum() == leads + 1
    assert done["ct_replayed"].tolist() == [True, True, True, False, True]
    assert record(planned(deals(**mended), connection))[3] == "answered"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"stage": ["won"] * 5}, {"stage": [" won\u00a0\r\n"] * 5}),
        ({"stage": ["за\u0439м 5000"] * 5}, {"stage": ["за\u0438\u0306м\u200b  5000.0"] * 5}),
        ({"deal": [1013, 1014, 1015, 1016, 1017]}, {"deal": ["1013.0", "1014.0", "1015.0", "1016.0", "1017.0"]}),
    ],
)
def test_what_looks_alike_is_sent_once(vendor, connection, before, after):
    sent(deals(**before), connection)
    assert record(planned(deals(**after), connection)) == ["answered"] * 5
    assert sent(deals(**after), connection)["ct_replayed"].all()
    assert len(vendor.comments) == 3


def test_a_leading_zero_makes_another_key(vendor, connection):
    frame = deals(deal=["00101", "101", "d3", "d4", "d5"], id=pd.array([1, 1, 1, 1, 1], "Int64")).head(2)
    assert len(planned(frame, connection).sent) == 2
    sent(frame, connection)
    assert len(vendor.comments) == 2


# ---- names of leads -----------------------------------------------------------------------------


def refused(frame, connection, **options):
    with pytest.raises(ConfigError, match="3 comments that may be in the account would look new") as refusal:
        sent(frame, connection, **options)
    return str(refusal.value)


def test_a_run_that_drops_the_key_is_refused_before_anything_is_sent(vendor, connection):
    sent(deals(), connection)
    posts = len(vendor.posts)
    assert "Give the key= of those runs" in refused(deals(), connection, key=None)
    assert len(vendor.posts) == posts
    assert sent(deals(), connection, key=None, job="again")["ct_status"].tolist()[:3] == ["commented"] * 3
    assert sent(deals(), connection)["ct_replayed"].all()


def test_a_run_that_takes_up_a_key_is_refused(connection):
    sent(deals(), connection, key=None)
    assert "named by ids, as in earlier runs" in refused(deals(), connection)
    assert sent(deals(), connection, key=None)["ct_replayed"].all()


def test_a_run_without_a_key_that_drops_the_id_rule_is_refused(connection):
    reached = deals(phone=PHONES[:5])
    sent(reached.head(3), connection, key=None)
    refused(reached, connection, rules=RULES[1], key=None)


def test_ids_that_come_to_leads_named_by_contacts_are_refused(connection):
    reached = deals(phone=PHONES[:5]).head(3)
    sent(reached, connection, rules=RULES[1], key=None)
    assert "Leave the rules that read ids out" in refused(reached, connection, key=None)


def test_single_rows_without_a_key_or_an_id_are_no_other_way(connection):
    sent(deals(), connection)
    some = deals(deal=[None, "d2", "d3", "d4", "d5"])
    assert record(planned(some, connection)) == ["new", "answered", "answered", "answered", "answered"]
    assert sent(some, connection)["ct_replayed"].tolist() == [False, True, True, True, True]
    assert sent(deals(), connection)["ct_replayed"].all()


def test_the_same_cell_is_never_refused_whatever_was_reached(connection):
    phones = [PHONES[50], *["79990000000"] * 4]
    unreached = deals(id=pd.array([None, 777, 778, 779, 780], "Int64"), phone=phones)
    first = sent(unreached, connection, key=None)
    assert first["ct_status"].tolist() == ["commented"] + ["unmatched"] * 4
    assert sent(unreached, connection, key=None)["ct_replayed"].all()
    # The next export brings the first id that is found.
    assert sent(deals(), connection, key=None)["ct_status"].isin(["commented", "unmatched"]).all()


def test_a_first_try_of_a_few_rows_does_not_bind_the_rest(vendor, connection):
    keyless = deals(deal=[None, "d2", "d3", "d4", "d5"])
    assert sent(keyless, connection, limit=1)["ct_status"].tolist() == ["commented"] + ["unsent"] * 4
    assert sent(keyless, connection)["ct_status"].tolist() == ["commented"] * 3 + ["unmatched"] * 2
    assert len(vendor.comments) == 3


def test_what_was_not_reached_is_not_at_stake(connection):
    sent(deals().tail(2), connection)
    assert sent(deals().tail(2), connection, key=None)["ct_status"].tolist() == ["unmatched"] * 2
