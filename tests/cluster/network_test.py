"""Collections in a bucket when connections break and the server is killed: errors are typed,
nothing that was acknowledged is lost or happens twice, and nothing is half there. s3_test.py has
what goes wrong in whole answers; here it goes wrong below HTTP, and many work at once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import inlier
import pytest
from conftest import ORB, items_of, put_drawn
from inlier_cluster import (
    Collection,
    GoneError,
    Operation,
    StorageError,
    StorageRefusedError,
    StorageUnavailableError,
    SupersededError,
    TakenError,
    UncertainError,
    remove_item,
)
from inlier_cluster.compact import compact, compact_all
from inlier_cluster.generations import download
from inlier_cluster.store import Store, open_store
from inlier_cluster.verify import verify
from s3_server import BUCKET, PROGRAM, Door, Fault, Kind, S3Server, serving

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="there is no S3 server; scripts/cluster-s3 makes it"
)

DEADLINE_S = 2.0
CONTENT = bytes(range(256)) * 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with serving(tmp_path_factory.mktemp("s3")) as made:
        yield made


@pytest.fixture
def door(server: S3Server) -> Door:
    return server.door


@pytest.fixture
def url(server: S3Server, request: pytest.FixtureRequest) -> str:
    return f"s3://{BUCKET}/{abs(hash(request.node.nodeid)):x}"


@pytest.fixture
def store(url: str) -> Store:
    return open_store(url, deadline_s=DEADLINE_S)


@pytest.fixture
def shop(url: str) -> Collection:
    return Collection.create(url, recipe=ORB, vocabulary=b"", shards=2, deadline_s=DEADLINE_S)


def append_until_known(shop: Collection, operations: list[Operation], write_id: str) -> int:
    """As a client does: the same write is asked for again until its outcome is known."""
    while True:
        try:
            return shop.append(operations, write_id)
        except (StorageUnavailableError, UncertainError):
            continue


def all_at_once(work: Callable[[int], object], count: int) -> None:
    """Runs it in threads that begin together, and raises what they raise."""
    start = threading.Barrier(count)

    def one(which: int) -> None:
        start.wait()
        work(which)

    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(one, which) for which in range(count)]:
            future.result()


def ids_in(shop: Collection, shard: int, folder: Path) -> set[str]:
    download(shop, shard, folder)
    with inlier.open(folder) as database:
        return set(database)


def test_of_many_that_create_one_name_one_wins(store: Store) -> None:
    for turn in range(5):
        won: list[int] = []
        lost: list[int] = []

        def create(who: int, name: str, won: list[int], lost: list[int]) -> None:
            try:
                store.create(name, b"%d" % who)
                won.append(who)
            except TakenError:
                lost.append(who)

        name = f"roots/{turn}"
        all_at_once(partial(create, name=name, won=won, lost=lost), 6)
        assert len(won) == 1 and len(lost) == 5
        assert store.get(name) == b"%d" % won[0]


def test_wrong_keys_and_a_bucket_that_is_not_there_are_refused(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = open_store("s3://no-such-bucket/shop", deadline_s=DEADLINE_S)
    for ask in (
        lambda: nowhere.get("a"),
        lambda: nowhere.create("a", b""),
        lambda: nowhere.names("a"),
    ):
        with pytest.raises(StorageRefusedError, match="bucket"):
            ask()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StorageRefusedError):
        open_store(f"s3://{BUCKET}/shop", deadline_s=DEADLINE_S).create("a", b"")


@pytest.mark.parametrize("kind", ["refuse", "hang", "cut request", "lose answer", "cut answer"])
def test_a_read_that_fails_is_typed_and_ends_in_time(store: Store, door: Door, kind: Kind) -> None:
    store.create("a/1", CONTENT)
    begin = time.monotonic()
    with door.broken(Fault(kind, "GET")):
        with pytest.raises(StorageUnavailableError):
            store.get("a/1")
        with pytest.raises(StorageUnavailableError):
            store.names("a")
    assert door.hits[kind] >= 2
    assert time.monotonic() - begin < 10 * DEADLINE_S
    assert store.get("a/1") == CONTENT


@pytest.mark.parametrize("kind", ["refuse", "cut request", "lose answer", "cut answer", "slow"])
def test_a_read_that_fails_once_is_repeated(store: Store, door: Door, kind: Kind) -> None:
    store.create("a/1", CONTENT)
    with door.broken(Fault(kind, "GET", times=1)):
        assert store.get("a/1") == CONTENT
    assert door.hits[kind] == 1


@pytest.mark.parametrize("kind", ["refuse", "hang", "cut request"])
def test_a_write_that_did_not_arrive_is_not_half_there(
    store: Store, door: Door, kind: Kind
) -> None:
    with door.broken(Fault(kind, "PUT")), pytest.raises(UncertainError):
        store.create("a/1", CONTENT)
    assert door.hits[kind] >= 1
    assert store.names("a") == []
    store.create("a/1", CONTENT)
    assert store.get("a/1") == CONTENT


@pytest.mark.parametrize("kind", ["lose answer", "cut answer", "slow"])
def test_a_write_whose_answer_is_lost_is_settled_by_looking(
    store: Store, door: Door, kind: Kind
) -> None:
    with door.broken(Fault(kind, "PUT")):
        store.create("a/1", CONTENT)
        with pytest.raises(TakenError):
            store.create("a/1", b"another")
    assert door.hits[kind] >= 1
    assert store.get("a/1") == CONTENT


def test_a_write_that_nobody_can_settle_is_applied_once(
    url: str, shop: Collection, door: Door
) -> None:
    """The server has the change, its answer is lost, and then nobody can ask."""
    with (
        door.broken(Fault("lose answer", "PUT"), Fault("refuse", "/changes/")),
        pytest.raises(UncertainError),
    ):
        shop.append([remove_item(0, "mug")], "w1")
    Collection.open(url).append([remove_item(0, "other")])
    assert shop.append([remove_item(0, "mug")], "w1") == 1
    assert Collection.open(url).append([remove_item(0, "mug")], "w1") == 1
    assert items_of(Collection.open(url)) == ["mug", "other"]


def test_two_writers_over_a_bad_network_lose_nothing(
    url: str, shop: Collection, server: S3Server
) -> None:
    """Among the faults the server is killed, and comes back over the same folder."""
    kinds: list[Kind] = ["refuse", "cut request", "lose answer", "cut answer"]
    chosen = random.Random(1)
    faults = [
        Fault(kind, chosen.choice(["PUT", "GET"]), times=chosen.randint(1, 4))
        for kind in chosen.choices(kinds, k=24)
    ]
    acknowledged: dict[str, int] = {}

    def write(who: str, mine: Collection) -> None:
        for i in range(12):
            item = f"{who}{i}"
            acknowledged[item] = append_until_known(mine, [remove_item(0, item)], item)
            if item == "a6":
                server.kill_and_restart()

    opened = [Collection.open(url, deadline_s=DEADLINE_S) for _ in "ab"]
    with server.door.broken(Fault("hang", "PUT", times=1), *faults):
        all_at_once(lambda who: write("ab"[who], opened[who]), 2)
        happened = sum(server.door.hits.values())
    assert happened > 20
    assert len(acknowledged) == 24
    log = items_of(Collection.open(url))
    assert sorted(log) == sorted(acknowledged)  # each of them once
    assert all(log[number - 1] == item for item, number in acknowledged.items())
    assert verify(Collection.open(url)).problems == {}


def _fold(shop: Collection, folder: Path) -> None:
    base = shop.refresh()
    folder.mkdir(exist_ok=True)
    shop.swap([compact(shop, base, 0, folder).generation], base)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("cut request", "/generations/"),
        Fault("lose answer", "/payloads/"),
        Fault("refuse", "/manifest.json"),
        Fault("cut request", "/roots/"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.request}",
)
def test_a_compaction_that_fails_leaves_everything_as_it_was(
    url: str, shop: Collection, door: Door, tmp_path: Path, fault: Fault
) -> None:
    shop.append([put_drawn(shop, 0, "mug", 1)])
    with door.broken(fault), pytest.raises(StorageError):
        _fold(shop, tmp_path / "work")
    again = Collection.open(url)
    assert again.root == shop.root and again.root.number == 1
    assert items_of(again) == ["mug"] and verify(again).problems == {}
    _fold(again, tmp_path / "work")
    assert ids_in(Collection.open(url), 0, tmp_path / "0") == {"mug"}


def test_a_root_whose_answer_is_lost_is_published_once(
    url: str, shop: Collection, door: Door, tmp_path: Path
) -> None:
    shop.append([put_drawn(shop, 0, "mug", 1)])
    with door.broken(Fault("lose answer", "PUT /" + url[5:] + "/roots/")):
        _fold(shop, tmp_path / "work")
    assert shop.root.number == 2 and Collection.open(url).root == shop.root


def test_a_root_of_unknown_outcome_is_found_by_whoever_comes_next(
    url: str, shop: Collection, door: Door, tmp_path: Path
) -> None:
    shop.append([put_drawn(shop, 0, "mug", 1)])
    root = url[5:] + "/roots/000000000002.json"
    with (
        door.broken(Fault("lose answer", f"PUT /{root}"), Fault("refuse", f"GET /{root}")),
        pytest.raises(UncertainError),
    ):
        _fold(shop, tmp_path / "work")
    assert shop.root.number == 1
    assert compact_all(shop, [0])[0].operations == 0  # it had happened
    assert shop.root == Collection.open(url).root and shop.root.number == 2
    assert ids_in(shop, 0, tmp_path / "0") == {"mug"}


def test_writers_and_compactions_at_once_over_a_slow_network(
    url: str, shop: Collection, door: Door, tmp_path: Path
) -> None:
    """Of two compactors each does its work or is told that it came too late."""
    outcomes: list[str] = []

    def attempt(work: Callable[[], object]) -> None:
        try:
            work()
            outcomes.append("done")
        except (SupersededError, GoneError) as error:
            outcomes.append(error.cause)

    def work(which: int) -> None:
        mine = Collection.open(url)
        if which == 0:
            for i in range(6):
                mine.append([put_drawn(mine, 0, f"item{i}", i)])
        else:
            for _ in range(2):
                attempt(lambda: compact_all(mine, [0], tmp_path))

    with door.broken(Fault("slow", times=6)):
        all_at_once(work, 3)
    assert len(outcomes) == 4 and "done" in outcomes
    last = Collection.open(url)
    compact_all(last, [0])
    assert ids_in(last, 0, tmp_path / "all") == {f"item{i}" for i in range(6)}
    assert verify(last, databases=True).problems == {}
