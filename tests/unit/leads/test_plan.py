import datetime as dt
import re
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import ctnb
from ctnb import Call, CallContact, Connection, Request, RequestContact, col
from ctnb.exceptions import ColumnNotFoundError, ConfigError, RuleError
from ctnb.outcomes import Reason

RULES = [
    Call("call_id"),
    CallContact("phone", "at", depth="2h"),
    RequestContact("at", depth="7d", phones="phone", emails="email"),
]


def deals(**columns):
    """Return three deals: one for each rule, and one that has nothing."""
    found = {
        "call_id": [7, None, None, None],
        "phone": [None, "8 (915) 777-11-22", None, None],
        "email": [None, None, "Ivan@Mail.ru", None],
        "at": ["2024-03-01 10:00"] * 4,
        "stage": ["Новый", "В работе", "Успех", "Отказ"],
    }
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in (found | columns).items()})


def numbered(count):
    """Return a plan of so many leads."""
    return ctnb.plan(pd.DataFrame({"id": range(count)}), Call("id"), "text")


def test_every_row_is_ready_or_invalid_and_says_why():
    plan = deals().calltouch.plan(RULES, "{stage}")
    frame = plan.frame
    assert frame["status"].tolist() == ["ready", "ready", "ready", "invalid"]
    assert frame["rules"].tolist() == [1, 2, 1, 0]
    assert frame["problem"].isna().tolist() == [True, True, True, False]
    assert frame["problem"].iloc[3] == (
        "no rule has its data in this row: wanted is call_id, or phone with at, or phone or email with at"
    )
    assert plan.reasons.tolist() == [None, None, None, Reason.NO_IDENTIFIER]
    assert plan.counts == {"ready": 3, "invalid": 1}
    assert sum(plan.counts.values()) == len(plan) == 4
    assert frame.dtypes.astype(str).to_dict() == {
        "status": "category",
        "problem": "string",
        "problem_code": "category",
        "rules": "Int64",
        "record": "category",
    }
    assert frame["problem_code"].tolist()[3] == "no_identifier"


def test_leads_are_the_vendors_form():
    first, second, third = deals().calltouch.plan(RULES, "{stage}").leads(10)
    assert first == {"matching": [{"type": "call", "callParams": {"callId": 7}}], "addComment": "Новый"}
    assert [rule["type"] for rule in second["matching"]] == ["callContact", "requestContact"]
    assert second["matching"][0]["callContactParams"] == {
        "phones": ["79157771122"],
        "date": "01-03-2024 10:00:00",
        "callTypeToMatch": "nearest",
        "searchDepth": 120,
    }
    assert third["matching"][0]["requestContactParams"]["emails"] == ["ivan@mail.ru"]
    assert third["addComment"] == "Успех"


@pytest.mark.parametrize(("n", "count"), [(0, 0), (-1, 0), (2, 2), (99, 3)])
def test_leads_gives_so_many_and_never_a_row_that_is_not_sent(n, count):
    assert len(deals().calltouch.plan(RULES, "{stage}").leads(n)) == count


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["same"] * 4),
        pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"]),
        pd.DatetimeIndex(["2024-01-01"] * 4),
        pd.Index([3, 1, 2, 0], name="deal"),
    ],
    ids=["duplicates", "MultiIndex", "dates", "shuffled"],
)
def test_the_frame_keeps_rows_order_and_index(index):
    frame = deals().set_axis(index).calltouch.plan(RULES, "{stage}").frame
    pd.testing.assert_index_equal(frame.index, index)
    assert frame["status"].tolist() == ["ready", "ready", "ready", "invalid"]


def test_an_empty_frame_is_a_plan_of_nothing():
    plan = deals().iloc[:0].calltouch.plan(RULES, "{stage}")
    assert (len(plan), plan.counts, plan.requests, plan.floor_seconds) == (0, {"ready": 0, "invalid": 0}, 0, 0)
    assert plan.leads() == []
    assert plan.frame.empty
    assert "rows 0" in repr(plan)
    assert "nothing has been sent" in plan._repr_html_()


