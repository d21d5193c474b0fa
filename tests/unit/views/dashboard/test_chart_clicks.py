"""What a click on a bar, a cell or a period of the sheet leaves: exactly the rows that it counts."""

import re

import numpy as np
import pandas as pd
import pytest
from board import Board


@pytest.fixture
def two(frame):
    """The frame with a second column to group by."""
    return frame.assign(city=np.array(["a", "b", "c"])[np.arange(600) // 2 % 3])


@pytest.fixture
def map_of_two(two):
    return Board(two.calltouch.dashboard()).chart("heatmap", down="city", across="manager")


def test_a_cell_of_the_heatmap_filters_by_both_of_its_values(map_of_two, two):
    board = map_of_two
    cells = board.sheet.chart["bars"]
    assert board.sheet.chart["cells"] is True
    assert len(cells) == 15
    rows = two[two["city"].eq("b") & two["manager"].eq("Анна")]
    answered, matched = int(rows["ct_matched"].notna().sum()), int(rows["ct_matched"].sum())
    label = next(cell["label"] for cell in cells if cell["label"].startswith("b · Анна: "))
    assert f"{100 * matched / answered:.1f}\u00a0% matched, {matched} of {answered} answered (95 % interval " in label
    board.click("b · Анна")
    assert board.chips == ["city: b", "manager: Анна"]
    assert board.rows.index.tolist() == rows.index.tolist()
    assert board.pressed == ["b · Анна"]
    assert [cell["label"] for cell in board.sheet.chart["bars"]] == [cell["label"] for cell in cells], "the others stay"
    assert "its own cells" in board.sheet.chart["note"]
    board.click("c · Борис")
    assert board.chips == ["city: c", "manager: Борис"]
    board.click("c · Борис")
    assert board.chips == []
    board.ask("undo").ask("undo")
    assert board.chips == ["city: b", "manager: Анна"], "a click is one step"


def test_a_cell_of_a_type_or_a_rule_leaves_what_matched_by_it(two):
    board = Board(two.calltouch.dashboard()).chart("heatmap", down="manager", across="matching type")
    board.click("Анна · call:")
    wanted = two["manager"].eq("Анна") & two["ct_matched_by"].eq("call").fillna(value=False)
    assert board.rows.index.tolist() == two.index[wanted].tolist()
    board.ask("all").chart("heatmap", across="rule")
    board.click("Борис · 2 ")
    wanted = two["manager"].eq("Борис") & two["ct_rule"].eq(2).fillna(value=False)
    assert board.rows.index.tolist() == two.index[wanted].tolist()
    assert len(board.rows) > 0


def test_buttons_lie_where_the_cells_are_drawn_and_a_filter_lights_its_line(map_of_two):
    boxes = np.array([cell["box"] for cell in map_of_two.sheet.chart["bars"]])
    assert ((boxes > 0) & (boxes < 1)).all()
    lefts, tops = (np.unique(boxes[:, side].round(6)) for side in (0, 1))
    assert (len(lefts), len(tops)) == (5, 3)
    assert np.allclose(np.diff(lefts), boxes[0, 2])
    assert np.allclose(np.diff(tops), boxes[0, 3])
    # The text of each cell stands within its button.
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', map_of_two.sheet.chart["svg"]).groups())
    texts = re.findall(r'translate\(([\d.]+) ([\d.]+)\)">[\d.]+\s%', map_of_two.sheet.chart["svg"])
    assert len(texts) == 15
    for x, y in texts:
        inside = (boxes[:, 0] < float(x) / width) & (float(x) / width < boxes[:, 0] + boxes[:, 2])
        inside &= (boxes[:, 1] < float(y) / height) & (float(y) / height < boxes[:, 1] + boxes[:, 3])
        assert inside.sum() == 1
    map_of_two.choose("city", "a")
    assert {label.partition(" ")[0] for label in map_of_two.pressed} == {"a"}
    assert len(map_of_two.pressed) == 5
    assert len(map_of_two.sheet.chart["bars"]) == 15


def test_an_error_of_several_statuses_is_chosen_with_its_status(frame):
    more = frame.copy()
    some = more.index[more["ct_status"].eq("invalid")][:30]
    more.loc[some, "ct_status"] = "rejected"
    board = Board(more.calltouch.dashboard()).chart("errors")
    bars = {bar["label"].partition(":")[0]: bar["label"] for bar in board.sheet.chart["bars"]}
    assert len(bars) == 3
    for name, rows in (("bad id or contact · rejected", 30), ("bad id or contact · invalid", 170)):
        assert f"{rows} of 600" in bars[name]
        board.click(name)
        assert len(board.rows) == rows
        assert board.pressed == [name]
        assert len(board.sheet.chart["bars"]) == 3, "the others stay"
    board.click("bad id or contact · invalid")
    assert board.chips == []
    board.choose("Status", "invalid")
    assert board.sentence.startswith("There is one kind of error, in 170 rows of 170"), (
        "a filter of the user's own holds"
    )


def test_a_funnel_says_how_many_rows_got_how_far(frame):
    board = Board(frame.calltouch.dashboard()).chart("funnel", by="manager")
    assert board.title.startswith("Funnel by manager: 50.0")
    rows = frame[frame["manager"].eq("Анна")]
    answered, matched = int(rows["ct_matched"].notna().sum()), int(rows["ct_matched"].sum())
    label = next(bar["label"] for bar in board.sheet.chart["bars"] if bar["label"].startswith("Анна"))
    assert f"{len(rows)} rows, {answered} answered, {matched} matched: 50.0\u00a0% of these (95 % interval" in label
    board.click("Анна")
    assert board.rows.index.tolist() == rows.index.tolist()
    assert len(board.sheet.chart["bars"]) == 5
    board.ask("all").chart("funnel", by="matching type")
    assert "offered" in board.sheet.chart["bars"][0]["label"]
    board.choose("Status", "invalid")
    assert board.sentence == "No row has an answer yet, so there is no match rate."


def test_a_funnel_of_rules_of_which_the_rows_tell_little_says_what_matched(frame):
    found = frame[frame["ct_matched"].fillna(False).astype(bool)].iloc[:1]
    board = Board(found.assign(ct_rule=4).calltouch.dashboard()).chart("funnel", by="rule")
    assert board.sheet.problem == ""
    labels = [bar["label"] for bar in board.sheet.chart["bars"]]
    assert (len(labels), labels[0]) == (4, "1. type not known: 0 matched")
    assert "1 offered, 1 reached, 1 matched" in labels[-1]


def test_the_bars_of_a_funnel_have_the_order_of_their_buttons(frame_of):
    deals = frame_of(900)
    deals["city"] = np.repeat(["b", "c", "a"], [200, 400, 300])
    board = Board(deals.calltouch.dashboard()).chart("funnel", by="city")
    for order in ("by rows", "by rate"):
        board.chart("funnel", sort=order)
        drawn = re.findall(r"<text[^>]*>([abc])</text>", board.sheet.chart["svg"])
        assert [bar["label"][0] for bar in board.sheet.chart["bars"]] == drawn
        assert len(drawn) == 3


def test_rules_are_shown_for_each_group(frame):
    board = Board(frame.calltouch.dashboard()).chart("rules", split="manager")
    assert board.title.startswith("Match rate by manager and rule: 50.0")
    rows = frame[frame["manager"].eq("Анна") & frame["ct_matched"].fillna(value=False)]
    label = next(bar["label"] for bar in board.sheet.chart["bars"] if bar["label"].startswith("Анна"))
    assert label.splitlines()[1:] == [
        f"{rank}  {kind}: {int((rows['ct_rule'] == rank).sum())}" for rank, kind in ((1, "call"), (2, "callContact"))
    ]
    board.click("Анна")
    assert board.chips == ["manager: Анна"]
    assert len(board.sheet.chart["bars"]) == 5
    board.ask("chart", name="numbers", value=True)
    assert "Анна 20 20 40 80 50.0" in " ".join(re.sub("<[^>]*>", " ", board.sheet.chart["table"]).split())


def test_rules_that_are_not_known_make_no_chart_of_groups(frame):
    unknown = frame.assign(ct_rule=pd.array([pd.NA] * 600, dtype="Int64"))
    board = Board(unknown.calltouch.dashboard()).chart("rules", split="manager")
    assert board.sentence == "It is not known which rules matched."


def test_time_is_shown_for_the_largest_groups(frame):
    board = Board(frame.calltouch.dashboard()).chart("time", split="manager")
    assert board.title.startswith("Match rate by day, by manager: 50.0")
    day = frame[frame["created_at"].str.startswith("03.")]
    first = next(bar["label"] for bar in board.sheet.chart["bars"] if bar["label"].startswith("03.03.2026"))
    lines = first.splitlines()
    answered = day["ct_matched"].notna()
    assert f"{int(day['ct_matched'].sum())} of {int(answered.sum())} answered" in lines[0]
    managers = day.loc[answered, "manager"].fillna("(missing)").value_counts()
    for line in lines[1:]:
        # Of a long name the ends are shown.
        first, _, last = line.partition(":")[0].partition("…")
        (rows,) = managers[managers.index.str.startswith(first) & managers.index.str.endswith(last)]
        assert line.endswith(f" of {rows}")
    assert 2 <= len(lines) <= 5
    board.ask("chart", name="numbers", value=True)
    assert "Group" in board.sheet.chart["table"]
    board.click("03.03.2026")
    assert {text[:5] for text in board.rows["created_at"]} == {"03.03"}


def test_groups_of_few_rows_have_no_line(frame_of):
    few = frame_of(60)
    board = Board(few.calltouch.dashboard()).chart("time", split="manager")
    assert board.sentence == "No value of manager has 20 answered rows: too few for a line over time."
    assert board.choose("Status", "commented").sentence.endswith("the rate is 100 % in every group.")


def test_bars_that_choose_nothing_say_their_numbers(frame):
    board = Board(frame.calltouch.dashboard()).chart("rules")
    assert board.choosable == ["1. call", "2. callContact"]
    board.click("all rules: 50.0\u00a0% matched, 200 of 400 answered")
    assert (board.chips, board.sheet.problem) == ([], "")
