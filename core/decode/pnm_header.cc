#include <cctype>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"

namespace inlier {

// Binary PGM and PPM: P5 or P6, then the width, the height and the largest value in ASCII, with
// comments between them, one white space, and the samples.
Result<ImageHeader> ProbePnm(Bytes b) {
  ImageHeader header{.format = ImageHeader::Format::kPnm};
  if (b.size() < 3) return Bad("PGM or PPM: truncated");
  if (!std::isspace(b[2])) return Bad("PGM or PPM: no white space behind the magic");
  std::int64_t largest = 0;
  std::size_t at = 2;
  for (std::int64_t* number : {&header.width_px, &header.height_px, &largest}) {
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
  }
  const int sample_bytes = largest > 255 ? 2 : 1;
  const int pixel_bytes = HasPrefix(b, "P6") ? 3 * sample_bytes : sample_bytes;
  // Computed in double, since the product of two such numbers may not fit an integer.
  if (static_cast<double>(header.width_px) * static_cast<double>(header.height_px) * pixel_bytes >=
      static_cast<double>(b.size() - at)) {
    return Bad("PGM or PPM: truncated");
  }
  return header;
}

}  // namespace inlier
