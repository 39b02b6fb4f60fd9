"""One life of an actor in its slot: the epoch it was given, and its reports to the directory.

A thread reports once a second, and whenever `tell` says that something is new. When the directory
answers that the slot has a newer placement, the process ends there and then, and the kernel ends
its children with it (child.py). While the directory cannot be reached the placement goes on: what
it serves is as true as before, and gateways that do not reach the directory stop answering by
themselves.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from inlier_cluster.directory import REPORT_EVERY_S, Report
from inlier_cluster.remote import RemoteError, ask

ASK_DEADLINE_S = 5.0
_TRY_AGAIN_S = 0.5
_FENCED = 75  # the exit status; it is in Ray's log of workers that ended

log = logging.getLogger(__name__)


class Placement:
    """`describe` makes the report for an epoch; it is called from the thread that reports."""

    def __init__(self, directory: Any, slot: str, describe: Callable[[int], Report]) -> None:
        self._directory = directory
        self._slot = slot
        self._describe = describe
        self._news = threading.Event()
        self.epoch = 0

    def begin(self) -> int:
        """Waits for an epoch, however long the directory is away, and reports from then on."""
        while self.epoch == 0:
            try:
                self.epoch = ask(self._directory.grant.remote(self._slot), ASK_DEADLINE_S)
            except RemoteError as error:
                log.warning("%s: no epoch yet: %s", self._slot, error)
                time.sleep(_TRY_AGAIN_S)
        threading.Thread(target=self._report, name="reporter", daemon=True).start()
        return self.epoch

    def tell(self) -> None:
        """Something is new: it is reported now."""
        self._news.set()

    def _report(self) -> None:
        while True:
            self._news.clear()
            try:
                report = self._describe(self.epoch)
                if not ask(self._directory.report.remote(report), ASK_DEADLINE_S):
                    log.error("%s: epoch %d is out of date", self._slot, self.epoch)
                    os._exit(_FENCED)
            except RemoteError as error:
                log.warning("%s: not reported: %s", self._slot, error)
            except BaseException:
                # Without reports nobody is told when to end, so it ends now and Ray starts another.
                log.exception("%s: the thread that reports has failed", self._slot)
                os._exit(1)
            self._news.wait(REPORT_EVERY_S)
