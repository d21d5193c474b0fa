"""The running count of a download: what its progress shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class DownloadCounts:
    """Counts of one download; written by its loop, read by anybody.

    Attributes
    ----------
    days : int
        Days to read from the vendor; a day of calls and the same of requests are two.
    read : int
        Of these, the ones that are read.
    kept : int
        Days that the cache had.
    requests : int
        Requests written.
    leads : int
        Calls and requests that came.
    """

    days: int = 0
    read: int = 0
    kept: int = 0
    requests: int = 0
    leads: int = 0
