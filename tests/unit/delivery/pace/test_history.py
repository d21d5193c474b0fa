"""Histories in memory and in a file: what a request finds there, whatever became of the file or of the last holder."""

import asyncio
import itertools
import math
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.delivery.pace.history import JITTER, KEPT, LONGEST_PAUSE, History, MemoryStore
from ctnb.delivery.pace.limiter import RateLimiter
from ctnb.delivery.pace.shared_file import FileStore, packed, unpacked

SECOND = 1 + JITTER
TIMES = st.floats(0, 1e9)


@pytest.fixture
def store_in(tmp_path):
    """Make a store over the test's one file, as another process would."""
    return lambda address="vendor:443": FileStore(tmp_path, address)


@pytest.fixture
def file_of(tmp_path):
    """Return the path of the test's one history."""
    return lambda: next(tmp_path.glob("*.history"))


def limiter_of(store, rate=5.0):
    return RateLimiter(rate, store, clock=asyncio.get_running_loop().time)


async def write(limiter, count=1):
    """Write so many requests, which last no time, and return when."""
    stamps = []
    for _ in range(count):
        await limiter.take()
        limiter.written()
        stamps.append(asyncio.get_running_loop().time())
    return stamps


async def die_with_the_slot(store):
    """Take the slot and end as a killed process does: the system frees the lock, nobody stamps."""
    await limiter_of(store).take()
    store.free_slot()


@given(
    st.lists(TIMES, max_size=12).map(sorted).map(tuple),
    st.booleans(),
    st.one_of(st.just(-math.inf), TIMES),
    st.floats(JITTER, 0.25),
    st.one_of(st.just(-math.inf), TIMES),
    st.sampled_from(["", "process 4242 on analyst-7", "process 1 on офис"]),
)
def test_a_history_comes_back_as_it_was_kept(stamps, busy, paused_until, jitter, limited_at, holder):
    history = History(stamps, busy, paused_until, jitter, limited_at, holder)

    assert unpacked(packed(history)) == history


def test_a_machine_with_a_long_name_is_named_as_far_as_there_is_room():
    kept = unpacked(packed(History(holder="process 4242 on " + "ж" * 253)))

    assert kept.whole
    assert kept.holder == "process 4242 on " + "ж" * 56


