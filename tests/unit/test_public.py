import inspect
import json
import subprocess
import sys
from importlib import resources

import pandas as pd
import pytest

import ctnb
from ctnb import Call, CallContact, Emulator, accessor, api
from ctnb.exceptions import ConfigError, RuleError

BESIDE_PANDAS = {
    "ctnb",
    "ctnb.accessor",
    "ctnb.plot_accessor",
    "ctnb.api",
    "ctnb.api_journals",
    "ctnb.api_results",
    "ctnb.defaults",
    "ctnb.exceptions",
    "ctnb.i18n",
    "ctnb.i18n.language",
    "ctnb.i18n.message",
    "ctnb.version",
}
"""All that ``import ctnb`` may load beside what ``import pandas`` does."""

NEVER = {
    "aiohttp",
    "asyncio",
    "babel",
    "dotenv",
    "ipywidgets",
    "jinja2",
    "matplotlib",
    "msgspec",
    "phonenumbers",
    "tqdm",
    "typer",
}
"""What it may not load, whatever pandas comes to load."""


def python(code, cwd):
    """Return what a fresh interpreter prints as JSON; it runs in an empty folder."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=cwd, capture_output=True, check=True, encoding="utf-8"
    )
    return json.loads(done.stdout)


def tops(modules):
    """Return the packages that modules are of."""
    return {name.partition(".")[0] for name in modules}


def journal(calls):
    """Return a journal of so many calls."""
    return pd.DataFrame({"callId": range(1, calls + 1), "date": "01-03-2024 10:00:00"})


def test_the_public_names_are_sorted_and_all_there():
    assert list(ctnb.__all__) == sorted(set(ctnb.__all__))
    for name in ctnb.__all__:
        assert getattr(ctnb, name) is not None
        assert name in dir(ctnb)


def test_dir_names_each_once_before_and_after_they_are_used():
    assert len(dir(ctnb)) == len(set(dir(ctnb)))
    assert dir(ctnb) == sorted(dir(ctnb))


def test_a_name_that_there_is_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'ctnb' has no attribute 'nothing'"):
        _ = ctnb.nothing
    assert not hasattr(ctnb, "nothing")


def test_names_resolve_in_a_fresh_interpreter_in_any_order(tmp_path):
    code = (
        "import json, random, ctnb; names = list(ctnb.__all__); random.Random(7).shuffle(names); "
        "print(json.dumps([name for name in names if getattr(ctnb, name, None) is None]))"
    )
    assert python(code, tmp_path) == []


def test_importing_it_loads_pandas_and_a_few_light_modules_of_its_own(tmp_path):
    listed = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    pandas_alone = python(f"import pandas; {listed}", tmp_path)
    ours = python(f"import ctnb; {listed}", tmp_path)
    assert set(ours) - set(pandas_alone) == BESIDE_PANDAS
    assert not tops(ours) & NEVER


def test_importing_it_reads_no_setting_and_no_file(tmp_path):
    (tmp_path / ".env").write_bytes(b"CALLTOUCH_SITE_ID=\xff")
    code = """
import json, sys, pandas, importlib
seen = []
def watch(event, args):
    if event in {"open", "os.listdir", "os.scandir", "socket.connect", "subprocess.Popen", "os.putenv"}:
        seen.append(f"{event} {args[0]}")
sys.addaudithook(watch)
import ctnb
print(json.dumps([line for line in seen if not line.endswith((".py", ".pyc", "ctnb")) and ".pyc." not in line]))
"""
    opened = python(code, tmp_path)
    # What is left is the import system looking into folders for modules.
    assert [line for line in opened if not line.startswith(("os.listdir", "os.scandir"))] == []


def test_importing_it_looks_at_no_variable(tmp_path):
    code = """
import json, os, pandas
class Watched(type(os.environ)):
    seen = []
    def __getitem__(self, name):
        self.seen.append(name)
        return super().__getitem__(name)
