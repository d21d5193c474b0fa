"""The pace in a loop whose time is counted, not waited for."""

import asyncio
import math
import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctnb.connection import Connection
from ctnb.delivery.pace import JITTER, MOST_JITTER, Pace, Ring, pace_of


def pace(rate, ring=None):
    return Pace(rate, ring, clock=asyncio.get_running_loop().time)


async def worker(its_pace, writes, stamps):
    """Take a turn for each write, which lasts so many seconds."""
    for seconds in writes:
        await its_pace.take()
        await asyncio.sleep(seconds)
        its_pace.written()
        stamps.append(asyncio.get_running_loop().time())


async def stamps_of(paces, writes):
    """When requests were written by one worker for each pace; it takes every so-manieth write."""
    stamps = []
    turns = [worker(its, writes[turn :: len(paces)], stamps) for turn, its in enumerate(paces)]
    await asyncio.gather(*turns)
    return stamps


def most_in(window, stamps):
    """The most stamps in any sliding window, its end left out."""
    return max(sum(first <= stamp < first + window for stamp in stamps) for first in stamps)


WRITES = st.lists(st.sampled_from([0.0, 0.0, 0.001, 0.05, 0.3, 1.5]), min_size=1, max_size=40)


@settings(max_examples=50)
@given(WRITES, st.integers(1, 6))
def test_never_more_than_five_in_any_second(counted, writes, workers):
    async def main():
        shared = pace(5.0)
        return await stamps_of([shared] * workers, writes)

    assert most_in(1.0, counted(main())) <= 5


@settings(max_examples=30)
@given(WRITES, st.integers(2, 4))
def test_paces_on_one_ring_share_the_limit(counted, writes, runs):
    async def main():
        ring = Ring()
        return await stamps_of([pace(5.0, ring) for _ in range(runs)], writes)

    stamps = counted(main())

    assert len(stamps) == len(writes)
    assert most_in(1.0, stamps) <= 5


def test_the_full_rate_is_used(counted):
    async def main():
        return await stamps_of([pace(5.0)] * 4, [0.0] * 101)

    # 100 gaps after the first request, and the jitter that is allowed for in each second.
    assert counted(main())[-1] == pytest.approx(20 * (1 + JITTER), rel=1e-6)


def test_requests_keep_their_distance(counted):
    async def main():
        return await stamps_of([pace(5.0)] * 4, [0.0] * 12)

    stamps = counted(main())

    assert min(later - earlier for earlier, later in pairwise(stamps)) >= 0.18 - 1e-9


@pytest.mark.parametrize(("rate", "burst", "window"), [(0.1, 1, 10.0), (0.5, 1, 2.0), (1.5, 1, 1 / 1.5), (2.5, 2, 0.8)])
def test_a_rate_that_is_no_whole_number(counted, rate, burst, window):
    async def main():
        return await stamps_of([pace(rate)] * 3, [0.0] * 12)

    stamps = counted(main())

    assert most_in(window, stamps) <= burst
    assert stamps[-1] <= 11 / rate * 1.2 + 1


def test_a_slower_pace_on_the_same_ring_sees_the_others_requests(counted):
    async def main():
        ring = Ring()
        await stamps_of([pace(5.0, ring)], [0.0])
        return await stamps_of([pace(0.5, ring)], [0.0])

    assert counted(main())[0] >= 2.0


def test_an_unlimited_pace_gives_turns_at_once_and_all_together(counted):
    async def main():
        shared = pace(math.inf)
        await asyncio.gather(*(shared.take() for _ in range(1000)))
        shared.written()
        shared.drop()
        return asyncio.get_running_loop().time()

    assert counted(main()) == 0.0


@pytest.mark.parametrize("rate", [5.0, math.inf])
def test_a_pause_holds_everybody(counted, rate):
    async def main():
        ring = Ring()
        pace(rate, ring).pause(3.0)
        return await stamps_of([pace(rate, ring), pace(rate, ring)], [0.0] * 4)

    assert min(counted(main())) >= 3.0


@pytest.mark.parametrize("rate", [5.0, math.inf])
def test_a_pause_that_comes_while_waiting_is_kept_and_a_shorter_one_takes_nothing_back(counted, rate):
    async def main():
        shared = pace(rate)
        shared.pause(1.0)
        waiting = asyncio.create_task(stamps_of([shared], [0.0]))
        await asyncio.sleep(0.5)
        shared.pause(10.0)
        shared.pause(0.1)
        return await waiting

    assert counted(main())[0] == pytest.approx(10.5)


def test_each_refusal_doubles_the_room_that_is_left_up_to_a_cap(counted):
    async def main():
        ring = Ring()
        room = [ring.jitter]
        for _ in range(8):
            pace(5.0, ring).pause(0.0)
            room.append(ring.jitter)
        return room, await stamps_of([pace(5.0, ring)], [0.0] * 6)

    room, stamps = counted(main())

    assert room[:3] == [JITTER, 2 * JITTER, 4 * JITTER]
    assert room[-2:] == [MOST_JITTER, MOST_JITTER]
    assert stamps[5] - stamps[0] == pytest.approx(1 + MOST_JITTER)


def test_a_turn_that_is_dropped_costs_nothing(counted):
    async def main():
        shared = pace(1.0)
        for _ in range(5):
            await shared.take()
            shared.drop()
        return await stamps_of([shared], [0.0])

    assert counted(main()) == [0.0]


def test_one_that_is_cancelled_while_it_waits_gives_its_turn_back(counted):
    async def main():
        shared = pace(0.1)
        await stamps_of([shared], [0.0])
        holding, queued = (asyncio.create_task(shared.take()) for _ in range(2))
        await asyncio.sleep(1.0)
        holding.cancel()
        queued.cancel()
        await asyncio.wait({holding, queued})
        return await stamps_of([shared], [0.0])

    # Ten seconds after the first request, as if nobody had waited in between.
    assert counted(main())[0] == pytest.approx(10.0 + JITTER)


def test_runs_in_several_threads_take_turns_on_one_ring():
    ring, rate = Ring(), 250.0

    def run():
        asyncio.run(drained())

    async def drained():
        its = Pace(rate, ring)
        for _ in range(8):
            await its.take()
            its.written()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stamps = list(ring.stamps)
    assert len(stamps) == 24
    assert min(later - earlier for earlier, later in pairwise(stamps)) >= 0.9 / rate - 1e-9


def test_connections_to_one_address_share_a_pace_whatever_their_account():
    def connect(site, port):
        return Connection(site, "token", base_url=f"http://127.0.0.1:{port}", ledger=None)

    one, other, elsewhere = pace_of(connect(1, 9)), pace_of(connect(2, 9)), pace_of(connect(1, 10))

    assert one._ring is other._ring
    assert one._ring is not elsewhere._ring
