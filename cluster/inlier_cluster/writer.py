"""The writer of a collection over HTTP: PUT, PATCH and DELETE of ``/v1/items/{id}`` in the form of
wire/openapi.json, answered when the change is durable.

Pictures are decoded here, since an item's virtual shard follows from the pixels of its first one,
and stored before the change that names them. Any number of writers may write to one collection. A
change that waits for storage is bounded by the deadlines of the storage; one that may or may not
have happened is 503 ``uncertain``, and the same request with the same ``Idempotency-Key`` is not
applied twice."""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import inlier

from inlier_cluster.bodies import ItemBody, read_item, read_patch
from inlier_cluster.collection import Collection
from inlier_cluster.committer import Committer, Outcome, Request
from inlier_cluster.errors import ClusterError, InvalidRequestError, SupersededError
from inlier_cluster.operations import Payload, check_item_id
from inlier_cluster.problems import ProblemError, not_a_picture, problem_of, problem_of_picture

VERSION_HEADER = "Inlier-Collection-Version"
MAX_BODY_BYTES = 64 << 20
READ_DEADLINE_S = 60.0
_POLL_S = 0.1  # how long closing waits for the listener
_ITEM = re.compile(r"/v1/items/([^/]+)")
_KEY = re.compile(r"[!-~]{1,200}")
_log = logging.getLogger("inlier_cluster")


