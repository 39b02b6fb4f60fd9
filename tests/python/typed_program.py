"""Not run: what a checker of types has to make of the package."""

from __future__ import annotations

from pathlib import Path

import inlier
import numpy as np
import numpy.typing as npt

Shop = inlier.Database | inlier.Client


def ask(shop: Shop, photo: npt.NDArray[np.uint8]) -> list[str]:
    answer: inlier.Answer = shop.query(photo, order="rgb", where={"brand": "Acme"})
    polygon: npt.NDArray[np.float64] | None = answer[0].polygon
    return [hit.id for hit in answer if hit.accepted and polygon is not None]


def wrong(shop: Shop) -> None:
    shop.query(3)  # type: ignore[arg-type]
    shop.query("a.jpg", order="hsv")  # type: ignore[arg-type]
    shop.add(3, "a.jpg")  # type: ignore[arg-type]
    shop.query("a.jpg")[0].id = "b"  # type: ignore[misc]


def stages(path: Path) -> npt.NDArray[np.float64] | None:
    photo, item = inlier.extract(path), inlier.extract(path, "orb", options={"max_features": 10})
    geometry = inlier.verify(photo, item, inlier.match_features(photo, item))
    return None if geometry is None else geometry.homography
