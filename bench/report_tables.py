"""The tables of the report."""

import json

from report_html import esc, interval, kilobytes, table
from report_run import ALL, REFERENCES, Json, Run

STAGES = ("decode", "extract", "shortlist", "verify")


def figures(run: Run, key: str, own: bool = False) -> str:
    """One figure of all methods, a column for each data set: in the joint gallery or, with `own`,
    in each data set's own catalogue."""
    shown = dict(run.methods)
    if key == "first_hit" and not own:
        shown |= run.references
    best = {
        name: max((s[name][key] for s in run.methods.values() if name in s), default=0)
        for name in run.names
    }

    def cell(method: str, sets: Json, name: str) -> str:
        of_set = sets.get(name)
        if of_set and own:
            of_set = of_set.get("own_gallery")
        if not of_set:
            return ""
        is_best = not own and method in run.methods and of_set[key] == best[name]
        mark = ' class="best"' if is_best else ""
        small = interval(of_set[key + "_ci"]) if key + "_ci" in of_set else ""
        return f"<td{mark}>{of_set[key]:.3f}{small}</td>"

    rows = [
        [method_name(method, sets)] + [cell(method, sets, name) for name in run.names]
        for method, sets in shown.items()
    ]
    return table(["method"] + [run.size_of(name) for name in run.names], rows)


def method_name(method: str, sets: Json) -> str:
    """The name of a method; of a reference, with the number of photos that it was asked about."""
    if method not in REFERENCES:
        return esc(method)
    few = next(iter(sets.values()))
    where = ", own catalogue" if few["gallery"] == "own" else ""
    return f'{esc(method)}<span class="ci">{few["photos"]} photos a set{where}</span>'


def hybrid(run: Run) -> str:
    """The hybrid against the better one of its parts; nothing when it was not asked for."""
    if "hybrid" not in run.results:
        return ""

    def as_good(of_set: Json) -> str:
        if of_set["difference"] >= 0:
            return "yes"
        return "within the interval" if of_set["not_worse"] else "no"

    rows = [
        [
            esc(name),
            f"{h['first_hit']:.3f}",
            f"{esc(h['better_part'])} {h['first_hit_of_part']:.3f}",
            f"{h['difference']:+.3f}",
            f"{h['difference_ci'][0]:+.3f} to {h['difference_ci'][1]:+.3f}",
            as_good(h),
        ]
        for name, h in run.results["hybrid"].items()
    ]
    head = ["set", "hybrid", "better part", "difference", "95 % interval", "at least as good"]
    return "<h3>hybrid against the better of its parts</h3>" + table(head, rows)


def costs(run: Run) -> str:
    """Time, memory and disk of all methods."""
    rows = []
    for method, sets in run.methods.items():
        cost, of_all = run.results["costs"].get(method, {}), sets[ALL]
        build, index = cost.get("build", {}), cost.get("index", {})
        learning = cost.get("learning", {})
        rows.append(
            [esc(method), f"{of_all['query_ms']:.0f}", f"{of_all['query_cpu_ms']:.0f}"]
            + [f"{of_all[stage + '_ms']:.1f}" for stage in STAGES]
            + [
                f"{build['cpu_ms_per_item']:.0f}" if "cpu_ms_per_item" in build else "",
                f"{learning['cpu_s']:.0f}" if "cpu_s" in learning else "",
                kilobytes(index["memory_bytes_per_item"]) if index else "",
                kilobytes(index["disk_bytes_per_item"]) if index else "",
                f"{cost['query']['peak_memory_bytes'] / 1e6:,.0f}" if "query" in cost else "",
            ]
        )
    head = [
        "method",
        "photo, ms",
        "CPU ms",
        *STAGES,
        "index an item, CPU ms",
        "learning, CPU s",
        "memory an item, kB",
        "disk an item, kB",
        "peak memory, MB",
    ]
    return table(head, rows)


def decisions(run: Run) -> str:
    """What is accepted when the item is there, and what is wrongly accepted when it is not."""
    rows = [
        [esc(method)]
        + [
            f"{sets[n]['accepted']:.3f} / {sets[n].get('wrong', 0):.3f}" if n in sets else ""
            for n in run.names
        ]
        for method, sets in run.methods.items()
    ]
    return table(["method"] + [run.title_of(name) for name in run.names], rows)


def corruptions(of_set: Json) -> str:
    """What is found and accepted in rendered photos, by corruption, method and severity."""
    rows = [
        [esc(name), esc(method)]
        + [
            f"{found:.2f} / {'–' if iou is None else format(iou, '.2f')} / {wrong:.2f}"
            for found, iou, wrong in zip(curve["found"], curve["iou"], curve["wrong"], strict=True)
        ]
        for name, corruption in of_set.items()
        for method, curve in corruption["methods"].items()
    ]
    most = max(len(corruption["levels"]) for corruption in of_set.values())
    return table(["corruption", "method"] + [f"severity {i + 1}" for i in range(most)], rows)


def provenance(run: Run) -> str:
    """How the figures were made, so that others can repeat them."""
    info, gallery = run.results["run"], run.results["gallery"]
    rows = [
        [esc(name), esc(value)]
        for name, value in (
            ("version", info["version"]),
            ("commit", info["commit"]),
            ("date", info["date"]),
            ("machine", info["machine"]),
            ("threads", info["threads"]),
            (
                "data",
                f"hash {info['data_hash']}, {gallery['items']} items, {gallery['photos']} photos",
            ),
            (
                "this run took",
                f"{info['seconds'] / 60:.0f} minutes (without what an earlier run had measured)",
            ),
        )
    ]
    options = esc(json.dumps(run.results["options"], indent=1))
    return (
        table(["what", "value"], rows) + f"<pre>{esc(info['command'])}</pre>"
        f"<details><summary>All options</summary><pre>{options}</pre></details>"
    )
