"""What counts as a picture: a path, the bytes of a file, a PIL image, or an array of pixels."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

import numpy as np

from inlier._inlier import Picture, decode

if TYPE_CHECKING:
    import numpy.typing as npt
    from PIL.Image import Image as PilImage

Order: TypeAlias = Literal["grey", "bgr", "rgb", "bgra", "rgba"]
"""What the bytes of one pixel mean."""

PictureLike: TypeAlias = Union[str, "os.PathLike[str]", bytes, "npt.NDArray[np.uint8]", "PilImage"]
"""A picture: a path; the bytes of a file; an array (H, W), (H, W, 3) or (H, W, 4) of uint8, whose
``order`` is given beside it; or a PIL image."""

_CHANNELS: dict[str, int] = {"grey": 1, "bgr": 3, "rgb": 3, "bgra": 4, "rgba": 4}
_WANTED = "a path, the bytes of a file, a PIL image or an array of uint8"


def is_array(picture: object) -> bool:
    """Whether it is pixels, whose order has to be stated."""
    return hasattr(picture, "__array__") and not _is_pil(picture)


def _is_pil(picture: object) -> bool:
    return type(picture).__module__.partition(".")[0] == "PIL"


def read_picture(picture: PictureLike) -> npt.NDArray[np.uint8]:
    """Decodes a path or the bytes of a file into uint8 (H, W, 3), blue, green, red, as the engine
    does: upright, in sRGB, transparent parts over white. Raises BadImageError, NotFoundError."""
    return decode(as_picture(picture, None, "picture"), 0)[0]


def as_picture(picture: PictureLike, order: Order | None = None, what: str = "photo") -> Picture:
    """The picture as the engine takes it. ``what`` is how errors call it.

    Pixels are copied once, into the engine; before that, they are copied only when the bytes of a
    row do not lie side by side.
    """
    if isinstance(picture, str | os.PathLike):
        return _from_path(picture, order, what)
    if isinstance(picture, bytes | bytearray | memoryview):
        return _from_bytes(bytes(picture), order, what)
    if isinstance(picture, np.ndarray):
        return _from_array(picture, order, what)
    if _is_pil(picture):
        _refuse_order(order, what, "a PIL image")
        return _from_pil(picture)
    if hasattr(picture, "__array__"):
        return _from_array(np.asarray(picture), order, what)
    raise TypeError(f"{what}: wanted {_WANTED}, got {_kind_of(picture)}")


def _kind_of(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _refuse_order(order: Order | None, what: str, kind: str) -> None:
    if order is not None:
        raise ValueError(f"{what}: order is for arrays, and this is {kind}")


def _from_path(path: str | os.PathLike[str], order: Order | None, what: str) -> Picture:
    _refuse_order(order, what, "a path")
    name = os.fspath(path)
    if not isinstance(name, str):
        raise TypeError(f"{what}: a path has to be text, got {_kind_of(name)}")
    if not name:
        raise ValueError(f"{what}: the path is empty")
    if "\0" in name:
        raise ValueError(f"{what}: the path has a zero character")
    return Picture.from_path(os.fsencode(name))


def _from_bytes(file: bytes, order: Order | None, what: str) -> Picture:
    _refuse_order(order, what, "the bytes of a file")
    if 0 < len(file) <= 4096 and b"\0" not in file and os.path.exists(file):
        raise TypeError(
            f"{what}: bytes are what a file contains, and {file!r} is the name of one; give the "
            "path as text"
        )
    return Picture.from_bytes(file)


def _from_array(array: np.ndarray[Any, Any], order: Order | None, what: str) -> Picture:
    shape = array.shape
    if array.dtype != np.uint8:
        hint = ""
        if array.dtype.kind == "f":
            hint = "; multiply by 255 if its values reach from 0 to 1, and use .astype('uint8')"
        raise TypeError(f"{what}: an array of uint8 is wanted, got {array.dtype}{hint}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and shape[2] not in (3, 4)):
        raise ValueError(
            f"{what}: an array of the shape (H, W), (H, W, 3) or (H, W, 4) is wanted, got {shape}"
        )
    if array.size == 0:
        raise ValueError(f"{what}: the array has no pixels, its shape is {shape}")
    channels = 1 if array.ndim == 2 else shape[2]
    if order is None and channels == 1:
        order = "grey"
    fitting = [name for name, count in _CHANNELS.items() if count == channels]
    if order not in fitting:
        wanted = " or ".join(f"order={name!r}" for name in fitting)
        raise ValueError(f"{what}: an array {shape} needs {wanted}, got order={order!r}")
    if not _rows_are_whole(array, channels):
        array = np.ascontiguousarray(array)
    return Picture.from_pixels(array, order)


def _rows_are_whole(array: np.ndarray[Any, Any], channels: int) -> bool:
    """Whether the bytes of each row lie side by side, and no two rows overlap."""
    strides = array.strides
    if array.ndim == 3 and strides[2] != 1:
        return False
    return strides[1] == channels and abs(strides[0]) >= array.shape[1] * channels


def _from_pil(image: Any) -> Picture:
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode == "L":
        return Picture.from_pixels(np.asarray(upright), "grey")
    clear = "A" in upright.mode or "transparency" in upright.info
    mode = "RGBA" if clear else "RGB"
    pixels = np.asarray(upright.convert(mode))
    return Picture.from_pixels(pixels, "rgba" if clear else "rgb")
