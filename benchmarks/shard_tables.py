"""The tables of what benchmarks/shards.py measured and simulated."""

import os

from tables_common import Json, body, head, read, row


def shards(out: str) -> str:
    """One server, and gateways to shards."""
    figures: Json = read(out, "shards.json")
    lines = [
        f"{figures['made']}; {figures['items']} items, {figures['photos']} photos, CPU ms a photo.",
        "",
        *head("shards", "answers as of one server", "one server", "gateway", "shards", "more"),
    ]
    for measured in figures["runs"]:
        one, gateway, parts = (measured[f"{name}_cpu_ms"] for name in ("one", "gateway", "shards"))
        lines.append(
            row(
                measured["shards"],
                f"{measured['same']} of {figures['photos']}",
                f"{one:.1f}",
                f"{gateway:.1f}",
                f"{parts:.1f}",
                f"{gateway + parts - one:.1f}",
            )
        )
    return body(lines)


def rounds(out: str) -> str | None:
    """What each round takes at a shard; nothing when it has not been recorded."""
    figures: Json = read(out, "shards.json")
    if "recorded" not in figures:
        return None
    lines = head("round", "requests a photo", "kB a photo", "p50, ms", "p95, ms", "p99, ms")
    for name, one in figures["recorded"]["rounds"].items():
        times = sorted(one["service_ms"])
        parts = (times[min(len(times) * part // 100, len(times) - 1)] for part in (50, 95, 99))
        cells = (f"{one['requests']:.1f}", f"{one['bytes'] / 1e3:.0f}")
        lines.append(row(name, *cells, *(f"{time:.2f}" for time in parts)))
    return body(lines)


def equality(out: str) -> str:
    """Whether gateways to shards answer as one server does."""
    figures: Json = read(out, "shard-equality.json")
    same, apart = "answers that are the same", "twins apart"
    lines = head("catalogue", "items", "method", "shards", same, apart, "measured")
    methods = list(dict.fromkeys(run["method"] for run in figures["runs"]))
    for one in sorted(
        figures["runs"],
        key=lambda run: (run["catalogue"] == "drawn", methods.index(run["method"]), run["shards"]),
    ):
        cells = (one["catalogue"], one["items"], one["method"], one["shards"])
        measured = one["made"].removeprefix("Measured ")
        lines.append(row(*cells, f"{one['same']} of {one['asked']}", one["twins_apart"], measured))
    return body(lines)


def simulation(out: str) -> str | None:
    """Many shards, from the times of a few; nothing when they have not been simulated."""
    if not os.path.exists(os.path.join(out, "shard-simulation.json")):
        return None
    figures: Json = read(out, "shard-simulation.json")
    measured = figures["measured"][0].lower() + figures["measured"][1:]
    lines = [
        f"{figures['made'].replace('Measured', 'Simulated')}, "
        f"from times of shards with about {figures['items']} items "
        f"({measured}); two replicas of each shard, which "
        f"work {figures['load']:.0%} of their time; {figures['queries']} queries, "
        "milliseconds of all rounds of a query.",
        "",
        *head("shards", "slow servers", "p50", "p99", "p50, hedged", "p99, hedged", "hedges"),
    ]
    for one in figures["rows"]:
        plain, hedged = one["plain"], one["hedging"]
        times = [plain["p50_ms"], plain["p99_ms"], hedged["p50_ms"], hedged["p99_ms"]]
        lines.append(
            row(
                one["shards"],
                one["slow"],
                *(f"{time:.1f}" for time in times),
                f"{hedged['hedged']:.1%}",
            )
        )
    lines += ["", *paper(figures["paper"])]
    return body(lines)


def paper(plans: list[Json]) -> list[str]:
    """What a cluster for a hundred million items would need, as `inlier plan` says."""
    what = ("nodes", "shards", "memory of indexes a node", "disk a node", "network a query")
    lines = [*head("items", "memory of a node", *what)]
    for plan in plans:
        lines.append(
            row(
                f"{plan['items'] / 1e6:.0f} million",
                f"{plan['node_memory_gb']} GB",
                plan["nodes"],
                f"{plan['shards']} × {plan['replicas']}",
                f"{plan['node_memory_bytes'] / 1e9:.0f} GB",
                f"{plan['node_disk_bytes'] / 1e9:.0f} GB",
                f"{plan['query_network_bytes'] / 1e6:.1f} MB",
            )
        )
    return lines
