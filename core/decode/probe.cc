// Reads the headers of image files, of which nothing can be taken for granted: every offset and
// length is checked before it is used. The first bytes decide which format a file has, never its
// name.
#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"

namespace inlier {

Result<ImageHeader> ProbeImage(Bytes file) {
  if (file.empty()) return Bad("the file is empty");
  auto probe = [&]() -> Result<ImageHeader> {
    if (HasPrefix(file, "\xFF\xD8\xFF")) return ProbeJpeg(file);
    if (HasPrefix(file, "\x89PNG\r\n\x1A\n")) return ProbePng(file);
    if (HasPrefix(file, "RIFF") && HasPrefix(file, "WEBP", 8)) return ProbeWebp(file);
    if (HasPrefix(file, "GIF87a") || HasPrefix(file, "GIF89a")) return ProbeGif(file);
    if (HasPrefix(file, "BM")) return ProbeBmp(file);
    if (HasPrefix(file, "P5") || HasPrefix(file, "P6")) return ProbePnm(file);
    return Bad("not an image of a known format (JPEG, PNG, WebP, GIF, BMP, PGM, PPM)");
  }();
  if (probe && (probe->width_px <= 0 || probe->height_px <= 0)) return Bad("no width or height");
  return probe;
}

}  // namespace inlier
