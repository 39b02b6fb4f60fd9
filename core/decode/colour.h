#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/decode/row_sink.h"

namespace inlier {

/// Brings the samples of a picture to sRGB of 8 bits, in the order blue, green, red and, where the
/// samples have it, alpha. LittleCMS does this with the perceptual intent, unless the picture is
/// sRGB already.
class ColourTransform {
 public:
  /// Of the things that the file says about its colours, the first one that can be used counts, in
  /// the order of ColourSource. Broken ones are left out with a sentence in `warnings`. Without
  /// any, pictures are taken for sRGB, and CMYK becomes red = (1 − cyan) (1 − black) and so on, as
  /// in printing programs that do not know the press either.
  ColourTransform(const RowLayout& layout, std::vector<std::string>& warnings);
  ~ColourTransform();
  ColourTransform(const ColourTransform&) = delete;
  ColourTransform& operator=(const ColourTransform&) = delete;

  int channels() const { return has_alpha_ ? 4 : 3; }
  /// `from` has `pixels` pixels of the layout; `to` takes channels() bytes for each of them.
  void Apply(const std::uint8_t* from, std::size_t pixels, std::uint8_t* to) const;

 private:
  struct Lcms;
  Samples samples_;
  int bits_;
  bool has_alpha_;
  std::unique_ptr<Lcms> lcms_;  // null when the samples are sRGB
};

}  // namespace inlier
