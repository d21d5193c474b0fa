"""What the system and SQLite say of a file or a socket, as messages, for each system has words of its own."""

from __future__ import annotations

import errno
from typing import Final

from ctnb.i18n.language import N_
from ctnb.i18n.message import LazyMessage, lazy_gettext

OF_NUMBER: Final = {
    errno.EPERM: N_("Operation not permitted"),
    errno.ENOENT: N_("No such file or directory"),
    errno.EIO: N_("Input/output error"),
    errno.ENXIO: N_("No such device or address"),
    errno.EACCES: N_("Permission denied"),
    errno.EBUSY: N_("Device or resource busy"),
    errno.EEXIST: N_("File exists"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.EISDIR: N_("Is a directory"),
    errno.EINVAL: N_("Invalid argument"),
    errno.EMFILE: N_("Too many open files"),
    errno.EFBIG: N_("File too large"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EROFS: N_("Read-only file system"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.ELOOP: N_("Too many levels of symbolic links"),
    errno.EADDRINUSE: N_("Address already in use"),
    errno.EADDRNOTAVAIL: N_("Cannot assign requested address"),
    errno.ENETUNREACH: N_("Network is unreachable"),
    errno.ECONNRESET: N_("Connection reset by peer"),
    errno.ETIMEDOUT: N_("Connection timed out"),
    errno.ECONNREFUSED: N_("Connection refused"),
    errno.EHOSTUNREACH: N_("No route to host"),
    errno.EDQUOT: N_("Disk quota exceeded"),
}

NO_FILE: Final = N_("it is a device, a pipe or a socket")

OF_TEXT: Final = frozenset(
    {
        N_("Could not determine home directory."),
        N_("attempt to write a readonly database"),
        N_("database is locked"),
        N_("database or disk is full"),
        N_("disk I/O error"),
        NO_FILE,
        N_("unable to open database file"),
    }
)


def system_text(error: BaseException) -> LazyMessage | str:
    """Return why the system refused; what is not known here, as it says it itself."""
    number = getattr(error, "errno", None)
    if number in OF_NUMBER:
        return lazy_gettext(OF_NUMBER[number])
    if lock := getattr(error, "lock_file", None):
        return lazy_gettext("The file lock {path!r} could not be acquired", path=str(lock))
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return lazy_gettext(text) if text in OF_TEXT else text
