"""Locks on files that go with their process, however it ends."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_IS_LOCKED = (errno.EWOULDBLOCK, errno.EACCES)


def hold(descriptor: int) -> bool:
    """Mark a segment as being written. The mark goes with the process, however that ends.

    Returns:
        False where another process has taken the file to seal or delete it, and it is no use.
    """
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return True
    except OSError as error:
        # A file system without locks: nobody can take the file, and so nobody seals it.
        return error.errno not in _IS_LOCKED
    return os.fstat(descriptor).st_nlink > 0


@contextmanager
def taken(path: Path) -> Iterator[bool]:
    """Try to take what `hold` marks; yields whether it worked, which means that nobody writes it.

    Raises:
        OSError: The file cannot be opened.
    """
    try:
        import fcntl
    except ImportError:
        yield False
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = os.fstat(descriptor).st_nlink > 0
        except OSError as error:
            if error.errno not in (*_IS_LOCKED, errno.ENOLCK, errno.ENOTSUP):
                raise
            mine = False
        yield mine
    finally:
        os.close(descriptor)


@contextmanager
def held(lock: Path, stop: Callable[[], bool] | None) -> Iterator[bool]:
    """Wait for a lock; yields False where `stop` ended the wait.

    Args:
        lock: A file; it is made, and stays.
        stop: Asked after each attempt; None waits for ever.
    """
    lock.touch()
    while True:
        with taken(lock) as mine:
            if mine:
                yield True
                return
        if stop is not None and stop():
            yield False
            return
        time.sleep(0.02)
