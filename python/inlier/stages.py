"""The stages of a query one by one, so that each can be looked at or swapped for another method:

extract → shortlist → match_features → verify

Arrays are views of what the engine has made: nothing is copied, they keep it alive, and they cannot
be written. Features of another library are given as :meth:`Features.from_arrays`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from inlier import _inlier
from inlier._arguments import Options, check_count, check_text, option_pairs
from inlier.pictures import Order, PictureLike, as_picture

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Doubles = npt.NDArray[np.float64]
    Bytes = npt.NDArray[np.uint8]
    Numbers = npt.NDArray[np.uint32]

_MOST_FEATURES = 65_535


def _array(values: Any, dtype: type[np.generic], columns: int | None, what: str) -> Any:
    """The array in one piece. Values are converted only between kinds that lose nothing."""
    array = np.asarray(values)
    wanted = np.dtype(dtype)
    if array.dtype != wanted:
        if array.dtype.kind not in {"f": "fiu", "u": "iu"}[wanted.kind] or wanted == np.uint8:
            raise TypeError(f"{what}: an array of {wanted} is wanted, got {array.dtype}")
        if wanted.kind == "u" and array.size and array.min() < 0:
            raise ValueError(f"{what}: a number is below 0")
        array = array.astype(wanted)
    shape = "(n,)" if columns is None else f"(n, {columns or 'd'})"
    if array.ndim != (1 if columns is None else 2) or (columns and array.shape[1] != columns):
        raise ValueError(f"{what}: the shape {shape} is wanted, got {array.shape}")
    return np.ascontiguousarray(array)


class Features:
    """The local features of one picture. ``len`` is how many there are."""

    def __init__(self, features: _inlier.FeatureSet) -> None:
        self._features = features

    @classmethod
    def from_arrays(
        cls,
        keypoints: Floats,
        descriptors: Bytes,
        size: tuple[int, int],
        *,
        kind: Literal["bytes", "bits"] = "bytes",
        responses: Floats | None = None,
    ) -> Self:
        """Features of another library, copied.

        ``keypoints``: float32 (n, 4): x, y and scale in pixels, angle in radians, clockwise with y
        down. ``descriptors``: uint8 (n, d), which are compared by L2, or packed bits with
        ``kind="bits"``. ``size``: width and height of the picture in pixels. Raises TypeError and
        ValueError, which name what was given and wanted.
        """
        points = _array(keypoints, np.float32, 4, "keypoints")
        rows = _array(descriptors, np.uint8, 0, "descriptors")
        strength = None if responses is None else _array(responses, np.float32, None, "responses")
        if len(points) != len(rows) or (strength is not None and len(strength) != len(points)):
            raise ValueError(f"{len(points)} keypoints, but {len(rows)} descriptors")
        if len(points) > _MOST_FEATURES:
            raise ValueError(f"at most {_MOST_FEATURES} features are taken, got {len(points)}")
        if rows.shape[1] > 65_535:
            raise ValueError("a descriptor has at most 65,535 bytes")
        if not np.isfinite(points).all():
            raise ValueError("keypoints: a number is not finite")
        if kind not in ("bytes", "bits"):
            raise ValueError(f"kind has to be 'bytes' or 'bits', got {kind!r}")
        width = check_count(size[0], "the width", most=1_000_000)
        height = check_count(size[1], "the height", most=1_000_000)
        features = _inlier.FeatureSet.from_arrays(
            points, rows, strength, width, height, kind == "bits"
        )
        return cls(features)

    @property
    def keypoints(self) -> Floats:
        """float32 (n, 4): x, y and scale (the diameter) in pixels of the picture in full, angle in
        radians, clockwise with y down. A view."""
        return self._features.keypoints

    @property
    def responses(self) -> Floats:
        """float32 (n,): the strength that the detector gives, negative for spots that are brighter
        than what is around them. A view."""
        return self._features.responses

    @property
    def descriptors(self) -> Bytes:
        """uint8 (n, d), one row a keypoint. A view."""
        return self._features.descriptors

    @property
    def kind(self) -> str:
        """How descriptors are compared: "bytes" by L2, "bits" by Hamming, "embedding" by cosine."""
        return self._features.kind

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in full, in pixels."""
        return self._features.size

    def __len__(self) -> int:
        return len(self._features)

    def __repr__(self) -> str:
        return f"<Features {len(self)} × {self.descriptors.shape[1]} {self.kind}>"


