#include "core/decode/picture_builder.h"

#include <algorithm>

#include <fmt/core.h>

#include "core/alpha.h"
#include "core/decode/bad_image.h"

namespace inlier {
namespace {

// By what whole number a picture may be reduced so that its long side keeps `least_side_px`.
int Factor(const RowLayout& layout, int least_side_px) {
  if (least_side_px <= 0) return 1;
  return std::max(1, std::max(layout.width_px, layout.height_px) / least_side_px);
}

struct Ground {
  std::uint8_t level = 255;
};

// White, as shops mean it. But a picture that would vanish on white, such as a white logo on a
// transparent background, is laid over black: that is the case when, of the pixels that are more
// opaque than transparent, fewer than one in a hundred is darker than kNearWhite in any channel.
Ground GroundFor(const std::vector<std::uint8_t>& bgra) {
  constexpr int kNearWhite = 235;
  std::size_t seen = 0, dark = 0, clear = 0;
  for (std::size_t i = 0; i < bgra.size(); i += 4) {
    if (bgra[i + 3] < 128) {
      ++clear;
      continue;
    }
    ++seen;
    dark += std::min({bgra[i], bgra[i + 1], bgra[i + 2]}) < kNearWhite;
  }
  const bool erased = clear > 0 && seen > 0 && dark * 100 < seen;
  return {.level = static_cast<std::uint8_t>(erased ? 0 : 255)};
}

// Drops the alpha channel in place.
void LayOver(Ground ground, std::vector<std::uint8_t>& pixels) {
  std::uint8_t* to = pixels.data();
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const int alpha = pixels[i + 3];
    for (std::size_t c = 0; c < 3; ++c) *to++ = OverGround(pixels[i + c], alpha, ground.level);
  }
  pixels.resize(pixels.size() / 4 * 3);
}

}  // namespace

Status PictureBuilder::Begin(const RowLayout& whole) {
  // The decoder may have reduced the picture; pixels that the region only touches belong to it.
  const auto begin = [](std::int64_t at_px, int side_px, std::int64_t full_px) {
    return static_cast<int>(at_px * side_px / full_px);
  };
  const auto end = [](std::int64_t at_px, int side_px, std::int64_t full_px) {
    return static_cast<int>((at_px * side_px + full_px - 1) / full_px);
  };
  const std::int64_t right_px = std::int64_t{region_.left_px} + region_.width_px,
                     bottom_px = std::int64_t{region_.top_px} + region_.height_px;
  const int left_px = begin(region_.left_px, whole.width_px, full_width_px_);
  needed_ = {begin(region_.top_px, whole.height_px, full_height_px_),
             end(bottom_px, whole.height_px, full_height_px_)};
  RowLayout layout = whole;
  layout.width_px = end(right_px, whole.width_px, full_width_px_) - left_px;
  layout.height_px = needed_.end - needed_.begin;
  skipped_bytes_ = static_cast<std::size_t>(left_px) *
                   static_cast<std::size_t>(ChannelsOf(whole.samples) * whole.bits / 8);
  const int factor = Factor(layout, options_.least_side_px);
  if (factor > 1) reducer_.emplace(layout, factor);
  width_px_ = reducer_ ? reducer_->width_px() : layout.width_px;
  height_px_ = reducer_ ? reducer_->height_px() : layout.height_px;
  const std::int64_t pixels = std::int64_t{width_px_} * height_px_;
  if (pixels > options_.limits.max_pixels) {
    return Bad(fmt::format("would be decoded to {}×{} pixels, more than the limit of {} in all",
                           width_px_, height_px_, options_.limits.max_pixels),
               BadImage::kTooLarge);
  }
  colour_.emplace(layout, warnings_);
  pixels_.resize(static_cast<std::size_t>(pixels) * static_cast<std::size_t>(colour_->channels()));
  return {};
}

void PictureBuilder::Row(const std::uint8_t* samples) {
  const int row = next_++;
  if (row < needed_.begin || row >= needed_.end) return;
  samples += skipped_bytes_;
  if (!reducer_) {
    Append(samples);
  } else if (reducer_->Add(samples)) {
    Append(reducer_->row());
  }
}

void PictureBuilder::Append(const std::uint8_t* samples) {
  if (rows_ == height_px_) return;
  const auto width_px = static_cast<std::size_t>(width_px_);
  const std::size_t row_bytes = width_px * static_cast<std::size_t>(colour_->channels());
  colour_->Apply(samples, width_px, pixels_.data() + row_bytes * static_cast<std::size_t>(rows_));
  ++rows_;
}

Result<Image> PictureBuilder::Take() {
  if (!colour_ || rows_ < height_px_)
    return Bad(fmt::format("damaged: {} of {} rows are there", rows_, height_px_));
  if (colour_->channels() == 4) LayOver(GroundFor(pixels_), pixels_);
  return Image{
      .width_px = width_px_, .height_px = height_px_, .channels = 3, .pixels = std::move(pixels_)};
}

}  // namespace inlier
