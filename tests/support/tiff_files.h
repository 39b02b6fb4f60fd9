#pragma once

#include <functional>

#include <tiffio.h>

#include "tests/support/odd_images.h"

namespace inlier::test {

/// A file in memory that libtiff writes to.
struct TiffWriting {
  FileBytes bytes;
  std::size_t at = 0;
};

/// Opens it by libtiff, which `mode` tells the byte order and the kind of TIFF.
TIFF* OpenForWriting(TiffWriting& to, const char* mode);

/// How a page is written. Its samples say where they are: sample c of pixel x, y is TiffSample(x,
/// y, c).
struct TiffKind {
  int width_px = 50, height_px = 37;
  int bits = 8, samples = 3;
  int photometric = PHOTOMETRIC_RGB;
  int compression = COMPRESSION_NONE;
  bool tiled = false, planes_apart = false;
  int rows_a_strip = 8;
  int extra = -1;  // what the sample behind the colours is
  const char* mode = "w";
  std::function<void(TIFF*)> more = [](TIFF*) {};
};

/// The sample of a pixel in such a page.
int TiffSample(int x, int y, int c, int bits);

/// The bytes of a file with one such page.
FileBytes WriteTiff(const TiffKind& kind);

}  // namespace inlier::test
