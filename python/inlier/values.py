"""The values that a database answers with. All are frozen. Their numbers are those that the command
line and the service give, to the last digit; ``to_dict`` gives the JSON itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from inlier.pictures import Order, PictureLike

Json: TypeAlias = dict[str, Any]
Floats: TypeAlias = "npt.NDArray[np.float64]"


def _array(numbers: Any, shape: tuple[int, ...]) -> Floats | None:
    if numbers is None:
        return None
    array = np.array(numbers, dtype=np.float64).reshape(shape)
    array.setflags(write=False)
    return array


class Value:
    """What all values have in common: they are made of a JSON object, and never change."""

    __slots__ = ("_json",)
    _json: Json

    def __init__(self, json: Json) -> None:
        object.__setattr__(self, "_json", json)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._json == other._json

    def __hash__(self) -> int:
        return hash(json.dumps(self._json, sort_keys=True))

    def __reduce__(self) -> tuple[type, tuple[Json]]:
        return type(self), (self._json,)

    def to_dict(self) -> Json:
        """A copy of the JSON object that the command line and the service give."""
        return copy.deepcopy(self._json)

    def to_frame(self) -> pd.DataFrame:
        """A data frame of pandas with one row. Columns of the metadata are ``metadata.NAME``."""
        return _frame([self])


def _frame(values: Sequence[Value]) -> pd.DataFrame:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("to_frame needs pandas: pip install 'inlier[frames]'") from error
    rows = []
    for value in values:
        row = value.to_dict()
        for name, text in row.pop("metadata", {}).items():
            row[f"metadata.{name}"] = text
        rows.append(row)
    return pd.DataFrame(rows)


class Named(Value):
    """A value that is about one item."""

    __slots__ = ()

    @property
    def id(self) -> str:
        return str(self._json["id"])

    @property
    def metadata(self) -> Mapping[str, str]:
        return MappingProxyType(self._json["metadata"])


class _Placed(Value):
    """A value with a place in a photo."""

    __slots__ = ()

    @property
    def accepted(self) -> bool:
        """Whether the photo shows the item, as far as can be told."""
        return bool(self._json["accepted"])

    @property
    def probability(self) -> float:
        """Calibrated: that the item truly is in the photo, from 0 to 1."""
        return float(self._json["probability"])

    @property
    def score(self) -> float | None:
        """The evidence in nats; 0 is even odds. None where nothing was found."""
        score = self._json["score"]
        return None if score is None else float(score)

    @property
    def inliers(self) -> int:
        """One-to-one matches that agree with the geometry."""
        return int(self._json["inliers"])

    @property
    def polygon(self) -> Floats | None:
        """Where the item's corners lie in the photo, float64 (4, 2), in pixels of the upright photo
        in full, clockwise from the item's top left. None without a geometry."""
        return _array(self._json["polygon"], (4, 2))

    @property
    def homography(self) -> Floats | None:
        """float64 (3, 3), from pixels of the item's picture to pixels of the photo. None without a
        geometry, or when ``explain`` was not asked for."""
        return _array(self._json.get("homography"), (3, 3))

    @property
    def matches(self) -> Floats | None:
        """The points that agree, float64 (n, 4): x and y in the photo, x and y in the item. None
        when ``explain`` was not asked for."""
        return _array(self._json.get("matches"), (-1, 4))


