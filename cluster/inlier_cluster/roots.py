"""The newest root of a collection, and how the next one is published."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace

from inlier_cluster import root
from inlier_cluster.errors import (
    DamagedError,
    IncompatibleError,
    MissingObjectError,
    SupersededError,
    TakenError,
)
from inlier_cluster.root import Generation, Root
from inlier_cluster.store import Store


class Roots:
    """Safe to use from many threads. ``newest`` is the newest root that has been seen and is whole,
    and ``damaged`` says which newer ones could not be used."""

    def __init__(self, store: Store, newest: Root, damaged: Sequence[DamagedError] = ()) -> None:
        self.newest = newest
        self.damaged = list(damaged)
        self._store = store
        self._last_number = newest.number + len(self.damaged)
        self._writer = secrets.token_hex(8)
        self._lock = threading.RLock()

    def refresh(self) -> Root:
        """Looks for a newer root."""
        with self._lock:
            newer = root.numbers(self._store, self.newest.number)
            if newer:
                newest, damaged = root.newest(self._store, newer)
                if newest.collection != self.newest.collection:
                    raise IncompatibleError(f"{self._store.url}: it is another collection now")
                self.damaged = damaged
                self._last_number = newer[-1]
                if newest.number > self.newest.number:
                    self.newest = newest
            return self.newest

    def publish(self, next_root: Root) -> Root:
        """Creates the root behind the newest one, whose number ``next_root`` has still."""
        with self._lock:
            if next_root.number != self.newest.number:
                raise SupersededError(f"root {self.newest.number} is newer than {next_root.number}")
            # Behind the damaged ones as well, whose numbers are taken.
            number = self._last_number + 1
            floor = self._floor(number, next_root)
            made = replace(next_root, number=number, floor_change=floor, writer=self._writer)
            try:
                self._store.create(root.name_of(number), made.to_bytes())
            except TakenError as error:
                raise SupersededError(f"root {number} was published by somebody else") from error
            self.newest, self._last_number = made, number
            # Others may have gone on from this root already. But if they are so far ahead that its
            # number may have been removed before it was created, it lies in a gap.
            newest = self.refresh().number
            if number <= newest - root.KEPT:
                raise SupersededError(f"root {newest} was published before root {number}")
            return made

    def swap(self, generations: Sequence[Generation], base: Root) -> Root:
        """Publishes generations in the place of those of ``base``, also behind roots that replaced
        others."""
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

    def _floor(self, number: int, next_root: Root) -> int:
        """The changes that no kept root needs end here. The last of them stays as well, so that the
        log is never empty and its next number is known."""
        oldest = number + 1 - root.KEPT
        if oldest < 1:
            return next_root.floor_change
        try:
            covered = root.read(self._store, oldest).covered_change
        except (DamagedError, MissingObjectError):
            return next_root.floor_change
        return max(next_root.floor_change, covered)