@pytest.mark.parametrize(("rows", "requests"), [(1, 1), (100, 1), (101, 2), (250, 3)])
def test_requests_and_seconds_follow_from_a_hundred_leads_each_and_five_a_second(rows, requests):
    plan = numbered(rows)
    assert (plan.requests, plan.floor_seconds) == (requests, requests / 5)


def test_the_pace_and_the_zone_are_the_connections():
    connection = Connection(1, "secret", rate=2, timezone="Asia/Almaty", ledger=None)
    frame = deals(at=["2024-03-01T10:00:00Z"] * 4)
    plan = frame.calltouch.plan(RULES, "{stage}", connection=connection)
    assert plan.floor_seconds == 0.5
    assert plan.leads(2)[1]["matching"][0]["callContactParams"]["date"] == "01-03-2024 15:00:00"
    assert frame.calltouch.plan(RULES, "{stage}").leads(2)[1]["matching"][0]["callContactParams"]["date"] == (
        "01-03-2024 13:00:00"
    )


def test_rows_that_repeat_are_sent_once():
    frame = pd.DataFrame(
        {
            "deal": pd.Series([1, "1", 1.0, 2, 1, 1], dtype=object),
            "call_id": pd.Series([None, 5, 6, 7, 8, 9], dtype=object),
            "stage": ["a", "a", "a", "a", "b", "a"],
        }
    )
    plan = frame.calltouch.plan(Call("call_id"), "{stage}", key="deal")
    assert plan.first.tolist() == [0, 1, 1, 3, 4, 1]
    assert plan.sent.tolist() == [1, 3, 4]
    assert plan.counts == {"ready": 5, "invalid": 1}
    assert "repeats 2" in repr(plan)


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        ("depth", ["0", "525601", "x", None, True]),
        ("match", ["best", "", None, 5, ["nearest"]]),
        ("tags", [["a", ""], 5, {"a": 1}, b"a", "a,,b"]),
        ("logic", ["xor", 5, True, ["and"], "AND"]),
    ],
)
def test_a_bad_policy_of_a_row_leaves_that_rule_out_and_no_other(column, bad):
    values = {"depth": "2h", "match": "nearestUniq", "tags": "a;b", "logic": "or"}
    rows = [values, *({**values, column: cell} for cell in bad)]
    policies = {name: pd.Series([row[name] for row in rows], dtype=object) for name in values}
    frame = pd.DataFrame({"id": range(6), "phone": "89157771122", "at": "2024-03-01 10:00", **policies})
    rules = [
        CallContact("phone", "at", depth=col("depth"), match=col("match"), tags=col("tags"), tags_logic=col("logic")),
        Call("id"),
    ]
    plan = frame.calltouch.plan(rules, "text")
    assert plan.counts == {"ready": 6, "invalid": 0}
    assert plan.frame["rules"].tolist() == [2, 1, 1, 1, 1, 1]
    assert (
        plan.frame["problem"]
        .iloc[1:]
        .str.contains(f"{column if column != 'logic' else 'tags_logic'} (?:is|are) ")
        .all()
    )
    assert plan.frame["problem"].iloc[1:].str.contains("allowed|each must be a word").all()
    assert plan.leads(1)[0]["matching"][0]["callContactParams"] | {"phones": 0, "date": 0} == {
        "phones": 0,
        "date": 0,
        "callTypeToMatch": "nearestUniq",
        "searchDepth": 120,
        "tags": ["a", "b"],
        "tagsLogic": "or",
    }
    assert [len(lead["matching"]) for lead in plan.leads(6)] == [2, 1, 1, 1, 1, 1]
    alone = frame.calltouch.plan(rules[0], "text")
    assert alone.reasons.tolist() == [None, *[Reason.BAD_POLICY] * 5]


