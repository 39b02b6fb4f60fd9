"""Builds a collection from a catalogue, as a job on a Ray cluster.

1. The catalogue is read: a folder or a table as `inlier index` reads it, or such in a bucket, or
   Parquet. What is known of a picture is where it is; the task that needs it fetches it.
2. A vocabulary is trained on a sample of the items, once, and the collection is created with it.
3. Batches of items are placed: the pixel hash of an item's first picture says which virtual shard
   it belongs to, so that copies of one picture meet.
4. Each virtual shard's database is made by one task and uploaded as a generation.
5. One root object names all generations. Before that, nobody sees any of it.

What a task has finished is written into the collection's storage at once, under the name of the
build. The same command goes on from there: after a crash of the job, or of the whole cluster, only
what ran at that moment is done again. Of a lost node, Ray repeats the tasks that ran there.

The name of a build is the hash of the catalogue and of all that shapes the result, so that another
catalogue cannot go on with the pieces of this one.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ray

from inlier_cluster.build_tasks import Ledger, Shard, index_shard, place_batch
from inlier_cluster.catalogues import read
from inlier_cluster.collection import Collection
from inlier_cluster.errors import ClusterError, MissingObjectError
from inlier_cluster.indexing import Indexing, Outcome, train
from inlier_cluster.progress import Progress
from inlier_cluster.records import Catalogue
from inlier_cluster.remote import RemoteError, ask
from inlier_cluster.root import Generation

MOST_SAMPLED = 120_000  # about as many items as give the largest number of cells
LEAST_SAMPLED = 5_000
SAMPLED_SHARE = 0.05
_LOST_NODES = 10  # how often Ray repeats a task whose node was lost
_RESULT_DEADLINE_S = 60.0  # for the small result of a task that has ended


class BuildError(ClusterError):
    """The collection cannot be built here, or a task has failed."""


@dataclass(frozen=True)
class Build:
    """What `inlier-cluster build` is asked for."""

    catalogue: str
    collection: str
    shards: int = 64
    indexing: Indexing = field(default_factory=Indexing)
    columns: dict[str, str] = field(default_factory=dict)
    images: str | None = None
    sample: int = 0  # items; 0: a twentieth, between LEAST_SAMPLED and MOST_SAMPLED
    batch: int = 2000  # items whose pixel hashes one task computes
    cpus: float = 1.0  # of each task

    def sample_of(self, items: int) -> int:
        return self.sample or min(MOST_SAMPLED, max(LEAST_SAMPLED, int(items * SAMPLED_SHARE)))

    def name(self, catalogue: Catalogue) -> str:
        """Equal for builds that have the same result."""
        shape = [
            self.shards,
            self.indexing.features,
            self.indexing.options,
            self.sample,
            self.batch,
        ]
        digest = hashlib.sha256(json.dumps(shape).encode())
        digest.update(catalogue.identity.encode())
        for record in catalogue.records:
            digest.update(repr(record).encode())
        return digest.hexdigest()[:16]


@dataclass
class Built:
    """What came of it."""

    root: int
    outcome: Outcome
    rejected: list[str]  # rows of the catalogue that cannot be used
    found: int  # pieces that an earlier run had finished
    seconds: dict[str, float]  # of each phase


class Job:
    """One run of a build."""

    def __init__(self, build: Build, progress: Progress) -> None:
        self._build = build
        self._progress = progress
        catalogue = read(build.catalogue, build.columns, build.images, build.indexing.scratch)
        self._records = catalogue.records
        self._rejected = catalogue.rejected
        if not self._records:
            raise BuildError(f"{build.catalogue}: it has no items")
        self._name = build.name(catalogue)
        self._found = 0

    def run(self) -> Built:
        seconds: dict[str, float] = {}

        def timed(phase: str, work: Callable[[], Any]) -> Any:
            start = time.monotonic()
            result = work()
            seconds[phase] = round(time.monotonic() - start, 1)
            return result

        collection = timed("vocabulary", self._collection)
        ledger = Ledger(collection, self._name)
        if not ledger.claim(self._name):
            raise BuildError(f"{self._build.collection}: there is a collection of something else")
        placed = timed("placing", lambda: self._place(ledger))
        shards: list[Shard] = timed("indexing", lambda: self._index(ledger, placed))
        root = self._publish(collection, [shard.generation for shard in shards])
        self._progress.end()
        total = Outcome()
        for shard in shards:
            total.add(shard.outcome)
        return Built(root, total, self._rejected, self._found, seconds)

    def _collection(self) -> Collection:
        """The collection that an earlier run has made, or a new one with a vocabulary."""
        build = self._build
        try:
            return Collection.open(build.collection)
        except MissingObjectError:
            pass  # it is made below
        chosen = random.Random(self._name).sample(
            range(len(self._records)), min(len(self._records), build.sample_of(len(self._records)))
        )
        sample = [self._records[index] for index in sorted(chosen)]
        task = ray.remote(train).options(num_cpus=build.cpus, max_retries=_LOST_NODES)
        self._progress.begin("training", len(sample))
        reference = task.remote(sample, build.indexing)
        try:
            vocabulary, recipe = self._wait({reference: 0}, lambda _: len(sample))[0]
        except RemoteError as error:
            raise BuildError(f"training: {error}") from error
        return Collection.create(
            build.collection, recipe=recipe, vocabulary=vocabulary, shards=build.shards
        )

    def _publish(self, collection: Collection, generations: list[Generation]) -> int:
        """One root names them all, unless an earlier run came so far."""
        if collection.root.number == 1:
            made = [one for one in generations if one.number]
            collection.swap(made, collection.root)
        return collection.root.number

    def _place(self, ledger: Ledger) -> list[int]:
        """The virtual shard of each item."""
        size = self._build.batch
        batches = [self._records[at : at + size] for at in range(0, len(self._records), size)]
        done = self._pieces(
            "placing",
            [len(batch) for batch in batches],
            ledger.placed,
            lambda number: _task(place_batch, self._build.cpus).remote(
                self._build.collection,
                self._name,
                number,
                batches[number],
                self._build.indexing,
            ),
        )
        return [shard for number in range(len(batches)) for shard in done[number]]

    def _index(self, ledger: Ledger, placed: list[int]) -> list[Shard]:
        members: list[list[int]] = [[] for _ in range(self._build.shards)]
        for index, shard in enumerate(placed):
            members[shard].append(index)
        done = self._pieces(
            "indexing",
            [len(one) for one in members],
            ledger.shard,
            lambda shard: _task(index_shard, self._build.cpus).remote(
                self._build.collection,
                self._name,
                shard,
                [self._records[index] for index in members[shard]],
                self._build.indexing,
            ),
        )
        return [done[shard] for shard in range(self._build.shards)]

    def _pieces(
        self,
        phase: str,
        sizes: list[int],
        finished: Callable[[int], Any | None],
        start: Callable[[int], Any],
    ) -> dict[int, Any]:
        """The results of all pieces of a phase: those of an earlier run, and those of tasks, of
        which only about as many are handed to Ray as it can run."""
        self._progress.begin(phase, sum(sizes))
        results: dict[int, Any] = {}
        for number in range(len(sizes)):
            result = finished(number)
            if result is not None:
                results[number] = result
                self._progress.skip(sizes[number])
        self._found += len(results)
        failure: RemoteError | None = None
        waiting = [number for number in range(len(sizes)) if number not in results]
        at_once = 2 + 2 * int(ray.cluster_resources().get("CPU", 1) / self._build.cpus)
        running: dict[Any, int] = {}
        while waiting or running:
            while waiting and len(running) < at_once:
                number = waiting.pop(0)
                running[start(number)] = number
            try:
                results |= self._wait(running, lambda number: sizes[number])
            except RemoteError as error:
                # What runs is finished, since the next run finds it; nothing else is begun.
                waiting, failure = [], failure or error
        if failure is not None:
            raise BuildError(f"{phase}: {failure}") from failure
        return results

    def _wait(self, running: dict[Any, int], size: Callable[[int], int]) -> dict[int, Any]:
        """Waits until one of them has ended, and takes it out of `running`."""
        ended: list[Any] = []
        while not ended:
            ended, _ = ray.wait(list(running), timeout=1.0)
            self._progress.show()
        number = running.pop(ended[0])
        result = ask(ended[0], _RESULT_DEADLINE_S)
        self._progress.advance(size(number))
        return {number: result}


def _task(work: Callable[..., Any], cpus: float) -> Any:
    return ray.remote(work).options(num_cpus=cpus, max_retries=_LOST_NODES)
