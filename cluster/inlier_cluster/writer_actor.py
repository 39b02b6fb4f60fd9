"""The writer: an actor that takes changes over HTTP and acknowledges them when they are in storage.

Any number of writers may write to one collection, since each change is an object that is created
only if absent. So a writer whose node was frozen does no harm when it wakes up, and is fenced only
so that gateways know where to send changes.
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from typing import Any

from inlier_cluster.collection import Collection
from inlier_cluster.directory import Report
from inlier_cluster.errors import ClusterError
from inlier_cluster.placement import Placement
from inlier_cluster.remote import own_address
from inlier_cluster.writer import Writer

_TRY_AGAIN_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WriterPlan:
    """What a writer is for."""

    slot: str
    collection: str
    listen: str = ""  # address and port; empty: the node's own address and a free port


class WriterActor:
    """The actor."""

    def __init__(self, plan: WriterPlan, directory: Any) -> None:
        self._plan = plan
        self._placement = Placement(directory, plan.slot, self._describe)
        self._writer: Writer | None = None
        self._trouble = "it has not begun"
        self._stopping = threading.Event()
        threading.Thread(target=self._keep, name="keeper", daemon=True).start()

    def pid(self) -> int:
        return os.getpid()

    def stop(self) -> None:
        """Takes no changes any more. The actor is of no use afterwards."""
        self._stopping.set()

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

    def _keep(self) -> None:
        try:
            self._placement.begin()
            while self._writer is None and not self._stopping.is_set():
                self._start()
                self._placement.tell()
                self._stopping.wait(_TRY_AGAIN_S if self._writer is None else 0.0)
            self._stopping.wait()
            if self._writer is not None:
                self._writer.close()
        except BaseException:
            log.exception("%s: the keeper has failed", self._plan.slot)
            os._exit(1)  # Ray starts another

    def _start(self) -> None:
        listen = self._plan.listen or f"{own_address()}:0"
        try:
            self._writer = Writer(Collection.open(self._plan.collection), listen)
            self._trouble = ""
        except (ClusterError, OSError) as error:
            log.warning("%s: %s", self._plan.slot, error)
            self._trouble = str(error)