watched = object.__new__(Watched)
watched.__dict__ = os.environ.__dict__
os.environ = watched
import ctnb
print(json.dumps([name for name in Watched.seen if name.startswith(("CALLTOUCH", "CTNB"))]))
"""
    assert python(code, tmp_path) == []


VERBS = ["plan", "preview", "comment", "acomment", "settle", "studio", "counts", "match_rates", "errors", "dashboard"]
VERBS += ["compare", "report"]
PLOTS = ["match_rates", "errors", "waterfall", "timeline", "heatmap", "funnel"]


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_of_the_accessor_has_a_function_of_its_name(verb):
    method, function = getattr(pd.DataFrame({"a": [1]}).calltouch, verb), getattr(ctnb, verb)
    assert function is getattr(api, verb)
    taken = inspect.signature(function).parameters
    assert list(inspect.signature(method).parameters.values()) == list(taken.values())[1:]
    assert inspect.signature(method).return_annotation == inspect.signature(function).return_annotation


@pytest.mark.parametrize("verb", VERBS)
def test_help_on_a_verb_is_the_whole_text_less_the_frame(verb):
    whole, shown = inspect.getdoc(getattr(ctnb, verb)), inspect.getdoc(getattr(accessor.DealsAccessor, verb))
    frame = next(iter(inspect.signature(getattr(ctnb, verb)).parameters))
    assert "\nParameters\n" in shown
    assert "\nReturns\n" in shown
    assert f"{frame} : DataFrame" in whole
    assert f"{frame} : DataFrame" not in shown
    assert set(shown.splitlines()) < set(whole.splitlines())


@pytest.mark.parametrize("plot", PLOTS)
def test_help_on_a_plot_names_each_of_its_parameters(plot):
    method = getattr(accessor.PlotAccessor, plot)
    shown = inspect.getdoc(method)
    for name in list(inspect.signature(method).parameters)[1:]:
        assert f"\n{name} : " in shown
    assert "\nReturns\n" in shown
    assert "\nRaises\n" in shown


def test_no_verb_is_missing_among_the_functions_and_no_plot_among_the_plots():
    assert sorted(VERBS) == sorted(name for name in vars(accessor.DealsAccessor) if name[0] != "_" and name != "plot")
    assert sorted(PLOTS) == sorted(name for name in vars(accessor.PlotAccessor) if name[0] != "_")


def test_the_accessors_say_what_they_can_do():
    frame = pd.DataFrame({"phone": ["89157771122"]})
    assert all(f".{verb}(" in repr(frame.calltouch) for verb in VERBS)
    assert all(f".plot.{plot}(" in repr(frame.calltouch) for plot in PLOTS)
    assert all(f".{plot}(" in repr(frame.calltouch.plot) for plot in PLOTS)
    assert "phones(" in repr(frame["phone"].calltouch)
    assert "8915" not in repr(frame.calltouch)


@pytest.mark.parametrize("dtype", [object, "string", "category"])
@pytest.mark.parametrize(
    "index",
    [pd.Index([5, 5, 1, 0]), pd.MultiIndex.from_product([["a", "b"], [1, 2]])],
    ids=["duplicates", "MultiIndex"],
)
def test_phone_gives_the_first_number_of_each_cell(dtype, index):
    cells = ["8 (915) 777-11-22, 89261112233", "x", None, "+375 29 123-45-67"]
    phones = pd.Series(cells, dtype=dtype, index=index, name="Телефон")
    first = phones.calltouch.phone()
    expected = pd.Series(["79157771122", None, None, "375291234567"], dtype="string", index=index, name="Телефон")
    pd.testing.assert_series_equal(first, expected)


def test_phones_gives_every_number_of_each_cell():
    phones = pd.Series(
        ["8 (915) 777-11-22, 89261112233", "x", None, 79157771122.0], dtype=object, index=list("abca"), name=7
    )
    several = phones.calltouch.phones()
    assert several.tolist() == [["79157771122", "79261112233"], [], [], ["79157771122"]]
    assert (several.dtype, several.name, several.index.tolist()) == (object, 7, list("abca"))


def test_phones_of_an_empty_column_and_of_another_region():
    empty = pd.Series([], dtype=object, name="p")
    assert (str(empty.calltouch.phone().dtype), empty.calltouch.phones().tolist()) == ("string", [])
    kazakh = pd.Series(["8 (701) 234-56-78"])
    assert kazakh.calltouch.phone(region="KZ").tolist() == ["77012345678"]
    with pytest.raises(ConfigError, match="region 'Kazakhstan' is not known"):
        kazakh.calltouch.phones("Kazakhstan")


def test_the_types_ship():
    assert resources.files("ctnb").joinpath("py.typed").is_file()


@pytest.mark.parametrize("name", ["ct_status", "ct_rule", "ct_matched"])
def test_columns_of_the_users_own_are_refused_before_anything_is_sent(name):
    deals = pd.DataFrame({"call": [1, 2], name: ["mine", "mine too"]})
    with Emulator(journal(2), rate=None) as vendor:
        with pytest.raises(ConfigError, match=f"under the names of the results: {name}.*another prefix=") as refusal:
            deals.calltouch.comment(Call("call"), "text", connection=vendor.connection, progress=False)
        assert vendor.posts.empty
        kept = deals.calltouch.comment(Call("call"), "text", connection=vendor.connection, progress=False, prefix="x_")
        assert vendor.posts["leads"].tolist() == [2]
    assert "drop or rename" in str(refusal.value)
    assert kept[name].tolist() == ["mine", "mine too"]
    assert kept["x_status"].tolist() == ["commented"] * 2


def test_a_second_run_replaces_the_results_and_sends_nothing():
    deals = pd.DataFrame({"call": [1, 9]}, index=["x", "x"])
    with Emulator(journal(2), rate=None) as vendor:
        first = deals.calltouch.comment(Call("call"), "text", connection=vendor.connection, progress=False)
        again = first.calltouch.comment(Call("call"), "text", connection=vendor.connection, progress=False)
        assert vendor.posts["leads"].tolist() == [2]
    assert list(again.columns) == list(first.columns)
    assert again["ct_status"].tolist() == first["ct_status"].tolist() == ["commented", "unmatched"]
    assert (first["ct_replayed"].tolist(), again["ct_replayed"].tolist()) == ([False] * 2, [True] * 2)
    assert list(deals.columns) == ["call"]


async def test_the_functions_and_the_accessor_do_the_same():
    deals = pd.DataFrame({"call": [1, 2]})
    with Emulator(journal(2), rate=None) as vendor:
        options = {"connection": vendor.connection, "progress": False}
        one = ctnb.comment(deals, Call("call"), "text", **options)
        other = await deals.calltouch.acomment(Call("call"), "text", **options, job="again")
        third = await ctnb.acomment(deals, Call("call"), "text", **options)
        assert len(vendor.comments) == 4
    columns = ["ct_status", "ct_matched_by", "ct_rule", "ct_call_id"]
    pd.testing.assert_frame_equal(one[columns], other[columns])
    pd.testing.assert_frame_equal(one[columns], third[columns])
    assert repr(ctnb.plan(deals, Call("call"), "t")) == repr(deals.calltouch.plan(Call("call"), "t"))


@pytest.mark.parametrize("resend", ["commented", "all", ["unmatched", "x"], [5]])
def test_another_resend_is_refused_before_anything_is_sent(resend):
    deals = pd.DataFrame({"call": [1], "phone": ["89157771122"], "at": ["2024-03-01"]})
    with Emulator(journal(1), rate=None) as vendor:
        with pytest.raises(ConfigError, match='"unmatched", "uncertain" or both are allowed'):
            deals.calltouch.comment(
                [Call("call"), CallContact("phone", "at", depth=5)],
                "text",
                connection=vendor.connection,
                progress=False,
                resend=resend,
            )
        assert vendor.posts.empty


BOOK = """
comment = "{stage}"
key = "deal"
job = "spring"
region = "BY"
timezone = "Asia/Yekaterinburg"

