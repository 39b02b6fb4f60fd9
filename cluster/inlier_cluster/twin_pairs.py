"""The twins that lie in different virtual shards: numbered objects of a collection.

A shard knows the twins within itself. Those between shards are sought by a job (twins_job.py),
which writes all of them as one object; the newest one that is whole counts, and gateways take it
from there. A picture is named by its pixels, so the pairs stay true through changes and
compactions: what has been removed does nothing, and what is new has no twins elsewhere until they
are sought again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from inlier_cluster.errors import DamagedError, MissingObjectError, TakenError
from inlier_cluster.numbered import Numbered
from inlier_cluster.sealed import seal
from inlier_cluster.store import Store

FOLDER = "twins"
KEPT = 2
_NAMES = Numbered(FOLDER)
name_of, numbers = _NAMES.name_of, _NAMES.numbers
_MILLION = 1_000_000


@dataclass(frozen=True, order=True)
class TwinPair:
    """Two pictures in different shards, the one of the lower shard first."""

    shard: int
    pixels: str
    other_shard: int
    other_pixels: str
    likeness: float  # in steps of a millionth

    @classmethod
    def of_gateway(cls, row: dict[str, Any]) -> TwinPair:
        """From the JSON of `inlier serve --cluster`."""
        first, second = row["first"], row["second"]
        likeness = round(row["likeness"] * _MILLION) / _MILLION
        return cls(first["shard"], first["pixels"], second["shard"], second["pixels"], likeness)

    def for_gateway(self) -> str:
        """The line of the file that a gateway reads."""
        row = {
            "first": {"shard": self.shard, "pixels": self.pixels},
            "second": {"shard": self.other_shard, "pixels": self.other_pixels},
            "likeness": self.likeness,
        }
        return json.dumps(row, separators=(",", ":")) + "\n"


@dataclass(frozen=True)
class TwinPairs:
    """All of them, as of one search."""

    number: int
    pairs: tuple[TwinPair, ...]

    def to_bytes(self) -> bytes:
        rows = [
            [one.shard, one.pixels, one.other_shard, one.other_pixels, _millionths(one)]
            for one in self.pairs
        ]
        return seal("twins", {"number": self.number, "pairs": rows})

    @classmethod
    def from_bytes(cls, number: int, content: bytes) -> TwinPairs:
        """Raises DamagedError, IncompatibleError."""
        row = _NAMES.unsealed("twins", number, content)
        pairs = (TwinPair(a, b, c, d, likeness / _MILLION) for a, b, c, d, likeness in row["pairs"])
        return cls(number, tuple(pairs))


def read(store: Store, number: int) -> TwinPairs:
    """Raises DamagedError, IncompatibleError, MissingObjectError."""
    return TwinPairs.from_bytes(number, store.get(name_of(number)))


def newest(store: Store, after: int = 0) -> TwinPairs | None:
    """The newest that are whole, behind a number; None when there are none."""
    for number in reversed(numbers(store, after)):
        with suppress(DamagedError, MissingObjectError):
            return read(store, number)
    return None


def publish(store: Store, pairs: Iterable[TwinPair]) -> TwinPairs:
    """Writes them as the newest, and removes what is old. Raises ClusterError of the storage."""
    ordered = tuple(sorted(set(pairs)))
    number = max(numbers(store), default=0) + 1
    while True:
        made = TwinPairs(number, ordered)
        try:
            store.create(name_of(number), made.to_bytes())
            break
        except TakenError:  # of two searches the later one counts
            number += 1
    store.delete(name_of(one) for one in numbers(store) if one <= number - KEPT)
    return made


def _millionths(pair: TwinPair) -> int:
    return round(pair.likeness * _MILLION)
