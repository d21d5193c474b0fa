"""The depth explorer: sliders are set as a user sets them, and what it shows is read back."""

import re

import pytest
from shown_previews import EMAIL, RULES, shown_preview
from widget_reading import displayed, text

import ctnb
from ctnb.exceptions import MissingExtraError
from ctnb.views.explorer import open as opening


@pytest.fixture(params=["plain", "united"])
def preview(request):
    """Each row a lead of its own; or leads of two rows, whose depths differ."""
    if request.param == "plain":
        return shown_preview()
    rules = [RULES[0], ctnb.CallContact("phone", "created", depth=ctnb.col("minutes")), RULES[2]]
    return shown_preview(rules=rules, key="pair", texts="paid")


@pytest.fixture
def explorer(preview):
    return preview.explorer()


def facts(explorer):
    found = re.findall(r'ctnb-label">([^<]*)</div><div class="ctnb-value">([^<]*)<', explorer.headline.value)
    return dict(found)


def counts(explorer):
    """What the table says of each rule: takes, finds alone, precision."""
    rows = re.findall(r"<tr><th[^>]*>(\d+)</th>(.*?)\s*</tr>", explorer.table.value, re.DOTALL)
    return {int(rank): re.findall(r"<td[^>]*>([^<]*)</td>", cells)[2:] for rank, cells in rows}


def expected(anew):
    table = anew.sweep([]).to_dict("records")
    return {row["rule"]: [f"{row['takes']:,}", f"{row['alone']:,}"] for row in table}, table


def test_numbers_are_those_of_a_preview_run_anew_at_these_depths(explorer, preview):
    for depths in ({2: 1}, {2: 45, 3: 1440}, {2: 525_600, 3: 5}, {3: 180}, {2: 240}):
        for rank, minutes in depths.items():
            explorer.sliders[rank].value = minutes
        at = {rank: minutes for rank, minutes in explorer.depths.items() if minutes is not None}
        anew = preview.at_depths(at)
        assert facts(explorer)["Would match"] == f"{int(anew.frame['ct_matched'].sum()):,}"
        wanted, table = expected(anew)
        assert {rank: cells[:2] for rank, cells in counts(explorer).items()} == wanted
        for row in table:
            shown = counts(explorer)[row["rule"]][2]
            assert shown == "–" if row["truths"] == 0 else shown.startswith(f"{100 * row['precision']:.1f}")
    assert explorer.problem.value == ""


def test_rules_under_the_chosen_depths_give_what_was_shown():
    preview = shown_preview()
    explorer = preview.explorer()
    explorer.sliders[2].value, explorer.sliders[3].value = 5, 2880
    anew = shown_preview(rules=list(explorer.rules))
    assert facts(explorer)["Would match"] == str(int(anew.frame["ct_matched"].sum()))


def test_there_is_a_slider_for_each_rule_by_contact_at_its_own_depth():
    explorer = shown_preview().explorer()
    assert explorer.depths == {2: 120, 3: 1440}
    assert explorer.sliders[2].description == "2. callContact by phone"
    assert explorer.sliders[3].description == "3. requestContact by phone, email"
    assert explorer.sliders[2].label == "2\u00a0h, as set"


def test_depths_go_from_a_minute_to_a_year_in_words():
    ctnb.set_language("ru")
    labels = [label for label, _ in shown_preview().explorer().sliders[2].options]
    assert (labels[0], labels[-1]) == ("1\u00a0мин", "1 год")
    assert "2\u00a0ч, как задано" in labels


def test_an_odd_depth_of_a_rule_is_among_them():
    explorer = shown_preview(rules=[ctnb.CallContact("phone", "created", depth=97)]).explorer()
    minutes = [minutes for _, minutes in explorer.sliders[1].options]
    assert 97 in minutes
    assert minutes == sorted(minutes)


def test_depths_by_row_stay_until_the_slider_is_moved_and_can_be_had_again():
    preview = shown_preview(rules=[ctnb.CallContact("phone", "created", depth=ctnb.col("minutes"))])
    explorer = preview.explorer()
    before = facts(explorer)
    assert explorer.depths == {1: None}
    explorer.sliders[1].value = 1
    assert facts(explorer) != before
    assert explorer.rules[0].depth == 1
    explorer.reset.click()
    assert facts(explorer) == before
    assert explorer.rules == preview.matched.plan.rules


def test_the_marks_in_the_chart_follow():
    explorer = shown_preview().explorer()

    def marks():
        return re.findall(r'<g stroke="(#\w+)" data-mark="depth">\s*<line x1="([\d.]+)"', explorer.chart.value)

    before = marks()
    explorer.sliders[2].value = 525_600
    after = marks()
    assert [colour for colour, _ in after] == ["#0072B2", "#D55E00"]
    assert float(after[0][1]) > float(before[0][1])
    assert after[1] == before[1]


def test_the_difference_to_the_rules_as_set_is_shown():
    explorer = shown_preview().explorer()
    assert facts(explorer)["Against the depths as set"] == "0"
    explorer.sliders[2].value = 1
    assert facts(explorer)["Against the depths as set"].startswith("\u2212")
    explorer.reset.click()
    assert facts(explorer)["Against the depths as set"] == "0"


def test_the_code_makes_the_rules_and_goes_when_a_slider_is_moved():
    explorer = shown_preview().explorer()
    explorer.sliders[2].value = 4320
    explorer.take.click()
    names = {}
    exec(explorer.code.value, names)
    assert names["rules"] == list(explorer.rules)
    assert 'depth="3d"' in explorer.code.value
    assert explorer.code.layout.display == ""
    explorer.sliders[2].value = 1
    assert explorer.code.layout.display == "none"


def test_a_caller_may_take_the_rules_itself():
    from ctnb.views.explorer.explorer import DepthExplorer

    taken = []
    explorer = DepthExplorer(shown_preview().matched, use=taken.append)
    explorer.sliders[2].value = 60
    explorer.take.click()
    assert taken == [explorer.rules]
    assert explorer.code.layout.display == "none"


def test_an_error_is_shown_in_the_explorer(monkeypatch):
    explorer = shown_preview().explorer()
    monkeypatch.setattr(type(explorer), "_at_depths", lambda _: 1 / 0)
    explorer.sliders[2].value = 60
    assert "ZeroDivisionError" in explorer.problem.value


def test_a_saved_notebook_keeps_a_picture_and_the_numbers():
    explorer = shown_preview().explorer()
    kept = displayed(explorer)
    assert "application/vnd.jupyter.widget-view+json" in kept
    assert kept["text/plain"].startswith("Predicted")
    assert "data:image/png;base64," in kept["text/html"]
    assert "<script" not in kept["text/html"]


def test_it_shows_no_contact():
    explorer = shown_preview().explorer()
    shown = text(explorer) + displayed(explorer)["text/html"]
    assert EMAIL not in shown
    assert "7915000" not in shown


def test_rules_by_id_alone_have_no_slider():
    explorer = shown_preview(rules=RULES[:1]).explorer()
    assert explorer.sliders == {}
    assert explorer.problem.value == ""


def test_no_rows_are_no_error():
    explorer = shown_preview(0).explorer()
    explorer.sliders[2].value = 60
    assert explorer.problem.value == ""


def test_without_ipywidgets_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"ctnb\[notebook\]"):
        shown_preview(6).explorer()
