"""Brings the pictures of some items to where a task runs: out of buckets and out of Parquet files,
into a folder of its own. Files that all nodes find stay where they are.

A picture that cannot be had is a failure of its item, as a file is that cannot be read. A storage
that does not answer is an error of the task: the build stops, and goes on when it answers again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

from inlier_cluster import parquet_files
from inlier_cluster.errors import InvalidRequestError, MissingObjectError, StorageRefusedError
from inlier_cluster.range_file import bucket_of
from inlier_cluster.records import Cell, Picture, Record, Stored, resolve, split

_REQUESTS = 8  # at once: a request waits for the storage most of the time
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80


class Local(NamedTuple):
    """A picture that is here."""

    path: bytes  # absolute where it was here already, or else from the folder
    shown: str  # what people know it by
    error: str = ""  # why it is not here


# As Record, with paths.
LocalRecord: TypeAlias = tuple[str, list[bytes], list[tuple[str, str]]]


def portions(records: Sequence[Record], most: int) -> Iterator[Sequence[Record]]:
    """Parts of the items, so that only the pictures of one part need room at a time. When none have
    to be fetched, that is all of them."""
    far = any(not isinstance(picture, bytes) for _, pictures, _ in records for picture in pictures)
    step = most if far else max(1, len(records))
    for start in range(0, len(records), step):
        yield records[start : start + step]


@contextmanager
def fetched(
    records: Sequence[Record], folder: Path
) -> Iterator[tuple[list[LocalRecord], dict[bytes, Local]]]:
    """The items with paths of their pictures, and what is known of each path. In this block the
    pictures lie in the folder."""
    try:
        found = fetch([picture for _, pictures, _ in records for picture in pictures], folder)
        here = {one.path: one for each in found.values() for one in each}
        local = []
        for item, pictures, metadata in records:
            paths = [one.path for picture in pictures for one in found[picture]]
            local.append((item, list(dict.fromkeys(paths)), metadata))
        yield local, here
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fetch(pictures: Iterable[Picture], folder: Path) -> dict[Picture, list[Local]]:
    """Where each of the pictures is; each has at least one entry, which may be a failure. Raises
    StorageError and MissingObjectError when the storage, or a whole Parquet file, is away."""
    wanted = dict.fromkeys(pictures)
    cells = [one for one in wanted if isinstance(one, Cell)]
    parts = _extracted(cells, folder)
    named = [one for each in parts.values() for one in each if not isinstance(one, Local)]
    stored = dict.fromkeys(one for one in [*wanted, *named] if isinstance(one, Stored))
    objects = _from_buckets(list(stored), folder)

    def local(picture: bytes | Stored | Local) -> Local:
        if isinstance(picture, bytes):
            return Local(picture, os.fsdecode(picture))
        return objects[picture] if isinstance(picture, Stored) else picture

    return {
        one: [local(part) for part in (parts[one] if isinstance(one, Cell) else [one])]
        for one in wanted
    }


def _from_buckets(pictures: Sequence[Stored], folder: Path) -> Mapping[Stored, Local]:
    """Raises StorageRefusedError when all of them are refused: that is no matter of one picture."""

    def one(picture: Stored) -> Local | StorageRefusedError:
        bucket, name = split(picture.address)
        try:
            content = bucket_of(bucket).get(name)
        except MissingObjectError:
            return _missing(picture.address, "there is no such object")
        except StorageRefusedError as error:
            return error
        return _written(content, picture.address, name, folder)

    with ThreadPoolExecutor(_REQUESTS) as pool:
        outcomes = dict(zip(pictures, pool.map(one, pictures), strict=True))
    refusals = [each for each in outcomes.values() if isinstance(each, StorageRefusedError)]
    if refusals and len(refusals) == len(outcomes):
        raise refusals[0]
    return {
        picture: each if isinstance(each, Local) else _missing(picture.address, str(each))
        for picture, each in outcomes.items()
    }


def _extracted(cells: Sequence[Cell], folder: Path) -> dict[Cell, list[Local | bytes | Stored]]:
    """What is in the cells: pictures, or paths and URLs of such."""
    columns: dict[tuple[str, str], dict[int, Cell]] = {}
    for cell in cells:
        columns.setdefault((cell.file, cell.column), {})[cell.row] = cell
    found: dict[Cell, list[Local | bytes | Stored]] = {}
    for (file, column), rows in columns.items():
        for row, pictures in parquet_files.cells(file, column, rows.keys()):
            found[rows[row]] = _parts(rows[row], pictures, folder)
        for cell in rows.values():
            found.setdefault(cell, [_missing(_shown(cell), "there is no such row")])
    return found


def _parts(
    cell: Cell, pictures: Sequence[parquet_files.Found] | InvalidRequestError, folder: Path
) -> list[Local | bytes | Stored]:
    if isinstance(pictures, InvalidRequestError):
        return [_missing(_shown(cell), str(pictures))]
    parts: list[Local | bytes | Stored] = []
    for number, (content, name) in enumerate(pictures):
        if isinstance(content, str):
            parts.append(resolve(content, cell.folder))
            continue
        shown = _shown(cell) + (f", picture {number}" if len(pictures) > 1 else "")
        parts.append(_written(content, shown, name or f"{cell.row}-{number}", folder))
    return parts or [_missing(_shown(cell), "there is no picture in it")]


def _shown(cell: Cell) -> str:
    return f"{cell.file}, row {cell.row}, {cell.column}"


def _written(content: bytes, shown: str, name: str, folder: Path) -> Local:
    path = _path(shown, name)
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return Local(os.fsencode(path), shown)


def _missing(shown: str, error: str) -> Local:
    """Its path leads nowhere, so whoever reads it finds a failure there."""
    return Local(os.fsencode(_path(shown, "missing")), shown, error)


def _path(shown: str, name: str) -> str:
    """A path that is the same on all nodes, since it is stored, and whose end people know."""
    known = _ODD.sub("_", os.path.basename(name))[-_LONGEST_NAME:]
    return f"{hashlib.sha256(shown.encode()).hexdigest()[:16]}/{known}"