class Matches:
    """Pairs of features, one of a photo and one of an item."""

    def __init__(self, matches: _inlier.MatchSet) -> None:
        self._matches = matches

    @classmethod
    def from_pairs(cls, pairs: Numbers) -> Self:
        """Pairs of another matcher, whole numbers (m, 2): feature of the photo, of the item."""
        array = _array(pairs, np.uint32, 2, "pairs")
        return cls(_inlier.MatchSet.from_pairs(array))

    @property
    def pairs(self) -> Numbers:
        """uint32 (m, 2): number of the photo's feature, number of the item's feature. A view."""
        return self._matches.pairs

    @property
    def distances(self) -> Floats:
        """float32 (m,): between the descriptors. A view."""
        return self._matches.distances

    @property
    def ratios(self) -> Floats:
        """float32 (m,): the distance over that of the second nearest feature. A view."""
        return self._matches.ratios

    def __len__(self) -> int:
        return len(self._matches)

    def __repr__(self) -> str:
        return f"<Matches {len(self)}>"


class Geometry:
    """A homography that most matches agree with, and that a flat item could have."""

    def __init__(self, geometry: _inlier.Verified) -> None:
        self._geometry = geometry

    @property
    def homography(self) -> Doubles:
        """float64 (3, 3), from pixels of the item to pixels of the photo."""
        return self._geometry.homography

    @property
    def polygon(self) -> Doubles:
        """float64 (4, 2): the item's corners in the photo, clockwise from its top left."""
        return self._geometry.polygon

    @property
    def inliers(self) -> Matches:
        """The matches that agree, one-to-one."""
        return Matches(self._geometry.inliers)

    @property
    def item_coverage(self) -> float:
        """The share of the item's area with features that has inliers."""
        return self._geometry.item_coverage

    @property
    def photo_share(self) -> float:
        """Inliers over the photo's features inside the outline."""
        return self._geometry.photo_share

    @property
    def mean_error_px(self) -> float:
        """Of the inliers, as if the photo's long side were 800 px."""
        return self._geometry.mean_error_px

    def __repr__(self) -> str:
        return f"<Geometry {len(self.inliers)} inliers, {self.mean_error_px:.1f} px>"


def extract(
    picture: PictureLike,
    method: str = "sift",
    *,
    order: Order | None = None,
    options: Options | None = None,
) -> Features:
    """The features of a picture: "sift" (n × 128 bytes), "surf" and "xfeat" (64), "orb" and
    "brief" (32, bits), the strongest first. ``options`` are those of the stage ``extract``, as in
    {"max_features": 3000}. A database keeps 64 coefficients of a SIFT row unless it was told
    otherwise, and so does this function with {"sift_full": False}."""
    pairs = [("extract.method", check_text(method, "method")), ("extract.sift_full", "true")]
    pairs += option_pairs(options, "extract.")
    return Features(_inlier.extract(as_picture(picture, order, "picture"), pairs))


def pixel_hash(
    picture: PictureLike,
    *,
    order: Order | None = None,
    options: Options | None = None,
) -> str:
    """What a database calls the pixels of a picture: equal for pictures whose decoded pixels are
    equal, whatever their files are like. ``options`` are those that the database was made with, as
    in {"extract.method": "orb"}, since its method decides at what size a picture is decoded."""
    return _inlier.pixel_hash(as_picture(picture, order, "picture"), option_pairs(options))