def test_blank_tags_and_logic_of_a_row_ask_for_none():
    frame = pd.DataFrame({"id": [1, 2], "tags": pd.Series([None, " "], dtype=object), "logic": [None, None]})
    plan = frame.calltouch.plan(Call("id", tags=col("tags"), tags_logic=col("logic")), "text")
    assert plan.leads(2) == [
        {"matching": [{"type": "call", "callParams": {"callId": number}}], "addComment": "text"} for number in (1, 2)
    ]


def test_a_bad_text_of_a_row_makes_it_invalid():
    texts = ["ok", " ", "x" * 10_001, "a\ud800", None]
    plan = pd.DataFrame({"id": range(5), "text": pd.Series(texts, dtype=object)}).calltouch.plan(
        Call("id"), col("text")
    )
    blank, long, bad = Reason.BLANK_COMMENT, Reason.LONG_COMMENT, Reason.BAD_TEXT
    assert plan.reasons.tolist() == [None, blank, long, bad, blank]
    assert "at most 10000" in plan.frame["problem"].iloc[2]
    assert plan.counts == {"ready": 1, "invalid": 4}


def test_a_value_that_does_not_fit_the_format_costs_its_row_alone():
    frame = pd.DataFrame({"id": range(3), "sum": pd.Series([1.5, "+79157771122", 3], dtype=object)})
    plan = frame.calltouch.plan(Call("id"), "{sum:.2f} ₽")
    assert plan.reasons.tolist() == [None, Reason.BAD_TEXT, None]
    assert [lead["addComment"] for lead in plan.leads()] == ["1.50 ₽", "3.00 ₽"]
    assert plan.frame["problem"].iloc[1] == "a value of type str in the column 'sum' does not fit the format '.2f'"


def test_the_reason_is_the_one_that_makes_the_row_invalid():
    frame = deals(
        call_id=[True, None, None, None], at=["x", "x", "2024-03-01", None], phone=["8", "89157771122", "", ""]
    )
    plan = frame.calltouch.plan(RULES, "{stage}")
    assert plan.reasons.tolist() == [Reason.BAD_IDENTIFIER, Reason.BAD_DATE, None, Reason.NO_IDENTIFIER]


def test_nothing_is_shown_in_clear_and_markup_is_inert():
    hostile = "<script>alert(1)</script>"
    frame = pd.DataFrame(
        {
            hostile: ["8 915 777 11 22 99 33", "8 (915) 777-11-22", "ivan.petrov@@mail.ru", "x"],
            "at": [hostile, "2024-03-01 10:00", "2024-03-01 10:00", "79157771122"],
            "text": [hostile, "79157771122 ivan.petrov@mail.ru", "", "t"],
        }
    )
    rules = [CallContact(hostile, "at", depth=5), RequestContact("at", depth=5, emails=hostile)]
    plan = frame.calltouch.plan(rules, "{text}")
    for shown in (repr(plan), plan._repr_html_(), str(plan)):
        assert "<script" not in shown
        assert "ivan.petrov" not in shown
        assert not re.search(r"915.{0,4}777", shown)
    problems = " ".join(plan.frame["problem"].dropna())
    assert problems
    assert "petrov" not in problems
    assert not re.search(r"77.?1.?1.?22|7771122", problems)


