"""The tasks of a build: what runs on a node for one batch of pictures, or for one virtual shard.

Each task runs `inlier` itself on a table of its items, so that a picture is read, decoded and
described exactly as on one machine. The programs die with their task.

Pictures that have to be fetched lie in a folder of the task, some thousand items at a time. The
program runs in that folder and calls it `/proc/self/cwd`, since the path of a picture is stored:
so it is the same wherever and whenever the task runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import inlier

from inlier_cluster.child import bound
from inlier_cluster.errors import ClusterError
from inlier_cluster.fetching import Local, LocalRecord, fetch, fetched, portions
from inlier_cluster.recipe import Recipe, recipe_of
from inlier_cluster.records import Record
from inlier_cluster.scratch import scratch

_EXAMPLES = 5
_HERE = "/proc/self/cwd/"
_TABLE = "items.jsonl"


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
    portion: int = 4096  # items whose pictures a task fetches at a time


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


def pixel_hashes(records: Sequence[Record], recipe: Recipe, how: Indexing) -> list[str | None]:
    """The pixel hash of the first picture of each item that can be read; None when none can be."""
    hashes: list[str | None] = []
    with scratch(how.scratch) as folder:
        for portion in portions(records, how.portion):
            hashes += _hashes_of(portion, recipe, folder / "pictures")
    return hashes


def _hashes_of(records: Sequence[Record], recipe: Recipe, folder: Path) -> list[str | None]:
    hashes: list[str | None] = [None] * len(records)
    waiting = list(range(len(records)))
    turn = 0
    # A second picture is fetched only where the first one cannot be read.
    while waiting:
        firsts = {index: records[index][1][turn] for index in waiting}
        found = fetch(firsts.values(), folder)
        for index, picture in firsts.items():
            hashes[index] = _pixel_hash(
                [folder / os.fsdecode(p.path) for p in found[picture]], recipe
            )
        shutil.rmtree(folder, ignore_errors=True)
        turn += 1
        waiting = [one for one in waiting if hashes[one] is None and len(records[one][1]) > turn]
    return hashes


def make_database(
    records: Sequence[Record], folder: Path, how: Indexing, vocabulary: Path | None
) -> Outcome:
    """Indexes the items into a new database at `folder`, with a vocabulary or one of its own, for
    which all of their pictures have to be here at once."""
    total = Outcome()
    for portion in portions(records, how.portion if vocabulary else len(records)):
        with fetched(portion, folder.with_suffix(".pictures")) as (local, known):
            total.add(_index(local, known, folder, how, vocabulary))
    return total


def _index(
    records: Sequence[LocalRecord],
    known: Mapping[bytes, Local],
    folder: Path,
    how: Indexing,
    vocabulary: Path | None,
) -> Outcome:
    """Adds items to the database."""
    work = folder.with_suffix(".pictures")
    work.mkdir(parents=True, exist_ok=True)
    (work / _TABLE).write_text("".join(_row(record) + "\n" for record in records))
    command = [how.program, "index", _HERE + _TABLE, "--db", str(folder.absolute())]
    # The columns are ours, even if metadata have the names of a shop's export.
    command += ["--columns", "id=id,image=image", "--features", how.features]
    command += ["--format", "jsonl", "--quiet", "--threads", str(how.threads)]
    command += [word for option in how.options for word in ("--set", option)]
    if vocabulary is not None:
        command += ["--vocabulary", str(vocabulary.absolute())]
    said = run(command, how.deadline_s, work)
    return _outcome([json.loads(line) for line in said.splitlines()], known)


def train(records: Sequence[Record], how: Indexing) -> tuple[bytes, dict[str, str]]:
    """The vocabulary of a sample of the items, and the recipe of its database."""
    with scratch(how.scratch) as folder:
        make_database(records, folder / "sample", how, None)
        command = [how.program, "vocabulary", "--db", str(folder / "sample")]
        run([*command, "--out", str(folder / "vocabulary"), "--quiet"], how.deadline_s)
        with inlier.open(folder / "sample") as database:
            return (folder / "vocabulary").read_bytes(), recipe_of(database)


def run(command: list[str], deadline_s: float, folder: Path | None = None) -> str:
    """What the program printed, which runs in a folder. A picture that fails is no error: `inlier`
    exits with 1 then, and its totals are there all the same."""
    try:
        done = subprocess.run(
            bound(command), capture_output=True, text=True, timeout=deadline_s, cwd=folder
        )
    except subprocess.TimeoutExpired as error:
        raise IndexingError(
            f"'{command[0]} {command[1]}' took more than {deadline_s:g} s"
        ) from error
    if done.returncode not in (0, 1) or (done.returncode == 1 and not done.stdout):
        raise IndexingError(f"'{command[0]} {command[1]}' failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _row(record: LocalRecord) -> str:
    identity, paths, metadata = record
    # A byte of a name that is no UTF-8 is written as \xHH, which a table may have.
    pictures = [path.decode("utf-8", "backslashreplace") for path in paths]
    return json.dumps({**dict(metadata), "id": identity, "image": pictures}, ensure_ascii=False)


def _outcome(lines: list[dict[str, Any]], known: Mapping[bytes, Local]) -> Outcome:
    if not lines or "added" not in lines[-1]:
        raise IndexingError("'inlier index' was interrupted")
    totals = lines[-1]
    failures = [one for one in lines[:-1] if one["outcome"] == "failed"]
    return Outcome(
        items=totals["added"],
        failed=totals["failed"],
        examples=[_example(one, known) for one in failures[:_EXAMPLES]],
    )


def _example(failure: dict[str, Any], known: Mapping[bytes, Local]) -> str:
    """A failure in the words of the catalogue, which has another name for a fetched picture."""
    path: str = failure["image"]
    picture = known.get(os.fsencode(path.removeprefix(_HERE)), Local(b"", path))
    return f"{failure['id']}: {picture.shown}: {picture.error or failure['error']}"


def _pixel_hash(paths: Sequence[Path], recipe: Recipe) -> str | None:
    for path in paths:
        with contextlib.suppress(inlier.Error):
            return inlier.pixel_hash(path, options=dict(recipe))
    return None
