#include "core/decode/pnm_header.h"

#include <cctype>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/missing.h"

namespace inlier {

// P5 or P6, then the width, the height and the largest value in ASCII, with comments between them,
// one white space, and the samples.
Result<PnmHeader> ReadPnmHeader(Bytes b) {
  PnmHeader header;
  if (b.size() < 3) return Bad("PGM or PPM: truncated");
  if (!std::isspace(b[2])) return Bad("PGM or PPM: no white space after the magic");
  std::size_t at = 2;
  for (std::int64_t* number : {&header.width_px, &header.height_px, &header.largest}) {
    while (at < b.size() && (std::isspace(b[at]) || b[at] == '#')) {
      if (b[at] == '#') {
        while (at < b.size() && b[at] != '\n') ++at;
      } else {
        ++at;
      }
    }
    for (; at < b.size() && std::isdigit(b[at]) && *number < 1'000'000'000; ++at) {
      *number = *number * 10 + (b[at] - '0');
    }
    if (at < b.size() && std::isdigit(b[at])) return Bad("PGM or PPM: a number is too large");
  }
  if (header.width_px == 0 || header.height_px == 0) return Bad("PGM or PPM: no width or height");
  if (at >= b.size()) return Bad("PGM or PPM: truncated before the picture");
  if (header.largest == 0 || header.largest > 65535 || !std::isspace(b[at])) {
    return Bad("PGM or PPM: the largest value is not a number from 1 to 65535");
  }
  header.channels = HasPrefix(b, "P6") ? 3 : 1;
  header.samples_at = at + 1;
  // Both numbers have at most ten digits, so the bytes of a row fit where those of all rows may
  // not.
  const std::int64_t row_bytes = header.width_px * header.channels * header.sample_bytes();
  const std::int64_t rows = static_cast<std::int64_t>(b.size() - header.samples_at) / row_bytes;
  if (rows < header.height_px) {
    return PixelsMissing("PGM or PPM", rows, header.height_px, "truncated");
  }
  return header;
}

Result<ImageHeader> ProbePnm(Bytes file) {
  INLIER_ASSIGN_OR_RETURN(const PnmHeader header, ReadPnmHeader(file));
  return ImageHeader{.format = ImageHeader::Format::kPnm,
                     .width_px = header.width_px,
                     .height_px = header.height_px};
}

}  // namespace inlier
