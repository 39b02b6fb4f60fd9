"""The command ``inlier-cluster``. Each command is a function that is given its arguments, and a
function that declares them; errors end it with one line and exit code 1, mistakes in a call with
2."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from inlier_cluster import service_commands, storage_commands
from inlier_cluster.errors import ClusterError, InvalidRequestError

_SUMMARY = "Collections in durable storage, and the service that many machines make of them."


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="inlier-cluster", description=_SUMMARY)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for declare in (*storage_commands.ALL, *service_commands.ALL):
        declare(commands)
    chosen = parser.parse_args(arguments)
    run: storage_commands.Command = chosen.run
    try:
        return run(chosen)
    except ClusterError as error:
        print(f"inlier-cluster: {error}", file=sys.stderr)
        return 2 if isinstance(error, InvalidRequestError) else 1


if __name__ == "__main__":
    sys.exit(main())