def test_the_summary_says_what_would_be_sent_and_what_is_wrong():
    plan = deals(stage=["Новый", "В работе", "", "Отказ"]).calltouch.plan(RULES, "{stage}")
    assert repr(plan) == "<Plan: rows 4, ready 2, invalid 2, requests 1, seconds 0.2>"
    page = plan._repr_html_()
    assert "no id or contact" in page
    assert "The comment came out blank. Fill the columns that the template reads." in page
    assert "+7 915 ***-**-22, 2024-03-01 10:00:00, ±2\N{NO-BREAK SPACE}h, nearest" in page


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"rules": [Call("call_id")] * 21}, RuleError, "21 rules; the vendor takes at most 20"),
        ({"rules": []}, RuleError, "give one rule at least"),
        (
            {"rules": Call("cal_id")},
            ColumnNotFoundError,
            "'cal_id', which rule 1 (call): id needs. Did you mean 'call_id'",
        ),
        (
            {"rules": [Call("call_id"), Request("call_id", tags=col("tag"))]},
            ColumnNotFoundError,
            "'tag', which rule 2 (request): tags needs",
        ),
        (
            {"rules": CallContact("phone", "at", depth=col("dept"))},
            ColumnNotFoundError,
            "rule 1 (callContact): depth needs",
        ),
        ({"comment": "{manager}"}, ColumnNotFoundError, "'manager', which the comment template needs"),
        ({"comment": "stage"}, RuleError, 'Write col("stage")'),
        ({"key": "deal"}, ColumnNotFoundError, "'deal', which key needs"),
        ({"region": "Russia"}, ConfigError, "region 'Russia' is not known"),
        ({"job": 5}, ConfigError, "job is 5; a text is wanted"),
    ],
)
def test_what_cannot_be_used_for_any_row_is_refused(options, error, message):
    given = {"rules": RULES, "comment": "{stage}"} | options
    with pytest.raises(error) as refusal:
        deals().calltouch.plan(**given)
    assert message in str(refusal.value)


def test_something_else_than_a_frame_is_refused():
    with pytest.raises(ConfigError, match="Expected a pandas DataFrame, got list"):
        ctnb.plan([1], RULES, "text")


POLARS = {
    "DataFrame": ("to_pandas", r"got polars\.DataFrame\. Pass what its \.to_pandas\(\) returns"),
    "LazyFrame": ("collect", r"got polars\.LazyFrame\. Pass what its \.collect\(\)\.to_pandas\(\) returns"),
}


@pytest.mark.parametrize("name", POLARS)
@pytest.mark.parametrize(
    "verb",
    [
        lambda frame: ctnb.plan(frame, RULES, "text"),
        lambda frame: ctnb.comment(frame, RULES, "text", connection=ctnb.Connection(1, "t", ledger=":memory:")),
        ctnb.match_rates,
        ctnb.counts,
        lambda frame: ctnb.write_table(frame, "never.csv"),
    ],
)
def test_a_frame_of_polars_is_refused_with_what_to_call(name, verb):
    method, message = POLARS[name]
    frame = type(name, (), {"__module__": "polars.dataframe.frame", method: None})()
    with pytest.raises(ConfigError, match=message):
        verb(frame)


@pytest.mark.parametrize("levels", [["deal"], ["deal", "stage"], [None, "deal"]])
def test_a_level_of_the_index_is_a_column_too(levels):
    frame = deals(deal=["a", "b", "c", "d"], other=[1, 2, 3, 4])
    whole = ctnb.plan(frame, RULES, "{stage}", key="deal")
    columns = ["other" if level is None else level for level in levels]
    by_index = ctnb.plan(frame.set_index(columns).rename_axis(levels), RULES, "{stage}", key="deal")
    assert by_index.leads_named.equals(whole.leads_named)
    assert by_index.texts.equals(whole.texts)


