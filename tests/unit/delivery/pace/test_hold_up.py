"""A holder that keeps the slot: the others say who it is, and go on waiting."""

import asyncio
import os
import platform
import re

import pytest

from ctnb.delivery.pace.limiter import RateLimiter
from ctnb.delivery.pace.shared_file import FileStore


@pytest.fixture
def limiter(tmp_path):
    """Make a limiter over the test's one file, as another process would, in the time of the running loop."""
    return lambda: RateLimiter(5.0, FileStore(tmp_path, "vendor:443"), clock=asyncio.get_running_loop().time)


def held_up(caplog):
    """Return the seconds and the holder of each warning."""
    found = [re.search(r"held for (\d+) seconds by (.+), which", message) for message in caplog.messages]
    return [(int(match[1]), match[2]) for match in found]


def test_who_keeps_the_slot_is_said_once_after_five_seconds_and_waited_for(counted, limiter, caplog):
    async def main():
        holder, waiting = limiter(), limiter()
        await holder.take()
        wait = asyncio.create_task(waiting.take())
        await asyncio.sleep(4.9)
        assert not caplog.records
        await asyncio.sleep(7.0)
        assert not wait.done()
        holder.written()
        await wait
        return asyncio.get_running_loop().time()

    assert 12.0 < counted(main()) < 12.5
    assert held_up(caplog) == [(5, f"process {os.getpid()} on {platform.node()}")]


def test_each_hold_up_is_said_and_holders_that_take_turns_are_none(counted, limiter, caplog):
    async def main():
        holder, waiting = limiter(), limiter()
        await holder.take()
        wait = asyncio.create_task(waiting.take())
        for seconds in (4.0, 4.0, 6.0, 4.0, 6.0):
            await asyncio.sleep(seconds)
            holder.written()
            # Taken before the other one looks again.
            await holder.take()
        wait.cancel()

    counted(main())

    assert [seconds for seconds, _ in held_up(caplog)] == [5, 5]


def test_a_pause_that_was_asked_for_is_no_hold_up(counted, limiter, caplog):
    async def main():
        holder, waiting = limiter(), limiter()
        holder.pause(30.0)
        taking, wait = asyncio.create_task(holder.take()), asyncio.create_task(waiting.take())
        await taking
        holder.written()
        await wait

    counted(main())

    assert not caplog.records
