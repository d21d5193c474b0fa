"""The generation of a ledger, kept outside its file: a file that was put back from a backup has a lower one.

It is raised when a run claims, recovers and ends: in the database first, then here, in two places of which the higher
counts. So a crash in between leaves the database ahead, which is no sign of a backup. A place that cannot be read or
written counts for nothing: the other one, and what else is known of the file, still guard it.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from pathlib import Path


def kept_generation(ledger: Path | None, key: str) -> int:
    """Return the generation that a ledger had last, as far as is known outside it; 0 when nothing is.

    Parameters
    ----------
    ledger : path or None
        The ledger's file; None: it is in a database.
    key : str
        Fingerprint of its key, or the database's own name.
    """
    return max(_read(place) for place in _places(ledger, key))


def keep_generation(ledger: Path | None, key: str, generation: int) -> None:
    """Keep a generation in both places, unless a later one is there; see `kept_generation`."""
    for place in _places(ledger, key):
        with suppress(OSError):
            if _read(place) < generation:
                _write(place, generation)


def _places(ledger: Path | None, key: str) -> list[Path]:
    """Return the file beside a ledger's file, and the one in the user's state folder."""
    state = platformdirs.user_state_path("ctnb", appauthor=False) / "generations" / key
    return [state] if ledger is None else [ledger.with_name(ledger.name + ".generation"), state]


def _read(place: Path) -> int:
    """Return the generation in a file; 0 where there is none."""
    try:
        return int(place.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _write(place: Path, generation: int) -> None:
    """Write a file beside and move it into its place, so that a kill leaves one of them whole.

    It is not synced: a power cut may take it back to an earlier generation, which refuses nothing.
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(f"{generation}\n", encoding="ascii")
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
