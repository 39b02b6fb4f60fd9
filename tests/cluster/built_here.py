"""Builds a collection in this process, by the steps of the job of a build and without Ray, and says
what came of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import inlier
from inlier_cluster.build_tasks import Shard, index_shard, place_batch
from inlier_cluster.catalogues import read
from inlier_cluster.collection import Collection
from inlier_cluster.generations import download
from inlier_cluster.indexing import Indexing, Outcome, run, train
from local_cluster import ROOT

PROGRAM = os.environ.get("INLIER_PROGRAM", str(ROOT / "build/release/inlier"))
SHARDS = 3


def build(source: str, folder: Path, images: str | None = None) -> tuple[Collection, Outcome]:
    """The pictures of only two items are here at a time."""
    how = Indexing(PROGRAM, "orb", scratch=str(folder / "scratch"), portion=2)
    catalogue = read(source, None, images, how.scratch)
    vocabulary, recipe = train(catalogue.records, how)
    url = str(folder / "collection")
    made = Collection.create(url, recipe=recipe, vocabulary=vocabulary, shards=SHARDS)
    placed = place_batch(url, "build", 0, catalogue.records, how)
    shards: list[Shard] = []
    for shard in range(SHARDS):
        records = [
            record for at, record in zip(placed, catalogue.records, strict=True) if at == shard
        ]
        shards.append(index_shard(url, "build", shard, records, how))
    made.swap([one.generation for one in shards if one.generation.number], made.root)
    total = Outcome()
    for one in shards:
        total.add(one.outcome)
    assert not [one for one in (folder / "scratch").glob("*/*") if one.name != "lock"]
    return made, total


def pieces(collection: Collection, folder: Path, photo: bytes) -> dict[str, Any]:
    """All that a client can learn of the items and of a photo, but the names of pictures."""
    items: dict[str, Any] = {}
    hits: list[Any] = []
    for shard in range(SHARDS):
        download(collection, shard, folder / f"{shard}")
        said = run([PROGRAM, "list", "--db", str(folder / f"{shard}"), "--format", "jsonl"], 60)
        for line in said.splitlines():
            item = json.loads(line)
            pictures = [one["content_hash"] for one in item["pictures"]]
            items[item["id"]] = (shard, pictures, item["features"], item["metadata"])
        with inlier.open(folder / f"{shard}") as database:
            hits += [(hit.id, hit.inliers, hit.score) for hit in database.query(photo).hits]
    return {"items": items, "hits": sorted(hits)}
