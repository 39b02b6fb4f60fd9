"""The command ``inlier-cluster``. Each command is a function that is given its arguments, and a
function that declares them; errors end it with one line and exit code 1, mistakes in a call with
2."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from inlier_cluster import service_commands
from inlier_cluster.collection import Collection
from inlier_cluster.errors import ClusterError, InvalidRequestError
from inlier_cluster.store import DEADLINE_S

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="inlier-cluster", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for declare in (_declare_create,):
        declare(commands)
    for add in service_commands.ALL:
        add(commands)
    chosen = parser.parse_args(arguments)
    run: Command = chosen.run
    try:
        return run(chosen)
    except ClusterError as error:
        print(f"inlier-cluster: {error}", file=sys.stderr)
        return 2 if isinstance(error, InvalidRequestError) else 1


def declare(commands: Commands, name: str, run: Command, summary: str) -> argparse.ArgumentParser:
    """Adds a command that works on a collection."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    parser.add_argument("collection", help="a folder, or s3://bucket/prefix")
    parser.add_argument(
        "--deadline", type=float, default=DEADLINE_S, metavar="S", help="of a call of the storage"
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


if __name__ == "__main__":
    sys.exit(main())
