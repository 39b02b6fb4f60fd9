#!/usr/bin/env python3
"""Breaks a small cluster at random, while two writers add and four readers ask through the gateway,
and says what came of it. scripts/cluster-chaos runs it.

chaos.py [--rounds N] [--seed N] [--out FILE]

A round is one fault at a random moment: a raylet killed, an actor killed, a node frozen and thawed
after its replacement had begun, or the GCS killed and started again. Four things are looked at:

* nothing that was acknowledged is lost: after each round every replica has every item;
* no answer is wrong: who asks with the picture of an item that is there gets that item, and the
  answer says that all shards were asked;
* full coverage is back within 30 s of the fault;
* a server that wakes up beside its replacement ends.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import local_cluster

local_cluster.prepare(Path(tempfile.mkdtemp(prefix="inlier-chaos-")))  # before Ray is imported

import httpx  # noqa: E402
from inlier_cluster.remote import RemoteError  # noqa: E402
from local_cluster import LocalCluster, until  # noqa: E402
from tested_service import DATA, SHARDS, NotAnsweredError, ServiceUnderTest  # noqa: E402

RECOVERY_S = 30.0
STEADY_S = 5.0
FENCED_S = 15.0
FAULTS = ("raylet killed", "actor killed", "node frozen", "GCS restarted")
NODES = 4


@dataclass
class Truth:
    """What was acknowledged. Shared by all threads."""

    pictures: dict[str, Path] = field(default_factory=dict)  # of the items that are there
    since: dict[str, int] = field(default_factory=dict)  # the version that has it
    gone: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, item: str, picture: Path, version: int) -> None:
        with self.lock:
            self.pictures[item], self.since[item] = picture, version

    def forget(self, item: str) -> Path:
        """It is about to be removed, and nobody can say whether it is there until that is done."""
        with self.lock:
            del self.since[item]
            return self.pictures.pop(item)

    def removed(self, item: str, version: int) -> None:
        with self.lock:
            self.gone[item] = version

    def some(self, rng: random.Random) -> tuple[str, Path, int]:
        with self.lock:
            item = rng.choice(sorted(self.pictures))
            return item, self.pictures[item], self.since[item]

    def fault(self, item: str, version: int, found: set[str]) -> str:
        """What is wrong with what a photo of an item found at a version or later, if anything."""
        with self.lock:
            if item in self.pictures and item not in found:
                return f"{item}, there since {version}, was not found, but {sorted(found)}"
            ghosts = [one for one in found if self.gone.get(one, version + 1) <= version]
            return f"found although removed: {ghosts}" if ghosts else ""


@dataclass
class Counts:
    """What happened, over all rounds."""

    counter: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str) -> None:
        with self.lock:
            self.counter[what] += 1

    def bad(self, what: str) -> None:
        with self.lock:
            self.wrong.append(what)


class Load:
    """Two writers and four readers, from `start` to `stop`."""

    def __init__(self, service: ServiceUnderTest, truth: Truth, counts: Counts, seed: int) -> None:
        self._service, self._truth, self._counts = service, truth, counts
        self._over = threading.Event()
        works = [self._write] * 2 + [self._read] * 4
        self._threads = [
            threading.Thread(target=work, args=(number, random.Random(f"{seed} {number}")))
            for number, work in enumerate(works)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number: int, rng: random.Random) -> None:
        pictures = sorted((DATA / "smvs-book/catalogue").glob("*"))[number::2]
        own: list[str] = []
        for count in range(1_000_000):
            if self._over.wait(rng.uniform(0.3, 0.9)):
                return
            try:
                if len(own) > 20:  # so that many rounds do not fill the collection
                    item = own.pop(rng.randrange(len(own)))
                    self._truth.forget(item)
                    self._truth.removed(item, self._service.remove_by_gateway(item))
                else:
                    item, picture = f"new-{number}-{count}", rng.choice(pictures)
                    self._truth.add(item, picture, self._service.put_by_gateway(item, picture))
                    own.append(item)
                self._counts.add("writes acknowledged")
            except NotAnsweredError:
                self._counts.add("writes not acknowledged")

    def _read(self, number: int, rng: random.Random) -> None:
        while not self._over.wait(rng.uniform(0.05, 0.3)):
            item, picture, version = self._truth.some(rng)
            try:
                answer = self._service.ask_gateway(picture.read_bytes(), version)
            except NotAnsweredError:
                self._counts.add("queries refused")
                continue
            coverage = answer["coverage"]
            if coverage["answered"] != SHARDS or coverage["shards"] != SHARDS:
                self._counts.bad(f"an answer without its coverage: {coverage}")
            found = found_by(answer)
            fault = self._truth.fault(item, version, found)
            self._counts.add("queries right" if not fault else "queries wrong")
            if fault:
                self._counts.bad(fault)


def found_by(answer: Any) -> set[str]:
    """The items that an answer names."""
    hits = [hit for hit in answer["hits"] if hit["accepted"]]
    return {item for hit in hits for item in (hit["id"], *hit.get("twins", ()))}


class Faults:
    """What can be done to the cluster. `do` returns when it was done; `mend` comes afterwards."""

    def __init__(
        self, cluster: LocalCluster, service: ServiceUnderTest, rng: random.Random
    ) -> None:
        self._cluster = cluster
        self._service = service
        self._rng = rng
        self._frozen: tuple[Any, list[int]] | None = None

    def do(self, fault: str) -> None:
        if fault == "raylet killed":
            self._cluster.kill_raylet(self._rng.choice(self._cluster.nodes))
        elif fault == "actor killed":
            names = [
                "directory",
                "writer",
                "gateway/0",
                *(f"server-{s}/{r}" for s in (0, 1) for r in (0, 1)),
            ]
            os.kill(self._service.pid(self._rng.choice(names)), signal.SIGKILL)
        elif fault == "node frozen":
            node = self._rng.choice(self._cluster.nodes)
            self._frozen = (node, self._cluster.freeze(node))
        else:
            self._cluster.restart_gcs(self._rng.uniform(0.5, 3.0))

    def mend(self) -> float | None:
        """Thaws what was frozen, and returns after how many seconds all of it had ended; then sees
        to it that the cluster has all of its nodes again."""
        fenced = None
        if self._frozen is not None:
            node, processes = self._frozen
            start = time.monotonic()
            self._cluster.thaw(processes)
            until(
                lambda: self._cluster.ended(node, processes),
                FENCED_S,
                "the thawed servers have ended",
            )
            fenced = time.monotonic() - start
            self._cluster.forget(node)
            self._frozen = None
        while len(self._cluster.nodes) < NODES:
            self._cluster.add_node()
        return fenced


def run(rounds: int, seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    truth, counts = Truth(), Counts()
    cluster = LocalCluster(NODES)
    service = ServiceUnderTest(Path(os.environ["RAY_TMPDIR"]))
    try:
        service.build(DATA / "smvs-dvd", sample=100)
        for picture in sorted((DATA / "smvs-dvd/catalogue").glob("*")):
            truth.add(picture.stem, picture, 0)
        service.up()
        load = Load(service, truth, counts, seed)
        try:
            faults = Faults(cluster, service, rng)
            told = [one_round(service, faults, truth, rng) for _ in range(rounds)]
        finally:
            load.stop()
        return summary(seed, told, counts)
    finally:
        cluster.stop()


def one_round(
    service: ServiceUnderTest, faults: Faults, truth: Truth, rng: random.Random
) -> dict[str, Any]:
    time.sleep(rng.uniform(0.0, 3.0))  # the random moment
    fault = rng.choice(FAULTS)
    start = time.monotonic()
    faults.do(fault)
    recovery_s = watch(service, start)
    fenced_s = faults.mend()
    missing = lost(service, truth)
    told = {"fault": fault, "recovery_s": recovery_s, "fenced_s": fenced_s, "lost": sorted(missing)}
    print(json.dumps(told), flush=True)
    return told


def watch(service: ServiceUnderTest, start: float) -> float:
    """The seconds from `start` until all replicas are there and stay for five seconds: the
    directory needs some to notice that somebody is gone."""
    broken_s = whole_s = time.monotonic()
    while whole_s - broken_s < STEADY_S and broken_s - start < 3 * RECOVERY_S:
        if service.replicas() < SHARDS * service.plan.replicas:
            broken_s = time.monotonic()
        whole_s = time.monotonic()
        time.sleep(0.05)
    return round(broken_s - start, 2)


def lost(service: ServiceUnderTest, truth: Truth) -> set[str]:
    """Acknowledged items that some replica does not have, after it had time to catch up."""
    with truth.lock:
        wanted = set(truth.pictures)
    end = time.monotonic() + RECOVERY_S
    while True:
        with contextlib.suppress(RemoteError, httpx.HTTPError):
            with truth.lock:
                wanted &= set(truth.pictures)  # writers go on, and remove
            by_shard = service.items().values()
            missing = wanted - {one for sets in by_shard for one in set.intersection(*sets)}
            with truth.lock:
                missing &= set(truth.pictures)
            if not missing or time.monotonic() > end:
                return missing
        time.sleep(0.1)


def summary(seed: int, told: list[dict[str, Any]], counts: Counts) -> dict[str, Any]:
    recoveries: dict[str, list[float]] = {}
    for one in told:
        recoveries.setdefault(one["fault"], []).append(one["recovery_s"])
    fenced = [one["fenced_s"] for one in told if one["fenced_s"] is not None]
    late = sum(one["recovery_s"] > RECOVERY_S for one in told)
    return {
        "seed": seed,
        "rounds": len(told),
        "faults": {
            fault: {
                "rounds": len(seconds),
                "recovery_s_median": statistics.median(seconds),
                "recovery_s_most": max(seconds),
            }
            for fault, seconds in sorted(recoveries.items())
        },
        "thawed_ended_s_most": max(fenced, default=None),
        "recoveries_later_than_30_s": late,
        "acknowledged_items_lost": sum(len(one["lost"]) for one in told),
        "counts": dict(sorted(counts.counter.items())),
        "wrong": counts.wrong[:20],
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a file for the summary")
    arguments = parser.parse_args()
    outcome = run(arguments.rounds, arguments.seed)
    text = json.dumps(outcome, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n")
    bad = (
        outcome["wrong"],
        outcome["acknowledged_items_lost"],
        outcome["recoveries_later_than_30_s"],
    )
    return 1 if any(bad) else 0


if __name__ == "__main__":
    sys.exit(main())
