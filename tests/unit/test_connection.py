import copy
import dataclasses
import logging
import math
import os
import pickle
import pprint
import re
import shutil
import traceback
import zoneinfo
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw_server import AUTHORITY

import ctnb
from ctnb import Connection
from ctnb.connection import VARIABLES
from ctnb.connection_checks import DEFAULT
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.exceptions import ConfigError

CANARY = "canary-7f3a9c-token"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch, tmp_path):
    """Leave no variable of the machine, and no .env, in sight."""
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def env_file(tmp_path):
    """Write the folder's .env."""

    def write(text, encoding="utf-8"):
        (tmp_path / ".env").write_bytes(text.encode(encoding))

    return write


def refused(build):
    """Return the refusal of a parameter, with the traceback as a tool that shows locals prints it."""
    with pytest.raises(ConfigError) as refusal:
        build()
    error = refusal.value
    shown = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
    return str(error), "".join(shown.format())


def test_it_holds_what_it_was_given_in_its_own_types():
    connection = Connection("4242", f" {CANARY} ", base_url="https://api.calltouch.ru/", rate=3, timeout=5, ledger=None)
    assert (connection.site_id, connection.token, connection.base_url) == (4242, CANARY, "https://api.calltouch.ru")
    assert (connection.rate, connection.timeout, connection.ledger) == (3.0, 5.0, None)
    assert not connection.loopback


def test_authorities_are_kept_by_the_whole_path_of_their_file(tmp_path):
    shutil.copy(AUTHORITY, tmp_path / "office.pem")

    assert Connection(1, CANARY).ca_file is None
    assert Connection(1, CANARY, ca_file="office.pem").ca_file == str(tmp_path / "office.pem")
    assert Connection(1, CANARY, ca_file=tmp_path / "office.pem").ca_file == str(tmp_path / "office.pem")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "expected a PEM file of certificates"),
        (b"\x30\x82\x01\x0a certificate in DER", "expected a PEM file of certificates"),
    ],
)
def test_a_file_that_holds_no_authority_is_refused(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "office.pem").write_bytes(content)

    message, shown = refused(lambda: Connection(1, CANARY, ca_file="office.pem"))

    assert reason in message
    assert "'office.pem'" in message
    assert CANARY not in shown


def test_a_folder_or_a_number_is_not_a_file_of_authorities(tmp_path):
    for given in (str(tmp_path), 5, b"office.pem"):
        message, _ = refused(lambda given=given: Connection(1, CANARY, ca_file=given))
        assert message.startswith("ca_file: ")


def test_it_is_a_value():
    one, other = Connection(1, CANARY), Connection(1, CANARY)
    assert one == other
    assert hash(one) == hash(other)
    assert one != Connection(2, CANARY)
    assert copy.copy(one) == copy.deepcopy(one) == one
    assert copy.copy(one).token == copy.deepcopy(one).token == CANARY
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.rate = 1


def test_the_token_is_masked_wherever_a_connection_is_shown(caplog):
    connection = Connection(4242, CANARY)
    caplog.set_level(logging.INFO)
    logging.getLogger("test").info("%s %r", connection, connection)
    pages = [
        repr(connection),
        str(connection),
        f"{connection}",
        f"{connection!r:>200}",
        pprint.pformat(connection),
        pprint.pformat({"connection": connection, "fields": dataclasses.asdict(connection)}),
        repr(vars(connection)),
        repr([connection.token]),
        repr(pickle.loads(pickle.dumps(connection))),
        repr(copy.deepcopy(connection)),
        caplog.text,
    ]
    for page in pages:
        assert CANARY not in page
        assert "***" in page


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_holds_no_token_and_says_so_when_it_is_used(protocol):
    connection = Connection(4242, CANARY, base_url="http://127.0.0.1:9", ledger=None, rate=2)
    kept = pickle.dumps({"connection": connection, "token": connection.token}, protocol)
    assert CANARY.encode() not in kept
    lost = pickle.loads(kept)["connection"]
    assert (lost.site_id, lost.base_url, lost.rate) == (4242, connection.base_url, 2.0)
    assert "lost: a pickle holds none" in lost._repr_html_()
    deals = pd.DataFrame({"call": [1]})
    with pytest.raises(ConfigError, match=r"comes from a pickle or another process, and has no token"):
        ctnb.comment(deals, ctnb.Call("call"), "text", connection=lost, progress=False)
    assert dataclasses.replace(lost, token=CANARY) == connection
    assert len(ctnb.plan(deals, ctnb.Call("call"), "text", connection=lost).sent) == 1


