"""A service on a cluster that loses what it runs on: it serves again, and nothing that was
acknowledged is lost."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from inlier_cluster import serve, status
from inlier_cluster.collection import Collection
from inlier_cluster.errors import ClusterError
from inlier_cluster.remote import RemoteError
from local_cluster import LocalCluster, alive, tree, until
from tested_service import DATA, SHARDS, NotAnsweredError, ServiceUnderTest, item_of

COVERS = sorted((DATA / "smvs-dvd/catalogue").glob("*"))
NEW = sorted((DATA / "smvs-museum/catalogue").glob("*"))
pytest_plugins = ("service_fixtures",)
pytestmark = pytest.mark.skipif(not (COVERS and NEW), reason=f"no pictures in {DATA}")

REPLICAS = SHARDS * 2
AGAIN_S = 30.0


def whole(service: ServiceUnderTest, before: dict[str, int] | None = None) -> bool:
    """Whether all replicas are ready, with some other epochs than `before`."""
    now = service.epochs()  # first: a server that has just begun is there, but not ready
    return len(now) == 4 and now != before and service.replicas() == REPLICAS


def found(service: ServiceUnderTest, picture: Path, version: int) -> set[str] | None:
    """What the service answers; None when it refuses."""
    try:
        return service.ask(picture.read_bytes(), version)
    except NotAnsweredError:
        return None


def answers(service: ServiceUnderTest, picture: Path, item: str, version: int) -> bool:
    return item in (found(service, picture, version) or ())


def gateway_finds(service: ServiceUnderTest, picture: Path, item: str) -> bool:
    try:
        hits = service.ask_gateway(picture.read_bytes())["hits"]
    except NotAnsweredError:
        return False
    return any(hit["id"] == item and hit["accepted"] for hit in hits)


def put(service: ServiceUnderTest, picture: Path) -> tuple[Path, str, int]:
    return picture, item_of(picture), service.put(item_of(picture), picture)


def test_every_item_is_served_by_two_replicas(service: ServiceUnderTest) -> None:
    items = service.items()
    assert sorted(items) == list(range(SHARDS))
    for first, second in items.values():
        assert first == second
        assert first
    assert sum(len(first) for first, _ in items.values()) == 201
    assert answers(service, COVERS[0], item_of(COVERS[0]), 0)


def test_the_gateway_answers_from_all_shards(service: ServiceUnderTest) -> None:
    for picture in COVERS[:6]:
        answer = service.ask_gateway(picture.read_bytes())
        assert answer["hits"][0]["id"] == item_of(picture)
        assert answer["hits"][0]["accepted"]
    assert httpx.get(f"{service.gateway()}/readyz", timeout=10).status_code == 200


def test_an_addition_is_seen_at_its_version_and_a_removal_too(service: ServiceUnderTest) -> None:
    picture, item, version = put(service, NEW[0])
    until(lambda: answers(service, picture, item, version), 10, "the addition is found")
    gone = service.remove(item, picture)
    assert gone == version + 1
    until(lambda: found(service, picture, gone) is not None, 10, "it answers at that version")
    assert found(service, picture, gone) == set()
    assert Collection.open(service.url).latest_change() == gone


def test_bringing_it_up_again_changes_nothing(service: ServiceUnderTest) -> None:
    before = service.epochs()
    service.up()
    assert service.epochs() == before


def test_status_says_who_serves_what(service: ServiceUnderTest) -> None:
    told = status.status("test", service.url)
    assert [len(one["replicas"]) for one in told["shards"]] == [2] * SHARDS
    assert sum(one["items"] for one in told["shards"]) == 201
    slots = [one["slot"] for one in told["placements"]]
    assert slots == sorted(slots)
    assert {"test/gateway/0", "test/server-1/1", "test/writer"} <= set(slots)
    assert all(one["ready"] for one in told["placements"])
    text = status.as_text(told)
    assert "3 shards, 201 items" in text
    assert "not ready" not in text
    with pytest.raises(RemoteError, match="no actor"):
        status.status("another")


def test_other_numbers_are_refused_while_it_runs(service: ServiceUnderTest) -> None:
    with pytest.raises(ClusterError, match="other numbers"):
        serve.bring_up(replace(service.plan, replicas=3), 5)
    assert service.replicas() == REPLICAS


def test_more_servers_than_shards_are_refused(service: ServiceUnderTest) -> None:
    with pytest.raises(ClusterError, match="virtual shards"):
        serve.bring_up(serve.Service(service.url, name="other", servers=SHARDS + 1), 5)


def test_an_actor_that_is_killed_serves_again(service: ServiceUnderTest) -> None:
    added = put(service, NEW[1])
    before = service.epochs()
    pid = service.pid("server-0/0")
    children = tree(pid)
    assert len(children) == 3  # two virtual shards
    os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(alive, children)), 10, "its children have ended with it")
    until(lambda: whole(service, before), AGAIN_S, "all replicas are there again")
    assert service.epochs()["server-0/0"] > before["server-0/0"]
    until(lambda: answers(service, *added), 10, "what was acknowledged is found")


def test_a_child_that_ends_is_started_again(service: ServiceUnderTest) -> None:
    url = service.table().shards[0][0][0].url
    os.kill(tree(service.pid("server-0/0"))[1], signal.SIGKILL)
    until(
        lambda: whole(service) and service.table().shards[0][0][0].url != url,
        AGAIN_S,
        "another child serves the shard",
    )


def test_a_directory_that_is_killed_learns_who_serves(service: ServiceUnderTest) -> None:
    term = service.table().term
    before = service.epochs()
    os.kill(service.pid("directory"), signal.SIGKILL)
    until(lambda: whole(service) and service.table().term > term, AGAIN_S, "it knows everybody")
    assert service.epochs() == before  # nobody had to begin again


def test_a_node_that_is_lost_is_replaced(cluster: LocalCluster, service: ServiceUnderTest) -> None:
    added = put(service, NEW[2])
    before = service.epochs()
    cluster.kill_raylet(cluster.nodes[0])
    until(lambda: whole(service, before), AGAIN_S, "all replicas are there again")
    until(lambda: answers(service, *added), 10, "what was acknowledged is found")
    until(lambda: gateway_finds(service, *added[:2]), 10, "the gateway finds it too")
    cluster.add_node()


def test_a_node_that_wakes_up_beside_its_replacement_is_fenced(
    cluster: LocalCluster, service: ServiceUnderTest
) -> None:
    before = service.epochs()
    node = cluster.nodes[0]
    processes = cluster.freeze(node)
    until(lambda: whole(service, before), AGAIN_S, "all replicas are there again")
    after = service.epochs()
    cluster.thaw(processes)
    until(lambda: cluster.ended(node, processes), 15, "all of the thawed node has ended")
    assert whole(service)
    assert service.epochs() == after
    cluster.forget(node)
    cluster.add_node()


def test_the_gcs_can_be_killed_and_started_again(
    cluster: LocalCluster, service: ServiceUnderTest
) -> None:
    before = service.epochs()
    cluster.restart_gcs(1.0)
    assert answers(service, COVERS[1], item_of(COVERS[1]), 0)
    os.kill(service.pid("server-1/1"), signal.SIGKILL)  # it can still start others
    until(lambda: whole(service, before), AGAIN_S, "all replicas are there again")


def test_the_head_can_be_lost(cluster: LocalCluster, service: ServiceUnderTest) -> None:
    before = service.epochs()
    urls = [replica.url for served in service.table().shards.values() for replica, _ in served]
    cluster.lose_head()
    del service.directory  # this program was connected to the head
    for url in urls:  # queries do not need it
        httpx.get(f"{url}/readyz", timeout=10).raise_for_status()
    cluster.replace_head()
    until(lambda: whole(service), AGAIN_S, "it is reached again")
    assert service.epochs() == before  # nobody had to begin again
    os.kill(service.pid("server-0/1"), signal.SIGKILL)
    until(lambda: whole(service, before), AGAIN_S, "the new head starts others again")
