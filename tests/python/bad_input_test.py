"""What callers give by mistake, and what they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import inlier
import numpy as np
import pytest
from conftest import draw, photo_of, write_png


@pytest.fixture
def stocked(shop: inlier.Database) -> inlier.Database:
    shop.add("mug", draw(1), order="bgr")
    return shop


@pytest.mark.parametrize(
    ("photo", "order", "error", "message"),
    [
        (None, None, TypeError, "photo: wanted a path, .* got None"),
        (3, None, TypeError, "got int"),
        ([[1, 2], [3, 4]], None, TypeError, "got list"),
        (np.zeros((0, 0), np.uint8), None, ValueError, r"no pixels, its shape is \(0, 0\)"),
        (np.zeros((8, 0, 3), np.uint8), "bgr", ValueError, "no pixels"),
        (np.zeros((8, 8, 3)), "bgr", TypeError, "uint8 is wanted, got float64; multiply by 255"),
        (np.full((8, 8, 3), 255.0, np.float32), "bgr", TypeError, "got float32"),
        (np.zeros((8, 8), np.uint16), None, TypeError, "got uint16"),
        (np.zeros((8, 8), bool), None, TypeError, "got bool"),
        (np.zeros((8, 8, 5), np.uint8), None, ValueError, r"\(8, 8, 5\)"),
        (np.zeros((8, 8, 2), np.uint8), None, ValueError, r"\(8, 8, 2\)"),
        (np.zeros(8, np.uint8), None, ValueError, r"got \(8,\)"),
        (np.zeros((2, 8, 8, 3), np.uint8), "bgr", ValueError, r"got \(2, 8, 8, 3\)"),
        (np.zeros((8, 8, 3), np.uint8), None, ValueError, "needs order='bgr' or order='rgb'"),
        (np.zeros((8, 8, 4), np.uint8), "bgr", ValueError, "order='bgra' or order='rgba'"),
        (np.zeros((8, 8), np.uint8), "rgb", ValueError, "needs order='grey'"),
        (np.zeros((8, 8, 3), np.uint8), "BGR", ValueError, "got order='BGR'"),
        ("photo.jpg", "bgr", ValueError, "order is for arrays, and this is a path"),
        (b"bytes", "bgr", ValueError, "order is for arrays"),
        ("", None, ValueError, "the path is empty"),
        ("a\0b", None, ValueError, "zero character"),
    ],
)
def test_photos_that_are_none(
    stocked: inlier.Database, photo: Any, order: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        stocked.query(photo, order=order)


def test_a_path_that_is_bytes(stocked: inlier.Database, tmp_path: Path) -> None:
    path = write_png(tmp_path / "photo.png", draw(1))
    with pytest.raises(TypeError, match=r"is the name of one; give the path as text"):
        stocked.query(bytes(path))
    with pytest.raises(inlier.BadImageError):
        stocked.query(b"")


def test_any_strides_give_the_same_answer(stocked: inlier.Database) -> None:
    photo = photo_of(draw(1))
    height, width = photo.shape[:2]
    wide = np.zeros((height, 2 * width, 3), np.uint8)
    wide[:, :width] = photo
    spaced = np.zeros((height, 2 * width, 3), np.uint8)
    spaced[:, ::2] = photo
    planes = np.ascontiguousarray(photo.transpose(2, 0, 1)).transpose(1, 2, 0)
    read_only = photo.copy()
    read_only.setflags(write=False)
    upside_down = np.ascontiguousarray(photo[::-1])[::-1]
    mirrored = np.ascontiguousarray(photo[:, ::-1])[:, ::-1]
    forms = [photo, wide[:, :width], spaced[:, ::2], planes, read_only, upside_down, mirrored]
    forms.append(np.asfortranarray(photo))
    answers = [stocked.query(form, order="bgr").to_dict() for form in forms]
    for answer in answers:
        answer.pop("timings_ms")
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["hits"][0]["id"] == "mug"


def test_rows_that_overlap(stocked: inlier.Database) -> None:
    row = np.broadcast_to(np.arange(64, dtype=np.uint8), (64, 64))
    assert stocked.query(row).status != "found"


def test_ids_and_metadata_that_are_no_text(stocked: inlier.Database) -> None:
    picture = draw(2)
    add: Any = stocked.add
    for id in (None, 3, b"mug"):
        with pytest.raises(TypeError, match="an id has to be text"):
            add(id, picture, order="bgr")
    with pytest.raises(ValueError, match="not Unicode"):
        add("\ud800", picture, order="bgr")
    with pytest.raises(inlier.InvalidArgumentError):
        add("", picture, order="bgr")
    with pytest.raises(inlier.InvalidArgumentError):
        add("x" * 2000, picture, order="bgr")
    for metadata in ({"size": 3}, {"size": None}, {3: "size"}, ["size"], "size"):
        with pytest.raises(TypeError, match="metadata"):
            add("cup", picture, metadata, order="bgr")
    with pytest.raises(ValueError, match="needs a picture"):
        add("cup", [])
    assert len(stocked) == 1


def test_arguments_of_a_query(stocked: inlier.Database) -> None:
    ask: Any = stocked.query
    photo = draw(1)
    for top, error in ((0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError)):
        with pytest.raises(error, match="top"):
            ask(photo, order="bgr", top=top)
    for where in ("brand=Acme", {"brand": 3}, [("brand", "Acme")]):
        with pytest.raises(TypeError, match="where"):
            ask(photo, order="bgr", where=where)
    with pytest.raises(TypeError, match="an id"):
        ask(photo, order="bgr", without=[3])
    with pytest.raises(ValueError, match="threads"):
        stocked.query_many([photo], threads=0)
    with pytest.raises(ValueError, match="on_error"):
        stocked.query_many([photo], on_error="ignore")  # type: ignore[call-overload]


def test_sources_that_are_none(stocked: inlier.Database, tmp_path: Path) -> None:
    index: Any = stocked.index
    with pytest.raises(TypeError, match="got NoneType"):
        index(None)
    with pytest.raises(TypeError, match="got bytes"):
        index(b"items")
    with pytest.raises(inlier.NotFoundError):
        index(tmp_path / "nowhere")
    with pytest.raises(TypeError, match="record 1 has to be a mapping"):
        index(["mug.jpg"])
    with pytest.raises(ValueError, match="record 1 has no image"):
        index([{"id": "a"}])
    with pytest.raises(TypeError, match="record 2: metadata"):
        index([{"id": "a", "image": "a.png"}, {"id": "b", "image": "b.png", "size": 3}])
    with pytest.raises(TypeError, match="progress"):
        index([], progress=3)
    report = index([{"id": "a", "image": tmp_path / "nowhere.png"}])
    assert report.failed == 1 and "nowhere.png" in report.failures[0]


def test_a_callback_that_raises(shop: inlier.Database, folder: Path) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        raise RuntimeError(f"enough of {stage}")

    with pytest.raises(RuntimeError, match="enough of extract"):
        shop.index(folder, progress=stop)
    assert shop.index(folder).failed == 0
    assert len(shop) == 4


def test_a_callback_cannot_close(shop: inlier.Database, folder: Path) -> None:
    with pytest.raises(inlier.BusyError, match="callback"):
        shop.index(folder, progress=lambda *_: shop.close())
    assert not shop.closed


def test_paths_of_databases(tmp_path: Path) -> None:
    opens: Any = inlier.open
    with pytest.raises(inlier.NotFoundError):
        opens(tmp_path / "none.db")
    with pytest.raises(TypeError):
        opens(None)
    with pytest.raises(TypeError):
        opens(3)
    with pytest.raises(inlier.InvalidArgumentError, match="magic"):
        opens(tmp_path / "new.db", create=True, features="magic")
    with pytest.raises(inlier.InvalidArgumentError, match=r"decide\.nothing"):
        opens(tmp_path / "new.db", create=True, options={"decide.nothing": 1})
    assert not (tmp_path / "new.db").exists()


def test_other_features_than_the_database_has(tmp_path: Path) -> None:
    inlier.open(tmp_path / "a.db", create=True, features="orb").close()
    with pytest.raises(inlier.IncompatibleError):
        inlier.open(tmp_path / "a.db", write=True, features="sift")
    with inlier.open(tmp_path / "a.db", options={"decide.facings": 3}) as shop:
        options = shop.options()
        assert (options["extract"]["method"], options["decide"]["facings"]) == ("orb", 3)


def test_a_database_that_is_read_only(tmp_path: Path) -> None:
    inlier.open(tmp_path / "a.db", create=True).close()
    with (
        inlier.open(tmp_path / "a.db") as shop,
        pytest.raises(inlier.InvalidArgumentError, match="reading"),
    ):
        shop.add("a", draw(1), order="bgr")


def test_a_damaged_database(tmp_path: Path) -> None:
    with inlier.open(tmp_path / "a.db", create=True) as shop:
        shop.add("a", draw(1), order="bgr")
    for file in (tmp_path / "a.db").rglob("*"):
        if (file.is_file() and file.suffix == ".sst") or file.name.startswith("MANIFEST"):
            file.write_bytes(b"damaged")
    with pytest.raises(inlier.CorruptError):
        inlier.open(tmp_path / "a.db")
