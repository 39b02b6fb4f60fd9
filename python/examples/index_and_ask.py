"""From a folder of pictures to an answer: index_and_ask.py FOLDER DATABASE PHOTO…"""

from __future__ import annotations

import sys

import inlier


def main(folder: str, database: str, photos: list[str]) -> None:
    with inlier.open(database, create=True) as shop:
        print(shop.index(folder, progress=True))
        for answer in shop.query_many(photos, threads=2, on_error="return"):
            if isinstance(answer, inlier.Error):
                print(answer.message, file=sys.stderr)
                continue
            for hit in answer.accepted:
                print(answer.photo, hit.id, f"{hit.probability:.3f}", hit.polygon, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
