"""The verbs on frames of Polars: the same plan and the same answers as in pandas."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctnb
import ctnb.engines.polars
from ctnb import Call, CallContact, Request, RequestContact, col
from ctnb.engines.polars_frames import pandas_frame

RULES = [
    Call("call"),
    CallContact(["phone", "more"], "at", depth="2h"),
    RequestContact("at", phones="phone", emails="email", depth="7d"),
]
CALLS = pd.DataFrame(
    {
        "callId": [7, 8, 9],
        "date": ["01-10-2020 12:00:00", "01-10-2020 12:30:00", "02-10-2020 09:00:00"],
        "callerNumber": ["79157771122", "79157771133", "79157771144"],
    }
)


def deals_of(**more):
    return {
        "deal": [1, 2, 3, 4],
        "call": [7, None, None, 123456789012345678],
        "phone": ["8 915 777-11-22", "+7 915 777 11 33; 8 915 777 11 44", None, "no"],
        "more": [None, None, None, None],
        "email": ["A@b.ru", None, "x", ""],
        "at": ["01.10.2020 12:00", "2020-10-01 12:31", "01-10-2020", None],
        "stage": ["sold", "sold", None, "lost"],
        **more,
    }


def in_pandas(**more):
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in deals_of(**more).items()})


def in_polars(**more):
    return pl.DataFrame(deals_of(**more), strict=False)


@pytest.fixture
def vendor():
    with ctnb.Emulator(CALLS, rate=None) as vendor:
        yield vendor


def payload(plan):
    return plan.leads(len(plan)), plan.frame["problem"].fillna("").tolist(), plan.leads_named.to_pylist()


def assert_same_plan(there, here, rules=RULES, comment="{stage|none}", **options):
    options = {"key": "deal", **options}
    expected = there.calltouch.plan(rules, comment, **options)
    assert payload(here.calltouch.plan(rules, comment, **options)) == payload(expected)


def test_a_plan_is_that_of_the_same_data_in_pandas():
    assert_same_plan(in_pandas(), in_polars())


def test_sample_deals_are_planned_as_in_pandas():
    book = ctnb.load_rulebook("data/rules.toml")
    there = ctnb.read_leads("data/deals.csv")
    here = pl.DataFrame({name: there[name].astype(object).where(there[name].notna(), None).tolist() for name in there})
    assert payload(here.calltouch.plan(book)) == payload(there.calltouch.plan(book))
    without_key = {"rules": book.rules, "comment": book.comment}
    assert payload(here.calltouch.plan(**without_key)) == payload(there.calltouch.plan(**without_key))


NOON = dt.datetime(2020, 10, 1, 12, tzinfo=dt.UTC)

ALIKE = {
    "date": (pl.Date, [dt.date(2020, 10, 1), None, dt.date(2020, 10, 1), dt.date(1066, 1, 1)]),
    "naive": (pl.Datetime("us"), [NOON.replace(tzinfo=None), None, NOON.replace(year=1066, tzinfo=None), None]),
    "in_utc": (pl.Datetime("ms", "UTC"), [NOON, None, None, None]),
    "text": (pl.String, ["01.10.2020 12:00", None, "", "32.10.2020"]),
    "enum": (pl.Enum(["01.10.2020 12:00", "x"]), ["01.10.2020 12:00", "x", None, "x"]),
    "category": (pl.Categorical, ["01.10.2020 12:00", "x", None, "x"]),
    "nulls": (pl.Null, [None] * 4),
    "objects": (pl.Object, [dt.date(2020, 10, 1), "01.10.2020", None, 7]),
}


PANDAS = {"naive": "datetime64[us]", "truth": "boolean", "duration": "timedelta64[us]"}
"""The dtype that pandas itself would have for such cells, where the text of an object is another."""


@pytest.mark.parametrize("name", ALIKE)
def test_dates_of_every_type_are_read_as_in_pandas(name):
    kind, cells = ALIKE[name]
    there, here = in_pandas(), in_polars()
    there["at"] = pd.Series(cells, dtype=PANDAS.get(name, object))
    assert_same_plan(there, here.with_columns(pl.Series("at", cells, dtype=kind)))


NUMBERS = {
    "decimal": (pl.Decimal(20, 2), [Decimal("1013.00"), None, Decimal("0.50"), Decimal("7.00")]),
    "wide": (pl.Int64, [2**53 + 1, None, -7, 9007199254740993]),
    "unsigned": (pl.UInt64, [2**64 - 1, None, 7, 8]),
    "huge": (pl.Int128, [2**100, None, 7, 8]),
    "small": (pl.UInt8, [255, None, 7, 8]),
    "floats": (pl.Float64, [1013.0, None, float("nan"), 0.5]),
    "texts": (pl.String, ["1013.0", None, "x", "0"]),
    "truth": (pl.Boolean, [True, None, False, True]),
    "time": (pl.Time, [dt.time(1, 2), None, None, dt.time(1, 2)]),
    "duration": (pl.Duration, [dt.timedelta(hours=2), None, None, dt.timedelta(1)]),
    "binary": (pl.Binary, [b"7", None, None, b"x"]),
    "struct": (pl.Struct({"a": pl.Int64}), [{"a": 1}, None, None, {"a": 2}]),
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("role", ["call", "deal"])
def test_ids_and_keys_of_every_type_are_read_as_in_pandas(name, role):
    kind, cells = NUMBERS[name]
    there, here = in_pandas(), in_polars()
    there[role] = pd.Series(cells, dtype=PANDAS.get(name, object))
    assert_same_plan(there, here.with_columns(pl.Series(role, cells, dtype=kind)))


def test_lists_of_phones_and_policies_by_row():
    phones = [["8 915 777-11-22", None], [], None, ["8 915 777 11 33", "8 915 777 11 44"]]
    depths = [dt.timedelta(hours=2), None, dt.timedelta(days=1), dt.timedelta(minutes=5)]
    there, here = in_pandas(phone=phones), in_polars(phone=phones)
    there["depth"] = pd.Series(depths, dtype=object)
    rules = [CallContact("phone", "at", depth=col("depth"), tags=col("stage"))]
    assert_same_plan(there, here.with_columns(pl.Series("depth", depths, dtype=pl.Duration)), rules)


def test_date_and_time_in_two_columns():
    times = [dt.time(12, 30), None, dt.time(9), dt.time(0)]
    dates = [dt.date(2020, 10, 1)] * 4
    there, here = in_pandas(), in_polars()
    there["on"], there["time"] = pd.Series(dates, dtype=object), pd.Series(times, dtype=object)
    here = here.with_columns(pl.Series("on", dates), pl.Series("time", times))
    assert_same_plan(there, here, [CallContact("phone", ["on", "time"], depth="2h")], "{stage|none} {on} {on:%d.%m}")


MESSY = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["8 915 777-11-22", "01.10.2020", "7.0", "nan"]))


@given(st.lists(st.tuples(MESSY, MESSY, MESSY, MESSY, st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=8))
def test_messy_cells_give_the_same_plan(rows):
    names = ["deal", "phone", "at", "stage", "call"]
    columns = dict(zip(names, (list(cells) for cells in zip(*rows, strict=True)), strict=True)) if rows else {}
    cells = {name: columns.get(name, []) for name in names}
    kinds = dict.fromkeys(names, pl.String) | {"call": pl.Int64}
    here = pl.DataFrame([pl.Series(name, cells[name], dtype=kinds[name]) for name in names])
    there = pd.DataFrame({name: pd.Series(cells[name], dtype=object) for name in names})
    rules = [Call("call"), Request("call"), CallContact("phone", "at", depth="2h")]
    assert_same_plan(there, here, rules, "{stage}: {phone|none} {call}")


def test_comments_come_back_beside_the_deals(vendor):
    deals = in_polars()
    before = deals.clone()
    done = deals.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection, progress=False)
    assert deals.equals(before)
    assert done.select(deals.columns).equals(deals)
    assert done["ct_status"].to_list() == ["commented", "commented", "invalid", "unmatched"]
    assert {name: str(kind).partition("(")[0] for name, kind in done.schema.items() if name.startswith("ct_")} == {
        "ct_status": "Enum", "ct_matched": "Boolean", "ct_matched_by": "Enum", "ct_rule": "Int64",
        "ct_attribution": "Enum", "ct_offered": "Enum", "ct_call_id": "String", "ct_call_reference_id": "String",
        "ct_sip_call_id": "String", "ct_request_id": "String", "ct_request_number": "String", "ct_error": "String",
        "ct_error_code": "Enum", "ct_replayed": "Boolean", "ct_predicted": "Boolean", "ct_batch": "Int64",
        "ct_attempts": "Int64", "ct_answered_at": "Datetime",
    }  # fmt: skip
    assert done["ct_call_id"].to_list()[:2] == ["7", "8"]
    again = done.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection, progress=False)
    assert again.columns == done.columns
    assert again["ct_replayed"].to_list() == [True, True, False, True]
    assert len(vendor.comments) == 2


async def test_comments_in_a_running_loop(vendor):
    deals = in_polars()
    texts = pl.concat_str(pl.lit("ran "), pl.col("deal"))
    done = await deals.calltouch.acomment(RULES, texts, key="deal", connection=vendor.connection, progress=False)
    assert done["ct_matched"].to_list() == [True, True, None, False]
    assert sorted(vendor.comments["comment"]) == ["ran 1", "ran 2"]


@pytest.mark.parametrize(
    "comment",
    [
        "{stage|none}!",
        lambda frame: frame["stage"].fill_null("none") + "!",
        pl.col("stage").fill_null("none") + "!",
        pl.Series(["sold!", "sold!", "none!", "lost!"]),
    ],
    ids=["template", "callable", "expression", "series"],
)
def test_a_comment_may_be_written_by_polars(comment):
    plan = in_polars().calltouch.plan(RULES, comment, key="deal")
    assert plan.texts.to_pylist() == ["sold!", "sold!", "none!", "lost!"]


def test_tables_are_frames_of_polars(vendor, tmp_path):
    deals = in_polars().with_columns(day=pl.lit(dt.date(2020, 10, 1)))
    done = deals.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection, progress=False)
    counts = done.calltouch.counts()
    assert dict(counts.filter(pl.col("rows") > 0).iter_rows()) == {"commented": 2, "unmatched": 1, "invalid": 1}
    assert done.calltouch.match_rates().columns[:4] == ["type", "offered", "reached", "matched"]
    by_stage = done.calltouch.match_rates("stage").select("stage", "matched")
    assert dict(by_stage.iter_rows()) == {"sold": 2, "lost": 0, None: 0}
    by_two = done.calltouch.match_rates(["day", "stage"])
    assert by_two["day"].to_list() == [dt.date(2020, 10, 1)] * 3
    assert done.calltouch.match_rates(done["stage"])["matched"].to_list() == by_stage["matched"].to_list()
    assert done.calltouch.match_rates("rule")["type"].to_list()[:2] == ["call", "callContact"]
    assert set(done.calltouch.errors()["error_code"]) == {"blank_comment", "lead_not_found"}
    assert done.calltouch.report(tmp_path / "report.html").exists()
    assert [bar.get_text() for bar in done.calltouch.plot.match_rates("stage").get_yticklabels()]


def test_every_verb_of_pandas_is_there():
    assert set(dir(in_pandas().calltouch)) - set(dir(in_polars().calltouch)) == set()


def test_results_are_compared_as_in_pandas(vendor):
    deals = in_polars()
    before = deals.calltouch.preview(RULES, "{stage}", key="deal", journal=ctnb.Journal(CALLS)).frame
    after = deals.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection, progress=False)
    compared = after.calltouch.compare(before, key="deal")
    same = ctnb.compare(pandas_frame(after), pandas_frame(before), key="deal")
    assert len(compared) == len(same) == 4
    assert compared.rows.columns == ["deal", *same.rows.columns]
    assert compared.rows["deal"].to_list() == deals["deal"].to_list()
    assert compared.rows["status_after"].to_list() == after["ct_status"].to_list()
    assert dict(compared.counts.iter_rows()) == same.counts.to_dict()
    assert compared.changes["status_before"].to_list() == same.changes.index.to_list()
    assert compared.unpaired.columns == compared.rows.columns
    assert compared.rates("stage")["pairs"].to_list() == same.rates("stage")["pairs"].to_list()
    assert compared.rates(after["stage"])["stage"].to_list() == compared.rates("stage")["stage"].to_list()
    assert compared.rates()["group"].to_list() == ["all"]
    assert repr(compared) == repr(same)
    assert compared.plot("stage") is not None
    by_row = after.calltouch.compare(before)
    assert by_row.rows["row"].to_list() == [0, 1, 2, 3]


def test_a_key_or_a_group_may_be_called_as_a_column_of_a_table():
    deals = in_polars(reason=["a", "b", "c", "d"], pairs=[1, 2, 2, 2], matched=[1, 1, 2, 2])
    done = deals.calltouch.preview(RULES, "x", key="deal", journal=ctnb.Journal(CALLS)).frame
    compared = done.calltouch.compare(done, key="reason")
    assert compared.rows.columns[0] == "reason"
    assert compared.rows.columns[-1] == "reason.1"
    assert compared.rates("pairs").columns[:2] == ["pairs", "pairs.1"]
    assert compared.rates("pairs").rows()[0][:2] == (1, 1)
    assert done.calltouch.match_rates("matched").columns[0] == "matched"


def test_what_is_no_frame_of_results_is_not_compared():
    with pytest.raises(ctnb.ConfigError, match="`before` cannot be compared"):
        in_polars().with_columns(ct_status=pl.lit("unmatched"), ct_matched=False).calltouch.compare("x", key="deal")


def test_a_preview_has_its_tables_in_polars():
    deals = in_polars()
    preview = deals.calltouch.preview(RULES, "{stage}", key="deal", journal=ctnb.Journal(CALLS))
    assert preview.frame.select(deals.columns).equals(deals)
    assert preview.frame["ct_predicted"].all()
    assert preview.frame["ct_minutes"].to_list() == [0.0, -1.0, None, None]
    assert preview.reasons["row"].to_list() == [row for row in range(4) for _ in RULES]
    assert preview.clock("stage").columns[:2] == ["stage", "shift"]
    assert preview.match_rates("stage").height == 3
    assert preview.sweep("2h").height
    assert "row" in preview.undecided().columns
    assert preview.collisions().height == 0
    assert preview.at_depths({2: "1d"}).frame.height == len(preview) == 4
    done = preview.frame.calltouch.preview(RULES, "{stage}", key="deal", journal=ctnb.Journal(CALLS))
    assert done.frame.columns == preview.frame.columns
    assert repr(preview) == repr(preview.preview)


def test_uncertain_rows_are_looked_for(vendor):
    deals = in_polars()
    deals.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection, progress=False)
    found = deals.calltouch.settle(
        RULES, "{stage}", key="deal", journal=ctnb.Journal(CALLS), connection=vendor.connection,
        mark=pl.Series([False] * 4),
    )  # fmt: skip
    assert found.height == 0
    assert found.columns[:3] == ["row", "grade", "basis"]


def test_phones_of_a_column():
    phones = pl.Series("phone", ["8 915 777-11-22, 8 915 777 11 33", None, "no"])
    assert phones.calltouch.phone().to_list() == ["79157771122", None, None]
    assert phones.calltouch.phones().to_list() == [["79157771122", "79157771133"], [], []]
    assert phones.calltouch.phones().dtype == pl.List(pl.String)


def test_a_lazy_frame_is_refused_with_advice():
    with pytest.raises(ctnb.ConfigError, match=r"collect\(\)"):
        pl.LazyFrame(deals_of(), strict=False).calltouch.plan(RULES, "x", key="deal")


@pytest.mark.parametrize(
    ("rules", "comment", "key", "message"),
    [
        (Call("cal"), "x", "deal", "Did you mean 'call'"),
        (Call("call"), "{stag}", "deal", "Did you mean 'stage'"),
        (Call("call"), "stage", "deal", "{stage}"),
        (Call("call"), "x", "dela", "Did you mean 'deal'"),
        (Call("call"), None, "deal", "comment is missing"),
    ],
)
def test_mistakes_are_named_as_in_pandas(rules, comment, key, message):
    with pytest.raises(ctnb.CtnbError) as here:
        in_polars().calltouch.plan(rules, comment, key=key)
    with pytest.raises(ctnb.CtnbError) as there:
        in_pandas().calltouch.plan(rules, comment, key=key)
    assert message in str(here.value)
    assert str(here.value) == str(there.value)


def test_columns_of_the_users_own_are_not_replaced():
    with pytest.raises(ctnb.ConfigError, match="columns of its own"):
        in_polars(ct_rule=["a"] * 4).calltouch.comment(
            RULES, "x", key="deal", connection=ctnb.Connection(1, "t", base_url="http://127.0.0.1:9"), progress=False
        )


def test_help_shows_the_verbs_parameters():
    import inspect

    accessor = type(in_polars().calltouch)
    assert "resend" in inspect.signature(accessor.comment).parameters
    assert "many times" in inspect.getdoc(accessor.comment)


def test_two_results_are_compared_as_in_pandas(vendor):
    frame = in_polars()
    before = frame.calltouch.comment(Call("call"), "{stage}", key="deal", connection=vendor.connection, progress=False)
    after = frame.calltouch.comment(RULES, "{stage}", key="deal", connection=vendor.connection, progress=False)

    ours = after.calltouch.compare(before, key="deal")
    theirs = after.to_pandas().calltouch.compare(before.to_pandas(), key="deal")

    assert len(ours) == len(theirs) == 4
    assert repr(ours) == repr(theirs)
    assert ours.rows["deal"].to_list() == [1, 2, 3, 4]
    assert ours.rows["change"].to_list() == theirs.rows["change"].tolist()
    assert dict(ours.counts.iter_rows()) == theirs.counts.to_dict()
    assert ours.changes.columns[0] == "status_before"
    assert ours.rates("stage")["difference"].to_list() == theirs.rates("stage")["difference"].tolist()
    assert ours.rates().height == 1
    assert ours.unpaired.height == 0
    assert ours.comparison.rows.index.tolist() == [1, 2, 3, 4]


def test_results_are_compared_by_their_rows_where_these_are_the_same_deals(vendor):
    done = in_polars().calltouch.comment(Call("call"), "{stage}", key="deal", connection=vendor.connection)

    assert done.calltouch.compare(done).rows["row"].to_list() == [0, 1, 2, 3]
    assert done.calltouch.compare(done.to_pandas()).rows["change"].to_list() == ["same"] * 4
