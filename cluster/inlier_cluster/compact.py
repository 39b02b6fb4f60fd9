"""Folds changes into new generations, and removes what nobody can need any more.

``compact`` works on one virtual shard and may run anywhere, many at once. ``compact_all`` does all
shards one after the other in this process and swaps the root once. Whoever compacts a shard that
somebody else has compacted meanwhile is refused by the swap, and its generation is removed later.

What may be removed follows from numbers:

* roots that are not among the newest ``root.KEPT``;
* changes below the newest root's ``floor_change``;
* objects of generations that no kept root names, up to the number that the shard has now: one that
  somebody is making at this moment has the next number;
* pictures that no remaining change names, and that were stored so many changes ago that no later
  change may name them (``payload_window``).
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import inlier

from inlier_cluster import changes, generations, root
from inlier_cluster.apply import apply
from inlier_cluster.collection import Collection
from inlier_cluster.errors import DamagedError, GoneError, MissingObjectError, SupersededError
from inlier_cluster.log import PAYLOADS, age_of
from inlier_cluster.operations import Operation
from inlier_cluster.root import Generation, Root

_PLACE = re.compile(rf"{generations.FOLDER}/(\d{{5}})/(\d{{8}})-[0-9a-f]+/.+")


@dataclass
class Compaction:
    """What a compaction made. ``refused`` are operations that the engine does not take."""

    generation: Generation
    operations: int = 0
    refused: list[str] = field(default_factory=list)


def compact(
    collection: Collection, base: Root, shard: int, work: Path, until: int | None = None
) -> Compaction:
    """Makes the generation of a shard that follows the one of ``base``, with the changes up to
    ``until``, by default the last one. ``collection.swap([it], base)`` then publishes it. ``work``
    is a folder for files that are removed again.

    Without operations for this shard the files stay, and only the number of the change goes on.
    Raises SupersededError when the shard has been compacted meanwhile, DamagedError, StorageError.
    """
    before = base.shards[shard]
    last = collection.latest_change() if until is None else until
    try:
        return fold(collection, before, work, last)
    except (DamagedError, GoneError) as error:
        # What the base names, and the changes behind it, are only removed once others replace it.
        if collection.refresh().shards[shard] != before:
            raise SupersededError(f"shard {shard} has been compacted meanwhile") from error
        raise


def fold(collection: Collection, before: Generation, work: Path, last: int) -> Compaction:
    """Makes the generation behind one, whichever root names that."""
    folder = work / f"shard-{before.shard}"
    try:
        operations = list(_operations(collection, before.shard, before.covered_change, last))
        if not operations:
            return Compaction(replace(before, covered_change=max(last, before.covered_change)))
        generations.fetch(collection, before, folder)
        with inlier.open(folder, write=True) as database:
            applied = apply(collection, database, operations)
            database.checkpoint()
        made = generations.upload(collection, before.shard, folder, last, before)
        return Compaction(made, applied.operations, applied.refused)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compact_all(
    collection: Collection, shards: Sequence[int] | None = None, work: Path | None = None
) -> list[Compaction]:
    """Compacts shards, by default all, publishes them with one root, and removes what is old."""
    base, until = collection.refresh(), collection.latest_change()
    chosen = range(len(base.shards)) if shards is None else shards
    with tempfile.TemporaryDirectory(dir=work) as folder:
        made = [compact(collection, base, shard, Path(folder), until) for shard in chosen]
    if any(one.generation != base.shards[one.generation.shard] for one in made):
        collection.swap([one.generation for one in made], base)
    remove_unneeded(collection)
    return made


def remove_unneeded(collection: Collection) -> int:
    """Removes what no reader, writer or compaction can need, and returns how many objects that
    were. Raises DamagedError, and removes nothing, when a manifest of a kept root cannot be
    read."""
    newest = collection.refresh()
    numbers = root.numbers(collection.store)
    first_kept = numbers[-1] - root.KEPT + 1
    try:
        needed = _needed_objects(collection, [newest, *_kept_roots(collection, first_kept)])
    except DamagedError:
        if collection.refresh().number > newest.number:
            return 0  # somebody else has published, and removes what is old
        raise
    log = changes.numbers(collection.store)
    names = [
        *(root.name_of(number) for number in numbers if number < first_kept),
        *(changes.name_of(number) for number in log if number < newest.floor_change),
        *_old_generations(collection, newest, needed),
        *_old_payloads(collection, newest, max(log, default=0)),
    ]
    collection.store.delete(names)
    return len(names)


def _operations(collection: Collection, shard: int, after: int, last: int) -> Iterator[Operation]:
    for change in collection.changes_after(after):
        if change.number > last:
            return
        yield from (one for one in change.operations if one.shard == shard)


def _kept_roots(collection: Collection, first: int) -> Iterator[Root]:
    for number in root.numbers(collection.store, max(0, first - 1)):
        # A damaged one names nothing that anybody could find.
        with contextlib.suppress(MissingObjectError, DamagedError):
            yield root.read(collection.store, number)


def _needed_objects(collection: Collection, kept: Sequence[Root]) -> set[str]:
    found = {one.manifest: one for each in kept for one in each.shards if one.number}
    needed = set(found)
    for generation in found.values():
        manifest = generations.manifest_of(collection, generation)
        needed.update(piece.object for piece in manifest.pieces())
    return needed


def _old_generations(collection: Collection, newest: Root, needed: set[str]) -> list[str]:
    old = []
    for name in collection.store.names(generations.FOLDER):
        place = _PLACE.fullmatch(name)
        if place is None or name in needed or int(place[1]) >= len(newest.shards):
            continue
        if int(place[2]) <= newest.shards[int(place[1])].number:
            old.append(name)
    return old


def _old_payloads(collection: Collection, newest: Root, latest: int) -> list[str]:
    names = collection.store.names(PAYLOADS)
    old = {name for name in names if age_of(name) + newest.payload_window < latest}
    if old:
        for change in collection.changes_after(newest.floor_change - 1):
            for operation in change.operations:
                old.difference_update(picture.object for picture in operation.pictures)
    return sorted(old)
