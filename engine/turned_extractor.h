#pragma once

#include "extractor/extractor.h"

namespace inlier {

/// Sees an image in so many quarter turns, clockwise, through another extractor, which must outlive
/// it. The features are those of the image as it is: points are in its pixels, and angles say how
/// what is described is turned there.
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
