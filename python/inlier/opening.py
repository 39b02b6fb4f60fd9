"""How a database of this machine is opened."""

from __future__ import annotations

import os
from typing import Any

from inlier import _inlier
from inlier._arguments import Options, check_count, check_text
from inlier.database import Database
from inlier.sources import options_of


def open(
    path: str | os.PathLike[str],
    *,
    write: bool = False,
    create: bool = False,
    features: str | None = None,
    options: Options | None = None,
    vocabulary: str | os.PathLike[str] | None = None,
    threads: int = 1,
    notice: Any = None,
) -> Database:
    """Opens the database in a folder.

    Without ``write`` or ``create`` it is opened for reading, which any number of processes may do,
    also while one writes. ``create`` makes it when it is not there, with ``features``: "sift" (the
    default, the most accurate), "surf", "orb", "brief", "xfeat", "look", "deep" or "hybrid".
    ``options`` are those of ``inlier help options``, as in {"decide.accept_probability": 0.9}.
    ``vocabulary`` is a file that ``write_vocabulary`` of another database made: a new database
    keeps it and never trains, so databases that share one answer alike. ``threads`` is for training
    and rebuilding. ``notice`` is called with a sentence when something was repaired or takes long.

    Raises NotFoundError, BusyError (another process writes to it), IncompatibleError (it was made
    with other options), CorruptError, InvalidArgumentError.
    """
    folder = os.fspath(path)
    check_text(folder, "the path of a database")
    mode = "create" if create else "write" if write else "read"
    engine = _inlier.Engine.open(
        os.fsencode(folder),
        mode,
        options_of(features, options),
        b"" if vocabulary is None else os.fsencode(vocabulary),
        check_count(threads, "threads", most=1024),
        notice,
    )
    return Database(engine, folder)
