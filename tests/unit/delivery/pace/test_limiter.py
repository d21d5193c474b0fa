"""The rate limiter in a loop whose time is counted, not waited for."""

import asyncio
import math
import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctnb.delivery.pace.history import JITTER, MOST_JITTER, RELAXING, MemoryStore
from ctnb.delivery.pace.limiter import RateLimiter


def limiter_of(rate, store=None):
    return RateLimiter(rate, store, clock=asyncio.get_running_loop().time)


async def worker(limiter, writes, stamps):
    """Take a slot for each write, which lasts so many seconds."""
    for seconds in writes:
        await limiter.take()
        await asyncio.sleep(seconds)
        limiter.written()
        stamps.append(asyncio.get_running_loop().time())


async def stamps_of(limiters, writes):
    """When requests were written by one worker for each limiter; it takes every so-manieth write."""
    stamps = []
    turns = [worker(its, writes[turn :: len(limiters)], stamps) for turn, its in enumerate(limiters)]
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
        shared = limiter_of(5.0)
        return await stamps_of([shared] * workers, writes)

    assert most_in(1.0, counted(main())) <= 5


@settings(max_examples=30)
@given(WRITES, st.integers(2, 4))
def test_limiters_on_one_store_share_the_limit(counted, writes, runs):
    async def main():
        store = MemoryStore()
        return await stamps_of([limiter_of(5.0, store) for _ in range(runs)], writes)

    stamps = counted(main())

    assert len(stamps) == len(writes)
    assert most_in(1.0, stamps) <= 5


def test_the_full_rate_is_used(counted):
    async def main():
        return await stamps_of([limiter_of(5.0)] * 4, [0.0] * 101)

    # 100 gaps after the first request, and the jitter that is allowed for in each second.
    assert counted(main())[-1] == pytest.approx(20 * (1 + JITTER), rel=1e-6)


def test_requests_keep_their_distance(counted):
    async def main():
        return await stamps_of([limiter_of(5.0)] * 4, [0.0] * 12)

    stamps = counted(main())

    assert min(later - earlier for earlier, later in pairwise(stamps)) >= 0.18 - 1e-9


@pytest.mark.parametrize(("rate", "burst", "window"), [(0.1, 1, 10.0), (0.5, 1, 2.0), (1.5, 1, 1 / 1.5), (2.5, 2, 0.8)])
def test_a_rate_that_is_no_whole_number(counted, rate, burst, window):
    async def main():
        return await stamps_of([limiter_of(rate)] * 3, [0.0] * 12)

    stamps = counted(main())

    assert most_in(window, stamps) <= burst
    assert stamps[-1] <= 11 / rate * 1.2 + 1


def test_a_slower_limiter_on_the_same_store_sees_the_others_requests(counted):
    async def main():
        store = MemoryStore()
        await stamps_of([limiter_of(5.0, store)], [0.0])
        return await stamps_of([limiter_of(0.5, store)], [0.0])

    assert counted(main())[0] >= 2.0


def test_an_unlimited_limiter_gives_slots_at_once_and_all_together(counted):
    async def main():
        shared = limiter_of(math.inf)
        await asyncio.gather(*(shared.take() for _ in range(1000)))
        shared.written()
        shared.drop()
        return asyncio.get_running_loop().time()

    assert counted(main()) == 0.0


@pytest.mark.parametrize("rate", [5.0, math.inf])
def test_a_pause_holds_everybody(counted, rate):
    async def main():
        store = MemoryStore()
        limiter_of(rate, store).pause(3.0)
        return await stamps_of([limiter_of(rate, store), limiter_of(rate, store)], [0.0] * 4)

    assert min(counted(main())) >= 3.0


@pytest.mark.parametrize("rate", [5.0, math.inf])
def test_a_pause_that_comes_while_waiting_is_kept_and_a_shorter_one_takes_nothing_back(counted, rate):
    async def main():
        shared = limiter_of(rate)
        shared.pause(1.0)
        waiting = asyncio.create_task(stamps_of([shared], [0.0]))
        await asyncio.sleep(0.5)
        shared.pause(10.0)
        shared.pause(0.1)
        return await waiting

    assert counted(main())[0] == pytest.approx(10.5)


def history_of(store):
    return store.change(lambda history: history)


def test_each_refusal_doubles_the_jitter_that_is_allowed_for_up_to_a_cap(counted):
    async def main():
        store = MemoryStore()
        jitter = [history_of(store).jitter]
        for _ in range(8):
            limiter_of(5.0, store).pause(0.0)
            jitter.append(history_of(store).jitter)
        return jitter, await stamps_of([limiter_of(5.0, store)], [0.0] * 6)

    jitter, stamps = counted(main())

    assert jitter[:3] == [JITTER, 2 * JITTER, 4 * JITTER]
    assert jitter[-2:] == [MOST_JITTER, MOST_JITTER]
    assert stamps[5] - stamps[0] == pytest.approx(1 + MOST_JITTER, rel=1e-3)


def test_refusals_that_come_in_a_pause_are_one(counted):
    async def main():
        store = MemoryStore()
        for seconds in (1.0, 5.0, 2.0):
            limiter_of(5.0, store).pause(seconds)
        return history_of(store), await stamps_of([limiter_of(5.0, store)], [0.0])

    history, stamps = counted(main())

    assert history.jitter == 2 * JITTER
    assert stamps == [5.0]


def test_the_jitter_allowed_for_shrinks_again_when_no_refusal_comes(counted):
    async def main():
        store = MemoryStore()
        for _ in range(3):
            limiter_of(5.0, store).pause(0.0)
        jitter = []
        for _ in range(4):
            jitter.append(history_of(store).jitter_at(asyncio.get_running_loop().time()))
            await asyncio.sleep(RELAXING)
        return jitter

    assert counted(main()) == pytest.approx([8 * JITTER, 4 * JITTER, 2 * JITTER, JITTER])


def test_no_refusal_pauses_for_more_than_a_minute(counted):
    async def main():
        store = MemoryStore()
        limiter_of(5.0, store).pause(3600.0)
        return await stamps_of([limiter_of(5.0, store)], [0.0])

    assert counted(main()) == [60.0]


def test_a_slot_that_is_dropped_costs_nothing(counted):
    async def main():
        shared = limiter_of(1.0)
        for _ in range(5):
            await shared.take()
            shared.drop()
        return await stamps_of([shared], [0.0])

    assert counted(main()) == [0.0]


def test_one_that_is_cancelled_while_it_waits_gives_its_slot_back(counted):
    async def main():
        shared = limiter_of(0.1)
        await stamps_of([shared], [0.0])
        holding, queued = (asyncio.create_task(shared.take()) for _ in range(2))
        await asyncio.sleep(1.0)
        holding.cancel()
        queued.cancel()
        await asyncio.wait({holding, queued})
        return await stamps_of([shared], [0.0])

    # Ten seconds after the first request, as if nobody had waited in between.
    assert counted(main())[0] == pytest.approx(10.0 + JITTER)


def test_runs_in_several_threads_take_turns_on_one_store():
    store, rate = MemoryStore(), 250.0

    def run():
        asyncio.run(drained())

    async def drained():
        its = RateLimiter(rate, store)
        for _ in range(8):
            await its.take()
            its.written()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stamps = history_of(store).stamps
    assert len(stamps) == 24
    assert min(later - earlier for earlier, later in pairwise(stamps)) >= 0.9 / rate - 1e-9
