"""The table of what benchmarks/footprint.py measured."""

from tables_common import Json, body, head, read, row

ROWS = (
    ("memory of an item, mapped lists counted, kB", "memory_item_bytes", 1e-3, 1),
    ("disk of an item, kB", "disk_item_bytes", 1e-3, 1),
    ("indexing all items on one thread, CPU s", "index_cpu_s", 1, 0),
    ("a photo after decoding and extraction, ms", "search_ms", 1, 1),
    ("a photo in all, CPU ms", "photo_cpu_ms", 1, 1),
    ("a photo in all, million instructions", "photo_minstructions", 1, 0),
    ("rate of two threads to that of one", "two_threads", 1, 2),
)


def footprint(out: str) -> str:
    """Both builds side by side."""
    figures: Json = read(out, "footprint.json")
    before, now = figures["against"], figures["this"]
    lines = [
        f"{figures['made']}; {now['items']} items, {figures['photos']} photos, "
        f"{figures['rounds']} rounds.",
        "",
        *head("", "before", "now", "ratio"),
    ]
    for title, key, unit, digits in ROWS:
        if key not in before or key not in now:
            continue
        old, new = before[key] * unit, now[key] * unit
        lines.append(row(title, f"{old:.{digits}f}", f"{new:.{digits}f}", f"{new / old:.2f}"))
    return body(lines)
