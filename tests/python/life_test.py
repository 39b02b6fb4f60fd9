"""Opening and closing, processes, threads and interrupts."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import inlier
import pytest
from conftest import draw, photo_of, run_python, write_png

INTERRUPT = """
import os, signal, sys, threading, time
import inlier
shop = inlier.open(sys.argv[1], create=True)
begun = threading.Event()
def step(*_): begun.set()
stopped = []
def interrupt():
    begun.wait(20)
    stopped.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    shop.index(sys.argv[2], progress=step)
    print("finished")
except KeyboardInterrupt:
    print("interrupted", (time.monotonic() - stopped[0]) * 1e3)
shop.close()
with inlier.open(sys.argv[1], write=True) as again:
    print("rest", again.index(sys.argv[2]).failed, len(again))
"""

WRITER = """
import sys, inlier
shop = inlier.open(sys.argv[1], create=True)
print("open", flush=True)
sys.stdin.readline()
"""


def test_closing_releases_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    for _ in range(3):
        shop = inlier.open(path, create=True)
        with pytest.raises(inlier.BusyError):
            inlier.open(path, write=True)
        shop.close()
        assert shop.closed
        shop.close()


def test_two_writers(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(inlier.BusyError):
            inlier.open(path, write=True)
        inlier.open(path).close()
        other.communicate("go\n", timeout=20)
    inlier.open(path, write=True).close()


def test_a_program_that_forgets_to_close(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    code = "import sys, inlier\nkeep = [inlier.open(sys.argv[1], create=True)]\nkeep.append(keep)"
    assert run_python(code, path).returncode == 0
    inlier.open(path, write=True).close()


def test_every_call_on_a_closed_database(shop: inlier.Database) -> None:
    shop.close()
    for call in (
        lambda: shop.query(draw(1), order="bgr"),
        lambda: shop.add("a", draw(1), order="bgr"),
        lambda: shop.remove("a"),
        lambda: len(shop),
        lambda: "a" in shop,
        lambda: shop["a"],
        lambda: list(shop.items()),
        lambda: list(shop.query_many([draw(1)], order="bgr")),
        lambda: shop.index([]),
        lambda: shop.twins(),
        lambda: shop.checkpoint(),
        lambda: shop.rebuild(),
        lambda: shop.check(),
        lambda: shop.stats(),
    ):
        with pytest.raises(inlier.ClosedError, match="the database is closed"):
            call()


def test_a_process_that_was_forked(tmp_path: Path) -> None:
    code = """
import os, sys, inlier
shop = inlier.open(sys.argv[1], create=True)
child = os.fork()
if child == 0:
    try:
        len(shop)
    except inlier.ForkedError as error:
        print("child:", error, flush=True)
    with inlier.open(sys.argv[1]) as own:
        print("child opens", len(own), flush=True)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print("parent", len(shop))
"""
    outcome = run_python(code, str(tmp_path / "shop.db"))
    assert outcome.returncode == 0, outcome.stderr
    assert "child: the database was opened before this process was forked" in outcome.stdout
    assert "child opens 0" in outcome.stdout
    assert "parent 0" in outcome.stdout


def test_an_interrupt_in_the_middle_of_index(tmp_path: Path) -> None:
    for seed in range(40):
        write_png(tmp_path / "items" / f"{seed}.png", draw(seed, 640, 480))
    outcome = run_python(INTERRUPT, str(tmp_path / "shop.db"), str(tmp_path / "items"))
    assert outcome.returncode == 0, outcome.stderr
    said = outcome.stdout.split()
    assert said[0] == "interrupted"
    # The promise is 100 ms; a machine that is busy with other tests is given more.
    assert float(said[1]) < 1000
    assert said[2:] == ["rest", "0", "40"]


def test_an_interrupt_of_many_questions(tmp_path: Path) -> None:
    code = """
import os, signal, sys, threading, time, inlier
shop = inlier.open(sys.argv[1], create=True)
shop.add("a", sys.argv[2])
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    while True:
        for _ in shop.query_many([sys.argv[2]] * 100, threads=2, exact=True):
            pass
except KeyboardInterrupt:
    print("interrupted")
shop.close()
"""
    picture = write_png(tmp_path / "a.png", draw(1))
    outcome = run_python(code, str(tmp_path / "shop.db"), str(picture))
    assert (outcome.returncode, outcome.stdout) == (0, "interrupted\n"), outcome.stderr


def test_many_threads_ask_and_change(shop: inlier.Database) -> None:
    shop.add("item", draw(0), order="bgr")

    def ask(_: int) -> str:
        return shop.query(photo_of(draw(0)), order="bgr")[0].id

    def change(seed: int) -> None:
        shop.add(f"other/{seed}", draw(100 + seed), order="bgr")

    with ThreadPoolExecutor(4) as pool:
        changes = [pool.submit(change, seed) for seed in range(8)]
        assert set(pool.map(ask, range(16))) == {"item"}
        for change_made in changes:
            change_made.result()
    assert len(shop) == 9
    assert shop.check() == []


def test_the_work_is_done_without_the_gil(shop: inlier.Database, folder: Path) -> None:
    shop.index(folder)
    counted = 0
    done = threading.Event()

    def ask() -> None:
        for _ in range(5):
            shop.query(draw(1, 800, 600), order="bgr")
        done.set()

    worker = threading.Thread(target=ask)
    worker.start()
    while not done.is_set():
        counted += 1
        time.sleep(0.001)
    worker.join()
    assert counted > 10


def test_asyncio(shop: inlier.Database) -> None:
    shop.add("item", draw(0), order="bgr")

    async def both() -> list[inlier.Answer]:
        photo = photo_of(draw(0))
        calls = [asyncio.to_thread(shop.query, photo, order="bgr") for _ in range(2)]
        return await asyncio.gather(*calls)

    assert [answer[0].id for answer in asyncio.run(both())] == ["item", "item"]


def test_closing_while_others_ask(tmp_path: Path) -> None:
    shop = inlier.open(tmp_path / "shop.db", create=True)
    shop.add("item", draw(0), order="bgr")
    outcomes: list[str] = []

    def ask() -> None:
        try:
            while True:
                shop.query(photo_of(draw(0)), order="bgr")
        except inlier.ClosedError:
            outcomes.append("closed")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    shop.close()
    for thread in threads:
        thread.join(20)
    assert outcomes == ["closed"] * 3
    inlier.open(tmp_path / "shop.db", write=True).close()


def test_nothing_grows(tmp_path: Path) -> None:
    photo = write_png(tmp_path / "photo.png", photo_of(draw(0)))
    with inlier.open(tmp_path / "shop.db", create=True) as shop:
        shop.add("item", draw(0), order="bgr")

    def rounds(count: int) -> int:
        for _ in range(count):
            with inlier.open(tmp_path / "shop.db") as shop:
                assert shop.query(photo)[0].id == "item"
        return len(os.listdir("/proc/self/fd"))

    before = rounds(3)
    assert rounds(10) <= before
