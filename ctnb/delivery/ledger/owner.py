"""The owner of a claim: a run, known by a lock that the system frees when its process ends."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout


@dataclass(frozen=True, slots=True)
class Owner:
    """A run that is alive as long as its lock is held.

    Attributes
    ----------
    name : str
        The run's random name.
    lock : FileLock
        On a file of that name, in a folder beside the ledger.
    """

    name: str
    lock: FileLock

    @classmethod
    def taken(cls, ledger: Path, name: str) -> Owner | None:
        """Take the lock of a run; None when a live run has it."""
        folder = _folder(ledger)
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", mode=0o600, thread_local=False, is_singleton=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        return cls(name, lock)

    def leave(self) -> None:
        """Give the lock up, and delete its file where the system allows it."""
        path = Path(self.lock.lock_file)
        # Unlinked while it is held where the system allows it, else (Windows) after.
        with contextlib.suppress(OSError):
            path.unlink()
        self.lock.release()
        with contextlib.suppress(OSError):
            path.unlink()


def is_live(ledger: Path, name: str) -> bool:
    """Return whether a run is alive."""
    dead = Owner.taken(ledger, name)
    if dead is not None:
        dead.leave()
    return dead is None


def any_is_live(ledger: Path) -> bool:
    """Return whether any run is alive that has a ledger."""
    return any(is_live(ledger, file.stem) for file in _folder(ledger).glob("*.lock"))


def _folder(ledger: Path) -> Path:
    return ledger.with_name(ledger.name + ".owners")
