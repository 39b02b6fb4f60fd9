"""The bench from Python: a callable beside the built-in methods, in the same report.

`inlier bench` writes down what there is to find and to ask, the callable answers, and its answers
go back as a file. docs/PYTHON.md describes both files, so that a program in any language can take
part."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

from inlier._arguments import Options, check_count, option_pairs
from inlier._command import program
from inlier.errors import Error, InvalidArgumentError
from inlier.pictures import read_picture
from inlier.values import Answer, Json

if TYPE_CHECKING:
    import numpy.typing as npt

    Vectors = npt.NDArray[np.floating[Any]]

Photo: TypeAlias = "npt.NDArray[np.uint8]"
Ranked: TypeAlias = Answer | Iterable[str] | Iterable[tuple[str, float]]
Method: TypeAlias = Union[
    str, Callable[[list[Photo]], "Vectors"], Callable[[Photo], Ranked], "Answering"
]

_DEPTH = 60  # as many items of an answer are evaluated
_BATCH = 16  # pictures that are described at once


class Answering:
    """A method that is told the catalogue first, and then answers each photo. Subclass it when a
    function is not enough."""

    name = "mine"

    def learn(self, items: Mapping[str, list[Path]]) -> None:
        """Called once, with the pictures of each id."""

    def answer(self, photo: Photo) -> Ranked:
        """The ids that the photo shows, best first; with scores, or as an Answer, if there are any.
        ``photo`` is uint8 (H, W, 3) in blue, green, red."""
        raise NotImplementedError


class _Embedding(Answering):
    """Images → vectors: items are ordered by the cosine of their nearest picture."""

    def __init__(self, describe: Callable[[list[Photo]], Vectors]) -> None:
        self._describe = describe
        self._ids: list[str] = []
        self._rows = np.zeros((0, 0), np.float32)

    def learn(self, items: Mapping[str, list[Path]]) -> None:
        pictures = [(id, path) for id, paths in items.items() for path in paths]
        rows = []
        for begin in range(0, len(pictures), _BATCH):
            part = pictures[begin : begin + _BATCH]
            read = []
            for id, path in part:
                try:
                    read.append(read_picture(path))
                except Error:
                    continue
                self._ids.append(id)
            if read:
                rows.append(self._vectors(read))
        self._rows = np.vstack(rows) if rows else self._rows

    def answer(self, photo: Photo) -> Ranked:
        cosines = self._rows @ self._vectors([photo])[0]
        best: dict[str, float] = {}
        for number in np.argsort(-cosines, kind="stable"):
            best.setdefault(self._ids[number], float(cosines[number]))
        return list(best.items())

    def _vectors(self, pictures: list[Photo]) -> npt.NDArray[np.float32]:
        vectors = np.asarray(self._describe(pictures), dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(pictures):
            raise ValueError(
                f"a method images → vectors gives an array ({len(pictures)}, d) for "
                f"{len(pictures)} pictures, got {vectors.shape}"
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


class _Ranking(Answering):
    """Photo → ranked ids."""

    def __init__(self, rank: Callable[[Photo], Ranked]) -> None:
        self._rank = rank

    def answer(self, photo: Photo) -> Ranked:
        return self._rank(photo)


def bench(
    datasets: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    methods: Sequence[Method] = ("sift",),
    *,
    out: str | os.PathLike[str],
    distractors: Sequence[str | os.PathLike[str]] = (),
    threads: int = 1,
    options: Options | None = None,
    report: bool = True,
    quiet: bool = False,
) -> Json:
    """Compares methods on data sets as `inlier bench` does, and returns the figures that it writes
    to ``out``/results.json. The page to read is ``out``/report.html.

    ``methods`` are names of built-in ones, and callables: one whose only parameter is called
    ``images`` is given a list of pictures and gives vectors (n, d), which are compared by their
    cosine; any other is given a photo and gives ids as they are in the gallery (DATASET/ID), best
    first, or pairs of an id and a score. An :class:`Answering` is told the catalogue first.
    Pictures are uint8 (H, W, 3) in blue, green, red. An exception of a method fails its photo.
    """
    folders = [datasets] if isinstance(datasets, str | os.PathLike) else list(datasets)
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    command = [program(), "bench", *[os.fspath(folder) for folder in folders], "--out", str(target)]
    for folder in distractors:
        command += ["--distractors", os.fspath(folder)]
    command += ["--threads", str(check_count(threads, "threads", most=1024))]
    command += ["--quiet"] if quiet else []
    names: list[str] = []
    own: dict[str, Answering] = {}
    for method in methods:
        name = method if isinstance(method, str) else _name_of(method)
        if name in names:
            raise ValueError(f"two methods are called {name!r}")
        names.append(name)
        if not isinstance(method, str):
            own[name] = _answering(method)
    if own:
        gallery = target / "gallery.jsonl"
        _run([*command, "--gallery", str(gallery)], quiet)
        for name, one in own.items():
            file = target / f"given-{name}.jsonl"
            _answer_all(one, gallery, file, None if quiet else name)
            command += ["--answers", f"{name}={file}"]
    for option, value in option_pairs(options):
        command += ["--set", f"{option}={value}"]
    command += ["--methods", ",".join(names), *([] if report else ["--no-report"])]
    _run(command, quiet)
    figures: Json = json.loads((target / "results.json").read_text())
    return figures


def _name_of(method: Any) -> str:
    name = getattr(method, "name", None) or getattr(method, "__name__", type(method).__name__)
    return re.sub(r"[^A-Za-z0-9_-]+", "-", str(name)).strip("-") or "mine"


def _answering(method: Any) -> Answering:
    if isinstance(method, Answering):
        return method
    if not callable(method):
        raise TypeError(f"a method is a name or a callable, got {type(method).__name__}")
    try:
        parameters = list(inspect.signature(method).parameters)
    except ValueError:
        parameters = []
    return _Embedding(method) if parameters == ["images"] else _Ranking(method)


def _run(command: list[str], quiet: bool) -> None:
    """Runs the command. What it prints goes to stderr; an error has its last line as the text."""
    said = b""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while part := os.read(process.stderr.fileno(), 65_536):
            said = (said + part)[-65_536:]
            if not quiet:
                sys.stderr.write(part.decode(errors="replace"))
    if process.returncode != 0:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        raise InvalidArgumentError("".join(last).removeprefix("inlier: "))


def _answer_all(method: Answering, gallery: Path, file: Path, shown: str | None) -> None:
    lines = [json.loads(line) for line in gallery.read_text().splitlines()]
    head, rest = lines[0], lines[1:]
    method.learn(
        {row["item"]: [Path(image) for image in row["images"]] for row in rest if "item" in row}
    )
    photos = [row for row in rest if "photo" in row]
    written = file.with_suffix(".part")
    with written.open("w") as out:
        out.write(json.dumps({"gallery": head["gallery"], "method": shown}) + "\n")
        for row in photos:
            out.write(json.dumps({"photo": row["photo"], **_answer_of(method, row)}) + "\n")
            if shown is not None:
                sys.stderr.write(f"\r{shown}: {row['photo'] + 1} of {len(photos)} photos")
        if shown is not None:
            sys.stderr.write("\n")
    written.replace(file)


def _answer_of(method: Answering, row: Json) -> Json:
    try:
        photo = read_picture(row["image"])
        if row["crop"] is not None:
            left, top, right, bottom = (round(edge) for edge in row["crop"])
            photo = photo[max(top, 0) : bottom, max(left, 0) : right]
        wall, cpu = time.perf_counter(), time.process_time()
        hits = _hits_of(method.answer(photo))
        return {
            "hits": hits,
            "ms": 1e3 * (time.perf_counter() - wall),
            "cpu_ms": 1e3 * (time.process_time() - cpu),
        }
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _hits_of(ranked: Ranked) -> list[Json]:
    hits: list[Json] = []
    for hit in ranked:
        if len(hits) == _DEPTH:
            break
        if isinstance(hit, str):
            hits.append({"id": hit})
        elif isinstance(hit, tuple):
            hits.append({"id": hit[0], "score": float(hit[1])})
        else:
            fields = hit.to_dict()
            kept = ("id", "score", "probability", "accepted", "inliers", "polygon")
            hits.append({name: fields[name] for name in kept})
    return hits
