"""The plots of report.py as inline SVG: text stays text, and what is neither curve nor bar takes the page's colour."""

import html
import io
import re

import matplotlib

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
import matplotlib.pyplot as plt  # noqa: E402

# Middle tones, told apart on white and on black, by the colour-blind too (Okabe and Ito).
COLOURS = {
    "sift": "#0072b2",
    "surf": "#56a3d9",
    "orb": "#009e73",
    "brief": "#8a8a8a",
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
    "deep": (6, 1),
    "deep-raw": (2, 2),
}


def colour(method):
    return COLOURS.get(method, "#b0a000")


def legend(methods):
    """A line of HTML that names the curves."""
    samples = []
    for method in methods:
        dashes = " ".join(str(4 * d) for d in DASHES.get(method, ()))
        samples.append(
            f'<span><svg viewBox="0 0 34 8" aria-hidden="true"><path d="M0 4H34" fill="none" stroke="{colour(method)}" stroke-width="4" '
            f'stroke-dasharray="{dashes}"/></svg>{html.escape(method)}</span>'
        )
    return f'<div class="legend">{"".join(samples)}</div>'


def svg(figure, title):
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
    # Ids are of one plot; a page has many.
    prefix = re.sub(r"\W+", "-", title)
    text = re.sub(r'(id="|url\(#|href="#)', lambda m: m.group(1) + prefix + "-", text)
    return text


def first_hits(methods, names):
    """Bars of first hits with their intervals, a group for each dataset."""
    figure, axis = plt.subplots(figsize=(10, 3.4), layout="constrained")
    width = 0.8 / len(methods)
    for m, (method, sets) in enumerate(methods.items()):
        at = [i + (m - (len(methods) - 1) / 2) * width for i, n in enumerate(names) if n in sets]
        values = [sets[n]["first_hit"] for n in names if n in sets]
        low = [
            max(0, v - sets[n]["first_hit_ci"][0])
            for v, n in zip(values, [n for n in names if n in sets])
        ]
        high = [
            max(0, sets[n]["first_hit_ci"][1] - v)
            for v, n in zip(values, [n for n in names if n in sets])
        ]
        axis.bar(at, values, width * 0.9, color=colour(method))
        axis.errorbar(
            at, values, yerr=[low, high], fmt="none", ecolor="#000000", elinewidth=0.8, alpha=0.7
        )
    axis.set_xticks(range(len(names)), ["all photos" if n == "joint" else n for n in names])
    axis.set_ylim(0, 1.02)
    axis.set_ylabel("first hit")
    axis.grid(axis="x", visible=False)
    return svg(figure, "First hits by dataset and method")


def detection(methods, name):
    """Missed against false alarms, over the threshold of the probability."""
    figure, axis = plt.subplots(figsize=(4.8, 3.6), layout="constrained")
    for method, sets in methods.items():
        curve = sets.get(name, {}).get("detection_errors")
        if not curve:
            continue
        points = [(false, missed) for _, missed, false in curve]
        axis.step(
            [max(p[0], 1e-3) for p in points],
            [p[1] for p in points],
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


def cost(methods, name):
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


def stress(dataset, sliders):
    """A small plot for each slider: first hits over its levels."""
    columns = 5
    rows = -(-len(sliders) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(11, 2.1 * rows + 0.4),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    for axis in axes.flat[len(sliders) :]:
        axis.set_visible(False)
    for axis, (name, slider) in zip(axes.flat, sliders.items()):
        places = range(len(slider["levels"]))
        for method, curve in slider["methods"].items():
            axis.plot(
                places,
                curve["first_hit"],
                color=colour(method),
                linewidth=1.6,
                dashes=DASHES.get(method, (None, None)),
            )
            axis.fill_between(
                places,
                [c[0] for c in curve["first_hit_ci"]],
                [c[1] for c in curve["first_hit_ci"]],
                color=colour(method),
                alpha=0.1,
                linewidth=0,
            )
        axis.set_xticks(places, [f"{level:g}" for level in slider["levels"]], fontsize=7.5)
        axis.set_title(name + (f", {slider['unit']}" if slider["unit"] else ""), fontsize=9)
        axis.set_ylim(-0.03, 1.03)
    return svg(figure, f"Stress, {dataset}")
