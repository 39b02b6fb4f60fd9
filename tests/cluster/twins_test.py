"""Twins in different virtual shards: the objects that hold them, and the job that finds them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from conftest import ORB
from inlier_cluster import Collection, twin_pairs
from inlier_cluster.gateway import TwinsFile
from inlier_cluster.restore import restore
from inlier_cluster.twin_pairs import TwinPair
from inlier_cluster.verify import verify
from local_cluster import LocalCluster, until
from tested_service import DATA, item_of

PICTURES = sorted((DATA / "smvs-museum/catalogue").glob("*"))[:24]
pytest_plugins = ("service_fixtures",)

A = TwinPair(0, "aa", 2, "cc", 0.75)
B = TwinPair(1, "bb", 2, "cc", 0.5)


def test_the_newest_pairs_that_are_whole_count(shop: Collection, url: str) -> None:
    store = shop.store
    assert twin_pairs.newest(store) is None
    assert twin_pairs.publish(store, [B, A, A]).pairs == (A, B)
    assert twin_pairs.publish(store, [A]).number == 2
    read = twin_pairs.newest(store)
    assert read is not None and read.pairs == (A,)
    assert twin_pairs.newest(store, after=2) is None
    newest = Path(url) / twin_pairs.name_of(2)
    newest.write_bytes(newest.read_bytes().replace(b"750000", b"760000"))
    older = twin_pairs.newest(store)
    assert older is not None and older.number == 1
    assert list(verify(shop).problems) == [twin_pairs.name_of(2)]
    assert twin_pairs.publish(store, []).number == 3
    assert twin_pairs.numbers(store) == [2, 3], "older ones go"


def test_a_gateway_gets_a_file_of_the_newest(shop: Collection, url: str, tmp_path: Path) -> None:
    file = TwinsFile(url, tmp_path)
    file.look()
    assert file.name == ""
    twin_pairs.publish(shop.store, [A, B])
    file.look()
    assert file.name == "twins-1.jsonl"
    rows = [json.loads(line) for line in (tmp_path / file.name).read_text().splitlines()]
    assert [TwinPair.of_gateway(row) for row in rows] == [A, B]
    twin_pairs.publish(shop.store, [B])
    file.look()
    assert [path.name for path in tmp_path.glob("twins*")] == ["twins-2.jsonl"] == [file.name]


def test_a_copy_has_them_too(shop: Collection, tmp_path: Path) -> None:
    twin_pairs.publish(shop.store, [A])
    restore(shop, str(tmp_path / "copy"))
    copy = Collection.open(str(tmp_path / "copy"))
    read = twin_pairs.newest(copy.store)
    assert read is not None and read.pairs == (A,)
    assert not verify(copy).problems
    assert dict(copy.root.recipe)["extract.method"] == ORB["extract.method"]


def reprinted(picture: Path, folder: Path) -> Path:
    """Another export of the same picture."""
    from PIL import Image

    content = io.BytesIO()
    Image.open(picture).convert("RGB").save(content, "JPEG", quality=60)
    path = folder / f"{picture.stem}-again.jpg"
    path.write_bytes(content.getvalue())
    return path


@pytest.mark.skipif(not PICTURES, reason=f"no pictures in {DATA}")
def test_a_build_finds_what_one_database_finds_and_the_gateway_names_them(
    cluster: LocalCluster, tmp_path: Path, program: str
) -> None:
    import httpx
    from inlier_cluster import serve
    from inlier_cluster.build import Build, Job
    from inlier_cluster.indexing import Indexing, run
    from inlier_cluster.progress import Progress
    from inlier_cluster.twins_job import Gateways, find_twins_of_build

    pictures = [*PICTURES, *(reprinted(one, tmp_path) for one in PICTURES[:8])]
    table = tmp_path / "items.jsonl"
    rows = [
        {"id": item_of(one) if one in PICTURES else one.stem, "image": str(one)} for one in pictures
    ]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    url, scratch = str(tmp_path / "collection"), str(tmp_path / "scratch")
    indexing = Indexing(program=program, scratch=scratch)
    Job(Build(str(table), url, 3, indexing, sample=32), Progress(None)).run()
    collection = Collection.open(url)
    found = find_twins_of_build(collection, program, scratch, Progress(None))

    (tmp_path / "vocabulary").write_bytes(collection.vocabulary())
    one_database = ["--db", str(tmp_path / "one.db")]
    run(
        [program, "index", str(table), *one_database, "--vocabulary", str(tmp_path / "vocabulary")],
        300,
    )
    lines = run([program, "twins", *one_database, "--format", "jsonl"], 60).splitlines()
    pairs = [json.loads(line)["ids"] for line in lines]
    assert len(pairs) == 8
    apart = [ids for ids in pairs if len({shard_of(collection, rows, one) for one in ids}) == 2]
    assert 0 < len(apart) == len(found.pairs)

    service = serve.Service(
        url,
        "twins",
        replicas=1,
        cpus_per_server=0.1,
        cpus_per_gateway=0.1,
        program=program,
        scratch=scratch,
    )
    serve.bring_up(service, 60.0)
    try:
        gateway = Gateways.of_service("twins").urls[0]
        photo = Path(
            str(next(row["image"] for row in rows if row["id"] == apart[0][0]))
        ).read_bytes()
        headers = {"Content-Type": "application/octet-stream"}

        def named() -> set[str]:
            reply = httpx.post(f"{gateway}/v1/query", content=photo, headers=headers, timeout=10.0)
            hits = reply.json()["hits"]
            return {hits[0]["id"], *hits[0].get("twins", ())} if hits else set()

        until(lambda: named() == set(apart[0]), 20.0, "the answer names the twin")
        groups = httpx.get(f"{gateway}/v1/twins", timeout=10.0).raise_for_status().json()["groups"]
        assert sorted(sorted(group["ids"]) for group in groups) == sorted(map(sorted, pairs))
    finally:
        serve.take_down("twins")


def shard_of(collection: Collection, rows: list[dict[str, str]], item: str) -> int:
    import inlier

    picture = next(row["image"] for row in rows if row["id"] == item)
    return collection.shard_of(
        inlier.pixel_hash(Path(picture), options=dict(collection.root.recipe))
    )
