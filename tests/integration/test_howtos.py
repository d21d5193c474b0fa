"""The how-tos for nightly runs do what they say: crontab, units of systemd, and a workflow of GitHub."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from built_wheel import build_wheel
from command_line import CTNB, LONGEST, account
from postgres_server import PASSWORD

import ctnb
from ctnb import Emulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="cron and systemd are those of Linux")

HOWTO = Path(__file__).parents[2] / "docs" / "howto"
CALLS = pd.DataFrame({"callId": range(1, 101), "date": "01-10-2020 12:00:00"})
RULES = 'comment = "text"\nkey = "deal"\n[[rules]]\ntype = "call"\nid = "id"\n'


@pytest.fixture
def vendor():
    with Emulator(CALLS, rate=None) as started:
        yield started


def read(name):
    return (HOWTO / name).read_text(encoding="utf-8")


def make_job(folder):
    """Put rules, and an export of two deals, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.toml").write_text(RULES, encoding="utf-8")
    ctnb.write_table(pd.DataFrame({"id": [1, 2, 5000], "deal": ["a", "b", "c"]}), folder / "deals.csv")


def program(path):
    """Make the program of an environment: this checkout's."""
    path.parent.mkdir(parents=True)
    checkout = str(Path(ctnb.__file__).parents[1])
    path.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(checkout)} exec {shlex.join(CTNB)} "$@"\n', encoding="utf-8")
    path.chmod(0o700)


def facts(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# cron


def test_the_line_of_the_crontab_runs_in_the_environment_of_cron(vendor, tmp_path):
    (table,) = re.findall(r"```crontab\n(.*?)```", read("cron.md"), re.DOTALL)
    *settings, job = table.splitlines()
    environment = dict(line.split("=", 1) for line in settings)
    command = re.fullmatch(r"15 2 \* \* \* (.+)", job)[1]
    assert "%" not in command
    crm = tmp_path / "crm"
    make_job(crm)
    program(crm / ".venv" / "bin" / "ctnb")
    lines = [f"{name}={value}\n" for name, value in account(vendor, CTNB_LEDGER="ledger.sqlite3").items()]
    (crm / ".env").write_text("".join(lines), encoding="utf-8")
    ends = [
        subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "LOGNAME": "anna", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )
        for _ in range(2)
    ]
    # Nothing that cron would mail.
    assert [(end.returncode, end.stdout, end.stderr) for end in ends] == [(0, "", "")] * 2
    assert [night["answered"] for night in facts(crm / "nightly.jsonl")] == [
        {"new": 3, "replayed": 0},
        {"new": 0, "replayed": 3},
    ]
    assert len(vendor.comments) == 2


# a team


def test_the_five_lines_of_a_team(vendor, team_ledger, postgres_server, tmp_path, monkeypatch):
    block = re.search(r"## A team\n.*?```sh\n(.*?)```", (HOWTO.parents[1] / "README.md").read_text("utf-8"), re.DOTALL)[
        1
    ]
    assert len(block.splitlines()) == 5
    postgres_server.execute("DROP DATABASE IF EXISTS crm")
    crm = "/crm".join(team_ledger.rsplit("/postgres", 1))
    lines = block.replace("postgresql://anna@db.example.com/crm", crm)
    assert crm in lines
    anna, boris = tmp_path / "anna", tmp_path / "boris"
    for home in (anna, boris):
        make_job(home)
        program(home / ".venv" / "bin" / "ctnb")
    variables = "".join(f"{name}={value}\n" for name, value in account(vendor).items())
    (anna / ".env").write_text(variables, encoding="utf-8")
    # Whoever has no cron has a stand-in, which keeps the table in a file.
    (tmp_path / "bin").mkdir()
    table = tmp_path / "crontab"
    crontab = tmp_path / "bin" / "crontab"
    crontab.write_text(
        f"#!/bin/sh\ncd {tmp_path}\nif [ $1 = -l ]; then cat crontab 2>/dev/null; exit 0; fi\n"
        "cat > crontab.new && mv crontab.new crontab\n"
    )
    crontab.chmod(0o700)
    server = {"PGHOST": "127.0.0.1", "PGPORT": postgres_server.port, "PGUSER": "ctnb", "PGPASSWORD": PASSWORD}
    path = f"{tmp_path / 'bin'}:{boris / '.venv' / 'bin'}:/usr/bin:/bin"

    def shell(command, home, **variables):
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=home,
            env={"HOME": str(home), "PATH": path} | {name: str(value) for name, value in variables.items()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    *first, look = lines.splitlines()
    shell("\n".join(first), anna, **server)
    shutil.copy(anna / ".env", boris)
    job = re.fullmatch(r"15 2 \* \* \* (.+)\n", table.read_text(encoding="utf-8"))[1]
    shell(job, anna)
    shell(job.replace(str(anna), str(boris)), boris)
    runs = shell(look, boris).splitlines()

    assert [night["answered"]["new"] for night in facts(anna / "nightly.jsonl") + facts(boris / "nightly.jsonl")] == [
        3,
        0,
    ]
    assert len(vendor.comments) == 2
    assert len(runs) == 3  # the headings, and two runs
    postgres_server.execute("DROP DATABASE crm")


# systemd


def test_the_units_are_in_order(tmp_path):
    program(tmp_path / "bin" / "ctnb")
    service = read("ctnb.service").replace("/opt/ctnb/bin/ctnb", str(tmp_path / "bin" / "ctnb"))
    assert str(tmp_path) in service
    (tmp_path / "ctnb.service").write_text(service, encoding="utf-8")
    shutil.copy(HOWTO / "ctnb.timer", tmp_path)
    done = verified(tmp_path / "ctnb.service", tmp_path / "ctnb.timer")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_unit_that_is_out_of_order_is_noticed(tmp_path):
    text = read("ctnb.timer").replace("*-*-* 02:15:00", "every night")
    (tmp_path / "ctnb.timer").write_text(text, encoding="utf-8")
    shutil.copy(HOWTO / "ctnb.service", tmp_path)
    done = verified(tmp_path / "ctnb.timer")
    assert "Failed to parse calendar specification" in done.stderr


def verified(*units):
    return subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units)],
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )


