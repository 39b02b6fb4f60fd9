"""Catalogues in Parquet: what is read of them, how pictures come to a task, and that a build from
them has the same pieces as one from a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import inlier
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from built_here import PROGRAM, build, pieces
from conftest import drawn
from inlier.sources import read_catalogue
from inlier_cluster import InvalidRequestError, MissingObjectError
from inlier_cluster.catalogues import read
from inlier_cluster.fetching import fetched
from inlier_cluster.records import Catalogue

PICTURES = {f"item {number}": drawn(number) for number in range(6)}
IDS = list(PICTURES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The pictures as files."""
    made = tmp_path / "pictures"
    made.mkdir()
    for item, content in PICTURES.items():
        (made / f"{item}.png").write_bytes(content)
    return made


def write(path: Path, *, rows: int = 2, **columns: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, row_group_size=rows)
    return str(path)


def contents(catalogue: Catalogue, folder: Path) -> dict[str, list[bytes | str]]:
    """What a task gets of each item: files, or why there is none."""
    with fetched(catalogue.records, folder / "fetched") as (local, known):
        return {
            item: [
                known[path].error or (folder / "fetched" / os.fsdecode(path)).read_bytes()
                for path in paths
            ]
            for item, paths, _ in local
        }


def forms() -> dict[str, Any]:
    """The picture column in each form that it may have."""
    several = [[content, drawn(99)] for content in PICTURES.values()]
    structs = [{"bytes": content, "path": "x/photo.png"} for content in PICTURES.values()]
    named = [{"bytes": None, "path": f"{item}.png"} for item in IDS]
    return {
        "bytes": pa.array(PICTURES.values(), pa.binary()),
        "large bytes": pa.array(PICTURES.values(), pa.large_binary()),
        "structs": structs,
        "structs with paths": named,
        "paths": [f"{item}.png" for item in IDS],
        "paths in a dictionary": pa.array([f"./{item}.png" for item in IDS]).dictionary_encode(),
        "lists of bytes": several,
        "lists of structs": [[one] for one in structs],
        "lists of paths": [[f"{item}.png", f"{IDS[0]}.png"] for item in IDS],
    }


@pytest.mark.parametrize("form", forms())
def test_pictures_of_every_form(form: str, folder: Path, tmp_path: Path) -> None:
    source = write(folder / "items.parquet", id=IDS, image=forms()[form])
    found = contents(read(source), tmp_path)
    assert {item: each[0] for item, each in found.items()} == PICTURES
    if form == "lists of bytes":
        assert all(each[1] == drawn(99) for each in found.values())
    if form == "lists of paths":
        assert [len(each) for each in found.values()] == [1, 2, 2, 2, 2, 2]  # one was there twice


def test_metadata_are_those_of_a_table(folder: Path) -> None:
    columns = {
        "sku": pa.array(range(6)),
        "photo": [f"{item}.png" for item in IDS],
        "title": ["a", None, "", "größe", 'a "quoted", text', "f"],
        "price": pa.array([1.5, 2.0, None, 0.1, 1e20, -3.25], pa.float32()),
        "count": pa.array([1, None, 3, 4, 5, 6]),
        "sold": [True, False, None, True, True, True],
        "day": pa.array([0, 1, 2, None, 4, 5], pa.date32()),
        "at": pa.array([0, 1, 2, None, 4, 5], pa.timestamp("ms", "UTC")),
        "colour": pa.array(["red", "blue", None] * 2).dictionary_encode(),
        "id of somebody": IDS,
        "ends": pa.array([1.0, float("nan"), 2.0, 3.0, 4.0, 5.0]),
    }
    table = pa.table(columns)
    csv.write_csv(table.set_column(10, "ends", pa.array([1, None, 2, 3, 4, 5])), folder / "t.csv")
    mapping = {"id": "SKU", "image": "photo", "name": "title"}
    pq.write_table(
        table.append_column("codes", pa.array([[1]] * 6)).append_column("raw", [[b"\xff"] * 6]),
        folder / "t.parquet",
        row_group_size=4,
    )
    wanted = read_catalogue(folder / "t.csv", mapping)
    got = read(str(folder / "t.parquet"), mapping)
    assert got.records == wanted.records and got.rejected == wanted.rejected == []
    assert dict(got.records[3][2])["name"] == "größe" and got.records[0][0] == "0"