def test_replace_makes_a_checked_copy():
    connection = Connection(4242, CANARY, ledger=None, timezone="Asia/Almaty")
    slower = dataclasses.replace(connection, rate=1)
    assert (slower.rate, slower.token, slower.timezone, slower.ledger) == (1.0, CANARY, "Asia/Almaty", None)
    message, page = refused(lambda: dataclasses.replace(connection, rate=9))
    assert "requests a second, got 9" in message
    assert CANARY not in page


class PathOf:
    """A path that is no `Path`."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


BAD = {
    "site zero": ({"site_id": 0}, "site_id: expected a positive whole number, got 0"),
    "site negative": ({"site_id": -1}, "got -1"),
    "site text": ({"site_id": "abc"}, "got 'abc'"),
    "site boolean": ({"site_id": True}, "got True"),
    "site float": ({"site_id": 1.5}, "got 1.5"),
    "site huge": ({"site_id": "9" * 5_000}, "got '99"),
    "site and token swapped": ({"site_id": "0123456789abcdef" * 3}, "number, got '012…'. Copy"),
    "site other digits": ({"site_id": "٤٢"}, "got '٤٢'"),
    "url blank": ({"base_url": ""}, "expected an http(s) address, got ''. Example: https://api.calltouch.ru"),
    "url ftp": ({"base_url": "ftp://api.calltouch.ru"}, "expected an http(s) address"),
    "url bare": ({"base_url": "api.calltouch.ru"}, "expected an http(s) address"),
    "url port": ({"base_url": "https://api.calltouch.ru:99999"}, "expected an http"),
    "url port zero": ({"base_url": "https://api.calltouch.ru:0"}, "expected an http(s) address"),
    "url query": ({"base_url": "https://api.calltouch.ru/?a=1"}, "expected an http(s) address"),
    "url bare query": ({"base_url": "https://api.calltouch.ru/?"}, "expected an http(s) address"),
    "url fragment": ({"base_url": "https://api.calltouch.ru/#"}, "expected an http(s) address"),
    "url blank inside": ({"base_url": "https://api calltouch.ru"}, "expected an http(s) address"),
    "url line break": ({"base_url": "https://api.call\ntouch.ru"}, "expected an http(s) address"),
    "url user": ({"base_url": "https://user:hidden@api.calltouch.ru"}, "user name or a password. Leave them out"),
    "url user, percent": ({"base_url": "https://user%3Ahidden%40api.calltouch.ru"}, "user name or a password"),
    "url user alone": ({"base_url": "https://hidden@api.calltouch.ru"}, "user name or a password"),
    "url user, bad port": ({"base_url": "https://user:hidden@api.calltouch.ru:99999"}, "user name or a password"),
    "url token": (
        {"base_url": "https://api.calltouch.ru/?token=hidden"},
        "address, got 'https://api.calltouch.ru/?***'",
    ),
    "url token, bad port": ({"base_url": "https://h:x/?token=hidden"}, "got 'https://h:x/?***'"),
    "url token, ftp": ({"base_url": "ftp://h/a?token=hid#den"}, "got 'ftp://h/a?***'"),
    "url token, in clear": ({"base_url": "http://h#hidden"}, "got 'http://h#***'"),
    "url token, bare": ({"base_url": "api.calltouch.ru/?token=hidden"}, "got 'api.calltouch.ru/?***'"),
    "url token, wide mark": ({"base_url": "https://h？token=hidden"}, "got 'https://h？***'"),
    "url password, wide at": ({"base_url": "https://ann:hidden＠h"}, "user name or a password"),
    "url token, line break": ({"base_url": "https://h/?\ntoken=hidden"}, "got 'https://h/?***'"),
    "url token in fragment": ({"base_url": "https://h/#hidden"}, "got 'https://h/#***'"),
    "url user, bare": ({"base_url": "user:hidden@h"}, "user name or a password. Leave them out"),
    "zone": ({"timezone": "Moscow"}, "timezone 'Moscow' is not known. Use an IANA name such as 'Europe/Moscow'"),
    "zone blank": ({"timezone": ""}, "timezone '' is not known"),
    "zone folder": ({"timezone": "Europe"}, "timezone 'Europe' is not known"),
    "zone path": ({"timezone": "../etc/passwd"}, "is not known"),
    "zone none": ({"timezone": None}, "timezone None is not known"),
    "rate zero": ({"rate": 0}, "rate: expected more than 0 and at most 5 requests a second, got 0"),
    "rate over": ({"rate": 5.1}, "at most 5 requests a second, got 5.1"),
    "rate infinite": ({"rate": math.inf}, "at most 5"),
    "rate not a number": ({"rate": math.nan}, "at most 5"),
    "rate boolean": ({"rate": True}, "at most 5"),
    "rate text": ({"rate": "5"}, "at most 5"),
    "concurrency zero": ({"concurrency": 0}, "concurrency: expected a whole number from 1 to 32, got 0"),
    "concurrency over": ({"concurrency": 33}, "a whole number from 1 to 32, got 33"),
    "concurrency float": ({"concurrency": 2.0}, "from 1 to 32"),
    "concurrency boolean": ({"concurrency": True}, "from 1 to 32"),
    "timeout zero": ({"timeout": 0}, "timeout: expected a positive number of seconds, got 0"),
    "timeout infinite": ({"timeout": math.inf}, "a positive number of seconds"),
    "timeout text": ({"timeout": "60"}, "a positive number of seconds"),
    "ledger number": ({"ledger": 5}, "ledger: expected the path of a file or a postgresql:// address, got int"),
    "ledger bytes": ({"ledger": b"ledger.db"}, "postgresql:// address, got bytes"),
    "ledger path of bytes": (
        {"ledger": PathOf(b"ledger.db")},
        "postgresql:// address, got PathOf",
    ),
    "ledger object": ({"ledger": object()}, "postgresql:// address, got object"),
    "ledger list": ({"ledger": ["ledger.db"]}, "postgresql:// address, got list"),
    "ledger boolean": ({"ledger": True}, "postgresql:// address, got bool"),
    "ledger blank": (
        {"ledger": " "},
        "postgresql:// address, got a blank. Leave it out",
    ),
    "ledger in capitals": ({"ledger": "Postgres://user:hidden@host/base"}, "a text that begins postgresql://"),
    "ledger PostgreSQL path": ({"ledger": Path("postgresql://user:hidden@host")}, "a text that begins postgresql://"),
    "ledger with an @": ({"ledger": "postgresql://user:hid@den@host/base"}, "one that cannot be read"),
    "ledger with a slash": ({"ledger": "postgresql://user:hid/den@host/base"}, "one that cannot be read"),
    "ledger with a ?": ({"ledger": "postgresql://user:hid?den@host/base"}, "one that cannot be read"),
    "ledger address": ({"ledger": "mysql://user:hidden@host/base"}, "got another address"),
}


@pytest.mark.parametrize(("settings", "expected"), BAD.values(), ids=BAD)
def test_a_bad_value_is_refused_with_what_is_allowed_and_no_secret(settings, expected):
    message, page = refused(lambda: Connection(**{"site_id": 4242, "token": CANARY[::-1]} | settings))
    assert expected in message
    assert CANARY[::-1] not in page
    # The test's own frames hold the values that they give.
    assert "hidden" not in message
    assert "hidden" not in shown_of_ours(page)


@pytest.mark.parametrize("address", ["https://h/?token=hidden", "h/?hidden", "user:hidden@h", "https://h/#hidden"])
def test_a_refused_address_of_the_environment_or_the_file_shows_no_secret(address, monkeypatch, env_file):
    def message_and_page(**settings):
        message, page = refused(lambda: Connection.from_env(**settings))
        assert "hidden" not in message + shown_of_ours(page)

    message_and_page(site_id=1, token=CANARY, base_url=address)
    env_file(f"CALLTOUCH_SITE_ID=1\nCALLTOUCH_ACCESS_TOKEN={CANARY}\nCALLTOUCH_BASE_URL={address}")
    message_and_page()
    monkeypatch.setenv("CALLTOUCH_BASE_URL", address)
    message_and_page()


def shown_of_ours(page):
    """The frames of a traceback with locals that are ctnb's."""
    frames = page.split("  File ")
    return "".join(frame for frame in frames if "/ctnb/connection.py" in frame.replace("\\", "/"))