@given(st.integers(0, len(packed(History())) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(position, change):
    content = bytearray(packed(History((1.0, 2.0))))
    content[position] ^= change

    assert not unpacked(bytes(content)).whole


@pytest.mark.parametrize("stamps", [0, KEPT, KEPT + 500])
def test_a_file_has_one_size_however_much_was_sent(stamps):
    history = History()
    for moment in range(stamps):
        history = history.stamped(float(moment))

    assert len(packed(history)) == len(packed(History()))
    assert history.stamps[-1:] == ((stamps - 1.0,) if stamps else ())


def test_two_processes_over_one_file_keep_to_one_limit(counted, store_in):
    async def main():
        limiters = [limiter_of(store_in()) for _ in range(3)]
        return sorted(itertools.chain(*await asyncio.gather(*(write(its, 7) for its in limiters))))

    stamps = counted(main())

    assert len(stamps) == 21
    assert all(sixth - first >= SECOND - 1e-9 for first, sixth in zip(stamps, stamps[5:], strict=False))
    assert min(later - earlier for earlier, later in itertools.pairwise(stamps)) >= 0.18 - 1e-9
    assert stamps[-1] <= 4 * SECOND + 0.1


def test_a_slower_limiter_in_another_process_sees_the_requests_of_a_faster_one(counted, store_in):
    async def main():
        fast = await write(limiter_of(store_in()), 5)
        slow = await write(limiter_of(store_in(), rate=0.5), 2)
        return fast, slow, await write(limiter_of(store_in()))

    fast, slow, again = counted(main())

    assert slow[0] == pytest.approx(fast[-1] + 2 + JITTER)
    assert slow[1] == pytest.approx(slow[0] + 2 + JITTER)
    assert again[0] == pytest.approx(slow[1] + 0.18)


def test_other_addresses_have_other_files(counted, store_in):
    async def main():
        await write(limiter_of(store_in("one:443")), 5)
        return asyncio.get_running_loop().time(), await write(limiter_of(store_in("other:443")))

    now, stamps = counted(main())

    assert stamps == [now]


def test_a_pause_reaches_a_process_that_waits_with_the_slot_in_its_hands(counted, store_in):
    async def main():
        first, second = limiter_of(store_in()), limiter_of(store_in())
        await write(first)
        waiting = asyncio.create_task(write(first))
        await asyncio.sleep(0.1)
        second.pause(10.0)
        return await waiting, await write(second)

    waited, after = counted(main())

    assert waited == [pytest.approx(10.1)]
    assert after[0] > waited[0]


def test_the_longest_pause_holds_every_process_and_doubles_the_jitter_for_all(counted, store_in):
    async def main():
        limiter_of(store_in()).pause(LONGEST_PAUSE)
        return await write(limiter_of(store_in()), 6)

    stamps = counted(main())

    assert stamps[0] == LONGEST_PAUSE
    assert stamps[5] - stamps[0] == pytest.approx(1 + 2 * JITTER, abs=2e-3)


@pytest.mark.parametrize("store_of", [lambda store: MemoryStore(), lambda store: store], ids=["memory", "file"])
def test_a_holder_that_died_with_a_request_on_its_way_counts_as_one_that_wrote(counted, store_in, store_of):
    async def main():
        store = store_of(store_in())
        dying = asyncio.create_task(die_with_the_slot(store))
        await dying
        store.queue.release()
        await asyncio.sleep(3.0)
        return await write(limiter_of(store), 6)

    stamps = counted(main())

    # The dead one's request may have been written a moment before it was found: a gap, and one slot of five.
    assert stamps[0] == pytest.approx(3.18)
    assert stamps[4] == pytest.approx(3.0 + SECOND)


def test_a_holder_that_died_while_it_waited_costs_nothing(counted, store_in):
    async def main():
        first = store_in()
        await write(limiter_of(first), 5)
        waiting = asyncio.create_task(limiter_of(first).take())
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.wait({waiting})
        return await write(limiter_of(store_in()))

    assert counted(main()) == [pytest.approx(SECOND)]


def test_a_slot_that_is_dropped_leaves_nothing_for_others_to_wait_for(counted, store_in):
    async def main():
        first = limiter_of(store_in())
        for _ in range(5):
            await first.take()
            first.drop()
        return await write(limiter_of(store_in()))

    assert counted(main()) == [0.0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: bytes(len(content)),
        lambda content: content[:40] + b"\xff" + content[41:],
        lambda content: b"something else",
    ],
    ids=["empty", "short", "long", "zeros", "changed", "text"],
)
def test_a_damaged_file_is_taken_for_five_requests_just_now_and_is_mended(counted, store_in, file_of, damage):
    async def main():
        await write(limiter_of(store_in()))
        file_of().write_bytes(damage(file_of().read_bytes()))
        await asyncio.sleep(100.0)
        return await write(limiter_of(store_in()), 5)

    stamps = counted(main())

    assert stamps[0] == pytest.approx(100.0 + SECOND)
    assert stamps[4] == pytest.approx(stamps[0] + 4 * 0.18)
    assert unpacked(file_of().read_bytes()).whole


def test_a_file_damaged_while_one_waits_holds_it_for_a_second_more_and_not_for_ever(counted, store_in, file_of):
    async def main():
        first = limiter_of(store_in())
        await write(first, 5)
        waiting = asyncio.create_task(write(first))
        await asyncio.sleep(0.01)
        file_of().write_bytes(b"?")
        return await waiting

    assert counted(main()) == [pytest.approx(2 * SECOND)]


def test_what_lies_in_the_future_is_from_before_the_machine_started_anew(counted, store_in, file_of):
    async def main():
        await write(limiter_of(store_in()))
        before = History((1e6, 1e6 + 1, 1e6 + 2), paused_until=1e6, jitter=0.25, limited_at=1e6)
        file_of().write_bytes(packed(before))
        return await write(limiter_of(store_in()), 6)

    stamps = counted(main())

    assert stamps[0] == 0.0
    assert stamps[5] == pytest.approx(SECOND)
    assert unpacked(file_of().read_bytes()).stamps == tuple(stamps)


def test_a_file_that_is_deleted_is_made_again(counted, store_in, file_of):
    async def main():
        limiter = limiter_of(store_in())
        await write(limiter)
        file_of().unlink()
        return await write(limiter, 2)

    counted(main())

    assert len(unpacked(file_of().read_bytes()).stamps) == 2


def test_threads_take_turns_on_one_store_and_on_stores_of_one_file(store_in):
    rate, shared = 100.0, store_in()
    written = []

    async def send(store):
        limiter = RateLimiter(rate, store)
        for _ in range(6):
            await limiter.take()
            written.append(time.perf_counter())
            limiter.written()

    threads = [
        threading.Thread(target=lambda store=store: asyncio.run(send(store))) for store in (shared, shared, store_in())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Each moment is taken before its stamp is, so two of them are a gap apart at the least.
    assert len(written) == 18
    assert min(later - earlier for earlier, later in itertools.pairwise(written)) > 0
    assert len(shared.change(lambda history: history).stamps) == 18
    assert min(b - a for a, b in itertools.pairwise(shared.change(lambda history: history).stamps)) >= 0.9 / rate - 1e-9
