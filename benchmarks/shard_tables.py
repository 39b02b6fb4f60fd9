"""The table of what benchmarks/shards.py measured."""

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
