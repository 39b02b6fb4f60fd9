"""The roots of a collection: numbered small objects, the newest of which says what there is."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from inlier_cluster.errors import DamagedError, MissingObjectError
from inlier_cluster.numbered import Numbered
from inlier_cluster.sealed import seal
from inlier_cluster.store import Store

FOLDER = "roots"
_NAMES = Numbered(FOLDER)
name_of, numbers = _NAMES.name_of, _NAMES.numbers

KEPT = 4
"""This many roots stay, and all that they name. Older numbers are removed, so a reader that is not
more than three roots behind finds everything that its root names."""

_log = logging.getLogger("inlier_cluster")


@dataclass(frozen=True)
class Generation:
    """The state of one virtual shard that is stored as files: a database folder of ``inlier``.

    ``number`` counts the generations of this shard; 0 means that no files are there yet, and the
    shard begins empty. ``covered_change`` is the last change whose operations on this shard the
    files contain. ``manifest`` is the object that lists the files, and ``sha256`` its hash."""

    shard: int
    number: int = 0
    covered_change: int = 0
    manifest: str = ""
    sha256: str = ""
    items: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Root:
    """What a collection consists of. ``recipe`` are the options of ``inlier`` that every shard is
    made with, and ``vocabulary_hash`` the SHA-256 of the vocabulary ("" for a method without one).
    Changes below ``floor_change`` may have been removed. ``writer`` is a random name of the process
    that published the root, so that no two processes publish the same bytes."""

    number: int
    collection: str
    recipe: Mapping[str, str]
    vocabulary_hash: str
    shards: tuple[Generation, ...]
    floor_change: int
    payload_window: int
    writer: str

    @property
    def covered_change(self) -> int:
        """Every generation contains the changes up to this one."""
        return min(generation.covered_change for generation in self.shards)

    @property
    def contained_change(self) -> int:
        """The last change that any generation contains."""
        return max(generation.covered_change for generation in self.shards)

    def replacing(self, generations: Sequence[Generation]) -> Root:
        """The same root with other generations of some shards."""
        shards = list(self.shards)
        for generation in generations:
            shards[generation.shard] = generation
        return replace(self, shards=tuple(shards))

    def shard_of(self, pixel_hash: str) -> int:
        """The virtual shard of an item, from the hash of its first picture's pixels."""
        digest = hashlib.sha256(pixel_hash.encode()).digest()
        return int.from_bytes(digest[:8], "big") % len(self.shards)

    def to_bytes(self) -> bytes:
        return seal("root", asdict(self))

    @classmethod
    def from_bytes(cls, number: int, content: bytes) -> Root:
        name = name_of(number)
        row = _NAMES.unsealed("root", number, content)
        shards = tuple(Generation(**generation) for generation in row["shards"])
        for place, generation in enumerate(shards):
            if generation.shard != place:
                raise DamagedError(name, f"shard {generation.shard} stands in the place of {place}")
        return cls(
            number,
            row["collection"],
            row["recipe"],
            row["vocabulary_hash"],
            shards,
            row["floor_change"],
            row["payload_window"],
            row["writer"],
        )


def read(store: Store, number: int) -> Root:
    """Raises DamagedError, IncompatibleError, MissingObjectError."""
    try:
        return Root.from_bytes(number, store.get(name_of(number)))
    except DamagedError:
        # Once more, in case it was damaged on the way.
        return Root.from_bytes(number, store.get(name_of(number)))


def newest(store: Store, known: Sequence[int] | None = None) -> tuple[Root, list[DamagedError]]:
    """The newest root that is whole, and what is damaged before it. Only numbers that cannot have
    been removed yet are looked at: one further back could be what a writer that had been paused for
    long put into a gap."""
    there = numbers(store) if known is None else list(known)
    if not there:
        raise MissingObjectError(f"{store.url}: there is no collection")
    damaged: list[DamagedError] = []
    for number in range(there[-1], max(0, there[-1] - KEPT), -1):
        try:
            root = read(store, number)
        except DamagedError as error:
            damaged.append(error)
        except MissingObjectError:
            damaged.append(DamagedError(name_of(number), "it is missing"))
        else:
            for one in damaged:
                _log.warning("%s; root %d is used in its place", one, number)
            return root, damaged
    raise damaged[0]
