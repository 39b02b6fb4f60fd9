#!/usr/bin/env python3
"""Converts EfficientNet-Lite0 from a PyTorch checkpoint to ONNX (opset 11) in 8-bit numbers.

quantise_efficientnet.py CHECKPOINT.pth OUT.onnx [OUTPUT...]

The network and its outputs are those of convert_efficientnet.py, but for the scores of classes.
It takes half of the time, and no pictures to make:

Activations are bytes. The input has a step for each grey level, and what ReLU6 leaves has steps of
6/255. How far the others reach follows from their batch normalisation, whose bias and gain are the
mean and the deviation of what it gives (Nagel et al., "Data-Free Quantization Through Weight
Equalization and Bias Correction", ICCV 2019, section 4.2.1).

Weights have a scale for each channel that comes out, and 7 bits: processors without VNNI sum two
products in 16 bits, into which those of 8-bit weights do not fit, and would give other answers.
What rounding the weights adds to a channel on average is taken from its bias (section 4.2.1 too).
Without that, the cosine with the head of the network in floats is .950 and not .982.
"""

from dataclasses import dataclass
from math import erf, fsum, pi, sqrt
from typing import Any

import numpy as np
from convert_efficientnet import Block, Convolution, Network, convert
from onnx import numpy_helper
from onnx_graph import Array, Graph, Shape

LARGEST_WEIGHT = 63  # of 7 bits with a sign
REACH = 4  # deviations from the mean to the end of a linear activation's bytes


@dataclass(frozen=True)
class Bytes:
    """A map of activations in bytes: value = scale × (byte - zero). Its channels' means, and their
    deviations where they are linear."""

    name: str
    scale: float
    zero: int
    mean: Array
    deviation: Array | None = None


def mean_of_relu6(mean: Array, deviation: Array) -> Array:
    """The mean of a normally distributed number that is cut off at 0 and 6."""

    def below(z: Array) -> Array:
        return 0.5 * (1 + np.vectorize(erf)(z / sqrt(2)))

    def density(z: Array) -> Array:
        return np.exp(-z * z / 2) / sqrt(2 * pi)

    deviation = np.maximum(deviation.astype(np.float64), 1e-6)
    low, high = -mean / deviation, (6 - mean) / deviation
    inside = mean * (below(high) - below(low)) + deviation * (density(low) - density(high))
    # The last bits of erf and exp depend on the machine, and the model's bytes must not.
    return np.round(inside + 6 * (1 - below(high)), 6)


def steps(mean: Array, deviation: Array) -> tuple[float, int]:
    """The scale and the zero of linear activations."""
    low = min(0.0, float((mean - REACH * deviation).min()))
    high = max(0.0, float((mean + REACH * deviation).max()))
    scale = (high - low) / 255
    return scale, round(-low / scale)


class Writer(Graph):
    """The graph. A map is known by its bytes; `wanted` ones are outputs in floats as well."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        super().__init__()
        self.wanted = wanted
        self.shapes: dict[str, Shape] = {}

    def exact(self, name: str, array: Array) -> str:
        """A constant of this very shape: a scale is a scalar, which `constant` makes a row."""
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def read_as(self, at: Bytes) -> list[str]:
        """The scale and the zero of a map, as inputs of a node."""
        names = [at.name + "/scale", at.name + "/zero"]
        if not any(constant.name == names[0] for constant in self.constants):
            self.exact(names[0], np.array(at.scale, np.float32))
            self.exact(names[1], np.array(at.zero, np.uint8))
        return names

    def floats(self, at: Bytes, name: str) -> str:
        return self.node("DequantizeLinear", [at.name, *self.read_as(at)], name)

    def give(self, at: Bytes, name: str) -> None:
        if name in self.wanted:
            self.floats(at, name)
            rows, columns = f"rows of {name}", f"columns of {name}"
            self.shapes[name] = [1, len(at.mean), rows, columns]

    def convolution(self, source: Bytes, layer: Convolution) -> Bytes:
        kernel, name = layer.kernel.astype(np.float64), layer.name + "/bytes"
        if layer.relu6:
            mean = mean_of_relu6(layer.mean, layer.deviation)
            out = Bytes(name, 6 / 255, 0, mean)
        else:
            scale, zero = steps(layer.mean, layer.deviation)
            out = Bytes(name, scale, zero, layer.mean, layer.deviation)
        scales = np.abs(kernel).max(axis=(1, 2, 3)) / LARGEST_WEIGHT
        # A channel without weights has a bias alone, which has to fit into 32 bits.
        scales = np.maximum(scales, np.abs(layer.bias) / source.scale / 2**30)
        weights = np.rint(kernel / scales[:, None, None, None])
        added = (weights * scales[:, None, None, None] - kernel).sum(axis=(2, 3))
        added = added * (source.mean[:, None] if layer.depthwise else source.mean)
        added = np.array([fsum(row) for row in added])
        bias = np.rint((layer.bias - added) / (source.scale * scales))
        before, after = layer.pads()
        inputs = [source.name, *self.read_as(source)]
        inputs += [
            self.exact(layer.name + "/kernel", weights.astype(np.int8)),
            self.exact(layer.name + "/kernel/scale", scales.astype(np.float32)),
            self.exact(layer.name + "/kernel/zero", np.zeros(len(scales), np.int8)),
            *self.read_as(out),
            self.exact(layer.name + "/bias", bias.astype(np.int32)),
        ]
        self.node(
            "QLinearConv",
            inputs,
            name,
            kernel_shape=list(kernel.shape[2:]),
            strides=[layer.stride, layer.stride],
            pads=[before, before, after, after],
            group=len(kernel) if layer.depthwise else 1,
        )
        self.give(out, layer.name)
        return out

    def sum(self, a: Bytes, b: Bytes, name: str) -> Bytes:
        """Of two linear maps. The runtime makes one addition of bytes of it."""
        if a.deviation is None or b.deviation is None:
            raise ValueError(f"{name} is no sum of linear maps")
        mean, deviation = a.mean + b.mean, np.sqrt(a.deviation**2 + b.deviation**2)
        out = Bytes(name + "/bytes", *steps(mean, deviation), mean, deviation)
        both = [self.floats(a, name + "/first"), self.floats(b, name + "/second")]
        total = self.node("Add", both, name + "/sum")
        self.node("QuantizeLinear", [total, *self.read_as(out)], out.name)
        return out

    def block(self, source: Bytes, block: Block, name: str) -> Bytes:
        at = source
        for layer in block.layers:
            at = self.convolution(at, layer)
        if block.skip:
            at = self.sum(source, at, name)
        if len(block.layers) > 1:
            self.give(at, name)
        return at


def write_quantised(network: Network, wanted: tuple[str, ...]) -> Any:
    """The ONNX model with the outputs `wanted`."""
    writer = Writer(wanted)
    # A pixel is (value - 127) / 128. Its mean over all pictures is not known and near to 0.
    at = Bytes("image/bytes", 1 / 128, 127, np.zeros(3))
    writer.node("QuantizeLinear", ["image", *writer.read_as(at)], at.name)
    for number, block in enumerate(network.blocks):
        at = writer.block(at, block, f"{number - 1}")
    unknown = set(wanted) - set(writer.shapes)
    if unknown:
        raise ValueError(f"there is no output {sorted(unknown)[0]}")
    name = "efficientnet-lite0-int8"
    return writer.model(name, [1, 3, "height", "width"], {n: writer.shapes[n] for n in wanted})


if __name__ == "__main__":
    convert(write_quantised)
