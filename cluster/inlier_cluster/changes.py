"""Change objects: the numbered log of a collection.

One object holds several writes (group commit), each with an id of its own, and names the seal of
the object before it, so that an object that was put into the place of another one is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inlier_cluster.numbered import Numbered
from inlier_cluster.operations import Operation
from inlier_cluster.sealed import seal, seal_of
from inlier_cluster.store import Store

FOLDER = "changes"
_NAMES = Numbered(FOLDER)
name_of, numbers = _NAMES.name_of, _NAMES.numbers


@dataclass(frozen=True)
class Write:
    """What one client asked for, which happens as a whole."""

    id: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Change:
    """One object of the log. ``writer`` is a random name of the process that wrote it."""

    number: int
    writer: str
    previous: str
    writes: tuple[Write, ...]
    seal: str = ""

    @property
    def operations(self) -> Sequence[Operation]:
        """All operations in the order in which they take effect."""
        return [operation for write in self.writes for operation in write.operations]

    def to_bytes(self) -> bytes:
        writes = [
            {"id": write.id, "operations": [one.to_json() for one in write.operations]}
            for write in self.writes
        ]
        body = {"number": self.number, "writer": self.writer, "previous": self.previous}
        return seal("change", {**body, "writes": writes})

    @classmethod
    def from_bytes(cls, number: int, content: bytes) -> Change:
        row = _NAMES.unsealed("change", number, content)
        writes = tuple(
            Write(write["id"], tuple(Operation.from_json(one) for one in write["operations"]))
            for write in row["writes"]
        )
        return cls(number, row["writer"], row["previous"], writes, seal_of(content))


def read(store: Store, number: int) -> Change:
    """Raises DamagedError, IncompatibleError, MissingObjectError."""
    return Change.from_bytes(number, store.get(name_of(number)))
