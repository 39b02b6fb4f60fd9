"""Applies the operations of changes to the database of a virtual shard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import inlier

from inlier_cluster.collection import Collection
from inlier_cluster.operations import Operation


@dataclass
class Applied:
    """What became of operations. ``refused`` has a sentence for each one that the engine does not
    take; it is passed over, as by every shard server, so that all come to the same state."""

    operations: int = 0
    refused: list[str] = field(default_factory=list)


def apply(
    collection: Collection, database: inlier.Database, operations: Iterable[Operation]
) -> Applied:
    """Applies operations in their order. Applying them again changes nothing. Raises DamagedError
    when a picture is not what was written, and whatever the engine says of the database."""
    applied = Applied()
    for operation in operations:
        try:
            _apply_one(collection, database, operation)
        except (inlier.BadImageError, inlier.InvalidArgumentError) as error:
            applied.refused.append(f"{operation.kind} {operation.item!r}: {error}")
        applied.operations += 1
    return applied


def _apply_one(collection: Collection, database: inlier.Database, operation: Operation) -> None:
    item = operation.item
    if operation.kind == "put":
        pictures: list[inlier.pictures.PictureLike] = [
            collection.get_payload(payload) for payload in operation.pictures
        ]
        database.add(item, pictures, {k: v for k, v in operation.metadata.items() if v is not None})
    elif item in database:
        if operation.kind == "remove":
            database.remove(item)
        else:
            merged = {**database.metadata(item), **operation.metadata}
            database.set_metadata(item, {k: v for k, v in merged.items() if v is not None})
