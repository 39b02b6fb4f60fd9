"""What can go wrong. Every error is an :class:`Error`; its message is the sentence that the
command line prints, and names the file, field or item."""

from __future__ import annotations


class Error(Exception):
    """Something could not be done.

    ``message`` is a sentence for a person. ``cause`` is a few words that stay the same, for
    programs: "damaged", "not a picture", "too large", "unsupported", "not enough memory",
    "not there", "cannot be read", "other", or the last word of the type of a server's problem
    (RFC 9457), such as "queue_full".
    ``status`` is that of HTTP when a server refused, and ``field`` the parameter that it names.
    """

    def __init__(
        self,
        message: str,
        cause: str = "other",
        status: int | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message, cause, status, field)
        self.message = message
        self.cause = cause
        self.status = status
        self.field = field

    def __str__(self) -> str:
        return self.message


class InvalidArgumentError(Error, ValueError):
    """Something impossible was asked for."""


class NotFoundError(Error, LookupError):
    """There is no such database, file, item or picture."""


class NoSuchItemError(NotFoundError, KeyError):
    """``shop[id]`` of an id that is not there."""


class AlreadyExistsError(Error):
    """Something is there already."""


class BadImageError(Error, ValueError):
    """A picture is empty, damaged, of no known kind, or beyond the limits. ``cause`` says which."""


class SystemRefusedError(Error):
    """The operating system refused: no permission, a read error."""


class DiskFullError(SystemRefusedError):
    """There is no room. Nothing of the change was kept."""


class UnavailableError(Error):
    """A part of the catalogue does not answer now."""


class CorruptError(Error):
    """Stored bytes fail their checks."""


class IncompatibleError(Error):
    """The database was made with other options, or by a newer version."""


class BusyError(Error):
    """Another process writes to the database."""


class CancelledError(Error):
    """The work was told to stop."""


class ClosedError(Error, ValueError):
    """The database is closed."""


class ForkedError(Error):
    """The database was opened before this process was forked, and has to be opened again here."""


class ServerError(Error):
    """A server could not do what was asked for, and it is not the caller's fault."""


class AccessError(ServerError):
    """There is no key, or the key may not do that."""


class OverloadedError(ServerError):
    """The server has too much to do, even after the call was tried again."""


class ConflictError(ServerError):
    """The item has changed meanwhile."""


class ConnectionFailedError(Error, ConnectionError):
    """The server could not be reached, or the connection broke."""


class DeadlineError(Error, TimeoutError):
    """The deadline of the call is over."""
