"""``ctnb compare``: what it prints, which file it leaves and how it ends."""

import json
import re
from pathlib import Path

import pytest
from command_line import run_here
from compared_frames import many, results

import ctnb

PHONE = "79157771122"
DOCS = Path(__file__).parents[2] / "docs" / "json.md"


@pytest.fixture
def files(tmp_path):
    """A preview's table and that of a run, with a phone among the keys and one among the managers."""
    before, after = many()
    before.loc[50, "deal"] = after.loc[50, "deal"] = PHONE
    after.loc[60, "manager"] = PHONE
    paths = tmp_path / "after.csv", tmp_path / "before.xlsx"
    for path, frame in zip(paths, (after, before), strict=True):
        ctnb.write_table(frame, path)
    return paths


def compare(*arguments):
    return run_here("compare", *arguments)


def test_it_shows_what_changed_and_the_rates(files):
    done = compare(*files, "--key", "deal", "--by", "manager", "--by", "type")
    assert done.exit_code == 0
    assert "280 pairs of 300 rows before (predicted) and 300 after" in done.stdout
    assert "Match rate before (predicted) and after" in done.stdout
    assert "Match rate before (predicted) and after, by manager" in done.stdout
    assert "reason      before (predicted)  after" in done.stdout
    assert "callContact" in done.stdout
    assert "no_partner" in done.stdout
    assert "915777" not in done.output


def test_json_is_one_line_of_facts_without_a_key_or_a_contact(files, tmp_path):
    done = compare(*files, "--key", "deal", "--by", "manager", "--json", "--out", tmp_path / "rows.parquet")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert PHONE not in done.stdout
    facts = json.loads(done.stdout)
    loaded = [ctnb.read_leads(path) for path in files]
    compared = ctnb.compare(*loaded, key="deal")
    assert (facts["rows_before"], facts["rows_after"], facts["pairs"]) == (300, 300, 280)
    assert (facts["predicted_before"], facts["predicted_after"]) == (True, False)
    assert facts["counts"] == compared.counts.to_dict()
    assert facts["changes"]["unmatched"]["commented"] == compared.changes.loc["unmatched", "commented"]
    assert facts["unpaired"]["after"] == {"no_partner": 20, "blank_key": 0, "several_outcomes": 0}
    assert facts["rates"] == compared.rates().loc["all"].to_dict()
    assert sum(group["pairs"] for group in facts["by"]["manager"]) == facts["rates"]["pairs"]
    assert len(ctnb.read_leads(tmp_path / "rows.parquet")) == 320


def test_the_facts_are_those_of_the_docs_and_plain_ascii(files):
    done = compare(*files, "--key", "deal", "--by", "manager", "--json")
    table = DOCS.read_text(encoding="utf-8").partition("\n| field of `compare` |")[2]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    facts = json.loads(done.stdout)
    assert [name for cell in first for name in re.findall(r"`(\w+)`", cell)] == list(facts)
    assert facts["command"] == "compare"
    assert "Анна" in [each["group"] for each in facts["by"]["manager"]]
    assert done.stdout.isascii()


@pytest.mark.parametrize("key", ["reason", "change", "rows_after"])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_key_may_be_called_as_a_column_of_the_pairs(tmp_path, key, options):
    paths = tmp_path / "after.csv", tmp_path / "before.csv"
    for path, deal in zip(paths, "ab", strict=True):
        ctnb.write_table(results([("c", "call"), (deal, "call")]).rename(columns={"deal": key}), path)
    done = compare(*paths, "--key", key, *options, "--out", tmp_path / "rows.csv")
    assert done.exit_code == 0, done.output
    assert "no_partner" in done.stdout


def test_facts_are_printed_once_the_pairs_are_written(files, tmp_path, monkeypatch):
    def refuse(*_):
        raise ctnb.ConfigError("The disk is full.")

    monkeypatch.setattr("ctnb.tables.files.write_table", refuse)
    done = compare(*files, "--key", "deal", "--json", "--out", tmp_path / "rows.csv")
    assert (done.exit_code, done.stdout) == (1, "")


def test_json_of_nothing_in_common_has_no_number_that_is_none(tmp_path):
    for name, key in (("after", 1), ("before", 2)):
        ctnb.write_table(results([(key, "call")]), tmp_path / f"{name}.csv")
    done = compare(tmp_path / "after.csv", tmp_path / "before.csv", "--key", "deal", "--by", "type", "--json")
    facts = json.loads(done.stdout, parse_constant=pytest.fail)
    assert facts["rates"]["rate_after"] is None
    assert facts["by"] == {"type": []}


def test_the_pairs_go_to_a_file(files, tmp_path):
    out = tmp_path / "rows.csv"
    done = compare(*files, "--key", "deal", "--out", out)
    assert done.exit_code == 0
    assert str(out) in done.stdout
    rows = ctnb.read_leads(out)
    assert rows.columns[0] == "deal"
    assert rows["change"].value_counts()["only_before"] == 20
    assert rows["predicted_before"].notna().sum() == 300


def test_without_a_key_numbers_of_rows_must_be_of_the_same_deals(files, tmp_path):
    done = compare(*files)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "key=" in done.stderr
    same = compare(files[0], files[0], "--out", tmp_path / "rows.csv")
    assert same.exit_code == 0
    assert ctnb.read_leads(tmp_path / "rows.csv").columns[0] == "row"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--key", "no"), "There is no column 'no', which key= in `before` needs"),
        (("--key", "deal", "--by", "no"), "There is no column 'no'"),
        (("--key", "deal", "--by", "deal"), "--by names the key"),
        (("--key", "deal", "--prefix", "x_"), "'x_status'"),
        (("--key", "deal", "--out", "rows.docx"), "rows.docx"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(files, arguments, message):
    done = compare(*files, *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_output_may_not_be_what_is_read(files):
    done = compare(*files, "--key", "deal", "--out", files[0])
    assert done.exit_code == 1
    assert "--out names what is read" in done.stderr


def test_a_missing_file_is_a_wrong_usage(files):
    assert compare(files[0], "nothing.csv").exit_code == 2
