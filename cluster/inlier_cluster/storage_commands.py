"""The commands of ``inlier-cluster`` that need a collection and nothing else."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from inlier_cluster.collection import Collection
from inlier_cluster.compact import compact_all
from inlier_cluster.errors import InvalidRequestError
from inlier_cluster.restore import restore
from inlier_cluster.set_back import set_back
from inlier_cluster.store import DEADLINE_S
from inlier_cluster.verify import verify

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def declare(commands: Commands, name: str, run: Command, summary: str) -> argparse.ArgumentParser:
    """Adds a command that works on a collection."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    parser.add_argument("collection", help="a folder, or s3://bucket/prefix")
    parser.add_argument(
        "--deadline", type=float, default=DEADLINE_S, metavar="S", help="for a call of the storage"
    )
    parser.set_defaults(run=run)
    return parser


def _declare_create(commands: Commands) -> None:
    parser = declare(commands, "create", _create, "Makes a collection without items.")
    parser.add_argument("--shards", type=int, default=64, help="virtual shards, 64 when not given")
    parser.add_argument("--vocabulary", type=Path, help="a file that 'inlier vocabulary' wrote")
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of 'inlier help options', as in extract.method=orb; may be given again",
    )


def _create(chosen: argparse.Namespace) -> int:
    collection = Collection.create(
        chosen.collection,
        recipe=dict(_pair(text) for text in chosen.option),
        vocabulary=chosen.vocabulary.read_bytes() if chosen.vocabulary else b"",
        shards=chosen.shards,
        deadline_s=chosen.deadline,
    )
    print(json.dumps({"collection": collection.root.collection, "shards": chosen.shards}))
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidRequestError(f"--option {text}: NAME=VALUE is wanted")
    return name, value


def _declare_status(commands: Commands) -> None:
    declare(commands, "status", _status, "Says what a collection consists of, as JSON.")


def _status(chosen: argparse.Namespace) -> int:
    collection = _open(chosen)
    root = collection.root
    told = {
        "collection": root.collection,
        "root": root.number,
        "version": collection.version(),
        "covered_change": root.covered_change,
        "items_of_generations": sum(one.items for one in root.shards),
        "bytes_of_generations": sum(one.bytes for one in root.shards),
        "damaged": {error.object: str(error) for error in collection.damaged},
        "recipe": dict(root.recipe),
        "vocabulary": root.vocabulary_hash,
        "shards": [asdict(one) for one in root.shards],
    }
    print(json.dumps(told, indent=1))
    return 0


def _declare_compact(commands: Commands) -> None:
    text = "Folds changes into generations, here and shard by shard, and removes what is old."
    parser = declare(commands, "compact", _compact, text)
    parser.add_argument("--shard", type=int, action="append", help="only this one, may be repeated")
    parser.add_argument("--work", type=Path, help="a folder with room for the largest shard")


def _compact(chosen: argparse.Namespace) -> int:
    made = compact_all(_open(chosen), chosen.shard, chosen.work)
    for one in made:
        for refused in one.refused:
            print(f"inlier-cluster: shard {one.generation.shard}: {refused}", file=sys.stderr)
    told = {
        "shards": len(made),
        "operations": sum(one.operations for one in made),
        "refused": sum(len(one.refused) for one in made),
        "covered_change": min(one.generation.covered_change for one in made),
    }
    print(json.dumps(told))
    return 0


def _declare_verify(commands: Commands) -> None:
    text = "Reads everything, compares it with its hashes, and exits with 1 when it finds damage."
    parser = declare(commands, "verify", _verify, text)
    parser.add_argument(
        "--databases", action="store_true", help="also load each shard and check its database"
    )


def _verify(chosen: argparse.Namespace) -> int:
    found = verify(_open(chosen), chosen.databases)
    for name, problem in sorted(found.problems.items()):
        print(f"inlier-cluster: {name}: {problem}", file=sys.stderr)
    print(json.dumps({**asdict(found), "unnamed": len(found.unnamed)}))
    return 1 if found.problems else 0


def _declare_restore(commands: Commands) -> None:
    text = "Copies a collection, whole and compared with its hashes, to an address without one."
    parser = declare(commands, "restore", _restore, text)
    parser.add_argument("to", help="a folder, or s3://bucket/prefix")
    parser.add_argument("--root", type=int, help="an older root, for when the newest is damaged")
    parser.add_argument("--until", type=int, metavar="CHANGE", help="the last change to copy")


def _restore(chosen: argparse.Namespace) -> int:
    made = restore(
        _open(chosen),
        chosen.to,
        root_number=chosen.root,
        until=chosen.until,
        deadline_s=chosen.deadline,
    )
    if made.lost:
        print(
            f"inlier-cluster: the copy ends at {made.latest_change}: {made.lost}", file=sys.stderr
        )
    print(json.dumps(asdict(made)))
    return 0


def _declare_set_back(commands: Commands) -> None:
    text = "Makes damaged generations again from those of an earlier root and the changes since."
    parser = declare(commands, "set-back", _set_back, text)
    parser.add_argument("--root", type=int, required=True, help="an older root that is still kept")
    parser.add_argument("--shard", type=int, action="append", help="only this one, may be repeated")
    parser.add_argument("--work", type=Path, help="a folder with room for the largest shard")


def _set_back(chosen: argparse.Namespace) -> int:
    collection = _open(chosen)
    made = set_back(collection, chosen.root, chosen.shard, chosen.work)
    told = {
        "root": collection.root.number,
        "shards": [one.generation.shard for one in made],
        "operations": sum(one.operations for one in made),
        "refused": sum(len(one.refused) for one in made),
    }
    print(json.dumps(told))
    return 0


def _open(chosen: argparse.Namespace) -> Collection:
    collection = Collection.open(chosen.collection, deadline_s=chosen.deadline)
    for error in collection.damaged:
        print(f"inlier-cluster: {error}; root {collection.root.number} is used", file=sys.stderr)
    return collection


ALL = (
    _declare_create,
    _declare_status,
    _declare_compact,
    _declare_verify,
    _declare_restore,
    _declare_set_back,
)
