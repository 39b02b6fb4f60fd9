"""The tables of a run of 'inlier bench': methods on data sets, corrupted photos, exact voting."""

from collections.abc import Callable

from tables_common import Json, body, head, measured, read, row

ALL = "joint"  # the name under which figures stand for all photos together
REFERENCES = ("exact", "opencv-tutorial")  # asked a few photos, and too slow for a table of costs
STAGES = ("decode", "extract", "shortlist", "verify")


def interval(figures: Json, key: str) -> str:
    """A figure with its 95 % interval."""
    low, high = figures[key + "_ci"]
    return f"{figures[key]:.3f} ({low:.3f}–{high:.3f})"


def own_first_hit(figures: Json) -> str:
    """First hits in the data set's own gallery."""
    return f"{figures.get('own_gallery', figures)['first_hit']:.3f}"


def accepted_and_wrong(figures: Json) -> str:
    """Shares of photos with an accepted item: their own, and one that they do not show."""
    accepted = f"{figures['accepted']:.3f}"
    return f"{accepted}; {figures['wrong']:.3f}" if "wrong" in figures else accepted


def overview(results: Json, cell: Callable[[Json], str], own: bool = False) -> list[str]:
    """All methods side by side, a column for each data set. With `own`, of their own galleries."""
    datasets = results["datasets"]
    sets = [*datasets, ALL]
    titles = [f"{s} ({datasets[s]['photos']})" if s != ALL else "all" for s in sets]
    lines = head("method", *titles)
    for method, figures in results["methods"].items():
        any_set = next(iter(figures.values()))
        only_own = any_set["gallery"] == "own"
        has_own = only_own or "own_gallery" in any_set
        if not has_own if own else only_own:
            continue
        name = method
        if method in REFERENCES:
            name = f"{method} ({figures[ALL]['photos']} photos)"
        lines.append(row(name, *(cell(figures[s]) if s in figures else "" for s in sets)))
    return lines


def costs(results: Json) -> list[str]:
    """Time, memory and disk of each method."""
    lines = head(
        "method",
        "photo, wall ms",
        "photo, CPU ms",
        *STAGES,
        "index an item, CPU ms",
        "index in memory, kB an item",
        "on disk, kB an item",
        "open, ms",
        "peak memory, MB",
    )
    for method, sets in results["methods"].items():
        if method in REFERENCES:
            continue
        of_all, cost = sets[ALL], results["costs"].get(method, {})
        build, index, opened = (cost.get(key, {}) for key in ("build", "index", "open"))
        lines.append(
            row(
                method,
                f"{of_all['query_ms']:.0f}",
                f"{of_all['query_cpu_ms']:.0f}",
                *(f"{of_all[stage + '_ms']:.1f}" for stage in STAGES),
                f"{build['cpu_ms_per_item']:.0f}" if "cpu_ms_per_item" in build else "",
                f"{index['memory_bytes_per_item'] / 1000:.1f}" if index else "",
                f"{index['disk_bytes_per_item'] / 1000:.0f}" if index else "",
                f"{opened['wall_ms']:.0f}" if opened else "",
                f"{cost['query']['peak_memory_bytes'] / 1e6:.0f}" if "query" in cost else "",
            )
        )
    return lines


def hybrid(results: Json) -> list[str]:
    """The hybrid against the better one of its parts."""
    lines = head(
        "set",
        "hybrid",
        "better part",
        "difference (95 % interval)",
        "not worse within the interval",
    )
    for name, h in results["hybrid"].items():
        low, high = h["difference_ci"]
        lines.append(
            row(
                name,
                f"{h['first_hit']:.3f}",
                f"{h['better_part']} {h['first_hit_of_part']:.3f}",
                f"{h['difference']:+.3f} ({low:+.3f} to {high:+.3f})",
                "yes" if h["not_worse"] else "no",
            )
        )
    return lines