[[rules]]
type = "callContact"
phones = ["phone"]
date = "at"
depth = "2h"
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(BOOK, encoding="utf-8")
    return ctnb.load_rulebook(path)


@pytest.fixture
def belarusian_deals():
    return pd.DataFrame({"deal": [1], "phone": ["8 029 123-45-67"], "at": ["2024-03-01 10:00"], "stage": ["won"]})


def test_a_rulebook_stands_for_the_whole_job(book, belarusian_deals):
    (lead,) = belarusian_deals.calltouch.plan(book).leads()
    assert lead["addComment"] == "won"
    assert lead["matching"][0]["callContactParams"]["phones"] == ["375291234567"]


def test_arguments_win_over_the_rulebook(book, belarusian_deals):
    planned = belarusian_deals.calltouch.plan(book, job="autumn", key="stage", region="RU")
    assert planned.job == "autumn"
    assert planned.counts["invalid"] == 1  # without its code a number of Belarus is none of Russia
    assert belarusian_deals.calltouch.plan(book, "other: {stage}").leads()[0]["addComment"] == "other: won"


def test_a_comment_is_needed_where_no_rulebook_has_one(belarusian_deals):
    with pytest.raises(RuleError, match="comment is missing"):
        belarusian_deals.calltouch.plan(CallContact("phone", "at", depth=5))


def test_the_rulebooks_time_zone_wins_over_the_connections_default(book, belarusian_deals):
    aware = belarusian_deals.assign(at="2024-03-01T10:00+00:00")
    by_default = ctnb.Connection(1, "a token that is long")
    (lead,) = aware.calltouch.plan(book, connection=by_default).leads()
    assert lead["matching"][0]["callContactParams"]["date"] == "01-03-2024 15:00:00"


@pytest.mark.parametrize("zone", ["Asia/Yekaterinburg", "Europe/Moscow"])
def test_two_time_zones_that_differ_are_refused(book, belarusian_deals, zone):
    connection = ctnb.Connection(1, "a token that is long", timezone=zone)
    if zone == book.timezone:
        assert belarusian_deals.calltouch.plan(book, connection=connection).counts["ready"] == 1
    else:
        with pytest.raises(ConfigError, match="'Asia/Yekaterinburg', and the connection's is 'Europe/Moscow'"):
            belarusian_deals.calltouch.plan(book, connection=connection)
