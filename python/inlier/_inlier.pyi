"""The engine of the package inlier."""

from collections.abc import Sequence
from typing import Annotated

import numpy
from numpy.typing import NDArray


class Picture:
    """A picture that has been checked."""

    @staticmethod
    def from_path(path: bytes) -> Picture: ...

    @staticmethod
    def from_bytes(file: bytes) -> Picture: ...

    @staticmethod
    def from_pixels(pixels: Annotated[NDArray[numpy.uint8], dict(device='cpu', writable=False)], order: str) -> Picture: ...

class Catalogue:
    """Items with the paths of their pictures."""

    @staticmethod
    def read(path: bytes, columns: Sequence[tuple[str, str]], delimiter: str | None, images: bytes, picture_separator: str) -> Catalogue: ...

    @staticmethod
    def of(records: Sequence[tuple[str, Sequence[bytes], Sequence[tuple[str, str]]]]) -> Catalogue: ...

    @property
    def records(self) -> list[tuple[str, list[bytes], list[tuple[str, str]]]]:
        """Id, paths of pictures as bytes, and metadata of each."""

    @property
    def rejected(self) -> list[str]:
        """A sentence for each entry that cannot be used."""

    def __len__(self) -> int: ...

def plan(items: int, options: Sequence[tuple[str, str]], threads: int, sample: Catalogue | None) -> str: ...

class FeatureSet:
    """The local features of one picture."""

    @staticmethod
    def from_arrays(keypoints: Annotated[NDArray[numpy.float32], dict(order='C', device='cpu', writable=False)], descriptors: Annotated[NDArray[numpy.uint8], dict(order='C', device='cpu', writable=False)], responses: Annotated[NDArray[numpy.float32], dict(order='C', device='cpu', writable=False)] | None, width: int, height: int, bits: bool) -> FeatureSet: ...

    def __len__(self) -> int: ...

    @property
    def keypoints(self) -> Annotated[NDArray[numpy.float32], dict(writable=False)]:
        """float32 (n, 4): x, y, scale, angle."""

    @property
    def responses(self) -> Annotated[NDArray[numpy.float32], dict(writable=False)]:
        """float32 (n,): the strength, negative where it is brighter than around."""

    @property
    def descriptors(self) -> Annotated[NDArray[numpy.uint8], dict(writable=False)]:
        """uint8 (n, d)."""

    @property
    def kind(self) -> str: ...

    @property
    def size(self) -> tuple[int, int]: ...

class MatchSet:
    """Pairs of features."""

    @staticmethod
    def from_pairs(pairs: Annotated[NDArray[numpy.uint32], dict(order='C', device='cpu', writable=False)]) -> MatchSet: ...

    def __len__(self) -> int: ...

    @property
    def pairs(self) -> Annotated[NDArray[numpy.uint32], dict(writable=False)]:
        """uint32 (m, 2): feature of the photo, feature of the item."""

    @property
    def distances(self) -> Annotated[NDArray[numpy.float32], dict(writable=False)]:
        """float32 (m,): of the descriptors."""

    @property
    def ratios(self) -> Annotated[NDArray[numpy.float32], dict(writable=False)]:
        """float32 (m,): the distance over that of the second nearest."""

class Verified:
    """A homography that matches agree with."""

    @property
    def homography(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """float64 (3, 3), from pixels of the item to pixels of the photo."""

    @property
    def polygon(self) -> NDArray[numpy.float64]: ...

    @property
    def inliers(self) -> MatchSet: ...

    @property
    def item_coverage(self) -> float: ...

    @property
    def photo_share(self) -> float: ...

    @property
    def mean_error_px(self) -> float: ...

def match_features(photo: FeatureSet, item: FeatureSet, options: Sequence[tuple[str, str]]) -> MatchSet: ...

def verify(photo: FeatureSet, item: FeatureSet, matches: MatchSet, options: Sequence[tuple[str, str]]) -> Verified | None: ...

class FeatureVocabulary:
    """Cells that descriptors fall into."""

    @staticmethod
    def train(features: Sequence[FeatureSet], cells: int, seed: int, threads: int) -> FeatureVocabulary: ...

    @staticmethod
    def load(path: bytes) -> FeatureVocabulary: ...

    def save(self, path: bytes) -> None: ...

    @property
    def cells(self) -> int: ...

    def assign(self, features: FeatureSet, probes: int) -> NDArray[numpy.int32]: ...

class FeatureIndex:
    """Faces that features vote for."""

    def __init__(self, vocabulary: FeatureVocabulary) -> None: ...

    def __len__(self) -> int: ...

    def add(self, features: FeatureSet) -> int: ...

    def search(self, photo: FeatureSet, count: int, options: Sequence[tuple[str, str]]) -> tuple[NDArray[numpy.uint32], NDArray[numpy.float32]]: ...

def extract(picture: Picture, options: Sequence[tuple[str, str]]) -> FeatureSet: ...

def pixel_hash(picture: Picture, options: Sequence[tuple[str, str]]) -> str: ...

def decode(picture: Picture, least_side: int) -> tuple[NDArray[numpy.uint8], int, int]: ...

class CancelToken:
    """Ends the calls that were given it."""

    def __init__(self) -> None: ...

    def cancel(self) -> None: ...

class ListOptions:
    """Which items a page has."""

    def __init__(self, after: str, limit: int, id_part: str, where: Sequence[tuple[str, str]]) -> None: ...

class Engine:
    """A database that is open."""

    @staticmethod
    def open(folder: bytes, mode: str, options: Sequence[tuple[str, str]], vocabulary: bytes, threads: int, notice: object | None) -> Engine: ...

    def add(self, id: str, pictures: Sequence[Picture], metadata: Sequence[tuple[str, str]]) -> None: ...

    def add_picture(self, id: str, picture: Picture) -> None: ...

    def remove_picture(self, id: str, picture: str) -> None: ...

    def set_metadata(self, id: str, metadata: Sequence[tuple[str, str]]) -> None: ...

    def remove(self, ids: Sequence[str]) -> None: ...

    def index(self, catalogue: Catalogue, threads: int, prune: bool, progress: object | None, outcome: object | None) -> str: ...

    def query(self, photo: Picture, top: int, all: bool, exact: bool, explain: bool, where: Sequence[tuple[str, str]], without: Sequence[str], cancel: CancelToken | None) -> str: ...

    def shortlist(self, features: FeatureSet, top: int, where: Sequence[tuple[str, str]], without: Sequence[str]) -> list[tuple[str, str, float]]: ...

    def match(self, photo: Picture, item: Picture) -> str: ...

    def find(self, id: str) -> str | None: ...

    def items(self, options: ListOptions) -> str: ...

    def count(self, where: Sequence[tuple[str, str]]) -> int: ...

    def preview(self, id: str, picture: int) -> bytes: ...

    def twins(self) -> str: ...

    def stats(self) -> str: ...

    def checkpoint(self, progress: object | None) -> None: ...

    def rebuild(self, progress: object | None) -> None: ...

    def check(self) -> tuple[int, list[str]]: ...

    def refresh(self) -> bool: ...

    def write_vocabulary(self, file: bytes) -> None: ...

    def snapshot(self, folder: bytes) -> None: ...

    def options(self) -> str: ...

    def close(self) -> None: ...

    @property
    def closed(self) -> bool: ...

def match(photo: Picture, item: Picture, options: Sequence[tuple[str, str]]) -> str: ...

def after_fork() -> None: ...
