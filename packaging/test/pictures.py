#!/usr/bin/env python3
"""Writes FOLDER/items/ with a few textured pictures, and FOLDER/photo.ppm, which shows the second
of them on another background. That needs no library and no download, so it works on a bare system.

pictures.py FOLDER
"""

import random
import sys
from pathlib import Path

Rows = list[list[tuple[int, int, int]]]
SIDE = 300
NAMES = ("first", "second", "third")


def drawn(seed: int, width: int, height: int) -> Rows:
    """Many small rectangles of random colours, which have corners for local features to find."""
    source = random.Random(seed)
    rows = [[(200, 200, 200)] * width for _ in range(height)]
    for _ in range(400):
        colour = (source.randrange(256), source.randrange(256), source.randrange(256))
        x, y = source.randrange(width), source.randrange(height)
        wide, high = source.randrange(4, 40), source.randrange(4, 40)
        for row in rows[y : y + high]:
            row[x : x + wide] = [colour] * len(row[x : x + wide])
    return rows


def write(path: Path, rows: Rows) -> None:
    pixels = bytes(value for row in rows for pixel in row for value in pixel)
    path.write_bytes(b"P6 %d %d 255\n" % (len(rows[0]), len(rows)) + pixels)


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "items").mkdir(parents=True, exist_ok=True)
    pictures = {name: drawn(seed, SIDE, SIDE) for seed, name in enumerate(NAMES)}
    for name, rows in pictures.items():
        write(folder / "items" / f"{name}.ppm", rows)
    photo = [[(90, 100, 110)] * 500 for _ in range(400)]
    for row, inside in zip(photo[60:], pictures["second"], strict=False):
        row[120 : 120 + SIDE] = inside
    write(folder / "photo.ppm", photo)


if __name__ == "__main__":
    main()
