"""The writer: an actor that takes changes over HTTP and acknowledges them when they are in storage.

Any number of writers may write to one collection, since each change is an object that is created
only if absent. So a writer whose node was frozen does no harm when it wakes up, and is fenced only
so that gateways know where to send changes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from inlier_cluster.actor import TRY_AGAIN_S, KeptActor
from inlier_cluster.collection import Collection
from inlier_cluster.directory import Report
from inlier_cluster.errors import ClusterError
from inlier_cluster.remote import own_address
from inlier_cluster.writer import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WriterPlan:
    """What a writer is for."""

    slot: str
    collection: str
    listen: str = ""  # address and port; empty: the node's own address and a free port


class WriterActor(KeptActor):
    """The actor. It takes changes until it is stopped."""

    def __init__(self, plan: WriterPlan, directory: Any) -> None:
        super().__init__(plan.slot, directory)
        self._plan = plan
        self._writer: Writer | None = None
        self._begin()

    def _describe(self, epoch: int) -> Report:
        writer = self._writer
        return Report(
            slot=self._plan.slot,
            epoch=epoch,
            kind="writer",
            ready=writer is not None,
            node=own_address(),
            url=writer.url if writer is not None else "",
            trouble=self._trouble,
        )

    def _work(self, epoch: int) -> None:
        while self._writer is None and not self._stopping.is_set():
            self._start()
            self._placement.tell()
            self._stopping.wait(TRY_AGAIN_S if self._writer is None else 0.0)
        self._stopping.wait()
        if self._writer is not None:
            self._writer.close()

    def _start(self) -> None:
        listen = self._plan.listen or f"{own_address()}:0"
        try:
            self._writer = Writer(Collection.open(self._plan.collection), listen)
            self._trouble = ""
        except (ClusterError, OSError) as error:
            log.warning("%s: %s", self._plan.slot, error)
            self._trouble = str(error)