@pytest.mark.parametrize("ledger", [None, MemoryLedger(), DEFAULT])
def test_a_ledger_that_is_no_path_is_kept_as_it_is_given(ledger):
    assert Connection(1, CANARY, ledger=ledger).ledger is ledger


@pytest.mark.parametrize("ledger", ["kept/ledger.db", Path("kept/ledger.db"), PathOf("kept/ledger.db")])
def test_a_ledgers_path_stays_the_same_when_the_working_directory_changes(ledger, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    connection = Connection(1, CANARY, ledger=ledger)
    monkeypatch.chdir(tmp_path.parent)

    assert Path(connection.ledger) == tmp_path / "kept" / "ledger.db"
    assert isinstance(connection.ledger, str) == isinstance(ledger, str)
    assert replace(connection, rate=1).ledger == connection.ledger


def test_a_ledgers_path_may_begin_at_home(tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))

    assert Connection(1, CANARY, ledger="~/ledger.db").ledger == str(tmp_path / "ledger.db")
    with pytest.raises(ConfigError, match="cannot be made absolute"):
        Connection(1, CANARY, ledger="~nobody-of-that-name/ledger.db")


ADDRESSES = [
    "postgresql://user:hid%40den@host:5432/base",
    "postgres://host/base?password=hidden&sslmode=require",
    "postgres://host/base?sslmode=require&password=hidden",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_address_of_a_teams_ledger_is_kept_whole_and_shows_no_password(monkeypatch, address):
    monkeypatch.setenv("CTNB_LEDGER", address)
    found = Connection.from_env(site_id=1, token=CANARY)

    assert os.fspath(found.ledger) == "".join(found.ledger) == address
    shown = [str(found.ledger), repr(found.ledger), f"{found.ledger}", found._repr_html_(), repr(ctnb.Ledger())]
    kept = pickle.dumps(found, 5).decode(errors="replace")
    assert [text for text in [*shown, kept, repr(found)] if "hid" in text] == []
    for made in (copy.deepcopy(found), copy.copy(found), replace(found, rate=1)):
        assert "".join(made.ledger) == address


@pytest.mark.parametrize(
    ("address", "left"),
    [
        (ADDRESSES[0], "postgresql://user@host:5432/base"),
        (ADDRESSES[1], "postgres://host/base?sslmode=require"),
        ("postgresql://user@host/base", "postgresql://user@host/base"),
    ],
)
def test_a_pickle_keeps_the_address_of_a_teams_ledger_but_no_password(address, left):
    connection = pickle.loads(pickle.dumps(Connection(1, CANARY, ledger=address)))

    assert "".join(connection.ledger) == left


@pytest.mark.parametrize("token", ["", "  ", None, 5, b"token"])
def test_a_blank_token_is_refused(token):
    assert "The token is blank. Copy it from the account's API settings." in refused(lambda: Connection(1, token))[0]


@pytest.mark.parametrize("end", ["\n", "\r\nSiteId: 1", "\x00", "ы", "\x7f"])
def test_a_token_that_no_header_has_is_refused_and_not_echoed(end):
    message, page = refused(lambda: Connection(1, CANARY[::-1] + end))
    assert "line break or another character that no header has" in message
    assert CANARY[::-1] not in page


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "HTTP://LOCALHOST:1", "http://127.9.9.9"],
)
def test_http_and_any_pace_are_taken_on_loopback(address):
    connection = Connection(1, CANARY, base_url=address, rate=math.inf)
    assert connection.loopback
    assert connection.rate == math.inf


