"""What the tests with Ray share: a cluster of a head and three nodes, and on it a service over a
collection of real pictures that the job of a build has made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import local_cluster
import pytest

if TYPE_CHECKING:
    from local_cluster import LocalCluster
    from tested_service import ServiceUnderTest

SETS = ("smvs-dvd", "smvs-book")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    local_cluster.prepare(tmp_path_factory.mktemp("ray"))
    made = local_cluster.LocalCluster(nodes=3)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 200 items."""
    from tested_service import DATA, item_of

    pictures = [one for name in SETS for one in sorted((DATA / name / "catalogue").glob("*"))]
    if not pictures:
        pytest.skip(f"no pictures in {DATA}")
    table = tmp_path_factory.mktemp("catalogue") / "catalogue.jsonl"
    rows = [{"id": item_of(one), "image": str(one), "set": one.parts[-3]} for one in pictures]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return table


@pytest.fixture(scope="session")
def service(
    cluster: LocalCluster, catalogue: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceUnderTest]:
    """It runs on all of the cluster's nodes."""
    from tested_service import ServiceUnderTest

    made = ServiceUnderTest(tmp_path_factory.mktemp("service"))
    made.build(catalogue, sample=100)
    made.up()
    yield made
    made.down()


@pytest.fixture(scope="session")
def program(cluster: LocalCluster) -> str:
    return os.environ["INLIER_PROGRAM"]
