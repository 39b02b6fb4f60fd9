"""Calls of Ray with a deadline each, and what can go wrong with them as one error."""

from __future__ import annotations

from functools import cache
from typing import Any

import ray
import ray.exceptions

from inlier_cluster.errors import ClusterError

NAMESPACE = "inlier"


class RemoteError(ClusterError):
    """A remote call did not give its result in time. It may or may not have taken place."""


def ask(reference: Any, deadline_s: float) -> Any:
    """The result of a remote call, such as ask(directory.everybody.remote(), 5)."""
    try:
        return ray.get(reference, timeout=deadline_s)
    except ray.exceptions.GetTimeoutError as error:
        raise RemoteError(f"no answer within {deadline_s:g} s") from error
    except ray.exceptions.RayTaskError as error:
        cause = error.cause if isinstance(error.cause, Exception) else error
        raise RemoteError(str(cause)) from error
    except ray.exceptions.RayError as error:
        raise RemoteError(str(error).splitlines()[0]) from error


def actor_named(name: str) -> Any:
    """The handle of a detached actor of ours. Raises RemoteError when there is none."""
    try:
        return ray.get_actor(name, namespace=NAMESPACE)
    except ValueError as error:
        raise RemoteError(f"there is no actor '{name}' in this Ray cluster") from error


@cache
def own_address() -> str:
    """The address of this node, by which others reach it. Ray looks it up again at each call."""
    return str(ray.util.get_node_ip_address())
