"""Finds the twins that lie in different virtual shards, through the gateways of a service.

Each face of a shard asks all other shards with its strongest features, as each face asks one
database when items are indexed. The gateways do the work; here it is only dealt out, slice by
slice, to all of them, and what they find is written as one object (twin_pairs.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import httpx
import ray

from inlier_cluster import serve, twin_pairs
from inlier_cluster.collection import Collection
from inlier_cluster.errors import ClusterError
from inlier_cluster.progress import Progress
from inlier_cluster.remote import actor_named, ask
from inlier_cluster.twin_pairs import TwinPair, TwinPairs

_SLICE = 256  # faces
_AT_ONCE = 2  # slices at a gateway
_SLICE_DEADLINE_S = 120.0
_TRIES = 8
_WAIT_S = 1.0


class TwinsError(ClusterError):
    """Twins could not be sought. Those that were known before still count."""


@dataclass(frozen=True)
class Gateways:
    """The addresses at which a service answers, and the key that it wants, if any."""

    urls: Sequence[str]
    key: str = ""

    @classmethod
    def of_service(cls, name: str, key: str = "") -> Gateways:
        """Those of a service on this Ray cluster. Raises RemoteError, TwinsError."""
        everybody = ask(actor_named(f"{name}/directory").everybody.remote(), serve.CALL_DEADLINE_S)
        reports = [one["report"] for one in everybody]
        urls = [one.url for one in reports if one.kind == "gateway" and one.ready]
        if not urls:
            raise TwinsError(f"the service '{name}' has no gateway that is ready")
        return cls(urls, key)

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def have_twins(collection: Collection) -> bool:
    """Whether its shards can have twins in each other at all: there are several, of local
    features."""
    return bool(collection.root.vocabulary_hash) and len(collection.root.shards) > 1


def find_twins(collection: Collection, gateways: Gateways, progress: Progress) -> TwinPairs:
    """Seeks those of all shards, and publishes them. Raises TwinsError, and ClusterError of the
    storage."""
    shards = collection.root.shards
    progress.begin("twins", sum(one.items for one in shards))
    found: set[TwinPair] = set()
    stop = threading.Event()
    with ThreadPoolExecutor(_AT_ONCE * len(gateways.urls)) as pool:
        running = {pool.submit(_of_shard, gateways, one.shard, stop): one.items for one in shards}
        try:
            for done in as_completed(running):
                found |= done.result()
                progress.advance(running[done])
        finally:
            stop.set()  # of the others, when one has failed
    progress.end()
    return twin_pairs.publish(collection.store, _each_once(found))


def find_twins_of_build(
    collection: Collection, program: str, scratch: str, progress: Progress
) -> TwinPairs:
    """The same without a service: one is brought up for as long as it takes. Raises as find_twins,
    and NotReadyError."""
    nodes = sum(one["Alive"] for one in ray.nodes())
    service = serve.Service(
        collection.store.url,
        name=f"twins-of-{collection.root.collection[:8]}",
        servers=min(len(collection.root.shards), max(1, nodes)),
        replicas=1,
        cpus_per_server=0.1,  # the tasks of the build have ended, and left their CPUs
        cpus_per_gateway=0.1,
        gateway_flags=("--allow-without-keys", "--log", "none"),
        program=program,
        scratch=scratch,
    )
    try:
        serve.bring_up(service, 600.0)
        return find_twins(collection, Gateways.of_service(service.name), progress)
    finally:
        serve.take_down(service.name)


def _of_shard(gateways: Gateways, shard: int, stop: threading.Event) -> set[TwinPair]:
    found: set[TwinPair] = set()
    begin: int | None = 0
    with httpx.Client(headers=gateways.headers, timeout=_SLICE_DEADLINE_S) as http:
        while begin is not None and not stop.is_set():
            row = _slice(http, gateways.urls, shard, begin)
            found.update(TwinPair.of_gateway(pair) for pair in row["pairs"])
            begin = row["next"]
    return found


def _slice(http: httpx.Client, urls: Sequence[str], shard: int, begin: int) -> Any:
    """One slice, from whichever gateway answers."""
    said = ""
    for attempt in range(_TRIES):
        url = urls[(shard + begin // _SLICE + attempt) % len(urls)]
        try:
            reply = http.get(
                f"{url}/v1/cluster/twins",
                params={"shard": shard, "begin": begin, "limit": _SLICE},
            )
        except httpx.HTTPError as error:
            said = repr(error)
        else:
            if reply.status_code == 200:
                return reply.json()
            said = f"{reply.status_code} {reply.text.strip()}"
            if reply.status_code < 500 and reply.status_code not in (408, 429):
                break
        time.sleep(_WAIT_S * min(attempt + 1, 4))
    raise TwinsError(f"twins of shard {shard} from face {begin} on: {said}")


def _each_once(found: set[TwinPair]) -> list[TwinPair]:
    """A pair is found from both sides, and mostly with the same likeness."""
    best: dict[tuple[int, str, int, str], TwinPair] = {}
    for one in sorted(found):
        best[one.shard, one.pixels, one.other_shard, one.other_pixels] = one
    return list(best.values())
