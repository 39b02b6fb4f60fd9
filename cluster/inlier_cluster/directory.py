"""Who serves what: the one actor that all others of a cluster know.

A *slot* is a place in the plan of a cluster, such as the second replica of the third shard server.
What fills a slot is a *placement*: one life of one actor. Each placement has an *epoch*, and
epochs only rise, so of two that claim one slot the one with the higher epoch is right. The other
one is told so at its next report and ends: it may be a server whose node was frozen, and which
woke up after its replacement had begun.

Everything here is kept in memory and is rebuilt from the reports that all placements send every
second. Only one thing has to outlive this actor, or else epochs could fall: its *term*. A
directory takes the next number that nobody has had from the collection's storage, which is one
object that is created only if absent, and its epochs are that number followed by 10 bits of its
own count.

A directory that has just begun does not know yet who is there, so it gives out its first table
only after everybody had time to report; until then gateways go on with the table that they have.

Gateways do not poll: they ask for the table that is newer than the one they know, and the answer
comes when there is one, or after the time that they were ready to wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from inlier_cluster.errors import ClusterError

COUNT_BITS = 10  # `inlier serve` takes epochs of 31 bits
REPORT_EVERY_S = 1.0
SILENT_AFTER_S = 3.0  # a placement that has not reported for this long is no longer asked
SETTLED_AFTER_S = 2.0  # this long after its start a directory has heard from everybody


@dataclass(frozen=True)
class Replica:
    """One virtual shard at one server."""

    shard: int
    url: str
    applied: int
    items: int


@dataclass(frozen=True)
class Report:
    """What a placement says of itself."""

    slot: str
    epoch: int
    kind: str  # "server", "gateway" or "writer"
    ready: bool
    node: str
    url: str = ""  # of a gateway or the writer
    known_change: int = 0  # the newest change that it has seen in storage
    replicas: tuple[Replica, ...] = ()
    trouble: str = ""  # what keeps it from being ready, in words


@dataclass(frozen=True)
class Table:
    """What gateways need. `version` rises with each difference, within one term."""

    term: int
    version: int
    collection_version: int
    writer: str
    shards: dict[int, tuple[tuple[Replica, int], ...]]  # with the epoch of each replica


@dataclass
class _Held:
    report: Report
    heard_s: float


@dataclass
class Directory:
    """The state behind the actor. `term` takes a new term from storage, when one is needed."""

    take_term: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    _term: int = 0
    _count: int = 0
    _granted: dict[str, int] = field(default_factory=dict)  # slot → its newest epoch
    _held: dict[str, _Held] = field(default_factory=dict)
    _table: Table = field(default=Table(0, 0, 0, "", {}))
    _silent: frozenset[str] = frozenset()  # slots, when the table was made
    changed: bool = True  # since then

    def begin(self) -> None:
        """Takes a term, unless it has one that is not used up."""
        if self._term == 0 or self._count == 1 << COUNT_BITS:
            self._term, self._count = self.take_term(), 0
            self.changed = True

    def grant(self, slot: str) -> int:
        """A new epoch for a slot, after `begin`. Whoever had the slot before is out of date from
        now on."""
        epoch = (self._term << COUNT_BITS) + self._count
        self._count += 1
        self._granted[slot] = epoch
        self._held.pop(slot, None)
        self.changed = True
        return epoch

    def report(self, report: Report) -> bool:
        """False when the slot has a newer placement: the one that reports has to end."""
        newest = self._granted.get(report.slot, 0)
        if report.epoch < newest:
            return False
        # A directory that was restarted learns of placements in this way.
        self._granted[report.slot] = report.epoch
        held = self._held.get(report.slot)
        self.changed = self.changed or held is None or held.report != report
        self._held[report.slot] = _Held(report, self.clock())
        return True

    def table(self) -> Table:
        """The placements that are ready and have reported recently."""
        begin = self.clock() - SILENT_AFTER_S
        silent = frozenset(slot for slot, held in self._held.items() if held.heard_s <= begin)
        if self.changed or silent != self._silent:
            self._silent, self.changed = silent, False
            self._make_table()
        return self._table

    def _make_table(self) -> None:
        live = [held.report for slot, held in self._held.items() if slot not in self._silent]
        shards: dict[int, list[tuple[Replica, int]]] = {}
        for report in sorted(live, key=lambda one: one.slot):
            for replica in report.replicas if report.ready else ():
                shards.setdefault(replica.shard, []).append((replica, report.epoch))
        writers = [one.url for one in live if one.kind == "writer" and one.ready]
        found = Table(
            term=self._term,
            version=self._table.version,
            collection_version=max(
                [self._table.collection_version, *(r.known_change for r in live)]
            ),
            writer=writers[0] if writers else "",
            shards={shard: tuple(shards[shard]) for shard in sorted(shards)},
        )
        if found != self._table:
            self._table = replace(found, version=found.version + 1)

    def everybody(self) -> list[dict[str, Any]]:
        """All placements, for people: also those that are not ready, or silent."""
        now = self.clock()
        return [
            {"report": held.report, "silent_s": round(now - held.heard_s, 1)}
            for _, held in sorted(self._held.items())
        ]


class DirectoryActor:
    """`Directory` for Ray: a method is one remote call."""

    def __init__(self, take_term: Callable[[], int]) -> None:
        self._directory = Directory(take_term)
        self._begun_s = time.monotonic()
        self._beginning = asyncio.Lock()
        self._trouble = ""
        self._early: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()

    async def grant(self, slot: str) -> int:
        await self._begin()
        epoch = self._directory.grant(slot)
        await self._tell()
        return epoch

    async def report(self, report: Report) -> bool:
        accepted = self._directory.report(report)
        if self._directory.changed:  # most say the same as a second ago
            await self._tell()
        return accepted

    async def table(self, term: int, version: int, wait_s: float) -> Table:
        """The table as soon as it is another one than (term, version), or after `wait_s`."""
        if self._early is None:  # a table is given out without a term, if storage is away
            self._early = asyncio.create_task(self._try_to_begin())
        end = time.monotonic() + wait_s
        await asyncio.sleep(max(0.0, self._begun_s + SETTLED_AFTER_S - time.monotonic()))
        while True:
            table = self._directory.table()
            rest = end - time.monotonic()
            if (table.term, table.version) != (term, version) or rest <= 0:
                return table
            await self._wait_for_news(min(rest, 0.5))  # silence is no news

    async def trouble(self) -> str:
        """What keeps it from giving out epochs; empty when nothing does."""
        return self._trouble

    async def pid(self) -> int:
        """The process, for those who want to see it die."""
        return os.getpid()

    async def everybody(self) -> list[dict[str, Any]]:
        return self._directory.everybody()

    async def _begin(self) -> None:
        # Storage may be slow, and reports must not wait for it.
        async with self._beginning:
            try:
                await asyncio.to_thread(self._directory.begin)
                self._trouble = ""
            except Exception as error:
                self._trouble = f"the directory has no term yet: {error}"
                raise

    async def _try_to_begin(self) -> None:
        with contextlib.suppress(ClusterError):  # whoever needs an epoch tries again
            await self._begin()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _wait_for_news(self, at_most_s: float) -> None:
        async with self._news:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), at_most_s)
