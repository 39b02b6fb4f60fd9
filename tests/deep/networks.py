"""What the tests of converted networks share: slow layers in numpy, and the runtime's outputs."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx

Array = Any  # numpy.ndarray


def convolve(x: Array, kernel: Array, stride: int, pads: tuple[int, int]) -> Array:
    """x: channels, rows, columns; kernel: out, in (1 if depthwise), rows, columns. `pads`: zeros
    before and after, in both directions."""
    side = kernel.shape[2]
    padded = np.pad(x, ((0, 0), pads, pads))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    if kernel.shape[1] == 1 and len(kernel) == len(x) > 1:
        return np.einsum("crsij,cij->crs", windows, kernel[:, 0])
    return np.einsum("crsij,ocij->ors", windows, kernel)


def outputs_of(run_network: str, model: Any, image: Array, expected: dict[str, Array]) -> Any:
    """What the runtime makes of the image (channels, rows, columns), by the outputs' names. They
    have the shapes of what is expected."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.onnx"
        onnx.save(model, str(path))
        run = [run_network, str(path), *map(str, image.shape), *expected]
        done = subprocess.run(run, input=image.tobytes(), capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    numbers, at, given = np.frombuffer(done.stdout, np.float32), 0, {}
    for name, like in expected.items():
        given[name] = numbers[at : at + like.size].reshape(like.shape)
        at += like.size
    if at != numbers.size:
        raise AssertionError(f"{numbers.size} numbers in place of {at}")
    return given


def largest_error(given: Array, expected: Array) -> float:
    """As a share of the largest number that is expected."""
    return float(np.abs(given - expected).max() / np.abs(expected).max())
