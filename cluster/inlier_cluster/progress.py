"""How far a build is, on stderr: on a terminal a line that is overwritten, and otherwise a line now
and then for a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_LOG_EVERY_S = 10.0


class Progress:
    def __init__(self, out: TextIO | None = sys.stderr) -> None:
        self._out = out
        self._phase = ""
        self._total = self._done = self._skipped = 0
        self._start_s = self._shown_s = 0.0

    def begin(self, phase: str, items: int) -> None:
        if self._phase:
            self._line(end="\n")
        self._phase, self._total, self._done, self._skipped = phase, items, 0, 0
        self._start_s = self._shown_s = time.monotonic()

    def skip(self, items: int) -> None:
        """They were finished before."""
        self._skipped += items

    def advance(self, items: int) -> None:
        self._done += items
        self.show()

    def show(self) -> None:
        live = self._out is not None and self._out.isatty()
        now = time.monotonic()
        if now - self._shown_s >= (0.2 if live else _LOG_EVERY_S):
            self._shown_s = now
            self._line(end="" if live else "\n")

    def end(self) -> None:
        self._line(end="\n")
        self._phase = ""

    def _line(self, end: str) -> None:
        if self._out is None:
            return
        rate = self._done / max(1e-9, time.monotonic() - self._start_s)
        start = "\r\x1b[K" if self._out.isatty() else ""
        text = (
            f"{self._phase}: {self._done + self._skipped:,} of {self._total:,} items, {rate:,.0f}/s"
        )
        print(start + text, end=end, file=self._out, flush=True)
