// Copies pixels that somebody else owns into an Image.
#include <cstdlib>
#include <string>

#include "core/alpha.h"
#include "core/result.h"
#include "inlier/image.h"

namespace inlier {
namespace {

int ChannelsOf(PixelOrder order) {
  switch (order) {
    case PixelOrder::kGrey:
      return 1;
    case PixelOrder::kBgr:
    case PixelOrder::kRgb:
      return 3;
    case PixelOrder::kBgra:
    case PixelOrder::kRgba:
      return 4;
  }
  return 0;
}

Status CheckShape(const PixelView& view, std::int64_t row_bytes) {
  const DecodeLimits limits;
  if (view.pixels == nullptr || view.width_px <= 0 || view.height_px <= 0) {
    return Fail(ErrorCode::kBadImage, "an image without pixels");
  }
  if (view.width_px > limits.max_side_px || view.height_px > limits.max_side_px ||
      std::int64_t{view.width_px} * view.height_px > limits.max_pixels) {
    return Fail(ErrorCode::kBadImage, "an image of " + std::to_string(view.width_px) + " x " +
                                          std::to_string(view.height_px) +
                                          " pixels is beyond the limits");
  }
  if (std::abs(view.row_bytes) < row_bytes && view.row_bytes != 0 && view.height_px > 1) {
    return Fail(ErrorCode::kBadImage, "rows of " + std::to_string(row_bytes) +
                                          " bytes cannot begin " + std::to_string(view.row_bytes) +
                                          " bytes apart");
  }
  return {};
}

}  // namespace

Result<Image> ImageFromPixels(const PixelView& view) {
  const int channels = ChannelsOf(view.order);
  const std::int64_t packed_row_bytes = std::int64_t{view.width_px} * channels;
  INLIER_RETURN_IF_ERROR(CheckShape(view, packed_row_bytes));
  const std::ptrdiff_t row_bytes = view.row_bytes != 0 ? view.row_bytes : packed_row_bytes;
  const bool red_first = view.order == PixelOrder::kRgb || view.order == PixelOrder::kRgba;

  Image image{
      .width_px = view.width_px, .height_px = view.height_px, .channels = channels == 1 ? 1 : 3};
  image.pixels.reserve(static_cast<std::size_t>(view.width_px) *
                       static_cast<std::size_t>(view.height_px) *
                       static_cast<std::size_t>(image.channels));
  for (int y = 0; y < view.height_px; ++y) {
    const std::uint8_t* row = view.pixels + y * row_bytes;
    if (channels == 1) {
      image.pixels.insert(image.pixels.end(), row, row + view.width_px);
      continue;
    }
    for (int x = 0; x < view.width_px; ++x) {
      const std::uint8_t* pixel = row + std::ptrdiff_t{x} * channels;
      const int alpha = channels == 4 ? pixel[3] : 255;
      for (const int c : {0, 1, 2}) {
        image.pixels.push_back(OverWhite(pixel[red_first ? 2 - c : c], alpha));
      }
    }
  }
  return image;
}

}  // namespace inlier
