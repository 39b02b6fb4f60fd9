"""Runs a build of the program on one thread, and writes the tables that it reads."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, str]
Answer = dict[str, Any]


@dataclass
class Run:
    """What a command printed and cost."""

    text: str
    cpu_s: float
    peak_mb: float


def run(command: Sequence[str]) -> Run:
    """Runs a command on one thread. Exit code 1 is that of an answer that has nothing to show."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        process = subprocess.Popen(
            command, stdout=printed, stderr=subprocess.DEVNULL, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            sys.exit(f"{' '.join(command[:3])} failed")
        printed.seek(0)
        return Run(printed.read(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Database:
    """A database that one build of the program makes and asks."""

    def __init__(self, program: Path, path: Path) -> None:
        self.program, self.path = str(program), path

    def index(self, table: Path, from_scratch: bool = True) -> Run:
        """Indexes a table, into an empty database unless told otherwise."""
        if from_scratch:
            subprocess.run(["rm", "-rf", str(self.path)], check=True)
        command = [self.program, "index", str(table), "--db", str(self.path), "--threads", "1"]
        return run([*command, "--quiet"])

    def stats(self) -> Answer:
        command = [self.program, "stats", "--db", str(self.path), "--format", "jsonl"]
        stats: Answer = json.loads(run(command).text)
        return stats

    def ask(self, photos: Sequence[str], *options: str) -> tuple[list[Answer], float]:
        """The answers, and the CPU time of a photo without what it costs to start and open."""
        command = [self.program, "query", "--db", str(self.path), "--threads", "1", "--quiet"]
        command += ["--format", "jsonl", *options]
        many, one = run([*command, *photos]), run([*command, photos[0]])
        answers = [json.loads(line) for line in many.text.splitlines()]
        return answers, 1000 * (many.cpu_s - one.cpu_s) / (len(photos) - 1)


def read_table(path: Path) -> list[Row]:
    """The rows of a data set's table, with the absolute paths of their images."""
    with path.open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        row["image"] = str((path.parent / row["image"]).resolve())
    return rows


def write_table(path: Path, rows: Iterable[Row]) -> Path:
    """Writes rows that have the same columns."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path
