"""The first section of the report: which method to take, why, and what it costs."""

from report_html import esc, percent
from report_run import ALL, Json, Run

NOTICED = 0.01  # a difference in the share of first hits that somebody would notice
FEWEST_ITEMS = 1000  # fewer say little about a million


def verdict(run: Run) -> str:
    """A list of sentences for somebody who runs a shop."""
    joint = {method: sets[ALL] for method, sets in run.methods.items()}
    level = as_good_as_best(run, joint)
    advised = advice(joint, level)
    points = [found(run, joint, advised)]
    others = [m for m in level if m != advised]
    if others:
        points.append(
            "About as good: "
            + ", ".join(
                f"{esc(m)} ({percent(joint[m]['first_hit'])}, {joint[m]['query_cpu_ms']:.0f} ms)"
                for m in others
            )
            + "."
        )
    behind = [m for m in joint if m not in level]
    if behind:
        points.append(
            "Behind: "
            + ", ".join(f"{esc(m)} ({percent(joint[m]['first_hit'])})" for m in behind)
            + "."
        )
    if "wrong" in joint[advised]:
        points.append(sure(joint[advised], advised))
    points += need_of_a_network(run, joint)
    costs = run.results["costs"].get(advised, {})
    if "index" in costs and run.results["gallery"]["items"] >= FEWEST_ITEMS:
        points.append(a_million(costs))
    return '<div class="verdict"><ul>' + "".join(f"<li>{p}</li>" for p in points) + "</ul></div>"


def as_good_as_best(run: Run, joint: dict[str, Json]) -> list[str]:
    """The best method and those that are as good, as far as these photos can show, or that are
    behind by less than anyone would notice."""
    best = max(joint, key=lambda m: joint[m]["first_hit"])
    against = run.results.get("against_best", {})

    def is_level(method: str) -> bool:
        behind = joint[best]["first_hit"] - joint[method]["first_hit"]
        if method == best or behind <= NOTICED:
            return True
        return method in against and against[method]["behind_ci"][0] <= 0

    return [m for m in joint if is_level(m)]


def advice(joint: dict[str, Json], level: list[str]) -> str:
    """The method with the most first hits that takes at most twice the time of the fastest."""
    fastest = min(joint[m]["query_cpu_ms"] for m in level)
    affordable = (m for m in level if joint[m]["query_cpu_ms"] <= 2 * fastest)
    return max(affordable, key=lambda m: joint[m]["first_hit"])


def found(run: Run, joint: dict[str, Json], advised: str) -> str:
    """What the advised method finds, and what a photo costs."""
    gallery, figures = run.results["gallery"], joint[advised]
    return (
        f"<b>{esc(advised)}</b> names the right item first for "
        f"<b>{percent(figures['first_hit'])}</b> of {gallery['photos']} photos, in a catalogue of "
        f"{gallery['items']:,} items, and takes {figures['query_cpu_ms']:.0f} ms of one processor "
        "for each photo."
    )


def sure(figures: Json, advised: str) -> str:
    """How often the advised method names something, with and without the item in the catalogue."""
    return (
        f"When the item is not in the catalogue, {esc(advised)} still names something in "
        f"{percent(figures['wrong'])} of the photos; when it is, the method is sure enough to name "
        f"it in {percent(figures['accepted'])}. In between it lists candidates and says that it is "
        "not sure."
    )


def a_million(costs: Json) -> str:
    """What a million items would take."""
    index, build = costs["index"], costs.get("build", {})
    hours = (
        f", and {build['cpu_ms_per_item'] / 3.6:.0f} processor hours to index"
        if "cpu_ms_per_item" in build
        else ""
    )
    return (
        "A million items of this kind would take "
        f"{index['memory_bytes_per_item'] / 1000:.0f} GB of memory and "
        f"{index['disk_bytes_per_item'] / 1000:.0f} GB of disk{hours}, as estimated from these "
        "items."
    )


def need_of_a_network(run: Run, joint: dict[str, Json]) -> list[str]:
    """Whether the network is worth its cost; nothing when it was not measured."""
    classical = [m for m in joint if not m.startswith("deep") and m != "hybrid"]
    if "deep" not in joint or not classical:
        return []
    best = max(classical, key=lambda m: joint[m]["first_hit"])
    deep_hits, best_hits = run.methods["deep"], run.methods[best]
    ahead = [
        s for s in run.sets if deep_hits[s]["first_hit_ci"][0] > best_hits[s]["first_hit_ci"][1]
    ]
    behind = [
        s for s in run.sets if deep_hits[s]["first_hit_ci"][1] < best_hits[s]["first_hit_ci"][0]
    ]
    text = (
        f"Do you need a network? This one alone finds {percent(joint['deep']['first_hit'])} where "
        f"{esc(best)} finds {percent(joint[best]['first_hit'])}"
    )
    if ahead:
        text += f"; it is ahead on {esc(', '.join(ahead))}"
    else:
        text += "; it is ahead on none of these sets by more than chance"
    text += f" and behind on {esc(', '.join(behind))}." if behind else "."
    if "hybrid" in run.results and "hybrid" in joint:
        text += both_together(run, joint)
    return [
        text + " It is a small network, trained to detect everyday things; a larger one, trained "
        "to compare products, would do better and cost more."
    ]


def both_together(run: Run, joint: dict[str, Json]) -> str:
    """What is gained by asking the network in addition to the classical method."""
    hybrid = run.results["hybrid"]
    of_all = hybrid[ALL]
    low, high = of_all["difference_ci"]
    gains = [s for s in run.sets if hybrid[s]["difference_ci"][0] > 0]
    most = f", most of it on {esc(', '.join(gains))}" if gains else ""
    return (
        f" Both together find {percent(of_all['first_hit'])} "
        f"({100 * of_all['difference']:+.1f} points on {esc(of_all['better_part'])} alone, 95 % "
        f"interval {100 * low:+.1f} to {100 * high:+.1f}){most}, for "
        f"{joint['hybrid']['query_cpu_ms']:.0f} ms a photo."
    )
