#include <cstdlib>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"

namespace inlier {

Result<ImageHeader> ProbeBmp(Bytes b) {
  if (b.size() < 26) return Bad("BMP: truncated");
  ImageHeader header{.format = ImageHeader::Format::kBmp};
  if (LittleEndian(b, 14, 4) == 12) {  // OS/2 header: 16-bit sides
    header.width_px = LittleEndian(b, 18, 2);
    header.height_px = LittleEndian(b, 20, 2);
  } else {
    header.width_px = static_cast<std::int32_t>(LittleEndian(b, 18, 4));
    // When the height is negative, the rows lie from the top down.
    header.height_px =
        std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(LittleEndian(b, 22, 4))));
  }
  if (LittleEndian(b, 2, 4) > static_cast<std::int64_t>(b.size())) return Bad("BMP: truncated");
  return header;
}

}  // namespace inlier
