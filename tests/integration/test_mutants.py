"""Mutants of our own protocol: each breaks a promise that the kill harness counts, and so would be caught."""

from contextlib import closing

import pytest
from fault_proxy import FaultProxy, answers_like, answers_with, closes, items_of, keeps_silent, with_items
from kills import Job, restored, trial
from mutants import MUTANTS
from vendor_process import VendorProcess

from ctnb.delivery.ledger.sqlite import SqliteLedger

MIDDLE = 2
CAUGHT_BY = {
    "writes before the intent": ("slot taken", "duplicated"),
    "keeps intents in memory": ("all written", "duplicated"),
    "records before the answer": ("intent committed", "falsely_commented"),
    "forgets what was being sent": ("all written", "duplicated"),
    "never recovers": ("all written", "stuck"),
    "takes any generation": (restored, "duplicated"),
    "retries on 500": (answers_with(500), "duplicated"),
    "retries on lost connections": (closes, "duplicated"),
    "retries on time-outs": (keeps_silent, "duplicated"),
    "goes by words": (answers_with(400, {"message": "Сервис временно недоступен"}), "falsely_denied"),
    "trusts any position": (answers_like(lambda answer: with_items(items_of(answer)[::-1])), "falsely_commented"),
    # Without ids, which would give it away by themselves.
    "trusts another count": (
        answers_like(lambda answer: with_items([{"commented": item["commented"]} for item in items_of(answer)[1:]])),
        "falsely_commented",
    ),
}
"""What the harness does to the second batch, or to the ledger, and the promise that it finds broken then."""


@pytest.fixture(scope="module")
def vendor():
    with VendorProcess(300, delay=0.004) as started:
        yield started


@pytest.fixture
def find(vendor, tmp_path, request):
    """Put one trial to a kill or to a fault, with our protocol or with a mutant of it."""

    def run(against, *, mutant):
        with FaultProxy(vendor.base_url) as proxy:
            kills = [(against, MIDDLE)] if isinstance(against, str) else []
            if not kills and against is not restored:
                proxy.faults[MIDDLE] = True, against
            access = vendor.access(base_url=proxy.base_url, concurrency=1, timeout=0.5)
            job = Job(access, tmp_path / "ledger" / "ledger.sqlite3", request.node.name, mutant=mutant)
            return restored(vendor, job) if against is restored else trial(vendor, job, *kills)

    return run


@pytest.mark.parametrize(("mutant", "against", "broken"), [(name, *caught) for name, caught in CAUGHT_BY.items()])
def test_a_mutant_of_the_protocol_is_caught(find, mutant, against, broken):
    found = find(against, mutant=mutant)

    assert broken in found.broken


@pytest.mark.parametrize("against", [against for against, _ in CAUGHT_BY.values()], ids=CAUGHT_BY)
def test_the_protocol_itself_passes_where_its_mutant_is_caught(find, against):
    assert find(against, mutant=None).broken == {}


def test_every_mutant_is_put_to_the_test():
    assert CAUGHT_BY.keys() == MUTANTS.keys()


def test_a_commit_of_the_ledger_is_on_the_disk_when_it_returns(tmp_path):
    with closing(SqliteLedger(tmp_path / "ledger.sqlite3")) as ledger:
        settings = {
            name: ledger._file.database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        }

    # No kill of a process shows a missing sync: the system keeps what it was given. EXTRA is 3. Another connection
    # to the file has settings of its own, so the ledger's is asked.
    assert settings == {"journal_mode": "truncate", "synchronous": 3}
