"""Brings a collection's servers up on a Ray cluster, and takes them down again.

A service has a name, and all of its actors are *detached*: they stay when the program that made
them ends, and Ray starts them again, on another node if need be. Calling `bring_up` once more
changes nothing that is there already and adds what is missing.

The virtual shards are dealt out to S shard servers, each of which has R replicas. The replicas of
one server are a placement group that Ray spreads strictly, so no two of them share a node.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import ray
from ray.util.placement_group import (
    PlacementGroup,
    get_placement_group,
    placement_group,
    remove_placement_group,
)
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from inlier_cluster.collection import Collection
from inlier_cluster.directory import DirectoryActor, Table
from inlier_cluster.errors import ClusterError
from inlier_cluster.gateway import Gateway, GatewayPlan
from inlier_cluster.remote import NAMESPACE, RemoteError, actor_named, ask
from inlier_cluster.shard_server import ServerPlan, ShardServer
from inlier_cluster.term import take_term
from inlier_cluster.writer_actor import WriterActor, WriterPlan

CALL_DEADLINE_S = 10.0


@dataclass(frozen=True)
class Service:
    """What `inlier-cluster serve` is asked for."""

    collection: str
    name: str = "inlier"
    servers: int = 1
    replicas: int = 2
    gateways: int = 1
    cpus_per_server: float = 1.0
    cpus_per_gateway: float = 1.0
    server_resource: str = ""  # of Ray, that nodes for shard servers have; empty: any node
    gateway_resource: str = ""
    gateway_listen: str = ""
    gateway_flags: tuple[str, ...] = ()  # more of those of `inlier serve`
    writer_listen: str = ""
    program: str = "inlier"
    host: str = ""
    scratch: str = ""

    def server_slots(self, shards: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Server, replica, and the virtual shards that it has."""
        for server in range(self.servers):
            for replica in range(self.replicas):
                yield server, replica, tuple(range(server, shards, self.servers))


class NotReadyError(ClusterError):
    """The service is not there within its deadline."""


def bring_up(service: Service, deadline_s: float) -> Table:
    """Starts what is missing and waits until every virtual shard has all its replicas, and until
    the gateways and the writer are there. Raises NotReadyError, and ClusterError of the storage."""
    shards = len(Collection.open(service.collection).root.shards)
    if service.servers > shards:
        raise ClusterError(f"{service.servers} servers for {shards} virtual shards")
    directory = _directory(service)
    groups: dict[str, PlacementGroup] = {}
    for server, replica, held in service.server_slots(shards):
        group = groups.get(f"server-{server}") or _group(
            f"{service.name}/server-{server}",
            service.replicas,
            _bundle(service.cpus_per_server, service.server_resource),
            "STRICT_SPREAD",
        )
        groups[f"server-{server}"] = group
        slot = f"{service.name}/server-{server}/{replica}"
        plan = ServerPlan(
            slot=slot,
            collection=service.collection,
            shards=held,
            program=service.program,
            host=service.host,
            scratch=service.scratch,
        )
        _detached(ShardServer, slot, service.cpus_per_server, (group, replica)).remote(
            plan, directory
        )
    _start_doors(service, shards, directory)
    return _wait_until_ready(service, shards, directory, deadline_s)


def take_down(name: str) -> None:
    """Ends all actors of a service. What was acknowledged is in storage."""
    found = [one["name"] for one in ray.util.list_named_actors(all_namespaces=True)]
    for actor in sorted(found):
        if actor.startswith(name + "/"):
            ray.kill(actor_named(actor), no_restart=True)
    for one in ray.util.placement_group_table().values():
        if one["name"].startswith(name + "/") and one["state"] != "REMOVED":
            remove_placement_group(get_placement_group(one["name"]))


def _directory(service: Service) -> Any:
    make = ray.remote(DirectoryActor).options(
        name=f"{service.name}/directory",
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        num_cpus=0.1,  # not on a head that is kept free of actors
        max_restarts=-1,
        max_task_retries=0,
        max_concurrency=1000,  # gateways wait in it for news
    )
    return make.remote(partial(take_term, service.collection))


def _bundle(cpus: float, resource: str) -> dict[str, float]:
    return {"CPU": cpus, **({resource: 1.0} if resource else {})}


def _group(name: str, count: int, bundle: dict[str, float], strategy: str) -> PlacementGroup:
    """The placement group of that name, which is made unless it is there."""
    try:
        group = get_placement_group(name)
    except ValueError:
        return placement_group([bundle] * count, strategy=strategy, name=name, lifetime="detached")
    if group.bundle_specs != [bundle] * count:
        raise ClusterError(
            f"'{name}' is there with other numbers: stop the service first, or bring up another "
            "one beside it, with another name"
        )
    return group


def _detached(kind: type, name: str, cpus: float, place: tuple[PlacementGroup, int]) -> Any:
    """The class of an actor that stays, is started again, and never has a call repeated."""
    group, bundle = place
    return ray.remote(kind).options(
        name=name,
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        num_cpus=cpus,
        max_restarts=-1,
        max_task_retries=0,
        scheduling_strategy=PlacementGroupSchedulingStrategy(group, bundle),
    )


def _start_doors(service: Service, shards: int, directory: Any) -> None:
    """The gateways and the writer. Gateways are spread as far as there are nodes."""
    cpus = service.cpus_per_gateway
    bundle = _bundle(cpus, service.gateway_resource)
    # Gateways with a port of their own cannot share a node.
    strategy = "STRICT_SPREAD" if service.gateway_listen else "SPREAD"
    group = _group(f"{service.name}/gateways", service.gateways, bundle, strategy)
    for gateway in range(service.gateways):
        slot = f"{service.name}/gateway/{gateway}"
        plan = GatewayPlan(
            slot=slot,
            shards=shards,
            listen=service.gateway_listen,
            program=service.program,
            scratch=service.scratch,
            flags=service.gateway_flags,
            collection=service.collection,
        )
        _detached(Gateway, slot, cpus, (group, gateway)).remote(plan, directory)
    slot = f"{service.name}/writer"
    group = _group(slot, 1, {"CPU": cpus}, "SPREAD")
    writer = WriterPlan(slot, service.collection, service.writer_listen)
    _detached(WriterActor, slot, cpus, (group, 0)).remote(writer, directory)


def _wait_until_ready(service: Service, shards: int, directory: Any, deadline_s: float) -> Table:
    end = time.monotonic() + deadline_s
    table = Table(0, 0, 0, "", {})
    doors = 0
    while True:
        try:
            request = directory.table.remote(table.term, table.version, 1.0)
            table = cast(Table, ask(request, CALL_DEADLINE_S))
            everybody = ask(directory.everybody.remote(), CALL_DEADLINE_S)
            reports = [one["report"] for one in everybody]
            doors = sum(one.kind != "server" and one.ready for one in reports)
            whole = sum(
                len(table.shards.get(shard, ())) == service.replicas for shard in range(shards)
            )
            if whole == shards and doors == service.gateways + 1:
                return table
            troubles = [ask(directory.trouble.remote(), CALL_DEADLINE_S)]
            troubles += [f"{one.slot}: {one.trouble}" for one in reports if not one.ready]
            trouble = "; ".join(filter(None, troubles)) or "some have not begun"
            said = f"{whole} of {shards} shards are whole; {trouble}"
        except RemoteError as error:
            said = str(error)
        if time.monotonic() > end:
            raise NotReadyError(f"not ready after {deadline_s:g} s: {said}")