class Hit(Named, _Placed):
    """One item that a photo may show."""

    __slots__ = ()

    @property
    def rank(self) -> int:
        """From 1."""
        return int(self._json["rank"])

    @property
    def picture(self) -> str:
        """The item's picture that was found: its path, or the hash of its content."""
        return str(self._json["picture"])

    @property
    def twins(self) -> tuple[str, ...]:
        """Other items that this photo cannot tell from this one."""
        return tuple(self._json.get("twins", ()))

    @property
    def kind(self) -> str:
        """``"same"``, or ``"similar"`` for what looks like the photo as a whole: method ``hybrid``
        names such items when nothing is accepted, and never accepts them."""
        return str(self._json.get("kind", "same"))

    @property
    def reason(self) -> str | None:
        """Why the hit is not accepted, as one word; None when it is."""
        reason = self._json["reason"]
        return None if reason is None else str(reason)

    @property
    def evidence(self) -> Mapping[str, float] | None:
        """What the score was made from; None when ``explain`` was not asked for."""
        evidence = self._json.get("evidence")
        return None if evidence is None else MappingProxyType(evidence)

    def __repr__(self) -> str:
        why = "" if self.accepted else f", not accepted: {self.reason}"
        return f"<Hit {self.id!r}, probability {self.probability:.3f}, {self.inliers} inliers{why}>"

    def _repr_html_(self) -> str:
        from inlier._html import table_of

        return table_of([self])


class Answer(Value, Sequence[Hit]):
    """What a photo shows: a sequence of hits, the accepted ones first. No accepted hit means that
    the photo shows nothing of the catalogue."""

    __slots__ = ("_hits", "_order", "_photo")
    _hits: tuple[Hit, ...]
    _photo: PictureLike | None
    _order: Order | None

    def __init__(
        self, json: Json, photo: PictureLike | None = None, order: Order | None = None
    ) -> None:
        super().__init__(json)
        object.__setattr__(self, "_hits", tuple(Hit(hit) for hit in json["hits"]))
        object.__setattr__(self, "_photo", photo)
        object.__setattr__(self, "_order", order)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self._hits[index]

    def __len__(self) -> int:
        return len(self._hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self._hits)

    @property
    def photo(self) -> str:
        """The path of the photo, or nothing when it came as bytes or pixels."""
        return str(self._json["photo"])

    @property
    def hits(self) -> tuple[Hit, ...]:
        return self._hits

    @property
    def accepted(self) -> tuple[Hit, ...]:
        """The hits that are accepted."""
        return tuple(hit for hit in self._hits if hit.accepted)

    @property
    def status(self) -> str:
        """ "found", "not_in_catalogue", "no_features" or, when a part of a service did not answer,
        "unknown"; further words may come."""
        return str(self._json["status"])

    @property
    def features(self) -> int:
        """How many features the photo has."""
        return int(self._json["features"])

    @property
    def where_matched(self) -> int | None:
        """How many items satisfy ``where``; None without conditions."""
        return self._json.get("where_matched")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the photo's file."""
        return tuple(self._json.get("warnings", ()))

    @property
    def generation(self) -> int:
        return int(self._json["generation"])

    @property
    def last_change(self) -> int:
        """The number of the last change that the search saw."""
        return int(self._json["last_change"])

    @property
    def coverage(self) -> Mapping[str, float] | None:
        """Of a service over several shards: how many there are ("shards"), how many have answered
        ("answered"), and the share of the items that these hold ("share_of_items")."""
        covered = self._json.get("coverage")
        return None if covered is None else MappingProxyType(covered)

    @property
    def timings_ms(self) -> Mapping[str, float]:
        """Milliseconds of each stage, by the clock."""
        return MappingProxyType(self._json["timings_ms"])

    def to_frame(self) -> pd.DataFrame:
        """A data frame of pandas with one row a hit."""
        return _frame(self._hits)

    def __repr__(self) -> str:
        shown = ", ".join(f"{hit.id!r} {hit.probability:.3f}" for hit in self._hits[:3])
        more = ", …" if len(self._hits) > 3 else ""
        return f"<Answer {self.status}: {shown}{more}>" if shown else f"<Answer {self.status}>"

    def _repr_html_(self) -> str:
        from inlier._html import answer_page

        return answer_page(self, self._photo, self._order)


class Match(_Placed):
    """What two pictures have in common."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return self.accepted

    def __repr__(self) -> str:
        verdict = "accepted" if self.accepted else "not accepted"
        return f"<Match {verdict}, probability {self.probability:.3f}, {self.inliers} inliers>"
