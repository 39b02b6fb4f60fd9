"""The tasks of a build: what runs on a node for one batch of pictures, or for one virtual shard.

Each task runs `inlier` itself on a table of its items, so that a picture is read, decoded and
described exactly as on one machine. The programs die with their task.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import inlier

from inlier_cluster.child import bound
from inlier_cluster.errors import ClusterError
from inlier_cluster.recipe import Recipe, recipe_of
from inlier_cluster.scratch import make_scratch

_EXAMPLES = 5

# Id, paths of the pictures, metadata.
Record = tuple[str, list[bytes], list[tuple[str, str]]]


class IndexingError(ClusterError):
    """`inlier` could not make a database of its items."""


@dataclass(frozen=True)
class Indexing:
    """How databases are made; the same for all tasks of a build."""

    program: str = "inlier"
    features: str = "sift"
    options: tuple[str, ...] = ()  # of the engine, as STAGE.FIELD=VALUE
    threads: int = 1
    scratch: str = ""
    deadline_s: float = 6 * 3600.0


@dataclass
class Outcome:
    """What became of the items of one task."""

    items: int = 0
    failed: int = 0
    examples: list[str] = field(default_factory=list)  # of failures, a few

    def add(self, other: Outcome) -> None:
        self.items += other.items
        self.failed += other.failed
        self.examples = (self.examples + other.examples)[:_EXAMPLES]


def pixel_hashes(records: Sequence[Record], recipe: Recipe) -> list[str | None]:
    """The pixel hash of the first picture of each item that can be read; None when none can be."""
    return [_pixel_hash(paths, recipe) for _, paths, _ in records]


def make_database(
    records: Sequence[Record], folder: Path, how: Indexing, vocabulary: Path | None
) -> Outcome:
    """Indexes the items into a new database at `folder`, with a vocabulary or one of its own."""
    table = folder.with_suffix(".jsonl")
    table.write_text("".join(_row(record) + "\n" for record in records))
    command = [how.program, "index", str(table), "--db", str(folder), "--features", how.features]
    # The columns are ours, even if metadata have the names of a shop's export.
    command += [
        "--columns",
        "id=id,image=image",
        "--format",
        "jsonl",
        "--quiet",
        "--threads",
        str(how.threads),
    ]
    command += [word for option in how.options for word in ("--set", option)]
    if vocabulary is not None:
        command += ["--vocabulary", str(vocabulary)]
    said = run(command, how.deadline_s)
    return _outcome([json.loads(line) for line in said.splitlines()])


def train(records: Sequence[Record], how: Indexing) -> tuple[bytes, dict[str, str]]:
    """The vocabulary of a sample of the items, and the recipe of its database."""
    folder = make_scratch(how.scratch)
    try:
        make_database(records, folder / "sample", how, None)
        command = [how.program, "vocabulary", "--db", str(folder / "sample")]
        run([*command, "--out", str(folder / "vocabulary"), "--quiet"], how.deadline_s)
        with inlier.open(folder / "sample") as database:
            return (folder / "vocabulary").read_bytes(), recipe_of(database)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], deadline_s: float) -> str:
    """What the program printed. A picture that fails is no error: `inlier` exits with 1 then, and
    its totals are there all the same."""
    try:
        done = subprocess.run(bound(command), capture_output=True, text=True, timeout=deadline_s)
    except subprocess.TimeoutExpired as error:
        raise IndexingError(
            f"'{command[0]} {command[1]}' took more than {deadline_s:g} s"
        ) from error
    if done.returncode not in (0, 1) or (done.returncode == 1 and not done.stdout):
        raise IndexingError(f"'{command[0]} {command[1]}' failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _row(record: Record) -> str:
    identity, paths, metadata = record
    # A byte of a name that is no UTF-8 is written as \xHH, which a table may have.
    pictures = [path.decode("utf-8", "backslashreplace") for path in paths]
    return json.dumps({**dict(metadata), "id": identity, "image": pictures}, ensure_ascii=False)


def _outcome(lines: list[dict[str, Any]]) -> Outcome:
    if not lines or "added" not in lines[-1]:
        raise IndexingError("'inlier index' was interrupted")
    totals = lines[-1]
    failures = [one for one in lines[:-1] if one["outcome"] == "failed"]
    return Outcome(
        items=totals["added"],
        failed=totals["failed"],
        examples=[f"{one['id']}: {one['image']}: {one['error']}" for one in failures[:_EXAMPLES]],
    )


def _pixel_hash(paths: list[bytes], recipe: Recipe) -> str | None:
    for path in paths:
        with contextlib.suppress(inlier.Error):
            return inlier.pixel_hash(os.fsdecode(path), options=dict(recipe))
    return None
