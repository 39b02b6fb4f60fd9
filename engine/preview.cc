#include "engine/preview.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/image.h"

namespace inlier {
namespace {

constexpr int kPreviewSide_px = 96;
constexpr int kPreviewQuality = 92;

}  // namespace

std::string MakePreview(const Image& image) {
  const int side = std::max(image.width_px, image.height_px);
  const auto bytes = EncodeJpeg(
      side > kPreviewSide_px ? ResizeLongSide(image, kPreviewSide_px) : image, kPreviewQuality);
  return {bytes.begin(), bytes.end()};
}

std::optional<Image> ReadPreview(std::string_view bytes) {
  auto image = DecodeImage({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!image) return std::nullopt;
  return std::move(*image);
}

}  // namespace inlier
