"""What a client over HTTP is told of an error: ``application/problem+json`` (RFC 9457), in the
words of the service. Names of objects and messages of the storage go to the log and never to a
client."""

from __future__ import annotations

import json

import inlier

from inlier_cluster.errors import (
    ClusterError,
    DamagedError,
    InvalidRequestError,
    StorageError,
    StorageFullError,
    SupersededError,
)


class ProblemError(Exception):
    """Why a request is refused. ``field`` is the parameter, header or part that is wrong."""

    def __init__(self, status: int, kind: str, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.field = status, kind, detail, field

    def to_bytes(self) -> bytes:
        row = {
            "type": f"urn:inlier:problem:{self.kind}",
            "title": self.kind.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
        }
        return json.dumps({**row, "field": self.field} if self.field else row).encode()


_STORAGE = {
    "uncertain": "It is not known whether the change happened. Send it again with the same "
    "Idempotency-Key.",
    "storage_refused": "The storage refuses. Nothing of the change was kept.",
    "superseded": "Others changed so much meanwhile that it has to be sent again.",
}


def problem_of(error: ClusterError) -> ProblemError:
    if isinstance(error, InvalidRequestError):
        return ProblemError(400, "invalid_argument", str(error))
    if isinstance(error, StorageFullError):
        text = "The storage is full. Nothing of the change was kept."
        return ProblemError(507, "disk_full", text)
    if isinstance(error, StorageError | SupersededError):
        text = "The storage does not answer. Nothing of the change was kept."
        return ProblemError(503, error.cause, _STORAGE.get(error.cause, text))
    if isinstance(error, DamagedError):
        text = "The collection is damaged. The writer's log says more."
        return ProblemError(500, "damaged", text)
    return ProblemError(500, "internal", "The writer failed. Its log says more.")


def not_a_picture() -> ProblemError:
    text = "The bytes are no picture of a format that is read."
    return ProblemError(415, "not_a_picture", text)


def problem_of_picture(error: inlier.BadImageError) -> ProblemError:
    if error.cause == "not a picture":
        return not_a_picture()
    if error.cause == "unsupported":
        text = "The picture is of a kind that is known and not read."
        return ProblemError(415, "unsupported_picture", text)
    if error.cause == "too large":
        text = "The picture is beyond the limits of pixels or memory."
        return ProblemError(413, "picture_too_large", text)
    text = "The picture is damaged: pixels are missing, or its file contradicts itself."
    return ProblemError(422, "damaged_picture", text)