def test_a_column_wins_over_a_level_of_its_name_and_levels_are_suggested():
    frame = deals(deal=["a", "b", "c", "d"])
    both = frame.set_index(pd.Index([1, 1, 1, 1], name="deal"))
    assert ctnb.plan(both, RULES, "text", key="deal").leads_named.equals(
        ctnb.plan(frame, RULES, "text", key="deal").leads_named
    )
    with pytest.raises(ColumnNotFoundError, match="Did you mean 'deal'"):
        ctnb.plan(frame.set_index("deal"), RULES, "text", key="deals")


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=30),
    st.binary(max_size=5),
    st.decimals(),
    st.datetimes(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.dates(),
    st.timedeltas(),
    st.complex_numbers(),
    st.lists(st.integers() | st.text(max_size=5), max_size=3),
    st.sets(st.integers() | st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.tuples(st.text(max_size=3)),
    st.sampled_from(
        [
            pd.NA,
            pd.NaT,
            np.datetime64("NaT"),
            np.timedelta64("NaT"),
            np.timedelta64(1, "M"),
            np.timedelta64(5, "m"),
            np.datetime64("2024-03-01T10:00"),
            np.True_,
            np.int8(5),
            np.int8(-128),
            np.float16(1.5),
            np.array(5),
            np.array([1, 2]),
            np.array([1, 2], "m8[s]"),
            np.array([["a"]]),
            10**400,
            10**5_000,
            Decimal("sNaN"),
            pd.Timestamp("2024-03-01 10:00", tz="Asia/Tokyo"),
            pd.Period("2024-03"),
            pd.Interval(1, 2),
            pd.Series(["a"]),
            pd.DataFrame({"a": [1]}),
            SimpleNamespace(a=1),
            type,
            len,
            ...,
            "89157771122",
            "ivan@mail.ru",
            "01.03.2024 10:00",
            "2h",
            "nearest",
            "\ud800",
            "7.9157771122E+10",
        ]
    ),
)
EVERYTHING = [
    Call("x", tags=col("y"), tags_logic=col("z")),
    Request("y", tags=col("x")),
    CallContact(["x", "y"], "z", depth=col("x"), match=col("y"), tags=col("z")),
    RequestContact("x", depth=col("z"), phones="z", emails=["x", "y"], match=col("x"), undocumented=True),
]


@settings(deadline=None)
@given(
    st.lists(st.tuples(JUNK, JUNK, JUNK), max_size=6),
    st.sampled_from(["{x}", "{y:.1f}", "{x} {z:%d.%m}", col("z"), "text"]),
    st.sampled_from([None, "x", "z"]),
)
@example([(None, None, np.timedelta64(5, "m"))], "text", None)
@example([(np.int8(-128), np.int8(-128), np.float16(1.5))], "text", None)
@example([(Decimal("1E28"), 0, 0)], "text", None)
@example([(10**5_000, np.array(5), np.array([1, 2], "m8[s]"))], "{x}", "x")
def test_planning_never_raises_for_a_cell(rows, comment, key):
    cells = list(zip(*rows, strict=True)) or [(), (), ()]
    frame = pd.DataFrame(index=range(len(rows)))
    for name, column in zip("xyz", cells, strict=True):
        filled = np.empty(len(rows), dtype=object)
        for place, cell in enumerate(column):
            filled[place] = cell
        frame[name] = pd.Series(filled, dtype=object)
    plan = frame.calltouch.plan(EVERYTHING, comment, key=key)
    found = plan.frame
    assert sum(plan.counts.values()) == len(plan) == len(rows)
    assert found.loc[found["status"] == "invalid", "problem"].notna().all()
    assert [reason is None for reason in plan.reasons] == plan.ready.tolist()
    assert (found["rules"][plan.ready] > 0).all()
    assert len(plan.leads(len(rows))) == len(plan.sent) <= plan.counts["ready"]
    plan._repr_html_().encode()
    "".join(found["problem"].dropna()).encode()


def test_columns_of_arrow_lists_and_decimals_are_cells_like_any_other():
    pa = pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "id": pd.Series([Decimal(7), Decimal(8)], dtype=pd.ArrowDtype(pa.decimal128(10, 0))),
            "tags": pd.Series([["a", "b"], ["c"]], dtype=pd.ArrowDtype(pa.list_(pa.string()))),
        }
    )
    plan = frame.calltouch.plan(Call("id", tags=col("tags")), "text")
    assert [lead["matching"][0]["callParams"] for lead in plan.leads()] == [
        {"callId": 7, "tags": ["a", "b"], "tagsLogic": "and"},
        {"callId": 8, "tags": ["c"], "tagsLogic": "and"},
    ]
