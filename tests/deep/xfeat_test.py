#!/usr/bin/env python3
"""What convert_xfeat.py makes of the checkpoint that scripts/setup-deep fetches.

xfeat_test.py RUN_NETWORK CHECKPOINT    with the program of run_network.cc

What the runtime makes of each layer is compared with a second, slow implementation of the network
here. It shares nothing with the converter but the tensors: it normalises where the converter
folds, and enlarges by weights that follow from where pixels lie.
"""

import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "deep"))

try:
    import numpy as np
    from convert_xfeat import WANTED, read_network, write_graph
    from networks import convolve, largest_error, outputs_of
    from torch_checkpoint import read_checkpoint
except ImportError as missing:
    print(f"skipped: {missing} (scripts/setup-deep installs it)")
    sys.exit(77)

Array = Any  # numpy.ndarray

RUN_NETWORK, CHECKPOINT = "", Path()
# Sides are multiples of 32 px. The last one is the smallest there is.
SHAPES = ((96, 64), (64, 160), (32, 32))


def weights(size: int, factor: int) -> Array:
    """Of the rows of a side, in each row of the side that is `factor` times as long."""
    w = np.zeros((size * factor, size))
    for row in range(size * factor):
        at = min(max((row + 0.5) / factor - 0.5, 0), size - 1)
        low = min(int(at), size - 1)
        high = min(low + 1, size - 1)
        w[row, low] += 1 - (at - low)
        w[row, high] += at - low
    return w


def enlarged(x: Array, factor: int) -> Array:
    rows, columns = weights(x.shape[1], factor), weights(x.shape[2], factor)
    return np.einsum("rs,csd,td->crt", rows, x, columns)


class Reference:
    """XFeat step by step, and what each step gave."""

    def __init__(self, tensors: dict[str, Array]) -> None:
        self.tensors = {k: v.astype(np.float64) for k, v in tensors.items()}
        self.seen: dict[str, Array] = {}

    def layers(self, x: Array, block: str, strides: tuple[int, ...]) -> Array:
        t = self.tensors
        for number, stride in enumerate(strides):
            name = f"{block}.{number}"
            kernel = t[name + ".layer.0.weight"]
            x = convolve(x, kernel, stride, (kernel.shape[2] // 2,) * 2)
            mean, variance = t[name + ".layer.1.running_mean"], t[name + ".layer.1.running_var"]
            x = (x - mean[:, None, None]) / np.sqrt(variance + 1e-5)[:, None, None]
            x = self.seen[name] = np.maximum(x, 0)
        return x

    def linear(self, x: Array, name: str) -> Array:
        kernel, bias = self.tensors[name + ".weight"], self.tensors[name + ".bias"]
        x = np.einsum("oi,irc->orc", kernel[:, :, 0, 0], x) + bias[:, None, None]
        self.seen[name] = x
        return x

    def run(self, image: Array) -> None:
        x = (image - image.mean()) / np.sqrt(image.var() + 1e-5)
        rows, columns = x.shape[1] // 4, x.shape[2] // 4
        small = x.reshape(1, rows, 4, columns, 4).mean(axis=(2, 4))
        quarter = self.layers(x, "block1", (1, 2, 1, 2)) + self.linear(small, "skip1.1")
        x3 = self.layers(self.layers(quarter, "block2", (1, 1)), "block3", (2, 1, 1))
        x4 = self.layers(x3, "block4", (2, 1, 1))
        x5 = self.layers(x4, "block5", (2, 1, 1, 1))
        joined = x3 + enlarged(x4, 2) + enlarged(x5, 4)
        features = self.linear(self.layers(joined, "block_fusion", (1, 1)), "block_fusion.2")
        self.seen["features"] = features
        logits = self.linear(self.layers(features, "heatmap_head", (1, 1)), "heatmap_head.2")
        self.seen["reliability"] = 1 / (1 + np.exp(-logits))
        cells = x.reshape(rows // 2, 8, columns // 2, 8).transpose(1, 3, 0, 2)
        pixels = self.layers(cells.reshape(64, rows // 2, columns // 2), "keypoint_head", (1, 1, 1))
        self.seen["keypoints"] = self.linear(pixels, "keypoint_head.3")


class Conversion(unittest.TestCase):
    def test_every_layer_is_that_of_the_reference(self) -> None:
        tensors = read_checkpoint(CHECKPOINT.read_bytes())
        network = read_network(tensors)
        for shape in SHAPES:
            image = np.random.default_rng(1).uniform(0, 1, (1, *shape)).astype(np.float32)
            reference = Reference(tensors)
            reference.run(image.astype(np.float64))
            names = tuple(reference.seen)
            self.assertEqual(len(names), 4 + 2 + 3 + 3 + 4 + 3 + 3 + 4 + 1 + len(WANTED))
            given = outputs_of(RUN_NETWORK, write_graph(network, names), image, reference.seen)
            for name, expected in reference.seen.items():
                self.assertLess(largest_error(given[name], expected), 1e-3, (shape, name))

    def test_the_range_of_values_does_not_matter(self) -> None:
        network = read_network(read_checkpoint(CHECKPOINT.read_bytes()))
        model = write_graph(network, WANTED)
        image = np.random.default_rng(2).uniform(0, 1, (1, 64, 64)).astype(np.float32)
        like = {"features": np.zeros((64, 8, 8)), "keypoints": np.zeros((65, 8, 8))}
        like["reliability"] = np.zeros((1, 8, 8))
        first = outputs_of(RUN_NETWORK, model, image, like)
        other = outputs_of(RUN_NETWORK, model, image * np.float32(200) + np.float32(9), like)
        for name in WANTED:
            self.assertLess(largest_error(other[name], first[name]), 1e-2, name)

    def test_a_checkpoint_of_another_network_is_refused(self) -> None:
        tensors = read_checkpoint(CHECKPOINT.read_bytes())
        name = "block3.1.layer.1.running_var"
        with self.assertRaisesRegex(ValueError, f"lacks {name}"):
            read_network({k: v for k, v in tensors.items() if k != name})
        with self.assertRaisesRegex(ValueError, r"block6\.0"):
            read_network({**tensors, "block6.0.layer.0.weight": tensors[name]})
        with self.assertRaisesRegex(ValueError, "another kernel"):
            wide = np.zeros((24, 1, 3, 3), np.float32)
            read_network({**tensors, "skip1.1.weight": wide})
        with self.assertRaisesRegex(ValueError, "no output block9"):
            write_graph(read_network(tensors), ("block9",))

    def test_a_checkpoint_that_ends_early_is_refused(self) -> None:
        data = CHECKPOINT.read_bytes()
        for size in (2, 100, 30_000, len(data) // 2, len(data) - 1):
            with self.assertRaises(ValueError):
                read_checkpoint(data[:size])


if __name__ == "__main__":
    RUN_NETWORK, CHECKPOINT = sys.argv[1], Path(sys.argv[2])
    if not CHECKPOINT.is_file():
        print("skipped: no checkpoint of XFeat here (scripts/setup-deep)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
