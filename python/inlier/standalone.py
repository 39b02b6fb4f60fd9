"""What needs no database: the plan for one, and the comparison of two pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from inlier import _inlier
from inlier._arguments import Options, Record, check_count
from inlier.pictures import Order, PictureLike, as_picture
from inlier.sources import options_of, read_catalogue
from inlier.values import Json, Match


def plan(
    items: int,
    *,
    features: str = "sift",
    threads: int = 1,
    sample: str | os.PathLike[str] | Iterable[Record] | None = None,
) -> Json:
    """What a catalogue of this many items will need: bytes in memory and on disk, and seconds.
    ``sample`` is a catalogue like the one to come, some of whose pictures are looked at."""
    text = _inlier.plan(
        check_count(items, "items", 1, 10**12),
        options_of(features, None),
        check_count(threads, "threads", most=1024),
        None if sample is None else read_catalogue(sample),
    )
    return dict(json.loads(text))


def match(
    photo: PictureLike,
    item: PictureLike,
    *,
    order: Order | None = None,
    item_order: Order | None = None,
    features: str | None = None,
    options: Options | None = None,
) -> Match:
    """Compares two pictures without a database: ``item`` is sought in ``photo``."""
    text = _inlier.match(
        as_picture(photo, order),
        as_picture(item, item_order or order, "item"),
        options_of(features, options),
    )
    return Match(json.loads(text))
