"""Inlier on more than one machine: collections in durable storage, built and served by Ray.

>>> from inlier_cluster import Collection
>>> collection = Collection.open("s3://bucket/shop")
>>> for change in collection.changes_after(41):
...     print(change.number, change.operations)

docs/CLUSTER.md is the guide, and docs/CLUSTER-STORAGE.md describes what is stored.
"""

from __future__ import annotations

from inlier_cluster.changes import Change, Write
from inlier_cluster.collection import Collection
from inlier_cluster.errors import (
    ClusterError,
    DamagedError,
    GoneError,
    IncompatibleError,
    InvalidRequestError,
    MissingObjectError,
    StorageError,
    StorageFullError,
    StorageRefusedError,
    StorageUnavailableError,
    SupersededError,
    TakenError,
    UncertainError,
)
from inlier_cluster.operations import Operation, Payload, merge_metadata, put_item, remove_item
from inlier_cluster.root import Generation, Root

__version__ = "0.1.0"

__all__ = [
    "Change",
    "ClusterError",
    "Collection",
    "DamagedError",
    "Generation",
    "GoneError",
    "IncompatibleError",
    "InvalidRequestError",
    "MissingObjectError",
    "Operation",
    "Payload",
    "Root",
    "StorageError",
    "StorageFullError",
    "StorageRefusedError",
    "StorageUnavailableError",
    "SupersededError",
    "TakenError",
    "UncertainError",
    "Write",
    "merge_metadata",
    "put_item",
    "remove_item",
]
