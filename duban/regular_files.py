"""Reads a file that somebody names, and nothing else that has a name: no pipe, no device, nothing without end."""

import os
import stat
from pathlib import Path

# What is no file of its own would make the program wait, or read for ever.
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class NotRegular(OSError):
    """It has a name and is no file: a pipe, a device, a socket."""


class TooLarge(OSError):
    """It holds more than was asked for."""


def read_regular_file(path: Path, most_bytes: int) -> bytes:
    """The content of a file.

    Raises:
        NotRegular: It is a pipe, a device or a socket.
        TooLarge: It has more than these bytes; no more of it was read.
        IsADirectoryError: It is a folder.
        OSError: It is not there, or may not be read.
        ValueError: The name is none that a file can have.
    """
    descriptor = os.open(path, os.O_RDONLY | _WITHOUT_WAITING)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - of a descriptor, which a path cannot open
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(str(path))
        if not stat.S_ISREG(kind):
            raise NotRegular(str(path))
        if os.fstat(descriptor).st_size > most_bytes:
            raise TooLarge(str(path))
        content = file.read(most_bytes + 1)  # it may grow while it is read
    if len(content) > most_bytes:
        raise TooLarge(str(path))
    return content
