"""A real S3 server (versitygw, which scripts/cluster-s3 makes) over a folder, behind a door in
which the tests break the network.

The server listens on a socket in the file system, so there is no port that somebody else could
take in between. All requests go through the `Door`, a small TCP proxy on 127.0.0.1. It looks at
the first line of a request and lets the first `Fault` that fits it happen. The server closes its
connection after each answer, so one connection is one request.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/cluster-s3/versitygw"
KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests-secret"}
BUCKET = "bucket"
_BLOCK = 1 << 16
_END_OF_HEAD = b"\r\n\r\n"
_START_S = 30.0

Kind = Literal[
    "refuse",  # nobody is there: the connection is reset before a byte was read
    "hang",  # the request is taken, and nothing comes back
    "cut request",  # half of the request reaches the server, then both ends are reset
    "lose answer",  # the server does what was asked, and the answer never arrives
    "cut answer",  # half of the answer arrives, then the connection is reset
    "slow",  # the answer comes in small pieces with pauses
]


@dataclass
class Fault:
    """What happens to requests whose first line has `request` in it, `times` times."""

    kind: Kind
    request: str = ""
    times: int = 1_000_000


class Door:
    """The proxy. `hits` counts the faults that have happened, by their kind."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.hits: Counter[str] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def broken(self, *faults: Fault) -> Iterator[None]:
        """In this block these faults happen."""
        self.hits.clear()
        with self._lock:
            self._faults = list(faults)
        try:
            yield
        finally:
            with self._lock:
                self._faults = []

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            if self._take("", connecting=True):
                return _reset(client)
            head = _read_head(client)
            if not head:
                return None
            fault = self._take(head.split(b"\r\n", 1)[0].decode("latin-1"))
            if fault == "refuse":
                return _reset(client)
            if fault == "hang":
                return self._hang(client)
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(str(self._server))
                self._carry(client, server, head, fault)
        return None

    def _take(self, line: str, connecting: bool = False) -> Kind | None:
        """The fault that happens now. One of all requests refuses before it has seen any."""
        with self._lock:
            for fault in self._faults:
                early = fault.kind == "refuse" and not fault.request
                if fault.times > 0 and early == connecting and fault.request in line:
                    fault.times -= 1
                    self.hits[fault.kind] += 1
                    return fault.kind
        return None

    def _hang(self, client: socket.socket) -> None:
        """Until the other end gives up."""
        client.settimeout(60)
        while client.recv(_BLOCK):
            pass

    def _carry(
        self, client: socket.socket, server: socket.socket, head: bytes, fault: Kind | None
    ) -> None:
        head, begun = head.split(_END_OF_HEAD, 1)
        head += _END_OF_HEAD
        body = begun + _read_rest(client, head, len(begun))
        if fault == "cut request":
            server.sendall(head + body[: len(body) // 2] if body else head[: len(head) // 2])
            _reset(server)
            return _reset(client)
        server.sendall(head + body)
        answer = b"".join(iter(lambda: server.recv(_BLOCK), b""))
        if fault == "lose answer":
            return _reset(client)
        if fault == "cut answer":
            client.sendall(answer[: max(1, len(answer) // 2)])
            return _reset(client)
        if fault == "slow":
            step = max(1, len(answer) // 8)
            for start in range(0, len(answer), step):
                self._closing.wait(0.05)  # this is what is tried, not a wait for something
                client.sendall(answer[start : start + step])
            return None
        return client.sendall(answer)


def _reset(end: socket.socket) -> None:
    """Closes it at once, so that the other end gets an error instead of an end."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def _read_head(client: socket.socket) -> bytes:
    """The head of a request, and what has arrived behind it."""
    got = b""
    while _END_OF_HEAD not in got:
        block = client.recv(_BLOCK)
        if not block:
            return b""
        got += block
    return got


def _read_rest(client: socket.socket, head: bytes, have: int) -> bytes:
    """What is still to come of a request whose body has begun with so many bytes."""
    stated = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    left = int(stated[1]) - have if stated else 0
    blocks = []
    while left > 0:
        block = client.recv(min(_BLOCK, left))
        if not block:
            raise ConnectionError("the request ended early")
        blocks.append(block)
        left -= len(block)
    return b"".join(blocks)


class S3Server:
    """The server. It may be killed and started again over the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "objects" / BUCKET).mkdir(parents=True)
        (folder / "attributes").mkdir()  # beside the objects: not every file system has its own
        self._socket = folder / "socket"
        self._start()
        self.door = Door(self._socket)

    def environment(self) -> dict[str, str]:
        """What a client needs."""
        return {
            **KEYS,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT": self.door.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def kill_and_restart(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._start()

    def close(self) -> None:
        self.door.close()
        self._process.kill()
        self._process.wait()

    def _start(self) -> None:
        self._socket.unlink(missing_ok=True)
        command = [str(PROGRAM), "--port", str(self._socket), "--quiet", "posix"]
        command += ["--sidecar", str(self._folder / "attributes"), str(self._folder / "objects")]
        keys = {
            "ROOT_ACCESS_KEY": KEYS["AWS_ACCESS_KEY_ID"],
            "ROOT_SECRET_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
        }
        log = self._folder / "log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command, env=os.environ | keys, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        end = time.monotonic() + _START_S
        while not self._answers():
            assert self._process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < end, f"the S3 server did not listen within {_START_S:g} s"
            time.sleep(0.02)  # it tells nobody when it listens

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._socket))
            except OSError:
                return False
            return True


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[S3Server]:
    """A server whose buckets lie in a folder, and whom the environment names meanwhile."""
    made = S3Server(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment().items():
            patch.setenv(name, value)
        yield made
    made.close()
