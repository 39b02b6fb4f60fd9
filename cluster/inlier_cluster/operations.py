"""What a change consists of: items that are put, items that are removed, metadata that are changed.

An operation names the virtual shard that applies it. An item whose first picture has changed may
move: it is then removed from one shard and put into another, in one change, so nobody sees it twice
or not at all. Applying an operation a second time changes nothing, so a shard server that does not
know how far it came begins again at a change that it may have applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from inlier_cluster.errors import InvalidRequestError

Kind = Literal["put", "remove", "metadata"]

MAX_ID_BYTES = 1024  # as the engine's


@dataclass(frozen=True)
class Payload:
    """A picture that an operation brings: an object whose content has this hash."""

    object: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Operation:
    """One step on one item in one virtual shard.

    ``put`` replaces all that the item had by ``pictures`` and ``metadata``. ``remove`` removes it,
    and is nothing when it is not there. ``metadata`` merges: a column whose value is None is
    removed, the others are set, and the pictures stay; it is nothing when the item is not there.
    """

    kind: Kind
    shard: int
    item: str
    metadata: Mapping[str, str | None] = field(default_factory=dict)
    pictures: Sequence[Payload] = ()

    def to_json(self) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": self.kind, "shard": self.shard, "item": self.item}
        if self.kind != "remove":
            row["metadata"] = dict(self.metadata)
        if self.kind == "put":
            row["pictures"] = [vars(picture) for picture in self.pictures]
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Operation:
        pictures = tuple(Payload(**picture) for picture in row.get("pictures", ()))
        return cls(row["kind"], row["shard"], row["item"], row.get("metadata", {}), pictures)


def put_item(
    shard: int, item: str, pictures: Sequence[Payload], metadata: Mapping[str, str] | None = None
) -> Operation:
    return Operation("put", shard, item, dict(metadata or {}), tuple(pictures))


def remove_item(shard: int, item: str) -> Operation:
    return Operation("remove", shard, item)


def merge_metadata(shard: int, item: str, metadata: Mapping[str, str | None]) -> Operation:
    return Operation("metadata", shard, item, dict(metadata))


def check_operation(operation: Operation, shards: int) -> None:
    """Raises InvalidRequestError for what no shard could apply."""
    if not 0 <= operation.shard < shards:
        raise InvalidRequestError(f"shard {operation.shard}: there are {shards}, counted from 0")
    check_item_id(operation.item)
    if operation.kind not in ("put", "remove", "metadata"):
        raise InvalidRequestError(f"an operation cannot be {operation.kind!r}")
    if operation.kind == "put":
        if not operation.pictures:
            raise InvalidRequestError(f"item {operation.item!r}: an item needs a picture")
        if None in operation.metadata.values():
            raise InvalidRequestError(f"item {operation.item!r}: metadata are texts")
    for text in (text for pair in operation.metadata.items() for text in pair if text is not None):
        if not isinstance(text, str) or not _is_utf8(text):
            raise InvalidRequestError(f"item {operation.item!r}: metadata are texts in UTF-8")


def check_item_id(item: str) -> None:
    """Raises InvalidRequestError unless it is an id as the engine has them."""
    if not _is_utf8(item) or not 0 < len(item.encode()) <= MAX_ID_BYTES or "\0" in item:
        raise InvalidRequestError(f"an id has 1 to {MAX_ID_BYTES} bytes of UTF-8, and no zero byte")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair, which JSON can say
        return False
    return True
