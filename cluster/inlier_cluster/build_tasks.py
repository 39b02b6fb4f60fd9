"""The two kinds of tasks of a build, and the ledger in which they note what they have finished."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from inlier_cluster.collection import Collection
from inlier_cluster.errors import MissingObjectError, TakenError
from inlier_cluster.generations import upload
from inlier_cluster.indexing import Indexing, Outcome, make_database, pixel_hashes
from inlier_cluster.records import Record
from inlier_cluster.root import Generation
from inlier_cluster.scratch import scratch


@dataclass
class Shard:
    """A virtual shard that is finished."""

    generation: Generation
    outcome: Outcome


class Ledger:
    """Objects of the collection's storage, each created only if absent: of two runs that finish the
    same piece, the first one's counts."""

    def __init__(self, collection: Collection, build: str) -> None:
        self._store = collection.store
        self._prefix = f"builds/{build}/"

    def claim(self, build: str) -> bool:
        """Whether the collection is that of this build, which it becomes unless it is another's."""
        try:
            self._store.create("builds/owner", build.encode())
        except TakenError:
            return False
        return True

    def placed(self, batch: int) -> list[int] | None:
        """The virtual shards of the items of a batch."""
        return self._read(f"placed-{batch:06}.json")

    def shard(self, shard: int) -> Shard | None:
        found = self._read(f"shard-{shard:05}.json")
        if found is None:
            return None
        return Shard(Generation(**found["generation"]), Outcome(**found["outcome"]))

    def write_placed(self, batch: int, shards: list[int]) -> None:
        self._write(f"placed-{batch:06}.json", shards)

    def write_shard(self, shard: int, done: Shard) -> None:
        content = {"generation": asdict(done.generation), "outcome": asdict(done.outcome)}
        self._write(f"shard-{shard:05}.json", content)

    def _read(self, name: str) -> Any | None:
        try:
            return json.loads(self._store.get(self._prefix + name))
        except MissingObjectError:
            return None

    def _write(self, name: str, content: Any) -> None:
        with contextlib.suppress(TakenError):
            self._store.create(self._prefix + name, json.dumps(content).encode())


def place_batch(
    url: str, build: str, batch: int, records: Sequence[Record], how: Indexing
) -> list[int]:
    """A task: the virtual shards of the items of a batch."""
    collection = Collection.open(url)
    hashes = pixel_hashes(records, collection.root.recipe, how)
    shards = []
    for (item, _, _), pixels in zip(records, hashes, strict=True):
        # An item without a picture that can be read fails, and is counted, where it is indexed.
        shards.append(collection.shard_of(pixels or hashlib.sha256(item.encode()).hexdigest()))
    Ledger(collection, build).write_placed(batch, shards)
    return shards


def index_shard(
    url: str, build: str, shard: int, records: Sequence[Record], how: Indexing
) -> Shard:
    """A task: makes the database of a virtual shard, and uploads it as a generation. A shard
    without items keeps the generation that it has, which has no files yet."""
    collection = Collection.open(url)
    if not records:
        done = Shard(collection.root.shards[shard], Outcome())
        Ledger(collection, build).write_shard(shard, done)
        return done
    with scratch(how.scratch) as folder:
        vocabulary = folder / "vocabulary"
        vocabulary.write_bytes(collection.vocabulary())
        outcome = make_database(records, folder / "db", how, vocabulary)
        done = Shard(upload(collection, shard, folder / "db"), outcome)
    Ledger(collection, build).write_shard(shard, done)
    return done
