#!/usr/bin/env python3
"""Holds the simulation of many shards to queues whose answers are known.

usage: shard_simulation_test.py BENCHMARKS

Exits with 77 when numpy is missing.
"""

import sys
from typing import Any

SKIPPED = 77
try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIPPED)

sys.path.insert(0, sys.argv[1])
from shard_simulation import (  # noqa: E402
    LEAST,
    REQUESTS_FOR_ONE,
    Outcome,
    Round,
    Setting,
    Simulation,
)

MEAN_MS = 4.0


def exponential(count: int = 200_000) -> Round:
    return Round("only", np.random.default_rng(5).exponential(MEAN_MS, count))


def run(**changes: Any) -> Outcome:
    usual: dict[str, Any] = {"shards": 1, "rounds": [exponential()], "load": 0.001}
    return Simulation(Setting(**usual | changes)).run()


def expect_near(what: str, found: float, expected: float, share: float) -> None:
    assert abs(found - expected) <= share * expected, f"{what}: {found:.2f}, not {expected:.2f}"


def one_queue_is_m_m_1() -> None:
    """The time in an M/M/1 queue is exponential with the mean 1 / (mu - lambda)."""
    for load in (0.3, 0.7):
        outcome = run(load=load, replicas=1, queries=60_000)
        mean = MEAN_MS / (1 - load)
        expect_near("mean", float(outcome.latency_ms.mean()), mean, 0.05)
        for part in (50, 90, 99):
            expected = -mean * np.log(1 - part / 100)
            expect_near(f"p{part}", float(np.percentile(outcome.latency_ms, part)), expected, 0.1)


def without_queues_the_slowest_of_n_counts() -> None:
    """The mean of the maximum of N exponentials is the N-th harmonic number."""
    for shards in (1, 4, 64, 1000):
        outcome = run(shards=shards, queries=4_000)
        harmonic = float(np.sum(1 / np.arange(1, shards + 1)))
        expect_near(f"{shards} shards", float(outcome.latency_ms.mean()), MEAN_MS * harmonic, 0.05)


def rounds_follow_each_other() -> None:
    constant = Round("constant", np.array([3.0]))
    outcome = run(rounds=[constant, constant], shards=8)
    assert np.allclose(outcome.latency_ms, 6.0)
    few = Round("few", np.array([3.0]), faces=2)
    asked = run(rounds=[few], shards=1000, queries=500)
    assert 1.9 * 500 < asked.requests <= 2 * 500


def hedging_helps_within_its_bound() -> None:
    """One answer in 200 takes a second, which a quarter of the queries of 64 shards meet."""
    times = np.random.default_rng(6).uniform(1, 2, 10_000)
    times[:50] = 1000.0
    hangs = Round("hangs", times)
    common: dict[str, Any] = {"shards": 64, "rounds": [hangs], "floor_ms": 0.0, "queries": 3_000}
    plain, hedged = run(**common), run(**common, hedging=True)
    assert plain.hedged == 0
    assert 0 < hedged.hedged * REQUESTS_FOR_ONE <= hedged.requests
    assert np.percentile(plain.latency_ms, 90) >= 1000
    assert np.percentile(hedged.latency_ms, 90) < 10


def without_enough_times_or_replicas_nobody_is_asked_twice() -> None:
    assert run(hedging=True, queries=LEAST // 2).hedged == 0
    assert run(hedging=True, replicas=1, floor_ms=0.0, shards=16, queries=500).hedged == 0


def main() -> None:
    one_queue_is_m_m_1()
    without_queues_the_slowest_of_n_counts()
    rounds_follow_each_other()
    hedging_helps_within_its_bound()
    without_enough_times_or_replicas_nobody_is_asked_twice()


if __name__ == "__main__":
    main()
