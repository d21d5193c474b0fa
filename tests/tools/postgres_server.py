"""A PostgreSQL server of the tests' own on loopback, from the system's packages; it syncs as a real one does."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg

PASSWORD = "p@ss:w/rd"  # signs that a URL has to escape
QUOTED = "p%40ss%3Aw%2Frd"
STARTING = 60.0
SHARED = "/tmp" if os.name == "posix" else None
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def programs():
    """Return the folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not found and (on_path := shutil.which("initdb")):
        found = [Path(on_path).resolve().parent]
    if not found:
        raise RuntimeError("Expected a PostgreSQL server, got none: apt-get install postgresql")
    return found[-1]


def _with_parent():
    """End with the process that started this one, however it ends."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGINT)


class PostgresServer:
    """A server in a folder of its own; `stop` it.

    Parameters
    ----------
    **settings
        Of ``postgresql.conf``.
    """

    def __init__(self, **settings):
        self._user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        # Where its user can come to, whatever folder the test that asks first has for temporary files.
        self._folder = Path(tempfile.mkdtemp(prefix="ctnb-postgres-", dir=SHARED))
        password = self._folder / "password"
        password.write_text(PASSWORD)
        if self._user:
            for path in (self._folder, password):
                shutil.chown(path, "postgres")
        self._run("initdb", "-D", "data", "-U", "ctnb", "-A", "scram-sha-256", "--pwfile=password", "-E", "UTF8",
                  "--locale=C", "--no-sync")  # fmt: skip
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": self.port,
            "shared_buffers": "16MB",
            "max_connections": 60,
            **settings,
        }
        self._server = None
        self._starter = ThreadPoolExecutor(1)
        self.start()

    @property
    def url(self):
        """The address that its superuser is let in with."""
        return f"postgresql://ctnb:{QUOTED}@127.0.0.1:{self.port}/postgres"

    def start(self):
        """Start it, and wait until it answers."""
        # From one thread that lives on: the system ends the server with the thread that has started it.
        self._starter.submit(self._start).result()

    def _start(self):
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [programs() / "postgres", "-D", "data", *options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_with_parent,  # noqa: PLW1509  nothing but a call of the system
                **self._user,
            )
        until = time.monotonic() + STARTING
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or self._server.poll() is not None:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def kill(self):
        """End it and all its processes as `kill -9` does."""
        processes = psutil.Process(self._server.pid).children(recursive=True)
        self._server.kill()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=STARTING)
        self._server.wait()

    def end(self):
        """End it and all its sessions."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(60)

    def stop(self):
        """End it for good."""
        if self._server.poll() is None:
            self.end()
        self._starter.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def execute(self, *statements, database="postgres"):
        """Carry statements out as the superuser; return the rows of the last one."""
        url = self.url.removesuffix("postgres") + database
        with psycopg.connect(url, autocommit=True) as session:
            for statement in statements:
                cursor = session.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program, *arguments):
        subprocess.run(
            [programs() / program, *arguments],
            cwd=self._folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **self._user,
        )
