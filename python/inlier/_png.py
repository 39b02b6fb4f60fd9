"""Writes PNG files, for pages and for servers, without another library."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np


def png_of(pixels: np.ndarray[Any, np.dtype[np.uint8]], level: int = 6) -> bytes:
    """The bytes of a PNG file of pixels that are grey (H, W, 1) or blue, green, red (H, W, 3)."""
    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels[..., ::-1]).reshape(height, -1)
    lines = np.hstack([np.zeros((height, 1), np.uint8), rows])  # 0: the line is not filtered
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), level)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
