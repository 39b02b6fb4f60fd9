"""How requests go to a server: deadlines, what is tried again, and problems as errors.

A request is tried again when the server has not begun with it (it could not be reached, or it said
429 or 503), or when the connection broke and doing it twice changes nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from inlier.errors import (
    AccessError,
    AlreadyExistsError,
    BadImageError,
    ConflictError,
    ConnectionFailedError,
    DeadlineError,
    DiskFullError,
    Error,
    InvalidArgumentError,
    NotFoundError,
    OverloadedError,
    ServerError,
)

_BY_STATUS: dict[int, type[Error]] = {
    400: InvalidArgumentError,
    401: AccessError,
    403: AccessError,
    404: NotFoundError,
    405: InvalidArgumentError,
    409: AlreadyExistsError,
    412: ConflictError,
    413: BadImageError,
    415: BadImageError,
    422: BadImageError,
    429: OverloadedError,
    503: OverloadedError,
    507: DiskFullError,
}
# The words of a picture's problem, as a local database says them.
_CAUSES = {
    "not_a_picture": "not a picture",
    "unsupported_picture": "unsupported",
    "picture_too_large": "too large",
    "damaged_picture": "damaged",
    "not_found": "not there",
}
_FIRST_PAUSE_S = 0.1

# What makes the arguments of a request; it is called for each try, since a file is read from again.
Make = Callable[[], Mapping[str, Any]]


class Http:
    """Connections to one server. Safe to use from many threads."""

    def __init__(self, url: str, key: str | None, timeout: float, retries: int) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            self._client = httpx.Client(base_url=url, headers=headers)
        except httpx.InvalidURL as error:
            raise InvalidArgumentError(f"{url}: {error}") from error
        self._timeout = timeout
        self._retries = retries
        self.url = url

    def close(self) -> None:
        self._client.close()

    @property
    def closed(self) -> bool:
        return self._client.is_closed

    def ask(
        self,
        method: str,
        path: str,
        make: Make | None = None,
        *,
        repeatable: bool = True,
        timeout: float | None = None,
    ) -> httpx.Response:
        """The answer, whose status is 2xx. ``repeatable``: doing it twice changes nothing more."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                response = self._try(method, path, make, deadline)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if last or time.monotonic() >= deadline:
                    raise ConnectionFailedError(f"{self.url}: {_said(error)}") from error
            except httpx.TimeoutException as error:
                raise DeadlineError(f"{self.url}: no answer in time") from error
            except httpx.UnsupportedProtocol as error:
                raise InvalidArgumentError(f"{self.url}: {_said(error)}") from error
            except httpx.TransportError as error:
                if last or not repeatable:
                    raise ConnectionFailedError(f"{self.url}: {_said(error)}") from error
            else:
                if response.is_success:
                    return response
                problem = problem_of(response)
                if last or response.status_code not in (429, 503):
                    raise problem
                if not self._pause(attempt, deadline, response.headers.get("retry-after")):
                    raise problem
                continue
            if not self._pause(attempt, deadline, None):
                raise DeadlineError(f"{self.url}: no answer in time")
        raise AssertionError("the last try returns or raises")

    def _try(self, method: str, path: str, make: Make | None, deadline: float) -> httpx.Response:
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError(f"{self.url}: no answer in time")
        arguments = {} if make is None else dict(make())
        opened = list(arguments.pop("opened", ()))
        try:
            return self._client.request(method, path, timeout=left, **arguments)
        finally:
            for file in opened:
                file.close()

    def _pause(self, attempt: int, deadline: float, retry_after: str | None) -> bool:
        """Waits before the next try. False when that would be too late."""
        pause = _FIRST_PAUSE_S * 2**attempt * random.uniform(0.5, 1.5)
        if retry_after is not None and retry_after.isdigit():
            pause = float(retry_after)
        if time.monotonic() + pause >= deadline:
            return False
        time.sleep(pause)
        return True


def problem_of(response: httpx.Response) -> Error:
    """The error that a problem document (RFC 9457) stands for."""
    try:
        problem = response.json()
        detail = str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        problem, detail = {}, f"HTTP {response.status_code} {response.reason_phrase}"
    return error_of(problem, response.status_code, detail)


def error_of(problem: Mapping[str, Any], status: int, detail: str) -> Error:
    word = str(problem.get("type", "other")).rpartition(":")[2]
    kind = _BY_STATUS.get(status, ServerError)
    return kind(detail, _CAUSES.get(word, word), status, problem.get("field"))


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
