"""The ct_ columns: built, joined, saved and read again."""

import io
import pickle
from datetime import UTC, datetime

import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.outcomes import Attribution, Kind, Reason, Status
from ctnb.results.columns import NAMES, answer_frame, check_names, join, restore

MOMENT = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


def answers(index=None, prefix="ct_"):
    index = pd.RangeIndex(3) if index is None else index
    return answer_frame(
        {
            "status": [Status.COMMENTED, Status.UNMATCHED, Status.INVALID],
            "matched": [True, False, None],
            "matched_by": [Kind.CALL, None, None],
            "rule": [1, None, None],
            "attribution": [Attribution.EXACT, None, None],
            "offered": ["call>callContact", "callContact", None],
            "call_id": ["0012", "34", None],
            "request_id": ["100500", None, None],
            "error": [None, 'Лид "не" найден, увы', "blank"],
            "error_code": [None, Reason.LEAD_NOT_FOUND, Reason.BLANK_COMMENT],
            "replayed": [False, True, False],
            "batch": [1, None, None],
            "attempts": [1, 2, None],
            "answered_at": [MOMENT, MOMENT, None],
        },
        index,
        prefix,
    )


def deals(index, **columns):
    return pd.DataFrame({"deal": ["a", "b", "c"], **columns}, index=index)


def test_columns_have_the_contract_order_and_dtypes():
    frame = answers()
    assert list(frame.columns) == ["ct_" + name for name in NAMES]
    assert {name: str(frame["ct_" + name].dtype) for name in NAMES if frame["ct_" + name].dtype != "string"} == {
        **dict.fromkeys(("status", "matched_by", "attribution", "offered", "error_code"), "category"),
        **dict.fromkeys(("matched", "replayed"), "boolean"),
        **dict.fromkeys(("rule", "batch", "attempts"), "Int64"),
        "answered_at": "datetime64[us, UTC]",
    }
    assert list(frame["ct_status"].cat.categories) == list(Status)
    assert list(frame["ct_matched_by"].cat.categories) == list(Kind)
    assert frame["ct_call_id"].tolist()[:2] == ["0012", "34"]
    assert frame["ct_sip_call_id"].isna().all()


def test_a_status_that_is_not_ours_is_refused():
    with pytest.raises(ConfigError, match=r"ct_status has 'done' in row 2.*commented"):
        answer_frame({"status": ["commented", "done"]}, pd.RangeIndex(2))


@pytest.mark.parametrize(
    "index",
    [
        pd.Index([7, 7, 7]),
        pd.MultiIndex.from_tuples([("x", 1), ("x", 1), ("y", 2)], names=["k", "n"]),
        pd.date_range("2026-01-01", periods=3),
        pd.Index(["b", None, "a"]),
    ],
)
def test_join_keeps_rows_order_and_index(index):
    frame = deals(index)
    before = frame.copy()
    joined = join(frame, answers())
    pd.testing.assert_index_equal(joined.index, index)
    assert joined["deal"].tolist() == ["a", "b", "c"]
    assert joined["ct_status"].tolist() == ["commented", "unmatched", "invalid"]
    pd.testing.assert_frame_equal(frame, before)


def test_join_of_nothing():
    joined = join(pd.DataFrame({"deal": []}), answer_frame({}, pd.RangeIndex(0)))
    assert joined.shape == (0, 18)
    assert join(joined, answer_frame({}, pd.RangeIndex(0))).shape == (0, 18)


def test_join_replaces_an_earlier_run_and_leaves_the_rest():
    first = join(deals(pd.RangeIndex(3), ct_mine=[1, 2, 3]), answers())
    again = answers()
    again["ct_status"] = again["ct_status"].where(again["ct_status"] != "invalid", "busy")
    second = join(first, again)
    assert second.columns.is_unique
    assert second["ct_mine"].tolist() == [1, 2, 3]
    assert second["ct_status"].tolist() == ["commented", "unmatched", "busy"]


def test_join_with_another_prefix_keeps_both():
    joined = join(join(deals(pd.RangeIndex(3)), answers()), answers(prefix="test_"), "test_")
    assert joined.shape[1] == 1 + 2 * len(NAMES)


@pytest.mark.parametrize("own", [{"ct_status": ["won", "lost", "won"]}, {"ct_error": ["x", "y", "z"]}])
def test_columns_of_the_users_own_are_not_replaced(own):
    frame = deals(pd.RangeIndex(3), **own)
    with pytest.raises(ConfigError, match="prefix=, or drop or rename"):
        join(frame, answers())
    with pytest.raises(ConfigError, match=next(iter(own))):
        check_names(frame)


