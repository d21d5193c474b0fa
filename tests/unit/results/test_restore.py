"""Results read back from frames that were saved and loaded, and names that are the user's own."""

import io
import pickle

import pandas as pd
import pytest

from ctnb.exceptions import ConfigError
from ctnb.outcomes import Status
from ctnb.results.columns import join
from ctnb.results.restore import check_names, restore


@pytest.mark.parametrize("own", [{"ct_status": ["won", "lost", "won"]}, {"ct_error": ["x", "y", "z"]}])
def test_columns_of_the_users_own_are_refused(own):
    frame = pd.DataFrame({"deal": ["a", "b", "c"], **own})
    with pytest.raises(ConfigError, match=rf"{next(iter(own))}.*prefix=, or drop or rename"):
        check_names(frame)


def test_results_of_an_earlier_run_may_be_replaced(answers):
    check_names(answers())
    check_names(pd.DataFrame({"deal": ["a"], "ct_mine": ["b"]}))


def test_two_columns_of_one_name_pass_and_two_of_ours_are_refused(answers):
    frame = pd.DataFrame([[1, 2]] * 3, columns=["phone", "phone"])
    joined = join(frame, answers())
    assert list(joined.columns[:3]) == ["phone", "phone", "ct_status"]
    with pytest.raises(ConfigError, match="2 columns called 'ct_status'"):
        restore(pd.concat([joined, joined[["ct_status"]]], axis=1))


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


def through_objects(frame):
    return frame.assign(ct_answered_at=frame["ct_answered_at"].dt.tz_localize("UTC")).astype(object)


@pytest.mark.parametrize(
    "travel",
    [
        lambda frame: through_csv(frame, dtype=str),
        lambda frame: through_csv(frame, dtype=str, keep_default_na=False),
        lambda frame: through_csv(frame, dtype={"ct_call_id": str}),
        lambda frame: through_csv(frame, dtype={"ct_call_id": str}, dtype_backend="pyarrow"),
        through_parquet,
        through_objects,
        lambda frame: frame.astype(object),
        lambda frame: frame.astype(str),
        lambda frame: pickle.loads(pickle.dumps(frame)),
        lambda frame: pd.concat([frame.iloc[:1], frame.iloc[1:].copy()]),
        lambda frame: pd.concat([part.astype(object) for part in (frame[:1], through_csv(frame, dtype=str)[1:])]),
    ],
    ids=["text", "text-blank", "csv", "arrow", "parquet", "excel", "object", "str", "pickle", "concat", "mixed"],
)
def test_results_come_back_from_a_journey(travel, answers):
    found = restore(travel(answers()))
    pd.testing.assert_frame_equal(found, restore(answers()), check_categorical=False)
    assert list(found["status"].cat.categories) == list(Status)
    assert [str(dtype) for dtype in found.dtypes] == [str(dtype) for dtype in restore(answers()).dtypes]


def test_ids_with_gaps_stay_whole_numbers(answers):
    frame = through_csv(answers())
    assert frame["ct_request_id"].dtype == float
    assert restore(frame)["request_id"].tolist()[0] == "100500"
    both = pd.concat([answers(), frame])
    assert restore(both)["request_id"].dropna().tolist() == ["100500", "100500"]


@pytest.mark.parametrize("text", ["2026-01-31 12:00:00", "2026-01-31 12:00:00+00:00", "2026-01-31 15:00:00+03:00"])
def test_moments_are_utc_without_a_zone(text):
    frame = pd.DataFrame({"ct_status": ["commented"], "ct_answered_at": [text]})
    assert restore(frame)["answered_at"][0] == pd.Timestamp("2026-01-31 12:00")


def test_a_workbook_takes_results_as_they_are(answers):
    """`to_excel` refuses moments that have a zone."""
    buffer = io.BytesIO()
    answers().to_excel(buffer, index=False)
    back = restore(pd.read_excel(buffer, engine="openpyxl", dtype={"ct_call_id": str}))
    assert back["answered_at"].dt.floor("s").tolist() == restore(answers())["answered_at"].dt.floor("s").tolist()
    assert back["call_id"].tolist() == restore(answers())["call_id"].tolist()


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
