#pragma once

#include <cstring>
#include <vector>

#include "core/decode/row_sink.h"

namespace inlier::test {

/// Keeps what a decoder hands over.
class CollectingSink : public RowSink {
 public:
  Status Begin(const RowLayout& begun) override {
    layout = begun;
    icc.assign(begun.colour.icc.begin(), begun.colour.icc.end());
    layout.colour.icc = icc;
    return {};
  }
  void Row(const std::uint8_t* samples) override {
    bytes.insert(bytes.end(), samples, samples + layout.row_bytes());
    ++rows;
  }

  /// The samples of one pixel.
  std::vector<int> At(int x, int y) const {
    const auto channels = static_cast<std::size_t>(ChannelsOf(layout.samples));
    const std::size_t size_bytes = layout.bits == 16 ? 2 : 1;
    const std::uint8_t* from = bytes.data() + static_cast<std::size_t>(y) * layout.row_bytes() +
                               static_cast<std::size_t>(x) * channels * size_bytes;
    std::vector<int> samples;
    for (std::size_t c = 0; c < channels; ++c) {
      std::uint16_t wide = from[c * size_bytes];
      if (size_bytes == 2) std::memcpy(&wide, from + c * 2, 2);
      samples.push_back(wide);
    }
    return samples;
  }

  RowLayout layout;
  std::vector<std::uint8_t> icc;
  std::vector<std::uint8_t> bytes;
  int rows = 0;
};

}  // namespace inlier::test
