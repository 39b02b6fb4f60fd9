"""The stages of a query one by one."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import inlier
import numpy as np
import pytest
from conftest import draw, photo_of, write_png
from inlier._png import png_of


def test_arrays_are_views() -> None:
    features = inlier.extract(draw(1, 800, 600), order="bgr")
    assert len(features) > 500
    keypoints, descriptors = features.keypoints, features.descriptors
    assert keypoints.dtype == np.float32 and keypoints.shape == (len(features), 4)
    assert descriptors.dtype == np.uint8 and descriptors.shape == (len(features), 128)
    assert features.responses.shape == (len(features),)
    assert np.shares_memory(keypoints, features.keypoints)
    assert np.shares_memory(descriptors, features.descriptors)
    assert not keypoints.flags.writeable and not descriptors.flags.writeable
    assert keypoints[:, 0].min() >= 0 and keypoints[:, 0].max() < 800
    assert keypoints[:, 3].min() >= 0 and keypoints[:, 3].max() < 2 * np.pi
    assert features.size == (800, 600)
    copy = descriptors.copy()
    del features
    gc.collect()
    assert (descriptors == copy).all()  # the view has kept them alive


@pytest.mark.parametrize(
    ("method", "kind", "row"),
    [("sift", "bytes", 128), ("surf", "bytes", 64), ("orb", "bits", 32), ("brief", "bits", 32)],
)
def test_match_and_verify(method: str, kind: str, row: int) -> None:
    item = inlier.extract(draw(3), method, order="bgr")
    photo = inlier.extract(photo_of(draw(3)), method, order="bgr")
    assert (item.kind, item.descriptors.shape[1]) == (kind, row)
    matches = inlier.match_features(photo, item)
    assert matches.pairs.dtype == np.uint32 and len(matches) > 50
    moved = photo.keypoints[matches.pairs[:, 0], :2] - item.keypoints[matches.pairs[:, 1], :2]
    assert np.abs(np.median(moved, axis=0) - 40).max() < 1
    assert (matches.ratios <= 0.9 + 1e-6).all() and (matches.distances >= 0).all()
    geometry = inlier.verify(photo, item, matches)
    assert geometry is not None
    moved_by = geometry.homography / geometry.homography[2, 2] - np.eye(3)
    assert np.abs(moved_by[:2, 2] - 40).max() < 1.5
    assert geometry.polygon.shape == (4, 2) and np.abs(geometry.polygon[0] - 39.5).max() < 2
    assert 0 < len(geometry.inliers) <= len(matches)
    assert 0 < geometry.item_coverage <= 1 and geometry.mean_error_px < 3


def test_nothing_agrees() -> None:
    item = inlier.extract(draw(3), order="bgr")
    photo = inlier.extract(photo_of(draw(4)), order="bgr")
    matches = inlier.match_features(photo, item)
    assert inlier.verify(photo, item, matches) is None
    nothing = inlier.extract(np.full((64, 64), 7, np.uint8))
    assert len(nothing) == 0 and nothing.keypoints.shape == (0, 4)
    assert len(inlier.match_features(photo, nothing)) == 0


def test_another_matcher() -> None:
    item = inlier.extract(draw(3), order="bgr")
    photo = inlier.extract(photo_of(draw(3)), order="bgr")
    a, b = photo.descriptors.astype(np.float32), item.descriptors.astype(np.float32)
    distances = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    nearest = distances.argmin(1)
    mutual = distances.argmin(0)[nearest] == np.arange(len(a))
    pairs = np.column_stack([np.arange(len(a)), nearest])[mutual]
    geometry = inlier.verify(photo, item, pairs)
    assert geometry is not None and len(geometry.inliers) > 50


def test_features_of_another_library() -> None:
    own = inlier.extract(draw(3), order="bgr")
    given = inlier.Features.from_arrays(
        own.keypoints, own.descriptors, own.size, responses=own.responses
    )
    assert (given.keypoints == own.keypoints).all()
    photo = inlier.extract(photo_of(draw(3)), order="bgr")
    ours, theirs = (inlier.match_features(photo, one) for one in (own, given))
    assert (ours.pairs == theirs.pairs).all()


@pytest.mark.parametrize(
    ("keypoints", "descriptors", "options", "error", "message"),
    [
        (np.zeros((3, 2), np.float32), np.zeros((3, 128), np.uint8), {}, ValueError, r"\(n, 4\)"),
        (np.zeros((3, 4)), np.zeros((3, 128)), {}, TypeError, "descriptors: .* uint8 .* float64"),
        (np.zeros((3, 4)), np.zeros((2, 128), np.uint8), {}, ValueError, "3 keypoints, but 2"),
        (np.full((1, 4), np.nan), np.zeros((1, 128), np.uint8), {}, ValueError, "not finite"),
        (np.zeros((1, 4)), np.zeros((1, 128), np.uint8), {"kind": "floats"}, ValueError, "kind"),
    ],
)
def test_arrays_of_a_wrong_kind(
    keypoints: Any, descriptors: Any, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        inlier.Features.from_arrays(keypoints, descriptors, (100, 100), **options)


def test_stages_that_do_not_fit() -> None:
    sift = inlier.extract(draw(3), order="bgr")
    orb = inlier.extract(draw(3), "orb", order="bgr")
    with pytest.raises(inlier.InvalidArgumentError, match="different shapes"):
        inlier.match_features(sift, orb)
    with pytest.raises(inlier.InvalidArgumentError, match="a match of feature 99999"):
        inlier.verify(sift, sift, np.array([[99999, 0]]))
    with pytest.raises(ValueError, match="below 0"):
        inlier.verify(sift, sift, np.array([[-1, 0]]))
    with pytest.raises(inlier.InvalidArgumentError, match="magic"):
        inlier.extract(draw(3), "magic", order="bgr")
    with pytest.raises(TypeError, match="photo: Features are wanted, got ndarray"):
        inlier.match_features(draw(3), sift)  # type: ignore[arg-type]
    short = inlier.Features.from_arrays(
        np.zeros((1, 4), np.float32), np.zeros((1, 3), np.uint8), (9, 9)
    )
    with pytest.raises(inlier.InvalidArgumentError, match="cannot be compared"):
        inlier.match_features(short, short)
    with pytest.raises(inlier.InvalidArgumentError):
        inlier.Vocabulary.train([short], 4)
    with pytest.raises(inlier.InvalidArgumentError, match="no features"):
        inlier.Vocabulary.train([], 4)


def test_a_vocabulary_and_a_shortlist(tmp_path: Path) -> None:
    items = {f"item/{seed}": inlier.extract(draw(seed), order="bgr") for seed in range(12)}
    vocabulary = inlier.Vocabulary.train(items.values(), 64, threads=2)
    assert 32 <= len(vocabulary) <= 64
    cells = vocabulary.assign(items["item/0"], 4)
    assert cells.dtype == np.int32 and cells.shape == (len(items["item/0"]), 4)
    assert cells[:, 0].min() >= 0 and cells.max() < len(vocabulary)
    vocabulary.save(tmp_path / "words")
    loaded = inlier.Vocabulary.load(tmp_path / "words")
    assert (loaded.assign(items["item/0"], 4) == cells).all()

    shortlist = inlier.Shortlist(loaded)
    for id, features in items.items():
        shortlist.add(id, features)
    photo = inlier.extract(photo_of(draw(7)), order="bgr")
    ids, votes = shortlist.search(photo, 5)
    assert ids[0] == "item/7" and len(ids) <= 5
    assert votes.dtype == np.float32 and votes[0] > 2 * votes[1]
    assert inlier.Shortlist(vocabulary).search(photo)[0] == []
    with pytest.raises(inlier.InvalidArgumentError):
        shortlist.search(inlier.extract(draw(1), "orb", order="bgr"))

    (tmp_path / "words").write_bytes(b"damaged")
    with pytest.raises(inlier.CorruptError):
        inlier.Vocabulary.load(tmp_path / "words")
    with pytest.raises(inlier.NotFoundError):
        inlier.Vocabulary.load(tmp_path / "none")


def test_the_shortlist_of_a_database(shop: inlier.Database) -> None:
    for seed in range(40):  # so many that there is a vocabulary
        shop.add(f"{seed}", draw(seed), {"half": str(seed % 2)}, order="bgr")
    photo = photo_of(draw(7))
    listed = shop.shortlist(photo, order="bgr", top=5)
    assert listed[0][0] == "7" and len(listed) == 5
    assert shop.shortlist(shop.extract(photo, order="bgr"), top=5) == listed
    others = shop.shortlist(photo, order="bgr", where={"half": "0"})
    assert "7" not in dict(others)
    assert "7" not in dict(shop.shortlist(photo, order="bgr", without=["7"]))
    with pytest.raises(inlier.InvalidArgumentError):
        shop.shortlist(inlier.extract(draw(1), "orb", order="bgr"))


def test_reading_a_picture(folder: Path) -> None:
    assert (inlier.read_picture(folder / "a.png") == draw(0)).all()
    with pytest.raises(inlier.BadImageError):
        inlier.read_picture(b"no picture")


def test_databases_share_a_vocabulary(tmp_path: Path) -> None:
    features = [inlier.extract(draw(seed), "orb", order="bgr") for seed in range(3)]
    inlier.Vocabulary.train(features, cells=64).save(tmp_path / "words")
    options = {"extract.method": "orb"}
    for name in ("a", "b"):
        with inlier.open(
            tmp_path / name, create=True, options=options, vocabulary=tmp_path / "words"
        ) as shop:
            shop.add("mug", draw(1), order="bgr")
            shop.write_vocabulary(tmp_path / f"{name}.words")
            assert (tmp_path / f"{name}.words").read_bytes() == (tmp_path / "words").read_bytes()
    with (
        inlier.open(tmp_path / "c", create=True, options=options) as shop,
        pytest.raises(inlier.NotFoundError),
    ):
        shop.write_vocabulary(tmp_path / "none")
    with pytest.raises(inlier.IncompatibleError):
        inlier.open(tmp_path / "c", vocabulary=tmp_path / "words")
    with pytest.raises(inlier.NotFoundError):
        inlier.open(tmp_path / "d", create=True, vocabulary=tmp_path / "none")


def test_pixel_hash_is_of_pixels(tmp_path: Path) -> None:
    first, second = png_of(draw(1), 1), png_of(draw(1), 9)
    assert first != second
    hash = inlier.pixel_hash(first)
    assert hash == inlier.pixel_hash(second) == inlier.pixel_hash(draw(1), order="bgr")
    assert hash == inlier.pixel_hash(write_png(tmp_path / "a.png", draw(1)))
    assert hash != inlier.pixel_hash(png_of(draw(2), 1))
    with pytest.raises(inlier.BadImageError):
        inlier.pixel_hash(b"no picture")
    with pytest.raises(inlier.InvalidArgumentError, match=r"extract\.method"):
        inlier.pixel_hash(first, options={"extract.method": "none"})
    with pytest.raises(inlier.NotFoundError):
        inlier.pixel_hash(tmp_path / "none.png")
