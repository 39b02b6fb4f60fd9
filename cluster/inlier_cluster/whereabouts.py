"""In which virtual shard each item is, as of a change: what a writer has to know of all items.

It is a SQLite file on local disk, made from the lists of ids beside the generations and from the
changes behind them, and thrown away with its writer. It can always be made again.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from inlier_cluster.changes import Change
from inlier_cluster.collection import Collection
from inlier_cluster.generations import ids_of

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE items (id TEXT PRIMARY KEY, shard INTEGER) WITHOUT ROWID;
CREATE TABLE writes (id TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
"""


class Whereabouts:
    """Belongs to one thread at a time. ``number`` is the change that it is as of."""

    def __init__(self, collection: Collection, file: Path) -> None:
        """Reads the generations of the newest root, and all changes behind them. Raises what
        reading them raises."""
        self._collection = collection
        self._rows = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._rows.executescript(_TABLES)
        root = collection.refresh()
        for generation in root.shards:
            rows = ((item, generation.shard) for item in ids_of(collection, generation))
            self._rows.execute("BEGIN")
            self._rows.executemany("INSERT OR REPLACE INTO items VALUES (?, ?)", rows)
            self._rows.execute("COMMIT")
        # Some generations contain more changes than others. Behind the last change that all of them
        # contain, the log alone decides, whichever generation an item was read from.
        self.number = root.covered_change
        for change in collection.changes_after(root.floor_change - 1):
            self._note_writes(change)
            if change.number > self.number:
                self._note_items(change)
        self.follow(collection.latest_change())

    def follow(self, until: int) -> None:
        """Takes in the changes up to one. Raises GoneError when they are gone."""
        if until <= self.number:
            return
        for change in self._collection.changes_after(self.number):
            self._note_writes(change)
            self._note_items(change)

    def shard_of(self, item: str) -> int | None:
        """Where an item is, or None when there is none."""
        row = self._rows.execute("SELECT shard FROM items WHERE id = ?", (item,)).fetchone()
        return None if row is None else int(row[0])

    def change_of(self, write: str) -> int | None:
        """The change that has this write already."""
        row = self._rows.execute("SELECT number FROM writes WHERE id = ?", (write,)).fetchone()
        return None if row is None else int(row[0])

    def close(self) -> None:
        self._rows.close()

    def _note_writes(self, change: Change) -> None:
        rows = ((write.id, change.number) for write in change.writes)
        self._rows.executemany("INSERT OR IGNORE INTO writes VALUES (?, ?)", rows)

    def _note_items(self, change: Change) -> None:
        for one in change.operations:
            if one.kind == "put":
                self._rows.execute(
                    "INSERT OR REPLACE INTO items VALUES (?, ?)", (one.item, one.shard)
                )
            elif one.kind == "remove":
                self._rows.execute(
                    "DELETE FROM items WHERE id = ? AND shard = ?", (one.item, one.shard)
                )
        self.number = change.number
