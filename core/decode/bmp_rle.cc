#include "core/decode/bmp_rle.h"

#include "core/decode/bad_image.h"
#include "core/decode/missing.h"

namespace inlier {
namespace {

// Takes the commands of two bytes in which a picture is packed: a run of one colour (of two that
// alternate, with 4 bits), or, after a zero, the end of a row, the end of the picture, a move, or a
// number of pixels as they are.
class Unpacker {
 public:
  Unpacker(Bytes packed, const BmpHeader& header)
      : packed_(packed),
        header_(header),
        is_narrow_(header.packing == BmpHeader::Packing::kRle4),
        width_bytes_((header.width_px + 3) / 4 * 4),
        pixels_(static_cast<std::size_t>(width_bytes_ * header.height_px)) {}

  enum class End { kMarked, kCutOff, kLeft };
  End Run() {
    while (at_ + 2 <= packed_.size()) {
      const int first = packed_[at_], second = packed_[at_ + 1];
      at_ += 2;
      if (first == 0 && second == 0) {
        x_ = 0;
        ++y_;
      } else if (first == 0 && second == 1) {
        return End::kMarked;
      } else if (first == 0 && second == 2) {
        if (at_ + 2 > packed_.size()) break;
        x_ += packed_[at_];
        y_ += packed_[at_ + 1];
        at_ += 2;
      } else if (y_ >= header_.height_px) {
        return End::kLeft;
      } else if (first == 0) {
        if (!Copy(second)) break;
      } else {
        for (int i = 0; i < first; ++i) Put(is_narrow_ ? Half(second, i) : second);
      }
    }
    return End::kCutOff;
  }

  std::int64_t rows() const { return y_ + (x_ >= header_.width_px); }
  std::vector<std::uint8_t>& pixels() { return pixels_; }

 private:
  static int Half(int byte, int i) { return i % 2 == 0 ? byte >> 4 : byte & 15; }

  // Pixels beyond the end of a row are dropped: some programs fill rows up with them.
  void Put(int index) {
    if (x_ < header_.width_px) {
      pixels_[static_cast<std::size_t>(y_ * width_bytes_ + x_)] = static_cast<std::uint8_t>(index);
    }
    ++x_;
  }

  // The pixels fill whole pairs of bytes.
  bool Copy(int count) {
    const auto bytes = static_cast<std::size_t>(is_narrow_ ? (count + 1) / 2 : count);
    if (bytes > packed_.size() - at_) return false;
    for (int i = 0; i < count; ++i) {
      const auto at = at_ + static_cast<std::size_t>(is_narrow_ ? i / 2 : i);
      Put(is_narrow_ ? Half(packed_[at], i) : packed_[at]);
    }
    at_ = std::min(at_ + bytes + bytes % 2, packed_.size());
    return true;
  }

  Bytes packed_;
  const BmpHeader& header_;
  bool is_narrow_;
  std::int64_t width_bytes_;
  std::vector<std::uint8_t> pixels_;
  std::size_t at_ = 0;
  std::int64_t x_ = 0, y_ = 0;
};

}  // namespace

Result<std::vector<std::uint8_t>> UnpackBmpRle(Bytes packed, const BmpHeader& header,
                                               std::vector<std::string>& warnings) {
  Unpacker unpacker(packed, header);
  const Unpacker::End end = unpacker.Run();
  if (end == Unpacker::End::kLeft) return Bad("BMP: damaged: more rows than its height");
  if (end == Unpacker::End::kCutOff) {
    if (unpacker.rows() < header.height_px) {
      return PixelsMissing("BMP", unpacker.rows(), header.height_px, "truncated");
    }
    warnings.emplace_back("BMP: no end marker");
  }
  return std::move(unpacker.pixels());
}

}  // namespace inlier