def test_rows_that_have_nothing(folder: Path, tmp_path: Path) -> None:
    ids = ["a", None, "c", "d", "a", "f"]
    pictures = [b"1", b"2", None, b"", b"3", b"not read"]
    source = write(tmp_path / "x.parquet", id=ids, image=pa.array(pictures, pa.binary()))
    catalogue = read(source)
    assert catalogue.rejected == ["x.parquet, row 1: no id"]
    assert contents(catalogue, tmp_path) == {
        "a": [b"1", b"3"],
        "c": ["there is no picture in it"],
        "d": ["there is no picture in it"],
        "f": [b"not read"],
    }
    paths = ["", None, "https://example.com/a.jpg", "none.png", "../b.png", "/a/b.png"]
    catalogue = read(write(tmp_path / "y.parquet", id=IDS, image=paths))
    assert catalogue.rejected[:2] == ["y.parquet, row 0: no image", "y.parquet, row 1: no image"]
    assert "https://example.com/a.jpg is a URL" in catalogue.rejected[2]
    above = os.fsencode(tmp_path.parent / "b.png")
    wanted = [[os.fsencode(tmp_path / "none.png")], [above], [b"/a/b.png"]]
    assert [record[1] for record in catalogue.records] == wanted
    assert read(write(tmp_path / "z.parquet", id=pa.array([], pa.string()), image=[])).records == []


def test_files_may_order_their_columns_differently(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"id": ["a", "b"], "image": [b"1", b"2"]}
    columns |= {"image.of": ["x", "y"], "note": ["n", "m"]}
    write(tmp_path / "parts/0.parquet", **columns)
    turned = dict(reversed(columns.items())) | {"id": ["c", "d"]}
    write(tmp_path / "parts/1.parquet", **turned)
    catalogue = read(str(tmp_path / "parts"))
    assert contents(catalogue, tmp_path) == {"a": [b"1"], "b": [b"2"], "c": [b"1"], "d": [b"2"]}
    noted = [("image.of", "y"), ("note", "m")]
    assert sorted(catalogue.records[1][2]) == sorted(catalogue.records[3][2]) == noted


def test_paths_begin_where_images_says(folder: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "x.parquet", id=IDS, image=[f"{item}.png" for item in IDS])
    images = folder.as_uri()
    found = contents(read(source, None, images), tmp_path)
    assert {item: each[0] for item, each in found.items()} == PICTURES


def test_what_is_no_catalogue(tmp_path: Path) -> None:
    write(tmp_path / "a/1.parquet", id=["1"], picture=[b"1"])
    with pytest.raises(InvalidRequestError, match="no column 'image'; it has: id, picture"):
        read(str(tmp_path / "a"))
    with pytest.raises(InvalidRequestError, match="no column 'sku', which 'id' should be"):
        read(str(tmp_path / "a"), {"id": "sku", "image": "picture"})
    write(tmp_path / "a/2.parquet", id=["1"], photo=[b"1"])
    with pytest.raises(InvalidRequestError, match=r"2\.parquet: its columns are not those of"):
        read(str(tmp_path / "a"), {"image": "picture"})
    with pytest.raises(InvalidRequestError, match="column 'image' is int64, which is no picture"):
        read(write(tmp_path / "b.parquet", id=["1"], image=[1]))
    for content in (b"", b"id,image\na,b\n", (tmp_path / "b.parquet").read_bytes()[:-9]):
        (tmp_path / "c.parquet").write_bytes(content)
        with pytest.raises(InvalidRequestError, match=r"c\.parquet: it cannot be read as Parquet"):
            read(str(tmp_path / "c.parquet"))
    with pytest.raises(MissingObjectError, match=r"none\.parquet"):
        read(str(tmp_path / "none.parquet"))
    with pytest.raises(InvalidRequestError, match="none: no such catalogue"):
        read(str(tmp_path / "none"))
    source = write(tmp_path / "d.parquet", id=["1"], image=[b"1"])
    catalogue = read(source)
    os.unlink(source)
    with pytest.raises(MissingObjectError, match=r"d\.parquet"):  # a node that does not see it
        contents(catalogue, tmp_path)


