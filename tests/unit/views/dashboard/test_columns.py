"""The columns that the rows show."""

import io

from board import Board

import ctnb


def test_the_columns_picked_are_shown_and_searched_and_files_have_all(frame):
    board = Board(frame.calltouch.dashboard())
    whole = [column["label"] for column in board.sheet.table["columns"]]
    assert board.sheet.table["picked"] == "Columns"
    assert [label for _, label, shown in board.sheet.table["menu"] if shown] == whole
    board.pick("Status", "manager")
    assert [column["label"] for column in board.sheet.table["columns"]] == ["Status", "manager"]
    assert board.sheet.table["picked"] == f"Columns: 2 of {len(whole)}"
    assert board.sheet.table["rows"][0] == ["commented", "Анна"]
    assert board.column("manager")[:2] == ["Анна", "Борис"]
    board.ask("table", search="8915")
    assert board.sheet.table["shown"] == "No row has this text in the columns that are shown."
    board.ask("table", search="анна")
    assert board.sheet.table["shown"] == "1–10 of 120"
    read = ctnb.read_leads(io.BytesIO(board.shown.file(".csv").data))
    assert list(read.columns) == list(frame.columns)
    assert len(read) == 120
    board.choose("Status", "unmatched")
    assert [column["label"] for column in board.sheet.table["columns"]] == ["Status", "manager"], "filters leave them"
    board.pick()
    assert [column["label"] for column in board.sheet.table["columns"]] == whole


def test_an_order_goes_with_its_column(frame):
    board = Board(frame.calltouch.dashboard()).sort("amount").sort("amount")
    board.pick("Status", "amount").sort("Status")
    board.pick("manager", "deal_id")
    assert board.column("deal_id")[:3] == ["0", "1", "2"]
    assert {column["sort"] for column in board.sheet.table["columns"]} == {"none"}
