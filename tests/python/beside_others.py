#!/usr/bin/env python3
"""Installs each wheel of a folder beside other libraries, imports them in every order, and has each
of them compute something. A clash of symbols shows as a crash or as a wrong result.

beside_others.py FOLDER [--torch]    --torch: also beside torch, whose wheel is very large
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

# What each module is called, which package brings it, and what it is asked.
QUESTIONS = {
    "inlier": (
        None,
        """
with inlier.open(sys.argv[1] + "/shop.db", create=True) as shop:
    shop.add("a", item, order="bgr")
    assert shop.query(photo, order="bgr")[0].id == "a"
words = inlier.Vocabulary.train([inlier.extract(item, order="bgr")], 16)  # FAISS and BLAS inside
assert len(words) > 4
""",
    ),
    "numpy": ("numpy", "assert abs(numpy.linalg.svd(numpy.eye(300) * 2)[1].sum() - 600) < 1e-9"),
    "cv2": (
        "opencv-python-headless",
        """
points = cv2.SIFT_create().detectAndCompute(item, None)[1]
assert points.shape[1] == 128
assert cv2.imdecode(cv2.imencode(".jpg", item)[1], 1).shape == item.shape
""",
    ),
    "faiss": (
        "faiss-cpu",
        """
rows = numpy.random.default_rng(0).random((500, 32), dtype=numpy.float32)
kmeans = faiss.Kmeans(32, 8)
kmeans.train(rows)
index = faiss.IndexFlatL2(32)
index.add(rows)
assert (index.search(rows[:5], 1)[1].ravel() == numpy.arange(5)).all()
""",
    ),
    "torch": ("torch", "assert float(torch.linalg.svdvals(torch.eye(50) * 2).sum()) == 100"),
}
DRAWING = """
import numpy
drawn = numpy.random.default_rng(1)
item = numpy.full((240, 320, 3), 200, numpy.uint8)
for _ in range(150):
    x, y, w, h = drawn.integers(0, 310), drawn.integers(0, 230), *drawn.integers(6, 40, 2)
    item[y : y + h, x : x + w] = drawn.integers(0, 255, 3)
photo = numpy.full((320, 400, 3), 90, numpy.uint8)
photo[40:-40, 40:-40] = item
"""


def program(order: tuple[str, ...]) -> str:
    imports = "\n".join(f"import {name}" for name in order)
    # numpy is asked for by all others, so it stands in front only where the order says so.
    questions = "\n".join(QUESTIONS[name][1] for name in order)
    return f"import sys\n{imports}\n{DRAWING}\n{questions}\nprint('good')"


def fits(wheel: Path) -> bool:
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    return f"-{tag}-" in wheel.name


def main() -> int:
    folder = Path(sys.argv[1])
    names = [name for name in QUESTIONS if name != "torch" or "--torch" in sys.argv]
    wheels = [wheel for wheel in sorted(folder.glob("*.whl")) if fits(wheel)]
    failed = 0
    for wheel in wheels:
        with tempfile.TemporaryDirectory() as work:
            venv.create(work, with_pip=True)
            python = os.path.join(work, "bin", "python")
            packages = [package for name in names if (package := QUESTIONS[name][0])]
            pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run([*pip, str(wheel), *packages], check=True)
            orders = (
                list(itertools.permutations(names))
                if len(names) < 5
                else [tuple(names[i:] + names[:i]) for i in range(len(names))]
                + [tuple(reversed(names))]
            )
            for order in orders:
                with tempfile.TemporaryDirectory() as own:
                    run = subprocess.run(
                        [python, "-c", program(order), own],
                        capture_output=True,
                        text=True,
                        check=False,
                    )
                if run.returncode != 0 or run.stdout != "good\n":
                    failed += 1
                    print(f"{' '.join(order)}: {run.returncode}\n{run.stderr[-2000:]}")
            command = os.path.join(work, "bin", "inlier")
            subprocess.run([command, "--version"], check=True, stdout=subprocess.DEVNULL)
            print(f"wheel: {wheel.name}: {len(orders)} orders of {' '.join(names)}, {failed} bad")
    if not wheels:
        print(f"wheel: none in {folder} is for this Python")
    return 1 if failed or not wheels else 0


if __name__ == "__main__":
    sys.exit(main())