def test_a_damaged_group_costs_its_own_rows(tmp_path: Path) -> None:
    pictures = pa.array(PICTURES.values(), pa.binary())
    source = Path(write(tmp_path / "x.parquet", id=IDS, image=pictures))
    catalogue = read(str(source))
    column = pq.ParquetFile(source).metadata.row_group(1).column(1)
    content = bytearray(source.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    content[start : start + 40] = bytes(40)
    source.write_bytes(content)
    found = contents(catalogue, tmp_path)
    for item in IDS[:2] + IDS[4:]:
        assert found[item] == [PICTURES[item]]
    assert all("cannot be read as Parquet" in str(found[item][0]) for item in IDS[2:4])


def test_pictures_are_not_read_with_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = [os.urandom(1 << 20) for _ in range(40)]
    ids = [str(number) for number in range(40)]
    source = write(tmp_path / "x.parquet", rows=4, id=ids, image=pa.array(large, pa.binary()))
    amounts, pread = [], os.pread

    def counted(handle: int, length: int, start: int) -> bytes:
        amounts.append(length)
        return pread(handle, length, start)

    monkeypatch.setattr(os, "pread", counted)
    catalogue = read(source)
    assert len(catalogue.records) == 40 and sum(amounts) < 2 << 20
    amounts.clear()
    catalogue.records = catalogue.records[4:6]
    assert list(contents(catalogue, tmp_path).values()) == [[one] for one in large[4:6]]
    assert sum(amounts) < 6 << 20  # a group of four


def test_what_tells_one_catalogue_from_another(tmp_path: Path) -> None:
    pictures = [b"a" * 1000, b"b" * 1000]
    first = read(write(tmp_path / "1/x.parquet", id=["1", "2"], image=pictures)).identity
    assert read(write(tmp_path / "2/x.parquet", id=["1", "2"], image=pictures)).identity == first
    for number, image in enumerate(([b"a" * 1001, b"b" * 1000], [b"a" * 1000, b"c" * 1000])):
        other = read(write(tmp_path / f"3/{number}/x.parquet", id=["1", "2"], image=image))
        assert other.identity != first


def test_pyarrow_may_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "x.parquet", id=["1"], image=[b"1"])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InvalidRequestError, match=r"pip install 'inlier-cluster\[parquet\]'"):
        read(source)


@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="there is no program; scripts/build")
def test_a_build_has_the_same_pieces_as_one_from_a_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    wanted, from_folder = build(str(folder), tmp_path / "a")
    # Of the last item only the second picture can be read: it places it.
    bad = (folder / "broken.png").read_bytes()
    images = [[PICTURES[item]] for item in IDS[:5]] + [[bad], [bad, PICTURES[IDS[5]]]]
    ids = [*IDS[:5], "broken", IDS[5]]
    parquet = tmp_path / "parquet"
    write(parquet / "0.parquet", id=ids[:3], image=images[:3])
    write(parquet / "1.parquet", id=ids[3:], image=images[3:])
    made, from_parquet = build(str(parquet), tmp_path / "b")
    assert (from_folder.items, from_folder.failed) == (6, 1)
    assert (from_parquet.items, from_parquet.failed) == (6, 2)
    assert f"broken: {parquet}/1.parquet, row 2, image: " in "".join(from_parquet.examples)
    photo = PICTURES[IDS[3]]
    assert pieces(made, tmp_path / "c", photo) == pieces(wanted, tmp_path / "d", photo)
    # The names of its pictures are stored, and are the same in each build.
    with inlier.open(tmp_path / "c/0") as database:
        stored = [one.name for item in database.items() for one in item.pictures]
    assert stored and all(one.startswith("/proc/self/cwd/") for one in stored)
