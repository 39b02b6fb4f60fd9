"""What the tests of collections share: pictures that are drawn, and collections in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inlier._png import png_of
from inlier_cluster import Collection, Operation, put_item

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
ORB = {"extract.method": "orb"}


def drawn(seed: int) -> bytes:
    """A picture of coloured rectangles, as a PNG file."""
    rng = np.random.default_rng(seed)
    picture: Pixels = np.full((240, 320, 3), 200, np.uint8)
    for _ in range(150):
        x, y, w, h = *rng.integers(0, 230, 2), *rng.integers(6, 40, 2)
        picture[y : y + h, x : x + w] = rng.integers(0, 255, 3)
    return png_of(picture, 1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "shop")


@pytest.fixture
def shop(url: str) -> Iterator[Collection]:
    """A collection of three virtual shards, without items."""
    yield Collection.create(url, recipe=ORB, vocabulary=b"words", shards=3)


def put_drawn(shop: Collection, shard: int, item: str, seed: int, **metadata: str) -> Operation:
    return put_item(shard, item, [shop.put_payload(drawn(seed))], metadata)


def items_of(shop: Collection, after: int = 0) -> list[str]:
    """The items of all operations behind a change, in order."""
    return [one.item for change in shop.changes_after(after) for one in change.operations]
