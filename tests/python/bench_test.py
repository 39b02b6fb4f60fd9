"""Methods of one's own in the bench."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import inlier
import numpy as np
import pytest
from conftest import draw, photo_of, write_png
from inlier.comparison import Answering, Photo

PHOTOS = 4


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    catalogue, queries = ["id,image"], ["image,id,tag"]
    for seed in range(PHOTOS):
        write_png(folder / f"item{seed}.png", draw(seed))
        write_png(folder / f"photo{seed}.png", photo_of(draw(seed)))
        catalogue.append(f"{seed},item{seed}.png")
        queries.append(f"photo{seed}.png,{seed},")
    (folder / "catalogue.csv").write_text("\n".join(catalogue) + "\n")
    (folder / "queries.csv").write_text("\n".join(queries) + "\n")
    return folder


def first_hits(results: dict[str, Any], method: str) -> float:
    return float(results["methods"][method]["shop"]["first_hit"])


def colours(images: list[Photo]) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    """Images → vectors."""
    rows = [np.histogramdd(one.reshape(-1, 3), 4, [(0, 256)] * 3)[0].ravel() for one in images]
    return np.stack(rows)


def always_first(photo: Photo) -> list[str]:
    """Photo → ranked ids."""
    return ["shop/0", "shop/1"]


class Templates(Answering):
    """A method that is told the catalogue."""

    name = "templates"

    def learn(self, items: Mapping[str, list[Path]]) -> None:
        self.items = {id: inlier.read_picture(paths[0]) for id, paths in items.items()}

    def answer(self, photo: Photo) -> list[tuple[str, float]]:
        part = photo[40:-40, 40:-40].astype(float)
        found = [(id, -float(np.abs(part - one).mean())) for id, one in self.items.items()]
        return sorted(found, key=lambda pair: -pair[1])


def test_methods_beside_built_in_ones(dataset: Path, tmp_path: Path) -> None:
    results = inlier.bench(
        dataset,
        methods=["sift", colours, always_first, Templates()],
        out=tmp_path / "out",
        report=False,
        quiet=True,
    )
    assert list(results["methods"]) == ["sift", "colours", "always_first", "templates"]
    assert first_hits(results, "sift") == first_hits(results, "templates") == 1
    assert first_hits(results, "always_first") == pytest.approx(1 / PHOTOS)


def test_a_database_as_a_method(dataset: Path, tmp_path: Path) -> None:
    with inlier.open(tmp_path / "own.db", create=True, features="orb") as shop:
        shop.index([{"id": f"shop/{n}", "image": dataset / f"item{n}.png"} for n in range(PHOTOS)])

        def own(photo: Photo) -> inlier.Answer:
            return shop.query(photo, order="bgr")

        results = inlier.bench(
            [dataset], methods=[own], out=tmp_path / "out", report=False, quiet=True
        )
    assert first_hits(results, "own") == 1


def test_methods_that_are_wrong(dataset: Path, tmp_path: Path) -> None:
    def flat(images: list[Photo]) -> Any:
        return np.zeros(len(images))

    def unknown(photo: Photo) -> list[str]:
        return ["nothing"]

    def broken(photo: Photo) -> list[str]:
        raise RuntimeError("broken")

    out = tmp_path / "out"
    with pytest.raises(ValueError, match=r"gives an array \(4, d\)"):
        inlier.bench(dataset, methods=[flat], out=out, quiet=True)
    with pytest.raises(inlier.InvalidArgumentError, match="there is no item 'nothing'"):
        inlier.bench(dataset, methods=[unknown], out=out, quiet=True)
    with pytest.raises(TypeError, match="a name or a callable"):
        inlier.bench(dataset, methods=[3], out=out)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="two methods"):
        inlier.bench(dataset, methods=["sift", "sift"], out=out)
    results = inlier.bench(dataset, methods=[broken], out=out, report=False, quiet=True)
    assert results["methods"]["broken"] == {}  # there is no answer to count
