#!/usr/bin/env python3
"""Converts XFeat from a PyTorch checkpoint to ONNX (opset 11), without PyTorch.

convert_xfeat.py CHECKPOINT.pt OUT.onnx [OUTPUT...]

The network is that of Potje et al., "XFeat: Accelerated Features for Lightweight Image Matching",
CVPR 2024. The checkpoint has tensors and nothing else, so it is written down here. Every
convolution but the last one of a head has a batch normalisation without gain and bias behind it,
which is folded in, and a ReLU. The input, "image", is grey, 1 x 1 x height x width, in multiples
of 32 px; its values are normalised first, so their range does not matter. The layers that match
pairs of pictures more finely are left out.

OUTPUT names what the network gives, all of it at an eighth of the image's sides:

  features     the descriptors, 64 channels, not yet of unit length
  keypoints    65 channels: the logits of the 64 pixels of a cell, row by row, and of none of them
  reliability  one channel, from 0 to 1

Without any, they are these three. Any layer may be named, as in the checkpoint.
"""

import sys
from dataclasses import dataclass

import numpy as np
from onnx_graph import Array, Graph, Tensors, save
from torch_checkpoint import read_checkpoint

# What batch normalisation and instance normalisation add to the variance.
EPSILON = 1e-5
WANTED = ("features", "keypoints", "reliability")
CHANNELS = {"features": 64, "keypoints": 65, "reliability": 1}
CELL = 8  # pixels along the side of what one place of an output describes


@dataclass(frozen=True)
class Plan:
    """Convolutions one after the other: of each its output channels, kernel side and stride."""

    name: str
    inputs: int
    layers: tuple[tuple[int, int, int], ...]
    head: int = 0  # channels of a last convolution of 1 x 1 that is linear; 0: there is none


PLANS = {
    plan.name: plan
    for plan in (
        Plan("block1", 1, ((4, 3, 1), (8, 3, 2), (8, 3, 1), (24, 3, 2))),
        Plan("block2", 24, ((24, 3, 1), (24, 3, 1))),
        Plan("block3", 24, ((64, 3, 2), (64, 3, 1), (64, 1, 1))),
        Plan("block4", 64, ((64, 3, 2), (64, 3, 1), (64, 3, 1))),
        Plan("block5", 64, ((128, 3, 2), (128, 3, 1), (128, 3, 1), (64, 1, 1))),
        Plan("block_fusion", 64, ((64, 3, 1), (64, 3, 1)), 64),
        Plan("heatmap_head", 64, ((64, 1, 1), (64, 1, 1)), 1),
        Plan("keypoint_head", 64, ((64, 1, 1), (64, 1, 1), (64, 1, 1)), 65),
    )
}


@dataclass(frozen=True)
class Convolution:
    """A convolution with its batch normalisation folded in."""

    name: str
    kernel: Array  # out, in, height, width
    bias: Array
    stride: int = 1
    relu: bool = True


Network = dict[str, tuple[Convolution, ...]]


def read_plan(plan: Plan, tensors: Tensors) -> tuple[Convolution, ...]:
    layers: list[Convolution] = []
    inputs = plan.inputs
    for number, (outputs, side, stride) in enumerate(plan.layers):
        name = f"{plan.name}.{number}"
        kernel = tensors.take(name + ".layer.0.weight")
        if kernel.shape != (outputs, inputs, side, side):
            raise ValueError(f"{name} has another kernel than XFeat")
        kernel, bias = tensors.normalised(kernel, name + ".layer.1", EPSILON, affine=False)
        layers.append(Convolution(name, kernel, bias, stride))
        inputs = outputs
    if plan.head:
        layers.append(read_linear(f"{plan.name}.{len(plan.layers)}", plan.head, inputs, tensors))
    return tuple(layers)


def read_linear(name: str, outputs: int, inputs: int, tensors: Tensors) -> Convolution:
    kernel, bias = tensors.take(name + ".weight"), tensors.take(name + ".bias")
    if kernel.shape != (outputs, inputs, 1, 1):
        raise ValueError(f"{name} has another kernel than XFeat")
    return Convolution(name, kernel, bias, relu=False)


def read_network(tensors: dict[str, Array]) -> Network:
    """Errors: ValueError when the checkpoint is not of XFeat."""
    kept = {k: v for k, v in tensors.items() if not k.startswith("fine_matcher.")}
    layers = Tensors(kept)
    network = {name: read_plan(plan, layers) for name, plan in PLANS.items()}
    network["skip1"] = (read_linear("skip1.1", 24, 1, layers),)
    layers.expect_none_left()
    return network


class Writer(Graph):
    def convolution(self, source: str, layer: Convolution) -> str:
        side = int(layer.kernel.shape[2])
        name = layer.name + "/linear" if layer.relu else layer.name
        self.node(
            "Conv",
            [
                source,
                self.constant(layer.name + "/kernel", layer.kernel),
                self.constant(layer.name + "/bias", layer.bias),
            ],
            name,
            kernel_shape=[side, side],
            strides=[layer.stride, layer.stride],
            pads=[side // 2] * 4,
        )
        return self.node("Relu", [name], layer.name) if layer.relu else name

    def block(self, source: str, layers: tuple[Convolution, ...]) -> str:
        for layer in layers:
            source = self.convolution(source, layer)
        return source

    def enlarged(self, source: str, factor: int) -> str:
        """Bilinear, with the outer edges of the border pixels in place."""
        scales = np.array([1, 1, factor, factor], np.float32)
        return self.node(
            "Resize",
            [source, "no region", self.constant(f"{source}/factor", scales)],
            f"{source}/enlarged",
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )


def write_graph(network: Network, wanted: tuple[str, ...]) -> object:
    """The ONNX model with the outputs `wanted`."""
    w = Writer()
    w.constant("no region", np.zeros(0, np.float32))
    one, zero = w.constant("one", np.ones(1, np.float32)), w.constant("zero", np.zeros(1, "f4"))
    image = w.node("InstanceNormalization", ["image", one, zero], "normalised", epsilon=EPSILON)
    small = w.node("AveragePool", [image], "skip1.0", kernel_shape=[4, 4], strides=[4, 4])
    quarter = w.node(
        "Add", [w.block(image, network["block1"]), w.block(small, network["skip1"])], "quarter"
    )
    eighth = w.block(w.block(quarter, network["block2"]), network["block3"])
    sixteenth = w.block(eighth, network["block4"])
    thirtysecond = w.block(sixteenth, network["block5"])
    fine = w.node("Add", [eighth, w.enlarged(sixteenth, 2)], "fine")
    joined = w.node("Add", [fine, w.enlarged(thirtysecond, 4)], "joined")
    features = w.block(joined, network["block_fusion"])
    w.node("Identity", [features], "features")
    w.node("Sigmoid", [w.block(features, network["heatmap_head"])], "reliability")
    pixels = w.node("SpaceToDepth", [image], "pixels", blocksize=CELL)
    w.node("Identity", [w.block(pixels, network["keypoint_head"])], "keypoints")
    shapes = {
        name: [
            1,
            CHANNELS.get(name, f"channels of {name}"),
            f"rows of {name}",
            f"columns of {name}",
        ]
        for name in wanted
    }
    return w.model("xfeat", [1, 1, "height", "width"], shapes)


def main() -> None:
    checkpoint, out, *wanted = sys.argv[1:]
    with open(checkpoint, "rb") as file:
        network = read_network(read_checkpoint(file.read()))
    save(write_graph(network, tuple(wanted) or WANTED), out)


if __name__ == "__main__":
    main()
