"""The job of a build: what it makes, and how it goes on after it was cut off."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from inlier_cluster.build import Build, BuildError, Job
from inlier_cluster.collection import Collection
from inlier_cluster.generations import download
from inlier_cluster.indexing import Indexing, run
from inlier_cluster.progress import Progress
from local_cluster import LocalCluster, alive, raylet_of, tree, until
from tested_service import DATA, item_of

PICTURES = sorted((DATA / "smvs-museum/catalogue").glob("*"))[:24]
pytest_plugins = ("service_fixtures",)
pytestmark = pytest.mark.skipif(not PICTURES, reason=f"no pictures in {DATA}")


def write_table(folder: Path, rows: list[dict[str, object]]) -> Path:
    table = folder / "items.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return table


def rows() -> list[dict[str, object]]:
    return [{"id": item_of(one), "image": str(one), "room": one.stem} for one in PICTURES]


def job(catalogue: Path, folder: Path, program: str, shards: int = 3, batch: int = 10) -> Job:
    indexing = Indexing(program=program, scratch=str(folder / "scratch"))
    url = str(folder / "collection")
    build = Build(str(catalogue), url, shards, indexing, sample=12, batch=batch)
    return Job(build, Progress(None))


def items(collection: Collection, folder: Path, program: str) -> dict[str, int]:
    """The virtual shard of each item."""
    found: dict[str, int] = {}
    for shard in range(len(collection.root.shards)):
        download(collection, shard, folder / f"{shard}")
        said = run([program, "list", "--db", str(folder / f"{shard}"), "--format", "jsonl"], 60)
        found |= {json.loads(line)["id"]: shard for line in said.splitlines()}
    return found


def test_a_build_that_was_cut_off_goes_on(
    cluster: LocalCluster, tmp_path: Path, program: str
) -> None:
    # A program that fails for the virtual shard that has the first item.
    broken = tmp_path / "broken"
    first = f'"id": "{item_of(PICTURES[0])}"'
    broken.write_text(
        f'#!/bin/sh\ncase "$*" in *--vocabulary*) if grep -qF \'{first}\' "$2"\n'
        f'then echo no disk >&2; exit 3; fi;; esac\nexec {program} "$@"\n'
    )
    broken.chmod(0o755)
    table = write_table(tmp_path, rows())
    with pytest.raises(BuildError, match="no disk"):
        job(table, tmp_path, str(broken)).run()
    assert Collection.open(str(tmp_path / "collection")).root.number == 1

    built = job(table, tmp_path, program).run()
    assert built.found == 3 + 2  # batches of ten, and the other shards
    assert built.outcome.items == len(PICTURES)
    again = job(table, tmp_path, program).run()
    assert again.root == built.root  # nothing is made or published twice

    collection = Collection.open(str(tmp_path / "collection"))
    assert set(items(collection, tmp_path, program)) == {item_of(one) for one in PICTURES}


def test_copies_of_a_picture_meet_and_what_cannot_be_read_is_named(
    cluster: LocalCluster, tmp_path: Path, program: str
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff no picture")
    copies: list[dict[str, object]] = [
        {"id": f"copy {n}", "image": str(PICTURES[0])} for n in range(5)
    ]
    table = write_table(tmp_path, [*rows(), *copies, {"id": "bad", "image": str(bad)}])
    built = job(table, tmp_path, program).run()
    assert built.outcome.items == len(PICTURES) + 5
    assert built.outcome.failed == 1
    assert built.outcome.examples[0].startswith("bad: ")
    placed = items(Collection.open(str(tmp_path / "collection")), tmp_path, program)
    assert len({placed[f"copy {n}"] for n in range(5)} | {placed[item_of(PICTURES[0])]}) == 1
    assert len(set(placed.values())) == 3


def test_the_pieces_of_another_catalogue_are_not_taken(
    cluster: LocalCluster, tmp_path: Path, program: str
) -> None:
    job(write_table(tmp_path, rows()), tmp_path, program).run()
    with pytest.raises(BuildError, match="something else"):
        job(write_table(tmp_path, rows()[1:]), tmp_path, program).run()


def test_a_build_from_parquet_goes_on_when_a_file_was_away(
    cluster: LocalCluster, tmp_path: Path, program: str
) -> None:
    for file in range(2):
        some = PICTURES[file * 6 : file * 6 + 6]
        pictures = [{"bytes": one.read_bytes(), "path": one.name} for one in some]
        table = pa.table({"id": [item_of(one) for one in some], "image": pictures})
        pq.write_table(table, tmp_path / f"{file}.parquet", row_group_size=2)
    # A program that takes a file away when the pictures of the vocabulary have been read.
    taking, away = tmp_path / "taking", tmp_path / "away"
    taking.write_text(
        f'#!/bin/sh\n[ "$1" != vocabulary ] || mv {tmp_path}/1.parquet {away}\n'
        f'exec {program} "$@"\n'
    )
    taking.chmod(0o755)
    shards = 40  # so that some have no items
    with pytest.raises(BuildError, match=r"placing: .*1\.parquet: there is no such object"):
        job(tmp_path, tmp_path, str(taking), shards, batch=6).run()
    away.rename(tmp_path / "1.parquet")
    built = job(tmp_path, tmp_path, program, shards, batch=6).run()
    assert (built.outcome.items, built.outcome.failed, built.found) == (12, 0, 1)
    assert not list((tmp_path / "scratch").glob("*/*.pictures"))


def test_a_lost_node_costs_what_ran_there(
    cluster: LocalCluster, tmp_path: Path, program: str
) -> None:
    # A program that says that it has begun, and waits for a word.
    slow = tmp_path / "slow"
    slow.write_text(
        f'#!/bin/sh\ncase "$*" in *--vocabulary*) touch {tmp_path}/begun.$$\n'
        f'until [ -e {tmp_path}/go ]; do sleep 0.1; done;; esac\nexec {program} "$@"\n'
    )
    slow.chmod(0o755)
    work = job(write_table(tmp_path, rows()), tmp_path, str(slow))
    with ThreadPoolExecutor(1) as pool:
        built = pool.submit(work.run)
        until(lambda: len(list(tmp_path.glob("begun.*"))) == 3, 60, "all shards have begun")
        begun = {int(one.suffix[1:]) for one in tmp_path.glob("begun.*")}
        node = next(one for one in cluster.nodes if begun & set(tree(raylet_of(one))))
        lost = begun & set(tree(raylet_of(node)))
        cluster.kill_raylet(node)
        until(lambda: not any(map(alive, lost)), 20, "what ran there has ended")
        (tmp_path / "go").touch()
        assert built.result(60).outcome.items == len(PICTURES)
    again = len(list(tmp_path.glob("begun.*"))) - 3
    assert again == len(lost)
    cluster.add_node()
