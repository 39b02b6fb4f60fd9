"""One virtual shard on local disk, served by a child, and kept up to date with the log of changes.

Changes are applied through the child's own HTTP, one after the other. Each of them says what an
item is afterwards, so applying one twice does no harm: after a call whose outcome is unknown, or
after a restart of the child, the same change is simply sent again.

A server that has just started has many changes to apply: all since the generation was made. That
takes most of the time of its start, so it is compaction that keeps a replacement quick.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from inlier_cluster.changes import Change
from inlier_cluster.child import Child
from inlier_cluster.collection import Collection
from inlier_cluster.errors import ClusterError
from inlier_cluster.generations import download
from inlier_cluster.operations import Operation

START_DEADLINE_S = 60.0
OPEN_DEADLINE_S = 600.0  # until a large database is open
CHANGE_DEADLINE_S = 60.0
_ITEMS_AT_ONCE = 8  # as many as make the child's group commits pay


class ApplyError(ClusterError):
    """A change could not be applied now; it has to be tried again."""


class ServedShard:
    """`load` and `start` serve it; then `apply` takes what comes after `applied`, in order."""

    def __init__(self, collection: Collection, shard: int, folder: Path) -> None:
        self.shard = shard
        self.applied = 0
        self.items = 0
        self.refused = 0  # operations that a child refuses each time
        self._collection = collection
        self._folder = folder
        self._child: Child | None = None
        self._http: httpx.Client | None = None
        self._url = ""

    def url(self) -> str:
        """Where it is served; empty while it is not. For any thread."""
        child = self._child
        return self._url if child is not None and child.alive() else ""

    def load(self) -> None:
        """Brings the generation from storage, whole and compared with its hashes."""
        generation = download(self._collection, self.shard, self._folder / "db")
        self.applied = generation.covered_change

    def start(self, program: str, host: str, flags: list[str]) -> None:
        """Starts the child, or starts it again after its end; `wait_until_ready` has to follow."""
        self.stop()
        command = [program, "serve", "--db", str(self._folder / "db"), "--listen", f"{host}:0"]
        self._child = Child([*command, *flags], self._folder / "log", START_DEADLINE_S)
        self._http = httpx.Client(base_url=self._child.url, timeout=CHANGE_DEADLINE_S)

    def wait_until_ready(self) -> None:
        """Waits until the database is open, which a large one takes a while to be."""
        assert self._child is not None and self._http is not None
        end = time.monotonic() + OPEN_DEADLINE_S
        said = ""
        while time.monotonic() < end:
            if not self._child.alive():
                raise ApplyError(f"shard {self.shard}: it ended: {self._child.last_words()}")
            try:
                reply = self._http.get("/readyz", timeout=START_DEADLINE_S)
            except httpx.HTTPError as error:
                raise ApplyError(f"shard {self.shard}: /readyz: {error!r}") from error
            if reply.status_code == 200:
                self._count_items()
                self._url = self._child.url
                return
            said = reply.text
            time.sleep(0.05)  # the server has no way to say when it will be
        raise ApplyError(f"shard {self.shard}: not ready after {OPEN_DEADLINE_S:g} s: {said}")

    def stop(self) -> None:
        self._url = ""
        if self._http is not None:
            self._http.close()
        if self._child is not None:
            self._child.stop()
        self._http = self._child = None

    def apply(self, changes: Sequence[Change]) -> None:
        """Applies those that are new here, one after the other. Raises ApplyError, and ClusterError
        of the storage; then the rest is left for the next time."""
        for change in self._new(changes):
            for operation in self._ours(change):
                self._apply_one(operation)
            self.applied = change.number
        self._count_items()

    def catch_up(self, changes: Sequence[Change]) -> None:
        """As `apply`, for a server that nobody asks yet. Only the final state of each item is
        applied, and several items at once, which takes a fraction of the time."""
        new = self._new(changes)
        left: dict[str, list[Operation]] = {}
        for change in new:
            for operation in self._ours(change):
                if operation.kind != "metadata":
                    left[operation.item] = []  # all that the item had is replaced
                left.setdefault(operation.item, []).append(operation)
        with ThreadPoolExecutor(_ITEMS_AT_ONCE) as pool:
            list(pool.map(lambda operations: [*map(self._apply_one, operations)], left.values()))
        if new:
            self.applied = new[-1].number
        self._count_items()

    def _new(self, changes: Sequence[Change]) -> list[Change]:
        """Those that have not been applied. Raises ApplyError when one is missing among them."""
        new = [change for change in changes if change.number > self.applied]
        for expected, change in enumerate(new, self.applied + 1):
            if change.number != expected:
                raise ApplyError(f"change {expected} is missing before {change.number}")
        return new

    def _ours(self, change: Change) -> list[Operation]:
        return [one for one in change.operations if one.shard == self.shard]

    def _apply_one(self, operation: Operation) -> None:
        path = "/v1/items/" + quote(operation.item, safe="")
        if operation.kind == "remove":
            status = self._send("DELETE", path)
        elif operation.kind == "metadata":
            status = self._send("PATCH", path, json={"metadata": dict(operation.metadata)})
        else:
            pictures = [self._collection.get_payload(one) for one in operation.pictures]
            files = [
                ("picture", ("picture", bytes_, "application/octet-stream")) for bytes_ in pictures
            ]
            metadata = {"metadata": json.dumps(dict(operation.metadata), ensure_ascii=False)}
            status = self._send("PUT", path, files=files, data=metadata)
        # An item that is not there any more is as it should be; anything else was refused for what
        # it is, as it will be by every other replica. The log must not stop there.
        if status >= 400 and status != 404:
            self.refused += 1

    def _send(self, method: str, path: str, **options: Any) -> int:
        """The status. Raises ApplyError when the same request may have another outcome later."""
        assert self._http is not None
        try:
            reply = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise ApplyError(f"shard {self.shard}: {method} {path}: {error!r}") from error
        if reply.status_code in (408, 429) or reply.status_code >= 500:
            raise ApplyError(
                f"shard {self.shard}: {method} {path}: {reply.status_code} {reply.text}"
            )
        return reply.status_code

    def _count_items(self) -> None:
        assert self._http is not None
        try:
            self.items = int(self._http.get("/v1/stats").raise_for_status().json()["items"])
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise ApplyError(f"shard {self.shard}: how many items: {error!r}") from error
