"""Tables on the command line: plain where they are read by a program, whole words where they are read by people."""

import numpy as np
import pandas as pd
import pytest

from ctnb.cli.text_table import show_table

ID = "abcdef012345"
TABLE = pd.DataFrame(
    {
        "rows": [1, 2_000],
        "share": [0.5, np.nan],
        "at": pd.to_datetime(["2026-03-01 10:00:00", None]).tz_localize("UTC"),
        "advice": ["[bold]Look[/bold] in the account :smile: " * 5 + "END", pd.NA],
    },
    index=pd.Index([ID, "b"], name="id"),
)


@pytest.fixture
def terminal(monkeypatch):
    """Let the output be a terminal of so many columns."""

    def make(columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    return make


def test_a_row_is_one_plain_line_where_the_output_is_no_terminal(capsys):
    show_table(TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[::2]] == [["id", "rows", "share", "at", "advice"], ["b", "2000"]]
    assert lines[1].startswith(
        f"{ID}     1  50.0%  2026-03-01 10:00:00 UTC  [bold]Look[/bold] in the account :smile: ["
    )
    assert lines[1].endswith("END")
    assert lines == [line.rstrip() for line in lines]


def test_headings_can_be_left_out(capsys):
    show_table(
        pd.DataFrame({"figure": ["3,000", "12.5"], "note": ["", "at the least"]}, index=["rows", "seconds"]),
        headings=False,
    )
    assert capsys.readouterr().out == "rows     3,000\nseconds   12.5  at the least\n"


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_an_id_stays_whole_on_a_narrow_terminal(capsys, terminal, columns):
    terminal(columns)
    show_table(TABLE)
    output = capsys.readouterr().out
    assert ID in output
    assert "END" in output
    assert "…" not in output
