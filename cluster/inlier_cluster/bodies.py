"""What a client sends to the writer, read as the service reads it: pictures, forms, metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from inlier_cluster.problems import ProblemError

MAX_PICTURES = 64
MAX_METADATA_BYTES = 64 << 10


@dataclass
class ItemBody:
    """The pictures and metadata of an item, as they came."""

    pictures: list[bytes] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)


def read_item(content_type: str, body: bytes) -> ItemBody:
    """The body of PUT: a picture, or a form with any number of 'picture' and one 'metadata'. Raises
    ProblemError."""
    header = Message()
    header["Content-Type"] = content_type or "application/octet-stream"
    kind = header.get_content_type()
    if kind == "multipart/form-data":
        return _read_form(body, str(header.get_param("boundary", "")))
    if header.get_content_maintype() != "image" and kind != "application/octet-stream":
        raise ProblemError(415, "unsupported_media_type", f"A body of the type {kind} is not read.")
    if not body:
        raise ProblemError(400, "empty_body", "The body is empty.")
    return ItemBody([body])


def read_patch(content_type: str, body: bytes) -> dict[str, str | None]:
    """The body of PATCH: ``{"metadata": {column: value or null}}``. Raises ProblemError."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("application/merge-patch+json", "application/json"):
        raise ProblemError(
            415, "unsupported_media_type", f"A patch of the type {kind} is not read."
        )
    row = _parsed(body)
    if not isinstance(row, dict) or set(row) != {"metadata"}:
        text = "The patch is not an object with 'metadata' and nothing else."
        raise ProblemError(400, "invalid_argument", text, "metadata")
    return _columns(row["metadata"])


def _read_form(body: bytes, boundary: str) -> ItemBody:
    item, metadata = ItemBody(), False
    for name, content in _parts(body, boundary):
        if name == "picture":
            item.pictures.append(content)
        elif name == "metadata" and not metadata:
            columns = _columns(_parsed(content))
            item.metadata = {name: value for name, value in columns.items() if value is not None}
            metadata = True
        else:
            raise ProblemError(400, "invalid_form", f"A part '{name}' is not expected.", name)
    if not 0 < len(item.pictures) <= MAX_PICTURES:
        text = f"1 to {MAX_PICTURES} parts 'picture' are wanted, and {len(item.pictures)} came."
        raise ProblemError(400, "invalid_form", text, "picture")
    return item


def _parts(body: bytes, boundary: str) -> Iterator[tuple[str, bytes]]:
    """The name and the content of each part of a form (RFC 7578)."""
    line = b"--" + boundary.encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + line)
    if not boundary or len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ProblemError(
            400, "invalid_form", "The form has no end, or its boundary is not there."
        )
    for piece in pieces[1:-1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        part = Message()
        for row in head.decode("utf-8", "replace").split("\r\n"):
            key, _, value = row.partition(":")
            if key.strip():
                part[key.strip()] = value.strip()
        name = part.get_param("name", header="Content-Disposition")
        if not blank or not isinstance(name, str):
            raise ProblemError(400, "invalid_form", "A part of the form has no name.")
        yield name, content


def _parsed(text: bytes) -> Any:
    if len(text) > 6 * MAX_METADATA_BYTES:
        raise ProblemError(400, "invalid_argument", "The text is too long for an item's metadata.")
    try:
        # Numbers stay the texts that they are.
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ProblemError(400, "invalid_argument", "The text is not JSON.", "metadata") from None


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _columns(row: Any) -> dict[str, str | None]:
    if not isinstance(row, dict):
        raise ProblemError(
            400, "invalid_argument", "The metadata is not a JSON object.", "metadata"
        )
    columns: dict[str, str | None] = {}
    for name, value in row.items():
        if not name or isinstance(value, (dict, list)):
            text = f"The value of '{name}' is neither a text nor a number nor a truth value."
            raise ProblemError(400, "invalid_argument", text, "metadata")
        columns[name] = json.dumps(value) if isinstance(value, bool) else value
    size = sum(
        len(text.encode("utf-8", "replace")) for pair in columns.items() for text in pair if text
    )
    if size > MAX_METADATA_BYTES:
        text = f"The metadata of an item has at most {MAX_METADATA_BYTES} bytes."
        raise ProblemError(400, "invalid_argument", text, "metadata")
    return columns
