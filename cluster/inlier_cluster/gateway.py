"""A gateway: an actor whose child is `inlier serve --cluster FILE`, and which keeps FILE true.

FILE says which servers have which virtual shards, with the epoch of each and the number of the
last change that it has applied. It is written whole and renamed into place. Its `beat` rises with
every answer of the directory, once a second or more often: a gateway whose FILE stands still for
ten seconds refuses to answer, since its node may be cut off, or was frozen, and the shards may be
served elsewhere by now. So a beat is written only after the directory has answered.

Twins that lie in different shards are in the storage, where a thread of its own looks for newer
ones: the beat must not wait for the storage.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from inlier_cluster import twin_pairs
from inlier_cluster.actor import TRY_AGAIN_S, KeptActor
from inlier_cluster.child import Child
from inlier_cluster.directory import Report, Table
from inlier_cluster.errors import ClusterError
from inlier_cluster.placement import ASK_DEADLINE_S
from inlier_cluster.remote import ask, own_address
from inlier_cluster.scratch import make_scratch
from inlier_cluster.store import open_store

_BEAT_EVERY_S = 1.0
_LEAST_PAUSE_S = 0.1  # many servers have news at any time; the file is not written for each
_START_DEADLINE_S = 60.0
_TWINS_EVERY_S = 30.0
_FIRST_TWINS_S = 5.0  # how long a gateway waits for them before it begins

log = logging.getLogger(__name__)


class ClusterFile:
    """The file that the child reads. It names all shards, also those that nobody serves, so that
    the child knows what an answer would lack."""

    def __init__(self, path: Path, shards: int) -> None:
        self.path = path
        self._items = dict.fromkeys(range(shards), 0)  # as last heard
        self.term = 0
        self.version = 0
        self.twins = ""  # the file of twins beside this one
        self._beat = 0

    def write(self, table: Table) -> None:
        """Makes the file say what the table says. One of an older directory is not taken; one that
        has just begun may have no term yet."""
        if 0 < table.term < self.term:
            raise ClusterError(f"a table of the directory {table.term}, after one of {self.term}")
        self.term, self.version = max(self.term, table.term), table.version
        self._beat += 1
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self._content(table), separators=(",", ":")) + "\n")
        new.rename(self.path)

    def _content(self, table: Table) -> dict[str, Any]:
        for shard, served in table.shards.items():
            self._items[shard] = max(replica.items for replica, _ in served)
        return {
            "version": 1,
            "beat": self._beat,
            "collection_version": table.collection_version,
            "writer": table.writer,
            "twins": self.twins,
            "shards": [
                {
                    "shard": shard,
                    "items": items,
                    "replicas": [
                        {"url": replica.url, "epoch": epoch, "applied": replica.applied}
                        for replica, epoch in table.shards.get(shard, ())
                    ],
                }
                for shard, items in self._items.items()
            ],
        }


class TwinsFile:
    """The twins of the storage as a file in a folder. `name` is that of the newest one, or "".
    `look` is called from one thread; `name` is for any."""

    def __init__(self, url: str, folder: Path) -> None:
        self.name = ""
        self._url, self._folder, self._number = url, folder, 0

    def look(self) -> None:
        """Writes newer ones, if there are any. Raises ClusterError of the storage, OSError."""
        pairs = twin_pairs.newest(open_store(self._url), self._number)
        if pairs is None:
            return
        before, name = self.name, f"twins-{pairs.number}.jsonl"
        with (self._folder / name).open("w") as file:
            file.writelines(one.for_gateway() for one in pairs.pairs)
        self.name, self._number = name, pairs.number
        if before:  # nobody has to have read it
            (self._folder / before).unlink(missing_ok=True)


@dataclass(frozen=True)
class GatewayPlan:
    """What one gateway is for."""

    slot: str
    shards: int  # how many virtual shards the collection has
    listen: str = ""  # address and port; empty: the node's own address and a free port
    program: str = "inlier"
    scratch: str = ""
    flags: tuple[str, ...] = ()
    collection: str = ""  # its URL, for the twins


class Gateway(KeptActor):
    """The actor. It is ready when its child says that it is."""

    def __init__(self, plan: GatewayPlan, directory: Any) -> None:
        super().__init__(plan.slot, directory)
        self._plan = plan
        self._directory = directory
        self._child: Child | None = None
        self._ready = False
        self._begin()

    def _describe(self, epoch: int) -> Report:
        child = self._child
        return Report(
            slot=self._plan.slot,
            epoch=epoch,
            kind="gateway",
            ready=self._ready,
            node=own_address(),
            url=child.url if child is not None else "",
            trouble=self._trouble,
        )

    def _work(self, epoch: int) -> None:
        folder = make_scratch(self._plan.scratch)
        file = ClusterFile(folder / "cluster.json", self._plan.shards)
        twins = TwinsFile(self._plan.collection, folder)
        looked = threading.Event()
        follow = threading.Thread(
            target=self._follow_twins, args=(twins, looked), name="twins", daemon=True
        )
        follow.start()
        looked.wait(_FIRST_TWINS_S)
        while not self._stopping.is_set():
            try:
                file.twins = twins.name
                self._beat(file, folder)
                self._look()
                self._stopping.wait(_LEAST_PAUSE_S)
            except (ClusterError, OSError) as error:
                log.warning("%s: %s", self._slot, error)
                self._ready, self._trouble = False, str(error)
                self._stopping.wait(TRY_AGAIN_S)
        if self._child is not None:
            self._child.stop()

    def _follow_twins(self, twins: TwinsFile, looked: threading.Event) -> None:
        while not self._stopping.is_set():
            try:
                twins.look()
            except (ClusterError, OSError) as error:
                log.warning("%s: twins: %s", self._slot, error)
            looked.set()
            self._stopping.wait(_TWINS_EVERY_S)

    def _beat(self, file: ClusterFile, folder: Path) -> None:
        request = self._directory.table.remote(file.term, file.version, _BEAT_EVERY_S)
        file.write(ask(request, _BEAT_EVERY_S + ASK_DEADLINE_S))
        if self._child is None or not self._child.alive():
            self._child = self._start(file.path, folder)

    def _look(self) -> None:
        """Asks the child whether it can answer, and tells the directory when that has changed."""
        assert self._child is not None
        try:
            reply = httpx.get(f"{self._child.url}/readyz", timeout=_BEAT_EVERY_S)
            said = "" if reply.status_code == 200 else f"its child is not ready: {reply.text[:200]}"
        except httpx.HTTPError as error:
            said = f"its child does not answer: {error!r}"
        if said != self._trouble or self._ready != (not said):
            self._ready, self._trouble = not said, said
            self._placement.tell()

    def _start(self, file: Path, folder: Path) -> Child:
        """The child, started by this thread, with which it ends."""
        if self._child is not None:
            log.error("%s: its child ended: %s", self._plan.slot, self._child.last_words())
            self._child.stop()
        listen = self._plan.listen or f"{own_address()}:0"
        command = [self._plan.program, "serve", "--cluster", str(file), "--listen", listen]
        return Child([*command, *self._plan.flags], folder / "log", _START_DEADLINE_S)
