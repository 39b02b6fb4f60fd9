"""Catalogues in a bucket of a real S3 server: folders, tables and Parquet are what they are on
disk, and a build from them has the same pieces."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from built_here import PROGRAM, build, pieces
from conftest import drawn
from inlier.sources import read_catalogue
from inlier_cluster import (
    InvalidRequestError,
    MissingObjectError,
    StorageRefusedError,
    StorageUnavailableError,
)
from inlier_cluster.bucket_catalogue import read_pictures
from inlier_cluster.catalogues import read
from inlier_cluster.fetching import fetch
from inlier_cluster.range_file import bucket_of
from inlier_cluster.records import Cell, Stored
from inlier_cluster.store import Entry
from s3_server import BUCKET, Fault, S3Server, serving
from s3_server import PROGRAM as SERVER

pytestmark = pytest.mark.skipif(
    not SERVER.exists(), reason="there is no S3 server; scripts/cluster-s3 makes it"
)
ROOT_URL = f"s3://{BUCKET}"
PICTURES = [drawn(number) for number in range(6)]
# How the names of pictures become ids: endings, folders, odd letters, hidden ones, of any name.
NAMES = ["a.jpg", "b c.PNG", "ü#1%41.webp", "sub/a.jpeg", "sub/deep/x?.tif", "photo"]
OTHERS = {"notes.txt": b"text", ".hidden.jpg": b"x", ".git/a.jpg": b"x", "sub/a.gif": PICTURES[0]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with serving(tmp_path_factory.mktemp("s3")) as made:
        bucket_of.cache_clear()
        yield made


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    for name, content in {**dict(zip(NAMES, PICTURES, strict=True)), **OTHERS}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def url(server: S3Server, tmp_path: Path) -> str:
    """The address of a folder of its own, in which nothing is."""
    return f"{ROOT_URL}/{tmp_path.name}"


def put(url: str, content: bytes) -> str:
    obstore.put(bucket_of(ROOT_URL)._objects, url.removeprefix(ROOT_URL), content)
    return url


def upload(folder: Path, url: str) -> str:
    for path in folder.rglob("*"):
        if path.is_file():
            put(f"{url}/{path.relative_to(folder)}", path.read_bytes())
    return url


def addresses(catalogue: str, **options: str) -> dict[str, list[object]]:
    """Where the pictures of each item are."""
    records = read(catalogue, None, options.get("images")).records
    return {
        item: [one.address if isinstance(one, Stored) else one for one in pictures]
        for item, pictures, _ in records
    }


def test_a_folder_is_what_it_is_on_disk(tree: Path, url: str) -> None:
    upload(tree, url)
    on_disk = read_catalogue(tree)
    for written in (url, f"{url}/"):
        catalogue = read(written)
        assert [one[0] for one in catalogue.records] == [one[0] for one in on_disk.records]
        assert catalogue.rejected == list(on_disk.rejected) and len(catalogue.rejected) == 1
    for item, paths, _ in on_disk.records:
        path = Path(os.fsdecode(paths[0]))
        assert addresses(url)[item] == [f"{url}/{path.relative_to(tree)}"]
    assert list(addresses(f"{url}/sub/deep")) == ["x?"]
    first = read(url).identity
    assert read(url).identity == first
    put(f"{url}/notes.txt", b"other text")
    assert read(url).identity == first  # it is no picture
    put(f"{url}/a.jpg", PICTURES[1])
    assert read(url).identity != first


def test_names_that_no_folder_can_have() -> None:
    sizes = {"made/": 0, "made/a.jpg": 5, "b": 9, "b/c.jpg": 5, "d" * 300 + ".jpg": 5, "e": 0}
    here = {name.strip("/"): Entry(name.strip("/"), size, "") for name, size in sizes.items()}
    catalogue = read_pictures(ROOT_URL, here)
    assert [one[0] for one in catalogue.records] == ["b/c", "made/a"]
    assert catalogue.rejected == [
        "b: other names go on behind it, as if it were a folder",
        "d" * 300 + ".jpg: File name too long",
    ]


def test_a_table_has_its_pictures_beside_it_or_at_urls(url: str) -> None:
    rows = [
        '1,a.jpg,"a, b"',
        "2,./sub/../sub/b%20c.jpg,",
        f"3,../up.jpg;{ROOT_URL}/elsewhere/d.jpg,see {ROOT_URL}/x",
        "4,gs://other/größe/e.jpg,",
        "5,/disk/f.jpg,",
        "6,https://example.com/g.jpg,",
        "7,file:///disk/h%20i.jpg,",
    ]
    text = "id,image,note\n" + "".join(row + "\n" for row in rows)
    table = put(f"{url}/shop/items.csv", text.encode())
    wanted = {
        "1": [f"{url}/shop/a.jpg"],
        "2": [f"{url}/shop/sub/b%20c.jpg"],
        "3": [f"{url}/up.jpg", f"{ROOT_URL}/elsewhere/d.jpg"],
        "4": ["gs://other/größe/e.jpg"],
        "5": [b"/disk/f.jpg"],
        "7": [b"/disk/h i.jpg"],
    }
    assert addresses(table) == wanted
    catalogue = read(table)
    assert dict(catalogue.records[2][2]) == {"note": f"see {ROOT_URL}/x"}
    assert "https://example.com/g.jpg is a URL" in catalogue.rejected[0]
    assert addresses(table, images=f"{url}/other")["1"] == [f"{url}/other/a.jpg"]
    escaped = json.dumps({"id": f"{url}/1", "image": [f"{ROOT_URL}/a/b.jpg"]}).replace("/", "\\/")
    put(f"{url}/folder/catalogue.jsonl", escaped.encode())
    put(f"{url}/folder/c.jpg", b"")
    assert addresses(f"{url}/folder") == {f"{url}/1": [f"{ROOT_URL}/a/b.jpg"]}
    with pytest.raises(InvalidRequestError, match="no column 'sku'"):
        read(table, {"id": "sku"})


def test_parquet_in_a_bucket(url: str, tmp_path: Path) -> None:
    paths = ["a.png", f"{url}/b.png", None]
    images = [{"bytes": None, "path": one} for one in paths[:2]] + [{"bytes": b"c", "path": None}]
    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"id": ["1", "2", "3"], "image": images}), file)
    put(f"{url}/data/x.parquet", file.read_bytes())
    put(f"{url}/data/a.png", b"a")
    put(f"{url}/b.png", b"b")
    for source in (f"{url}/data/x.parquet", f"{url}/data"):
        records = read(source).records
        found = fetch([one for _, pictures, _ in records for one in pictures], tmp_path / "here")
        contents = [(tmp_path / "here" / os.fsdecode(one[0].path)) for one in found.values()]
        assert [one.read_bytes() for one in contents] == [b"a", b"b", b"c"]


def test_what_cannot_be_had(url: str, server: S3Server, tmp_path: Path) -> None:
    there, not_there = Stored(put(f"{url}/a.jpg", b"a")), Stored(f"{url}/b.jpg")
    refused = Stored("s3://no-such-bucket/c.jpg")
    found = fetch([there, not_there, refused], tmp_path)
    assert [each[0].error for each in found.values()][:2] == ["", "there is no such object"]
    assert "no such bucket" in found[refused][0].error
    with pytest.raises(StorageRefusedError, match="no such bucket"):
        fetch([refused], tmp_path)
    with pytest.raises(MissingObjectError, match="there is nothing"):
        read(f"{url}/none")
    put(f"{url}/texts/a.txt", b"text")
    with pytest.raises(InvalidRequestError, match=f"{url}/texts: no picture in it"):
        read(f"{url}/texts")
    table = io.BytesIO()
    pq.write_table(pa.table({"id": ["1"], "image": [b"1"]}), table)
    cell = Cell(put(f"{url}/x.parquet", table.getvalue()), 0, "image", url)
    assert fetch([cell], tmp_path)[cell][0].error == ""
    with server.door.broken(Fault("refuse", "GET ")), pytest.raises(StorageUnavailableError):
        fetch([cell], tmp_path)  # its size is still told
    with server.door.broken(Fault("refuse")):
        with pytest.raises(StorageUnavailableError):
            fetch([there], tmp_path)
        with pytest.raises(StorageUnavailableError):
            read(url)


@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="there is no program; scripts/build")
def test_a_build_has_the_same_pieces_as_one_from_a_folder(
    tree: Path, url: str, tmp_path: Path
) -> None:
    shutil.rmtree(tree / "sub")
    wanted, _ = build(str(tree), tmp_path / "a")
    made, outcome = build(upload(tree, url), tmp_path / "b")
    assert (outcome.items, outcome.failed) == (4, 0)
    photo = PICTURES[2]
    assert pieces(made, tmp_path / "c", photo) == pieces(wanted, tmp_path / "d", photo)
