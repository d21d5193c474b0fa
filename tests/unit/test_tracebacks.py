"""A user's mistake shows few frames of ours, and none of a thread."""

import traceback
from pathlib import Path

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Connection, Request, RequestContact, Rulebook, col

MOST_FRAMES = 6
OURS = str(Path(ctnb.__file__).parent)
DEALS = pd.DataFrame({"call": [1, 2], "phone": ["89157771122", None], "at": ["2026-03-01"] * 2, "stage": ["a", "b"]})
GIVEN = {"rules": Call("call"), "comment": "{stage}"}
CONTACT = {"phones": "phone", "date": "at", "depth": 5}
MISTAKES = {
    "id": {"rules": Call("x")},
    "id, second rule": {"rules": [Call("call"), Request("x")]},
    "tags": {"rules": Call("call", tags=col("x"))},
    "tags_logic": {"rules": Call("call", tags_logic=col("x"))},
    "phones": {"rules": CallContact(**CONTACT | {"phones": ["phone", "x"]})},
    "emails": {"rules": RequestContact(**CONTACT | {"emails": "x"})},
    "date": {"rules": CallContact(**CONTACT | {"date": "x"})},
    "depth": {"rules": CallContact(**CONTACT | {"depth": col("x")})},
    "match": {"rules": CallContact(**CONTACT | {"match": col("x")})},
    "field of the comment": {"comment": "{x}"},
    "column of the comment": {"comment": col("x")},
    "braces of the comment": {"comment": "{stage"},
    "comment without a field": {"comment": "stage"},
    "type of the comment": {"comment": 5},
    "missing key": {"key": "x"},
    "type of the key": {"key": ["call"]},
    "job": {"job": 5},
    "region": {"region": "Russia"},
    "empty rules": {"rules": []},
    "type of the rules": {"rules": 5},
    "column that stands twice": {"deals": pd.DataFrame([[1, 2, "a"]], columns=["call", "call", "stage"])},
    "columns in levels": {"deals": pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))},
    "no frame": {"deals": [1]},
}
BUILT = {
    "id of a rule": lambda: Call(5),
    "depth of a rule": lambda: CallContact("phone", "at", depth="soon"),
    "no contact": lambda: RequestContact("at", depth=5),
    "region of a rulebook": lambda: Rulebook(Call("call"), region="Russia"),
    "rules of a rulebook": lambda: Rulebook([]),
    "region of a column": lambda: DEALS["phone"].calltouch.phone("Russia"),
    "rulebook in a file": lambda: ctnb.dump_rulebook(Rulebook(Call("call"), len), "rules.toml"),
}


def our_frames(error):
    """Return the frames of ours in a traceback, the chained ones too."""
    frames = [frame for each in (error, error.__cause__, error.__context__) if each for frame in _frames(each)]
    return [frame for frame in frames if frame.filename.startswith(OURS)]


def _frames(error):
    return traceback.extract_tb(error.__traceback__)


@pytest.fixture(autouse=True)
def _windows_in_threads(monkeypatch):
    monkeypatch.setattr("ctnb.leads.plan.WINDOW", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_of_planning_shows_few_frames(mistake):
    given = {"deals": DEALS} | GIVEN | mistake
    with pytest.raises(ctnb.CtnbError) as refusal:
        ctnb.plan(**given)
    assert len(our_frames(refusal.value)) <= MOST_FRAMES
    assert not [frame for frame in _frames(refusal.value) if "concurrent" in frame.filename]


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if name != "no frame"])
def test_a_mistake_of_commenting_shows_few_frames(mistake):
    given = GIVEN | MISTAKES[mistake]
    deals = given.pop("deals", DEALS)
    with pytest.raises(ctnb.CtnbError) as refusal:
        deals.calltouch.comment(**given, connection=Connection(1, "token", ledger=None), progress=False)
    assert len(our_frames(refusal.value)) <= MOST_FRAMES


RESULTS = pd.DataFrame({"deal": [1, 2], "ct_status": ["commented", "unmatched"], "ct_matched": [True, False]})
COMPARED = {
    "key": {"key": "x"},
    "type of the key": {"key": ["deal"]},
    "before without results": {"before": DEALS},
    "before with a strange status": {"before": RESULTS.assign(ct_status="x")},
    "before is no frame": {"before": [1]},
    "index that repeats": {"before": RESULTS.set_axis([1, 1])},
    "two exports": {"before": RESULTS.assign(deal=[2, 1])},
}


@pytest.mark.parametrize("mistake", COMPARED.values(), ids=COMPARED)
def test_a_mistake_of_comparing_shows_few_frames(mistake):
    with pytest.raises(ctnb.CtnbError) as refusal:
        RESULTS.calltouch.compare(**{"before": RESULTS} | mistake)
    assert len(our_frames(refusal.value)) <= MOST_FRAMES


@pytest.mark.parametrize("build", BUILT.values(), ids=BUILT)
def test_a_value_that_cannot_be_used_shows_few_frames(build):
    with pytest.raises(ctnb.CtnbError) as refusal:
        build()
    assert len(our_frames(refusal.value)) <= MOST_FRAMES
