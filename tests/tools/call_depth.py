"""Count the functions and files of ctnb that one row passes through on its way to the vendor and back.

One deal is commented by three rules, with a key, against an emulator and with a new ledger file. Named functions count,
once each, in every thread of the run; lambdas, comprehensions, modules and the emulator's own thread do not.
``PYTHONPATH=other/tree python tests/tools/call_depth.py`` counts in another tree.
"""

import argparse
import importlib
import pkgutil
import sys
import tempfile
import threading
from collections import defaultdict
from pathlib import Path

import pandas as pd

import ctnb

PACKAGE = Path(ctnb.__file__).parent
CALL = {"callId": [4242], "date": ["01-03-2026 12:00:00"], "callerNumber": ["79157771122"]}
DEAL = {
    "deal": ["d-1"],
    "call": ["4242"],
    "phone": ["+7 (915) 777-11-22"],
    "email": ["ivan@example.org"],
    "created": ["01.03.2026 12:30"],
    "stage": ["won"],
}
RULES = [
    ctnb.Call("call"),
    ctnb.CallContact("phone", "created", depth="2h"),
    ctnb.RequestContact("created", depth="7d", phones="phone", emails="email"),
]


class Visits:
    """The functions that were called, by file; a profile function of `sys` and `threading`."""

    def __init__(self):
        self.functions = defaultdict(set)

    def __call__(self, frame, event, _argument):
        code = frame.f_code
        if event == "call" and not code.co_name.startswith("<") and code.co_filename.startswith(f"{PACKAGE}/"):
            self.functions[code.co_filename].add((code.co_qualname, code.co_firstlineno))

    def __enter__(self):
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)
        threading.setprofile(None)


def import_everything():
    """Import every module, so that what runs while one is imported is not counted."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "ctnb."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def visits_of_one_row(folder):
    """Comment one deal; return the functions that were called."""
    with ctnb.Emulator(pd.DataFrame(CALL), rate=None, token="token") as vendor:
        connection = ctnb.Connection(
            vendor.connection.site_id, "token", base_url=vendor.connection.base_url, ledger=folder / "ledger.sqlite3"
        )
        deals = pd.DataFrame(DEAL)
        with Visits() as visits:
            done = ctnb.comment(deals, RULES, "{stage}", key="deal", connection=connection, progress=False)
    if done["ct_status"].tolist() != ["commented"]:
        raise AssertionError(f"The deal was not commented: {done['ct_error'].tolist()}")
    return visits.functions


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="also name each file and its functions")
    options = parser.parse_args()
    import_everything()
    with tempfile.TemporaryDirectory() as folder:
        functions = visits_of_one_row(Path(folder))
    if options.list:
        for file, called in sorted(functions.items()):
            names = ", ".join(name for name, _ in sorted(called))
            print(f"{Path(file).relative_to(PACKAGE.parent).as_posix()}: {names}")
    count = sum(map(len, functions.values()))
    print(f"One row passes through {count} functions in {len(functions)} files of {PACKAGE}.")


if __name__ == "__main__":
    main()
