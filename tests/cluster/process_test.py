"""Writers that are processes: killed in the middle, or frozen while others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ORB, items_of
from inlier_cluster import Collection, remove_item
from inlier_cluster.compact import compact_all
from inlier_cluster.verify import verify

# Writes without end, and prints each number that was acknowledged with its item. What may or may
# not have happened is written again, as a client does; one that has slept while the changes that it
# knows were folded into generations looks at the collection again.
PROGRAM = """
import sys
from inlier_cluster import Collection, UncertainError, remove_item
from inlier_cluster.errors import GoneError
shop, who = Collection.open(sys.argv[1]), sys.argv[2]
for i in range(10_000):
    item, number = f"{who}-{i}", 0
    while not number:
        try:
            number = shop.append([remove_item(0, item), remove_item(1, item)], write_id=item)
        except UncertainError:
            pass
        except GoneError:
            shop = Collection.open(sys.argv[1])
    print(number, item, flush=True)
"""


class Process:
    """A writer of its own, and what it has acknowledged."""

    def __init__(self, url: str, who: str) -> None:
        self.acknowledged: dict[int, str] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, who], stdout=subprocess.PIPE, text=True
        )

    def read(self, count: int) -> None:
        """Waits until so many more are acknowledged."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._note(line)
            count -= 1
            if count == 0:
                return
        pytest.fail("the writer has ended")

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Ends it wherever it is, and reads what it had acknowledged until then."""
        self._process.kill()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                self._note(line)
        self._process.wait(20)

    def _note(self, line: str) -> None:
        number, item = line.split()
        self.acknowledged[int(number)] = item


@pytest.fixture
def processes(url: str) -> Iterator[list[Process]]:
    Collection.create(url, recipe=ORB, vocabulary=b"", shards=2)
    made = [Process(url, who) for who in "ab"]
    yield made
    for one in made:
        one.kill()


def test_a_writer_that_is_killed_loses_nothing(
    url: str, processes: list[Process], tmp_path: Path
) -> None:
    for round_ in range(4):
        victim = Process(url, f"victim{round_}")
        victim.read(5 + round_)
        victim.kill()
        processes[round_ % 2].read(3)
        log = items_of(Collection.open(url))[::2]
        for number, item in victim.acknowledged.items():
            assert log[number - 1] == item
    for one in processes:
        one.kill()
    log = items_of(Collection.open(url))
    assert log[::2] == log[1::2]  # both operations of each change, or none
    for one in processes:
        assert all(log[2 * number - 2] == item for number, item in one.acknowledged.items())
    assert verify(Collection.open(url)).problems == {}


def test_a_writer_that_was_frozen_goes_on_behind_the_others(
    url: str, processes: list[Process]
) -> None:
    """While it is frozen, the others write and compact until its numbers are gone."""
    frozen, other = processes
    frozen.read(5)
    frozen.signal(signal.SIGSTOP)
    known = max(frozen.acknowledged)
    shop = Collection.open(url)
    for _ in range(6):
        other.read(5)
        compact_all(shop)
    assert shop.root.floor_change > known
    passed = shop.version()
    frozen.signal(signal.SIGCONT)
    frozen.read(20)
    for one in processes:
        one.kill()
    # What was in its pipe is older. Where it was in the middle of a change, nobody can say whether
    # that had been folded already, and it was written again.
    log = {
        change.number: change.operations for change in shop.changes_after(shop.root.floor_change)
    }
    late = [number for number in frozen.acknowledged if number > passed]
    assert late
    for number in late:
        assert [one.item for one in log[number]] == [frozen.acknowledged[number]] * 2
    assert verify(Collection.open(url)).problems == {}
    assert shop.append([remove_item(0, "last")]) == max(log) + 1