def match_features(
    photo: Features,
    item: Features,
    *,
    options: Options | None = None,
) -> Matches:
    """Mutual nearest neighbours that pass the ratio test, in the order of the photo's features.
    ``options`` are those of the stage ``match``, as in {"ratio": 0.8}."""
    return Matches(
        _inlier.match_features(
            _features(photo, "photo"), _features(item, "item"), option_pairs(options, "match.")
        )
    )


def verify(
    photo: Features,
    item: Features,
    matches: Matches | Numbers,
    *,
    options: Options | None = None,
) -> Geometry | None:
    """The homography that most of the matches agree with (MAGSAC++ from similarities that every
    match proposes), or None when there is no plausible one. Of the features only the keypoints and
    the size are read."""
    if not isinstance(matches, Matches):
        matches = Matches.from_pairs(matches)
    geometry = _inlier.verify(
        _features(photo, "photo"),
        _features(item, "item"),
        matches._matches,
        option_pairs(options, "match."),
    )
    return None if geometry is None else Geometry(geometry)


class Vocabulary:
    """Visual words: cells that descriptors of bytes or bits fall into. It never changes."""

    def __init__(self, vocabulary: _inlier.FeatureVocabulary) -> None:
        self._vocabulary = vocabulary

    @classmethod
    def train(
        cls, features: Iterable[Features], cells: int = 1024, *, seed: int = 20, threads: int = 1
    ) -> Self:
        """Learns the cells by k-means from all rows of these features. The same rows and seed give
        the same cells for any number of threads."""
        samples = [_features(one, "features") for one in features]
        count = check_count(cells, "cells", most=1 << 20)
        number = check_count(seed, "seed", 0, 2**31 - 1)
        workers = check_count(threads, "threads", most=1024)
        return cls(_inlier.FeatureVocabulary.train(samples, count, number, workers))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Raises NotFoundError, CorruptError, IncompatibleError."""
        return cls(_inlier.FeatureVocabulary.load(os.fsencode(path)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Replaces the file in one step."""
        self._vocabulary.save(os.fsencode(path))

    def assign(self, features: Features, probes: int = 1) -> npt.NDArray[np.int32]:
        """int32 (n, probes): the nearest cells of each feature, nearest first; −1 in place of cells
        that are much farther than the nearest."""
        count = check_count(probes, "probes", most=self.cells)
        return self._vocabulary.assign(_features(features, "features"), count)

    @property
    def cells(self) -> int:
        return self._vocabulary.cells

    def __len__(self) -> int:
        return self.cells

    def __repr__(self) -> str:
        return f"<Vocabulary {self.cells} cells>"


class Shortlist:
    """The first stage of a database alone, in memory: features of pictures are added under an id,
    and those of a photo vote for them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._index = _inlier.FeatureIndex(vocabulary._vocabulary)
        self._ids: list[str] = []

    def add(self, id: str, features: Features) -> None:
        """Adds a picture. An id may have several."""
        self._index.add(_features(features, "features"))
        self._ids.append(check_text(id, "an id"))

    def search(
        self,
        photo: Features,
        top: int = 50,
        *,
        options: Options | None = None,
    ) -> tuple[list[str], Floats]:
        """The ids of the pictures with the most votes, best first, and their votes, float32 (m,).
        ``options`` are those of the stage ``shortlist``, as in {"probes": 8}."""
        faces, votes = self._index.search(
            _features(photo, "photo"), check_count(top, "top"), option_pairs(options, "shortlist.")
        )
        return [self._ids[face] for face in faces], votes

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return f"<Shortlist {len(self)} pictures, {self.vocabulary.cells} cells>"


def _features(features: object, what: str) -> _inlier.FeatureSet:
    if not isinstance(features, Features):
        raise TypeError(f"{what}: Features are wanted, got {type(features).__name__}")
    return features._features
