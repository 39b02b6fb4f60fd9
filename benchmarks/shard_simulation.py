"""How long the shards of a query take when there are many: the slowest of them counts.

A simulation whose service times are those that shards.py has recorded. Queries arrive at random
(Poisson). A round asks all shards, or those that hold a candidate, at once, and the next begins
when all have answered. Each shard has replicas, each of which works on one request after the other,
in the order in which they come. With hedging, a second replica is asked as server/hedging.h does:
after the 95th percentile of the recent times of the round, at most once for twenty requests. Who
loses is not stopped, so hedging costs as much here as it can.

What is not in it: the network, and what the gateway computes itself.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

# As server/hedging.h has them.
REQUESTS_FOR_ONE, MOST_SAVED, RECENT, LEAST = 20, 32, 256, 32
FLOOR_MS, AT_FIRST_MS = 10.0, 100.0
# Of the shortlist. Where nearly all shards were asked, their share says no more than this.
MOST_FACES, LEAST_SHARE = 50, 1e-9


@dataclass
class Round:
    """The times of one round at one shard, and how many faces it asks for (0: all shards)."""

    name: str
    service_ms: Times
    faces: int = 0


@dataclass
class Setting:
    shards: int
    rounds: list[Round]
    load: float  # the share of its time that a replica works, without hedges
    replicas: int = 2
    hedging: bool = False
    slow_share: float = 0.0  # of the replicas, which take `slow_factor` as long
    slow_factor: float = 3.0
    queries: int = 2000
    seed: int = 1
    floor_ms: float = FLOOR_MS


@dataclass
class Outcome:
    latency_ms: Times  # of each query
    requests: int = 0
    hedged: int = 0


@dataclass
class Asked:
    """A round of a query, until all of its shards have answered."""

    query: int
    round: int
    shards: NDArray[np.intp]
    replica: NDArray[np.intp]
    began: float
    ends: Times = field(default_factory=lambda: np.zeros(0))


def slow_servers(setting: Setting) -> int:
    return math.ceil(setting.slow_share * setting.shards * setting.replicas)


class Simulation:
    """One run. What happens is taken in the order of time, so that a queue is a number for each
    replica: when it will be free."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.random = np.random.default_rng(setting.seed)
        self.free = np.zeros((setting.replicas, setting.shards))
        self.factor = np.ones(self.free.shape)
        slow = self.random.choice(self.free.size, slow_servers(setting), replace=False)
        self.factor.flat[slow] = setting.slow_factor
        self.events: list[tuple[float, int, Asked]] = []
        self.order = itertools.count()
        self.recent = [np.zeros(0) for _ in setting.rounds]
        self.saved = 0.0
        self.requests = self.hedged = 0
        self.arrived: Times = np.zeros(0)
        self.done: Times = np.zeros(0)

    def run(self) -> Outcome:
        setting = self.setting
        gap = self.work_a_query() / setting.load
        self.arrived = np.cumsum(self.random.exponential(gap, setting.queries))
        self.done = np.zeros(setting.queries)
        upcoming = iter(enumerate(self.arrived))
        query, at = next(upcoming)
        while True:
            if self.events and (query < 0 or self.events[0][0] <= at):
                now, _, asked = heapq.heappop(self.events)
                self.go_on(now, asked)
            elif query >= 0:
                self.begin(query, 0, at)
                query, at = next(upcoming, (-1, np.inf))
            else:
                break
        warm = setting.queries // 10  # the queues begin empty
        return Outcome((self.done - self.arrived)[warm:], self.requests, self.hedged)

    def work_a_query(self) -> float:
        """The mean time of a replica that a query takes up."""
        shards, work = self.setting.shards, 0.0
        for one in self.setting.rounds:
            share = 1 - (1 - 1 / shards) ** one.faces if one.faces else 1.0
            work += share * float(one.service_ms.mean())
        return work * float(self.factor.mean()) / self.setting.replicas

    def begin(self, query: int, number: int, now: float) -> None:
        """Asks the shards of a round."""
        one = self.setting.rounds[number]
        if one.faces:
            shards = np.unique(self.random.integers(self.setting.shards, size=one.faces))
        else:
            shards = np.arange(self.setting.shards)
        replica = np.full(len(shards), query % self.setting.replicas)
        asked = Asked(query, number, shards, replica, now)
        asked.ends = self.serve(number, replica, shards, now)
        self.requests += len(shards)
        self.saved = min(self.saved + len(shards), MOST_SAVED * REQUESTS_FOR_ONE)
        delay = self.delay(number)
        if self.setting.hedging and self.setting.replicas > 1 and asked.ends.max() > now + delay:
            self.push(now + delay, asked)
        else:
            self.end(asked)

    def serve(
        self, number: int, replica: NDArray[np.intp], shards: NDArray[np.intp], now: float
    ) -> Times:
        """When these will have answered what they are asked now."""
        times = self.random.choice(self.setting.rounds[number].service_ms, len(shards))
        begin = np.maximum(now, self.free[replica, shards])
        ends: Times = begin + times * self.factor[replica, shards]
        self.free[replica, shards] = ends
        return ends

    def go_on(self, now: float, asked: Asked) -> None:
        """The clock of the hedges has rung, or all have answered and the next round begins."""
        if asked.ends.max() > now:
            late = np.flatnonzero(asked.ends > now)
            self.random.shuffle(late)
            late = late[: int(self.saved // REQUESTS_FOR_ONE)]
            self.saved -= len(late) * REQUESTS_FOR_ONE
            self.hedged += len(late)
            others = (asked.replica[late] + 1) % self.setting.replicas
            ends = self.serve(asked.round, others, asked.shards[late], now)
            asked.ends[late] = np.minimum(asked.ends[late], ends)
            self.end(asked)
        elif asked.round + 1 < len(self.setting.rounds):
            self.begin(asked.query, asked.round + 1, now)
        else:
            self.done[asked.query] = now

    def end(self, asked: Asked) -> None:
        """All answers of the round have a time by now."""
        times = asked.ends - asked.began
        self.recent[asked.round] = np.concatenate([self.recent[asked.round], times])[-RECENT:]
        self.push(float(asked.ends.max()), asked)

    def delay(self, number: int) -> float:
        recent = self.recent[number]
        if len(recent) < LEAST:
            return AT_FIRST_MS
        return max(float(np.percentile(recent, 95)), self.setting.floor_ms)

    def push(self, at: float, asked: Asked) -> None:
        heapq.heappush(self.events, (at, next(self.order), asked))


def rounds_of(recorded: dict[str, Any]) -> list[Round]:
    """The rounds of a query, with the times that shards.py has recorded. All shards count and rank.
    Keypoints and descriptors are asked of those that have candidates, of which there are as many as
    makes for the requests that were recorded."""
    shards = recorded["shards"]
    rounds = []
    for name, asks_all in (("count", 1), ("rank", 1), ("keypoints", 0), ("descriptors", 0)):
        one = recorded["rounds"][name]
        share = one["requests"] / recorded["rounds"]["count"]["requests"]
        faces = math.log(max(1 - share, LEAST_SHARE)) / math.log(1 - 1 / shards)
        asked = 0 if asks_all else max(round(faces), 1)
        rounds.append(Round(name, np.array(one["service_ms"]), min(asked, MOST_FACES)))
    return rounds


def percentiles(setting: Setting) -> dict[str, float]:
    outcome = Simulation(setting).run()
    return {
        "p50_ms": float(np.percentile(outcome.latency_ms, 50)),
        "p99_ms": float(np.percentile(outcome.latency_ms, 99)),
        "hedged": outcome.hedged / outcome.requests,
    }


def simulate(
    recorded: dict[str, Any], shards: list[int], load: float, queries: int
) -> list[dict[str, Any]]:
    """Every number of shards, with and without hedging, with equal replicas and with slow ones."""
    rounds = rounds_of(recorded)
    rows = []
    for number, slow_share in itertools.product(shards, (0.0, 0.01)):
        setting = Setting(number, rounds, load, slow_share=slow_share, queries=queries)
        plain, hedged = (
            percentiles(replace(setting, hedging=hedging)) for hedging in (False, True)
        )
        rows.append(
            {"shards": number, "slow": slow_servers(setting), "plain": plain, "hedging": hedged}
        )
    return rows
