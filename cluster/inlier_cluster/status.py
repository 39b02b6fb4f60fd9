"""How a service is, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from inlier_cluster.collection import Collection
from inlier_cluster.directory import Report, Table
from inlier_cluster.remote import actor_named, ask

CALL_DEADLINE_S = 10.0


def status(name: str, collection: str = "") -> dict[str, Any]:
    """All placements with their epochs, each shard with its replicas, and how far these are behind
    the newest change. With the URL of the collection, shards that nobody serves are there, too.
    Raises RemoteError when there is no such service, or its directory is away."""
    directory = actor_named(f"{name}/directory")
    everybody = ask(directory.everybody.remote(), CALL_DEADLINE_S)
    table: Table = ask(directory.table.remote(0, -1, 0.0), CALL_DEADLINE_S)
    served: dict[int, list[dict[str, Any]]] = {
        shard: [
            {"url": one.url, "epoch": epoch, "applied": one.applied, "items": one.items}
            for one, epoch in replicas
        ]
        for shard, replicas in table.shards.items()
    }
    newest = table.collection_version
    if collection:
        opened = Collection.open(collection)
        newest = max(newest, opened.latest_change())
        served |= {shard: [] for shard in range(len(opened.root.shards)) if shard not in served}
    return {
        "name": name,
        "version": newest,
        "writer": table.writer,
        "placements": [
            {**_placement(one["report"]), "silent_s": one["silent_s"]} for one in everybody
        ],
        "shards": [
            {
                "shard": shard,
                "items": max((one["items"] for one in served[shard]), default=0),
                "behind": newest - max((one["applied"] for one in served[shard]), default=0),
                "replicas": served[shard],
            }
            for shard in sorted(served)
        ],
    }


def as_text(told: dict[str, Any]) -> str:
    """A line for each placement, and then one for each shard that is not whole."""
    lines = [f"{told['name']}: version {told['version']}, writer {told['writer'] or 'away'}"]
    for one in told["placements"]:
        state = "ready" if one["ready"] else f"not ready: {one['trouble']}"
        silent = f", silent for {one['silent_s']} s" if one["silent_s"] > 3 else ""
        where = f" {one['url']}" if one["url"] else ""
        lines.append(
            f"{one['slot']}{where} on {one['node']}, epoch {one['epoch']}: {state}{silent}"
        )
    most = max((len(one["replicas"]) for one in told["shards"]), default=0)
    for one in told["shards"]:
        if len(one["replicas"]) < most or one["behind"]:
            lines.append(
                f"shard {one['shard']}: {len(one['replicas'])} of {most} replicas, "
                f"{one['behind']} changes behind"
            )
    items = sum(one["items"] for one in told["shards"])
    lines.append(f"{len(told['shards'])} shards, {items:,} items")
    return "\n".join(lines)


def _placement(report: Report) -> dict[str, Any]:
    placement = asdict(report)
    placement["shards"] = [one["shard"] for one in placement.pop("replicas")]
    return placement
