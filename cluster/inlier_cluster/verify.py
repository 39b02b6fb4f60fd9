"""Reads everything that a collection consists of and compares it with its hashes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import inlier

from inlier_cluster import changes, generations, root, twin_pairs
from inlier_cluster.collection import VOCABULARY, Collection, vocabulary_name
from inlier_cluster.errors import DamagedError, MissingObjectError
from inlier_cluster.log import PAYLOADS
from inlier_cluster.root import Generation, Root

_THREADS = 4
_FOLDERS = (
    root.FOLDER,
    changes.FOLDER,
    generations.FOLDER,
    PAYLOADS,
    VOCABULARY,
    twin_pairs.FOLDER,
)


@dataclass
class Verified:
    """What was found. ``problems`` maps the name of an object to what is wrong with it. ``unnamed``
    are objects that nothing names: they are old and not removed yet, or were left behind by a
    process that ended before it had named them."""

    root: int
    latest_change: int
    objects: int = 0
    bytes: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    unnamed: list[str] = field(default_factory=list)


def verify(collection: Collection, databases: bool = False) -> Verified:
    """Reads the kept roots and all that they name, the changes that are there, and their pictures.
    ``databases`` also loads each shard of the newest root and has the engine check it. Nothing is
    changed. What is damaged is in the result; StorageError is raised when the storage does not
    answer."""
    newest = collection.refresh()
    reader = _Reader(collection, Verified(newest.number, collection.latest_change()))
    if newest.vocabulary_hash:
        name = vocabulary_name(newest.vocabulary_hash)
        reader.read([(name, newest.vocabulary_hash)])
    for generation in newest.shards:
        reader.read_generation(generation, databases)
    for older in reader.read_roots():
        for generation in older.shards:
            reader.read_generation(generation, False)
    reader.read_log()
    reader.read_twins()
    reader.count()
    return reader.found


class _Reader:
    def __init__(self, collection: Collection, found: Verified) -> None:
        self._collection = collection
        self.found = found
        self.named: set[str] = set()

    def note(self, error: DamagedError) -> None:
        reason = str(error).removeprefix(f"{error.object}: ")
        self.found.problems.setdefault(error.object, reason)

    def read(self, objects: Iterable[tuple[str, str]]) -> None:
        """Reads objects with these hashes."""

        def one(name_and_hash: tuple[str, str]) -> DamagedError | None:
            try:
                self._collection.store.get_checked(*name_and_hash)
            except DamagedError as error:
                return error
            return None

        objects = [one for one in objects if one[0] not in self.named]
        self.named.update(name for name, _ in objects)
        with ThreadPoolExecutor(_THREADS) as pool:
            for error in filter(None, pool.map(one, objects)):
                self.note(error)

    def read_roots(self) -> list[Root]:
        """The kept roots that are whole."""
        numbers = root.numbers(self._collection.store)
        self.named.update(root.name_of(number) for number in numbers)
        whole = []
        for number in numbers[-root.KEPT :]:
            try:
                whole.append(root.read(self._collection.store, number))
            except DamagedError as error:
                self.note(error)
        return whole

    def read_generation(self, generation: Generation, database: bool) -> None:
        if not generation.number or generation.manifest in self.named:
            return
        self.named.add(generation.manifest)
        try:
            manifest = generations.manifest_of(self._collection, generation)
        except DamagedError as error:
            self.note(error)
            return
        known = len(self.found.problems)
        self.read((piece.object, piece.sha256) for piece in manifest.pieces())
        if database and len(self.found.problems) == known:
            self._check_database(generation)

    def _check_database(self, generation: Generation) -> None:
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / "shard"
            try:
                generations.fetch(self._collection, generation, folder)
                with inlier.open(folder) as database:
                    for problem in database.check():
                        self.note(DamagedError(generation.manifest, problem))
                    if len(database) != generation.items:
                        text = f"it has {len(database)} items, and {generation.items} are stated"
                        self.note(DamagedError(generation.manifest, text))
            except DamagedError as error:
                self.note(error)
            except inlier.Error as error:
                self.note(DamagedError(generation.manifest, f"its database: {error}"))

    def read_log(self) -> None:
        """Every change from the floor on, also behind one that is damaged."""
        store, floor = self._collection.store, self._collection.root.floor_change
        previous: changes.Change | None = None
        for number in range(floor, self.found.latest_change + 1):
            name = changes.name_of(number)
            self.named.add(name)
            try:
                change = changes.read(store, number)
            except DamagedError as error:
                self.note(error)
                previous = None
                continue
            except MissingObjectError:
                self.note(DamagedError(name, "it is missing"))
                previous = None
                continue
            if previous is not None and change.previous != previous.seal:
                text = f"change {number} follows another one"
                self.note(DamagedError(changes.name_of(previous.number), text))
            previous = change
            pictures = [one for operation in change.operations for one in operation.pictures]
            self.read((picture.object, picture.sha256) for picture in pictures)

    def read_twins(self) -> None:
        store = self._collection.store
        for number in twin_pairs.numbers(store):
            name = twin_pairs.name_of(number)
            self.named.add(name)
            try:
                twin_pairs.read(store, number)
            except DamagedError as error:
                self.note(error)
            except MissingObjectError:
                continue  # a newer search has removed it

    def count(self) -> None:
        for folder in _FOLDERS:
            for name, size in self._collection.store.sizes(folder).items():
                self.found.objects += 1
                self.found.bytes += size
                if name not in self.named and name not in self.found.problems:
                    self.found.unnamed.append(name)
