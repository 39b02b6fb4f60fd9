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
REASONS: dict[str, str] = {
    "/b/badrle.bmp": "damaged: more rows than its height",
    "/b/pal8badindex.bmp": "colours beyond the table are black",
    "/g/pal4rle.bmp": "Debian's Pillow reads run lengths of 4 bits wrongly",
    "/q/pal?rletrns.bmp": "what a run length skips is clear",
    "/gif-test-suite/*-bg.gif": "what a frame leaves out is clear, as in browsers",
    "/gif-test-suite/high-color.gif": "what a frame leaves out is clear, as in browsers",
    "/gif-test-suite/images-combine.gif": "what a frame leaves out is clear, as in browsers",
    "/gif-test-suite/max-codes.gif": "giflib does not read it",
    "/issue_2811.gif": "giflib does not read it",
    "/no_palette.gif": "it has no table of colours",
    "/randomly-modified/valid.4.ppm": "PNM in ASCII",
    "/input_p[23].p?m": "PNM in ASCII",
    "/hopper_*bit_plain.p?m": "PNM in ASCII",
    "/xcsn0g01.png": "damaged: wrong checksum of its pixels",
    "/hopper_bad_exif.jpg": "damaged: its tables are those of another picture",
    "/g4_orientation_?.tif": "Debian's Pillow turns them twice",
    "/10ct_32bit_128.tiff": "samples that are signed or floating-point",
    "/16_bit_binary_pgm.tiff": "samples that are signed or floating-point",
    "/16bit.s.tif": "samples that are signed or floating-point",
    "/cmx3g8_wv_1998.260_0745_mcidas.tiff": "samples that are signed or floating-point",
    "/12bit.cropped.tif": "samples of 12 bits",
    "/hopper.Lab.tif": "CIELab is read by libtiff, without a profile",
    "/lab*.tif": "CIELab is read by libtiff, without a profile",
    "/exif_imagemagick_orientation.png": "EXIF within a text of ImageMagick's",
    "/crashers/badcrc.png": "damaged: wrong checksum of its pixels",
    "/crashers/huge_IDAT.png": "damaged: it ends before its pixels",
    "/crashers/missing_plte.png": "damaged: no table of colours",
    "/gray-[24]-*tRNS.png": "Debian's Pillow looks for the clear grey in 8 bits",
    "/i_trns.png": "Debian's Pillow leaves out the clear grey of 16 bits",
    "/g25n0g16.png": "a gamma of 0.4 of 16 bits, which Pillow has only in 8",
    "/*ftbbn0g01.png": "white on clear ground is laid over black",
    "/palette-1-*tRNS.png": "white on clear ground is laid over black",
    "/animation-erase.?.png": "white on clear ground is laid over black",
    "/missing-pixels.png": "white on clear ground is laid over black",
    "/transparent_background_text.png": "white on clear ground is laid over black",
}

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


def with_gamma(picture: Image.Image) -> Image.Image:
    """Applies PNG's gAMA, which Pillow does not. cHRM is left out: few pictures differ by it."""
    gamma = picture.info.get("gamma")
    if not gamma or {"icc_profile", "srgb"} & picture.info.keys() or abs(gamma - 0.45455) < 0.001:
        return picture
    linear = (np.arange(256) / 255) ** (1 / gamma)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    levels = np.round(255 * encoded).clip(0, 255).astype(int).tolist()
    plain = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")
    return plain.point(levels * 3 + (list(range(256)) if plain.mode == "RGBA" else []))


def pillow_pixels(path: Path) -> np.ndarray:
    """The pixels that Pillow makes of a file, (H, W, 3) of 8 bits over white."""
    with Image.open(path) as opened:
        opened.load()
        picture = ImageOps.exif_transpose(opened)
        assert picture is not None
        if picture.mode.startswith("I"):
            deep = np.asarray(picture).astype(np.float64)
            grey = Image.fromarray(np.round(deep / 257).clip(0, 255).astype(np.uint8))
            grey.info = picture.info
            return np.asarray(with_gamma(grey).convert("RGB"))
        if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
            picture = picture.convert("RGBA")
        picture = with_gamma(to_srgb(picture))
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
