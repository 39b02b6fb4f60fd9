"""Compaction on a Ray cluster: a task a virtual shard, and one root at the end.

A shard whose task has failed keeps its generation, and the others are published all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ray

from inlier_cluster.collection import Collection
from inlier_cluster.compact import Compaction, compact, remove_unneeded
from inlier_cluster.progress import Progress
from inlier_cluster.remote import RemoteError, ask
from inlier_cluster.root import Root
from inlier_cluster.scratch import make_scratch

_LOST_NODES = 10
_RESULT_DEADLINE_S = 60.0


@dataclass
class Compacted:
    """What came of it."""

    root: int
    operations: int
    removed: int  # objects that nobody can need any more
    failed: dict[int, str]  # shards, and why


def compact_shard(url: str, base: Root, shard: int, until: int, scratch: str) -> Compaction:
    """A task: makes the next generation of a shard."""
    return compact(Collection.open(url), base, shard, make_scratch(scratch), until)


def compact_all(url: str, cpus: float, scratch: str, progress: Progress) -> Compacted:
    """Folds the changes up to now into new generations of all shards. Raises SupersededError when
    somebody else has compacted meanwhile, and ClusterError of the storage."""
    collection = Collection.open(url)
    base, until = collection.root, collection.latest_change()
    task: Any = ray.remote(compact_shard).options(num_cpus=cpus, max_retries=_LOST_NODES)
    running = {
        task.remote(url, base, shard, until, scratch): shard for shard in range(len(base.shards))
    }
    progress.begin("compacting", sum(one.items for one in base.shards))
    made: list[Compaction] = []
    failed: dict[int, str] = {}
    while running:
        ended, _ = ray.wait(list(running), timeout=1.0)
        progress.show()
        for reference in ended:
            shard = running.pop(reference)
            try:
                made.append(ask(reference, _RESULT_DEADLINE_S))
            except RemoteError as error:
                failed[shard] = str(error)
            progress.advance(base.shards[shard].items)
    progress.end()
    new = [one.generation for one in made if one.generation != base.shards[one.generation.shard]]
    if new:
        collection.swap(new, base)
    removed = remove_unneeded(collection)
    operations = sum(one.operations for one in made)
    return Compacted(collection.root.number, operations, removed, failed)
