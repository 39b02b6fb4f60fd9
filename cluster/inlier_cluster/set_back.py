"""Sets shards back to the generations of an earlier root, as a new root, and brings them up to date
from the log: what to do when the newest generation of a shard is damaged.

Nothing that was acknowledged is lost: a kept root's generations and the changes behind them are all
there, so the same items come out. The generation that is made has a number of its own, behind the
damaged one, and so whoever still works on that one is refused as after any other compaction.

The log has to be all that has changed the shard since. A build brings items that no change names,
so a root from before one is refused.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from inlier_cluster import root
from inlier_cluster.collection import Collection
from inlier_cluster.compact import Compaction, fold
from inlier_cluster.errors import InvalidRequestError
from inlier_cluster.root import Generation, Root


def set_back(
    collection: Collection,
    root_number: int,
    shards: Sequence[int] | None = None,
    work: Path | None = None,
) -> list[Compaction]:
    """Makes the generations of shards, by default all that differ, again from those of a kept root
    and the changes since, and publishes them with one root.

    Raises InvalidRequestError for a root that is not older than the newest or lies before a build,
    MissingObjectError for one that is no longer kept, DamagedError when something that is needed
    is damaged as well, SupersededError when somebody else has compacted one of them meanwhile."""
    newest = collection.refresh()
    if root_number >= newest.number:
        raise InvalidRequestError(f"root {root_number} is not older than root {newest.number}")
    line = [root.read(collection.store, n) for n in range(root_number, newest.number)]
    line.append(newest)
    chosen = range(len(newest.shards)) if shards is None else shards
    bases = [_base(line, shard) for shard in chosen]
    last = collection.latest_change()
    with tempfile.TemporaryDirectory(dir=work) as folder:
        made = [fold(collection, one, Path(folder), last) for one in bases if one is not None]
    if made:
        collection.swap([one.generation for one in made], newest)
    return made


def _base(line: Sequence[Root], shard: int) -> Generation | None:
    """The first root's generation of a shard, to be followed by one behind the last root's, or
    None when the last root has the same files."""
    earlier, newest = line[0].shards[shard], line[-1].shards[shard]
    if earlier.manifest == newest.manifest:
        return None
    for before, after in pairwise(line):
        old, new = before.shards[shard], after.shards[shard]
        if old.manifest != new.manifest and old.covered_change >= new.covered_change:
            raise InvalidRequestError(
                f"shard {shard}: root {after.number} brought items that no change names, so root "
                f"{line[0].number} and the changes cannot make it again"
            )
    return replace(earlier, number=newest.number)
