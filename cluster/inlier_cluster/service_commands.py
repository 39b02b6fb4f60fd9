"""The commands of `inlier-cluster` that need a Ray cluster: build, serve, service, stop, twins and
compact-on-ray.

Ray takes a second to import, so each command imports what it needs when it runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_build(commands: Commands) -> None:
    summary = "Builds a collection from a catalogue, as a job on a Ray cluster."
    parser = commands.add_parser("build", help=summary, description=summary)
    parser.add_argument("collection", help="a folder, or s3://bucket/prefix")
    parser.add_argument(
        "catalogue",
        help="a folder or a table, as 'inlier index' reads it, or Parquet (a file, or a folder of "
        "*.parquet); a path that all nodes have, or s3://…, gs://…, az://… or file://…",
    )
    parser.add_argument("--shards", type=int, default=64, help="virtual shards (default: 64)")
    parser.add_argument("--features", default="sift", metavar="METHOD")
    parser.add_argument("--set", action="append", default=[], metavar="STAGE.FIELD=VALUE")
    parser.add_argument("--columns", default="", metavar="OURS=THEIRS[,…]")
    parser.add_argument(
        "--images",
        metavar="DIR",
        help="folder of the pictures of URLs; where paths in Parquet, or in a table in a bucket, "
        "begin, and then it may be in a bucket as well",
    )
    parser.add_argument(
        "--sample", type=int, default=0, help="items that the vocabulary is trained on"
    )
    parser.add_argument("--batch", type=int, default=2000, help="items of a task that places them")
    parser.add_argument("--cpus", type=float, default=1.0, help="CPUs of each task (default: 1)")
    parser.add_argument(
        "--no-twins", action="store_true", help="do not look for twins in different shards"
    )
    _add_common(parser)
    parser.set_defaults(run=run_build)


def run_build(arguments: argparse.Namespace) -> int:
    from inlier_cluster.build import Build, Job
    from inlier_cluster.indexing import Indexing
    from inlier_cluster.progress import Progress

    indexing = Indexing(
        program=arguments.program,
        features=arguments.features,
        options=tuple(arguments.set),
        threads=max(1, int(arguments.cpus)),
        scratch=arguments.scratch,
    )
    columns = dict(one.split("=", 1) for one in arguments.columns.split(",") if one)
    build = Build(
        catalogue=arguments.catalogue,
        collection=arguments.collection,
        shards=arguments.shards,
        indexing=indexing,
        columns=columns,
        images=arguments.images,
        sample=arguments.sample,
        batch=arguments.batch,
        cpus=arguments.cpus,
    )
    _connect(arguments)
    built = Job(build, Progress()).run()
    for line in [*built.rejected[:20], *built.outcome.examples]:
        print(f"inlier-cluster: {line}", file=sys.stderr)
    failed = built.outcome.failed + len(built.rejected)
    phases = ", ".join(f"{phase} {seconds:g} s" for phase, seconds in built.seconds.items())
    print(f"root {built.root}: {built.outcome.items:,} items, {failed:,} failed ({phases})")
    if not arguments.no_twins:
        _seek_twins_of_build(arguments)
    return 1 if failed else 0


def _seek_twins_of_build(arguments: argparse.Namespace) -> None:
    from inlier_cluster import twins_job
    from inlier_cluster.collection import Collection
    from inlier_cluster.progress import Progress

    collection = Collection.open(arguments.collection)
    if twins_job.have_twins(collection):
        made = twins_job.find_twins_of_build(
            collection, arguments.program, arguments.scratch, Progress()
        )
        print(f"twins {made.number}: {len(made.pairs):,} pairs in different shards")


def add_twins(commands: Commands) -> None:
    summary = "Seeks the twins in different shards again, through a service that runs."
    parser = commands.add_parser("twins", help=summary, description=summary)
    parser.add_argument("collection", help="a folder, or s3://bucket/prefix")
    parser.add_argument(
        "--key-file", metavar="FILE", help="a key with role read, if the gateways want keys"
    )
    _add_name(parser)
    _add_address(parser)
    parser.set_defaults(run=run_twins)


def run_twins(arguments: argparse.Namespace) -> int:
    from inlier_cluster.collection import Collection
    from inlier_cluster.progress import Progress
    from inlier_cluster.twins_job import Gateways, find_twins, have_twins

    key = Path(arguments.key_file).read_text().strip() if arguments.key_file else ""
    collection = Collection.open(arguments.collection)
    if not have_twins(collection):
        print("there is one shard, or its features have no twins")
        return 0
    _connect(arguments)
    made = find_twins(collection, Gateways.of_service(arguments.name, key), Progress())
    print(f"twins {made.number}: {len(made.pairs):,} pairs in different shards")
    return 0


def add_serve(commands: Commands) -> None:
    summary = "Brings up the servers of a collection on a Ray cluster, or adds what is missing."
    parser = commands.add_parser("serve", help=summary, description=summary)
    parser.add_argument("collection", help="a folder, or s3://bucket/prefix")
    parser.add_argument("--servers", type=int, default=1, help="shard servers (default: 1)")
    parser.add_argument("--replicas", type=int, default=2, help="of each of them (default: 2)")
    parser.add_argument("--gateways", type=int, default=1)
    parser.add_argument("--cpus-per-server", type=float, default=1.0)
    parser.add_argument("--cpus-per-gateway", type=float, default=1.0)
    parser.add_argument("--server-resource", default="", help="resource of nodes for shard servers")
    parser.add_argument("--gateway-resource", default="", help="resource of nodes for gateways")
    parser.add_argument("--gateway-listen", default="", metavar="ADDRESS:PORT")
    parser.add_argument(
        "--gateway-option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of 'inlier serve', for the gateways, such as keys-file=/etc/inlier/keys",
    )
    parser.add_argument(
        "--host", default="", help="where shards listen (default: their node's address)"
    )
    parser.add_argument("--writer-listen", default="", metavar="ADDRESS:PORT")
    parser.add_argument("--wait-s", type=float, default=600.0, help="until all of it is ready")
    _add_name(parser)
    _add_common(parser)
    parser.set_defaults(run=run_serve)


def run_serve(arguments: argparse.Namespace) -> int:
    from inlier_cluster import serve, status

    names = [one for one in serve.Service.__dataclass_fields__ if hasattr(arguments, one)]
    options = [one.split("=", 1) for one in arguments.gateway_option]
    flags = tuple(word for name, *value in options for word in (f"--{name}", *value))
    service = serve.Service(**{one: getattr(arguments, one) for one in names}, gateway_flags=flags)
    _connect(arguments)
    serve.bring_up(service, arguments.wait_s)
    print(status.as_text(status.status(service.name, service.collection)))
    return 0


def add_status(commands: Commands) -> None:
    summary = "Shows who serves what, and how far it is."
    parser = commands.add_parser("service", help=summary, description=summary)
    parser.add_argument("--collection", default="", metavar="URL", help="shows unserved shards too")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    _add_name(parser)
    _add_address(parser)
    parser.set_defaults(run=run_status)


def run_status(arguments: argparse.Namespace) -> int:
    from inlier_cluster import status

    _connect(arguments)
    told = status.status(arguments.name, arguments.collection)
    print(json.dumps(told) if arguments.format == "json" else status.as_text(told))
    bad = [one for one in told["placements"] if not one["ready"]]
    return 1 if bad or any(not one["replicas"] for one in told["shards"]) else 0


def add_stop(commands: Commands) -> None:
    summary = "Ends the servers; the collection stays as it is."
    parser = commands.add_parser("stop", help=summary, description=summary)
    _add_name(parser)
    _add_address(parser)
    parser.set_defaults(run=run_stop)


def run_stop(arguments: argparse.Namespace) -> int:
    from inlier_cluster import serve

    _connect(arguments)
    serve.take_down(arguments.name)
    return 0


def add_compact(commands: Commands) -> None:
    summary = "Folds the changes into new generations, as a job on a Ray cluster."
    parser = commands.add_parser("compact-on-ray", help=summary, description=summary)
    parser.add_argument("collection", help="a folder, or s3://bucket/prefix")
    parser.add_argument("--cpus", type=float, default=1.0, help="CPUs of each task (default: 1)")
    _add_common(parser)
    parser.set_defaults(run=run_compact)


def run_compact(arguments: argparse.Namespace) -> int:
    from inlier_cluster.compact_job import compact_all
    from inlier_cluster.progress import Progress

    _connect(arguments)
    done = compact_all(arguments.collection, arguments.cpus, arguments.scratch, Progress())
    for shard, why in done.failed.items():
        print(f"inlier-cluster: shard {shard}: {why}", file=sys.stderr)
    print(f"root {done.root}: {done.operations:,} operations, {done.removed:,} objects removed")
    return 1 if done.failed else 0


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="inlier", help="of the service (default: inlier)")


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--address", default="auto", help="of the Ray cluster (default: the one of this machine)"
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    _add_address(parser)
    parser.add_argument("--program", default="inlier", help="the program on all nodes")
    parser.add_argument("--scratch", default="", metavar="DIR", help="local disk of all nodes")


def _connect(arguments: argparse.Namespace) -> None:
    import ray

    from inlier_cluster.remote import NAMESPACE

    ray.init(address=arguments.address, namespace=NAMESPACE, log_to_driver=False)


ALL = (add_build, add_serve, add_status, add_stop, add_twins, add_compact)
