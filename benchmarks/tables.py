#!/usr/bin/env python3
"""Writes the tables of docs/EVALUATION.md and of README.md from a bench run.

usage: tables.py retrieval|extract|colmap|scale|live OUT

OUT is the folder that the bench filled. The text between the markers of docs/EVALUATION.md and README.md is replaced.
"""

import json
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def machine():
    model = platform.machine()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} processors"


def made():
    """How the figures came to be: commit and machine."""
    commit = subprocess.run(
        ["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True
    ).stdout.strip()
    return f"Measured at commit {commit} on {machine()}"


ALL = "joint"
REFERENCES = ("exact", "opencv-tutorial")  # too slow for a table of costs; asked a few photos


def measured(results):
    """What a run says of itself."""
    run = results["run"]
    return (
        f"Measured on {run['date']} at commit {run['commit']} on {run['machine']}, {run['threads']} thread(s) (OpenCV, FAISS and BLAS held to one "
        f"thread each), data {run['data_hash']}."
    )


def interval(figures, key):
    low, high = figures[key + "_ci"]
    return f"{figures[key]:.3f} ({low:.3f}–{high:.3f})"


def tables(out):
    results = json.load(open(os.path.join(out, "results.json")))
    lines = [measured(results), "", "First hit (95 % interval) on the joint gallery:", ""]
    lines += overview(results, lambda d: interval(d, "first_hit"))
    lines += ["", "In the first ten; mean average precision:", ""]
    lines += overview(results, lambda d: f"{d['recall_at_10']:.3f}; {d['map']:.3f}")
    lines += ["", "First hit in each set's own gallery:", ""]
    lines += overview(
        results,
        lambda d: f"{(d['own_gallery'] if 'own_gallery' in d else d)['first_hit']:.3f}",
        own=True,
    )
    lines += [
        "",
        "Accepted; wrong (something is accepted that is not in the photo, its own item left out):",
        "",
    ]
    lines += overview(
        results,
        lambda d: f"{d['accepted']:.3f}; {d['wrong']:.3f}"
        if "wrong" in d
        else f"{d['accepted']:.3f}",
    )
    lines += [
        "",
        "Cost: medians over all photos, one thread a photo, stages in CPU ms.",
        "",
        "| method | photo, wall ms | photo, CPU ms | decode | extract | shortlist | verify | index an item, CPU ms | index in memory, kB an item "
        "| on disk, kB an item | open, ms | peak memory, MB |",
        "|---" * 12 + "|",
    ]
    for method, sets in results["methods"].items():
        if method in REFERENCES:
            continue
        d, c = sets[ALL], results["costs"].get(method, {})
        build, index, opened = c.get("build", {}), c.get("index", {}), c.get("open", {})
        cells = [f"{d['query_ms']:.0f}", f"{d['query_cpu_ms']:.0f}"] + [
            f"{d[k + '_ms']:.1f}" for k in ("decode", "extract", "shortlist", "verify")
        ]
        cells += [
            f"{build['cpu_ms_per_item']:.0f}" if "cpu_ms_per_item" in build else "",
            f"{index['memory_bytes_per_item'] / 1000:.1f}" if index else "",
            f"{index['disk_bytes_per_item'] / 1000:.0f}" if index else "",
            f"{opened['wall_ms']:.0f}" if opened else "",
            f"{c['query']['peak_memory_bytes'] / 1e6:.0f}" if "query" in c else "",
        ]
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    if "hybrid" in results:
        lines += [
            "",
            "hybrid against the better of its parts, first hits on the same photos:",
            "",
            "| set | hybrid | better part | difference (95 % interval) | not worse within the interval |",
            "|---" * 5 + "|",
        ]
        for name, h in results["hybrid"].items():
            low, high = h["difference_ci"]
            lines.append(
                f"| {name} | {h['first_hit']:.3f} | {h['better_part']} {h['first_hit_of_part']:.3f} | {h['difference']:+.3f} ({low:+.3f} to {high:+.3f}) "
                f"| {'yes' if h['not_worse'] else 'no'} |"
            )
    return "\n".join(lines) + "\n"


def overview(results, cell, own=False):
    """All methods side by side, a column for each set."""
    sets = list(results["datasets"]) + [ALL]
    lines = [
        "| method | "
        + " | ".join(
            f"{s} ({results['datasets'][s]['photos']})" if s != ALL else "all" for s in sets
        )
        + " |",
        "|---" * (len(sets) + 1) + "|",
    ]
    for method, figures in results["methods"].items():
        few = next(iter(figures.values()))["gallery"] == "own"
        if own and "own_gallery" not in next(iter(figures.values())) and not few:
            continue
        if few and not own:
            continue
        name = method if method not in REFERENCES else f"{method} ({figures[ALL]['photos']} photos)"
        lines.append(
            f"| {name} | "
            + " | ".join(cell(figures[s]) if s in figures else "" for s in sets)
            + " |"
        )
    return lines


def stress(out):
    """Where the curves fall: the last level at which a method still finds half of the items first."""
    results = json.load(open(os.path.join(out, "results.json")))
    if "stress" not in results:
        return None
    lines = [measured(results)]
    for dataset, sliders in results["stress"].items():
        methods = list(next(iter(sliders.values()))["methods"])
        scenes = next(iter(sliders.values()))["scenes_a_level"]
        lines += [
            "",
            f"{dataset}, {scenes} scenes a level: first hits at the hardest level, and the last level with at least half.",
            "",
            "| slider | hardest | " + " | ".join(methods) + " |",
            "|---" * (2 + len(methods)) + "|",
        ]
        for name, s in sliders.items():
            unit = f" {s['unit']}" if s["unit"] else ""
            cells = []
            for m in methods:
                hits = s["methods"][m]["first_hit"]
                held = [level for level, hit in zip(s["levels"], hits) if hit >= 0.5]
                cells.append(f"{hits[-1]:.2f}, {f'{held[-1]:g}' if held else 'none'}")
            lines.append(f"| {name} | {s['levels'][-1]:g}{unit} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def extract(out):
    results = json.load(open(os.path.join(out, "extract.json")))
    lines = [
        f"{made()}, one thread, {results['features']} features, CPU ms an image: the mean over {results['photos']:.0f} photos "
        f"of all sets of the median of several runs, the two sides in turn. Right matches: the sum over all pairs.",
        "",
        "| ours | theirs | side, px | ours, ms | theirs, ms | ratio | right matches, ours | theirs | precision, ours | theirs |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for m in results["methods"]:
        for s in m["sides"]:
            lines.append(
                f"| {m['method']} | {m['theirs']} | {s['side']} | {s['ours_ms']:.1f} | {s['theirs_ms']:.1f} "
                f"| {s['ours_ms'] / s['theirs_ms']:.2f} | {s['correct_matches']} | {s['theirs_correct_matches']} "
                f"| {s['precision']:.3f} | {s['theirs_precision']:.3f} |"
            )
    lines += [
        "",
        "Right matches (precision) on each pair of Oxford's affine scenes, ours against theirs:",
        "",
        "| pair | "
        + " | ".join(f"{m['method']} | {m['theirs']}" for m in results["methods"])
        + " |",
        "|---" * (1 + 2 * len(results["methods"])) + "|",
    ]
    for i, pair in enumerate(results["methods"][0]["pairs"]):
        cells = []
        for m in results["methods"]:
            p = m["pairs"][i]
            cells += [
                f"{p['correct_matches']} ({p['precision']:.2f})",
                f"{p['theirs_correct_matches']} ({p['theirs_precision']:.2f})",
            ]
        lines.append(f"| {pair['scene']} {pair['pair']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def colmap(out):
    r = json.load(open(os.path.join(out, "colmap.json")))
    lines = [
        f"{made()}, one thread: {r['photos']} photos of {r['set']}, a catalogue of {r['items']} items, COLMAP {r['colmap_version']} "
        f"with {r['colmap_words']} words and {r['colmap_features_an_item']:.0f} features an item (limit "
        f"{r['colmap_max_features']}{', strict' if r['strict'] else ''}). CPU times, means.",
        "",
        "| | first hit | search, ms a photo | decoding and extraction, ms a photo | features extracted of a photo | build of the catalogue, s |",
        "|---|---|---|---|---|---|",
    ]
    for label, side in (("Inlier", "inlier"), ("COLMAP", "colmap")):
        lines.append(
            f"| {label} | {r[side + '_first_hit']:.3f} | {r[side + '_search_ms']:.1f} | {r[side + '_extract_ms']:.0f} "
            f"| {r[side + '_features_a_photo']:.0f} | {r[side + '_build_s']:.0f} |"
        )
    return (
        "\n".join(
            lines
            + [
                "",
                f"COLMAP's search takes {r['ratio']:.1f} times the CPU time of Inlier's (shortlist "
                f"{r['inlier_shortlist_ms']:.1f} ms, verification {r['inlier_verify_ms']:.1f} ms).",
            ]
        )
        + "\n"
    )


def exact(out):
    """What the index loses against looking at every item."""
    results = json.load(open(os.path.join(out, "results.json")))
    if "exact" not in results:
        return None
    lines = [
        measured(results),
        "",
        "| method | set | photos | exact voting's first is in the first 100 | and is right | right, and not in the first 100 | first hit, exact "
        "| first hit, index | exact voting, CPU ms |",
        "|---" * 9 + "|",
    ]
    for method, sets in results["exact"].items():
        sums = [0, 0.0]
        for name, e in sets.items():
            sums = [sums[0] + e["photos"], sums[1] + e["photos"] * e["voted_first_in_100"]]
            lines.append(
                f"| {method} | {name} | {e['photos']} | {e['voted_first_in_100']:.3f} | {e['voted_first_is_right']:.3f} | {e['right_not_in_100']} "
                f"| {e['first_hit_exact']:.3f} | {e['first_hit_index']:.3f} | {e['cpu_ms']:.0f} |"
            )
        lines.append(f"| {method} | all | {sums[0]} | {sums[1] / sums[0]:.4f} | | | | | |")
    return "\n".join(lines) + "\n"


def scale(out):
    lines = []
    for method in ("sift", "surf", "orb", "brief"):
        path = os.path.join(out, f"scale-{method}.json")
        if not os.path.exists(path):
            continue
        rows = json.load(open(path))
        sets = list(rows[0]["sets"])
        lines += [
            f"{made()}: {method}, one thread a photo, CPU ms; recall of the photo's own item in the first 100 of the shortlist.",
            "",
            "| items | features | cells | shortlist, ms | "
            + " | ".join(sets)
            + " | bytes a feature | load, s | opened lazily, s "
            "| training, s | filling, s |",
            "|---" * (len(sets) + 9) + "|",
        ]
        for r in rows:
            recall = " | ".join(f"{r['sets'][s]['recall_at_100']:.3f}" for s in sets)
            lines.append(
                f"| {r['items']:,} | {r['features']:,} | {r['cells']:,} | {r['shortlist_ms']:.1f} | {recall} "
                f"| {r['bytes_per_feature']:.2f} | {r['load_s']:.2f} | {r['map_s']:.3f} | {r['train_s']:.0f} | {r['fill_s']:.0f} |"
            )
        lines.append("")
    lines.append("![The shortlist's time, recall and memory as the catalogue grows](scale.svg)")
    return "\n".join(lines) + "\n"


def plot_scale(out):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "inlier"
    import matplotlib.pyplot as plt

    rows = json.load(open(os.path.join(out, "scale-sift.json")))
    items = [r["items"] for r in rows]
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for axis, label, values in zip(
        axes,
        (
            "shortlist, CPU ms a photo",
            "recall of DVDs and books in the first 100",
            "index in memory, GB",
        ),
        (
            [r["shortlist_ms"] for r in rows],
            [r["recall_at_100"] for r in rows],
            [r["bytes_per_feature"] * r["features"] / 1e9 for r in rows],
        ),
    ):
        axis.plot(items, values, marker="o", color="#2b6cb0")
        axis.set_xscale("log")
        axis.set_xlabel("items")
        axis.set_title(label, fontsize=10)
        axis.grid(alpha=0.3)
        if "recall" in label:
            axis.set_ylim(0.9, 1.005)
        else:
            axis.set_ylim(bottom=0)
    figure.savefig(os.path.join(HERE, "..", "docs", "scale.svg"), metadata={"Date": None})


def live(out):
    r = json.load(open(os.path.join(out, "live.json")))
    return (
        "\n".join(
            [
                f"{made()}: {r['items']} items at the start, {r['changes_meanwhile']} changes acknowledged meanwhile.",
                "",
                "| | answers | median, ms | 99th percentile, ms | first hit |",
                "|---|---|---|---|---|",
                f"| idle | {r['queries_idle']} | {r['idle_p50_ms']:.1f} | {r['idle_p99_ms']:.1f} | {r['first_hit_idle']:.3f} |",
                f"| while indexing | {r['queries_busy']} | {r['busy_p50_ms']:.1f} | {r['busy_p99_ms']:.1f} | {r['first_hit_busy']:.3f} |",
                "",
                f"The 99th percentile is {r['p99_ratio']:.2f} times the idle one.",
            ]
        )
        + "\n"
    )


def summary(out):
    """The few figures that the README shows."""
    results = json.load(open(os.path.join(out, "results.json")))
    sets = list(results["datasets"])
    lines = [
        "| first hit | " + " | ".join(sets) + " | CPU ms a photo |",
        "|---" * (len(sets) + 2) + "|",
    ]
    for method in ("sift", "deep", "hybrid"):
        if method in results["methods"]:
            d = results["methods"][method]
            lines.append(
                f"| {method} | "
                + " | ".join(f"{d[s]['first_hit']:.3f}" for s in sets)
                + f" | {d[ALL]['query_cpu_ms']:.0f} |"
            )
    if "sift" in results["methods"]:
        d = results["methods"]["sift"]
        lines.append(
            "| sift, accepted | " + " | ".join(f"{d[s]['accepted']:.3f}" for s in sets) + " | |"
        )
    return "\n".join(lines) + "\n"


def replace(path, name, body):
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    text = open(path).read()
    head, rest = text.split(begin)
    open(path, "w").write(head + begin + body + end + rest.split(end)[1])


def main():
    what, out = sys.argv[1:3]
    evaluation = os.path.join(HERE, "..", "docs", "EVALUATION.md")
    if what != "retrieval":
        if what == "scale":
            plot_scale(out)
        replace(
            evaluation,
            what,
            {"extract": extract, "colmap": colmap, "scale": scale, "live": live}[what](out),
        )
        return
    compared = exact(out)
    if compared:
        replace(evaluation, "exact", compared)
    stressed = stress(out)
    if stressed:
        replace(evaluation, "stress", stressed)
    replace(evaluation, "tables", tables(out))
    replace(os.path.join(HERE, "..", "README.md"), "summary", summary(out))


if __name__ == "__main__":
    main()
