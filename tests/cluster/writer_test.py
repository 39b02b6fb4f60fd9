"""The writer over HTTP: what it takes, what it refuses, and that nothing acknowledged is lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import inlier
import pytest
from conftest import ORB, drawn
from inlier_cluster import Collection, StorageUnavailableError, UncertainError, remove_item
from inlier_cluster.compact import compact_all
from inlier_cluster.generations import download
from inlier_cluster.store import Store
from inlier_cluster.writer import MAX_BODY_BYTES, VERSION_HEADER, Writer

Start = Callable[[], httpx.Client]
PNG = {"Content-Type": "image/png"}
PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    """Starts writers of one collection of four shards."""
    Collection.create(url, recipe=ORB, vocabulary=b"", shards=4)
    writers: list[Writer] = []

    def one() -> httpx.Client:
        writers.append(Writer(Collection.open(url)))
        return httpx.Client(base_url=writers[-1].url, timeout=30)

    yield one
    for writer in writers:
        writer.close()


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collection, httpx.Client]]:
    """A collection to which nothing is ever written, and its writer."""
    url = str(tmp_path_factory.mktemp("idle") / "shop")
    writer = Writer(Collection.create(url, recipe=ORB, vocabulary=b"", shards=4))
    yield Collection.open(url), httpx.Client(base_url=writer.url, timeout=30)
    writer.close()


def state(url: str, work: Path) -> dict[str, dict[str, str]]:
    """All items with their metadata, after a compaction; none is in two shards."""
    shop = Collection.open(url)
    compact_all(shop)
    found: dict[str, dict[str, str]] = {}
    for shard in range(len(shop.root.shards)):
        download(shop, shard, work / str(shard))
        with inlier.open(work / str(shard)) as database:
            for item in database.items():
                assert item.id not in found
                found[item.id] = dict(item.metadata)
    return found


def test_items_are_put_changed_and_removed(url: str, start: Start, tmp_path: Path) -> None:
    http = start()
    reply = http.put("/v1/items/mugs%2Fblue", content=drawn(1), headers=PNG)
    shard = Collection.open(url).shard_of(inlier.pixel_hash(drawn(1), options=ORB))
    assert reply.status_code == 201
    assert reply.json() == {"id": "mugs/blue", "shard": shard, "collection_version": 1}
    assert reply.headers[VERSION_HEADER] == "1"
    files = [("picture", drawn(2)), ("picture", drawn(3))]
    metadata = {"metadata": json.dumps({"price": 12.50, "new": True, "kind": "ware"})}
    reply = http.put("/v1/items/tea", files=files, data=metadata)
    assert (reply.status_code, reply.json()["collection_version"]) == (201, 2)
    assert http.put("/v1/items/tea", files=files, data=metadata).status_code == 200
    body = json.dumps({"metadata": {"price": 11, "kind": None}})
    reply = http.patch("/v1/items/tea", content=body, headers=PATCH)
    assert (reply.status_code, reply.json()["collection_version"]) == (200, 4)
    reply = http.delete("/v1/items/mugs%2Fblue")
    assert (reply.status_code, reply.content, reply.headers[VERSION_HEADER]) == (204, b"", "5")
    assert http.delete("/v1/items/mugs%2Fblue").status_code == 404
    assert http.get("/readyz").status_code == 200
    assert state(url, tmp_path) == {"tea": {"price": "11", "new": "true"}}


def test_copies_of_a_picture_meet_and_an_item_moves(url: str, start: Start, tmp_path: Path) -> None:
    http = start()
    shards = {
        seed: http.put(f"/v1/items/{seed}", content=drawn(seed)).json()["shard"]
        for seed in range(8)
    }
    assert len(set(shards.values())) > 1
    seed = next(seed for seed in shards if shards[seed] != shards[0])
    assert http.put("/v1/items/copy", content=drawn(0)).json()["shard"] == shards[0]
    moved = http.put("/v1/items/copy", content=drawn(seed))
    assert (moved.status_code, moved.json()["shard"]) == (200, shards[seed])
    (change,) = Collection.open(url).changes_after(9)
    assert [(one.kind, one.shard) for one in change.operations] == [
        ("remove", shards[0]),
        ("put", shards[seed]),
    ]
    assert len(state(url, tmp_path)) == 9


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "kind"),
    [
        ("PUT", "a", {"content": b"hello", "headers": PNG}, 415, "not_a_picture"),
        ("PUT", "a", {"content": drawn(1)[:900], "headers": PNG}, 422, "damaged_picture"),
        ("PUT", "a", {"content": b"", "headers": PNG}, 400, "empty_body"),
        ("PUT", "a", {"json": {}}, 415, "unsupported_media_type"),
        ("PUT", "a", {"files": [("photo", drawn(1))]}, 400, "invalid_form"),
        ("PUT", "a", {"data": {"metadata": "{}"}, "files": [("x", b"")]}, 400, "invalid_form"),
        (
            "PUT",
            "a",
            {"content": drawn(1), "headers": {"If-Match": "*"}},
            412,
            "precondition_failed",
        ),
        ("PUT", "a", {"content": drawn(1), "headers": {"If-Match": '"1"'}}, 501, "not_implemented"),
        ("PUT", "a", {"content": iter([drawn(1)])}, 501, "not_implemented"),
        ("PUT", "x" * 1025, {"content": drawn(1)}, 400, "invalid_argument"),
        ("PUT", "%ff", {"content": drawn(1)}, 400, "invalid_argument"),
        ("PATCH", "a", {"content": "{}", "headers": PATCH}, 400, "invalid_argument"),
        ("PATCH", "a", {"content": "[" * 9999, "headers": PATCH}, 400, "invalid_argument"),
        ("PATCH", "a", {"json": {"metadata": {"a": []}}}, 400, "invalid_argument"),
        ("PATCH", "a", {"json": {"metadata": {"a": "b"}}}, 404, "not_found"),
        ("PATCH", "a", {"content": "a"}, 415, "unsupported_media_type"),
        ("DELETE", "a", {}, 404, "not_found"),
        ("DELETE", "a", {"headers": {"If-Match": "*"}}, 412, "precondition_failed"),
        ("DELETE", "a/b", {}, 404, "not_found"),
        ("GET", "a", {}, 405, "method_not_allowed"),
        ("DELETE", "a", {"headers": {"Idempotency-Key": "x" * 201}}, 400, "invalid_argument"),
    ],
)
def test_bad_requests(
    idle: tuple[Collection, httpx.Client],
    method: str,
    path: str,
    options: Any,
    status: int,
    kind: str,
) -> None:
    shop, http = idle
    reply = http.request(method, f"/v1/items/{path}", **options)
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    problem = reply.json()
    assert (problem["type"], problem["status"]) == (f"urn:inlier:problem:{kind}", status)
    assert shop.version() == 0


def test_a_body_that_is_too_large_is_not_read(idle: tuple[Collection, httpx.Client]) -> None:
    http = idle[1]
    with socket.create_connection((http.base_url.host, http.base_url.port or 0), 10) as client:
        head = (
            f"PUT /v1/items/a HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
        )
        client.sendall(head.encode())
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_waits_to_be_told_to_go_on(idle: tuple[Collection, httpx.Client]) -> None:
    http = idle[1]
    with socket.create_connection((http.base_url.host, http.base_url.port or 0), 10) as client:
        head = "DELETE /v1/items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        client.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"body")
        assert client.recv(4096).startswith(b"HTTP/1.1 404 ")
        client.sendall(head.encode() + b"\r\nbody")  # and the connection goes on
        assert client.recv(4096).startswith(b"HTTP/1.1 404 ")


def test_many_clients_of_two_writers_lose_nothing(url: str, start: Start, tmp_path: Path) -> None:
    """Both write the same ids, which move between shards all the time."""
    clients, pictures = [start(), start()], [drawn(seed) for seed in range(6)]

    def write(i: int) -> tuple[int, str]:
        http, item = clients[i % 2], f"item{i % 5}"
        reply = http.put(f"/v1/items/{item}", content=pictures[i % 6], headers=PNG)
        assert reply.status_code in (200, 201), reply.text
        return reply.json()["collection_version"], item

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(write, range(60)))
    log = {change.number: change for change in Collection.open(url).changes_after(0)}
    assert len(log) < 60  # some share a change
    assert all(item in [one.item for one in log[number].operations] for number, item in done)
    assert sum(len(change.writes) for change in log.values()) == 60
    assert set(state(url, tmp_path)) == {f"item{i}" for i in range(5)}


def test_a_writer_that_begins_knows_where_items_are(url: str, start: Start, tmp_path: Path) -> None:
    first = start()
    for seed in range(4):
        first.put(f"/v1/items/{seed}", content=drawn(seed))
    compact_all(Collection.open(url), [0, 2])  # some generations contain more than others
    first.put("/v1/items/0", content=drawn(9))
    first.delete("/v1/items/1")
    second = start()
    assert second.delete("/v1/items/1").status_code == 404
    assert second.put("/v1/items/0", content=drawn(0)).status_code == 200
    # And what one has written, the other knows at once.
    assert first.put("/v1/items/0", content=drawn(5)).status_code == 200
    assert second.delete("/v1/items/2").status_code == 204
    assert first.patch("/v1/items/2", json={"metadata": {"a": "b"}}).status_code == 404
    assert set(state(url, tmp_path)) == {"0", "3"}


def test_a_request_that_is_sent_again_is_not_applied_twice(url: str, start: Start) -> None:
    http, other = start(), start()
    headers = {**PNG, "Idempotency-Key": "order-17"}
    first = http.put("/v1/items/mug", content=drawn(1), headers=headers)
    other.delete("/v1/items/mug")
    for again in (http, other, start()):
        reply = again.put("/v1/items/mug", content=drawn(1), headers=headers)
        assert reply.status_code == 200
        assert reply.json()["collection_version"] == first.json()["collection_version"] == 1
    assert Collection.open(url).version() == 2


def test_storage_that_fails_is_a_typed_problem(
    url: str, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    http = start()
    headers = {"Idempotency-Key": "order-18"}
    create = Store.create

    def away(self: Store, name: str, content: bytes) -> None:
        raise StorageUnavailableError(f"{name}: secret address")

    def unknown(self: Store, name: str, content: bytes) -> None:
        create(self, name, content)
        if name.startswith("changes"):
            raise UncertainError(f"{name}: secret address")

    for broken, kind, version in ((away, "storage_unavailable", 0), (unknown, "uncertain", 1)):
        monkeypatch.setattr(Store, "create", broken)
        reply = http.put("/v1/items/mug", content=drawn(1), headers=headers)
        assert reply.status_code == 503 and "Retry-After" in reply.headers
        assert reply.json()["type"] == f"urn:inlier:problem:{kind}"
        assert "secret" not in reply.text
        monkeypatch.undo()
        assert Collection.open(url).version() == version
    # It had happened, and is not done again.
    reply = http.put("/v1/items/mug", content=drawn(1), headers=headers)
    assert reply.json()["collection_version"] == 1
    assert http.put("/v1/items/tea", content=drawn(2)).json()["collection_version"] == 2


def test_a_writer_that_slept_past_compactions_begins_again(
    url: str, start: Start, tmp_path: Path
) -> None:
    http = start()
    http.put("/v1/items/mug", content=drawn(1))
    shop = Collection.open(url)
    there = next(shop.changes_after(0)).operations[0].shard
    shop.append([remove_item(there, "mug")])
    for i in range(6):
        shop.append([remove_item(0, str(i))])
        compact_all(shop)
    assert len(shop.store.names("changes")) < 6
    assert http.delete("/v1/items/mug").status_code == 404
    reply = http.put("/v1/items/mug", content=drawn(1))
    assert (reply.status_code, reply.json()["collection_version"]) == (201, 9)
    assert set(state(url, tmp_path)) == {"mug"}
