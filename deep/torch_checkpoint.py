"""Reads the tensors of a PyTorch checkpoint without PyTorch.

A file of the old kind (before PyTorch 1.6) is five pickles, one after the other, and then the
numbers: a magic number, the version of the format, what machine wrote it, the tensors, and the
names of the storages in the order in which their numbers follow. One of the new kind is a ZIP
archive: data.pkl has the tensors, and data/NAME the numbers of the storage NAME. A pickle may name
any function for the reader to call, so an ordinary reader of pickles runs whatever the author of a
file likes. This one knows the few names that a dictionary of tensors needs, and a file that asks
for another is refused before it is called.
"""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from typing import Any

import numpy as np

Array = Any  # numpy.ndarray; Debian's numpy comes without types

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
STORAGES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class Storage:
    """Numbers that tensors are views of. They stand at the end of the file and come last."""

    def __init__(self, kind: str, count: int) -> None:
        self.dtype = np.dtype(kind)
        self.numbers = np.zeros(count, self.dtype)
        self.filled = False


class StorageKind:
    """Stands for a class such as torch.FloatStorage, which pickles name and never call."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


class Tensor:
    """A view of a storage: where it begins, its sizes, and how far apart neighbours are."""

    def __init__(
        self, storage: Storage, offset: int, sizes: tuple[int, ...], steps: tuple[int, ...]
    ) -> None:
        self.storage, self.offset, self.sizes, self.steps = storage, offset, sizes, steps

    def array(self) -> Array:
        if min(self.sizes, default=1) < 1 or min((self.offset, *self.steps)) < 0:
            raise ValueError("a tensor with a negative or empty side")
        last = self.offset + sum((n - 1) * s for n, s in zip(self.sizes, self.steps, strict=True))
        if last >= len(self.storage.numbers):
            raise ValueError("a tensor reaches beyond its storage")
        width = self.storage.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            self.storage.numbers[self.offset :], self.sizes, [s * width for s in self.steps]
        ).copy()


def rebuild_tensor(
    storage: Any, offset: int, sizes: Any, steps: Any, requires_grad: bool, hooks: Any
) -> Tensor:
    """What torch._utils._rebuild_tensor_v2 is called with."""
    if not isinstance(storage, Storage) or requires_grad not in (True, False) or hooks:
        raise pickle.UnpicklingError("a tensor of another kind")
    return Tensor(storage, int(offset), tuple(map(int, sizes)), tuple(map(int, steps)))


class Unpickler(pickle.Unpickler):
    """Calls nothing but rebuild_tensor and OrderedDict."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        super().__init__(file)
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return rebuild_tensor
        if module == "torch" and name in STORAGES:
            return StorageKind(STORAGES[name])
        raise pickle.UnpicklingError(f"the checkpoint asks for {module}.{name}, which is refused")

    def persistent_load(self, pid: Any) -> Storage:
        kind, key, count, view = pid[1], pid[2], pid[4], pid[5:]
        if pid[0] != "storage" or not isinstance(kind, StorageKind) or view not in ((), (None,)):
            raise pickle.UnpicklingError("a reference that is not to a storage")
        return self.storages.setdefault(key, Storage(kind.kind, int(count)))


def read_checkpoint(data: bytes) -> dict[str, Array]:
    """The tensors by name. Errors: ValueError and pickle.UnpicklingError."""
    tensors, storages = read_archive(data) if data[:2] == b"PK" else read_pickles(data)
    if not all(storage.filled for storage in storages.values()):
        raise ValueError("the checkpoint lacks the numbers of some tensors")
    return {name: tensor.array() for name, tensor in tensors.items()}


def fill(storage: Storage, numbers: bytes) -> None:
    if len(numbers) != storage.numbers.nbytes:
        raise ValueError("the checkpoint ends early, or its storages have other lengths")
    storage.numbers[:] = np.frombuffer(numbers, storage.dtype)
    storage.filled = True


def read_pickles(data: bytes) -> tuple[dict[str, Tensor], dict[str, Storage]]:
    """A checkpoint of the old kind: its tensors and their storages."""
    file = io.BytesIO(data)
    if Unpickler(file).load() != MAGIC or Unpickler(file).load() != VERSION:
        raise ValueError("this is no PyTorch checkpoint of the old kind")
    machine = Unpickler(file).load()
    if machine.get("little_endian") is not True:
        raise ValueError("the checkpoint was written by a machine of another byte order")
    unpickler = Unpickler(file)
    tensors = unpickler.load()
    for key in Unpickler(file).load():
        storage = unpickler.storages[key]
        (count,) = struct.unpack("<q", file.read(8))
        if count != len(storage.numbers):
            raise ValueError("the checkpoint ends early, or its storages have other lengths")
        fill(storage, file.read(storage.numbers.nbytes))
    if file.read(1):
        raise ValueError("the checkpoint has numbers that belong to no tensor")
    return tensors, unpickler.storages


def read_archive(data: bytes) -> tuple[dict[str, Tensor], dict[str, Storage]]:
    """A checkpoint of the new kind: its tensors and their storages."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # All files of the archive lie in one folder, which may have any name.
            files = {file.filename.partition("/")[2]: file for file in archive.infolist()}
            if "data.pkl" not in files:
                raise ValueError("this is no PyTorch checkpoint of the new kind")
            if "byteorder" in files and archive.read(files["byteorder"]) != b"little":
                raise ValueError("the checkpoint was written by a machine of another byte order")
            unpickler = Unpickler(io.BytesIO(archive.read(files["data.pkl"])))
            tensors = unpickler.load()
            for name, file in files.items():
                if not name.startswith("data/"):
                    continue
                storage = unpickler.storages.get(name.removeprefix("data/"))
                if storage is None or file.file_size != storage.numbers.nbytes:
                    raise ValueError("the checkpoint has numbers that belong to no tensor")
                fill(storage, archive.read(file))
    except zipfile.BadZipFile as error:
        raise ValueError(f"the checkpoint ends early, or is damaged: {error}") from error
    return tensors, unpickler.storages
