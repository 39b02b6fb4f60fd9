"""A collection: one recipe and vocabulary, virtual shards with their generations, and a numbered
log of changes for all shards together. docs/CLUSTER-STORAGE.md describes the objects and the
protocol.

Nothing here depends on a clock. Who may do what follows from numbers alone: the next root and the
next change are objects that only one process can create, and whoever was paused meanwhile finds its
number taken. Removed numbers leave gaps, into which a process that was paused for very long could
still write; so each write looks afterwards whether a newer root has passed its number, before it is
acknowledged."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from inlier_cluster import changes, root
from inlier_cluster.changes import Change, Write
from inlier_cluster.errors import (
    DamagedError,
    GoneError,
    IncompatibleError,
    InvalidRequestError,
    MissingObjectError,
    SupersededError,
    TakenError,
    UncertainError,
)
from inlier_cluster.operations import Operation, Payload, check_operation
from inlier_cluster.recipe import check_same, complete
from inlier_cluster.root import Generation, Root
from inlier_cluster.sealed import seal_of, sha256_of
from inlier_cluster.store import DEADLINE_S, Store, open_store

PAYLOADS = "payloads"
VOCABULARY = "vocabulary"
PAYLOAD_WINDOW = 10_000
MAX_SHARDS = 4096
_TRIES = 3
_BATCH = 64

Plan = Callable[[int], Sequence[Write]]


class Collection:
    """A collection that is open. Safe to use from many threads; commits take place one at a time.

    ``root`` is the newest root that has been seen, and ``damaged`` says which newer ones could not
    be used."""

    def __init__(self, store: Store, newest: Root, damaged: Sequence[DamagedError] = ()) -> None:
        self.store = store
        self.root = newest
        self.damaged = list(damaged)
        self._newest_number = newest.number + len(self.damaged)
        self._writer = secrets.token_hex(8)
        self._lock = threading.RLock()
        self._tail = 0
        self._tail_seal = ""

    # To create and to open.

    @classmethod
    def create(
        cls,
        url: str,
        *,
        recipe: Mapping[str, Any],
        vocabulary: bytes,
        shards: int,
        payload_window: int = PAYLOAD_WINDOW,
        deadline_s: float = DEADLINE_S,
    ) -> Self:
        """Makes a collection without items. ``recipe`` are options of ``inlier``, as in
        {"extract.method": "sift"}; those that are not there have their defaults. ``vocabulary`` is
        the content of the file that ``inlier vocabulary`` writes, or nothing for a method that has
        none. Raises TakenError when there is a collection already."""
        if not 1 <= shards <= MAX_SHARDS:
            raise InvalidRequestError(f"shards: 1 to {MAX_SHARDS} are possible, got {shards}")
        store = open_store(url, create=True, deadline_s=deadline_s)
        if root.numbers(store):
            raise TakenError(f"{url}: there is a collection already")
        vocabulary_hash = sha256_of(vocabulary) if vocabulary else ""
        if vocabulary:
            store.create(vocabulary_name(vocabulary_hash), vocabulary)
        first = Root(
            number=1,
            collection=secrets.token_hex(16),
            recipe=complete(recipe),
            vocabulary_hash=vocabulary_hash,
            shards=tuple(Generation(shard) for shard in range(shards)),
            floor_change=1,
            payload_window=payload_window,
            writer=secrets.token_hex(8),
        )
        store.create(root.name_of(1), first.to_bytes())
        return cls(store, first)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        recipe: Mapping[str, Any] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Self:
        """Opens a collection with its newest root that is whole. Raises MissingObjectError,
        DamagedError, IncompatibleError (another format, or another recipe than ``recipe``)."""
        store = open_store(url, deadline_s=deadline_s)
        newest, damaged = root.newest(store)
        collection = cls(store, newest, damaged)
        if recipe is not None:
            check_same(newest.recipe, complete(recipe))
        return collection

    def refresh(self) -> Root:
        """Looks for a newer root."""
        with self._lock:
            newer = root.numbers(self.store, self.root.number)
            if newer:
                newest, damaged = root.newest(self.store, newer)
                if newest.collection != self.root.collection:
                    raise IncompatibleError(f"{self.store.url}: it is another collection now")
                self.damaged = damaged
                self._newest_number = newer[-1]
                if newest.number > self.root.number:
                    self.root = newest
            return self.root

    def shard_of(self, pixel_hash: str) -> int:
        """The virtual shard of an item, from the hash of its first picture's pixels."""
        return self.root.shard_of(pixel_hash)

    def vocabulary(self) -> bytes:
        """The vocabulary that all shards share, checked; nothing for a method without one."""
        if not self.root.vocabulary_hash:
            return b""
        name = vocabulary_name(self.root.vocabulary_hash)
        return get_checked(self.store, name, self.root.vocabulary_hash)

    # The log.

    def version(self) -> int:
        """The number of the last change, as :meth:`latest_change`."""
        return self.latest_change()

    def latest_change(self) -> int:
        """The number of the last change that is durable; 0 when there is none."""
        with self._lock:
            newer = changes.numbers(self.store, self._tail)
            # A collection that was restored begins without the changes that it contains.
            return newer[-1] if newer else max(self._tail, self.root.contained_change)

    def changes_after(self, number: int) -> Iterator[Change]:
        """The changes behind one, in order, each without a gap, up to the last one that there is
        now.

        Raises GoneError when some have been removed since generations contain them, and
        DamagedError when one is missing or is not what was written."""
        there = changes.numbers(self.store, number)
        previous: Change | None = None
        for start in range(0, max(1, len(there)), _BATCH):
            batch: list[Change] = []
            for place, found in enumerate(there[start : start + _BATCH], start):
                expected = number + 1 + place
                change = self._read_change(expected) if found == expected else None
                if change is None:
                    self._refuse_gap(expected)
                    raise DamagedError(changes.name_of(expected), "it is missing")
                if previous is not None and change.previous != previous.seal:
                    self._refuse_gap(expected)
                    raise DamagedError(change_name(previous), f"it is not what {expected} follows")
                batch.append(change)
                previous = change
            # What was read is the log only if no newer root had let go of it by then.
            self._refuse_gap(number + 1 + start)
            yield from batch

    def _read_change(self, number: int) -> Change | None:
        try:
            return changes.read(self.store, number)
        except MissingObjectError:
            return None
        except DamagedError:
            self._refuse_gap(number)
            raise

    def _refuse_gap(self, number: int) -> None:
        floor = self.refresh().floor_change
        if number < floor:
            raise GoneError(
                f"changes before {floor} are contained in generations and have been removed; "
                f"change {number} was wanted"
            )

    def append(self, operations: Sequence[Operation], write_id: str | None = None) -> int:
        """Writes operations as one change and returns its number. They are durable then.

        When another writer was first, they become the next change. What they were decided upon may
        have changed by then; who cares uses :meth:`commit`. A write that may or may not have
        happened (UncertainError) is tried again with the same ``write_id``, and is then applied
        once."""
        own = Write(write_id or secrets.token_hex(16), tuple(operations))
        found = 0

        def plan(latest: int) -> Sequence[Write]:
            nonlocal found
            found = self.find_write(own.id) if write_id else 0
            return () if found else (own,)

        with self._lock:
            number = self.commit(plan)
            return found or number

    def find_write(self, write_id: str) -> int:
        """The number of the change that has this write, among those that are still there, or 0."""
        first = self.refresh().floor_change - 1
        for change in self.changes_after(first):
            if any(write.id == write_id for write in change.writes):
                return change.number
        return 0

    def commit(self, plan: Plan) -> int:
        """Writes the next change. ``plan`` is called with the number of the last change, and gives
        the writes that follow it, or none; it is called again whenever another writer was first.
        Returns the number of the change, which is durable then.

        Raises SupersededError when this process has slept for so long that its number lies among
        those that have been removed: nothing happened, and what it knows is out of date. Raises
        UncertainError when the storage does not say whether the change was written.
        """
        with self._lock:
            if self._tail == 0:
                self._follow()
            while True:
                writes = tuple(plan(self._tail))
                if not writes:
                    # A number that only this process can have created needs no look; this does.
                    if self.latest_change() == self._tail:
                        return self._tail
                    self._follow()
                    continue
                number = self._tail + 1
                self._check_writes(writes, number)
                change = Change(number, self._writer, self._tail_seal, writes)
                if self._create(change):
                    self._tail, self._tail_seal = number, seal_of(change.to_bytes())
                    return number
                self._follow()

    def _create(self, change: Change) -> bool:
        name, content = changes.name_of(change.number), change.to_bytes()
        for left in reversed(range(_TRIES)):
            try:
                self.store.create(name, content)
                break
            except TakenError:
                return False
            except UncertainError:
                if left == 0:
                    raise
        if change.number < self.refresh().floor_change:
            self.store.delete([name])
            raise SupersededError(
                f"change {change.number} lies before {self.root.floor_change}, where changes have "
                "been removed: this writer was paused for too long and has to start again"
            )
        return True

    def _follow(self) -> None:
        """Finds the last change, whose seal the next one names."""
        latest = self.latest_change()
        if latest == self._tail:
            return
        try:
            self._tail, self._tail_seal = latest, changes.read(self.store, latest).seal
        except MissingObjectError:
            if latest > self.refresh().contained_change:
                raise DamagedError(changes.name_of(latest), "it is missing") from None
            self._tail, self._tail_seal = latest, ""

    def _check_writes(self, writes: Sequence[Write], number: int) -> None:
        for operation in (one for write in writes for one in write.operations):
            check_operation(operation, len(self.root.shards))
            for picture in operation.pictures:
                if number - age_of(picture.object) > self.root.payload_window:
                    raise SupersededError(
                        f"{picture.object}: it was written more than {self.root.payload_window} "
                        "changes ago and may have been removed; write it again"
                    )

    # Pictures of changes.

    def put_payload(self, content: bytes) -> Payload:
        """Stores a picture that an operation will name."""
        if self._tail == 0:
            with self._lock:
                self._follow()
        age = self._tail  # too old at worst, and then a commit refuses it
        digest = sha256_of(content)
        name = f"{PAYLOADS}/{age:012d}/{digest}"
        self.store.create(name, content)
        return Payload(name, digest, len(content))

    def get_payload(self, payload: Payload) -> bytes:
        """A picture of an operation, checked. Raises DamagedError."""
        return get_checked(self.store, payload.object, payload.sha256)

    # Roots.

    def publish(self, next_root: Root) -> Root:
        """Creates the next root. ``next_root`` was derived from the newest one, whose number it has
        still. Raises SupersededError when somebody else published first."""
        with self._lock:
            if next_root.number != self.root.number:
                raise SupersededError(f"root {self.root.number} is newer than {next_root.number}")
            # Behind the damaged ones as well, whose numbers are taken.
            number = self._newest_number + 1
            made = replace(
                next_root,
                number=number,
                floor_change=self._floor(next_root),
                writer=self._writer,
            )
            try:
                self.store.create(root.name_of(number), made.to_bytes())
            except TakenError as error:
                raise SupersededError(f"root {number} was published by somebody else") from error
            later = root.numbers(self.store, number)
            if later:
                raise SupersededError(f"root {later[-1]} was published before root {number}")
            self.root, self._newest_number = made, number
            return made

    def _floor(self, next_root: Root) -> int:
        """The changes that no kept root needs end here. The last of them stays as well, so that the
        log is never empty and its next number is known."""
        oldest = self._newest_number + 2 - root.KEPT
        if oldest < 1:
            return next_root.floor_change
        try:
            covered = root.read(self.store, oldest).covered_change
        except (DamagedError, MissingObjectError):
            return next_root.floor_change
        return max(next_root.floor_change, covered)

    def swap(self, generations: Sequence[Generation], base: Root) -> Root:
        """Publishes new generations that were made from those of ``base``. Roots that others have
        published since are kept, as long as they did not replace the generation of one of these
        shards, or let go of changes: then SupersededError is raised, and nothing happened."""
        with self._lock:
            while True:
                current = self.refresh()
                for generation in generations:
                    if current.shards[generation.shard] != base.shards[generation.shard]:
                        raise SupersededError(
                            f"shard {generation.shard} has another generation since root "
                            f"{current.number}"
                        )
                try:
                    return self.publish(current.replacing(generations))
                except SupersededError:
                    if self.refresh().number <= current.number:
                        raise


def vocabulary_name(sha256: str) -> str:
    return f"{VOCABULARY}/{sha256}"


def change_name(change: Change) -> str:
    return changes.name_of(change.number)


def age_of(payload: str) -> int:
    """The number of the last change that there was when a picture was stored, from its name."""
    parts = payload.split("/")
    if len(parts) != 3 or parts[0] != PAYLOADS or not parts[1].isdigit():
        raise InvalidRequestError(f"{payload}: it is not the name of a picture")
    return int(parts[1])


def get_checked(store: Store, name: str, sha256: str) -> bytes:
    """The content of an object whose hash is known. Raises DamagedError, also when it is
    missing."""
    try:
        content = store.get(name)
    except MissingObjectError as error:
        raise DamagedError(name, "it is missing") from error
    if sha256_of(content) != sha256:
        raise DamagedError(name, "its content does not have the hash that it was written with")
    return content
