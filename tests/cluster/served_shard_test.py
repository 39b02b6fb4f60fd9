"""A virtual shard that follows the changes, one by one or all that it has missed at once."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from inlier_cluster.collection import Collection
from inlier_cluster.generations import upload
from inlier_cluster.indexing import Indexing, make_database, train
from inlier_cluster.operations import Operation, merge_metadata, put_item, remove_item
from inlier_cluster.served_shard import ApplyError, ServedShard
from local_cluster import ROOT, tree, until
from tested_service import DATA

PICTURES = sorted((DATA / "smvs-museum/catalogue").glob("*"))[:8]
PROGRAM = os.environ.get("INLIER_PROGRAM", str(ROOT / "build/release/inlier"))
pytestmark = pytest.mark.skipif(not PICTURES, reason=f"no pictures in {DATA}")


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    """One virtual shard with four items, and after it changes of every kind."""
    how = Indexing(program=PROGRAM, scratch=str(tmp_path / "scratch"))
    records = [(one.stem, [os.fsencode(one)], [("room", "1")]) for one in PICTURES[:4]]
    trained, recipe = train(records, how)
    made = Collection.create(
        str(tmp_path / "collection"), recipe=recipe, vocabulary=trained, shards=1
    )
    vocabulary = tmp_path / "vocabulary"
    vocabulary.write_bytes(made.vocabulary())
    make_database(records, tmp_path / "db", how, vocabulary)
    made.swap([upload(made, 0, tmp_path / "db")], made.root)

    payloads = [made.put_payload(one.read_bytes()) for one in PICTURES]
    names = [one.stem for one in PICTURES]

    def put(item: str, *pictures: int) -> Operation:
        return put_item(0, item, [payloads[one] for one in pictures], {"room": "2"})

    made.append([put(names[4], 4), put(names[5], 5, 6)])
    made.append([merge_metadata(0, names[0], {"room": "3", "year": "1650"})])
    made.append([remove_item(0, names[1]), remove_item(0, names[4])])
    made.append([put(names[2], 7)])
    made.append([merge_metadata(0, names[2], {"year": "1700"})])
    made.append([put(names[4], 4, 5)])
    made.append([remove_item(0, names[3])])
    made.append([remove_item(0, "not there")])
    return Collection.open(made.store.url)


@pytest.fixture
def serve(collection: Collection, tmp_path: Path) -> Iterator[list[ServedShard]]:
    """Two replicas."""
    made = []
    for name in ("a", "b"):
        shard = ServedShard(collection, 0, tmp_path / name)
        shard.load()
        shard.start(PROGRAM, "127.0.0.1", ["--log", "none"])
        shard.wait_until_ready()
        made.append(shard)
    yield made
    for shard in made:
        shard.stop()


def items(shard: ServedShard) -> dict[str, tuple[str, int]]:
    """Metadata, and the number of pictures."""
    page = httpx.get(shard.url() + "/v1/items", timeout=10).raise_for_status().json()
    return {
        one["id"]: (json.dumps(one["metadata"], sort_keys=True), len(one["pictures"]))
        for one in page["items"]
    }


def test_catching_up_ends_where_one_change_after_the_other_does(
    collection: Collection, serve: list[ServedShard]
) -> None:
    changes = list(collection.changes_after(0))
    one_by_one, at_once = serve
    one_by_one.apply(changes)
    at_once.catch_up(changes)
    assert one_by_one.applied == at_once.applied == len(changes) == 8
    names = [one.stem for one in PICTURES]
    assert items(one_by_one) == {
        names[0]: ('{"room": "3", "year": "1650"}', 1),
        names[2]: ('{"room": "2", "year": "1700"}', 1),
        names[4]: ('{"room": "2"}', 2),
        names[5]: ('{"room": "2"}', 2),
    }
    assert items(at_once) == items(one_by_one)
    assert one_by_one.items == at_once.items == 4
    one_by_one.apply(changes)  # what was applied is applied once
    assert items(one_by_one) == items(at_once)


def test_a_change_that_is_missing_stops_it(
    collection: Collection, serve: list[ServedShard]
) -> None:
    changes = list(collection.changes_after(0))
    with pytest.raises(ApplyError, match="change 2 is missing"):
        serve[0].apply([changes[0], changes[2]])
    assert serve[0].applied == 0


def test_a_picture_that_cannot_be_read_does_not_stop_it(
    collection: Collection, serve: list[ServedShard]
) -> None:
    bad = collection.put_payload(b"\xff\xd8\xff no picture")
    collection.append([put_item(0, "bad", [bad])])
    serve[0].apply(list(collection.changes_after(0)))
    assert serve[0].applied == 9
    assert serve[0].refused == 1
    assert "bad" not in items(serve[0])


def test_a_child_that_was_killed_goes_on_where_it_was(
    collection: Collection, serve: list[ServedShard]
) -> None:
    changes = list(collection.changes_after(0))
    shard = serve[0]
    shard.apply(changes[:3])
    before = items(shard)
    for pid in tree(os.getpid())[1:]:
        os.kill(pid, signal.SIGKILL)
    until(lambda: shard.url() == "", 10, "it is seen that the child has ended")
    with pytest.raises(ApplyError):
        shard.apply(changes)
    shard.start(PROGRAM, "127.0.0.1", ["--log", "none"])
    shard.wait_until_ready()
    assert items(shard) == before
    shard.apply(changes)
    serve[1].start(PROGRAM, "127.0.0.1", ["--log", "none"])
    serve[1].wait_until_ready()
    serve[1].catch_up(changes)
    assert items(shard) == items(serve[1])
