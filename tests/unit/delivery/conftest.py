"""Time that is counted, not waited for."""

import asyncio

import pytest


class CountedTime(asyncio.SelectorEventLoop):
    """A loop that jumps to its next timer instead of waiting for it."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        look = self._selector.select

        def jump(timeout=None):
            self.now += timeout or 0.0
            return look(0)

        self._selector.select = jump

    def time(self):
        return self.now


@pytest.fixture(scope="session")
def counted():
    """Run a coroutine in counted time."""

    def run(main):
        with asyncio.Runner(loop_factory=CountedTime) as runner:
            return runner.run(main)

    return run
