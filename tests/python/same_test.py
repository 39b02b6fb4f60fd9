"""One suite for a database of this machine and for one behind a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import inlier
import numpy as np
import pytest
from conftest import Server, draw, photo_of, write_png

Shop = inlier.Database | inlier.Client


@pytest.fixture(params=["local", "server"])
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, serve: Callable[..., Server]
) -> Iterator[Shop]:
    path = tmp_path / "shop.db"
    if request.param == "local":
        with inlier.open(path, create=True) as database:
            yield database
    else:
        with inlier.Client(serve(path).url) as client:
            yield client


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    for seed, brand in enumerate(["Acme", "Zeta", "Acme"]):
        shop.add(f"item/{seed}", draw(seed), {"brand": brand, "price": f"{seed}.50"}, order="bgr")
    return shop


def test_what_was_added_is_there(stocked: Shop) -> None:
    assert len(stocked) == 3
    assert "item/1" in stocked
    assert "item/9" not in stocked
    assert list(stocked) == ["item/0", "item/1", "item/2"]
    item = stocked["item/1"]
    assert item.id == "item/1"
    assert dict(item.metadata) == {"brand": "Zeta", "price": "1.50"}
    assert item.features > 100
    assert (item.pictures[0].width, item.pictures[0].height) == (320, 240)
    assert dict(stocked.metadata("item/2"))["brand"] == "Acme"


def test_a_photo_is_answered(stocked: Shop) -> None:
    answer = stocked.query(photo_of(draw(1)), order="bgr", explain=True)
    assert answer.status == "found"
    assert [hit.id for hit in answer] == ["item/1"]
    hit = answer[0]
    assert hit.accepted and hit.probability > 0.9
    assert hit.polygon is not None and hit.polygon.dtype == np.float64
    expected = np.array([[40, 40], [360, 40], [360, 280], [40, 280]]) - 0.5
    assert np.abs(hit.polygon - expected).max() < 2
    assert hit.homography is not None
    corner = hit.homography @ [-0.5, -0.5, 1]
    assert np.abs(corner[:2] / corner[2] - expected[0]).max() < 2
    assert hit.matches is not None and hit.matches.shape == (hit.inliers, 4)
    assert hit.evidence is not None and hit.evidence["inliers"] == hit.inliers


def test_nothing_of_the_catalogue(stocked: Shop) -> None:
    answer = stocked.query(photo_of(draw(77)), order="bgr")
    assert answer.status == "not_in_catalogue"
    assert len(answer) == 0
    shown = stocked.query(photo_of(draw(77)), order="bgr", all=True)
    assert all(not hit.accepted and hit.reason for hit in shown)


def test_conditions(stocked: Shop) -> None:
    photo = photo_of(draw(1))
    assert stocked.query(photo, order="bgr", where={"brand": "Acme"}).where_matched == 2
    assert not stocked.query(photo, order="bgr", where={"brand": "Acme"}).accepted
    assert stocked.query(photo, order="bgr", where={"price": "1..2"})[0].id == "item/1"
    assert stocked.count({"brand": "Acme"}) == 2
    assert [item.id for item in stocked.items(where={"brand": "Zeta"})] == ["item/1"]
    assert [item.id for item in stocked.items(id_part="/2")] == ["item/2"]
    with pytest.raises(inlier.InvalidArgumentError, match="colour"):
        stocked.query(photo, order="bgr", where={"colour": "red"})


def test_forms_of_a_photo(stocked: Shop, tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image")
    photo = photo_of(draw(2))
    path = write_png(tmp_path / "photo.png", photo)
    forms: list[tuple[Any, Any]] = [
        (path, None),
        (str(path), None),
        (path.read_bytes(), None),
        (photo, "bgr"),
        (np.ascontiguousarray(photo[..., ::-1]), "rgb"),
        (np.dstack([photo, np.full(photo.shape[:2], 255, np.uint8)]), "bgra"),
        (pil.fromarray(photo[..., ::-1]), None),
    ]
    answers = [stocked.query(form, order=order) for form, order in forms]
    assert {answer[0].id for answer in answers} == {"item/2"}
    scores = {(answer[0].score, answer[0].inliers) for answer in answers}
    assert len(scores) == 1
    assert answers[0].photo == str(path) and answers[3].photo == ""


def test_many_photos_in_order(stocked: Shop, tmp_path: Path) -> None:
    paths = [write_png(tmp_path / f"{n}.png", photo_of(draw(n % 3))) for n in range(6)]
    answers = list(stocked.query_many(paths, threads=2))
    assert [answer[0].id for answer in answers] == [f"item/{n % 3}" for n in range(6)]
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    mixed = list(stocked.query_many([paths[0], bad, paths[1]], threads=2, on_error="return"))
    assert isinstance(mixed[1], inlier.BadImageError)
    assert mixed[1].cause == "not a picture"
    right = [one[0].id for one in mixed if isinstance(one, inlier.Answer)]
    assert right == ["item/0", "item/1"]
    with pytest.raises(inlier.BadImageError):
        list(stocked.query_many([bad]))


def test_changes(stocked: Shop) -> None:
    stocked.add_picture("item/0", draw(10), order="bgr")
    assert len(stocked["item/0"].pictures) == 2
    assert stocked.query(photo_of(draw(10)), order="bgr")[0].id == "item/0"
    stocked.remove_picture("item/0", 1)
    assert len(stocked["item/0"].pictures) == 1
    stocked.set_metadata("item/0", {"size": "L"})
    assert dict(stocked["item/0"].metadata) == {"size": "L"}
    version = stocked["item/0"].version
    stocked.set_metadata("item/0", {"size": "M"})
    assert stocked["item/0"].version != version
    stocked.remove(["item/0", "item/1"])
    assert list(stocked) == ["item/2"]
    with pytest.raises(inlier.NotFoundError):
        stocked.remove("item/0")
    with pytest.raises(inlier.NotFoundError):
        stocked.add_picture("nobody", draw(1), order="bgr")


def test_several_pictures(shop: Shop, folder: Path) -> None:
    shop.add("both", [folder / "a.png", draw(11)], order="bgr")
    assert len(shop["both"].pictures) == 2
    for photo in (photo_of(draw(0)), photo_of(draw(11))):
        assert shop.query(photo, order="bgr")[0].id == "both"


def test_a_folder_is_indexed(shop: Shop, folder: Path) -> None:
    (folder / "e.png").write_bytes(b"no picture")
    steps: list[tuple[str, int, int]] = []
    report = shop.index(folder, progress=lambda *step: steps.append(step))
    assert (report.added, report.failed) == (4, 1)
    assert "e.png" in report.failures[0]
    assert steps
    assert list(shop) == ["a", "b", "c", "d"]
    assert shop.query(photo_of(draw(3)), order="bgr")[0].id == "d"


def test_records_and_pruning(shop: Shop, folder: Path) -> None:
    records = [
        {"id": name, "image": folder / f"{name}.png", "brand": name.upper()} for name in "abc"
    ]
    assert shop.index(records).added == 3
    assert dict(shop["b"].metadata) == {"brand": "B"}
    assert shop.index(records[:2], prune=True).removed == 1
    assert list(shop) == ["a", "b"]


def test_a_data_frame_is_indexed(shop: Shop, folder: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "id": [1, 2],
            "image": [str(folder / "a.png"), str(folder / "b.png")],
            "price": [1.5, float("nan")],
        }
    )
    assert shop.index(frame).added == 2
    assert dict(shop["1"].metadata) == {"price": "1.5"}
    assert dict(shop["2"].metadata) == {}


def test_twins(shop: Shop, folder: Path) -> None:
    shop.add("one", folder / "a.png")
    shop.add("two", folder / "a.png")
    [group] = shop.twins()
    assert (group.kind, set(group.ids), group.likeness) == ("copies", {"one", "two"}, 1.0)
    hit = shop.query(folder / "a.png")[0]
    assert {hit.id, *hit.twins} == {"one", "two"}


def test_match(shop: Shop) -> None:
    photo, item = photo_of(draw(5)), draw(5)
    match = shop.match(photo, item, order="bgr")
    assert match and match.accepted and match.matches is not None
    assert len(match.matches) == match.inliers
    assert not shop.match(photo, draw(6), order="bgr")


def test_preview_and_figures(stocked: Shop) -> None:
    assert stocked.preview("item/1").startswith(b"\xff\xd8")
    assert stocked.stats()["items"] == 3
    with pytest.raises(inlier.NotFoundError):
        stocked.preview("item/1", 5)


def test_errors_are_the_same(stocked: Shop, tmp_path: Path) -> None:
    with pytest.raises(inlier.NoSuchItemError) as missing:
        stocked["nobody"]
    assert isinstance(missing.value, KeyError) and str(missing.value) == "no item 'nobody'"
    assert missing.value.cause == "not there"
    with pytest.raises(inlier.NotFoundError, match="nowhere"):
        stocked.query(tmp_path / "nowhere.jpg")
    with pytest.raises(inlier.BadImageError) as bad:
        stocked.query(b"no picture at all")
    assert bad.value.cause == "not a picture"
    with pytest.raises(TypeError, match="id"):
        stocked.add(7, draw(1), order="bgr")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"metadata\['size'\] has to be text, got int"):
        stocked.add("x", draw(1), {"size": 3}, order="bgr")  # type: ignore[dict-item]
    stocked.close()
    with pytest.raises(inlier.ClosedError):
        stocked.query(draw(1), order="bgr")
    stocked.close()
