"""Reads a catalogue in a bucket as the engine reads one on disk. The engine does it: it is shown a
folder with files of the same names, or the table, and what it calls a path is the name of an
object. So an item has the same id, wherever its pictures lie."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import inlier
from inlier.sources import read_catalogue

from inlier_cluster.errors import InvalidRequestError
from inlier_cluster.range_file import bucket_of, open_range_file
from inlier_cluster.records import Catalogue, Record, Stored, folder_of, is_address, split
from inlier_cluster.scratch import scratch
from inlier_cluster.store import Entry, typed

_FIRST_BYTES = 64  # as core/signature.h: they say whether a file of any name is a picture
_REQUESTS = 16
# The URL of an object in a table. Some programs write the slashes of JSON with backslashes.
_URL = re.compile(rb"\b(s3|gs|az):\\?/\\?/")


def read_pictures(url: str, here: Mapping[str, Entry], work: str = "") -> Catalogue:
    """Each picture is an item. `here` has the objects of the bucket by their names in the folder
    that is the catalogue."""
    with _shown_to_the_engine(work) as folder:
        rejected = _lay_out(here, folder)
        try:
            taken = {
                os.fsdecode(path)
                for _, paths, _ in read_catalogue(folder).records
                for path in paths
            }
        except inlier.Error:
            taken = set()  # perhaps there is no picture, or none by its ending
        # Where a file has another ending, its first bytes decide, here as on disk.
        others = [
            name for name, one in here.items() if one.size and str(folder / name) not in taken
        ]
        _fetch_starts(url, here, others, folder)
        made = read_catalogue(folder)
    records: list[Record] = []
    used: list[Entry] = []
    for item, paths, metadata in made.records:
        entries = [here[os.path.relpath(os.fsdecode(path), folder)] for path in paths]
        records.append((item, [Stored(f"{url}/{one.name}") for one in entries], metadata))
        used += entries
    return Catalogue(records, rejected + list(made.rejected), _identity(used))


def read_table(
    url: str, table: Entry, columns: Mapping[str, str], images: str | None, work: str = ""
) -> Catalogue:
    """Pictures are URLs, or paths from the table or from the folder of a bucket that `images` is.

    The engine reads a copy, in a folder for each part of the address where paths begin, so that
    they lead to addresses also with `..` in them. It takes URLs for those of the web, which it
    rejects, so in the copy those of objects are paths that nobody else can have.
    """
    address = f"{url}/{table.name}"
    beginning = images if images is not None and is_address(images) else folder_of(address)
    with _shown_to_the_engine(work) as folder:
        names = _Names(folder)
        copy = names.path(beginning) / posixpath.basename(table.name)
        with typed(address), open_range_file(address) as source:
            copy.parent.mkdir(parents=True, exist_ok=True)
            with copy.open("wb") as target:
                target.writelines(names.hidden(line) for line in source)
        try:
            made = read_catalogue(copy, columns or None, None if beginning == images else images)
        except inlier.Error as error:
            raise InvalidRequestError(names.shown(str(error))) from error
    records: list[Record] = [
        (names.shown(item), [names.picture(path) for path in paths], _shown(metadata, names))
        for item, paths, metadata in made.records
    ]
    return Catalogue(records, [names.shown(one) for one in made.rejected], _identity([table]))


class _Names:
    """Addresses as paths, and back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = f"/{secrets.token_hex(16)}"
        places = f"{re.escape(self._mark)}|{re.escape(str(folder))}"
        self._hidden = re.compile(rf"(?:{places})/(s3|gs|az)/")

    def path(self, address: str) -> Path:
        """A path in the folder, such that the address is shown for it."""
        bucket, name = split(address)
        scheme, _, bucket = bucket.partition("://")
        return self._folder / scheme / bucket / name

    def hidden(self, line: bytes) -> bytes:
        return _URL.sub(lambda found: f"{self._mark}/{found[1].decode()}/".encode(), line)

    def shown(self, text: str) -> str:
        return self._hidden.sub(r"\1://", text)

    def picture(self, path: bytes) -> bytes | Stored:
        shown = self.shown(os.fsdecode(path))
        return Stored(shown) if is_address(shown) else path


def _shown(metadata: Sequence[tuple[str, str]], names: _Names) -> list[tuple[str, str]]:
    return [(names.shown(name), names.shown(value)) for name, value in metadata]


@contextmanager
def _shown_to_the_engine(work: str) -> Iterator[Path]:
    """An empty folder, whose path is as the engine writes it."""
    with scratch(os.path.abspath(work) if work else "") as folder:
        inside = folder / "objects"
        inside.mkdir()
        yield inside


def _lay_out(here: Mapping[str, Entry], folder: Path) -> list[str]:
    """Makes an empty file for each object, and says of which that cannot be."""
    folders: set[str] = set()
    for name in here:
        while (name := posixpath.dirname(name)) and name not in folders:
            folders.add(name)
    rejected = []
    for name, entry in here.items():
        if name in folders:
            # Some tools make a folder by an object without bytes.
            if entry.size:
                rejected.append(f"{name}: other names go on behind it, as if it were a folder")
            continue
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        except OSError as error:
            rejected.append(f"{name}: {error.strerror}")
    return rejected


def _fetch_starts(url: str, here: Mapping[str, Entry], names: Sequence[str], folder: Path) -> None:
    bucket = bucket_of(url)

    def fetch(name: str) -> None:
        entry, path = here[name], folder / name
        if os.path.isfile(path):
            path.write_bytes(bucket.get_range(entry.name, 0, min(entry.size, _FIRST_BYTES)))

    with ThreadPoolExecutor(_REQUESTS) as pool:
        for _ in pool.map(fetch, names):
            pass


def _identity(entries: Iterable[Entry]) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(repr(tuple(entry)).encode())
    return digest.hexdigest()
