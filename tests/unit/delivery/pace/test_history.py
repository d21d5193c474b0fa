"""Rings in memory and in a file: what a request finds there, whatever became of the file or of the last holder."""

import asyncio
import itertools
import math
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.delivery.pace.history import JITTER, KEPT, LONGEST_PAUSE, MemoryRing, Trail
from ctnb.delivery.pace.limiter import Pace
from ctnb.delivery.pace.shared_file import FileRing, packed, unpacked

SECOND = 1 + JITTER
TIMES = st.floats(0, 1e9)


@pytest.fixture
def ring_in(tmp_path):
    """Make a ring over the test's one file, as another process would."""
    return lambda address="vendor:443": FileRing(tmp_path, address)


@pytest.fixture
def file_of(tmp_path):
    """Return the path of the test's one ring."""
    return lambda: next(tmp_path.glob("*.ring"))


def pace(ring, rate=5.0):
    return Pace(rate, ring, clock=asyncio.get_running_loop().time)


async def write(its_pace, count=1):
    """Write so many requests, which last no time, and return when."""
    stamps = []
    for _ in range(count):
        await its_pace.take()
        its_pace.written()
        stamps.append(asyncio.get_running_loop().time())
    return stamps


async def die_holding(ring):
    """Take a turn and end as a killed process does: the system frees the lock, nobody stamps."""
    await pace(ring).take()
    ring.give()


@given(
    st.lists(TIMES, max_size=12).map(sorted).map(tuple),
    st.booleans(),
    st.one_of(st.just(-math.inf), TIMES),
    st.floats(JITTER, 0.25),
    st.one_of(st.just(-math.inf), TIMES),
)
def test_a_trail_comes_back_as_it_was_kept(stamps, busy, paused_until, jitter, refused_at):
    trail = Trail(stamps, busy, paused_until, jitter, refused_at)

    assert unpacked(packed(trail)) == trail