@pytest.mark.parametrize(
    "address",
    [
        "http://api.calltouch.ru",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://0.0.0.0",
        "http://10.0.0.1",
    ],
)
def test_http_is_refused_anywhere_else(address):
    assert (
        "would send the token in clear. Use https://; http:// is for loopback only."
        in refused(lambda: Connection(1, CANARY, base_url=address))[0]
    )


def test_numbers_of_numpy_and_a_zone_object_are_taken():
    connection = Connection(np.int64(7), CANARY, rate=np.float64(2), timezone=zoneinfo.ZoneInfo("Asia/Tokyo"))
    assert (connection.site_id, connection.rate, connection.timezone) == (7, 2.0, "Asia/Tokyo")


def test_the_environment_gives_what_the_arguments_do_not(monkeypatch, env_file):
    env_file(f"CALLTOUCH_SITE_ID=1\nCALLTOUCH_ACCESS_TOKEN={CANARY}\nCALLTOUCH_BASE_URL=https://file.example\n")
    assert Connection.from_env(ledger=None) == Connection(1, CANARY, base_url="https://file.example", ledger=None)
    monkeypatch.setenv("CALLTOUCH_SITE_ID", "2")
    monkeypatch.setenv("CALLTOUCH_BASE_URL", "https://environment.example")
    monkeypatch.setenv("CTNB_LEDGER", "ledger.db")
    found = Connection.from_env()
    assert (found.site_id, found.token, found.base_url) == (2, CANARY, "https://environment.example")
    assert found.ledger == str(Path.cwd() / "ledger.db")
    given = Connection.from_env(site_id=3, base_url="https://argument.example", ledger=None, rate=1)
    assert (given.site_id, given.base_url, given.ledger, given.rate) == (3, "https://argument.example", None, 1.0)


