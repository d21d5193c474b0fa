"""The alert command: what it gets, what it may not know, and that nothing about it changes how the run ends."""

import os
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from ctnb.cli import alert
from ctnb.cli.alert import environment_without_secrets, parse_alert, run_alert

TOKEN, KEY, PASSWORD = "canary-5f0e1c", "7e" * 32, "pa/ss word"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("CALLTOUCH_", "CTNB_", "PG")):
            monkeypatch.delenv(name)
    return tmp_path


def python(code, *arguments):
    return [sys.executable, "-c", code, *arguments]


def test_a_command_is_split_into_arguments_and_no_shell_reads_it(folder):
    arguments = parse_alert("tell 'the team' --to $HOME; rm -rf x")
    assert arguments == ["tell", "the team", "--to", "$HOME;", "rm", "-rf", "x"]
    keep = "import sys, pathlib; pathlib.Path('got').write_text(repr(sys.argv[1:]))"
    run_alert(python(keep, "$HOME;", "`id`", "> out"), "{}")
    assert (folder / "got").read_text() == repr(["$HOME;", "`id`", "> out"])
    assert [path.name for path in folder.iterdir()] == ["got"]


def test_the_line_comes_on_its_standard_input(folder):
    run_alert(python("import sys, pathlib; pathlib.Path('got').write_bytes(sys.stdin.buffer.read())"), '{"rows": 1}')
    assert (folder / "got").read_bytes() == b'{"rows": 1}\n'


def test_its_environment_holds_no_secret(monkeypatch, folder):
    (folder / "key").write_text(f"{KEY}\n{'8f' * 32}\n", encoding="utf-8")
    secret = {
        "CALLTOUCH_ACCESS_TOKEN": TOKEN,
        "CTNB_LEDGER": "postgresql://anna:pa%2Fss%20word@db.example.com/crm",
        "CTNB_LEDGER_KEY_FILE": str(folder / "key"),
        "PGPASSWORD": "another-password",
        "PGPASSFILE": "/home/anna/.pgpass",
        "PGHOST": "db.example.com",
        "MY_TOKEN": f"Bearer {TOKEN}",
        "MY_KEY": KEY.upper(),
        "OLD_KEY": "8F" * 32,
        "MY_PASSWORD": PASSWORD,
        "QUOTED": "pa%2Fss%20word",
        "DATABASE_URL": "postgresql://anna:another-password@elsewhere/crm",
    }
    for name, value in secret.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CALLTOUCH_SITE_ID", "4242")
    monkeypatch.setenv("HARMLESS", "word")
    kept = environment_without_secrets()
    assert not secret.keys() & kept.keys()
    assert (kept["CALLTOUCH_SITE_ID"], kept["HARMLESS"], kept["PATH"]) == ("4242", "word", os.environ["PATH"])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (f"CALLTOUCH_ACCESS_TOKEN={TOKEN}", TOKEN),
        (f"CTNB_LEDGER_KEY={'8f' * 32},{KEY}", KEY),
        ("CTNB_LEDGER=postgresql://anna@db/crm?password=hush-hush", "hush-hush"),
        ("CTNB_LEDGER=postgresql://anna@db/crm?sslpassword=hush-hush", "hush-hush"),
        ("CTNB_LEDGER=postgresql://anna@db/crm?password=hush%20%2Fhush", "postgresql://anna:hush%20%2Fhush@other"),
        ("PGPASSWORD=hush@hush", "postgresql://anna:hush%40hush@other"),
    ],
)
def test_a_secret_of_the_env_file_is_kept_from_it_too(monkeypatch, folder, line, value):
    (folder / ".env").write_text(f"{line}\n", encoding="utf-8")
    monkeypatch.setenv("COPY", f"before {value} after")
    assert "COPY" not in environment_without_secrets()


def test_a_short_password_leaves_the_command_its_path(monkeypatch):
    monkeypatch.setenv("CTNB_LEDGER", "postgresql://a:i@db/crm")
    assert environment_without_secrets()["PATH"] == os.environ["PATH"]


def test_a_folder_whose_env_file_cannot_be_read_raises_an_alert_all_the_same(folder):
    (folder / ".env").write_bytes(b"\xff\xfe")
    run_alert(python("import pathlib; pathlib.Path('got').touch()"), "{}")
    assert (folder / "got").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-command-of-anybodys"], "it could not be run (No such file or directory)"),
        (python("raise SystemExit(7)"), "its exit code is 7"),
        (["/"], "it could not be run (Permission denied)"),
        (["a\0b"], "it could not be run (ValueError)"),
    ],
)
def test_what_went_wrong_is_said_on_standard_error_and_nothing_is_raised(capsys, arguments, said):
    run_alert(arguments, "{}")
    output, errors = capsys.readouterr()
    assert output == ""
    assert said in errors
    assert len(errors.splitlines()) == 1


def test_a_command_that_reads_nothing_does_well(capsys):
    run_alert(python("import os; os.close(0)"), "x" * 1_000_000)
    assert capsys.readouterr() == ("", "")


def test_what_it_prints_goes_to_standard_error(capfd):
    run_alert(python("import sys; print('to out', flush=True); print('to err', file=sys.stderr)"), "{}")
    output, errors = capfd.readouterr()
    assert output == ""
    assert errors.split("\n")[:2] == ["to out", "to err"]


SLEEP = "import os, time, pathlib; pathlib.Path('pids', str(os.getpid())).touch(); time.sleep(300)"
# It has started one, and another whose own parent has gone.
FAMILY = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
subprocess.run(["sh", "-c", '"$0" -c "$1" &', sys.executable, {SLEEP!r}])
{SLEEP}
"""


def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_command_that_takes_too_long_is_ended(monkeypatch, capsys):
    monkeypatch.setattr(alert, "SECONDS", 0.2)
    run_alert(python("import time; time.sleep(300)"), "{}")
    assert "it was ended, for it took longer than 0.2 seconds" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a session of its own is a matter of POSIX")
def test_all_that_it_has_started_is_ended_with_it(monkeypatch, capsys, folder):
    (folder / "pids").mkdir()

    def take_too_long(*_, **__):
        wait_for(lambda: len(list((folder / "pids").iterdir())) == 3)
        raise subprocess.TimeoutExpired("alert", 30)

    monkeypatch.setattr(subprocess.Popen, "communicate", take_too_long)
    run_alert(python(FAMILY), "{}")
    assert "it took longer than 30 seconds" in capsys.readouterr().err
    started = [int(path.name) for path in (folder / "pids").iterdir()]
    wait_for(lambda: not any(map(is_running, started)))


def is_running(pid):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
