"""A small Ray cluster on this machine, whose nodes can be killed, frozen and thawed.

It keeps to itself: run.py starts it in a network namespace with loopback only. The head node runs
no actor of ours, so that the others can be lost. What the GCS knows lies in a RocksDB of Ray's
own, so that it can be killed and started again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_MEMORY_BYTES = 100_000_000
_HEAD = {"num_cpus": 0, "object_store_memory": _MEMORY_BYTES, "gcs_server_port": 6379}


def prepare(folder: Path) -> None:
    """Sets what Ray reads from the environment. It has to come before Ray is imported."""
    (folder / "ray").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        RAY_TMPDIR=str(folder),
        RAY_AUTH_MODE="disabled",
        RAY_USAGE_STATS_ENABLED="0",
        RAY_gcs_storage="rocksdb",
        RAY_gcs_storage_path=str(folder / "gcs"),
        # A lost node is noticed within two seconds, a frozen one within five.
        RAY_health_check_initial_delay_ms="1000",
        RAY_health_check_period_ms="500",
        RAY_health_check_timeout_ms="1000",
        RAY_health_check_failure_threshold="3",
        INLIER_PROGRAM=os.environ.get("INLIER_PROGRAM", str(ROOT / "build/release/inlier")),
    )


class LocalCluster:
    """A head, which has no room for actors, and some nodes."""

    def __init__(self, nodes: int) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster(initialize_head=True, head_node_args=_HEAD)
        self._connect()
        self.nodes = [self.add_node() for _ in range(nodes)]

    def _connect(self) -> None:
        import ray

        ray.init(address=self._cluster.address, namespace="inlier", log_to_driver=False)

    def add_node(self) -> Any:
        node = self._cluster.add_node(num_cpus=2, object_store_memory=_MEMORY_BYTES)
        if hasattr(self, "nodes"):
            self.nodes.append(node)
        return node

    def kill_raylet(self, node: Any) -> None:
        """As when a machine goes: its raylet is killed, and its workers end with it."""
        self.nodes.remove(node)
        os.kill(raylet_of(node), signal.SIGKILL)
        # It has to be reaped, or else its workers take it for alive.
        self._cluster.remove_node(node, allow_graceful=False)

    def freeze(self, node: Any) -> list[int]:
        """Stops all processes of a node. The cluster replaces it; `thaw` wakes what it was."""
        self.nodes.remove(node)
        processes = tree(raylet_of(node))
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        return processes

    def thaw(self, processes: list[int]) -> None:
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def ended(self, node: Any, processes: list[int]) -> bool:
        """Whether all of them have ended. The raylet is our child, and its idle workers take it for
        alive until it is reaped."""
        node.all_processes["raylet"][0].process.poll()
        return not any(map(alive, processes))

    def forget(self, node: Any) -> None:
        """Ends what is left of a node that was frozen."""
        self._cluster.remove_node(node, allow_graceful=False)

    def restart_gcs(self, away_s: float) -> None:
        head = self._cluster.head_node
        head.kill_gcs_server()
        time.sleep(away_s)  # this is what is tried, not a wait for something
        head.start_gcs_server()

    def lose_head(self) -> None:
        """All of the head's processes are killed. This program is one of its drivers."""
        import ray

        ray.shutdown()
        self._cluster.head_node.kill_all_processes(
            check_alive=False, allow_graceful=False, wait=True
        )
        self._cluster.head_node = None

    def replace_head(self) -> None:
        """Another head begins at the address of the one that was lost, with what that one knew."""
        self._cluster.add_node(**_HEAD)
        self._connect()

    def stop(self) -> None:
        import ray

        ray.shutdown()
        self._cluster.shutdown()


def raylet_of(node: Any) -> int:
    return int(node.all_processes["raylet"][0].process.pid)


def tree(pid: int) -> list[int]:
    """A process and all that it has started, and they, as far as they run."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def alive(pid: int) -> bool:
    """False also for a process that waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def until(condition: Callable[[], Any], within_s: float, what: str) -> Any:
    """Looks at a condition until it holds, since Ray tells nobody, and returns what it gave."""
    end = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)
