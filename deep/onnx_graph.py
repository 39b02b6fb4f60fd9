"""What the converters share: writing an ONNX graph and, of PyTorch checkpoints, taking tensors.

A converter writes down the network that its checkpoint belongs to, so a tensor that it does not
know means that the checkpoint is of another network. Batch normalisation never gets into a graph:
at inference it is a scale and a shift of each channel, which the convolution before it can do.
"""

import os
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = Any  # numpy.ndarray; Debian's numpy and onnx come without types
Shape = list[int | str]


class Tensors:
    """Takes tensors out of a checkpoint, so that those that nobody wanted are noticed."""

    def __init__(self, tensors: dict[str, Array]) -> None:
        self.left = {k: v for k, v in tensors.items() if not k.endswith("num_batches_tracked")}

    def look_at(self, name: str) -> Array:
        if name not in self.left:
            raise ValueError(f"the checkpoint lacks {name}")
        return self.left[name]

    def take(self, name: str) -> Array:
        tensor = self.look_at(name)
        del self.left[name]
        return tensor

    def has(self, name: str) -> bool:
        return name in self.left

    def normalised(
        self, kernel: Array, norm: str, epsilon: float, affine: bool
    ) -> tuple[Array, Array]:
        """The kernel and the bias of a convolution without a bias, with the batch normalisation
        `norm` behind it folded in. `epsilon` is what that adds to the variance. Without `affine` it
        has neither gain nor bias of its own."""
        mean, variance = self.take(norm + ".running_mean"), self.take(norm + ".running_var")
        gain = self.take(norm + ".weight") if affine else np.float32(1)
        gain = gain / np.sqrt(variance.astype(np.float64) + epsilon)
        bias = self.take(norm + ".bias") if affine else np.float32(0)
        folded = kernel.astype(np.float64) * gain[:, None, None, None]
        return folded.astype(np.float32), (bias - mean * gain).astype(np.float32)

    def expect_none_left(self) -> None:
        if self.left:
            raise ValueError(f"the checkpoint has {sorted(self.left)[0]}, which is not known")


class Graph:
    """The nodes and constants of an ONNX graph whose only input is called "image"."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, array: Array) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, op: str, inputs: list[str], name: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def model(self, name: str, image: Shape, outputs: dict[str, Shape]) -> Any:
        return model_of(self.nodes, self.constants, name, image, outputs)


def model_of(
    nodes: list[Any], constants: list[Any], name: str, image: Shape, outputs: dict[str, Shape]
) -> Any:
    """The ONNX model (opset 11) of the nodes that the outputs depend on. Errors: ValueError when
    there is no such output."""
    unknown = set(outputs) - {node.output[0] for node in nodes}
    if unknown:
        raise ValueError(f"there is no output {sorted(unknown)[0]}")
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    graph = helper.make_graph(
        kept[::-1],
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, image)],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
        [constant for constant in constants if constant.name in needed],
    )
    model = helper.make_model(
        graph, producer_name="inlier", opset_imports=[helper.make_opsetid("", 11)]
    )
    model.ir_version = 6
    onnx.checker.check_model(model)
    return model


def save(model: Any, path: str) -> None:
    """Writes the model, or leaves what was there before."""
    onnx.save(model, path + ".tmp")
    os.replace(path + ".tmp", path)
