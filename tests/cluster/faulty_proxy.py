"""An HTTP proxy in front of a real server that does what networks and servers do when they fail."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["", "refuse", "hang", "slow", "unavailable", "lose answer", "cut answer"]
"""Nothing; the connection ends before the server has seen the request; no answer ever; a late one;
503; the server has done it and nobody hears of it; half of the answer."""

SLOW_S = 0.3
Choose = Callable[[str, str], Fault]


class FaultyProxy:
    """``choose`` is asked for each request, by its method and path. ``url`` is where it listens."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.choose: Choose = lambda method, path: ""
        self.done: list[tuple[str, str, Fault]] = []
        self.upstream = upstream
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def heal(self) -> None:
        self.choose = lambda method, path: ""

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: FaultyProxy


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece, or the peer's delayed acknowledgement costs 40 ms
    disable_nagle_algorithm = True
    server: _Server

    def _pass(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = proxy.choose(self.command, self.path)
        proxy.done.append((self.command, self.path, fault))
        if fault == "hang":
            proxy.released.wait()
        elif fault == "slow":
            proxy.released.wait(SLOW_S)
        if fault in ("refuse", "hang"):
            self.close_connection = True
            return
        if fault == "unavailable":
            self._reply(503, [], b"later")
            return
        upstream = http.client.HTTPConnection(*proxy.upstream, timeout=30)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders(body or None)
        reply = upstream.getresponse()
        content = reply.read()
        upstream.close()
        headers = [(k, v) for k, v in reply.getheaders() if k.lower() not in _OURS]
        length = reply.getheader("Content-Length") if self.command == "HEAD" else None
        if fault == "lose answer":
            self.close_connection = True
            return
        self._reply(reply.status, headers, content, length, cut=fault == "cut answer")

    def _reply(
        self,
        status: int,
        headers: list[tuple[str, str]],
        content: bytes,
        length: str | None = None,
        cut: bool = False,
    ) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        # An answer without a body is cut in its head.
        if not cut or content:
            self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = self.close_connection or cut

    def do_GET(self) -> None:
        self._pass()

    def do_PUT(self) -> None:
        self._pass()

    def do_DELETE(self) -> None:
        self._pass()

    def do_HEAD(self) -> None:
        self._pass()

    def do_POST(self) -> None:
        self._pass()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


_OURS = ("content-length", "connection", "transfer-encoding", "keep-alive")
