"""Folders on local disk that belong to one process, and are removed once it has ended."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_PREFIX = "inlier-scratch-"
_MAKING = ".inlier-making-"
_held: dict[Path, IO[bytes]] = {}  # a lock lasts as long as its file is open


def make_scratch(parent: str = "") -> Path:
    """A new folder, after those were removed whose process has ended, however it ended."""
    above = Path(parent or tempfile.gettempdir())
    above.mkdir(parents=True, exist_ok=True)
    for old in above.glob(_PREFIX + "*"):
        with contextlib.suppress(OSError), (old / "lock").open("rb") as theirs:
            fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(old, ignore_errors=True)
    making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=above))
    lock = (making / "lock").open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    # It has its name only now, since another process might else find it before it is locked.
    made = making.rename(above / (_PREFIX + making.name.removeprefix(_MAKING)))
    _held[made] = lock
    return made


@contextlib.contextmanager
def scratch(parent: str = "") -> Iterator[Path]:
    """A new folder for a block."""
    made = make_scratch(parent)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        _held.pop(made).close()
