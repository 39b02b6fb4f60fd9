"""One replica of a shard server: an actor that keeps some virtual shards served and up to date.

The *keeper*, a thread, does the work: it loads each shard's generation from storage, starts its
child, and then applies change after change. It starts a child again that has ended, and is the
parent of all children, so it lives as long as the process. Beside it the placement reports to the
directory how far the keeper is. A server is ready, and is asked by gateways, as soon as it has
applied all changes that there are at that time.

Nothing here is worth keeping: what a placement has on disk is made again from storage by the next.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from inlier_cluster.actor import TRY_AGAIN_S, KeptActor
from inlier_cluster.collection import Collection
from inlier_cluster.directory import Replica, Report
from inlier_cluster.errors import ClusterError, GoneError
from inlier_cluster.remote import own_address
from inlier_cluster.scratch import make_scratch
from inlier_cluster.served_shard import ServedShard

_AT_A_TIME = 4096  # changes that are taken from storage at a time
_AT_ONCE = 4  # shards that are loaded, or changed, at once

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerPlan:
    """What one replica is for."""

    slot: str
    collection: str  # its URL
    shards: tuple[int, ...]
    program: str = "inlier"
    host: str = ""  # where children listen; empty: the node's own address
    look_every_s: float = 0.5  # how often it looks for new changes
    scratch: str = ""  # where databases lie; empty: the system's folder for what is temporary
    flags: tuple[str, ...] = ("--log", "none", "--allow-without-keys")


class ShardServer(KeptActor):
    """The actor."""

    def __init__(self, plan: ServerPlan, directory: Any) -> None:
        super().__init__(plan.slot, directory)
        self._plan = plan
        self._shards: list[ServedShard] = []
        self._ready = False
        self._known_change = 0
        self._begin()

    def _describe(self, epoch: int) -> Report:
        served = [(one, one.url()) for one in self._shards]
        return Report(
            slot=self._plan.slot,
            epoch=epoch,
            kind="server",
            ready=self._ready,
            node=own_address(),
            known_change=self._known_change,
            replicas=tuple(
                Replica(one.shard, url, one.applied, one.items) for one, url in served if url
            ),
            trouble=self._trouble,
        )

    def _work(self, epoch: int) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while not self._stopping.is_set():
                try:
                    self._live(pool, epoch)
                except (ClusterError, OSError) as error:
                    # From the start again: everything can be made again from storage.
                    log.warning("%s: %s", self._slot, error)
                    self._ready, self._trouble = False, str(error)
                self._end_children()
                self._stopping.wait(TRY_AGAIN_S)

    def _live(self, pool: ThreadPoolExecutor, epoch: int) -> None:
        """Loads all shards and follows the changes, until something cannot be mended here."""
        self._trouble = "it loads its shards"
        collection = Collection.open(self._plan.collection)
        folder = make_scratch(self._plan.scratch)
        try:
            shards = [
                ServedShard(collection, shard, folder / f"{shard:05}")
                for shard in self._plan.shards
            ]
            _all(pool, ServedShard.load, shards)
            self._shards = shards
            self._start(pool, shards, epoch)
            self._trouble = "it catches up with the changes"
            while not self._stopping.is_set():
                all_done = self._follow(pool, collection, epoch)
                self._placement.tell()
                self._stopping.wait(self._plan.look_every_s if all_done else 0.0)
        finally:
            self._end_children()
            shutil.rmtree(folder, ignore_errors=True)

    def _follow(self, pool: ThreadPoolExecutor, collection: Collection, epoch: int) -> bool:
        """Applies what is new, and returns whether that was all. A failure leaves the rest for the
        next time."""
        self._start(pool, [one for one in self._shards if not one.url()], epoch)
        try:
            after = min(one.applied for one in self._shards)
            changes = list(islice(collection.changes_after(after), _AT_A_TIME))
            if changes:
                self._known_change = changes[-1].number
                work = ServedShard.apply if self._ready else ServedShard.catch_up
                _all(pool, lambda one: work(one, changes), self._shards)
        except GoneError:
            raise  # the newest generation is loaded instead
        except ClusterError as error:
            log.warning("%s: %s", self._plan.slot, error)
            self._trouble = str(error)
            return True
        if len(changes) == _AT_A_TIME:
            return False
        self._ready, self._trouble = True, ""
        return True

    def _start(self, pool: ThreadPoolExecutor, shards: list[ServedShard], epoch: int) -> None:
        host = self._plan.host or own_address()
        for shard in shards:  # by this thread, with which they end
            shard.start(self._plan.program, host, ["--shard-epoch", str(epoch), *self._plan.flags])
        _all(pool, ServedShard.wait_until_ready, shards)

    def _end_children(self) -> None:
        for shard in self._shards:
            shard.stop()
        self._shards = []


def _all(
    pool: ThreadPoolExecutor, work: Callable[[ServedShard], None], shards: list[ServedShard]
) -> None:
    """Does it for all, and only then raises what the first of them raised."""
    futures = [pool.submit(work, shard) for shard in shards]
    for error in [future.exception() for future in futures]:
        if error is not None:
            raise error
