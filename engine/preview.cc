#include "engine/preview.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/image.h"

namespace inlier {
namespace {

constexpr int kPictureSide_px = 256;
constexpr int kPictureQuality = 80;
constexpr int kPreviewSide_px = 96;

Image Reduced(const Image& image, int side_px) {
  const int side = std::max(image.width_px, image.height_px);
  return side > side_px ? ResizeLongSide(image, side_px) : image;
}

}  // namespace

std::string MakePreview(const Image& image) {
  const auto bytes = EncodeJpeg(Reduced(image, kPictureSide_px), kPictureQuality);
  return {bytes.begin(), bytes.end()};
}

std::optional<Image> ReadStoredPicture(std::string_view bytes) {
  auto image = DecodeImage({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!image) return std::nullopt;
  return std::move(*image);
}

Image PreviewOf(const Image& picture) { return Reduced(picture, kPreviewSide_px); }

}  // namespace inlier