def test_the_service_gives_its_options_to_the_program(vendor, tmp_path):
    """What systemd runs: the program with these words, in its folder, with the variables of unit and file."""
    service = read("ctnb.service")
    state = tmp_path / "state"
    make_job(state)
    (line,) = re.findall(r"(?m)^ExecStart=/opt/ctnb/bin/ctnb (.*)$", service)
    given = dict(text.split("=", 1) for text in re.findall(r"(?m)^Environment=(.*)$", service))
    here = {name: value.replace("/var/lib/ctnb", str(state)) for name, value in given.items()}
    here = {name: value.replace("/var/cache/ctnb", str(tmp_path / "cache")) for name, value in here.items()}
    checkout = str(Path(ctnb.__file__).parents[1])
    done = subprocess.run(
        [*CTNB, *shlex.split(line)],
        cwd=state,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONPATH": checkout, **here, **account(vendor)},
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["answered"] == {"new": 3, "replayed": 0}
    assert {"ledger.sqlite3", "state", "done.csv"} <= {path.name for path in state.iterdir()}


# GitHub Actions


def test_the_workflow_is_one_by_githubs_schema(tmp_path):
    assert checked(HOWTO / "ctnb-nightly.yml").returncode == 0
    broken = tmp_path / "broken.yml"
    broken.write_text(read("ctnb-nightly.yml").replace("runs-on:", "runs-at:"), encoding="utf-8")
    assert checked(broken).returncode == 1


def checked(workflow):
    schema = "vendor.github-workflows"
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(workflow)],
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )


def test_the_steps_of_the_workflow_run_with_a_wheel_and_a_teams_ledger(vendor, team_ledger, tmp_path):
    workflow = yaml.safe_load(read("ctnb-nightly.yml"))
    (job,) = workflow["jobs"].values()
    folder, site = tmp_path / "checkout", tmp_path / "site"
    make_job(folder)
    (folder / "deals.csv").rename(folder / "export.csv")
    (folder / "fetch_deals.sh").write_text('#!/bin/sh\ncp export.csv "$1"\n', encoding="utf-8")
    (folder / "fetch_deals.sh").chmod(0o700)
    for name in ("copy", "checkout/wheels", "bin", "home"):
        (tmp_path / name).mkdir()
    build_wheel(tmp_path / "copy", folder / "wheels")
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    secrets = account(vendor, CTNB_LEDGER=team_ledger, CTNB_LEDGER_KEY=os.environ["CTNB_LEDGER_KEY"])
    environment = {
        "PATH": f"{site / 'bin'}:{tmp_path / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        # The wheel alone is installed, beside this environment, which has what it needs.
        "PIP_TARGET": str(site),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": os.pathsep.join([str(site), *(path for path in sys.path if path.endswith("site-packages"))]),
        # The emulator is the one thing that no secret of the workflow names.
        "CALLTOUCH_BASE_URL": secrets["CALLTOUCH_BASE_URL"],
    }
    steps = [step for step in job["steps"] if "run" in step]
    assert [step["name"] for step in steps] == ["Install ctnb", "Fetch the export", "Comment", "Show the facts"]
    for step in steps:
        own = {name: secrets[re.fullmatch(r"\$\{\{ secrets\.(\w+) \}\}", text)[1]] for name, text in step_env(step)}
        done = run_step(step, folder, environment | own)
        assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((folder / "facts.json").read_text(encoding="utf-8"))["answered"] == {"new": 3, "replayed": 0}
    assert '"end": "done"' in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert len(vendor.comments) == 2
    # The exit code of ctnb is that of its step, whatever reads its output.
    comment = next(step for step in steps if step["name"] == "Comment")
    assert run_step(comment, folder, environment).returncode == 1


def step_env(step):
    return step.get("env", {}).items()


def run_step(step, folder, environment):
    """Run a step as GitHub runs one whose shell is bash."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )


# The pages


@pytest.mark.parametrize(
    ("page", "file"),
    [("systemd.md", "ctnb.service"), ("systemd.md", "ctnb.timer"), ("github-actions.md", "ctnb-nightly.yml")],
)
def test_a_page_quotes_its_file_as_it_is(page, file):
    assert f"\n{read(file)}```" in read(page)


@pytest.mark.parametrize("page", ["cron.md", "systemd.md", "github-actions.md"])
def test_the_links_of_a_page_lead_somewhere(page):
    links = re.findall(r"\]\(([^)]+)\)", read(page))
    assert links
    assert [link for link in links if not (HOWTO / link).exists()] == []
