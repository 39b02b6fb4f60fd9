#pragma once

#include "extractor/extractor.h"

namespace inlier {

/// Turns an image clockwise by some quarter turns before another extractor sees it, which must
/// outlive this one. The features are those of the image as it is: points are in its pixels, and
/// angles are those in it.
class TurnedExtractor final : public Extractor {
 public:
  TurnedExtractor(const Extractor& other, int quarters)
      : Extractor({}), other_(other), quarters_(quarters) {}

  int least_side_px() const override { return other_.least_side_px(); }
  bool upright() const override { return other_.upright(); }

 private:
  Features ExtractColour(const Image& image) const override;

  const Extractor& other_;
  int quarters_;
};

}  // namespace inlier
