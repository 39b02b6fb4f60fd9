"""A child process that dies with the process that started it.

A server that outlives its actor would answer with a state that nobody brings up to date. So it is
started through die_with_parent.py, and the kernel ends it when the *thread* that started it ends:
whoever makes a `Child` has to be a thread that lives as long as the process.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path

from inlier_cluster.errors import ClusterError

_LAUNCHER = Path(__file__).with_name("die_with_parent.py")


class ChildError(ClusterError):
    """A child did not start."""


def bound(command: list[str]) -> list[str]:
    """The command as one that dies with the thread that starts it."""
    return [sys.executable, "-S", "-E", str(_LAUNCHER), str(os.getpid()), *command]


class Child:
    """`inlier serve` as a child. `url` is where it listens."""

    def __init__(self, command: list[str], log: Path, deadline_s: float) -> None:
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                bound(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            )
        try:
            self.url = self._address(deadline_s)
        except ChildError:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def last_words(self) -> str:
        """What it wrote last into its log."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def stop(self) -> None:
        """Ends it at once. What it had on disk can be made again."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _address(self, deadline_s: float) -> str:
        """Waits for the line 'listening on URL'."""
        assert self._process.stdout is not None
        end = time.monotonic() + deadline_s
        said = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in said:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise ChildError(f"'inlier serve' did not listen within {deadline_s:.0f} s")
                part = os.read(self._process.stdout.fileno(), 4096)
                if not part:
                    raise ChildError(f"'inlier serve' ended: {self.last_words()}")
                said += part
        return said.split(b"\n")[0].decode().split()[-1]
