"""A download of the journals in a process of its own, and journals for it to read."""

import subprocess
import sys

import numpy as np
import pandas as pd

DOWNLOAD = """
import sys
import ctnb
base_url, token, cache, until, rate = sys.argv[1:]
connection = ctnb.Connection(4242, token, base_url=base_url, rate=float(rate), concurrency=2, ledger=None)
journal = ctnb.Journal.download(connection, since="2026-03-01", until=until, cache=cache or None, progress=False)
print(len(journal.calls), len(journal.requests))
"""


def started(vendor, cache="", until="2026-03-20", rate=20.0):
    access = vendor.connection
    arguments = [sys.executable, "-c", DOWNLOAD, access.base_url, str(access.token), str(cache), until, str(rate)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def calls_of(days, count):
    at = pd.Timestamp("2026-03-01 00:00:30") + pd.to_timedelta(np.arange(count) * days * 86_400 // count, unit="s")
    return pd.DataFrame({"callId": range(1, count + 1), "callerNumber": "79157771122", "date": at})


def requests_of(days):
    at = pd.Timestamp("2026-03-01 12:00:00") + pd.to_timedelta(np.arange(days), unit="D")
    return pd.DataFrame({"requestId": range(days), "date": at})