@given(st.integers(0, len(packed(Trail())) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place, change):
    content = bytearray(packed(Trail((1.0, 2.0))))
    content[place] ^= change

    assert not unpacked(bytes(content)).whole


@pytest.mark.parametrize("stamps", [0, KEPT, KEPT + 500])
def test_a_file_has_one_size_however_much_was_sent(stamps):
    trail = Trail()
    for moment in range(stamps):
        trail = trail.stamped(float(moment))

    assert len(packed(trail)) == len(packed(Trail()))
    assert trail.stamps[-1:] == ((stamps - 1.0,) if stamps else ())


def test_two_processes_over_one_file_keep_to_one_limit(counted, ring_in):
    async def main():
        paces = [pace(ring_in()) for _ in range(3)]
        return sorted(itertools.chain(*await asyncio.gather(*(write(its, 7) for its in paces))))

    stamps = counted(main())

    assert len(stamps) == 21
    assert all(sixth - first >= SECOND - 1e-9 for first, sixth in zip(stamps, stamps[5:], strict=False))
    assert min(later - earlier for earlier, later in itertools.pairwise(stamps)) >= 0.18 - 1e-9
    assert stamps[-1] <= 4 * SECOND + 0.1


def test_a_slower_pace_in_another_process_sees_the_requests_of_a_faster_one(counted, ring_in):
    async def main():
        fast = await write(pace(ring_in()), 5)
        slow = await write(pace(ring_in(), rate=0.5), 2)
        return fast, slow, await write(pace(ring_in()))

    fast, slow, again = counted(main())

    assert slow[0] == pytest.approx(fast[-1] + 2 + JITTER)
    assert slow[1] == pytest.approx(slow[0] + 2 + JITTER)
    assert again[0] == pytest.approx(slow[1] + 0.18)


def test_other_addresses_have_other_files(counted, ring_in):
    async def main():
        await write(pace(ring_in("one:443")), 5)
        return asyncio.get_running_loop().time(), await write(pace(ring_in("other:443")))

    now, stamps = counted(main())

    assert stamps == [now]


def test_a_pause_reaches_a_process_that_waits_with_the_turn_in_its_hands(counted, ring_in):
    async def main():
        first, second = pace(ring_in()), pace(ring_in())
        await write(first)
        waiting = asyncio.create_task(write(first))
        await asyncio.sleep(0.1)
        second.pause(10.0)
        return await waiting, await write(second)

    waited, after = counted(main())

    assert waited == [pytest.approx(10.1)]
    assert after[0] > waited[0]


def test_the_longest_pause_holds_every_process_and_widens_the_room_for_all(counted, ring_in):
    async def main():
        pace(ring_in()).pause(LONGEST_PAUSE)
        return await write(pace(ring_in()), 6)

    stamps = counted(main())

    assert stamps[0] == LONGEST_PAUSE
    assert stamps[5] - stamps[0] == pytest.approx(1 + 2 * JITTER, abs=2e-3)


@pytest.mark.parametrize("ring_of", [lambda ring: MemoryRing(), lambda ring: ring], ids=["memory", "file"])
def test_a_holder_that_died_with_a_request_on_its_way_counts_as_one_that_wrote(counted, ring_in, ring_of):
    async def main():
        ring = ring_of(ring_in())
        dying = asyncio.create_task(die_holding(ring))
        await dying
        ring.queue.release()
        await asyncio.sleep(3.0)
        return await write(pace(ring), 6)

    stamps = counted(main())

    # The dead one's request may have been written a moment before it was found: a gap, and one place of five.
    assert stamps[0] == pytest.approx(3.18)
    assert stamps[4] == pytest.approx(3.0 + SECOND)


def test_a_holder_that_died_while_it_waited_costs_nothing(counted, ring_in):
    async def main():
        first = ring_in()
        await write(pace(first), 5)
        waiting = asyncio.create_task(pace(first).take())
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.wait({waiting})
        return await write(pace(ring_in()))

    assert counted(main()) == [pytest.approx(SECOND)]


def test_a_turn_that_is_dropped_leaves_nothing_for_others_to_wait_for(counted, ring_in):
    async def main():
        first = pace(ring_in())
        for _ in range(5):
            await first.take()
            first.drop()
        return await write(pace(ring_in()))

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
def test_a_damaged_file_is_taken_for_five_requests_just_now_and_is_mended(counted, ring_in, file_of, damage):
    async def main():
        await write(pace(ring_in()))
        file_of().write_bytes(damage(file_of().read_bytes()))
        await asyncio.sleep(100.0)
        return await write(pace(ring_in()), 5)

    stamps = counted(main())

    assert stamps[0] == pytest.approx(100.0 + SECOND)
    assert stamps[4] == pytest.approx(stamps[0] + 4 * 0.18)
    assert unpacked(file_of().read_bytes()).whole


def test_a_file_damaged_while_one_waits_holds_it_for_a_second_more_and_not_for_ever(counted, ring_in, file_of):
    async def main():
        first = pace(ring_in())
        await write(first, 5)
        waiting = asyncio.create_task(write(first))
        await asyncio.sleep(0.01)
        file_of().write_bytes(b"?")
        return await waiting

    assert counted(main()) == [pytest.approx(2 * SECOND)]


def test_what_lies_in_the_future_is_from_before_the_machine_started_anew(counted, ring_in, file_of):
    async def main():
        await write(pace(ring_in()))
        before = Trail((1e6, 1e6 + 1, 1e6 + 2), paused_until=1e6, jitter=0.25, refused_at=1e6)
        file_of().write_bytes(packed(before))
        return await write(pace(ring_in()), 6)

    stamps = counted(main())

    assert stamps[0] == 0.0
    assert stamps[5] == pytest.approx(SECOND)
    assert unpacked(file_of().read_bytes()).stamps == tuple(stamps)


def test_a_file_that_is_deleted_is_made_again(counted, ring_in, file_of):
    async def main():
        its_pace = pace(ring_in())
        await write(its_pace)
        file_of().unlink()
        return await write(its_pace, 2)

    counted(main())

    assert len(unpacked(file_of().read_bytes()).stamps) == 2


def test_threads_take_turns_on_one_ring_and_on_rings_of_one_file(ring_in):
    rate, shared = 100.0, ring_in()
    written = []

    async def send(ring):
        its_pace = Pace(rate, ring)
        for _ in range(6):
            await its_pace.take()
            written.append(time.perf_counter())
            its_pace.written()

    threads = [
        threading.Thread(target=lambda ring=ring: asyncio.run(send(ring))) for ring in (shared, shared, ring_in())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Each moment is taken before its stamp is, so two of them are a gap apart at the least.
    assert len(written) == 18
    assert min(later - earlier for earlier, later in itertools.pairwise(written)) > 0
    assert len(shared.change(lambda trail: trail).stamps) == 18
    assert min(b - a for a, b in itertools.pairwise(shared.change(lambda trail: trail).stamps)) >= 0.9 / rate - 1e-9
