"""Frames of bytes over a pair of descriptors: four bytes of length, then the content."""

from __future__ import annotations

import os
import select
import struct
import time

MOST_BYTES = 10 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class ChannelClosed(Exception):
    """The other side is gone."""


class TooLong(Exception):
    """The other side did not answer in time, or with more than is taken."""


def write_frame(descriptor: int, content: bytes) -> None:
    """Write one frame.

    Raises:
        ChannelClosed: Nobody reads.
    """
    left = memoryview(_LENGTH.pack(len(content)) + content)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError as error:
        raise ChannelClosed(str(error)) from error


def read_frame(descriptor: int, give_up: float | None) -> bytes:
    """Read one frame, at most until `give_up` (by `time.perf_counter`).

    Raises:
        ChannelClosed: Nobody writes any more.
        TooLong: Time is up, or the frame is larger than `MOST_BYTES`.
    """
    (length,) = _LENGTH.unpack(_exactly(descriptor, _LENGTH.size, give_up))
    if length > MOST_BYTES:
        raise TooLong(f"it answered with more than {MOST_BYTES >> 20} MB")
    return _exactly(descriptor, length, give_up)


def _exactly(descriptor: int, size: int, give_up: float | None) -> bytes:
    content = bytearray()
    while len(content) < size:
        if give_up is not None:
            left = give_up - time.perf_counter()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TooLong("it took too long and was killed")
        chunk = os.read(descriptor, min(size - len(content), 1 << 20))
        if not chunk:
            raise ChannelClosed("it ended without an answer")
        content += chunk
    return bytes(content)
