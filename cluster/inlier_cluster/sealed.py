"""Small objects of JSON that know whether they are whole.

A sealed object is one line of canonical JSON: keys sorted, no space, UTF-8, a newline at the end.
Its ``seal`` is the SHA-256, in hex, of the same line without the seal. Whoever reads it compares
every byte, so there is only one way to write an object, and a flipped bit is always seen as damage
and never changes what the object says. The format's number is checked after the seal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from inlier_cluster.errors import DamagedError, IncompatibleError

FORMAT = 1


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def seal(kind: str, body: Mapping[str, Any]) -> bytes:
    """The bytes of an object of this kind."""
    row = {**body, "format": FORMAT, "kind": kind}
    return _canonical({**row, "seal": sha256_of(_canonical(row))})


def unseal(name: str, kind: str, content: bytes) -> dict[str, Any]:
    """What an object says. ``name`` is how errors call it. Raises DamagedError,
    IncompatibleError."""
    try:
        row = json.loads(content)
        stated = row.pop("seal")
        whole = stated == sha256_of(_canonical(row)) and content == _canonical(
            {**row, "seal": stated}
        )
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise DamagedError(name, "it is not a sealed object") from error
    if not whole:
        raise DamagedError(name, "its content does not have the hash that it states")
    if row.get("kind") != kind:
        raise DamagedError(name, f"it is a {row.get('kind')}, and a {kind} is expected there")
    if row.get("format") != FORMAT:
        raise IncompatibleError(
            f"{name}: it has format {row.get('format')}, and this program reads format {FORMAT}"
        )
    return dict(row)


def seal_of(content: bytes) -> str:
    """The seal of an object that is whole."""
    return str(json.loads(content)["seal"])


def _canonical(row: Mapping[str, Any]) -> bytes:
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{text}\n".encode()
