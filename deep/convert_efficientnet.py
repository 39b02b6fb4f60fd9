#!/usr/bin/env python3
"""Converts EfficientNet-Lite0 from a PyTorch checkpoint to ONNX (opset 11), without PyTorch.

convert_efficientnet.py CHECKPOINT.pth OUT.onnx [OUTPUT...]

The checkpoint has tensors and nothing else, so the network itself is written down here: a stem,
sixteen inverted bottlenecks (Tan and Le, "EfficientNet", ICML 2019) without squeeze and excitation
and with ReLU6, which is what "Lite" means, and a head. Each batch normalisation is folded into the
convolution before it. The padding is TensorFlow's SAME, in which a layer that halves an even side
pads one pixel more below and on the right than above and on the left
(docs/adr/0018-efficientnet.md says how that was found out). The input, "image", is RGB with (value
- 127) / 128, in multiples of 32 px.

OUTPUT names what the network gives, in any number:

  head         after the last convolution, 1280 channels at stride 32
  classes      the scores of the 1000 classes of ImageNet, before the softmax
  N.expand     block N after its expansion, for N from 1 to 15
  N.depthwise  block N after its depthwise convolution
  N            block N

Without any, they are those that the configuration deep/models/efficientnet-lite0.json takes.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx_graph import Array, Graph, Shape, Tensors, save
from torch_checkpoint import read_checkpoint

# What batch normalisation adds to the variance.
EPSILON = 1e-3
# Of each stage: its blocks, the side of the depthwise kernel, and the stride of the first block.
STAGES = ((1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1))
WANTED = ("head", "8.expand")


@dataclass(frozen=True)
class Convolution:
    """A convolution with its batch normalisation folded in. Without `relu6` it is linear."""

    name: str
    kernel: Array  # out, in (1 when depthwise), height, width
    bias: Array
    stride: int
    depthwise: bool
    relu6: bool
    # Of each channel that comes out, before ReLU6, over what the network was trained with.
    mean: Array
    deviation: Array

    def pads(self, symmetric: bool = False) -> tuple[int, int]:
        """Before and after, in both directions, for an even side."""
        size = int(self.kernel.shape[2])
        if symmetric or self.stride == 1:
            return size // 2, size // 2
        return (size - self.stride) // 2, (size - self.stride + 1) // 2


@dataclass(frozen=True)
class Block:
    """Convolutions one after the other. With `skip`, what goes in is added to what comes out."""

    layers: tuple[Convolution, ...]
    skip: bool = False


@dataclass
class Network:
    """EfficientNet-Lite0 in the order in which it is computed."""

    blocks: list[Block] = field(default_factory=list)
    classifier: tuple[Array, Array] | None = None


class Layers(Tensors):
    """The layers of a checkpoint of EfficientNet."""

    def convolution(
        self, name: str, conv: str, norm: str, stride: int = 1, relu6: bool = True
    ) -> Convolution:
        kernel = self.take(conv + ".weight")
        depthwise = kernel.shape[1] == 1
        mean, deviation = self.look_at(norm + ".bias"), np.abs(self.look_at(norm + ".weight"))
        kernel, bias = self.normalised(kernel, norm, EPSILON, affine=True)
        return Convolution(name, kernel, bias, stride, depthwise, relu6, mean, deviation)


def read_network(tensors: dict[str, Array]) -> Network:
    """Errors: ValueError when the checkpoint is not of EfficientNet-Lite0."""
    layers = Layers(tensors)
    network = Network([Block((layers.convolution("stem", "_conv_stem", "_bn0", 2),))])
    number = 0
    for repeats, size, first_stride in STAGES:
        for repeat in range(repeats):
            at = f"_blocks.{number}."
            stride = first_stride if repeat == 0 else 1
            parts = []
            if layers.has(at + "_expand_conv.weight"):
                parts.append(
                    layers.convolution(f"{number}.expand", at + "_expand_conv", at + "_bn0")
                )
            parts.append(
                layers.convolution(
                    f"{number}.depthwise", at + "_depthwise_conv", at + "_bn1", stride
                )
            )
            parts.append(
                layers.convolution(
                    f"{number}.project", at + "_project_conv", at + "_bn2", relu6=False
                )
            )
            if parts[-2].kernel.shape[1:] != (1, size, size):
                raise ValueError(f"block {number} has another kernel than EfficientNet-Lite0")
            network.blocks.append(Block(tuple(parts), skip=repeat > 0))
            number += 1
    network.blocks.append(Block((layers.convolution("head", "_conv_head", "_bn1"),)))
    network.classifier = layers.take("_fc.weight"), layers.take("_fc.bias")
    layers.expect_none_left()
    return network


class Writer(Graph):
    """The graph, and how many channels each of its layers has."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[str, int] = {}

    def convolution(self, source: str, layer: Convolution, symmetric: bool) -> str:
        before, after = layer.pads(symmetric)
        name = layer.name + "/linear" if layer.relu6 else layer.name
        self.node(
            "Conv",
            [
                source,
                self.constant(layer.name + "/kernel", layer.kernel),
                self.constant(layer.name + "/bias", layer.bias),
            ],
            name,
            kernel_shape=list(layer.kernel.shape[2:]),
            strides=[layer.stride, layer.stride],
            pads=[before, before, after, after],
            group=len(layer.kernel) if layer.depthwise else 1,
        )
        self.channels[layer.name] = len(layer.kernel)
        if not layer.relu6:
            return name
        return self.node("Clip", [name, "zero", "six"], layer.name)


def write_graph(network: Network, wanted: tuple[str, ...], symmetric: bool = False) -> Any:
    """The ONNX model with the outputs `wanted`."""
    writer = Writer()
    writer.constant("zero", np.array(0, np.float32))
    writer.constant("six", np.array(6, np.float32))
    at = "image"
    for number, block in enumerate(network.blocks):
        source = at
        for layer in block.layers:
            at = writer.convolution(at, layer, symmetric)
        if block.skip:
            at = writer.node("Add", [source, at], f"{number - 1}")
        elif len(block.layers) > 1:
            at = writer.node("Identity", [at], f"{number - 1}")
        writer.channels[at] = len(block.layers[-1].kernel)
    if "classes" in wanted and network.classifier is not None:
        weight, bias = network.classifier
        pooled = writer.node("GlobalAveragePool", [at], "pooled")
        flat = writer.node("Flatten", [pooled], "flat")
        inputs = [flat, writer.constant("fc", weight.T), writer.constant("fc/bias", bias)]
        writer.node("Gemm", inputs, "classes")
    shapes: dict[str, Shape] = {
        name: [1, writer.channels.get(name, 1000), f"rows of {name}", f"columns of {name}"]
        for name in wanted
    }
    if "classes" in shapes:
        shapes["classes"] = [1, 1000]
    return writer.model("efficientnet-lite0", [1, 3, "height", "width"], shapes)


def convert(write: Callable[[Network, tuple[str, ...]], Any]) -> None:
    """Does what the command line says, with a writer of the network and its outputs."""
    checkpoint, out, *wanted = sys.argv[1:]
    with open(checkpoint, "rb") as file:
        network = read_network(read_checkpoint(file.read()))
    save(write(network, tuple(wanted) or WANTED), out)


if __name__ == "__main__":
    convert(write_graph)
