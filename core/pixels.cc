// Copies pixels that somebody else owns into an Image.
#include <algorithm>
#include <string>

#include "core/alpha.h"
#include "core/image.h"
#include "core/result.h"

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

Status CheckShape(const PixelView& view, std::int64_t packed_row_bytes) {
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
  const bool overlap = view.row_bytes != 0 && view.row_bytes < packed_row_bytes &&
                       view.row_bytes > -packed_row_bytes;
  if (overlap && view.height_px > 1) {
    return Fail(ErrorCode::kBadImage, "rows of " + std::to_string(packed_row_bytes) +
                                          " bytes cannot begin " + std::to_string(view.row_bytes) +
                                          " bytes apart");
  }
  return {};
}

template <std::size_t kChannels>
void CopyColours(const std::uint8_t* from, std::size_t width_px, bool red_first, std::uint8_t* to) {
  const std::size_t blue = red_first ? 2 : 0, red = red_first ? 0 : 2;
  for (std::size_t x = 0; x < width_px; ++x, from += kChannels, to += 3) {
    const std::uint8_t bgr[3] = {from[blue], from[1], from[red]};
    for (std::size_t c = 0; c < 3; ++c) {
      to[c] = kChannels == 4 ? OverWhite(bgr[c], from[kChannels - 1]) : bgr[c];
    }
  }
}

void CopyRow(const std::uint8_t* from, std::size_t width_px, PixelOrder order, std::uint8_t* to) {
  switch (order) {
    case PixelOrder::kGrey:
      std::copy_n(from, width_px, to);
      break;
    case PixelOrder::kBgr:
      std::copy_n(from, 3 * width_px, to);
      break;
    case PixelOrder::kRgb:
      CopyColours<3>(from, width_px, true, to);
      break;
    case PixelOrder::kBgra:
      CopyColours<4>(from, width_px, false, to);
      break;
    case PixelOrder::kRgba:
      CopyColours<4>(from, width_px, true, to);
      break;
  }
}

}  // namespace

Result<Image> ImageFromPixels(const PixelView& view) {
  const int channels = ChannelsOf(view.order);
  const std::int64_t packed_row_bytes = std::int64_t{view.width_px} * channels;
  INLIER_RETURN_IF_ERROR(CheckShape(view, packed_row_bytes));
  const std::ptrdiff_t row_bytes = view.row_bytes != 0 ? view.row_bytes : packed_row_bytes;

  Image image{
      .width_px = view.width_px, .height_px = view.height_px, .channels = channels == 1 ? 1 : 3};
  const auto width_px = static_cast<std::size_t>(view.width_px);
  const std::size_t image_row_bytes = width_px * static_cast<std::size_t>(image.channels);
  image.pixels.resize(image_row_bytes * static_cast<std::size_t>(view.height_px));
  std::uint8_t* to = image.pixels.data();
  for (std::ptrdiff_t y = 0; y < view.height_px; ++y, to += image_row_bytes) {
    CopyRow(view.pixels + y * row_bytes, width_px, view.order, to);
  }
  return image;
}

bool IsWithin(const PixelRegion& region, int width_px, int height_px) {
  return region.left_px >= 0 && region.top_px >= 0 && region.width_px > 0 && region.height_px > 0 &&
         region.width_px <= width_px - region.left_px &&
         region.height_px <= height_px - region.top_px;
}

Image Cut(const Image& image, const PixelRegion& region) {
  Image part{
      .width_px = region.width_px, .height_px = region.height_px, .channels = image.channels};
  const auto pixel = static_cast<std::size_t>(image.channels);
  const std::size_t row = static_cast<std::size_t>(part.width_px) * pixel;
  part.pixels.resize(row * static_cast<std::size_t>(part.height_px));
  for (int y = 0; y < part.height_px; ++y) {
    const std::size_t from =
        (static_cast<std::size_t>(region.top_px + y) * static_cast<std::size_t>(image.width_px) +
         static_cast<std::size_t>(region.left_px)) *
        pixel;
    std::copy_n(&image.pixels[from], row, &part.pixels[static_cast<std::size_t>(y) * row]);
  }
  return part;
}

}  // namespace inlier
