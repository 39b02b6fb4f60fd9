"""A file that is read in parts from where it lies, on this machine or in a bucket."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

from inlier_cluster.records import is_address, split
from inlier_cluster.store import Store, open_bucket, typed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK_BYTES = 4 << 20  # the most that is asked for at once: it has to arrive within the deadline
_LEAST_BYTES = 64 << 10


@lru_cache(maxsize=64)
def bucket_of(url: str) -> Store:
    """A bucket. A process keeps its connections."""
    return open_bucket(url)


class RangeFile(io.RawIOBase):
    """Each part is asked for when it is read. What goes wrong with the storage is raised as one of
    its typed errors, also through a library that reads the file."""

    def __init__(self, size: int, read: Callable[[int, int], bytes]) -> None:
        self.size, self._read, self._at = size, read, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer).cast("B")
        length = min(len(target), BLOCK_BYTES, max(0, self.size - self._at))
        part = self._read(self._at, length) if length else b""
        target[: len(part)] = part
        self._at += len(part)
        return len(part)


@contextmanager
def open_range_file(place: str) -> Iterator[BinaryIO]:
    """Opens a path or an address. Raises MissingObjectError and StorageError."""
    if is_address(place):
        url, name = split(place)
        bucket = bucket_of(url)
        size = bucket.entry(name).size
        yield _buffered(size, lambda start, length: bucket.get_range(name, start, length))
        return
    with typed(place):
        handle = os.open(place, os.O_RDONLY)
    try:
        yield _buffered(os.fstat(handle).st_size, _reader(handle, place))
    finally:
        os.close(handle)


def _buffered(size: int, read: Callable[[int, int], bytes]) -> BinaryIO:
    return io.BufferedReader(RangeFile(size, read), _LEAST_BYTES)


def _reader(handle: int, place: str) -> Callable[[int, int], bytes]:
    def read(start: int, length: int) -> bytes:
        with typed(place):
            return os.pread(handle, length, start)

    return read
