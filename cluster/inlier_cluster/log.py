"""The log of a collection: how changes are read, and how the next one is written.

Two processes cannot create the same number, so the log has one order, and nobody has to keep it.

Numbers that have been removed leave gaps. A process that is paused between looking for the last
number and creating the next one, while others write and compact, could create one in a gap. So a
write looks afterwards whether a newer root has passed its number, and is acknowledged only when
none has. Readers look likewise before they give out what they have read."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence

from inlier_cluster import changes
from inlier_cluster.changes import Change, Write
from inlier_cluster.errors import (
    ClusterError,
    DamagedError,
    GoneError,
    InvalidRequestError,
    MissingObjectError,
    StorageUnavailableError,
    SupersededError,
    TakenError,
    UncertainError,
)
from inlier_cluster.operations import Payload, check_operation
from inlier_cluster.roots import Roots
from inlier_cluster.sealed import seal_of, sha256_of
from inlier_cluster.store import Store

PAYLOADS = "payloads"
_TRIES = 3
_BATCH = 64

Plan = Callable[[int], Sequence[Write]]


class Log:
    """Safe to use from many threads; commits take place one at a time."""

    def __init__(self, store: Store, roots: Roots) -> None:
        self._store = store
        self._roots = roots
        self._writer = secrets.token_hex(8)
        self._lock = threading.RLock()
        self._tail = 0
        self._tail_seal = ""

    def latest(self) -> int:
        """The number of the last change that is durable."""
        tail = self._tail
        newer = changes.numbers(self._store, tail)
        # A collection that was restored begins without the changes that it contains.
        return newer[-1] if newer else max(tail, self._roots.newest.contained_change)

    def after(self, number: int) -> Iterator[Change]:
        """The changes behind one, in order and without a gap."""
        there = changes.numbers(self._store, number)
        previous: Change | None = None
        for start in range(0, max(1, len(there)), _BATCH):
            batch: list[Change] = []
            for expected, found in enumerate(there[start : start + _BATCH], number + 1 + start):
                change = self._read(expected) if found == expected else None
                if change is None:
                    self._refuse_gap(expected)
                    raise DamagedError(changes.name_of(expected), "it is missing")
                if previous is not None and change.previous != previous.seal:
                    self._refuse_gap(expected)
                    text = f"it is not what {expected} follows"
                    raise DamagedError(changes.name_of(previous.number), text)
                batch.append(change)
                previous = change
            # What was read is the log only if no newer root had let go of it by then.
            self._refuse_gap(number + 1 + start)
            yield from batch

    def _read(self, number: int) -> Change | None:
        try:
            return changes.read(self._store, number)
        except MissingObjectError:
            return None
        except DamagedError:
            self._refuse_gap(number)
            raise

    def _refuse_gap(self, number: int) -> None:
        floor = self._roots.refresh().floor_change
        if number < floor:
            raise GoneError(
                f"changes before {floor} are contained in generations and have been removed; "
                f"change {number} was wanted"
            )

    def find(self, write_id: str) -> int:
        """The number of the change that has this write, among those that are still there, or 0."""
        first = self._roots.refresh().floor_change - 1
        for change in self.after(first):
            if any(write.id == write_id for write in change.writes):
                return change.number
        return 0

    def commit(self, plan: Plan) -> int:
        """Writes the next change, with what ``plan`` makes of the number of the last one."""
        with self._lock:
            while True:
                self._follow()
                writes = tuple(plan(self._tail))
                if not writes:
                    return self._tail
                number = self._tail + 1
                self._check(writes, number)
                change = Change(number, self._writer, self._tail_seal, writes)
                if self._create(change):
                    self._tail, self._tail_seal = number, seal_of(change.to_bytes())
                    return number

    def _create(self, change: Change) -> bool:
        name, content = changes.name_of(change.number), change.to_bytes()
        for left in reversed(range(_TRIES)):
            try:
                self._store.create(name, content)
                break
            except TakenError:
                return False
            except UncertainError:
                if left == 0:
                    raise
        try:
            floor = self._roots.refresh().floor_change
        except ClusterError as error:
            raise UncertainError(f"{name}: it was written, and nobody can say where") from error
        if change.number < floor:
            # Either it was created in a gap, and never happened, or it happened, and was folded
            # into generations before this process came to look.
            self._store.delete([name])
            raise UncertainError(
                f"change {change.number} lies before {floor}, where changes have been removed: "
                "this writer was paused in the middle of it"
            )
        return True

    def _follow(self) -> None:
        """Finds the last change, whose seal the next one names."""
        latest = self.latest()
        if latest == self._tail:
            return
        try:
            self._tail, self._tail_seal = latest, changes.read(self._store, latest).seal
        except MissingObjectError:
            if latest > self._roots.refresh().contained_change:
                raise DamagedError(changes.name_of(latest), "it is missing") from None
            self._tail, self._tail_seal = latest, ""

    def _check(self, writes: Sequence[Write], number: int) -> None:
        newest = self._roots.newest
        for operation in (one for write in writes for one in write.operations):
            check_operation(operation, len(newest.shards))
            for picture in operation.pictures:
                check_age(picture, number, newest.payload_window)

    def put_payload(self, content: bytes) -> Payload:
        """Stores a picture that an operation will name."""
        if self._tail == 0:
            with self._lock:
                self._follow()
        age = self._tail  # too old at worst, and then a commit refuses it
        digest = sha256_of(content)
        name = f"{PAYLOADS}/{age:012d}/{digest}"
        try:
            self._store.create(name, content)
        except UncertainError as error:
            # No change names it yet, so nothing has happened either way.
            raise StorageUnavailableError(str(error)) from error
        return Payload(name, digest, len(content))


def age_of(payload: str) -> int:
    """The number of the last change that there was when a picture was stored, from its name."""
    parts = payload.split("/")
    if len(parts) != 3 or parts[0] != PAYLOADS or not parts[1].isdigit():
        raise InvalidRequestError(f"{payload}: it is not the name of a picture")
    return int(parts[1])


def check_age(picture: Payload, number: int, window: int) -> None:
    """Raises SupersededError when a picture may have been removed before change ``number`` names
    it."""
    if number - age_of(picture.object) > window:
        raise SupersededError(
            f"{picture.object}: it was written more than {window} changes ago and may have been "
            "removed; write it again"
        )
