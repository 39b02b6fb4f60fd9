#include "core/decode/coded_size.h"

#include <algorithm>
#include <vector>

namespace inlier {
namespace {

// Reads bits from the highest one down, and zeros past the end.
class Bits {
 public:
  explicit Bits(Bytes bytes) : bytes_(bytes) {}
  std::int64_t Take(int count) {
    std::int64_t value = 0;
    for (; count > 0; --count, ++at_) {
      const std::size_t byte = at_ / 8;
      const int bit = byte < bytes_.size() ? bytes_[byte] >> (7 - at_ % 8) & 1 : 0;
      value = value << 1 | bit;
    }
    return value;
  }
  void Skip(std::size_t count) { at_ += count; }
  // A number with as many zeros before it as it has bits behind its first one. HEVC's ue(v), AV1's
  // uvlc().
  std::int64_t TakeGolomb() {
    constexpr int kMaxZeros = 31;
    int zeros = 0;
    while (zeros < kMaxZeros && Take(1) == 0) ++zeros;
    return (std::int64_t{1} << zeros) - 1 + Take(zeros);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

// The first bytes of a unit without those that keep start codes out of it: 0 0 3 stands for 0 0.
std::vector<std::uint8_t> WithoutEscapes(Bytes unit) {
  constexpr std::size_t kEnoughBytes = 256;
  std::vector<std::uint8_t> bytes;
  int zeros = 0;
  for (const std::uint8_t byte : unit.first(std::min(unit.size(), kEnoughBytes))) {
    const bool escape = zeros >= 2 && byte == 3;
    zeros = byte == 0 ? zeros + 1 : 0;
    if (!escape) bytes.push_back(byte);
  }
  return bytes;
}

// Timing and operating points, which stand before the size in a sequence header.
void SkipOperatingPoints(Bits& bits) {
  int delay_bits = 0;
  if (bits.Take(1) != 0) {  // timing information
    bits.Skip(64);
    if (bits.Take(1) != 0) bits.TakeGolomb();
    if (bits.Take(1) != 0) {  // a model of the decoder
      delay_bits = static_cast<int>(bits.Take(5)) + 1;
      bits.Skip(42);
    }
  }
  const bool display_delay = bits.Take(1) != 0;
  for (std::int64_t points = bits.Take(5) + 1; points > 0; --points) {
    bits.Skip(12);
    if (bits.Take(5) > 7) bits.Skip(1);
    if (delay_bits > 0 && bits.Take(1) != 0) {
      bits.Skip(2 * static_cast<std::size_t>(delay_bits) + 1);
    }
    if (display_delay && bits.Take(1) != 0) bits.Skip(4);
  }
}

std::int64_t SequenceHeader_px(Bytes header) {
  Bits bits(header);
  bits.Skip(4);
  if (bits.Take(1) != 0) {  // of a still picture, reduced to what that needs
    bits.Skip(5);
  } else {
    SkipOperatingPoints(bits);
  }
  const int width_bits = static_cast<int>(bits.Take(4)) + 1;
  const int height_bits = static_cast<int>(bits.Take(4)) + 1;
  const std::int64_t width = bits.Take(width_bits) + 1;
  return width * (bits.Take(height_bits) + 1);
}

}  // namespace

std::int64_t HevcSequence_px(Bytes unit) {
  constexpr int kSequenceParameterSet = 33;
  if (unit.size() < 2 || (unit[0] >> 1 & 63) != kSequenceParameterSet) return 0;
  const std::vector<std::uint8_t> bytes = WithoutEscapes(unit.subspan(2));
  Bits bits(bytes);
  bits.Skip(4);
  const std::int64_t sub_layers = bits.Take(3);
  bits.Skip(1 + 88 + 8);  // profile and level
  bool profile[8] = {}, level[8] = {};
  for (std::int64_t i = 0; i < sub_layers; ++i) {
    profile[i] = bits.Take(1) != 0;
    level[i] = bits.Take(1) != 0;
  }
  if (sub_layers > 0) bits.Skip(2 * static_cast<std::size_t>(8 - sub_layers));
  for (std::int64_t i = 0; i < sub_layers; ++i) {
    bits.Skip((profile[i] ? 88U : 0U) + (level[i] ? 8U : 0U));
  }
  bits.TakeGolomb();
  constexpr std::int64_t kFullColours = 3;
  if (bits.TakeGolomb() == kFullColours) bits.Skip(1);
  const std::int64_t width = bits.TakeGolomb();
  constexpr std::int64_t kMost_px = 1 << 30;
  return std::min(width, kMost_px) * std::min(bits.TakeGolomb(), kMost_px);
}

std::int64_t Av1Sequence_px(Bytes data) {
  constexpr int kSequenceHeader = 1;
  std::int64_t largest_px = 0;
  while (!data.empty()) {
    const int type = data[0] >> 3 & 15;
    const bool extended = (data[0] & 4) != 0, has_size = (data[0] & 2) != 0;
    data = data.subspan(std::min<std::size_t>(extended ? 2 : 1, data.size()));
    std::size_t size = 0;
    for (int shift = 0; has_size && shift < 56 && !data.empty(); shift += 7) {
      const std::uint8_t byte = data[0];
      data = data.subspan(1);
      size |= std::size_t{byte & 127U} << shift;
      if (byte < 128) break;
    }
    const Bytes content = data.first(has_size ? std::min(size, data.size()) : data.size());
    if (type == kSequenceHeader) largest_px = std::max(largest_px, SequenceHeader_px(content));
    data = data.subspan(content.size());
  }
  return largest_px;
}

}  // namespace inlier
