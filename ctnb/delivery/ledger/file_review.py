"""A ledger's file as it is reviewed between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnb.delivery.ledger.file import LedgerFile
from ctnb.delivery.ledger.file_errors import is_there, raising_ledger_errors
from ctnb.delivery.ledger.owner import is_live
from ctnb.delivery.ledger.sqlite import found_in, of_texts_in, recover
from ctnb.exceptions import LedgerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ctnb.delivery.ledger.protocol import Entry


class ReviewedFile(LedgerFile):
    """A ledger's file that is open for review; see `Reviewed`."""

    @classmethod
    def recovered(cls, path: Path) -> ReviewedFile:
        """Open a file, and recover what dead runs left in it.

        Raises
        ------
        LedgerError
            When there is no ledger, or it cannot be relied on.
        """
        with raising_ledger_errors(path):
            if not is_there(path) or not path.is_file() or path.stat().st_size == 0:
                raise LedgerError(
                    "There is no ledger at {path!r}. The first run that sends makes it.",
                    path=str(path),
                )
        opened = cls.opened(path)
        try:
            recover(opened)
        except BaseException:
            opened.close()
            raise
        return opened

    @property
    def older_secrets(self) -> Sequence[bytes]:
        """None: a ledger of its own has one key."""
        return ()

    def found(self, identities: Sequence[bytes]) -> Mapping[bytes, Entry]:
        """Return what is known of those comments that are in the ledger."""
        return found_in(self, identities)

    def is_live(self, owner: str) -> bool:
        """Return whether a run is alive."""
        with self.reading():
            return is_live(self.path, owner)

    def of_texts(self, texts: Sequence[bytes]) -> dict[bytes, dict[bytes, Entry]]:
        """Return the comments that have these texts."""
        return of_texts_in(self, texts)
