"""A picture on its way to a server."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

from inlier._inlier import decode
from inlier._png import png_of
from inlier.errors import NotFoundError, SystemRefusedError
from inlier.pictures import Order, PictureLike, as_picture


class Upload:
    """A file that is streamed, or bytes."""

    def __init__(self, picture: PictureLike, order: Order | None, what: str) -> None:
        checked = as_picture(picture, order, what)
        self.name = ""
        self._path: str | None = None
        self._bytes = b""
        if isinstance(picture, str | os.PathLike):
            self.name = self._path = os.fspath(picture)
        elif isinstance(picture, bytes | bytearray | memoryview):
            self._bytes = bytes(picture)
        else:
            self._bytes = png_of(decode(checked, 0)[0], 1)

    def open(self) -> BinaryIO:
        if self._path is None:
            return io.BytesIO(self._bytes)
        try:
            return open(self._path, "rb")
        except FileNotFoundError as error:
            raise NotFoundError(f"{self._path}: no such file", "not there") from error
        except OSError as error:
            raise SystemRefusedError(f"{self._path}: {error.strerror}", "cannot be read") from error

    def body(self) -> dict[str, Any]:
        """The picture as the body of a request."""
        file = self.open()
        headers = {"Content-Type": "application/octet-stream"}
        return {"content": file, "headers": headers, "opened": [file]}
