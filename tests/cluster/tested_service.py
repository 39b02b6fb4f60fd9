"""A collection of real pictures and its service on a local cluster, and doors to both.

`Service` builds with the job that users run, brings the service up as they do, and asks and writes
over HTTP.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import inlier
from inlier_cluster import serve
from inlier_cluster.build import Build, Built, Job
from inlier_cluster.collection import Collection
from inlier_cluster.directory import Table
from inlier_cluster.indexing import Indexing
from inlier_cluster.operations import put_item, remove_item
from inlier_cluster.progress import Progress
from inlier_cluster.remote import RemoteError, actor_named, ask
from inlier_cluster.writer import VERSION_HEADER

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("INLIER_DATA", ROOT.parent / "shared/data"))
SHARDS = 3
DEADLINE_S = 5.0
_BYTES = {"Content-Type": "application/octet-stream"}


class NotAnsweredError(Exception):
    """The service did not answer, or not with all shards; it said so."""


class ServiceUnderTest:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = str(folder / "collection")
        self.program = os.environ["INLIER_PROGRAM"]
        self.plan = serve.Service(
            self.url,
            name="test",
            servers=2,
            replicas=2,
            gateways=1,
            cpus_per_server=0.2,
            cpus_per_gateway=0.2,
            program=self.program,
            scratch=str(folder / "scratch"),
        )

    def build(self, catalogue: Path, **options: Any) -> Built:
        indexing = Indexing(program=self.program, scratch=str(self.folder / "scratch"))
        build = Build(str(catalogue), self.url, shards=SHARDS, indexing=indexing, **options)
        return Job(build, Progress(None)).run()

    def up(self) -> Table:
        return serve.bring_up(self.plan, 60.0)

    def down(self) -> None:
        serve.take_down("test")

    @cached_property
    def directory(self) -> Any:
        # Kept, since the GCS is asked for it, and may be away.
        return actor_named("test/directory")

    def pid(self, actor: str) -> int:
        return int(ask(actor_named(f"test/{actor}").pid.remote(), 10.0))

    def table(self) -> Table:
        table: Table = ask(self.directory.table.remote(0, -1, 0.0), DEADLINE_S)
        return table

    def replicas(self) -> int:
        """How many replicas of virtual shards are ready; none when the directory is away."""
        try:
            return sum(len(served) for served in self.table().shards.values())
        except RemoteError:
            return 0

    def epochs(self) -> dict[str, int]:
        """The epoch of each server's replica; none when the directory is away."""
        try:
            everybody = ask(self.directory.everybody.remote(), DEADLINE_S)
        except RemoteError:
            return {}
        reports = [one["report"] for one in everybody]
        return {
            one.slot.removeprefix("test/"): one.epoch for one in reports if one.kind == "server"
        }

    def ask(self, photo: bytes, at_least: int) -> set[str]:
        """The items that a photo shows, of all virtual shards, each at `at_least` or later."""
        found: set[str] = set()
        for shard, served in self._table_with_all(at_least).items():
            for url in served:
                hits = _query(url, photo)
                if hits is not None:
                    found |= hits
                    break
            else:
                raise NotAnsweredError(f"shard {shard} does not answer")
        return found

    def gateway(self) -> str:
        """Where the gateway listens; empty while it is away."""
        try:
            everybody = ask(self.directory.everybody.remote(), DEADLINE_S)
        except RemoteError:
            return ""
        gateways = [one["report"] for one in everybody if one["report"].kind == "gateway"]
        return gateways[0].url if gateways and gateways[0].ready else ""

    def ask_gateway(self, photo: bytes, at_least: int = 0) -> Any:
        """The answer of the gateway, which has all virtual shards, each at `at_least` or later."""
        target = f"/v1/query?at_least={at_least}" if at_least else "/v1/query"
        return self._at_gateway("POST", target, content=photo, headers=_BYTES).json()

    def put_by_gateway(self, item: str, picture: Path) -> int:
        """Adds an item, and returns the version that has it."""
        target = "/v1/items/" + quote(item, safe="")
        reply = self._at_gateway("PUT", target, content=picture.read_bytes(), headers=_BYTES)
        return int(reply.headers[VERSION_HEADER])

    def remove_by_gateway(self, item: str) -> int:
        """The version that does not have it any more."""
        reply = self._at_gateway("DELETE", "/v1/items/" + quote(item, safe=""))
        return int(reply.headers[VERSION_HEADER])

    def _at_gateway(self, method: str, target: str, **options: Any) -> httpx.Response:
        url = self.gateway()
        try:
            reply = httpx.request(method, url + target, timeout=DEADLINE_S, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotAnsweredError(f"{method} {url}{target}: {error!r}") from error
        if reply.status_code >= 300:
            raise NotAnsweredError(f"{method} {target}: {reply.status_code} {reply.text}")
        return reply

    def _table_with_all(self, at_least: int) -> dict[int, list[str]]:
        try:
            table = self.table()
        except RemoteError as error:
            raise NotAnsweredError(str(error)) from error
        urls = {
            shard: [one.url for one, _ in served if one.applied >= at_least]
            for shard, served in table.shards.items()
        }
        if len(urls) != SHARDS or not all(urls.values()):
            raise NotAnsweredError(f"not all shards are at {at_least}")
        return urls

    def items(self) -> dict[int, list[set[str]]]:
        """What each replica of each virtual shard has."""
        shards = self.table().shards
        return {shard: [_items(one.url) for one, _ in shards[shard]] for shard in shards}

    def put(self, item: str, picture: Path) -> int:
        """Adds an item, and returns the version that has it."""
        collection = Collection.open(self.url)
        shard = collection.shard_of(_pixel_hash(collection, picture))
        payload = collection.put_payload(picture.read_bytes())
        return collection.append([put_item(shard, item, [payload])])

    def remove(self, item: str, picture: Path) -> int:
        collection = Collection.open(self.url)
        shard = collection.shard_of(_pixel_hash(collection, picture))
        return collection.append([remove_item(shard, item)])


def item_of(picture: Path) -> str:
    return f"{picture.parts[-3]}/{picture.stem}"


def _pixel_hash(collection: Collection, picture: Path) -> str:
    return inlier.pixel_hash(picture, options=dict(collection.root.recipe))


def _query(url: str, photo: bytes) -> set[str] | None:
    headers = {"Content-Type": "application/octet-stream"}
    try:
        reply = httpx.post(f"{url}/v1/query", content=photo, headers=headers, timeout=DEADLINE_S)
    except httpx.HTTPError:
        return None
    if reply.status_code != 200:
        return None
    hits = [hit for hit in reply.json()["hits"] if hit["accepted"]]
    return {item for hit in hits for item in (hit["id"], *hit.get("twins", ()))}


def _items(url: str) -> set[str]:
    found: set[str] = set()
    after = ""
    while True:
        parameters: dict[str, str | int] = {"limit": 1000, "after": after}
        reply = httpx.get(f"{url}/v1/items", params=parameters, timeout=DEADLINE_S)
        page = reply.raise_for_status().json()
        found |= {item["id"] for item in page["items"]}
        after = page.get("next") or ""
        if not after:
            return found
