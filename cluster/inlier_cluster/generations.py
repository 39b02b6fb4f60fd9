"""Generations: the database folder of one virtual shard, stored as objects, and back.

Files are cut into pieces, which are objects below ``generations/SHARD/NUMBER-NAME/`` with names of
their own; NAME is random, so two that make the same generation never meet. A manifest lists the
files with their pieces and hashes, and the root names the manifest with its hash. A file that the
generation before had as well is not stored again: the new manifest names the old pieces.

Beside the files, the manifest names an object with the ids of the items, from which a writer learns
where each item lives.
"""

from __future__ import annotations

import gzip
import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import inlier

from inlier_cluster.collection import Collection
from inlier_cluster.errors import DamagedError, IncompatibleError, InvalidRequestError
from inlier_cluster.recipe import check_same, recipe_of
from inlier_cluster.root import Generation
from inlier_cluster.sealed import seal, sha256_of, unseal
from inlier_cluster.store import Store

FOLDER = "generations"
PIECE_BYTES = 32 << 20
_THREADS = 4
_NOT_STORED = ("LOCK", "LOG")  # of RocksDB: whoever opens the database makes them


@dataclass(frozen=True)
class Piece:
    object: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class StoredFile:
    """A file of a database folder, and the objects that it is made of when they are laid end to
    end."""

    path: str
    sha256: str
    bytes: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Manifest:
    """All files of a generation, and the object with the ids of its items."""

    shard: int
    number: int
    files: tuple[StoredFile, ...]
    ids: Piece

    def pieces(self) -> Iterator[Piece]:
        yield self.ids
        for file in self.files:
            yield from file.pieces


def upload(
    collection: Collection,
    shard: int,
    folder: Path,
    covered_change: int | None = None,
    base: Generation | None = None,
) -> Generation:
    """Stores a database folder, which nobody has open for changes, as the next generation of a
    shard. Nothing names it yet: ``collection.swap`` does.

    ``covered_change`` is the last change that it contains; without it, the one that the generation
    before it covers, which is ``base`` or the present one. Raises IncompatibleError unless the
    database has the recipe of the collection."""
    base = base or collection.root.shards[shard]
    covered = base.covered_change if covered_change is None else covered_change
    ids = _ids_of(collection, folder)
    known = (
        {file.sha256: file for file in manifest_of(collection, base).files} if base.number else {}
    )
    number = base.number + 1
    place = f"{FOLDER}/{shard:05d}/{number:08d}-{secrets.token_hex(8)}"
    found = [(path, str(path.relative_to(folder)), _hash_of(path)) for path in _files_of(folder)]
    new = {path: digest for path, _, digest in found if digest not in known}
    stored = _store_files(collection.store, place, new)
    files = tuple(
        replace(known[digest], path=name)
        if digest in known
        else StoredFile(name, digest, path.stat().st_size, stored[path])
        for path, name, digest in found
    )
    id_bytes = gzip.compress("".join(f"{json.dumps(one)}\n" for one in ids).encode(), mtime=0)
    id_piece = Piece(f"{place}/ids", sha256_of(id_bytes), len(id_bytes))
    collection.store.create(id_piece.object, id_bytes)
    manifest = Manifest(shard, number, files, id_piece)
    content = seal("manifest", asdict(manifest))
    name = f"{place}/manifest.json"
    collection.store.create(name, content)
    return Generation(
        shard=shard,
        number=number,
        covered_change=covered,
        manifest=name,
        sha256=sha256_of(content),
        items=len(ids),
        bytes=sum(file.bytes for file in files),
    )


def download(collection: Collection, shard: int, folder: Path) -> Generation:
    """Writes the present generation of a shard into a new folder, every byte checked, and returns
    it. Nothing of the folder stays when that fails. A shard without a generation gives an empty
    database with the recipe of the collection.

    A generation that is being replaced meanwhile may vanish: then the newest root is opened, and
    the download begins again. Raises DamagedError, StorageError.
    """
    if folder.exists():
        raise InvalidRequestError(f"{folder}: it is there already")
    while True:
        generation = collection.root.shards[shard]
        try:
            fetch(collection, generation, folder)
            return generation
        except DamagedError:
            if collection.refresh().shards[shard] == generation:
                raise