class Writer:
    """Listens on ``listen``, an address and a port, of which 0 is any. ``url`` is where it is.
    Raises ClusterError when the collection cannot be read, and OSError when it cannot listen
    there."""

    def __init__(self, collection: Collection, listen: str = "127.0.0.1:0") -> None:
        url, deadline_s = collection.store.url, collection.store.deadline_s
        self._committer = Committer(lambda: Collection.open(url, deadline_s=deadline_s))
        host, _, port = listen.rpartition(":")
        try:
            self._server = _Server((host.strip("[]"), int(port)), self._committer)
        except BaseException:
            self._committer.close()
            raise
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Takes no more requests, commits what waits, and ends."""
        self._server.shutdown()
        self._thread.join()
        self._committer.close()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], committer: Committer) -> None:
        self.committer = committer
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece, or the peer's delayed acknowledgement costs 40 ms
    disable_nagle_algorithm = True
    timeout = READ_DEADLINE_S
    server: _Server

    def do_GET(self) -> None:
        if urlsplit(self.path).path in ("/livez", "/readyz"):
            self._send(200, b"ok\n", {"Content-Type": "text/plain"})
        else:
            self._answer(self._refuse)

    def do_PUT(self) -> None:
        self._answer(self._put)

    def do_PATCH(self) -> None:
        self._answer(self._patch)

    def do_DELETE(self) -> None:
        self._answer(self._delete)

    # What is asked for.

    def _put(self) -> None:
        # The body comes first, so that the connection can go on after an error.
        content = self._body()
        item, body = self._item(), read_item(self.headers.get("Content-Type", ""), content)
        for left in (1, 0):
            try:
                outcome = self._change(self._put_request(item, body))
                break
            except SupersededError:
                # So many changes came meanwhile that the pictures may have been removed.
                if left == 0:
                    raise
        self._send_outcome(201 if outcome.what == "created" else 200, item, outcome)

    def _patch(self) -> None:
        content = self._body()
        item = self._item()
        request = self._request("metadata", item)
        request.metadata = read_patch(self.headers.get("Content-Type", ""), content)
        self._send_outcome(200, item, self._change(request))

    def _delete(self) -> None:
        self._body()
        item = self._item()
        self._send_outcome(204, item, self._change(self._request("remove", item)))

    def _refuse(self) -> None:
        if _ITEM.fullmatch(urlsplit(self.path).path):
            raise ProblemError(405, "method_not_allowed", "The writer takes PUT, PATCH and DELETE.")
        raise ProblemError(404, "not_found", "There is no such path.")

    # Its parts.

    def _item(self) -> str:
        match = _ITEM.fullmatch(urlsplit(self.path).path)
        if match is None:
            raise ProblemError(404, "not_found", "There is no such path.")
        try:
            item = unquote(match[1], errors="strict")
            check_item_id(item)
        except (UnicodeDecodeError, InvalidRequestError) as error:
            raise ProblemError(400, "invalid_argument", str(error), "id") from error
        return item

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            text = "The writer reads bodies with a Content-Length."
            raise ProblemError(501, "not_implemented", text, "Transfer-Encoding")
        stated = self.headers.get("Content-Length", "0")
        if not stated.isdecimal():
            self.close_connection = True
            raise ProblemError(400, "invalid_argument", "It is not a number.", "Content-Length")
        if int(stated) > MAX_BODY_BYTES:
            self.close_connection = True
            raise ProblemError(413, "body_too_large", f"A body has at most {MAX_BODY_BYTES} bytes.")
        body = self.rfile.read(int(stated))
        if len(body) != int(stated):
            self.close_connection = True
            raise ProblemError(400, "incomplete_body", "The body ended before its length.")
        return body

    def _request(self, kind: Any, item: str) -> Request:
        wanted = self.headers.get("If-Match", "")
        if wanted not in ("", "*"):
            text = "A collection knows no versions of items; If-Match may be * alone."
            raise ProblemError(501, "not_implemented", text, "If-Match")
        key = self.headers.get("Idempotency-Key") or secrets.token_hex(16)
        if not _KEY.fullmatch(key):
            text = "It has 1 to 200 visible characters of ASCII."
            raise ProblemError(400, "invalid_argument", text, "Idempotency-Key")
        return Request(kind, item, key, must_exist=wanted == "*")

    def _put_request(self, item: str, body: ItemBody) -> Request:
        collection = self.server.committer.collection
        request = self._request("put", item)
        hashes = [_pixel_hash(collection, picture) for picture in body.pictures]
        request.shard = collection.shard_of(hashes[0])
        request.metadata = dict(body.metadata)
        payloads: list[Payload] = [collection.put_payload(picture) for picture in body.pictures]
        request.pictures = payloads
        return request

    def _change(self, request: Request) -> Outcome:
        outcome = self.server.committer.submit(request).result()
        if outcome.what == "not_there":
            if request.must_exist:
                raise ProblemError(412, "precondition_failed", "The item is not there.", "If-Match")
            raise ProblemError(404, "not_found", "There is no such item.")
        return outcome

    # The answer.

    def _answer(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ProblemError as problem:
            self._send_problem(problem)
        except ClusterError as error:
            _log.warning("%s %s: %s", self.command, self.path, error)
            self._send_problem(problem_of(error))
        except TimeoutError:
            self.close_connection = True
            self._send_problem(ProblemError(408, "request_timeout", "The request took too long."))
        except ConnectionError:
            self.close_connection = True
        except Exception:
            _log.exception("%s %s", self.command, self.path)
            text = "The writer failed. Its log says more."
            self._send_problem(ProblemError(500, "internal", text))

    def _send_outcome(self, status: int, item: str, outcome: Outcome) -> None:
        headers = {VERSION_HEADER: str(outcome.version), "Content-Type": "application/json"}
        row = {"id": item, "shard": outcome.shard, "collection_version": outcome.version}
        self._send(status, b"" if status == 204 else json.dumps(row).encode(), headers)

    def _send_problem(self, problem: ProblemError) -> None:
        headers = {"Content-Type": "application/problem+json"}
        if problem.status == 503:
            headers["Retry-After"] = "1"
        if problem.status == 405:
            headers["Allow"] = "PUT, PATCH, DELETE"
        self._send(problem.status, problem.to_bytes(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_expect_100(self) -> bool:
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    def log_message(self, format: str, *arguments: Any) -> None:
        _log.debug(format, *arguments)


def _pixel_hash(collection: Collection, picture: bytes) -> str:
    try:
        return inlier.pixel_hash(picture, options=dict(collection.root.recipe))
    except inlier.BadImageError as error:
        raise problem_of_picture(error) from error
    except TypeError as error:  # the bytes are the name of a file that is here
        raise not_a_picture() from error
