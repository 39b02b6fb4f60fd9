"""The directory by itself: epochs that only rise, and a table of who is ready and heard of."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from inlier_cluster.directory import (
    SILENT_AFTER_S,
    Directory,
    DirectoryActor,
    Replica,
    Report,
    Table,
)
from inlier_cluster.errors import ClusterError


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def directory(term: int = 1, clock: Clock | None = None) -> Directory:
    made = Directory(lambda: term, clock or Clock())
    made.begin()
    return made


def server(slot: str, epoch: int, *shards: int, ready: bool = True, applied: int = 0) -> Report:
    replicas = tuple(Replica(shard, f"http://{slot}/{shard}", applied, 10) for shard in shards)
    return Report(slot, epoch, "server", ready, "node", known_change=applied, replicas=replicas)


def urls(directory: Directory, shard: int) -> list[str]:
    return [replica.url for replica, _ in directory.table().shards.get(shard, ())]


def test_a_newer_placement_fences_the_older_one() -> None:
    one = directory()
    old = one.grant("a/0")
    assert one.report(server("a/0", old, 0))
    new = one.grant("a/0")
    assert new > old
    assert urls(one, 0) == []  # the new one has not reported, and the old one is asked no more
    assert not one.report(server("a/0", old, 0))
    assert one.report(server("a/0", new, 0))
    assert one.table().shards[0][0][1] == new


def test_a_directory_that_begins_again_takes_over_what_is_reported() -> None:
    terms = count(1)
    before = Directory(lambda: next(terms))
    before.begin()
    first, second = before.grant("a/0"), before.grant("a/0")
    after = Directory(lambda: next(terms))
    after.begin()
    assert after.report(server("a/0", first, 0))  # it cannot know better
    assert after.report(server("a/0", second, 0))
    assert not after.report(server("a/0", first, 0))
    assert after.grant("a/0") > second


def test_who_is_silent_or_not_ready_is_not_asked() -> None:
    clock = Clock()
    one = directory(clock=clock)
    first, second = one.grant("a/0"), one.grant("a/1")
    one.report(server("a/0", first, 0))
    one.report(server("a/1", second, 0, ready=False))
    assert urls(one, 0) == ["http://a/0/0"]
    clock.now_s += SILENT_AFTER_S + 0.1
    one.report(server("a/1", second, 0))
    assert urls(one, 0) == ["http://a/1/0"]


def test_the_version_rises_with_each_difference_and_only_then() -> None:
    one = directory()
    epoch = one.grant("a/0")
    one.report(server("a/0", epoch, 0, applied=4))
    table = one.table()
    assert one.table() == table
    one.report(server("a/0", epoch, 0, applied=5))
    assert one.table().version == table.version + 1
    assert one.table().collection_version == 5


def test_the_version_of_the_collection_never_falls() -> None:
    clock = Clock()
    one = directory(clock=clock)
    epoch = one.grant("a/0")
    one.report(server("a/0", epoch, 0, applied=7))
    assert one.table().collection_version == 7
    clock.now_s += SILENT_AFTER_S + 0.1
    assert one.table().collection_version == 7


def test_who_is_there_is_known_while_storage_is_away() -> None:
    def away() -> int:
        raise ClusterError("the storage is away")

    actor = DirectoryActor(away)

    async def ask() -> Table:
        assert await actor.report(server("a/0", 7, 0))
        with pytest.raises(ClusterError, match="away"):
            await actor.grant("a/1")
        return await actor.table(0, 0, 0.0)

    table = asyncio.run(ask())
    assert [replica.url for replica, _ in table.shards[0]] == ["http://a/0/0"]
    assert table.term == 0
