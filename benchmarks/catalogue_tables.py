"""Tables of what benchmarks/catalogues.py measured."""

from tables_common import Json, body, head, made, read, row

BUILDS = {"this": "this build", "other": "e342cac"}


def copies(figures: Json) -> list[str]:
    """One picture under many ids, beside another item."""
    lines = head("", "copies", "both found", "by --exact", "photo, ms", "times that of one copy")
    for build, by_count in figures.items():
        for count, f in by_count.items():
            cells = [f"{f[key]} of {f['photos']}" for key in ("both", "both_exact")]
            lines.append(row(BUILDS[build], count, *cells, f"{f['ms']:.1f}", f"{f['ratio']:.2f}"))
    return lines


def pictures(figures: Json) -> list[str]:
    """One picture an item against several of them."""
    titles = ("first hit", "accepted", "photo, ms")
    lines = head(
        "", "photos", *(f"{t}, one picture" for t in titles), *(f"{t}, more" for t in titles)
    )
    for name, by in figures.items():
        one, more = by.values()
        cells = [
            cell
            for f in (one, more)
            for cell in (f"{f['first_hit']:.3f}", f"{f['accepted']:.3f}", f"{f['ms']:.1f}")
        ]
        lines.append(row(name, one["photos"], *cells))
    return lines


def index(figures: Json) -> list[str]:
    """What indexing all catalogues costs and leaves."""
    lines = head("", "CPU s", "of them for twins", "in memory, kB an item", "on disk, kB an item")
    for build, f in figures.items():
        twins = f"{f['twins_cpu_s']:.1f}" if "twins_cpu_s" in f else ""
        bytes_an_item = (f["memory_bytes_an_item"], f["disk_bytes_an_item"])
        cells = [f"{number / 1000:.1f}" for number in bytes_an_item]
        lines.append(row(BUILDS[build], f"{f['cpu_s']:.1f}", twins, *cells))
    if "other" in figures:
        ratio = figures["other"]["ratio"]
        lines += ["", f"The CPU time is {ratio:.2f} times that of e342cac."]
    return lines


def filters(figures: Json) -> list[str]:
    """Photos asked among all items and among few of them."""
    lines = head(
        "", "asked among", "items accepted", "answers to the others", "photo, ms", "times all"
    )
    for build, by in figures.items():
        for name, label in (("all", "all items"), ("kept", "1 % of them")):
            f = by[name]
            half = f["photos"] // 2
            lines.append(
                row(
                    BUILDS[build],
                    label,
                    f"{f['accepted_of_kept']} of {half}",
                    f"{f['answers_to_others']} of {half}",
                    f"{f['ms']:.1f}",
                    f"{f['ratio']:.2f}",
                )
            )
    return lines


PARTS = {
    "copies": ("Copies of a picture, beside another item in the photo", copies),
    "pictures": ("Three pictures an item, each set alone", pictures),
    "joint_pictures": ("Three pictures an item, in the joint gallery", pictures),
    "faces": ("Products with pictures of several sides", pictures),
    "index": ("Indexing the joint gallery", index),
    "filters": ("A filter in the joint gallery", filters),
}


def catalogues(out: str) -> str:
    """All parts that were measured."""
    results = read(out, "catalogues.json")
    lines = [f"{made()}: one thread, medians of CPU time, in turn."]
    for part, (title, table) in PARTS.items():
        if part in results:
            rounds = results[part]["rounds"]
            lines += ["", f"{title} ({'one round' if rounds == 1 else f'{rounds} rounds'}):", ""]
            lines += table(results[part]["figures"])
    return body(lines)
