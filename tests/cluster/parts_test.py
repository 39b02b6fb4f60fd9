"""The parts that a service is made of, each by itself."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from inlier_cluster.child import Child, ChildError
from inlier_cluster.directory import Replica, Table
from inlier_cluster.errors import ClusterError
from inlier_cluster.gateway import ClusterFile
from inlier_cluster.progress import Progress
from inlier_cluster.scratch import make_scratch
from local_cluster import alive, until

LISTENS = "import time; print('listening on http://127.0.0.1:7', flush=True); time.sleep(600)"


def test_a_child_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from inlier_cluster.child import Child\n"
        f"child = Child([sys.executable, '-c', {LISTENS!r}], Path('log'), 20)\n"
        "print(child.pid, child.url, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid, url = parent.stdout.readline().split()
    assert url == "http://127.0.0.1:7"
    assert alive(int(pid))
    parent.send_signal(signal.SIGKILL)
    parent.wait(20)
    parent.stdout.close()
    until(lambda: not alive(int(pid)), 10, "the child has ended")


def test_a_child_whose_parent_has_ended_does_not_begin() -> None:
    launcher = Path(sys.modules[Child.__module__].__file__ or "").with_name("die_with_parent.py")
    command = [sys.executable, str(launcher), "1000000", "true"]  # not who starts it
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "parent has ended" in done.stderr


def test_a_child_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ChildError, match="no such thing"):
        Child([sys.executable, "-c", "import sys; sys.exit('no such thing')"], tmp_path / "log", 20)
    with pytest.raises(ChildError, match="did not listen"):
        Child([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "log", 0.2)


def test_the_file_of_a_gateway_names_every_shard(tmp_path: Path) -> None:
    file = ClusterFile(tmp_path / "cluster.json", shards=2)
    served = Table(3, 1, 42, "http://w", {1: ((Replica(1, "http://a", 41, 120), 9),)})
    file.write(served)
    assert json.loads(file.path.read_text()) == {
        "version": 1,
        "beat": 1,
        "collection_version": 42,
        "writer": "http://w",
        "twins": "",
        "shards": [
            {"shard": 0, "items": 0, "replicas": []},
            {
                "shard": 1,
                "items": 120,
                "replicas": [{"url": "http://a", "epoch": 9, "applied": 41}],
            },
        ],
    }
    file.write(Table(3, 2, 43, "http://w", {}))  # its last server has gone
    content = json.loads(file.path.read_text())
    assert content["beat"] == 2
    assert content["shards"][1] == {"shard": 1, "items": 120, "replicas": []}


def test_the_table_of_an_older_directory_is_not_taken(tmp_path: Path) -> None:
    file = ClusterFile(tmp_path / "cluster.json", shards=1)
    file.write(Table(3, 1, 42, "", {}))
    with pytest.raises(ClusterError, match="directory 2"):
        file.write(Table(2, 9, 42, "", {}))
    assert json.loads(file.path.read_text())["beat"] == 1


def test_scratch_of_a_process_that_has_ended_is_removed(tmp_path: Path) -> None:
    ours = make_scratch(str(tmp_path))
    program = (
        "import sys; from inlier_cluster.scratch import make_scratch; "
        "print(make_scratch(sys.argv[1]))"
    )
    made = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    theirs = Path(made.stdout.strip())
    assert theirs.is_dir()
    another = make_scratch(str(tmp_path))
    assert not theirs.exists()
    assert ours.is_dir()
    assert another != ours


def test_progress_says_how_much_was_there_before() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.begin("indexing", 10)
    progress.skip(4)
    progress.advance(6)
    progress.end()
    assert out.getvalue().startswith("indexing: 10 of 10 items")
    assert os.linesep in out.getvalue()
