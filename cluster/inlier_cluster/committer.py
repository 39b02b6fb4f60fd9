"""Turns requests for changes into changes: one thread takes all that wait, decides each of them by
what was there before it, and writes them as one object (group commit).

A request is decided again whenever another writer was first, so what it is told is true for its
place in the log: a new item, a replaced one, one that is not there. It is told when the change is
durable, and never before.
"""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from inlier_cluster.changes import Write
from inlier_cluster.collection import Collection
from inlier_cluster.errors import ClusterError, GoneError, StorageUnavailableError
from inlier_cluster.log import check_age
from inlier_cluster.operations import (
    Operation,
    Payload,
    check_operation,
    merge_metadata,
    put_item,
    remove_item,
)
from inlier_cluster.whereabouts import Whereabouts

GROUP = 256
_REBUILDS = 2


@dataclass(frozen=True)
class Outcome:
    """What became of a request. ``version`` is the change that it is in, or after which it was
    found to be impossible."""

    what: Literal["created", "done", "not_there"]
    version: int
    shard: int = -1


@dataclass
class Request:
    """A change that a client wants. ``shard`` is where the first picture of a put belongs."""

    kind: Literal["put", "remove", "metadata"]
    item: str
    write_id: str
    shard: int = 0
    metadata: dict[str, str | None] = field(default_factory=dict)
    pictures: Sequence[Payload] = ()
    must_exist: bool = False
    answer: Future[Outcome] = field(default_factory=Future)

    def operations(self, there: int | None) -> list[Operation]:
        """What it comes to for an item that is in this shard, or in none. None for one that is
        needed and not there."""
        if there is None:
            if self.kind != "put" or self.must_exist:
                return []
            return [self._put()]
        if self.kind == "remove":
            return [remove_item(there, self.item)]
        if self.kind == "metadata":
            return [merge_metadata(there, self.item, self.metadata)]
        moved = [remove_item(there, self.item)] if there != self.shard else []
        return [*moved, self._put()]

    def _put(self) -> Operation:
        metadata = {name: value for name, value in self.metadata.items() if value is not None}
        return put_item(self.shard, self.item, self.pictures, metadata)


class Committer:
    """The thread that commits, and its queue."""

    def __init__(self, open_collection: Callable[[], Collection], queue_length: int = 1024) -> None:
        self._open = open_collection
        self._waiting: queue.Queue[Request | None] = queue.Queue(queue_length)
        self._work = tempfile.TemporaryDirectory()
        self._rebuilds = 0
        self._stopping = False
        self._load()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> Future[Outcome]:
        """Queues a request, which has been checked by itself. Raises StorageUnavailableError when
        too many wait or the committer stops."""
        try:
            if self._stopping:
                raise queue.Full
            self._waiting.put_nowait(request)
        except queue.Full:
            raise StorageUnavailableError("too many changes wait for the storage") from None
        return request.answer

    def version(self) -> int:
        """The last change that is known here."""
        return self._places.number

    def close(self) -> None:
        """Commits what waits, and ends the thread."""
        self._stopping = True
        self._waiting.put(None)
        self._thread.join()
        self._places.close()
        self._work.cleanup()

    def _load(self) -> None:
        self.collection = self._open()
        self._rebuilds += 1
        file = Path(self._work.name) / f"whereabouts-{self._rebuilds}"
        self._places = Whereabouts(self.collection, file)

    def _run(self) -> None:
        ended = False
        while not ended:
            group = [self._waiting.get()]
            while len(group) < GROUP and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            ended = None in group
            requests = [one for one in group if one is not None]
            if requests:
                self._commit(requests)

    def _commit(self, requests: list[Request]) -> None:
        for left in reversed(range(_REBUILDS)):
            try:
                self._commit_once(requests)
                return
            except GoneError as error:
                # This process has slept while its changes were folded into generations.
                if left == 0 or not self._reload(requests):
                    _fail(requests, error)
            except Exception as error:
                _fail(requests, error)
                return

    def _reload(self, requests: list[Request]) -> bool:
        old = self._places
        try:
            self._load()
        except ClusterError as error:
            _fail(requests, error)
            return False
        old.close()
        return True

    def _commit_once(self, requests: list[Request]) -> None:
        outcomes: list[tuple[Request, Outcome]] = []

        def plan(latest: int) -> list[Write]:
            nonlocal outcomes
            self._places.follow(latest)
            writes, outcomes = self._decide(requests, latest)
            return writes

        self.collection.commit(plan)
        for request, outcome in outcomes:
            if not request.answer.done():
                request.answer.set_result(outcome)

    def _decide(
        self, requests: list[Request], latest: int
    ) -> tuple[list[Write], list[tuple[Request, Outcome]]]:
        writes: list[Write] = []
        outcomes: list[tuple[Request, Outcome]] = []
        moved: dict[str, int | None] = {}  # by the requests of this group
        for request in requests:
            if request.answer.done():
                continue
            known = self._places.change_of(request.write_id)
            if known is not None or any(write.id == request.write_id for write in writes):
                outcomes.append((request, Outcome("done", known or latest + 1, request.shard)))
                continue
            item = request.item
            there = moved[item] if item in moved else self._places.shard_of(item)
            operations = request.operations(there)
            if not operations:
                outcomes.append((request, Outcome("not_there", latest)))
            elif self._refused(request, operations, latest + 1):
                continue
            else:
                writes.append(Write(request.write_id, tuple(operations)))
                moved[item] = None if request.kind == "remove" else operations[-1].shard
                what: Literal["created", "done"] = "created" if there is None else "done"
                outcomes.append((request, Outcome(what, latest + 1, operations[-1].shard)))
        return writes, outcomes

    def _refused(self, request: Request, operations: list[Operation], number: int) -> bool:
        """Fails a request that would make the whole change fail."""
        root = self.collection.root
        try:
            for operation in operations:
                check_operation(operation, len(root.shards))
            for picture in request.pictures:
                check_age(picture, number, root.payload_window)
        except ClusterError as error:
            request.answer.set_exception(error)
            return True
        return False


def _fail(requests: list[Request], error: Exception) -> None:
    for request in requests:
        if not request.answer.done():
            request.answer.set_exception(error)
