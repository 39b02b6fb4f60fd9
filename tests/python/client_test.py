"""What only a client does: keys, tries, deadlines, and what a server refuses."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import inlier
import pytest
from conftest import Server, draw, write_png

Reply = tuple[int, dict[str, str], Any]


class Script:
    """A server that answers each request as it is told, and the last one again and again."""

    def __init__(self, *replies: Reply, delay_s: float = 0) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                number = len(script.asked)
                script.asked.append((self.command, self.path, body))
                time.sleep(delay_s)
                status, headers, content = replies[min(number, len(replies) - 1)]
                if status == 0:
                    self.close_connection = True
                    return
                data = json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815  # http.server's names

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    scripts: list[Script] = []

    def start(*replies: Reply, **options: float) -> Script:
        scripts.append(Script(*replies, **options))
        return scripts[-1]

    yield start
    for one in scripts:
        one.stop()


STATS: Reply = (200, {}, {"items": 7})


def problem(status: int, word: str, detail: str = "No.", **headers: str) -> Reply:
    content = {"type": f"urn:inlier:problem:{word}", "status": status, "detail": detail}
    return status, headers, content


def test_a_busy_server_is_asked_again(script: Callable[..., Script]) -> None:
    server = script(problem(503, "queue_full"), problem(429, "rate"), STATS)
    with inlier.Client(server.url) as shop:
        assert len(shop) == 7
    assert len(server.asked) == 3


def test_retry_after_is_heeded(script: Callable[..., Script]) -> None:
    server = script(problem(503, "queue_full", **{"Retry-After": "1"}), STATS)
    begun = time.monotonic()
    with inlier.Client(server.url) as shop:
        assert len(shop) == 7
    assert time.monotonic() - begun >= 1


def test_a_file_is_sent_again_from_its_start(script: Callable[..., Script], tmp_path: Path) -> None:
    path = write_png(tmp_path / "photo.png", draw(1))
    answer = {"hits": [], "status": "not_in_catalogue"}
    server = script(problem(503, "queue_full"), (200, {}, answer))
    with inlier.Client(server.url) as shop:
        assert len(shop.query(path)) == 0
    assert [body for _, _, body in server.asked] == [path.read_bytes()] * 2


def test_a_service_of_which_a_part_is_missing(
    script: Callable[..., Script], tmp_path: Path
) -> None:
    path = write_png(tmp_path / "photo.png", draw(1))
    coverage = {"shards": 4, "answered": 3, "share_of_items": 0.75}
    server = script((200, {}, {"hits": [], "status": "unknown", "coverage": coverage}))
    with inlier.Client(server.url) as shop:
        answer = shop.query(path, partial=True, at_least=12)
        assert next(shop.query_many([path], partial=True)).status == "unknown"
        with pytest.raises(ValueError, match="at_least"):
            shop.query(path, at_least=-1)
    assert answer.coverage == coverage
    assert inlier.Answer({"hits": []}).coverage is None
    asked = [request[1] for request in server.asked]
    assert asked == ["/v1/query?top=10&partial=true&at_least=12", "/v1/query?top=10&partial=true"]


def test_tries_come_to_an_end(script: Callable[..., Script]) -> None:
    server = script(problem(503, "queue_full", "Too much to do."))
    with inlier.Client(server.url, retries=2) as shop:
        with pytest.raises(inlier.OverloadedError, match=r"Too much to do\.") as caught:
            len(shop)
        assert (caught.value.cause, caught.value.status) == ("queue_full", 503)
    assert len(server.asked) == 3


def test_what_a_server_refuses_is_not_asked_again(script: Callable[..., Script]) -> None:
    server = script(problem(400, "bad_parameter"))
    with inlier.Client(server.url) as shop, pytest.raises(inlier.InvalidArgumentError):
        len(shop)
    assert len(server.asked) == 1


def test_a_removal_is_not_repeated_when_its_outcome_is_unknown(
    script: Callable[..., Script],
) -> None:
    server = script((0, {}, None))
    with inlier.Client(server.url) as shop, pytest.raises(inlier.ConnectionFailedError):
        shop.remove("mug")
    assert len(server.asked) == 1
    with inlier.Client(server.url, retries=1) as shop, pytest.raises(inlier.ConnectionFailedError):
        len(shop)
    assert len(server.asked) == 3


def test_a_deadline(script: Callable[..., Script]) -> None:
    server = script(STATS, delay_s=1)
    with inlier.Client(server.url, timeout=0.2) as shop:
        begun = time.monotonic()
        with pytest.raises(inlier.DeadlineError) as caught:
            len(shop)
        assert isinstance(caught.value, TimeoutError)
        assert time.monotonic() - begun < 0.9


def test_nobody_is_there() -> None:
    server = Script(STATS)
    server.stop()
    with inlier.Client(server.url, retries=1) as shop:
        with pytest.raises(inlier.ConnectionFailedError) as caught:
            len(shop)
        assert isinstance(caught.value, ConnectionError)
    with pytest.raises(inlier.Error):
        len(inlier.Client("ftp://nowhere"))


def test_an_answer_that_is_no_problem_document(script: Callable[..., Script]) -> None:
    server = script((502, {}, "nginx says so"))
    with inlier.Client(server.url) as shop, pytest.raises(inlier.ServerError, match="HTTP 502"):
        len(shop)


def test_keys(serve: Callable[..., Server], tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("read reader 0123456789abcdef\nwrite writer fedcba9876543210\n")
    server = serve(tmp_path / "shop.db", "--keys-file", str(keys))
    with inlier.Client(server.url, key="fedcba9876543210") as shop:
        shop.add("a mug/ü?", draw(1), {"brand": "Ä"}, order="bgr")
        assert dict(shop["a mug/ü?"].metadata) == {"brand": "Ä"}
    with inlier.Client(server.url, key="0123456789abcdef") as shop:
        assert shop.query(draw(1), order="bgr")[0].id == "a mug/ü?"
        with pytest.raises(inlier.AccessError) as caught:
            shop.remove("a mug/ü?")
        assert caught.value.status == 403
    with inlier.Client(server.url) as shop, pytest.raises(inlier.AccessError):
        len(shop)


def test_metadata_that_somebody_else_changes(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(tmp_path / "shop.db")
    with inlier.Client(server.url) as one, inlier.Client(server.url) as other:
        one.add("mug", draw(1), order="bgr")

        def change(shop: inlier.Client, name: str) -> None:
            for number in range(5):
                try:
                    shop.set_metadata("mug", {name: str(number)})
                except inlier.ConflictError:
                    continue

        threads = [
            threading.Thread(target=change, args=pair) for pair in ((one, "a"), (other, "b"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(one["mug"].metadata) == 1  # never a mixture