ELSEWHERE = {
    "address, token of the environment": ("CALLTOUCH_BASE_URL=https://other.example", True, {}),
    "ledger, token of the environment": ("CTNB_LEDGER=other.sqlite3", True, {}),
    "address, token given": ("CALLTOUCH_BASE_URL=https://other.example", False, {"token": CANARY}),
    "ledger, token given": ("CTNB_LEDGER=other.sqlite3", False, {"token": CANARY}),
    "both, token of each": (f"CALLTOUCH_ACCESS_TOKEN={CANARY}\nCALLTOUCH_BASE_URL=https://other.example", True, {}),
}


@pytest.mark.parametrize(("text", "in_environment", "given"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_file_says_not_where_a_token_from_elsewhere_goes(monkeypatch, env_file, text, in_environment, given):
    env_file(f"CALLTOUCH_SITE_ID=1\n{text}\n")
    if in_environment:
        monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", CANARY)
    message, page = refused(lambda: Connection.from_env(**given))
    assert re.match(r"(CALLTOUCH_BASE_URL|CTNB_LEDGER): found in the \.env file of the working directory", message)
    assert "the token comes from elsewhere" in message
    assert "other" not in message
    assert CANARY not in shown_of_ours(page)


def test_what_is_given_beside_it_is_not_the_files(monkeypatch, env_file):
    env_file("CALLTOUCH_SITE_ID=1\nCALLTOUCH_BASE_URL=https://other.example\nCTNB_LEDGER=other.sqlite3\n")
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", CANARY)
    with pytest.raises(ConfigError):
        Connection.from_env(base_url="https://mine.example")
    found = Connection.from_env(base_url="https://mine.example", ledger=None)
    assert (found.site_id, found.base_url, found.ledger) == (1, "https://mine.example", None)
    monkeypatch.setenv("CTNB_LEDGER", "mine.sqlite3")
    assert str(Connection.from_env(base_url="https://mine.example").ledger).endswith("mine.sqlite3")


def test_a_ledgers_address_that_cannot_be_read_shows_no_password(monkeypatch):
    for address in ("postgresql://user:hid@den@host/base", "postgres:/host/base?password=hidden&sslmode=require"):
        monkeypatch.setenv("CTNB_LEDGER", address)
        message, page = refused(lambda: Connection.from_env(site_id=1, token=CANARY))
        assert "hid" not in message + page
        with pytest.raises(ConfigError) as refusal:
            ctnb.Ledger()
        assert "hid" not in str(refusal.value)


def test_a_variable_that_is_set_but_blank_is_not_given(monkeypatch, env_file):
    env_file(f"CALLTOUCH_SITE_ID=1\nCALLTOUCH_ACCESS_TOKEN={CANARY}\n")
    monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", " ")
    assert Connection.from_env().token == CANARY


def test_the_env_file_changes_no_environment(env_file):
    before = dict(os.environ)
    env_file(f"CALLTOUCH_SITE_ID=1\nCALLTOUCH_ACCESS_TOKEN={CANARY}\nOTHER=1\n")
    Connection.from_env()
    assert dict(os.environ) == before


@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_an_env_file_may_have_a_bom_quotes_comments_and_dollars(env_file, line):
    text = ["# доступ", "export CALLTOUCH_SITE_ID = '4242'", 'CALLTOUCH_ACCESS_TOKEN="a$HOME${X}b"', ""]
    env_file("\ufeff" + line.join(text))
    assert Connection.from_env() == Connection(4242, "a$HOME${X}b")


def test_an_env_file_in_another_encoding_is_refused(env_file):
    env_file(f"# доступ\nCALLTOUCH_ACCESS_TOKEN={CANARY}\n", encoding="cp1251")
    message, page = refused(Connection.from_env)
    assert message == "The .env file in the working directory is not UTF-8 text. Save it as UTF-8."
    assert CANARY not in page


@pytest.mark.parametrize(
    ("missing", "variable"), [("site_id", "CALLTOUCH_SITE_ID"), ("token", "CALLTOUCH_ACCESS_TOKEN")]
)
def test_what_is_nowhere_to_be_found_is_asked_for_by_name(missing, variable):
    given = {"site_id": 1, "token": CANARY}
    del given[missing]
    message, _ = refused(lambda: Connection.from_env(**given))
    assert f"Pass Connection({missing}=...), or set {variable} in the environment or in a .env file" in message


@pytest.mark.parametrize("where", ["environment", "file"])
@pytest.mark.parametrize("settings", [{"site_id": None}, {"site_id": "x"}, {"site_id": 1, "rate": 99}])
def test_no_traceback_shows_a_token_of_the_environment(monkeypatch, env_file, where, settings):
    if where == "file":
        env_file(f"CALLTOUCH_ACCESS_TOKEN={CANARY}\n")
    else:
        monkeypatch.setenv("CALLTOUCH_ACCESS_TOKEN", CANARY)
    message, page = refused(lambda: Connection.from_env(**settings))
    assert message in page
    assert CANARY not in page


def test_no_frame_of_ours_shows_a_token_that_is_given():
    _, page = refused(lambda: Connection.from_env(token=CANARY[::-1], site_id=0))
    assert CANARY[::-1] not in page


def test_a_setting_that_there_is_not_is_refused_by_python():
    with pytest.raises(TypeError, match="retries"):
        Connection.from_env(site_id=1, token=CANARY, retries=3)
