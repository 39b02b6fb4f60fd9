"""The writer over HTTP before a bucket whose network breaks: what a client is told is true."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from conftest import ORB, drawn, items_of
from inlier_cluster import Collection
from inlier_cluster.writer import Writer
from s3_server import BUCKET, PROGRAM, Door, Fault, S3Server

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="there is no S3 server; scripts/cluster-s3 makes it"
)

URL = f"s3://{BUCKET}/shop"
DEADLINE_S = 2.0


@pytest.fixture
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        yield server.door
    server.close()


@pytest.fixture
def http(door: Door) -> Iterator[httpx.Client]:
    shop = Collection.create(URL, recipe=ORB, vocabulary=b"", shards=2, deadline_s=DEADLINE_S)
    writer = Writer(shop)
    with httpx.Client(base_url=writer.url, timeout=60) as client:
        yield client
    writer.close()


def put(http: httpx.Client, item: str, seed: int) -> httpx.Response:
    headers = {"Content-Type": "image/png", "Idempotency-Key": f"order-{item}"}
    return http.put(f"/v1/items/{item}", content=drawn(seed), headers=headers)


@pytest.mark.parametrize(
    ("fault", "kind", "there"),
    [
        (Fault("refuse", "/payloads/"), "storage_unavailable", False),
        (Fault("cut request", "/changes/"), "uncertain", False),
        (Fault("lose answer", "/changes/"), "uncertain", True),
        (Fault("refuse", "list-type"), "storage_unavailable", None),
    ],
    ids=lambda one: f"{one.kind} {one.request}" if isinstance(one, Fault) else None,
)
def test_a_refusal_is_typed_and_the_same_request_is_applied_once(
    door: Door, http: httpx.Client, fault: Fault, kind: str, there: bool | None
) -> None:
    with door.broken(fault):
        reply = put(http, "mug", 1)
    assert reply.status_code == 503 and "Retry-After" in reply.headers
    assert reply.json()["type"] == f"urn:inlier:problem:{kind}"
    assert "127.0.0.1" not in reply.text and "bucket" not in reply.text
    log = items_of(Collection.open(URL))
    assert log in ([], ["mug"]) if there is None else log == (["mug"] if there else [])
    again = put(http, "mug", 1)
    assert again.is_success and again.json()["collection_version"] == 1
    assert put(http, "tea", 2).json()["collection_version"] == 2
    assert items_of(Collection.open(URL)) == ["mug", "tea"]
    assert Collection.open(URL).version() == 2
