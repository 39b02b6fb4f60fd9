"""Items that are drawn, as many as are wanted and all different, and photos of some of them.

Each is a picture of 160 × 120 px with 90 rectangles, made from its number alone, and stored as PNG.
A photo shows one of them turned, enlarged and darker on a grey background with noise.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from program_runs import Row

WIDTH, HEIGHT = 160, 120
_RECTANGLES = 90
_PHOTO_WIDTH, _PHOTO_HEIGHT = 480, 360

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def draw(number: int) -> Pixels:
    rng = np.random.default_rng(number)
    picture: Pixels = np.full((HEIGHT, WIDTH, 3), rng.integers(90, 200, 3), np.uint8)
    for _ in range(_RECTANGLES):
        x, y = rng.integers(0, WIDTH - 6), rng.integers(0, HEIGHT - 6)
        w, h = rng.integers(5, 26, 2)
        picture[y : y + h, x : x + w] = rng.integers(0, 256, 3)
    return picture


def photograph(number: int, turn_rad: float, scale: float) -> Pixels:
    rng = np.random.default_rng([number, 1])
    y, x = np.mgrid[0:_PHOTO_HEIGHT, 0:_PHOTO_WIDTH].astype(np.float64)
    x, y = x - _PHOTO_WIDTH / 2, y - _PHOTO_HEIGHT / 2
    cos, sin = np.cos(turn_rad) / scale, np.sin(turn_rad) / scale
    column = np.rint(cos * x + sin * y + WIDTH / 2).astype(int)
    row = np.rint(-sin * x + cos * y + HEIGHT / 2).astype(int)
    inside = (column >= 0) & (column < WIDTH) & (row >= 0) & (row < HEIGHT)
    photo = np.full((_PHOTO_HEIGHT, _PHOTO_WIDTH, 3), 110.0)
    photo[inside] = 0.8 * draw(number)[row[inside], column[inside]]
    photo += rng.normal(0, 5, photo.shape)
    shown: Pixels = np.clip(photo, 0, 255).astype(np.uint8)
    return shown


def write_png(path: Path, pixels: Pixels) -> None:
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 1)), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))


def write_items(folder: Path, count: int) -> list[Row]:
    """The items as rows of a table. Their pictures stay where they are from an earlier call."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        path = folder / f"{number:06}.png"
        if not path.exists():
            write_png(path, draw(number))
        rows.append({"id": f"drawn-{number}", "image": str(path)})
    return rows


def write_photos(folder: Path, items: int, photos: int) -> list[str]:
    """Photos of items that are spread over the catalogue."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(photos):
        number = index * items // photos
        path = folder / f"photo-{number:06}.png"
        write_png(path, photograph(number, 0.5 * (index % 5) - 1, 1.2 + 0.2 * (index % 6)))
        paths.append(str(path))
    return paths
