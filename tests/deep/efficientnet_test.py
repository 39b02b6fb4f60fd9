#!/usr/bin/env python3
"""The checkpoint that scripts/setup-deep fetches, and what the converters make of it.

efficientnet_test.py Reader
efficientnet_test.py Conversion RUN_NETWORK CHECKPOINT    with the program of run_network.cc

What the runtime makes of each layer is compared with a second, slow implementation of the network
here. It shares nothing with the converter but the tensors: it normalises where the converter folds,
and pads by TensorFlow's own formula. What quantise_efficientnet.py makes of it is compared with the
same.
"""

import io
import math
import pickle
import struct
import sys
import tempfile
import types
import unittest
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "deep"))

try:
    import numpy as np
    from convert_efficientnet import read_network, write_graph
    from networks import convolve, largest_error, outputs_of
    from quantise_efficientnet import mean_of_relu6, write_quantised
    from torch_checkpoint import MAGIC, VERSION, read_checkpoint
except ImportError as missing:
    print(f"skipped: {missing} (scripts/setup-deep installs it)")
    sys.exit(77)

Array = Any  # numpy.ndarray

RUN_NETWORK, CHECKPOINT = "", Path()
SIDE = 64


def padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """As TensorFlow's documentation of SAME says it."""
    rows = math.ceil(size / stride)
    total = max((rows - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Reference:
    """EfficientNet-Lite0 step by step, and what each step gave."""

    def __init__(self, tensors: dict[str, Array]) -> None:
        self.tensors = tensors
        self.seen: dict[str, Array] = {}

    def step(self, x: Array, conv: str, norm: str, stride: int, rectified: bool) -> Array:
        t = self.tensors
        kernel = t[conv + ".weight"].astype(np.float64)
        x = convolve(x, kernel, stride, padding(x.shape[1], kernel.shape[2], stride))
        mean, variance = t[norm + ".running_mean"], t[norm + ".running_var"]
        x = (x - mean[:, None, None]) / np.sqrt(variance + 1e-3)[:, None, None]
        x = x * t[norm + ".weight"][:, None, None] + t[norm + ".bias"][:, None, None]
        return np.clip(x, 0, 6) if rectified else x

    def run(self, x: Array) -> None:
        x = self.seen["stem"] = self.step(x, "_conv_stem", "_bn0", 2, True)
        strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1]
        channels = [16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320]
        for n, (stride, count) in enumerate(zip(strides, channels, strict=True)):
            before, at = x, f"_blocks.{n}."
            if n > 0:
                x = self.step(x, at + "_expand_conv", at + "_bn0", 1, True)
                self.seen[f"{n}.expand"] = x
            x = self.step(x, at + "_depthwise_conv", at + "_bn1", stride, True)
            self.seen[f"{n}.depthwise"] = x
            x = self.step(x, at + "_project_conv", at + "_bn2", 1, False)
            if stride == 1 and len(before) == count:
                x = x + before
            self.seen[str(n)] = x
        x = self.seen["head"] = self.step(x, "_conv_head", "_bn1", 1, True)
        scores = self.tensors["_fc.weight"].astype(np.float64) @ x.mean(axis=(1, 2))
        self.seen["classes"] = scores + self.tensors["_fc.bias"]


class Conversion(unittest.TestCase):
    def test_every_layer_is_that_of_the_reference(self) -> None:
        tensors = read_checkpoint(CHECKPOINT.read_bytes())
        image = np.random.default_rng(1).uniform(-1, 1, (3, SIDE, SIDE)).astype(np.float32)
        reference = Reference(tensors)
        reference.run(image.astype(np.float64))
        names = tuple(reference.seen)
        self.assertEqual(len(names), 1 + 15 + 16 + 16 + 2)
        model = write_graph(read_network(tensors), names)
        given = outputs_of(RUN_NETWORK, model, image, reference.seen)
        for name, expected in reference.seen.items():
            self.assertLess(largest_error(given[name], expected), 2e-3, name)

    def test_in_bytes_it_gives_nearly_the_same(self) -> None:
        tensors = read_checkpoint(CHECKPOINT.read_bytes())
        # Like a picture, it has more of coarse structure than of fine.
        random, image = np.random.default_rng(2), np.zeros((3, SIDE, SIDE))
        for cells in (2, 4, 8, 16, 32):
            coarse = random.uniform(-0.3, 0.3, (3, cells, cells))
            image += coarse.repeat(SIDE // cells, axis=1).repeat(SIDE // cells, axis=2)
        image = np.rint(np.clip(image, -0.9, 0.9) * 128) / 128
        reference = Reference(tensors)
        reference.run(image)
        names = tuple(n for n in reference.seen if n != "classes")
        model = write_quantised(read_network(tensors), names)
        expected = {name: reference.seen[name] for name in names}
        given = outputs_of(RUN_NETWORK, model, image.astype(np.float32), expected)
        for name in names:
            cosine = (given[name] * expected[name]).sum() / (
                np.linalg.norm(given[name]) * np.linalg.norm(expected[name])
            )
            # The first layer sees exact numbers, and errors grow from layer to layer.
            self.assertGreater(cosine, 0.999 if name == "stem" else 0.95, name)
        for name in ("stem", "8.expand", "head"):
            in_steps = given[name] * 255 / 6
            self.assertLess(np.abs(in_steps - np.rint(in_steps)).max(), 1e-3, name)

    def test_the_mean_behind_relu6_is_that_of_drawn_numbers(self) -> None:
        mean, deviation = np.array([-2.0, 0.0, 1.5, 7.0, 3.0]), np.array([0.5, 1.0, 2.0, 1.0, 0.0])
        drawn = np.random.default_rng(3).normal(mean, deviation, (400_000, 5))
        expected = np.clip(drawn, 0, 6).mean(axis=0)
        self.assertLess(np.abs(mean_of_relu6(mean, deviation) - expected).max(), 0.01)

    def test_quantising_refuses_an_output_that_is_not_there(self) -> None:
        network = read_network(read_checkpoint(CHECKPOINT.read_bytes()))
        with self.assertRaisesRegex(ValueError, "no output classes"):
            write_quantised(network, ("head", "classes"))

    def test_a_checkpoint_of_another_network_is_refused(self) -> None:
        tensors = read_checkpoint(CHECKPOINT.read_bytes())
        lacking = {name: array for name, array in tensors.items() if name != "_blocks.7._bn1.bias"}
        with self.assertRaisesRegex(ValueError, r"lacks _blocks\.7\._bn1\.bias"):
            read_network(lacking)
        with self.assertRaisesRegex(ValueError, "_blocks.16"):
            read_network({**tensors, "_blocks.16._bn0.weight": tensors["_fc.bias"]})
        with self.assertRaisesRegex(ValueError, "no output 20"):
            write_graph(read_network(tensors), ("20",))

    def test_a_checkpoint_that_ends_early_is_refused(self) -> None:
        data = CHECKPOINT.read_bytes()
        for size in (0, 100, 30_000, len(data) // 2, len(data) - 1):
            with self.assertRaises((ValueError, pickle.UnpicklingError, EOFError, struct.error)):
                read_checkpoint(data[:size])
        with self.assertRaisesRegex(ValueError, "belong to no tensor"):
            read_checkpoint(data + b"\0")


class FakeTorch:
    """Lets pickle write the names that PyTorch would have."""

    def __init__(self) -> None:
        torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
        self.storage = type("FloatStorage", (), {"__module__": "torch"})
        torch.FloatStorage = self.storage  # type: ignore[attr-defined]

        def _rebuild_tensor_v2() -> None: ...

        _rebuild_tensor_v2.__module__ = "torch._utils"
        _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
        self.rebuild = utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
        sys.modules.update({"torch": torch, "torch._utils": utils})


class Reduced:
    def __init__(self, function: Any, arguments: tuple[Any, ...]) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.arguments


class Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return obj[1] if isinstance(obj, tuple) and obj[:1] == ("REFERENCE",) else None


def checkpoint(values: dict[str, Any], numbers: bytes = b"") -> bytes:
    """A checkpoint as PyTorch wrote it, with one storage of the name "0" when there are numbers."""
    file = io.BytesIO()
    for one in (MAGIC, VERSION, {"little_endian": True}, values, ["0"] if numbers else []):
        Pickler(file, protocol=2).dump(one)
    if numbers:
        file.write(struct.pack("<q", len(numbers) // 4) + numbers)
    return file.getvalue()


def archive(values: dict[str, Any], numbers: bytes, name: str = "0") -> bytes:
    """A checkpoint as PyTorch writes it now, with one storage of that name."""
    tensors, file = io.BytesIO(), io.BytesIO()
    Pickler(tensors, protocol=2).dump(values)
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("archive/data.pkl", tensors.getvalue())
        zipped.writestr(f"archive/data/{name}", numbers)
        zipped.writestr("archive/version", "3\n")
    return file.getvalue()


class Reader(unittest.TestCase):
    def setUp(self) -> None:
        self.torch = FakeTorch()

    def tearDown(self) -> None:
        del sys.modules["torch"], sys.modules["torch._utils"]

    def tensor(self, offset: int, sizes: tuple[int, ...], steps: tuple[int, ...]) -> Reduced:
        reference = ("REFERENCE", ("storage", self.torch.storage, "0", "cpu", 6, None))
        return Reduced(self.torch.rebuild, (reference, offset, sizes, steps, False, OrderedDict()))

    def test_tensors_are_views_of_a_storage(self) -> None:
        numbers = np.arange(6, dtype="<f4").tobytes()
        values = {"rows": self.tensor(0, (2, 3), (3, 1)), "turned": self.tensor(1, (2, 2), (1, 3))}
        for data in (checkpoint(values, numbers), archive(values, numbers)):
            read = read_checkpoint(data)
            self.assertEqual(read["rows"].tolist(), [[0, 1, 2], [3, 4, 5]])
            self.assertEqual(read["turned"].tolist(), [[1, 4], [2, 5]])

    def test_an_archive_that_does_not_add_up_is_refused(self) -> None:
        numbers = np.arange(6, dtype="<f4").tobytes()
        values = {"t": self.tensor(0, (2, 3), (3, 1))}
        whole = archive(values, numbers)
        for size in (4, len(whole) // 2, len(whole) - 1):
            with self.assertRaises(ValueError):
                read_checkpoint(whole[:size])
        for part, name in ((numbers[:-4], "0"), (numbers + b"1234", "0"), (numbers, "1")):
            with self.assertRaisesRegex(ValueError, "belong to no tensor"):
                read_checkpoint(archive(values, part, name))
        empty = io.BytesIO()
        zipfile.ZipFile(empty, "w").close()
        with self.assertRaisesRegex(ValueError, "no PyTorch checkpoint"):
            read_checkpoint(b"PK" + empty.getvalue()[2:])

    def test_a_tensor_beyond_its_storage_is_refused(self) -> None:
        numbers = np.arange(6, dtype="<f4").tobytes()
        for tensor in (
            self.tensor(1, (2, 3), (3, 1)),
            self.tensor(0, (2, 3), (4, 1)),
            self.tensor(-1, (2,), (1,)),
            self.tensor(5, (2,), (-1,)),
        ):
            with self.assertRaises(ValueError):
                read_checkpoint(checkpoint({"t": tensor}, numbers))

    def test_nothing_else_is_called(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            mark = Path(folder) / "called"
            for function, argument in ((Path.touch, mark), (eval, f"open({str(mark)!r}, 'w')")):
                bad = {"t": Reduced(function, (argument,))}
                for data in (checkpoint(bad), archive(bad, b"")):
                    with self.assertRaisesRegex(pickle.UnpicklingError, "refused"):
                        read_checkpoint(data)
            self.assertFalse(mark.exists())


if __name__ == "__main__":
    if len(sys.argv) > 2:
        RUN_NETWORK, CHECKPOINT = sys.argv[2], Path(sys.argv[3])
        if not CHECKPOINT.is_file():
            print("skipped: no checkpoint of EfficientNet-Lite0 here (scripts/setup-deep)")
            sys.exit(77)
    unittest.main(argv=sys.argv[:2])