def fetch(collection: Collection, generation: Generation, folder: Path) -> None:
    """The same for one generation, which may have been removed meanwhile: DamagedError."""
    if not generation.number:
        make_empty(collection, folder)
        return
    manifest = manifest_of(collection, generation)
    folder.mkdir(parents=True)
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda file: _fetch_file(collection.store, file, folder), manifest.files))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def manifest_of(collection: Collection, generation: Generation) -> Manifest:
    """The files of a generation. Raises DamagedError."""
    content = collection.store.get_checked(generation.manifest, generation.sha256)
    row = unseal(generation.manifest, "manifest", content)
    files = tuple(
        StoredFile(
            file["path"],
            file["sha256"],
            file["bytes"],
            tuple(Piece(**piece) for piece in file["pieces"]),
        )
        for file in row["files"]
    )
    manifest = Manifest(row["shard"], row["number"], files, Piece(**row["ids"]))
    if manifest.shard != generation.shard:
        raise DamagedError(generation.manifest, f"it is of shard {manifest.shard}")
    for file in files:
        if Path(file.path).is_absolute() or ".." in Path(file.path).parts:
            raise DamagedError(generation.manifest, f"{file.path!r} leaves the folder")
    return manifest


def ids_of(collection: Collection, generation: Generation) -> list[str]:
    """The ids of the items of a generation. Raises DamagedError."""
    if not generation.number:
        return []
    piece = manifest_of(collection, generation).ids
    lines = gzip.decompress(collection.store.get_checked(piece.object, piece.sha256))
    return [json.loads(line) for line in lines.splitlines()]


def make_empty(collection: Collection, folder: Path) -> None:
    """Makes a database without items, with the recipe and the vocabulary of the collection."""
    recipe = dict(collection.root.recipe)
    with (
        _vocabulary_file(collection) as words,
        inlier.open(folder, create=True, options=recipe, vocabulary=words),
    ):
        pass


@contextmanager
def _vocabulary_file(collection: Collection) -> Iterator[Path | None]:
    content = collection.vocabulary()
    if not content:
        yield None
        return
    with tempfile.TemporaryDirectory() as work:
        file = Path(work) / "vocabulary"
        file.write_bytes(content)
        yield file


def _ids_of(collection: Collection, folder: Path) -> list[str]:
    try:
        with (
            _vocabulary_file(collection) as words,
            inlier.open(folder, vocabulary=words) as database,
        ):
            check_same(collection.root.recipe, recipe_of(database))
            return list(database)
    except inlier.IncompatibleError as error:
        raise IncompatibleError(f"{folder}: {error}") from error


def _files_of(folder: Path) -> list[Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if not path.name.startswith(_NOT_STORED)]


def _hash_of(path: Path) -> str:
    digest = sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _store_files(
    store: Store, place: str, files: Mapping[Path, str]
) -> dict[Path, tuple[Piece, ...]]:
    """Stores files with these hashes, several pieces at once."""
    starts = {path: range(0, path.stat().st_size, PIECE_BYTES) for path in files}

    def one(path: Path, start: int) -> Piece:
        with open(path, "rb") as file:
            file.seek(start)
            content = file.read(PIECE_BYTES)
        name = f"{place}/{files[path]}-{start // PIECE_BYTES}"
        store.create(name, content)
        return Piece(name, sha256_of(content), len(content))

    with ThreadPoolExecutor(_THREADS) as pool:
        work = {path: [pool.submit(one, path, start) for start in starts[path]] for path in files}
        pieces = {path: tuple(piece.result() for piece in work[path]) for path in files}
    for path, digest in files.items():
        if _hash_of(path) != digest:
            raise InvalidRequestError(f"{path}: it changed while it was being stored")
    return pieces


def _fetch_file(store: Store, file: StoredFile, folder: Path) -> None:
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = sha256()
    with open(target, "xb") as out:
        for piece in file.pieces:
            content = store.get_checked(piece.object, piece.sha256)
            digest.update(content)
            out.write(content)
    if digest.hexdigest() != file.sha256:
        raise DamagedError(
            file.pieces[0].object if file.pieces else file.path,
            "the file that it is a piece of has another hash",
        )
