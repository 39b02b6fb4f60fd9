// Reads the headers of image files, of which nothing can be taken for granted: every offset and
// length is checked before it is used. The first bytes decide which format a file has, never its
// name.
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"
#include "core/signature.h"

namespace inlier {

Result<ImageHeader> ProbeImage(Bytes file) {
  if (file.empty()) return Bad("the file is empty", BadImage::kNotAPicture);
  const auto format = FormatOf(file);
  auto probe = [&]() -> Result<ImageHeader> {
    if (format == ImageHeader::Format::kJpeg) return ProbeJpeg(file);
    if (format == ImageHeader::Format::kPng) return ProbePng(file);
    if (format == ImageHeader::Format::kWebp) return ProbeWebp(file);
    if (format == ImageHeader::Format::kGif) return ProbeGif(file);
    if (format == ImageHeader::Format::kBmp) return ProbeBmp(file);
    if (format == ImageHeader::Format::kPnm) return ProbePnm(file);
    return Bad("not an image of a known format (JPEG, PNG, WebP, BMP, PGM, PPM)",
               BadImage::kNotAPicture);
  }();
  if (probe && (probe->width_px <= 0 || probe->height_px <= 0)) return Bad("no width or height");
  return probe;
}

}  // namespace inlier