def tables(out: str) -> str:
    """Accuracy and cost of all methods."""
    results = read(out, "results.json")
    lines = [measured(results)]

    def add(title: str, table: list[str]) -> None:
        lines.extend(["", title, "", *table])

    add(
        "First hit (95 % interval) on the joint gallery:",
        overview(results, lambda d: interval(d, "first_hit")),
    )
    add(
        "In the first ten; mean average precision:",
        overview(results, lambda d: f"{d['recall_at_10']:.3f}; {d['map']:.3f}"),
    )
    add("First hit in each set's own gallery:", overview(results, own_first_hit, own=True))
    add(
        "Accepted; wrong (something is accepted that is not in the photo, its own item left out):",
        overview(results, accepted_and_wrong),
    )
    add(
        "Cost: medians over all photos, one thread a photo, stages in CPU ms.",
        costs(results),
    )
    if "hybrid" in results:
        add(
            "hybrid against the better of its parts, first hits on the same photos:",
            hybrid(results),
        )
    return body(lines)


def last_with_half(severities: list[float], hits: list[float]) -> str:
    """The last severity at which at least half of the items are found first."""
    enough = [s for s, hit in zip(severities, hits, strict=True) if hit >= 0.5]
    return f"{enough[-1]:g}" if enough else "none"


def stress(out: str) -> str | None:
    """Where methods break on corrupted photos; nothing when that was not measured."""
    results = read(out, "results.json")
    if "stress" not in results:
        return None
    lines = [measured(results)]
    for dataset, of_set in results["stress"].items():
        first = next(iter(of_set.values()))
        methods = list(first["methods"])
        lines += [
            "",
            f"{dataset}, {first['scenes_a_level']} scenes for each severity: first hits at the "
            "highest severity, and the last severity with at least half.",
            "",
            *head("corruption", "hardest", *methods),
        ]
        for name, corruption in of_set.items():
            unit = f" {corruption['unit']}" if corruption["unit"] else ""
            severities = corruption["levels"]
            hits = [corruption["methods"][m]["first_hit"] for m in methods]
            cells = [f"{h[-1]:.2f}, {last_with_half(severities, h)}" for h in hits]
            lines.append(row(name, f"{severities[-1]:g}{unit}", *cells))
    return body(lines)


def exact(out: str) -> str | None:
    """What the index loses against exact voting; nothing when that was not measured."""
    results = read(out, "results.json")
    if "exact" not in results:
        return None
    lines = [
        measured(results),
        "",
        *head(
            "method",
            "set",
            "photos",
            "exact voting's first is in the first 100",
            "and is right",
            "right, and not in the first 100",
            "first hit, exact",
            "first hit, index",
            "exact voting, CPU ms",
        ),
    ]
    for method, sets in results["exact"].items():
        photos, in_100 = 0, 0.0
        for name, e in sets.items():
            photos += e["photos"]
            in_100 += e["photos"] * e["voted_first_in_100"]
            shares = ("first_hit_exact", "first_hit_index")
            lines.append(
                row(
                    method,
                    name,
                    e["photos"],
                    f"{e['voted_first_in_100']:.3f}",
                    f"{e['voted_first_is_right']:.3f}",
                    e["right_not_in_100"],
                    *(f"{e[share]:.3f}" for share in shares),
                    f"{e['cpu_ms']:.0f}",
                )
            )
        lines.append(f"| {method} | all | {photos} | {in_100 / photos:.4f} | | | | | |")
    return body(lines)


def summary(out: str) -> str:
    """The few figures that the README shows."""
    results = read(out, "results.json")
    sets, methods = list(results["datasets"]), results["methods"]
    lines = head("first hit", *sets, "CPU ms a photo")
    for method in ("sift", "xfeat", "deep", "look", "hybrid"):
        if method in methods:
            hits = (f"{methods[method][s]['first_hit']:.3f}" for s in sets)
            lines.append(row(method, *hits, f"{methods[method][ALL]['query_cpu_ms']:.0f}"))
    if "sift" in methods:
        accepted = " | ".join(f"{methods['sift'][s]['accepted']:.3f}" for s in sets)
        lines.append(f"| sift, accepted | {accepted} | |")
    return body(lines)
