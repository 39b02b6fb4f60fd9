"""The tables and the plot about large and changing catalogues."""

import os

from tables_common import body, head, made, read, row

METHODS = ("sift", "surf", "orb", "brief")


def scale(out: str) -> str:
    """The shortlist as the catalogue grows, for the methods that were measured."""
    lines = []
    for method in METHODS:
        name = f"scale-{method}.json"
        if not os.path.exists(os.path.join(out, name)):
            continue
        sizes = read(out, name)
        sets = list(sizes[0]["sets"])
        lines += [
            f"{made()}: {method}, one thread a photo, CPU ms; recall of the photo's own item in "
            "the first 100 of the shortlist.",
            "",
            *head(
                "items",
                "features",
                "cells",
                "shortlist, ms",
                *sets,
                "bytes a feature",
                "load, s",
                "opened lazily, s",
                "training, s",
                "filling, s",
            ),
        ]
        for r in sizes:
            lines.append(
                row(
                    f"{r['items']:,}",
                    f"{r['features']:,}",
                    f"{r['cells']:,}",
                    f"{r['shortlist_ms']:.1f}",
                    *(f"{r['sets'][s]['recall_at_100']:.3f}" for s in sets),
                    f"{r['bytes_per_feature']:.2f}",
                    f"{r['load_s']:.2f}",
                    f"{r['map_s']:.3f}",
                    f"{r['train_s']:.0f}",
                    f"{r['fill_s']:.0f}",
                )
            )
        lines.append("")
    lines.append("![The shortlist's time, recall and memory as the catalogue grows](scale.svg)")
    return body(lines)


def pictures(out: str) -> str:
    """What pictures cost this build, and another one beside it."""
    builds = read(out, "pictures.json")
    lines = [
        f"{made()}: one thread, medians of CPU time, the builds in turn. A query is the whole of "
        "it without starting the program.",
        "",
        *head("", *("this build" if b == "this" else "e342cac" for b in builds)),
    ]
    lines += [row(what, *(f"{by[what]:.1f}" for by in builds.values())) for what in builds["this"]]
    return body(lines)


def plot_scale(out: str, path: str) -> None:
    """Draws what happens to SIFT's shortlist into an SVG file."""
    # Only this needs matplotlib, and the backend is chosen before pyplot is imported.
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "inlier"
    import matplotlib.pyplot as plt

    sizes = read(out, "scale-sift.json")
    items = [r["items"] for r in sizes]
    plots = (
        ("shortlist, CPU ms a photo", [r["shortlist_ms"] for r in sizes]),
        ("recall of DVDs and books in the first 100", [r["recall_at_100"] for r in sizes]),
        (
            "index in memory, GB",
            [r["bytes_per_feature"] * r["features"] / 1e9 for r in sizes],
        ),
    )
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for axis, (label, values) in zip(axes, plots, strict=True):
        axis.plot(items, values, marker="o", color="#2b6cb0")
        axis.set_xscale("log")
        axis.set_xlabel("items")
        axis.set_title(label, fontsize=10)
        axis.grid(alpha=0.3)
        if "recall" in label:
            axis.set_ylim(0.9, 1.005)
        else:
            axis.set_ylim(bottom=0)
    figure.savefig(path, metadata={"Date": None})


def live(out: str) -> str:
    """How long answers take while the catalogue changes."""
    r = read(out, "live.json")
    lines = [
        f"{made()}: {r['items']} items at the start, {r['changes_meanwhile']} changes "
        "acknowledged meanwhile.",
        "",
        "| | answers | median, ms | 99th percentile, ms | first hit |",
        "|---" * 5 + "|",
    ]
    for label, when in (("idle", "idle"), ("while indexing", "busy")):
        lines.append(
            row(
                label,
                r["queries_" + when],
                f"{r[when + '_p50_ms']:.1f}",
                f"{r[when + '_p99_ms']:.1f}",
                f"{r['first_hit_' + when]:.3f}",
            )
        )
    lines += ["", f"The 99th percentile is {r['p99_ratio']:.2f} times the idle one."]
    return body(lines)
