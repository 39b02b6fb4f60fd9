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

from typing import TYPE_CHECKING, Any

from inlier.database import Database
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
    UnavailableError,
)
from inlier.items import IndexReport, Item, ItemPicture, TwinGroup
from inlier.opening import open
from inlier.pictures import read_picture
from inlier.stages import (
    Features,
    Geometry,
    Matches,
    Shortlist,
    Vocabulary,
    extract,
    match_features,
    pixel_hash,
    verify,
)
from inlier.standalone import match, plan
from inlier.values import Answer, Hit, Match

if TYPE_CHECKING:
    from inlier.client import Client
    from inlier.comparison import bench

__version__ = "0.1.0"

__all__ = [
    "AccessError",
    "AlreadyExistsError",
    "Answer",
    "BadImageError",
    "BusyError",
    "CancelledError",
    "Client",
    "ClosedError",
    "ConflictError",
    "ConnectionFailedError",
    "CorruptError",
    "Database",
    "DeadlineError",
    "DiskFullError",
    "Error",
    "Features",
    "ForkedError",
    "Geometry",
    "Hit",
    "IncompatibleError",
    "IndexReport",
    "InvalidArgumentError",
    "Item",
    "ItemPicture",
    "Match",
    "Matches",
    "NoSuchItemError",
    "NotFoundError",
    "OverloadedError",
    "ServerError",
    "Shortlist",
    "SystemRefusedError",
    "TwinGroup",
    "UnavailableError",
    "Vocabulary",
    "bench",
    "extract",
    "match",
    "match_features",
    "open",
    "pixel_hash",
    "plan",
    "read_picture",
    "verify",
]


def __getattr__(name: str) -> Any:
    # Most programs have no server and compare nothing, and importing httpx takes a while.
    if name == "Client":
        from inlier.client import Client

        return Client
    if name == "bench":
        from inlier.comparison import bench

        return bench
    raise AttributeError(f"module 'inlier' has no attribute {name!r}")
