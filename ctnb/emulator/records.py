"""Records of the emulator: the comments that it applied, and the requests that it received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pandas as pd

COMMENT_DTYPES: Final = {
    "request": "int64",
    "lead": "int64",
    "comment": "string",
    "rule": "int64",
    "matched_by": "string",
    "call_id": "string",
    "call_reference_id": "string",
    "sip_call_id": "string",
    "request_id": "string",
    "request_number": "string",
    "received_at": "datetime64[us, UTC]",
}
READ_DTYPES: Final = {
    "number": "int64",
    "received": "float64",
    "status": "int64",
    "journal": "string",
    "leads": "int64",
}
POST_DTYPES: Final = {"number": "int64", "received": "float64", "status": "int64", "leads": "int64"}


class Applied(NamedTuple):
    """A comment that was put on a lead; ``request`` and ``rule`` are counted from 1, ``lead`` from 0."""

    request: int
    lead: int
    comment: str
    rule: int
    matched_by: str
    call_id: str | None
    call_reference_id: str | None
    sip_call_id: str | None
    request_id: str | None
    request_number: str | None
    received_at: datetime


class Post(NamedTuple):
    """A POST that was received whole; ``number`` is 1-based, ``received`` in seconds of `time.monotonic`."""

    number: int
    received: float
    status: int
    leads: int


class JournalRead(NamedTuple):
    """A GET of a journal; ``number`` is 1-based, ``received`` in seconds of `time.monotonic`.

    ``leads`` is how many records the answer has.
    """

    number: int
    received: float
    status: int
    journal: str
    leads: int


def as_frame(rows: Sequence[tuple[Any, ...]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return records as a frame; its columns have these dtypes whatever the rows, or without any."""
    import pandas as pd

    columns = zip(*rows, strict=True) if rows else [()] * len(dtypes)
    series = {name: pd.Series(list(cells), dtype=dtypes[name]) for name, cells in zip(dtypes, columns, strict=True)}
    return pd.DataFrame(series)
