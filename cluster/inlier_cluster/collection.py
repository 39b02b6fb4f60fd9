"""A collection: one recipe and vocabulary, virtual shards with their generations, and a numbered
log of changes for all shards together. docs/CLUSTER-STORAGE.md describes the objects and the
protocol.

Nothing here depends on a clock. Who may do what follows from numbers alone: the next root and the
next change are objects that only one process can create, and whoever was paused meanwhile finds its
number taken. ``roots.py`` and ``log.py`` have the two halves; this is the face of both.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from inlier_cluster import root
from inlier_cluster.changes import Change, Write
from inlier_cluster.errors import DamagedError, InvalidRequestError, TakenError
from inlier_cluster.log import Log, Plan
from inlier_cluster.operations import Operation, Payload
from inlier_cluster.recipe import check_same, complete
from inlier_cluster.root import Generation, Root
from inlier_cluster.roots import Roots
from inlier_cluster.sealed import sha256_of
from inlier_cluster.store import DEADLINE_S, Store, open_store

PAYLOAD_WINDOW = 10_000
VOCABULARY = "vocabulary"
MAX_SHARDS = 4096


class Collection:
    """A collection that is open. Safe to use from many threads; commits take place one at a
    time."""

    def __init__(self, store: Store, newest: Root, damaged: Sequence[DamagedError] = ()) -> None:
        self.store = store
        self._roots = Roots(store, newest, damaged)
        self._log = Log(store, self._roots)

    @property
    def root(self) -> Root:
        """The newest root that has been seen and is whole."""
        return self._roots.newest

    @property
    def damaged(self) -> Sequence[DamagedError]:
        """Why newer roots could not be used, when there are any."""
        return self._roots.damaged

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
        return self._roots.refresh()

    def shard_of(self, pixel_hash: str) -> int:
        """The virtual shard of an item, from the hash of its first picture's pixels."""
        return self.root.shard_of(pixel_hash)

    def vocabulary(self) -> bytes:
        """The vocabulary that all shards share, checked; nothing for a method without one."""
        if not self.root.vocabulary_hash:
            return b""
        name = vocabulary_name(self.root.vocabulary_hash)
        return self.store.get_checked(name, self.root.vocabulary_hash)

    # The log.

    def version(self) -> int:
        """The number of the last change, as :meth:`latest_change`."""
        return self.latest_change()

    def latest_change(self) -> int:
        """The number of the last change that is durable; 0 when there is none."""
        return self._log.latest()

    def changes_after(self, number: int) -> Iterator[Change]:
        """The changes behind one, in order and without a gap, up to the last that there is now.

        Raises GoneError when some have been removed since generations contain them, and
        DamagedError when one is missing or is not what was written.
        """
        return self._log.after(number)

    def find_write(self, write_id: str) -> int:
        """The number of the change that has this write, among those that are still there, or 0."""
        return self._log.find(write_id)

    def append(self, operations: Sequence[Operation], write_id: str | None = None) -> int:
        """Writes operations as one change and returns its number. They are durable then.

        When another writer was first, they become the next change. What they were decided upon may
        have changed by then; who cares uses :meth:`commit`. A write that may or may not have
        happened (UncertainError) is tried again with the same ``write_id``, and is then applied
        once.
        """
        own = Write(write_id or secrets.token_hex(16), tuple(operations))
        found = 0

        def plan(latest: int) -> Sequence[Write]:
            nonlocal found
            found = self.find_write(own.id) if write_id else 0
            return () if found else (own,)

        number = self.commit(plan)
        return found or number

    def commit(self, plan: Plan) -> int:
        """Writes the next change. ``plan`` is called with the number of the last change, and gives
        the writes that follow it, or none; it is called again whenever another writer was first.
        Returns the number of the change, which is durable then.

        Raises UncertainError when the storage does not say whether the change was written, or this
        process was paused in the middle of it for so long that nobody can say, and SupersededError
        when a picture was stored too long ago to be named now.
        """
        return self._log.commit(plan)

    def put_payload(self, content: bytes) -> Payload:
        """Stores a picture that an operation will name."""
        return self._log.put_payload(content)

    def get_payload(self, payload: Payload) -> bytes:
        """A picture of an operation, checked. Raises DamagedError."""
        return self.store.get_checked(payload.object, payload.sha256)

    # Roots.

    def publish(self, next_root: Root) -> Root:
        """Creates the next root. ``next_root`` was derived from the newest one, whose number it has
        still. Raises SupersededError when somebody else published first."""
        return self._roots.publish(next_root)

    def swap(self, generations: Sequence[Generation], base: Root) -> Root:
        """Publishes new generations that were made from those of ``base``. What others have
        published since stays, as long as they did not replace the generation of one of these
        shards: then SupersededError is raised, and nothing happened."""
        return self._roots.swap(generations, base)


def vocabulary_name(sha256: str) -> str:
    return f"{VOCABULARY}/{sha256}"
