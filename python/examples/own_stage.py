"""Replaces Inlier's matcher by one of your own, and compares both on one photo:
own_stage.py PHOTO ITEM"""

from __future__ import annotations

import sys

import inlier
import numpy as np
import numpy.typing as npt


def nearest_pairs(photo: inlier.Features, item: inlier.Features) -> npt.NDArray[np.uint32]:
    """Mutual nearest neighbours without a ratio test."""
    a, b = photo.descriptors.astype(np.float32), item.descriptors.astype(np.float32)
    distances = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    best = distances.argmin(1)
    mutual = distances.argmin(0)[best] == np.arange(len(a))
    pairs = np.column_stack([np.arange(len(a)), best])[mutual]
    return np.asarray(pairs, dtype=np.uint32)


def main(photo_path: str, item_path: str) -> None:
    photo, item = inlier.extract(photo_path), inlier.extract(item_path)
    built_in = inlier.verify(photo, item, inlier.match_features(photo, item))
    own = inlier.verify(photo, item, nearest_pairs(photo, item))
    for name, geometry in (("built in", built_in), ("own", own)):
        print(name, "nothing agrees" if geometry is None else f"{len(geometry.inliers)} inliers")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
