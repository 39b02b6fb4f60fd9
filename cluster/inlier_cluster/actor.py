"""What the actors of a service have in common: a placement, which reports to the directory how they
are, and a thread, the *keeper*, which does their work. When the keeper fails in a way that nobody
expected, the process ends, and Ray starts another one.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from inlier_cluster.directory import Report
from inlier_cluster.placement import Placement

TRY_AGAIN_S = 1.0

log = logging.getLogger(__name__)


class KeptActor:
    """An actor with a keeper. A class of this kind calls _begin when it is made."""

    def __init__(self, slot: str, directory: Any) -> None:
        self._slot = slot
        self._placement = Placement(directory, slot, self._describe)
        self._trouble = "it has not begun"
        self._stopping = threading.Event()

    def pid(self) -> int:
        """The process, for those who want to see it die."""
        return os.getpid()

    def stop(self) -> None:
        """Ends the work, and all children. The actor is of no use afterwards."""
        self._stopping.set()

    def _begin(self) -> None:
        threading.Thread(target=self._keep, name="keeper", daemon=True).start()

    def _describe(self, epoch: int) -> Report:
        """How the actor is now."""
        raise NotImplementedError

    def _work(self, epoch: int) -> None:
        """What the keeper does, until `_stopping` is set."""
        raise NotImplementedError

    def _keep(self) -> None:
        try:
            self._work(self._placement.begin())
        except BaseException:
            log.exception("%s: the keeper has failed", self._slot)
            os._exit(1)  # Ray starts another