def test_two_columns_of_one_name_pass_and_two_of_ours_are_refused():
    frame = pd.DataFrame([[1, 2]] * 3, columns=["phone", "phone"])
    joined = join(frame, answers())
    assert list(joined.columns[:3]) == ["phone", "phone", "ct_status"]
    with pytest.raises(ConfigError, match="2 columns called 'ct_status'"):
        restore(pd.concat([joined, joined[["ct_status"]]], axis=1))


@pytest.mark.parametrize(
    "columns", [pd.RangeIndex(1), pd.CategoricalIndex(["deal"]), pd.Index([("a", "b")], dtype=object)]
)
def test_any_flat_column_index_is_taken(columns):
    frame = pd.DataFrame([[1], [2], [3]])
    frame.columns = columns if not isinstance(columns[0], tuple) else pd.Index([0])
    assert join(frame, answers()).shape == (3, 18)


def test_column_levels_are_refused_with_advice():
    frame = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))
    for use in (restore, check_names):
        with pytest.raises(ConfigError, match=r"2 levels\. Flatten"):
            use(frame)


def through_csv(frame, **options):
    return pd.read_csv(io.StringIO(frame.to_csv(index=False)), **options)


def through_parquet(frame):
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return pd.read_parquet(buffer)


def through_excel_like(frame):
    return frame.assign(ct_answered_at=frame["ct_answered_at"].dt.tz_localize(None)).astype(object)


@pytest.mark.parametrize(
    "travel",
    [
        lambda frame: through_csv(frame, dtype=str),
        lambda frame: through_csv(frame, dtype=str, keep_default_na=False),
        lambda frame: through_csv(frame, dtype={"ct_call_id": str}),
        lambda frame: through_csv(frame, dtype={"ct_call_id": str}, dtype_backend="pyarrow"),
        through_parquet,
        through_excel_like,
        lambda frame: frame.astype(object),
        lambda frame: frame.astype(str),
        lambda frame: pickle.loads(pickle.dumps(frame)),
        lambda frame: pd.concat([frame.iloc[:1], frame.iloc[1:].copy()]),
        lambda frame: pd.concat([part.astype(object) for part in (frame[:1], through_csv(frame, dtype=str)[1:])]),
    ],
    ids=["text", "text-blank", "csv", "arrow", "parquet", "excel", "object", "str", "pickle", "concat", "mixed"],
)
def test_results_come_back_from_a_journey(travel):
    found = restore(travel(answers()))
    pd.testing.assert_frame_equal(found, restore(answers()), check_categorical=False)
    assert list(found["status"].cat.categories) == list(Status)
    assert [str(dtype) for dtype in found.dtypes] == [str(dtype) for dtype in restore(answers()).dtypes]


def test_ids_with_gaps_stay_whole_numbers():
    frame = through_csv(answers())
    assert frame["ct_request_id"].dtype == float
    assert restore(frame)["request_id"].tolist()[0] == "100500"
    both = pd.concat([answers(), frame])
    assert restore(both)["request_id"].dropna().tolist() == ["100500", "100500"]


def test_naive_moments_are_utc():
    frame = pd.DataFrame({"ct_status": ["commented"], "ct_answered_at": ["2026-01-31 12:00:00"]})
    assert restore(frame)["answered_at"][0] == pd.Timestamp("2026-01-31 12:00", tz="UTC")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "sent"),
        ("matched", "maybe"),
        ("matched_by", "fax"),
        ("rule", "1.5"),
        ("rule", "-1"),
        ("offered", "call>fax"),
        ("error_code", "oops"),
        ("answered_at", "31.01.2026"),
    ],
)
def test_a_value_that_is_not_ours_is_named(name, value):
    frame = pd.DataFrame({"ct_status": ["commented", "busy"]}).assign(**{"ct_" + name: [None, value]})
    with pytest.raises(ConfigError, match=f"ct_{name} has '{value}' in row 2"):
        restore(frame)


def test_a_frame_without_results_says_what_to_do():
    with pytest.raises(ConfigError, match=r"call comment\(\.\.\.\) first"):
        restore(pd.DataFrame({"deal": [1]}))
    with pytest.raises(ConfigError, match=r"empty in 1 of 2 rows.*dropna"):
        restore(pd.DataFrame({"ct_status": ["busy", None]}))
    with pytest.raises(ConfigError, match="'ct_offered' is missing"):
        restore(pd.DataFrame({"ct_status": ["busy"]}), only=["status", "offered"])
