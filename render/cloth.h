#pragma once

#include <array>
#include <vector>

#include "render/draws.h"

namespace inlier {

/// A sheet of cloth with folds, as a sum of waves in random directions. Coordinates are those of
/// the flat sheet about its middle, in units of its long side: x to the right, y down, and z away
/// from the viewer.
class Cloth {
 public:
  /// `amplitude` is the most that the folds rise; 0 makes a flat sheet.
  Cloth(double amplitude, Draws draws);

  /// Where the folds move the point (x, y, 0) of the flat sheet. A fold keeps lengths, so the sheet
  /// becomes narrower across it (computed to second order in the slope). The weave is also sheared
  /// smoothly, by as much as the folds rise.
  std::array<double, 3> At(double x, double y) const;
  bool flat() const { return folds_.empty(); }

 private:
  struct Wave {
    double x = 0;  // direction, a unit vector
    double y = 0;
    double frequency = 0;  // radians for each long side
    double phase_rad = 0;
    double amplitude = 0;
  };
  std::vector<Wave> folds_, shears_;
};

}  // namespace inlier
