"""An import at the gateway of a cluster, which the writer of a collection takes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from inlier_cluster.child import Child
from inlier_cluster.collection import Collection
from inlier_cluster.generations import upload
from inlier_cluster.indexing import Indexing, make_database, train
from inlier_cluster.served_shard import ServedShard
from inlier_cluster.writer import Writer
from local_cluster import ROOT, until
from tested_service import DATA

PICTURES = sorted((DATA / "smvs-museum/catalogue").glob("*"))[:24]
PROGRAM = os.environ.get("INLIER_PROGRAM", str(ROOT / "build/release/inlier"))
pytestmark = pytest.mark.skipif(not PICTURES, reason=f"no pictures in {DATA}")
Table = list[tuple[str, Any]]


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    """One virtual shard with four items."""
    how = Indexing(program=PROGRAM, scratch=str(tmp_path / "scratch"))
    records = [(one.stem, [os.fsencode(one)], [("room", "1")]) for one in PICTURES[:4]]
    trained, recipe = train(records, how)
    url = str(tmp_path / "collection")
    made = Collection.create(url, recipe=recipe, vocabulary=trained, shards=1)
    vocabulary = tmp_path / "vocabulary"
    vocabulary.write_bytes(made.vocabulary())
    make_database(records, tmp_path / "db", how, vocabulary)
    made.swap([upload(made, 0, tmp_path / "db")], made.root)
    return Collection.open(url)


@pytest.fixture
def shard(collection: Collection, tmp_path: Path) -> Iterator[ServedShard]:
    made = ServedShard(collection, 0, tmp_path / "served")
    made.load()
    made.start(PROGRAM, "127.0.0.1", ["--log", "none"])
    made.wait_until_ready()
    yield made
    made.stop()


@pytest.fixture
def gateway(collection: Collection, shard: ServedShard, tmp_path: Path) -> Iterator[httpx.Client]:
    writer = Writer(collection)
    file = tmp_path / "gateway" / "cluster.json"
    file.parent.mkdir()
    replica = {"url": shard.url(), "epoch": 0, "applied": 0}
    content = {
        "version": 1,
        "collection_version": 0,
        "writer": writer.url,
        "shards": [{"shard": 0, "items": 4, "replicas": [replica]}],
    }
    file.write_text(json.dumps(content))
    command = [PROGRAM, "serve", "--cluster", str(file), "--listen", "127.0.0.1:0"]
    child = Child(command, tmp_path / "gateway.log", 20.0)
    with httpx.Client(base_url=child.url, timeout=20.0) as client:
        until(lambda: client.get("/readyz").status_code == 200, 20.0, "the gateway is ready")
        yield client
    child.stop()
    writer.close()


def imported(gateway: httpx.Client, table: str) -> dict[str, Any]:
    """The job of a table and all pictures, once it is over."""
    files: Table = [("picture", (one.name, one.read_bytes())) for one in PICTURES]
    files += [("table", ("items.csv", table.encode())), ("picture", ("no.jpg", b"no"))]
    accepted = gateway.post("/v1/import", files=files)
    assert accepted.status_code == 202, accepted.text
    job: dict[str, Any] = {}

    def over() -> bool:
        job.update(gateway.get(accepted.headers["Location"]).raise_for_status().json())
        return job["state"] in ("done", "failed")

    until(over, 60.0, "the import is over")
    return job


def test_what_is_imported_is_in_the_storage_and_is_found(
    collection: Collection, shard: ServedShard, gateway: httpx.Client
) -> None:
    rows = [f"room/{one.stem},{one.name},{number}" for number, one in enumerate(PICTURES)]
    table = "\n".join(["id,image,number", *rows, "bad,no.jpg,1", "gone,nowhere.jpg,2", ""])
    job = imported(gateway, table)
    assert (job["state"], job["done"], job["total"]) == ("done", 26, 26)
    assert job["failed"] == 2
    assert sorted(message.split(":")[0] for message in job["messages"]) == ["bad", "gone"]

    # All of it is durable when the job is done, in fewer changes than items.
    changes = list(collection.changes_after(0))
    assert 1 <= len(changes) < len(PICTURES)
    puts = [one.item for change in changes for one in change.operations]
    assert sorted(puts) == sorted(f"room/{one.stem}" for one in PICTURES)
    shard.apply(changes)
    item = gateway.get(f"/v1/items/room%2F{PICTURES[7].stem}").raise_for_status().json()
    assert item["metadata"] == {"number": "7"}
    reply = gateway.post(
        "/v1/query",
        content=PICTURES[7].read_bytes(),
        headers={"Content-Type": "application/octet-stream"},
    )
    assert f"room/{PICTURES[7].stem}" in [hit["id"] for hit in reply.json()["hits"]]
