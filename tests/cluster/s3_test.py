"""Collections in a bucket of a real S3 server, also when it refuses, hangs, is slow, or its answers
are lost. The server is versitygw, which scripts/cluster-s3 builds."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from conftest import ORB, drawn, items_of, put_drawn
from faulty_proxy import Fault, FaultyProxy
from inlier_cluster import (
    Collection,
    InvalidRequestError,
    StorageError,
    StorageRefusedError,
    StorageUnavailableError,
    TakenError,
    UncertainError,
    remove_item,
)
from inlier_cluster.compact import compact_all
from inlier_cluster.generations import download
from inlier_cluster.restore import restore
from inlier_cluster.store import open_store
from inlier_cluster.verify import verify
from inlier_cluster.writer import Writer

PROGRAM = Path(__file__).parents[2] / "build" / "cluster-s3" / "versitygw"
DEADLINE_S = 2.0
KEYS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret-key",
    "AWS_REGION": "us-east-1",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, Path]]:
    """Address, port and folder of the server, whose buckets are folders."""
    folder = tmp_path_factory.mktemp("buckets")
    for _ in range(5):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        keys = ["--access", KEYS["AWS_ACCESS_KEY_ID"], "--secret", KEYS["AWS_SECRET_ACCESS_KEY"]]
        listen = ["--quiet", "--keep-alive", "--port", f"127.0.0.1:{port}"]
        process = subprocess.Popen(
            [str(PROGRAM), *listen, *keys, "posix", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _listens(process, port):
            break
    else:
        pytest.fail("versitygw does not start")
    yield "127.0.0.1", port, folder
    process.terminate()
    process.wait(20)


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


@pytest.fixture
def proxy(server: tuple[str, int, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    made = FaultyProxy(server[:2])
    for name, value in {**KEYS, "AWS_ENDPOINT": made.url}.items():
        monkeypatch.setenv(name, value)
    yield made
    made.close()


@pytest.fixture
def bucket(server: tuple[str, int, Path], proxy: FaultyProxy, tmp_path: Path) -> str:
    """The address of a new bucket, asked through the proxy."""
    name = tmp_path.name.replace("_", "-").lower()[-40:].strip("-")
    (server[2] / name).mkdir()
    return f"s3://{name}/shop"


def new_shop(bucket: str) -> Collection:
    return Collection.create(bucket, recipe=ORB, vocabulary=b"", shards=2, deadline_s=DEADLINE_S)


def opened(bucket: str) -> Collection:
    return Collection.open(bucket, deadline_s=DEADLINE_S)


def test_a_collection_in_a_bucket(bucket: str, tmp_path: Path) -> None:
    shop, other = new_shop(bucket), opened(bucket)
    with pytest.raises(TakenError):
        new_shop(bucket)
    assert shop.append([put_drawn(shop, 0, "mug", 1)]) == 1
    assert other.append([put_drawn(other, 1, "tea", 2)]) == 2
    compact_all(other)
    assert shop.append([remove_item(1, "tea")]) == 3
    assert shop.refresh().covered_change == 2
    download(shop, 0, tmp_path / "a")
    for seed in range(5):
        shop.append([put_drawn(shop, 0, "mug", seed)])
        compact_all(shop)
    assert [int(name[6:-5]) for name in shop.store.names("roots")] == [4, 5, 6, 7]
    assert verify(shop, databases=True).problems == {}
    restore(shop, str(tmp_path / "copy"))
    assert verify(Collection.open(str(tmp_path / "copy")), databases=True).problems == {}


def test_two_writers_of_a_bucket_lose_nothing(bucket: str) -> None:
    new_shop(bucket)

    def write(who: int) -> list[int]:
        mine = opened(bucket)
        return [mine.append([remove_item(0, f"{who}-{i}")]) for i in range(15)]

    with ThreadPoolExecutor(3) as pool:
        numbers = [number for done in pool.map(write, range(3)) for number in done]
    assert sorted(numbers) == list(range(1, 46))
    assert sorted(items_of(opened(bucket))) == sorted(
        f"{w}-{i}" for w in range(3) for i in range(15)
    )


def test_refusals_are_typed(
    bucket: str, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = open_store("s3://nowhere/shop", deadline_s=DEADLINE_S)
    with pytest.raises(StorageRefusedError, match="no such bucket"):
        nowhere.create("a", b"")
    with pytest.raises(StorageRefusedError):
        nowhere.names("a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    store = open_store(bucket, deadline_s=DEADLINE_S)
    with pytest.raises(StorageRefusedError):
        store.create("a", b"")
    with pytest.raises(StorageRefusedError):
        store.get("a")
    with pytest.raises(StorageRefusedError):
        store.names("a")
    with pytest.raises(InvalidRequestError):
        open_store("s3://")


@pytest.mark.parametrize("fault", ["refuse", "hang", "slow", "unavailable", "cut answer"])
def test_reading_from_storage_that_fails(bucket: str, proxy: FaultyProxy, fault: Fault) -> None:
    shop = new_shop(bucket)
    shop.append([remove_item(0, "a")])
    proxy.choose = lambda method, path: fault
    begun = time.monotonic()
    if fault == "slow":
        assert items_of(shop) == ["a"]
    else:
        with pytest.raises(StorageUnavailableError):
            items_of(shop)
    assert time.monotonic() - begun < 5 * DEADLINE_S
    proxy.heal()
    assert items_of(shop) == ["a"]


@pytest.mark.parametrize(
    ("fault", "lasting"),
    [
        ("refuse", False),
        ("hang", False),
        ("slow", True),
        ("unavailable", False),
        ("lose answer", False),
        ("cut answer", False),
        ("refuse", True),
        ("hang", True),
    ],
)
def test_a_change_while_storage_fails(
    bucket: str, proxy: FaultyProxy, fault: Fault, lasting: bool
) -> None:
    """Once, or from then on. Whatever the writer is told, the same write is applied once."""
    shop = new_shop(bucket)
    shop.append([remove_item(0, "first")])
    left = [fault]

    def choose(method: str, path: str) -> Fault:
        if lasting:
            return fault
        return left.pop() if left and method == "PUT" and "/changes/" in path else ""

    proxy.choose = choose
    told = 0
    begun = time.monotonic()
    try:
        told = shop.append([remove_item(0, "mug")], write_id="w")
    except StorageError as error:
        assert isinstance(error, UncertainError | StorageUnavailableError)
    assert time.monotonic() - begun < 10 * DEADLINE_S
    assert told == 2 or (lasting and fault != "slow")
    proxy.heal()
    assert opened(bucket).append([remove_item(0, "other")]) in (2, 3)
    again = shop.append([remove_item(0, "mug")], write_id="w")
    assert again == (told or again)
    log = items_of(opened(bucket))
    assert sorted(log) == ["first", "mug", "other"] and log[again - 1] == "mug"
    assert verify(opened(bucket)).problems == {}


def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(
    bucket: str, proxy: FaultyProxy
) -> None:
    """Clients of two writers send what is refused again, while one request in ten fails."""
    new_shop(bucket)
    writers = [Writer(opened(bucket)) for _ in range(2)]
    chance = random.Random(22)
    kinds: tuple[Fault, ...] = ("refuse", "slow", "unavailable", "lose answer", "cut answer")
    proxy.choose = lambda method, path: chance.choice(kinds) if chance.random() < 0.1 else ""
    pictures = [drawn(seed) for seed in range(4)]

    def write(i: int) -> tuple[str, int]:
        headers = {"Content-Type": "image/png", "Idempotency-Key": f"write-{i}"}
        url = f"{writers[i % 2].url}/v1/items/item{i}"
        while True:
            reply = httpx.put(url, content=pictures[i % 4], headers=headers, timeout=60)
            if reply.status_code in (200, 201):
                return f"item{i}", reply.json()["collection_version"]
            assert reply.status_code == 503, reply.text
            assert reply.json()["type"].rpartition(":")[2] in (
                "storage_unavailable",
                "uncertain",
            )

    with ThreadPoolExecutor(6) as pool:
        acknowledged = list(pool.map(write, range(40)))
    faults = [fault for _, _, fault in proxy.done if fault]
    proxy.heal()
    for writer in writers:
        writer.close()
    shop = opened(bucket)
    changes = {change.number: change for change in shop.changes_after(0)}
    assert len(faults) > 10
    assert list(changes) == list(range(1, shop.version() + 1))
    for item, number in acknowledged:
        assert item in [one.item for one in changes[number].operations]
    writes = [write.id for change in changes.values() for write in change.writes]
    assert sorted(writes) == sorted(f"write-{i}" for i in range(40))
    assert verify(shop).problems == {}


@pytest.mark.parametrize("part", ["/changes/", "/generations/", "manifest.json", "/roots/"])
def test_a_compaction_while_storage_fails(bucket: str, proxy: FaultyProxy, part: str) -> None:
    """Everybody sees the old root or the new one, whole, and the next compaction succeeds."""
    shop = new_shop(bucket)
    for seed in range(3):
        shop.append([put_drawn(shop, seed % 2, f"item{seed}", seed)])
    reads = part == "/changes/"
    proxy.choose = (
        lambda method, path: "unavailable" if part in path and (reads or method == "PUT") else ""
    )
    with pytest.raises(StorageError):
        compact_all(shop)
    proxy.heal()
    reader = opened(bucket)
    assert reader.root.covered_change == 0 and reader.damaged == []
    assert verify(reader).problems == {}
    # Answers that are lost are settled by looking at what is there.
    proxy.choose = (
        lambda method, path: "lose answer" if "/roots/" in path and method == "PUT" else ""
    )
    compact_all(shop)
    proxy.heal()
    reader = opened(bucket)
    assert reader.root.covered_change == 3 and sum(one.items for one in reader.root.shards) == 3
    found = verify(reader, databases=True)
    assert found.problems == {}
    # What the first one had stored is gone.
    assert found.unnamed == []
