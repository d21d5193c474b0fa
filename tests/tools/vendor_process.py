"""A stand-in vendor in a process of its own: what it applied is known, whatever becomes of its clients.

Run as a script it serves an emulator until its standard input ends. `VendorProcess` starts it and reads its record.
"""

import argparse
import asyncio
import json
import math
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from ctnb import Emulator

SITE, TOKEN = 4242, "canary-5f0e1c"


class SlowEmulator(Emulator):
    """An emulator that takes its time, half of it before it applies a request and half of it after."""

    def __init__(self, *journals, delay=0.0, **settings):
        super().__init__(*journals, **settings)
        self._delay, self.in_hand = delay, 0

    async def _take(self, request):
        self.in_hand += 1
        try:
            await self._pause()
            answer = await super()._take(request)
            await self._pause()
        finally:
            self.in_hand -= 1
        return answer

    async def _pause(self):
        # A pause of nothing would hold an answer back until those to other requests are ready too.
        if self._delay:
            await asyncio.sleep(self._delay / 2)

    def record(self, kind, since):
        """Return what was applied, or received, without the first so many, once nothing is half done."""
        while self.in_hand:
            threading.Event().wait(0.002)
        if kind == "comments":
            return [applied.comment for applied in self._vendor.applied()[since:]]
        if kind == "count":
            return len(self._vendor.applied())
        with self._lock:
            return [post._asdict() for post in self._posts[since:]]


class VendorProcess:
    """The stand-in vendor, as its clients see it; use it as a context manager.

    Parameters
    ----------
    known : int
        It knows the calls whose ids are under this number, all but every tenth (9, 19, ...).
    delay : float
        Seconds that a request takes.
    rate : int or None
        Requests let through in any sliding second.
    """

    def __init__(self, known, *, delay=0.0, rate=None):
        self._command = [sys.executable, __file__, str(known), f"--delay={delay}", f"--rate={rate or 0}"]

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        found = json.loads(self._process.stdout.readline())
        self.base_url, self._control = found["base_url"], found["control"]
        return self

    def __exit__(self, *_):
        self._process.communicate()
        self._process.wait()

    def access(self, **settings):
        """Return what a `Connection` to it takes, but for the ledger."""
        return {"site_id": SITE, "token": TOKEN, "base_url": self.base_url, "rate": math.inf, **settings}

    def count(self):
        """Return how many comments were applied."""
        return self._read("count")

    def applied(self, since=0):
        """Count the comments applied after the first so many, by their text."""
        return Counter(self._read("comments", since))

    def posts(self, since=0):
        """Return the POSTs received after the first so many: number, received (monotonic seconds), status, leads."""
        return self._read("posts", since)

    def _read(self, kind, since=0):
        with urllib.request.urlopen(f"{self._control}/{kind}?since={since}") as answer:
            return json.load(answer)


def control(emulator):
    """Serve the emulator's record on a port of its own."""

    class Control(BaseHTTPRequestHandler):
        def do_GET(self):
            target = urlsplit(self.path)
            body = json.dumps(emulator.record(target.path[1:], int(parse_qs(target.query)["since"][0]))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Control)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def main():
    parser = argparse.ArgumentParser(description=Path(__file__).name)
    parser.add_argument("known", type=int)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--rate", type=int, default=0)
    options = parser.parse_args()
    numbers = [number for number in range(options.known) if number % 10 != 9]
    calls = pd.DataFrame({"callId": numbers, "date": "01-10-2020 12:00:00", "callerNumber": "79157771122"})
    with SlowEmulator(calls, rate=options.rate or None, token=TOKEN, site_id=SITE, delay=options.delay) as emulator:
        print(json.dumps({"base_url": emulator.connection.base_url, "control": control(emulator)}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
