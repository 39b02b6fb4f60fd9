#!/usr/bin/env python3
"""Writes a report from made-up figures and looks at it with a browser: light, dark and on paper.

usage: report_test.py REPORT_SCRIPT

Exits with 77 when something that the test needs is missing and a part of it was skipped.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

SKIPPED = 77
try:
    import matplotlib  # noqa: F401
    from PIL import Image, ImageDraw
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIPPED)

SIFT, DEEP = (0, 114, 178), (213, 94, 0)  # as in bench/report_plots.py
TEXT = {"light": (27, 31, 36), "dark": (228, 232, 236)}  # as in bench/report_style.css


def figures(first: float) -> dict[str, Any]:
    """Figures of a method on a data set, with this share of first hits."""
    low, high = max(0, first - 0.1), min(1, first + 0.1)
    return {
        "photos": 40,
        "first_hit": first,
        "first_hit_ci": [low, high],
        "recall_at_10": first,
        "recall_at_10_ci": [low, high],
        "map": first,
        "map_ci": [low, high],
        "map_at_5": first,
        "gallery": "joint",
        "listed": 1,
        "accepted": first,
        "accepted_ci": [low, high],
        "wrong": 0.01,
        "nothing_photos": 40,
        "detection_errors": [[t / 10, 1 - first + t / 50, 0.5 - t / 20] for t in range(11)],
        "query_ms": 40,
        "query_cpu_ms": 35,
        "decode_ms": 2,
        "extract_ms": 12,
        "shortlist_ms": 8,
        "verify_ms": 9,
        "failed": 0,
    }


def draw_pictures(out: str) -> None:
    os.makedirs(os.path.join(out, "pictures"))
    for name in ("right.jpg", "level0.jpg", "level1.jpg"):
        picture = Image.new("RGB", (400, 300), (120, 160, 90))
        ImageDraw.Draw(picture).rectangle((60, 60, 300, 220), outline=(255, 212, 0), width=4)
        picture.save(os.path.join(out, "pictures", name))


CURVE = {
    "first_hit": [1, 0.2],
    "first_hit_ci": [[0.9, 1], [0.1, 0.4]],
    "found": [1, 0.1],
    "found_ci": [[0.9, 1], [0, 0.3]],
    "iou": [0.95, None],
    "wrong": [0, 0.1],
}


def write_run(out: str) -> None:
    """Writes the pictures and the results.json of a run."""
    draw_pictures(out)
    hits = {"sift": 0.9, "deep": 0.3}
    run = {
        "schema": "inlier-bench 1",
        "methods": {
            m: {"shop <&>": figures(h), "books": figures(h), "joint": figures(h)}
            for m, h in hits.items()
        },
        "costs": {
            m: {
                "build": {"items": 2000, "cpu_ms_per_item": 20},
                "index": {"items": 2000, "memory_bytes_per_item": 2e4, "disk_bytes_per_item": 2e5},
                "query": {"peak_memory_bytes": 3e8},
            }
            for m in hits
        },
        "options": {m: {} for m in hits},
        "against_best": {"deep": {"best": "sift", "behind": 0.6, "behind_ci": [0.5, 0.7]}},
        "stress": {
            "books": {
                "darkness": {
                    "unit": "stops",
                    "meaning": "less light",
                    "levels": [0, 5],
                    "scenes_a_level": 6,
                    "pictures": ["pictures/level0.jpg", "pictures/level1.jpg"],
                    "methods": {"sift": CURVE, "deep": CURVE},
                }
            }
        },
        "pictures": [
            {
                "method": "sift",
                "dataset": "books",
                "right": True,
                "file": "pictures/right.jpg",
                "photo": "<b>.jpg",
                "named": "books/1",
                "own": "books/1",
                "accepted": True,
                "probability": 0.99,
                "inliers": 80,
            }
        ],
        "datasets": {
            "shop <&>": {"items": 1000, "photos": 40},
            "books": {"items": 1000, "photos": 40},
        },
        "gallery": {"items": 2000, "photos": 80},
        "run": {
            "version": "0",
            "commit": "none",
            "date": "2026-01-01",
            "machine": "made up",
            "threads": 1,
            "command": "inlier bench",
            "data_hash": "0",
            "seconds": 60,
        },
    }
    with open(os.path.join(out, "results.json"), "w") as file:
        json.dump(run, file)


def near(pixel: Sequence[int], colour: Sequence[int], within: int = 12) -> bool:
    """Whether two colours differ by at most `within` in each channel."""
    return all(abs(p - c) <= within for p, c in zip(pixel, colour, strict=True))


def count(picture: Any, colour: Sequence[int], within: int = 12) -> int:
    """The number of pixels of a picture that are near a colour."""
    colours = picture.getcolors(picture.width * picture.height)
    return sum(pixels for pixels, c in colours if near(c, colour, within))


def browse(browser: str, folder: str, *flags: str) -> None:
    """Opens the report of a folder in a browser without a window."""
    headless = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
    subprocess.run(
        [browser, *headless, *flags, "file://" + os.path.join(folder, "report.html")],
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def shot(browser: str, folder: str, name: str, *flags: str) -> Any:
    """A picture of the report."""
    path = os.path.join(folder, name + ".png")
    size = ["--hide-scrollbars", "--window-size=1200,4400"]
    browse(browser, folder, *size, *flags, f"--screenshot={path}")
    return Image.open(path).convert("RGB")


def check_text(page: str) -> None:
    """Checks the page without a browser."""
    assert "<b>.jpg" not in page, "a name is used as markup"
    assert "&lt;b&gt;.jpg" in page, "a name is missing"
    assert not re.search(r'(?:src|href)="(?!data:|#)', page), (
        "the page refers to something outside itself"
    )
    assert page.count("<svg") > 4, "plots are missing"
    assert "<script" not in page, "there is a script"
    assert "sift</b> names the right item first for <b>90.0 %</b>" in page, "the advice is missing"
    assert "Behind: deep (30.0 %)" in page, "a method that is behind is missing"


def check_looks(out: str, browser: str) -> None:
    """Checks what a browser shows of the page."""
    light = shot(browser, out, "light")
    dark = shot(
        browser, out, "dark", "--force-dark-mode", "--blink-settings=preferredColorScheme=0"
    )
    assert near(light.getpixel((5, 5)), (255, 255, 255)), "the light page is not light"
    assert near(dark.getpixel((5, 5)), (20, 24, 28)), f"the dark page is {dark.getpixel((5, 5))}"
    for name, picture in (("light", light), ("dark", dark)):
        for method, colour in (("sift", SIFT), ("deep", DEEP)):
            assert count(picture, colour) > 2000, f"{name}: there are no bars of {method}"
        assert count(picture, TEXT[name], 30) > 5000, f"{name}: text does not stand out"
    assert count(light, (120, 160, 90)) > 0, "the picture of an answer is missing"
    edge = (light.getpixel((light.width - 3, y)) for y in range(0, light.height, 7))
    assert all(near(pixel, (255, 255, 255)) for pixel in edge), "wider than the window"
    pdf = os.path.join(out, "report.pdf")
    browse(browser, out, f"--print-to-pdf={pdf}")
    assert os.path.getsize(pdf) > 20000, "there is nothing on paper"


def main() -> None:
    """Runs the test."""
    with tempfile.TemporaryDirectory() as out:
        write_run(out)
        subprocess.run([sys.executable, "-B", sys.argv[1], out], check=True)
        with open(os.path.join(out, "report.html")) as page:
            check_text(page.read())
        browser = shutil.which("chromium")
        if not browser:
            print("skipped: there is no chromium; the text of the page was checked")
            sys.exit(SKIPPED)
        check_looks(out, browser)
    print("passed: text, light, dark, paper")


if __name__ == "__main__":
    main()
