"""Copies a collection to another address, which is how one is backed up and how one is restored.

Every byte is compared with its hash before it is written, and the first root is written last: the
copy is a collection only when it is complete. A copy that was cut off can be continued, since
objects that are there already are the same. The copy is a collection of its own, with its own name,
so writers and readers of the old one notice."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from inlier_cluster import changes, generations, root, twin_pairs
from inlier_cluster.collection import Collection, vocabulary_name
from inlier_cluster.errors import (
    DamagedError,
    InvalidRequestError,
    MissingObjectError,
    TakenError,
)
from inlier_cluster.root import Root
from inlier_cluster.store import DEADLINE_S, Store, open_store

_THREADS = 4


@dataclass
class Restored:
    """What the copy has. ``lost`` says why later changes are not in it; "" when all are."""

    root: int
    latest_change: int
    objects: int
    lost: str = ""


def restore(
    source: Collection,
    target_url: str,
    *,
    root_number: int | None = None,
    until: int | None = None,
    deadline_s: float = DEADLINE_S,
) -> Restored:
    """Copies a collection as it was after the change ``until``, by default the last one that is
    whole, beginning with one of its kept roots, by default the newest. Raises DamagedError when
    something that the root names is damaged: then an older root may help."""
    target = open_store(target_url, create=True, deadline_s=deadline_s)
    if root.numbers(target):
        raise TakenError(f"{target_url}: there is a collection already")
    while True:
        base = source.refresh() if root_number is None else root.read(source.store, root_number)
        try:
            return _copy_from(source, base, target, until)
        except DamagedError:
            # Compactions that go on meanwhile may have removed what this root names.
            if root_number is not None or source.refresh().number == base.number:
                raise


def _copy_from(source: Collection, base: Root, target: Store, until: int | None) -> Restored:
    contained, last = base.contained_change, source.latest_change()
    if until is not None and not contained <= until <= last:
        raise InvalidRequestError(
            f"root {base.number} can be restored as of the changes {contained} to {last}, and "
            f"{until} is wanted"
        )
    copy = _Copy(source.store, target)
    if base.vocabulary_hash:
        copy.checked([(vocabulary_name(base.vocabulary_hash), base.vocabulary_hash)])
    copy.checked(_objects_of(source, base))
    if twins := twin_pairs.newest(source.store):
        target.create(twin_pairs.name_of(twins.number), twins.to_bytes())
        copy.objects += 1
    latest, lost = _copy_log(copy, base.covered_change, last if until is None else until)
    if latest < contained or latest + 1 < source.refresh().floor_change:
        raise DamagedError(changes.name_of(latest + 1), lost)
    first = replace(
        base,
        number=1,
        collection=secrets.token_hex(16),
        floor_change=base.covered_change + 1,
        writer=secrets.token_hex(8),
    )
    target.create(root.name_of(1), first.to_bytes())
    return Restored(base.number, latest, copy.objects + 1, lost)


def _objects_of(source: Collection, base: Root) -> Iterator[tuple[str, str]]:
    for generation in base.shards:
        if generation.number:
            yield generation.manifest, generation.sha256
            for piece in generations.manifest_of(source, generation).pieces():
                yield piece.object, piece.sha256


def _copy_log(copy: _Copy, after: int, last: int) -> tuple[int, str]:
    """Copies the changes that are whole, with their pictures, and says where it ended and why."""
    previous = ""
    for number in range(after + 1, last + 1):
        name = changes.name_of(number)
        try:
            change = changes.read(copy.source, number)
            if previous and change.previous != previous:
                raise DamagedError(name, "it follows another change")
            pictures = [one for operation in change.operations for one in operation.pictures]
            copy.checked([(picture.object, picture.sha256) for picture in pictures])
        except DamagedError as error:
            return number - 1, str(error)
        except MissingObjectError:
            return number - 1, f"{name}: it is missing"
        copy.target.create(name, change.to_bytes())
        copy.objects += 1
        previous = change.seal
    return last, ""


class _Copy:
    def __init__(self, source: Store, target: Store) -> None:
        self.source, self.target, self.objects = source, target, 0

    def checked(self, objects: Iterable[tuple[str, str]]) -> None:
        def one(name_and_hash: tuple[str, str]) -> None:
            self.target.create(name_and_hash[0], self.source.get_checked(*name_and_hash))

        with ThreadPoolExecutor(_THREADS) as pool:
            self.objects += len(list(pool.map(one, objects)))
