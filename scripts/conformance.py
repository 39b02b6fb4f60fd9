"""Compares how Inlier and Pillow with LittleCMS decode picture files. See scripts/conformance."""

from __future__ import annotations

import argparse
import collections
import fnmatch
import io
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

# Endings of files that may be pictures. First bytes decide for Inlier, but a source package has
# thousands of other files.
ENDINGS = {
    ".avif",
    ".bmp",
    ".gif",
    ".heic",
    ".heif",
    ".jfif",
    ".jpe",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
}
MEAN_LEVELS = 3.0  # what pixels may differ on average

# Files that differ, and why. The name is the end of the path.
REASONS: dict[str, str] = {}

SRGB = ImageCms.createProfile("sRGB")


def to_srgb(picture: Image.Image) -> Image.Image:
    """Applies the embedded profile, as Inlier does: perceptual, and left out when it is broken."""
    icc = picture.info.get("icc_profile")
    if not icc or picture.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return picture
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        turned = ImageCms.profileToProfile(picture, profile, SRGB, outputMode=mode)
        return turned if turned is not None else picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def pillow_pixels(path: Path) -> np.ndarray:
    """The pixels that Pillow makes of a file, (H, W, 3) of 8 bits over white."""
    with Image.open(path) as opened:
        opened.load()
        picture = ImageOps.exif_transpose(opened)
        assert picture is not None
        if picture.mode.startswith("I"):
            deep = np.asarray(picture).astype(np.float64)
            grey = np.round(deep / 257).clip(0, 255).astype(np.uint8)
            return np.repeat(grey[:, :, None], 3, axis=2)
        if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
            picture = picture.convert("RGBA")
        picture = to_srgb(picture)
        if picture.mode == "RGBA":
            ground = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(ground, picture)
        return np.asarray(picture.convert("RGB"))


def reason_for(path: Path) -> str | None:
    """Why a file is known to differ."""
    for end, reason in REASONS.items():
        if fnmatch.fnmatch(str(path), "*" + end):
            return reason
    return None


def compare(path: Path, outcome: dict[str, object], ours: Path) -> tuple[str, str]:
    """A word for how the two agree, and what differs."""
    try:
        theirs: np.ndarray | None = pillow_pixels(path)
        error = ""
    except Exception as e:
        theirs, error = None, f"{type(e).__name__}: {e}"
    if theirs is None:
        if "error" in outcome:
            return "both refuse", ""
        return "only Inlier reads", error
    if "error" in outcome:
        return "only Pillow reads", str(outcome["error"])
    with Image.open(ours) as decoded:
        pixels = np.asarray(decoded)
    if pixels.shape != theirs.shape:
        return "other size", f"{pixels.shape[1::-1]} against {theirs.shape[1::-1]}"
    mean = float(np.abs(pixels.astype(int) - theirs.astype(int)).mean())
    return ("same" if mean <= MEAN_LEVELS else "other pixels"), f"{mean:.2f} levels"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("folders", type=Path, nargs="+")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = 200_000_000
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = [
        path
        for folder in arguments.folders
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in ENDINGS and path.is_file() and "\n" not in str(path)
    ]
    run = subprocess.run(
        [arguments.program, str(arguments.out)],
        input="".join(f"{path}\n" for path in files),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = run.stdout.splitlines()
    print(f"{len(files)} files, {len(lines)} outcomes, exit code {run.returncode}")
    if run.stderr:
        print(f"printed by decoders: {run.stderr[:500]}")
    counts: collections.Counter[str] = collections.Counter()
    unnamed = 0
    for number, (path, line) in enumerate(zip(files, lines, strict=False)):
        word, detail = compare(path, json.loads(line), arguments.out / f"{number}.ppm")
        reason = reason_for(path)
        differs = word in ("other size", "other pixels", "only Pillow reads")
        counts[word + (f" ({reason})" if differs and reason else "")] += 1
        if differs and not reason:
            unnamed += 1
            print(f"  {word}: {path}: {detail}")
    for word, count in counts.most_common():
        print(f"{count:6} {word}")
    return 0 if not unnamed and run.returncode == 0 and len(lines) == len(files) else 1


if __name__ == "__main__":
    sys.exit(main())
