"""What the tests of the package share: pictures that are drawn, databases, and a server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import inlier
import numpy as np
import pytest
from inlier._command import program
from inlier._png import png_of

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def draw(seed: int, width: int = 320, height: int = 240) -> Pixels:
    """A picture of coloured rectangles, (height, width, 3) in blue, green, red."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 200, np.uint8)
    for _ in range(150):
        x, y = rng.integers(0, width - 10), rng.integers(0, height - 10)
        w, h = rng.integers(6, 40, 2)
        picture[y : y + h, x : x + w] = rng.integers(0, 255, 3)
    return picture


def photo_of(picture: Pixels, border: int = 40) -> Pixels:
    """The picture on a plain ground."""
    height, width = picture.shape[:2]
    photo = np.full((height + 2 * border, width + 2 * border, 3), 90, np.uint8)
    photo[border:-border, border:-border] = picture
    return photo


def write_png(path: Path, picture: Pixels) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png_of(picture, 1))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of four pictures: folder/a.png to folder/d.png."""
    for seed, name in enumerate("abcd"):
        write_png(tmp_path / "items" / f"{name}.png", draw(seed))
    return tmp_path / "items"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[inlier.Database]:
    """An empty database."""
    with inlier.open(tmp_path / "shop.db", create=True) as database:
        yield database


class Server:
    """A process of `inlier serve` on a free port of this machine."""

    def __init__(self, database: Path, *flags: str) -> None:
        self.process = subprocess.Popen(
            [program(), "serve", "--db", str(database), "--listen", "127.0.0.1:0", *flags],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(database: Path, *flags: str) -> Server:
        servers.append(Server(database, *flags))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def run_python(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
