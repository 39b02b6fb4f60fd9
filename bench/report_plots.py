"""The plots of the report as inline SVG.

Text stays text, and everything that is neither a curve nor a bar takes the colour of the page's
text, so that the plots suit a light and a dark page.
"""

import html
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib
from report_run import Json

matplotlib.use("svg")
matplotlib.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "inlier",
        "font.family": "sans-serif",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "legend.frameon": False,
    }
)
import matplotlib.pyplot as plt  # noqa: E402  after the backend was chosen

Figure = Any  # matplotlib's

# Middle tones that can be told apart on white and on black, also by the colour-blind (Okabe and
# Ito, "Color universal design", 2008).
COLOURS = {
    "sift": "#0072b2",
    "surf": "#56a3d9",
    "orb": "#009e73",
    "brief": "#8a8a8a",
    "look": "#c0392b",
    "xfeat": "#8c6d31",
    "deep": "#d55e00",
    "deep-raw": "#e69f00",
    "hybrid": "#b8489b",
    "exact": "#6b8e23",
    "opencv-tutorial": "#a0785a",
}
DASHES = {
    "surf": (4, 2),
    "orb": (1, 1.5),
    "brief": (5, 1.5, 1, 1.5),
    "look": (1, 1),
    "deep": (6, 1),
    "deep-raw": (2, 2),
}
COLUMNS = 5  # of small plots in a row


def colour(method: str) -> str:
    """The colour of a method in all plots."""
    return COLOURS.get(method, "#b0a000")


def legend(methods: Iterable[str]) -> str:
    """A line of HTML that names the curves."""
    samples = []
    for method in methods:
        dashes = " ".join(str(4 * d) for d in DASHES.get(method, ()))
        samples.append(
            '<span><svg viewBox="0 0 34 8" aria-hidden="true"><path d="M0 4H34" fill="none" '
            f'stroke="{colour(method)}" stroke-width="4" stroke-dasharray="{dashes}"/></svg>'
            f"{html.escape(method)}</span>"
        )
    return f'<div class="legend">{"".join(samples)}</div>'


def svg(figure: Figure, title: str) -> str:
    """The SVG of a figure, fit to stand in the page beside others."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"#000000|#262626|(?<=fill: )black", "currentColor", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    # Text without a colour of its own would be black.
    text = text.replace("<svg ", f'<svg role="img" aria-label="{title}" fill="currentColor" ', 1)
    # Ids must differ between the plots of a page.
    prefix = re.sub(r"\W+", "-", title)
    return re.sub(r'(id="|url\(#|href="#)', lambda m: f"{m.group(1)}{prefix}-", text)


def first_hits(methods: dict[str, Json], names: Sequence[str]) -> str:
    """Bars of first hits with their intervals, a group for each data set."""
    figure, axis = plt.subplots(figsize=(10, 3.4), layout="constrained")
    width = 0.8 / len(methods)
    for m, (method, sets) in enumerate(methods.items()):
        shift = (m - (len(methods) - 1) / 2) * width
        shown = [(i + shift, sets[name]) for i, name in enumerate(names) if name in sets]
        at = [place for place, _ in shown]
        values = [d["first_hit"] for _, d in shown]
        low = [max(0, d["first_hit"] - d["first_hit_ci"][0]) for _, d in shown]
        high = [max(0, d["first_hit_ci"][1] - d["first_hit"]) for _, d in shown]
        axis.bar(at, values, width * 0.9, color=colour(method))
        axis.errorbar(
            at, values, yerr=[low, high], fmt="none", ecolor="#000000", elinewidth=0.8, alpha=0.7
        )
    axis.set_xticks(range(len(names)), ["all photos" if n == "joint" else n for n in names])
    axis.set_ylim(0, 1.02)
    axis.set_ylabel("first hit")
    axis.grid(axis="x", visible=False)
    return svg(figure, "First hits by dataset and method")


def detection(methods: dict[str, Json], name: str) -> str:
    """Items missed against false alarms, over the threshold of the probability."""
    figure, axis = plt.subplots(figsize=(4.8, 3.6), layout="constrained")
    for method, sets in methods.items():
        curve = sets.get(name, {}).get("detection_errors")
        if not curve:
            continue
        axis.step(
            [max(false_alarm, 1e-3) for _, _, false_alarm in curve],
            [missed for _, missed, _ in curve],
            where="post",
            color=colour(method),
            linewidth=1.6,
            dashes=DASHES.get(method, (None, None)),
        )
    axis.set_xscale("log")
    axis.set_xlim(1e-3, 1)
    axis.set_ylim(0, 1)
    axis.set_xlabel("false alarm (0.001 stands for none)")
    axis.set_ylabel("missed")
    return svg(figure, "Errors of saying what is in the catalogue")


def cost(methods: dict[str, Json], name: str) -> str:
    """First hits against CPU time."""
    figure, axis = plt.subplots(figsize=(4.8, 3.6), layout="constrained")
    for method, sets in methods.items():
        if name not in sets or sets[name]["gallery"] != "joint":
            continue
        x, y = max(sets[name]["query_cpu_ms"], 0.1), sets[name]["first_hit"]
        axis.plot([x], [y], "o", color=colour(method), markersize=8)
        axis.annotate(method, (x, y), xytext=(6, 5), textcoords="offset points")
    axis.set_xscale("log")
    axis.set_ylim(0, 1.05)
    axis.set_xlabel("CPU ms a photo, one thread")
    axis.set_ylabel("first hit, all photos")
    return svg(figure, "What a hit costs")


def corruptions(dataset: str, of_set: dict[str, Json]) -> str:
    """A small plot for each corruption: first hits over its severities."""
    rows = -(-len(of_set) // COLUMNS)
    figure, axes = plt.subplots(
        rows,
        COLUMNS,
        figsize=(11, 2.1 * rows + 0.4),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    for axis in axes.flat[len(of_set) :]:
        axis.set_visible(False)
    for axis, (name, corruption) in zip(axes.flat, of_set.items(), strict=False):
        places = range(len(corruption["levels"]))
        for method, curve in corruption["methods"].items():
            axis.plot(
                places,
                curve["first_hit"],
                color=colour(method),
                linewidth=1.6,
                dashes=DASHES.get(method, (None, None)),
            )
            axis.fill_between(
                places,
                [low for low, _ in curve["first_hit_ci"]],
                [high for _, high in curve["first_hit_ci"]],
                color=colour(method),
                alpha=0.1,
                linewidth=0,
            )
        axis.set_xticks(places, [f"{s:g}" for s in corruption["levels"]], fontsize=7.5)
        unit = f", {corruption['unit']}" if corruption["unit"] else ""
        axis.set_title(name + unit, fontsize=9)
        axis.set_ylim(-0.03, 1.03)
    return svg(figure, f"Stress, {dataset}")
