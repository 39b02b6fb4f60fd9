"""Inlier finds the items of a catalogue that a photo shows.

>>> import inlier
>>> with inlier.open("shop.db", create=True) as shop:
...     shop.add("mug", "mug.jpg", {"brand": "Acme"})
...     answer = shop.query("photo.jpg", where={"brand": "Acme"})
...     for hit in answer:
...         print(hit.id, hit.probability, hit.polygon)

docs/PYTHON.md is the guide.
"""

from __future__ import annotations

from inlier.database import Database, match, open, plan
from inlier.errors import (
    AccessError,
    AlreadyExistsError,
    BadImageError,
    BusyError,
    CancelledError,
    ClosedError,
    ConflictError,
    ConnectionFailedError,
    CorruptError,
    DeadlineError,
    DiskFullError,
    Error,
    ForkedError,
    IncompatibleError,
    InvalidArgumentError,
    NoSuchItemError,
    NotFoundError,
    OverloadedError,
    ServerError,
    SystemRefusedError,
)
from inlier.values import Answer, Hit, IndexReport, Item, ItemPicture, Match, TwinGroup

__version__ = "0.1.0"

__all__ = [
    "AccessError",
    "AlreadyExistsError",
    "Answer",
    "BadImageError",
    "BusyError",
    "CancelledError",
    "ClosedError",
    "ConflictError",
    "ConnectionFailedError",
    "CorruptError",
    "Database",
    "DeadlineError",
    "DiskFullError",
    "Error",
    "ForkedError",
    "Hit",
    "IncompatibleError",
    "IndexReport",
    "InvalidArgumentError",
    "Item",
    "ItemPicture",
    "Match",
    "NoSuchItemError",
    "NotFoundError",
    "OverloadedError",
    "ServerError",
    "SystemRefusedError",
    "TwinGroup",
    "match",
    "open",
    "plan",
]
