#pragma once

#include <cstdint>
#include <vector>

#include "core/image.h"
#include "core/result.h"
#include "inlier/catalogue.h"

namespace inlier {

/// Pictures of things that do not exist, as many as wanted: parts of other pictures, turned,
/// scaled, mirrored and tinted, side by side.
class Collages {
 public:
  explicit Collages(std::vector<Image> sources) : sources_(std::move(sources)) {}

  /// The same picture for the same number. There must be at least one source. BGR, kSide_px ×
  /// kSide_px.
  Image Make(std::uint64_t number) const;

  static constexpr int kSide_px = 400;

 private:
  std::vector<Image> sources_;
};

/// Makes collages of the distractors in a catalogue: items with ids that begin with "distractors/".
/// Errors: kNotFound (there is none), and those of reading a picture.
Result<Collages> ReadCollages(const Catalogue& catalogue);

}  // namespace inlier
