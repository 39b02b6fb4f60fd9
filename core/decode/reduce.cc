// The columns are summed first, which compilers turn into wide instructions, and then the boxes of
// a finished row. This file is compiled with -O3 for that reason.
#include "core/decode/reduce.h"

#include <algorithm>

namespace inlier {

RowReducer::RowReducer(const RowLayout& layout, int factor)
    : factor_(factor),
      channels_(ChannelsOf(layout.samples)),
      bits_(layout.bits),
      has_alpha_(layout.samples == Samples::kGreyAlpha || layout.samples == Samples::kRgba),
      from_width_px_(layout.width_px),
      from_height_px_(layout.height_px),
      width_px_((layout.width_px + factor - 1) / factor),
      height_px_((layout.height_px + factor - 1) / factor) {
  const std::size_t samples = static_cast<std::size_t>(from_width_px_) * channels_;
  sums_.resize(samples);
  if (has_alpha_) weighted_.resize(samples);
  row_.resize(static_cast<std::size_t>(width_px_) * channels_ * bits_ / 8);
}

template <class T>
void RowReducer::Accumulate(const T* samples) {
  const std::size_t count = sums_.size();
  std::uint32_t* sums = sums_.data();
  for (std::size_t i = 0; i < count; ++i) sums[i] += samples[i];
  if (!has_alpha_) return;
  for (std::size_t i = 0; i < count; i += channels_) {
    const std::uint64_t alpha = samples[i + channels_ - 1];
    for (int c = 0; c + 1 < channels_; ++c) weighted_[i + c] += alpha * samples[i + c];
  }
}

template <class T>
void RowReducer::Emit() {
  T* out = reinterpret_cast<T*>(row_.data());
  for (int x = 0; x < width_px_; ++x, out += channels_) {
    const int begin = x * factor_, end = std::min(begin + factor_, from_width_px_);
    std::uint64_t sums[4] = {}, weighted[4] = {};
    for (std::size_t i = static_cast<std::size_t>(begin) * channels_;
         i < static_cast<std::size_t>(end) * channels_; i += channels_) {
      for (int c = 0; c < channels_; ++c) sums[c] += sums_[i + c];
      if (!has_alpha_) continue;
      for (int c = 0; c + 1 < channels_; ++c) weighted[c] += weighted_[i + c];
    }
    const auto pixels = static_cast<std::uint64_t>(end - begin) * static_cast<std::uint64_t>(rows_);
    const std::uint64_t alpha = sums[channels_ - 1];
    for (int c = 0; c < channels_; ++c) {
      const bool by_alpha = has_alpha_ && c + 1 < channels_ && alpha != 0;
      out[c] = static_cast<T>(by_alpha ? (weighted[c] + alpha / 2) / alpha
                                       : (sums[c] + pixels / 2) / pixels);
    }
  }
}

bool RowReducer::Add(const std::uint8_t* samples) {
  if (bits_ == 16) {
    Accumulate(reinterpret_cast<const std::uint16_t*>(samples));
  } else {
    Accumulate(samples);
  }
  ++rows_;
  ++taken_;
  if (rows_ < factor_ && taken_ < from_height_px_) return false;
  if (bits_ == 16) {
    Emit<std::uint16_t>();
  } else {
    Emit<std::uint8_t>();
  }
  std::fill(sums_.begin(), sums_.end(), 0);
  std::fill(weighted_.begin(), weighted_.end(), 0);
  rows_ = 0;
  return true;
}

}  // namespace inlier
